package touch

import "fyne.io/fyne/v2"

// Objects are what is on the panel now, back to front. They belong to the frame:
// look, do not change.
func (f *Frame) Objects() []fyne.CanvasObject { return f.box.Objects }

// Controls are the controls on the panel now, back to front.
func (f *Frame) Controls() []*Control {
	var all []*Control
	for _, o := range f.box.Objects {
		if c, ok := o.(*Control); ok {
			all = append(all, c)
		}
	}
	return all
}

// Kept returns every text the frame still holds, shown or waiting for its next
// use, that of a QR code included: for tests that look for traces of a visit.
func (f *Frame) Kept() []string {
	var all []string
	for _, t := range f.texts.all {
		if t.Text != "" {
			all = append(all, t.Text)
		}
	}
	if f.qr.text != "" {
		all = append(all, f.qr.text)
	}
	return all
}

// PadPlace is where one writes on the pad that is on the panel; ok is false when
// there is none.
func (f *Frame) PadPlace() (r Rect, ok bool) {
	for _, o := range f.box.Objects {
		if w, is := o.(*padWidget); is {
			return Rect{w.Position().X, w.Position().Y, w.Size().Width, w.Size().Height}, true
		}
	}
	return Rect{}, false
}

//go:build bench && linux && !headless

package main

import (
	"encoding/base64"
	"fmt"
	"html"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/software"
	fynetest "fyne.io/fyne/v2/test"

	"hallkiosk/app/kiosk/screens"
	"hallkiosk/assets"
)

// The controls that the round trips press.
const (
	controlTake = "home.take"
	controlHome = "bottom.home"
)

// equalPage writes the terminal's home page and its first page of choices as one
// HTML page into the folder and returns its file. It is made from what the
// terminal itself draws, for the same hall with the same devices: every box, text
// and icon stands in the same place in the same font. A script of two lines
// changes between the pages, so that the browser has as little to do as possible.
// places are the middles of the two controls, and take the whole of 取号.
func equalPage(t *testing.T, dir string, panel screens.Panel) (file string, places map[string][2]int, take patch) {
	t.Helper()
	app := fynetest.NewApp()
	defer app.Quit()
	app.Settings().SetTheme(screens.Theme())
	h, err := demoHall("")
	if err != nil {
		t.Fatal(err)
	}
	demo, err := startDemo(t.Context(), t.TempDir(), "127.0.0.1:0", h.AlwaysOpen(), panel)
	if err != nil {
		t.Fatal(err)
	}
	defer demo.close()
	surface := software.NewCanvas()
	surface.SetPadded(false)
	surface.Resize(fyne.NewSize(float32(panel.WidthPx), float32(panel.HeightPx)))
	posts := make(chan func(), 100)
	s, err := screens.New(surface, screens.Options{Panel: panel, Send: demo.terminal.Do, Post: func(f func()) { posts <- f }})
	if err != nil {
		t.Fatal(err)
	}
	stop := demo.terminal.Watch(s.Show)
	defer stop()
	// rest draws until nothing new has come for a while: then the hall and all
	// devices are known.
	rest := func() {
		for {
			select {
			case f := <-posts:
				f()
			case <-time.After(1500 * time.Millisecond):
				return
			}
		}
	}
	rest()
	home := writePage(surface.Content())
	at, ok := home.controls[controlTake]
	if !ok {
		t.Fatalf("the home page has no control %s", controlTake)
	}
	press(at.object)
	rest()
	choose := writePage(surface.Content())
	back, ok := choose.controls[controlHome]
	if !ok {
		t.Fatalf("the page of choices has no control %s", controlHome)
	}

	for name, font := range map[string][]byte{"regular.otf": assets.FontRegular, "bold.otf": assets.FontBold} {
		if err := os.WriteFile(filepath.Join(dir, name), font, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file = filepath.Join(dir, "equal.html")
	page := fmt.Sprintf(equalHTML, panel.WidthPx, panel.HeightPx, home.html.String(), choose.html.String(), controlTake, controlHome)
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	places = map[string][2]int{controlTake: at.middle(), controlHome: back.middle()}
	return file, places, patch{int(at.x), int(at.y), int(at.w), int(at.h), 8}
}

const equalHTML = `<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><title>取号</title><style>
@font-face { font-family: hall; font-weight: 400; src: url(regular.otf) }
@font-face { font-family: hall; font-weight: 700; src: url(bold.otf) }
html, body { margin: 0; overflow: hidden; font-family: hall; user-select: none; cursor: default }
main { position: absolute; left: 0; top: 0; width: %dpx; height: %dpx; overflow: hidden }
main[hidden] { display: none }
main > * { position: absolute; box-sizing: border-box; white-space: pre; pointer-events: none }
main > .control { pointer-events: auto; background: var(--fill) }
main > .control:active { background: var(--pressed) }
</style></head><body>
<main id="home">
%s</main><main id="choose" hidden>
%s</main><script>
const home = document.getElementById('home'), choose = document.getElementById('choose');
home.querySelector('[data-name="%s"]').onclick = () => { home.hidden = true; choose.hidden = false };
choose.querySelector('[data-name="%s"]').onclick = () => { choose.hidden = true; home.hidden = false };
</script></body></html>
`

// A placed control is where the terminal has one.
type placed struct {
	object     fyne.CanvasObject
	x, y, w, h float32
}

func (p placed) middle() [2]int { return [2]int{int(p.x + p.w/2), int(p.y + p.h/2)} }

// touchable is what the terminal's controls are.
type touchable interface {
	fyne.Widget
	fyne.Tappable
	desktop.Mouseable
	desktop.Hoverable
	Name() string
}

// press touches a control as a finger would.
func press(o fyne.CanvasObject) {
	c := o.(touchable)
	c.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	c.MouseUp(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	c.Tapped(&fyne.PointEvent{})
}

// A pageWriter turns what is drawn into HTML.
type pageWriter struct {
	html     strings.Builder
	controls map[string]placed
}

func writePage(root fyne.CanvasObject) *pageWriter {
	w := &pageWriter{controls: map[string]placed{}}
	w.write(root, fyne.Position{})
	return w
}

func (w *pageWriter) write(o fyne.CanvasObject, parent fyne.Position) {
	if !o.Visible() {
		return
	}
	at, size := parent.Add(o.Position()), o.Size()
	place := fmt.Sprintf("left:%gpx;top:%gpx;width:%gpx;height:%gpx", at.X, at.Y, size.Width, size.Height)
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			w.write(child, at)
		}
	case *canvas.Text:
		weight := 400
		if o.TextStyle.Bold {
			weight = 700
		}
		fmt.Fprintf(&w.html, "<span style=\"%s;font-size:%gpx;font-weight:%d;color:%s\">%s</span>\n",
			place, o.TextSize, weight, css(o.Color), html.EscapeString(o.Text))
	case *canvas.Image:
		if o.Resource == nil { // one colour, stretched
			fmt.Fprintf(&w.html, "<div style=\"%s;background:%s\"></div>\n", place, css(o.Image.At(0, 0)))
			return
		}
		fmt.Fprintf(&w.html, "<img alt=\"\" style=\"%s;object-fit:contain\" src=\"data:image/svg+xml;base64,%s\">\n",
			place, base64.StdEncoding.EncodeToString(o.Resource.Content()))
	case touchable:
		bg := surface(o)
		fill := css(bg.FillColor)
		o.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
		pressed := css(surface(o).FillColor)
		o.MouseOut()
		name, _, _ := strings.Cut(o.Name(), ":")
		w.controls[name] = placed{o, at.X, at.Y, size.Width, size.Height}
		fmt.Fprintf(&w.html, "<div class=control data-name=\"%s\" style=\"%s;--fill:%s;--pressed:%s;%s\"></div>\n",
			name, place, fill, pressed, border(bg))
	case fyne.Widget:
		bg := surface(o)
		fmt.Fprintf(&w.html, "<div style=\"%s;background:%s;%s\"></div>\n", place, css(bg.FillColor), border(bg))
	}
}

func css(c color.Color) string {
	if c == nil {
		return "transparent"
	}
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return fmt.Sprintf("#%02x%02x%02x%02x", n.R, n.G, n.B, n.A)
}

func border(r *canvas.Rectangle) string {
	s := fmt.Sprintf("border-radius:%gpx", r.CornerRadius)
	if r.StrokeWidth > 0 {
		s += fmt.Sprintf(";border:%gpx solid %s", r.StrokeWidth, css(r.StrokeColor))
	}
	return s
}

// surface is how a box or a control looks now, as one rectangle, of however many
// pieces it is made: one rectangle, or bands of one colour with round corners,
// those of the border below those of the fill.
func surface(w fyne.Widget) *canvas.Rectangle {
	all := &canvas.Rectangle{}
	var first *canvas.Image
	for _, o := range w.CreateRenderer().Objects() {
		switch o := o.(type) {
		case fyne.Widget:
			return surface(o)
		case *canvas.Rectangle:
			if o.CornerRadius > 0 || o.StrokeWidth > 0 || all.FillColor == nil {
				all.FillColor, all.StrokeColor, all.StrokeWidth = o.FillColor, o.StrokeColor, o.StrokeWidth
			}
			all.CornerRadius = max(all.CornerRadius, o.CornerRadius, o.TopLeftCornerRadius, o.BottomRightCornerRadius)
		case *canvas.Image:
			if first == nil {
				first = o
			}
			all.FillColor = o.Image.At(0, 0)
		}
	}
	if first != nil && first.Image.At(0, 0) != all.FillColor {
		all.StrokeColor, all.StrokeWidth = first.Image.At(0, 0), min(first.Size().Width, first.Size().Height)
	}
	return all
}

package touch

import "fmt"

// Panel is a screen: its visible size in millimetres and its size in pixels, as
// it hangs (a portrait panel is higher than wide). Both are settings of a
// terminal; nothing is asked of the display, which often does not know.
type Panel struct {
	WidthMM, HeightMM float64
	WidthPx, HeightPx int
}

// Validate says what is impossible about the panel, nil if it can be used. The
// limits are those of panels that terminals are built from: 100–2000 mm and
// 480–8192 px a side, square pixels to within a tenth.
func (p Panel) Validate() error {
	for _, mm := range []float64{p.WidthMM, p.HeightMM} {
		if !(mm >= 100 && mm <= 2000) {
			return fmt.Errorf("touch: panel side of %g mm: want 100–2000", mm)
		}
	}
	for _, px := range []int{p.WidthPx, p.HeightPx} {
		if px < 480 || px > 8192 {
			return fmt.Errorf("touch: panel side of %d px: want 480–8192", px)
		}
	}
	if r := p.PxPerMM() * p.HeightMM / float64(p.HeightPx); r < 0.9 || r > 1.1 {
		return fmt.Errorf("touch: panel of %g×%g mm and %d×%d px: pixels are not square; are width and height exchanged",
			p.WidthMM, p.HeightMM, p.WidthPx, p.HeightPx)
	}
	return nil
}

// PxPerMM is how many pixels a millimetre has, measured along the width.
func (p Panel) PxPerMM() float64 { return float64(p.WidthPx) / p.WidthMM }

// Portrait says whether the panel is higher than wide.
func (p Panel) Portrait() bool { return p.HeightMM > p.WidthMM }

// NamedPanel is a panel under the name that settings and pictures use.
type NamedPanel struct {
	Name string
	Panel
}

// ReferencePanels returns the panels that every page is laid out and tested
// for. Millimetres follow from the diagonal and the aspect ratio.
func ReferencePanels() []NamedPanel {
	return []NamedPanel{
		{"21.5-portrait", Panel{267.7, 475.9, 1080, 1920}},
		{"32-portrait", Panel{398.5, 708.4, 1080, 1920}},
		{"15.6-landscape", Panel{345.4, 194.3, 1920, 1080}},
		{"10.1-landscape", Panel{217.5, 136.0, 1280, 800}},
	}
}

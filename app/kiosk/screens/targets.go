package screens

// Target is where something that can be touched stands, in pixels of the panel.
type Target struct {
	// Name is what it does: "take", "choice:business:hukou". Nothing personal.
	Name       string
	X, Y, W, H float32
}

// Targets says what can be touched now, and where, for tests that drive the real
// window. Call it on Fyne's goroutine.
func (s *Screens) Targets() []Target {
	var all []Target
	for _, c := range s.frame.Controls() {
		at, size := c.Position(), c.Size()
		all = append(all, Target{Name: c.Name(), X: at.X, Y: at.Y, W: size.Width, H: size.Height})
	}
	return all
}

package touch

import "math"

// Metrics are the sizes of one panel in one mode, in pixels unless said
// otherwise. They come from two tables in millimetres; see [NewMetrics].
type Metrics struct {
	Panel    Panel
	Assisted bool
	Colors   Palette

	// Text sizes (em). A Han character's ink is about 0.92 em high.
	Body     float32 // everything that is read; nothing is smaller
	Title    float32 // names of choices, buttons
	Question float32 // the one question of a page
	Hero     float32 // the word on the largest tile
	Number   float32 // the ticket number on a page with other things
	// Leading is the distance of two lines of one text, in em.
	Leading float32

	Target    float32 // shorter side of what is pressed
	TargetMin float32 // of what is pressed seldom, or stands in a dense block
	Gap       float32 // between things that are pressed
	Margin    float32 // around a page
	Pad       float32 // inside boxes
	Radius    float32 // of corners
	Stroke    float32 // of borders

	// mm is pixels per millimetre of the size table: it contains the growth on
	// large panels.
	mm float32
}

// sizes is a row of the size table in millimetres. Text is in em.
type sizes struct {
	body, title, question, hero, number, leading float64
	target, targetMin, gap, margin, pad, radius  float64
}

// The two size tables. They keep the lower bounds of the project's accessibility
// list, normal / assisted: Chinese characters 5 / 8 mm high (key facts 10 mm in
// assisted mode), ticket number 15 / 20 mm, targets 15 / 20 mm and none under
// 10 / 16 mm, gaps 2 / 3 mm, line spacing 1.3 / 1.5; a test holds them. The em that
// gives a Han character of 5 mm in Noto Sans CJK is 5.5 mm.
var (
	normalSizes = sizes{
		body: 5.6, title: 6.8, question: 9.5, hero: 20, number: 30, leading: 1.35,
		target: 15.2, targetMin: 11.5, gap: 3.2, margin: 7, pad: 4, radius: 2.4,
	}
	assistedSizes = sizes{
		body: 8.8, title: 11, question: 12, hero: 24, number: 36, leading: 1.5,
		target: 20.3, targetMin: 16.3, gap: 3.6, margin: 6, pad: 4, radius: 2.8,
	}
)

// NewMetrics converts the size table of the mode for the panel.
//
// The tables are lower bounds for a panel at arm's length. On larger panels,
// which are looked at from further away and would be mostly empty otherwise,
// everything grows with the shorter side: by its ratio to 165 mm, or 190 mm in
// assisted mode, which starts larger; at most 2.2 times, or twice.
func NewMetrics(p Panel, assisted bool) *Metrics {
	t, colors, reach, most := normalSizes, NormalPalette(), 165.0, 2.2
	if assisted {
		t, colors, reach, most = assistedSizes, AssistedPalette(), 190, 2
	}
	growth := min(most, max(1, math.Min(p.WidthMM, p.HeightMM)/reach))
	mm := p.PxPerMM() * growth
	// Sizes are rounded up: a lower bound stays one.
	px := func(v float64) float32 { return float32(math.Ceil(v*mm - 1e-6)) }
	return &Metrics{
		Panel: p, Assisted: assisted, Colors: colors,
		Body: px(t.body), Title: px(t.title), Question: px(t.question),
		Hero: px(t.hero), Number: px(t.number), Leading: float32(t.leading),
		Target: px(t.target), TargetMin: px(t.targetMin), Gap: px(t.gap),
		Margin: px(t.margin), Pad: px(t.pad), Radius: px(t.radius),
		Stroke: max(2, px(0.3)), mm: float32(mm),
	}
}

// MM converts millimetres of the size table to whole pixels, with the growth on
// large panels.
func (m *Metrics) MM(v float32) float32 { return whole(v * m.mm) }

// Screen is the whole panel.
func (m *Metrics) Screen() Rect {
	return Rect{0, 0, float32(m.Panel.WidthPx), float32(m.Panel.HeightPx)}
}

// pitch is the distance of two lines of one text at the size.
func (m *Metrics) pitch(size float32) float32 {
	return float32(math.Ceil(float64(size * m.Leading)))
}

// TextHeight is the height of a text of n lines at the size. Between lines stands
// the leading; above the first and below the last there is less.
func (m *Metrics) TextHeight(size float32, n int) float32 {
	if n == 0 {
		return 0
	}
	return whole(size*1.25) + m.pitch(size)*float32(n-1)
}

// Tight says that the panel is so low for the mode that pages leave out what can
// be spared: under twelve lines of text between header and footer.
func (m *Metrics) Tight() bool {
	return float32(m.Panel.HeightPx)-m.HeaderHeight()-m.FooterHeight() < 12*m.Body
}

package rating

// Level is one of the five levels of the scheme. The values are on disk and on the wire.
type Level string

// The levels.
const (
	VerySatisfied      Level = "very-satisfied"      // 非常满意, five stars
	Satisfied          Level = "satisfied"           // 满意
	BasicallySatisfied Level = "basically-satisfied" // 基本满意
	Dissatisfied       Level = "dissatisfied"        // 不满意: a bad rating
	VeryDissatisfied   Level = "very-dissatisfied"   // 非常不满意: a bad rating
)

// Levels returns the five levels, the best first, as they are shown.
func Levels() []Level {
	return []Level{VerySatisfied, Satisfied, BasicallySatisfied, Dissatisfied, VeryDissatisfied}
}

var levels = map[Level]struct {
	stars    int
	name, en string
}{
	VerySatisfied:      {5, "非常满意", "Very satisfied"},
	Satisfied:          {4, "满意", "Satisfied"},
	BasicallySatisfied: {3, "基本满意", "Fairly satisfied"},
	Dissatisfied:       {2, "不满意", "Dissatisfied"},
	VeryDissatisfied:   {1, "非常不满意", "Very dissatisfied"},
}

// Valid reports whether l is one of the five.
func (l Level) Valid() bool { return levels[l].stars != 0 }

// Stars returns 5 for the best level to 1 for the worst, 0 for what is no level. For
// drawing; for reports use a [Scale].
func (l Level) Stars() int { return levels[l].stars }

// Name returns the fixed Chinese name, 非常满意; empty for what is no level.
func (l Level) Name() string { return levels[l].name }

// NameEn returns the name in English.
func (l Level) NameEn() string { return levels[l].en }

// Bad reports whether the level is a bad rating (差评), which has to be followed up.
func (l Level) Bad() bool { return l == Dissatisfied || l == VeryDissatisfied }

// Scale is a way of writing levels as numbers.
type Scale string

// The scales.
const (
	// FiveIsBest: 5 非常满意 … 1 非常不满意, field satisfaction of provinces' interfaces.
	FiveIsBest Scale = "five-is-best"
	// OneIsBest: 1 非常满意 … 5 非常不满意, GB/T 39046-2020 table A.8.
	OneIsBest Scale = "one-is-best"
)

// Number returns how a scale writes a level, and false for what is no level or scale.
func (s Scale) Number(l Level) (int, bool) {
	switch stars := l.Stars(); {
	case stars == 0:
		return 0, false
	case s == FiveIsBest:
		return stars, true
	case s == OneIsBest:
		return 6 - stars, true
	}
	return 0, false
}

// Level returns the level a scale writes as n, and false when there is none.
func (s Scale) Level(n int) (Level, bool) {
	for _, l := range Levels() {
		if number, ok := s.Number(l); ok && number == n {
			return l, true
		}
	}
	return "", false
}

// Channel is how a rating was given. The values are on disk and on the wire.
type Channel string

// The channels of this system.
const (
	AtTerminal Channel = "terminal" // at a terminal in the hall
	ByCode     Channel = "code"     // by the code on the ticket, on the rater's own phone
)

// Valid reports whether c is one of the channels.
func (c Channel) Valid() bool { return c == AtTerminal || c == ByCode }

// Channels writes channels as numbers. Regions differ, so a report names its table.
type Channels map[Channel]int

// NationalChannels returns the numbers of field pf: 3 for 二维码, 5 for 政务大厅其他终端.
func NationalChannels() Channels { return Channels{ByCode: 3, AtTerminal: 5} }

package complaint

// Satisfaction is what the author of a complaint thinks of how it was handled, told
// once, after the answer. The strings are kept and sent.
type Satisfaction string

// The answers, in the order in which they are offered.
const (
	Satisfied    Satisfaction = "satisfied"
	Fairly       Satisfaction = "fairly"
	Dissatisfied Satisfaction = "dissatisfied"
)

// MaxOpinion is how many characters the author may add to that.
const MaxOpinion = 200

// Satisfactions returns all of them in the order in which they are offered.
func Satisfactions() []Satisfaction { return []Satisfaction{Satisfied, Fairly, Dissatisfied} }

// Valid reports whether this is one of Satisfactions.
func (s Satisfaction) Valid() bool { return s.Name() != "" }

// Name is what people call it; empty when it is not one of Satisfactions.
func (s Satisfaction) Name() string {
	switch s {
	case Satisfied:
		return "满意"
	case Fairly:
		return "基本满意"
	case Dissatisfied:
		return "不满意"
	}
	return ""
}

// NameEn is the name in English.
func (s Satisfaction) NameEn() string {
	switch s {
	case Satisfied:
		return "Satisfied"
	case Fairly:
		return "Fairly satisfied"
	case Dissatisfied:
		return "Not satisfied"
	}
	return ""
}

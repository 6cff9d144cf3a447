package complaint

import "slices"

// Kind is what a complaint is about. The first six are what the public may report of
// staff (责任追究制度, section 1); the strings are kept and sent.
type Kind string

// The kinds.
const (
	Delay      Kind = "delay"
	Taking     Kind = "taking"
	Rude       Kind = "rude"
	Charging   Kind = "charging"
	Reprisal   Kind = "reprisal"
	Neglect    Kind = "neglect"
	Fee        Kind = "fee"
	Device     Kind = "device"
	Suggestion Kind = "suggestion"
	Claim      Kind = "claim"
)

// description is what is said of a kind.
type description struct {
	kind            Kind
	name, about     string
	nameEn, aboutEn string
	window          bool // happens at a window, as a rule
}

var kinds = []description{
	{Delay, "超时推诿", "超过承诺时间、推来推去、无故不办", "Delay", "Later than promised, sent from one to another", true},
	{Taking, "吃拿卡要", "故意刁难、索要好处", "Asking for favours", "Made difficulties, wanted something in return", true},
	{Rude, "态度粗暴", "说话难听、作风恶劣", "Rudeness", "Rude words or manners", true},
	{Charging, "乱收费", "违反规定收费、罚款、摊派", "Wrong charges", "Fees or fines against the rules", true},
	{Reprisal, "打击报复", "因为举报受到刁难", "Reprisal", "Treated badly after reporting something", true},
	{Neglect, "其他失职", "其他没有尽到职责的情况", "Other neglect of duty", "Other duties not done", true},
	{Fee, "收费没公示", "收费项目、标准没有公示，或者看不明白", "Fees not shown", "Fees not on display, or not clear", true},
	{Device, "设备故障", "自助机、叫号、照明等设施不好用", "Broken equipment", "Terminal, calling, lights and the like", false},
	{Suggestion, "意见建议", "怎样能办得更好", "Suggestion", "How things could be done better", false},
	{Claim, "索赔", "因为大厅的过错受到损失", "Claim", "A loss through a fault of the hall", true},
}

// Kinds returns all kinds in the order in which they are offered.
func Kinds() []Kind {
	out := make([]Kind, len(kinds))
	for i, k := range kinds {
		out[i] = k.kind
	}
	return out
}

// Valid reports whether this is one of Kinds.
func (k Kind) Valid() bool { return k.Name() != "" }

// Name is what people call the kind; empty when it is not one of Kinds.
func (k Kind) Name() string { return k.described().name }

// NameEn is the name in English.
func (k Kind) NameEn() string { return k.described().nameEn }

// About says in a few words what belongs to the kind.
func (k Kind) About() string { return k.described().about }

// AboutEn says it in English.
func (k Kind) AboutEn() string { return k.described().aboutEn }

// AtWindow reports whether what the kind is about happens at a window, as a rule, so
// that it makes sense to ask at which.
func (k Kind) AtWindow() bool { return k.described().window }

// described returns what is said of the kind; the zero description when it is not one
// of Kinds.
func (k Kind) described() description {
	for _, d := range kinds {
		if d.kind == k {
			return d
		}
	}
	return description{}
}

// State is how far a case has come. The strings are kept and sent.
type State string

// The states. Archived and Withdrawn are final.
const (
	Registered    State = "registered"
	Verifying     State = "verifying"
	Investigating State = "investigating"
	Handling      State = "handling"
	Answered      State = "feedback"
	Archived      State = "archived"
	Withdrawn     State = "withdrawn"
)

var way = []State{Registered, Verifying, Investigating, Handling, Answered, Archived}

// Way returns the states every case goes through that is not withdrawn, in order.
func Way() []State { return slices.Clone(way) }

// Name is what people call the state.
func (s State) Name() string {
	switch s {
	case Registered:
		return "登记"
	case Verifying:
		return "初步核实"
	case Investigating:
		return "调查"
	case Handling:
		return "处理"
	case Answered:
		return "反馈"
	case Archived:
		return "归档"
	case Withdrawn:
		return "已撤回"
	}
	return ""
}

// NameEn is the name in English.
func (s State) NameEn() string {
	switch s {
	case Registered:
		return "Registered"
	case Verifying:
		return "First check"
	case Investigating:
		return "Inquiry"
	case Handling:
		return "Action"
	case Answered:
		return "Answered"
	case Archived:
		return "Closed"
	case Withdrawn:
		return "Withdrawn"
	}
	return ""
}

// Final reports whether nothing more can happen to a case.
func (s State) Final() bool { return s == Archived || s == Withdrawn }

// waitsForAnswer reports whether the author has not been answered yet.
func (s State) waitsForAnswer() bool {
	return s == Registered || s == Verifying || s == Investigating || s == Handling
}

// Class says how much work a case is, and so how long it may take.
type Class string

// The classes.
const (
	Simple  Class = "simple"
	Complex Class = "complex"
)

// Name is what people call the class; empty for a case without one.
func (c Class) Name() string {
	switch c {
	case Simple:
		return "一般"
	case Complex:
		return "复杂"
	}
	return ""
}

// Channel is how a complaint came in.
type Channel string

// The channels.
const (
	AtTerminal Channel = "terminal" // at a kiosk
	OnPhone    Channel = "page"     // on the author's phone, on a page of the hall
	ByCall     Channel = "call"     // by telephone, entered by staff
)

// Name is what people call the channel.
func (c Channel) Name() string {
	switch c {
	case AtTerminal:
		return "自助终端"
	case OnPhone:
		return "手机网页"
	case ByCall:
		return "电话（工作人员代登记）"
	}
	return ""
}

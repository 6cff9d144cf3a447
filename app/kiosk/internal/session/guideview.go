package session

// Pages of the guides (办事指南).
const (
	PageGuides   Page = "guides"     // how to look: ways, likely matters, search
	PageList     Page = "guide-list" // departments, themes, matters
	PageSearch   Page = "search"
	PageGuide    Page = "guide"
	PageForms    Page = "forms" // the forms of a matter
	PageForm     Page = "form"  // one form, filled in as a sample
	PagePlan     Page = "plan"  // of the hall, with the window lit
	PageTakeaway Page = "takeaway"
)

// Guides is the entrance to the guides.
type Guides struct {
	// Ways the catalogue has something for, in the order to be shown.
	Ways []Way
	// Likely are the matters asked for most, at most 6 (assisted 3).
	Likely []Choice
	Total  int  // matters in the catalogue
	Sample bool // made-up matters: 示例
}

// Way is a way of looking through the catalogue.
type Way string

// The ways.
const (
	ByDepartment Way = "department"
	ByTheme      Way = "theme"
	ByLifeEvent  Way = "life-event"
	ForPersons   Way = "person"
	ForFirms     Way = "firm"
)

// List is a level of the catalogue: departments, themes or life events (choices
// that lead further), or matters. It pages like [Choose].
type List struct {
	Way Way
	Choose
}

// Search is the page on which one types or writes what one is looking for.
type Search struct {
	// Text looked for: Chinese, letters, digits; at most 24 characters.
	Text  string
	Input Input
	// Handwriting is false where the program or machine has none: no such button.
	Handwriting bool
	// Strokes on the pad, and the characters they may be, likeliest first, at most 5.
	Strokes    []Stroke
	Characters []string
	// Found are the matters of this page, with the parts of the title that matched:
	// as many as Drawing.Results says.
	Found         []Found
	Number, Pages int
	Total         int
	// Nothing is set when the text finds nothing (an empty text does not look).
	Nothing bool
}

// Input is what the search page offers to write with.
type Input string

// The inputs.
const (
	Letters     Input = "letters" // pinyin, initials, English
	Digits      Input = "digits"
	Handwriting Input = "handwriting"
)

// Found is a matter found.
type Found struct {
	Choice
	Marks [][2]int // of Title, in runes, half open; nil when shown in another language
}

// Stroke is one stroke of a finger: points in the order drawn, in thousandths of
// the pad's width and height (0–1000).
type Stroke []Point

// Point is a place on the pad.
type Point struct{ X, Y int }

// Guide is one matter.
type Guide struct {
	ID         string
	Name       string
	Summary    string
	Department string
	// Kind, Limit and Fee in a few words, for the line under the name: 即办件,
	// 当场办结, 不收费. Empty = not said.
	Kind, Limit, Fee string
	Sample           bool
	// Tabs the guide has something for; Tab is the one shown.
	Tabs []Tab
	Tab  Tab
	// Blocks of this page of the tab.
	Blocks        []Block
	Number, Pages int
	// Ready of Needed materials are ticked off; Needed counts those everybody must bring.
	Ready, Needed int
	// Takes: a number can be taken for it here; Barred says why not now.
	Takes  bool
	Barred Barred
	// Prints and Scans: paper and QR can be had. Printing: paper is on its way.
	Prints, Scans bool
	Printing      GuidePaper
	Forms         int  // forms it has
	Plan          bool // its windows are on the hall's plan
	// Elsewhere is set for a matter this hall does not handle; then Takes is false.
	Elsewhere *Elsewhere
}

// GuidePaper is what became of the printed list.
type GuidePaper string

// Values of GuidePaper.
const (
	GuideNotPrinted GuidePaper = ""
	GuidePrinting   GuidePaper = "printing"
	GuidePrinted    GuidePaper = "printed"
	GuideUnprinted  GuidePaper = "failed" // scan instead
)

// Elsewhere says where a matter is handled.
type Elsewhere struct{ Unit, Address, Phone, Hours string }

// Tab is a part of a guide.
type Tab string

// The tabs, in this order.
const (
	TabMaterials  Tab = "materials"  // 要带什么
	TabSteps      Tab = "steps"      // 怎么办
	TabWhere      Tab = "where"      // 在哪办: windows, hours, phones
	TabConditions Tab = "conditions" // 条件和依据
	TabFees       Tab = "fees"       // 时限和收费
	TabQuestions  Tab = "questions"  // 常见问题
)

// Block is a piece of a guide that stays together on a page. A text is at most 120
// characters; longer ones are several blocks, of which all but the first Continue.
type Block struct {
	Kind BlockKind
	// Title: the material, the step, the name of a fact, the question. Text: the rest.
	Title, Text string
	Continues   bool

	// Of a material: its place among Guide.Materials, which is sent back in
	// MaterialTicked; whether it is ticked; how many (原件1份，复印件2份).
	Index  int
	Ticked bool
	Count  string
	// Optional and Waived materials need not be brought by everybody; Text says when.
	Optional, Waived bool
	Form             string // Form.ID, "" = none

	Step int // of a step, from 1
}

// BlockKind says how a block is drawn.
type BlockKind string

// The kinds of blocks.
const (
	BlockHeading  BlockKind = "heading"
	BlockMaterial BlockKind = "material"
	BlockStep     BlockKind = "step"
	BlockFact     BlockKind = "fact" // Title: Text
	BlockText     BlockKind = "text"
	BlockQuestion BlockKind = "question"
)

// Folds says where pages of blocks begin: ascending indexes, the first is 0. Like
// [Breaks] it is given by the drawing side. head is the guide as it will stand
// above the blocks; its Blocks are not looked at.
type Folds func(head Guide, blocks []Block, assisted bool, l Language) []int

// Reads says where pages of text break: ascending indexes, the first is 0. Like
// [Breaks] it is given by the drawing side.
// actions says that buttons stand below or beside the text.
type Reads func(blocks []Block, actions, assisted bool, l Language) []int

// Forms are the forms of a matter; touching one shows it filled in.
type Forms struct {
	Guide string // its name
	Choose
}

// Form is a form filled in as a sample.
type Form struct {
	Name   string
	Fields []FormField // of this page
	// Number and Pages: a form of many fields is paged by [perForm].
	Number, Pages int
	Sample        bool
}

// FormField is a line of it.
type FormField struct{ Name, Sample, Help string }

// perForm is how many fields stand on a page, normal and assisted.
const (
	perFormNormal   = 10
	perFormAssisted = 5
)

// Plan is a plan of the hall. Lengths are metres from the upper left corner.
type Plan struct {
	Title         string // what is lit: business, or 大厅平面图
	Width, Height float64
	Rooms         []PlanRoom
	Windows       []PlanWindow
	// Here is where this terminal stands; nil = not on the plan.
	Here *PlanPoint
	// Place in words: 一楼 A 区，3、4 号窗口.
	Place string
}

// PlanPoint is a place on the plan.
type PlanPoint struct{ X, Y float64 }

// PlanRoom is an area, an entrance, a lift: a box with a name.
type PlanRoom struct {
	Name       string
	X, Y, W, H float64
	Kind       string // area | entrance | toilet | lift | stairs | desk | other
	Lit        bool
}

// PlanWindow is a window.
type PlanWindow struct {
	Name string
	At   PlanPoint
	Lit  bool
}

// Takeaway shows the QR code that takes what is on the screen to the phone.
type Takeaway struct {
	Name string // of the guide
	QR   string // "" while it is being made, or when Away
	// Away: the central service cannot be reached, so phones cannot either; print
	// instead, if Prints.
	Away   bool
	Prints bool
}

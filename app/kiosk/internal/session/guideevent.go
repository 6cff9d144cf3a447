package session

import "hallkiosk/app/guide"

// Touches on the pages of the guides. [Chosen], [PageTurned], [KeyPressed] and
// [DeletePressed] mean there what they mean elsewhere.
type (
	// GuidesPressed is the tile 办事指南.
	GuidesPressed struct{}
	// WayChosen is a way of looking through the catalogue.
	WayChosen struct{ Way Way }
	// SearchPressed is the search field.
	SearchPressed struct{}
	// InputChosen changes what one writes with.
	InputChosen struct{ Input Input }
	// StrokeDrawn is a stroke finished on the pad.
	StrokeDrawn struct{ Stroke Stroke }
	// StrokesCleared takes back the last stroke, or all.
	StrokesCleared struct{ All bool }
	// CharacterChosen is one of the characters the strokes may be.
	CharacterChosen struct{ Text string }
	// TabChosen is a part of the guide.
	TabChosen struct{ Tab Tab }
	// MaterialTicked is a touch on a material: ticked off, or not any more.
	MaterialTicked struct{ Index int }
	// TakeForGuide is 取这个事项的号.
	TakeForGuide struct{}
	// PrintGuidePressed is 打印材料清单.
	PrintGuidePressed struct{}
	// ScanGuidePressed is 扫码带走.
	ScanGuidePressed struct{}
	// FormsPressed shows the forms of the guide, or at once that with the ID.
	FormsPressed struct{ ID string }
	// PlanPressed shows the windows of the guide, or of the ticket, on the plan.
	PlanPressed struct{}
)

// Answers about guides.
type (
	// GuidesChanged: a catalogue of guides arrived. Finder may be nil.
	GuidesChanged struct {
		Catalogue *guide.Catalogue
		Finder    Finder
	}
	// Recognised: what the strokes may be. ID is that of Recognise.
	Recognised struct {
		ID         int
		Characters []string
	}
	// LinkMade: the address for the QR code. Text is "" when none could be made.
	LinkMade struct {
		ID   int
		Text string
	}
	// GuidePrintDone: the list is out, or is not.
	GuidePrintDone struct {
		ID int
		OK bool
	}
)

// Finder finds matters by what was typed: indexes into Catalogue.Guides, the
// likeliest first, with the parts of the name that matched. It answers within
// milliseconds, from memory; it is the one thing a Step asks.
type Finder interface {
	Find(text string, limit int) []Match
}

// Match is one matter found.
type Match struct {
	Guide int
	Marks [][2]int
}

// Effects of the guides.
type (
	// Recognise asks which characters the strokes may be; answered by Recognised.
	Recognise struct {
		ID      int
		Strokes []Stroke
	}
	// MakeLink asks for the signed address of a guide with its ticked materials;
	// answered by LinkMade.
	MakeLink struct {
		ID       int
		Guide    *guide.Guide
		Ticked   []int
		Language Language
	}
	// PrintGuide prints the list of materials; answered by GuidePrintDone. The
	// guide is the one on the screen, even if a newer catalogue has come.
	PrintGuide struct {
		ID       int
		Guide    *guide.Guide
		Sample   bool
		Ticked   []int
		Language Language
		Large    bool
	}
	// SearchMissed counts a search that found nothing when the person gave it up.
	// It is sent only for texts that can hold nothing personal: without digits, at
	// most 12 characters.
	SearchMissed struct{ Text string }
)

func (GuidesPressed) event()     {}
func (WayChosen) event()         {}
func (SearchPressed) event()     {}
func (InputChosen) event()       {}
func (StrokeDrawn) event()       {}
func (StrokesCleared) event()    {}
func (CharacterChosen) event()   {}
func (TabChosen) event()         {}
func (MaterialTicked) event()    {}
func (TakeForGuide) event()      {}
func (PrintGuidePressed) event() {}
func (ScanGuidePressed) event()  {}
func (FormsPressed) event()      {}
func (PlanPressed) event()       {}
func (GuidesChanged) event()     {}
func (Recognised) event()        {}
func (LinkMade) event()          {}
func (GuidePrintDone) event()    {}

func (Recognise) effect()    {}
func (MakeLink) effect()     {}
func (PrintGuide) effect()   {}
func (SearchMissed) effect() {}

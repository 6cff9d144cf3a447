package session

import (
	"slices"
	"strings"
	"unicode/utf8"

	"hallkiosk/app/guide"
)

// maxBlock is the most characters of a block's title and of its text.
const maxBlock = 120

var allTabs = []Tab{TabMaterials, TabSteps, TabWhere, TabConditions, TabFees, TabQuestions}

// tabs are the parts that a guide has something for.
func (s *State) tabs(g *guide.Guide) []Tab {
	return slices.DeleteFunc(slices.Clone(allTabs), func(t Tab) bool { return len(s.blocks(g, t)) == 0 })
}

// blocks are what a tab holds, over all its pages.
func (s *State) blocks(g *guide.Guide, t Tab) []Block {
	w := wordsIn(s.Language)
	var l blockList
	switch t {
	case TabMaterials:
		s.materials(&l, g)
	case TabSteps:
		for i, step := range g.Steps {
			text := step.Text
			if step.Days > 0 {
				unit := g.Promised.Unit
				if unit == "" {
					unit = guide.WorkingDays
				}
				text = joined(text, w.limit(guide.Limit{Number: step.Days, Unit: unit}), w.gap)
			}
			l.add(Block{Kind: BlockStep, Title: step.Name, Text: text, Step: i + 1})
		}
		if len(g.Steps) > 0 {
			l.fact(w.intermediary, g.Intermediary)
			l.fact(w.visits, w.visit(g.Visits))
			l.fact(w.result, g.Result)
			l.fact(w.resultLooks, g.ResultSample)
		}
	case TabWhere:
		s.whereabouts(&l, g)
	case TabConditions:
		l.texts(w.conditions, g.Conditions)
		l.fact(w.quota, g.Quota)
		l.texts(w.basis, g.Basis)
		if len(g.Conditions)+len(g.Basis) > 0 {
			l.fact(w.nature, w.natures[g.Nature])
			l.fact(w.updated, g.Updated)
		}
	case TabFees:
		s.limitsAndFees(&l, g)
	case TabQuestions:
		for _, qa := range g.FAQ {
			l.add(Block{Kind: BlockQuestion, Title: qa.Question, Text: qa.Answer})
		}
	}
	return l
}

// materials lists what to bring: first what everybody must bring, then what only
// some must, then what nobody needs to.
func (s *State) materials(l *blockList, g *guide.Guide) {
	w := wordsIn(s.Language)
	ticked := s.visit.ticked(g.ID)
	parts := []struct {
		heading string
		holds   func(m guide.Material) bool
	}{
		{w.needed, func(m guide.Material) bool { return !m.Optional && m.Waived == "" }},
		{w.optional, func(m guide.Material) bool { return m.Optional && m.Waived == "" }},
		{w.waived, func(m guide.Material) bool { return m.Waived != "" }},
	}
	plain := !slices.ContainsFunc(g.Materials, func(m guide.Material) bool { return !parts[0].holds(m) })
	for _, part := range parts {
		if !slices.ContainsFunc(g.Materials, part.holds) {
			continue
		}
		if !plain {
			l.add(Block{Kind: BlockHeading, Title: part.heading})
		}
		for i, m := range g.Materials {
			if part.holds(m) {
				l.add(Block{
					Kind: BlockMaterial, Title: pick(s.Language, m.Name, m.NameEn), Text: w.material(m), Count: w.count(m),
					Index: i, Ticked: slices.Contains(ticked, i), Optional: m.Optional, Waived: m.Waived != "", Form: m.Form,
				})
			}
		}
	}
}

// whereabouts says where, when, and whom to ask.
func (s *State) whereabouts(l *blockList, g *guide.Guide) {
	w, h := wordsIn(s.Language), s.world.hall
	if e := g.Elsewhere; e != nil {
		l.fact(w.unit, e.Unit)
		l.fact(w.address, e.Address)
		l.fact(w.hours, e.Hours)
		l.fact(w.phone, e.Phone)
		l.fact(w.online, g.OnlineURL)
		return
	}
	l.fact(w.department, g.Department)
	hours, phone, complaint := g.Hours, g.Phone, g.Complaint
	b, handled := s.handler(g)
	switch {
	case g.Place != "":
		l.fact(w.place, g.Place)
	case handled:
		l.fact(w.place, s.placeInWords(b))
	}
	if h != nil {
		if hours == "" && handled {
			hours = strings.Join(h.HoursOf(b).InWords(s.Language == English), w.days)
		}
		phone = cmpOr(phone, h.ServicePhone)
		complaint = cmpOr(complaint, h.SupervisionPhone)
	}
	l.fact(w.hours, hours)
	l.fact(w.phone, phone)
	l.fact(w.complaint, complaint)
	l.fact(w.scope, g.Scope)
	if g.Bookable {
		l.fact(w.book, w.offered)
	}
	l.fact(w.online, g.OnlineURL)
}

func cmpOr(a, b string) string {
	if strings.TrimSpace(a) != "" {
		return a
	}
	return b
}

// limitsAndFees says how long it takes and what it costs. Of a guide that is only
// a name nothing is said: that it were free is not known.
func (s *State) limitsAndFees(l *blockList, g *guide.Guide) {
	if bare(g) {
		return
	}
	w := wordsIn(s.Language)
	l.fact(w.kind, w.kinds[g.Kind])
	for _, limit := range []struct {
		title string
		guide.Limit
	}{{w.promised, g.Promised}, {w.legal, g.Legal}} {
		text := w.limit(limit.Limit)
		if text != "" && limit.Start != "" {
			text += w.comma + limit.Start
		}
		l.fact(limit.title, joined(text, limit.Note, w.gap))
	}
	l.fact(w.special, g.Special)
	if free(g.Fee) {
		l.fact(w.cost, w.free)
		return
	}
	for _, item := range g.Fee.Items {
		l.fact(cmpOr(item.Name, w.cost), item.Standard)
	}
	l.fact(w.feeBasis, g.Fee.Basis)
	l.fact(w.feeNote, g.Fee.Note)
}

func free(f guide.Fee) bool { return len(f.Items) == 0 && f.Basis == "" && f.Note == "" }

// bare says that a guide is little more than a name, as in a plain list of
// matters.
func bare(g *guide.Guide) bool {
	return len(g.Materials)+len(g.Steps) == 0 && g.Promised.IsZero() && g.Legal.IsZero() && free(g.Fee)
}

// A blockList grows block by block; what is too long for one becomes several.
type blockList []Block

func (l *blockList) fact(title, text string) {
	if strings.TrimSpace(text) != "" {
		l.add(Block{Kind: BlockFact, Title: title, Text: text})
	}
}

func (l *blockList) texts(heading string, texts []string) {
	if len(texts) == 0 {
		return
	}
	l.add(Block{Kind: BlockHeading, Title: heading})
	for _, t := range texts {
		l.add(Block{Kind: BlockText, Text: t})
	}
}

func (l *blockList) add(b Block) {
	titles, texts := cut(b.Title), cut(b.Text)
	if len(titles) > 0 {
		b.Title = titles[0]
	}
	if len(titles) > 1 { // the rest of the name before what is said of it
		texts = append(titles[1:], texts...)
	}
	b.Text = ""
	if len(texts) > 0 && len(titles) <= 1 {
		b.Text, texts = texts[0], texts[1:]
	}
	*l = append(*l, b)
	for _, t := range texts {
		b.Title, b.Text, b.Count, b.Form, b.Continues = "", t, "", "", true
		*l = append(*l, b)
	}
}

// cut cuts a text into pieces of at most maxBlock characters: at its lines, else
// after a sentence, else after a comma, else anywhere.
func cut(text string) []string {
	var pieces []string
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "\n")) {
		line = strings.TrimSpace(line)
		for utf8.RuneCountInString(line) > maxBlock {
			at := len(string([]rune(line)[:maxBlock]))
			for _, ends := range []string{"。！？；", ";!?", "，、,: "} {
				if i := strings.LastIndexAny(line[:at], ends); i > at/3 {
					_, n := utf8.DecodeRuneInString(line[i:])
					at = i + n
					break
				}
			}
			pieces = append(pieces, strings.TrimSpace(line[:at]))
			line = strings.TrimSpace(line[at:])
		}
		if line != "" {
			pieces = append(pieces, line)
		}
	}
	return pieces
}

// joined joins two texts of which either may be empty.
func joined(a, b, gap string) string {
	if a == "" || b == "" {
		return a + b
	}
	return strings.TrimRight(a, "。；，;. ") + gap + b
}

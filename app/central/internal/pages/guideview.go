package pages

import (
	"cmp"
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
)

// guidePage is a guide on a phone. What it says comes from the hall's catalogue;
// what was ticked at the terminal comes from the address.
type guidePage struct {
	page
	W      *words
	G      *guideWords
	Hall   string
	Sample bool

	Name, Summary string
	Department    string
	Facts         []string // a few words each: 即办件, 当场办结, 不收费

	Elsewhere     []phoneRow // where else it is handled; nil when here
	Materials     []materialRow
	Ready, Needed int    // of those everybody must bring
	Changed       bool   // the list is another one than was ticked
	List          string // the list's digest: ticks of another list mean nothing
	Steps         []stepRow
	Where         []phoneRow
	Take          string // where numbers are taken; empty when not here
	Calls         []call
	Costs         []phoneRow
	Conditions    []string
	Basis         []string
	Forms         []formCard
	Questions     []guide.QA
	More          []phoneRow
	Online        string // address

	Updated, ValidTo string
	UntilMillis      int64 // when the phone may forget the ticks

	Large     bool
	SwitchURL string // in the other language
	SizeURL   string // in the other size
}

// materialRow is something to bring.
type materialRow struct {
	Index  int
	Name   string
	Count  string
	Tag    string // 有的情况才要, 免提交
	Tick   bool   // it has a box
	Needed bool   // it counts for 已备好
	Ticked bool
	Notes  []phoneRow // the name may be empty
	Form   int        // its place among the forms, from 1; 0 = none
	Fill   string     // 填写《…》
}

type stepRow struct{ Name, Text, Days string }

type formCard struct {
	ID     int // from 1
	Name   string
	Fields []guide.FormField
}

// call is a telephone number with what it is for.
type call struct {
	Name, Number string
	Tel          template.URL // empty for what cannot be dialled
}

// callsOf splits what stands in a guide for telephones: 6222001、6222002.
func callsOf(name, numbers string) []call {
	var all []call
	for n := range strings.FieldsFuncSeq(numbers, func(r rune) bool { return strings.ContainsRune("、，,；;/\n", r) }) {
		if n = strings.TrimSpace(n); n != "" {
			all = append(all, call{name, n, dial(n)})
		}
	}
	return all
}

// The most days that differ from the weekly hours a page names.
const mostExceptions = 4

// guideOf puts a guide into words.
func guideOf(h *hall.Hall, c *guide.Catalogue, g *guide.Guide, pass handoff.Pass, w *words, now time.Time) *guidePage {
	t := guideWordsOf(w)
	now = now.In(h.Location())
	p := &guidePage{
		W: w, G: t, Hall: w.name(h.Name, h.NameEn), Sample: c.Sample,
		Name: w.name(g.Name, g.NameEn), Summary: w.name(g.Summary, g.SummaryEn), Department: g.Department,
		Conditions: g.Conditions, Basis: g.Basis, Questions: g.FAQ,
		ValidTo:     fmt.Sprintf(t.ValidTo, w.day(pass.Until.In(h.Location()))),
		UntilMillis: pass.Until.UnixMilli(),
	}
	p.Title = p.Name
	if day, err := time.Parse(time.DateOnly, g.Updated); err == nil {
		p.Updated = fmt.Sprintf(t.Updated, w.wholeDay(day))
	}
	for _, fact := range []string{t.Kinds[g.Kind], t.limit(shorter(g)), p.fee(g)} {
		if fact != "" {
			p.Facts = append(p.Facts, fact)
		}
	}
	p.materials(g, pass)
	for _, s := range g.Steps {
		row := stepRow{Name: s.Name, Text: s.Text}
		if s.Days > 0 {
			row.Days = fmt.Sprintf(t.Days, s.Days)
		}
		p.Steps = append(p.Steps, row)
	}
	p.where(h, g, now, pass.Until)
	p.costs(g)
	p.more(g)
	for i, f := range g.Forms {
		p.Forms = append(p.Forms, formCard{i + 1, f.Name, f.Fields})
	}
	if u, err := url.Parse(g.OnlineURL); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		p.Online = g.OnlineURL
	}
	return p
}

// shorter is the limit that counts for people: the promised one, else the law's.
func shorter(g *guide.Guide) guide.Limit {
	if g.Promised.IsZero() {
		return g.Legal
	}
	return g.Promised
}

// fee is 不收费 where there is nothing to pay; what there is needs more than a word.
// Nothing is said of a matter that is handled elsewhere.
func (p *guidePage) fee(g *guide.Guide) string {
	if len(g.Fee.Items) > 0 || g.Fee.Basis != "" || g.Elsewhere != nil {
		return ""
	}
	return p.G.Free
}

// materials fills in the list, with the terminal's ticks unless it has changed.
func (p *guidePage) materials(g *guide.Guide, pass handoff.Pass) {
	w, t := p.W, p.G
	digest := handoff.ListDigest(g.Materials)
	p.List = strconv.FormatUint(uint64(digest), 16)
	p.Changed = digest != pass.List && pass.Ticked != 0
	forms := map[string]int{}
	for i, f := range g.Forms {
		forms[f.ID] = i + 1
	}
	for i, m := range g.Materials {
		row := materialRow{
			Index: i, Name: w.name(m.Name, m.NameEn), Count: t.count(m),
			Tick: m.Waived == "", Needed: !m.Optional && m.Waived == "",
			Form: forms[m.Form],
		}
		row.Ticked = row.Tick && digest == pass.List && pass.Has(i)
		if row.Form > 0 {
			row.Fill = fmt.Sprintf(t.Fill, g.Forms[row.Form-1].Name)
		}
		// 免提交：系统里能查到
		waived, why, _ := strings.Cut(m.Waived, "：")
		switch {
		case waived != "":
			row.Tag = t.waived(waived)
		case m.Optional:
			row.Tag = t.Optional
		}
		row.Notes = rows("", why, t.When, m.When, t.From, m.From, t.Issued, m.Issued, t.Looks, m.Sample, "", m.Note)
		if row.Needed {
			p.Needed++
			if row.Ticked {
				p.Ready++
			}
		}
		p.Materials = append(p.Materials, row)
	}
}

// rows makes rows of names and values, without those that have no value.
func rows(pairs ...string) []phoneRow {
	var all []phoneRow
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := strings.TrimSpace(pairs[i+1]); value != "" {
			all = append(all, phoneRow{pairs[i], value})
		}
	}
	return all
}

// where says where and when, and whom to ring up.
func (p *guidePage) where(h *hall.Hall, g *guide.Guide, now, until time.Time) {
	w, t := p.W, p.G
	if e := g.Elsewhere; e != nil {
		p.Elsewhere = rows(t.Unit, e.Unit, t.Address, e.Address, t.Hours, e.Hours)
		p.Calls = append(callsOf(t.Ask, cmp.Or(e.Phone, g.Phone)), callsOf(t.Complain, g.Complaint)...)
		return
	}
	var windows, place, choose string
	hours := h.Hours
	if b, ok := h.Business(g.Business); ok {
		windows = w.windows(h, b.Windows)
		choose = w.name(b.Name, b.NameEn)
		if area, ok := h.Area(b.Area); ok {
			place = w.name(area.Place, area.PlaceEn)
		}
		if b.Hours != nil {
			hours = *b.Hours
		}
		p.Take = t.TakeThere
	}
	p.Where = rows(t.Window, windows, t.Place, cmp.Or(g.Place, place))
	if g.Hours != "" {
		p.Where = append(p.Where, phoneRow{t.Hours, g.Hours})
	} else if lines := t.hoursText(hours); len(lines) > 0 {
		p.Where = append(p.Where, phoneRow{t.Hours, strings.Join(lines, "\n")})
	}
	// The hall's closures hold for every business and every hour written by hand.
	if lines := t.exceptions(h.Hours, now, until, mostExceptions); len(lines) > 0 {
		p.Where = append(p.Where, phoneRow{t.Except, strings.Join(lines, "\n")})
	}
	p.Where = append(p.Where, rows(t.Choose, choose)...)
	p.Calls = append(callsOf(t.Ask, cmp.Or(g.Phone, h.ServicePhone)), callsOf(t.Complain, cmp.Or(g.Complaint, h.SupervisionPhone))...)
}

// costs says how long it takes and what it costs.
func (p *guidePage) costs(g *guide.Guide) {
	t := p.G
	limit := func(l guide.Limit) string {
		text := t.limit(l)
		for _, more := range []string{l.Start, l.Note} {
			if text != "" && more != "" {
				text += fmt.Sprintf(t.Because, more)
			}
		}
		return text
	}
	p.Costs = rows(t.Promised, limit(g.Promised), t.Legal, limit(g.Legal))
	if free := p.fee(g); free != "" {
		p.Costs = append(p.Costs, phoneRow{t.Fee, free})
	}
	for i, item := range g.Fee.Items {
		name := ""
		if i == 0 {
			name = t.Fee
		}
		p.Costs = append(p.Costs, phoneRow{name, strings.TrimSpace(item.Name + " " + item.Standard)})
	}
	p.Costs = append(p.Costs, rows(t.FeeBasis, g.Fee.Basis, t.FeeNote, g.Fee.Note)...)
}

// more is what few ask for.
func (p *guidePage) more(g *guide.Guide) {
	w, t := p.W, p.G
	var whom, ways, offers []string
	for _, f := range g.For {
		whom = append(whom, cmp.Or(t.Persons[f], f.Name()))
	}
	for _, c := range g.Channels {
		ways = append(ways, cmp.Or(t.Channels[c], c.Name()))
	}
	for _, o := range []struct {
		yes  bool
		word string
	}{{g.Bookable, t.Bookable}, {g.PayOnline, t.PayOnline}, {g.Courier, t.Courier}} {
		if o.yes {
			offers = append(offers, o.word)
		}
	}
	visits := ""
	switch {
	case g.Visits == nil:
	case *g.Visits == 0:
		visits = t.NoVisit
	default:
		visits = fmt.Sprintf(t.VisitsTimes, *g.Visits)
	}
	nature := g.Nature.Name()
	if w.IsEnglish() {
		nature = "" // the law's own words; there are no others
	}
	result := g.Result
	if g.ResultSample != "" {
		result = strings.TrimSpace(result + fmt.Sprintf(t.Because, g.ResultSample))
	}
	p.More = rows(t.Whom, strings.Join(whom, t.And), t.Result, result, t.Ways, strings.Join(ways, t.And),
		t.Visits, visits, t.Offers, strings.Join(offers, t.And), t.Scope, g.Scope, t.Quota, g.Quota,
		t.Intermediary, g.Intermediary, t.Special, g.Special, t.Partners, strings.Join(g.Partners, t.And), t.Nature, nature)
}

// address sets the page's links to itself.
func (p *guidePage) address(path string, query url.Values) {
	lang := query.Get("lang")
	p.Large = query.Get("size") == "large"
	to := func(lang string, large bool) string {
		q := url.Values{}
		if lang == handoff.Chinese || lang == handoff.English {
			q.Set("lang", lang)
		}
		if large {
			q.Set("size", "large")
		}
		if len(q) == 0 {
			return path
		}
		return path + "?" + q.Encode()
	}
	p.SwitchURL, p.SizeURL = to(p.W.Other, p.Large), to(lang, !p.Large)
}

// wholeDay returns 2026年11月22日, or 22 November 2026.
func (w *words) wholeDay(t time.Time) string {
	if w.IsEnglish() {
		return t.Format("2 January 2006")
	}
	return fmt.Sprintf("%d年%s", t.Year(), w.day(t))
}

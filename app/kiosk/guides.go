package kiosk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"hallkiosk/app/guide"
	"hallkiosk/app/guide/search"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
	"hallkiosk/app/kiosk/handwriting"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/slip"
	"hallkiosk/assets"
)

// Recogniser says which Chinese characters strokes may be. Satisfied by
// *handwriting.Recogniser. It is used by one goroutine at a time.
type Recogniser interface {
	Characters(strokes []handwriting.Stroke, n int) []string
}

// candidates is how many characters are proposed for what was written.
const candidates = 5

// guides is what the terminal needs for its guides besides the session.
type guides struct {
	synonyms search.Synonyms // the product's own

	indexing sync.Mutex
	arrived  atomic.Int64 // catalogues that came so far

	writing sync.Mutex   // the recogniser's one goroutine
	written atomic.Int64 // ID of the newest question
}

// readSynonyms reads the product's list. Without it search finds less, and works.
func (t *Terminal) readSynonyms() {
	s, err := search.ParseSynonyms(strings.NewReader(assets.GuideSynonyms))
	if err != nil {
		t.log.Error("no synonyms", "error", err)
	}
	t.guides.synonyms = s
}

// guidesChanged makes a catalogue searchable and gives it to the session. That
// takes up to a second, which nobody waits for.
func (t *Terminal) guidesChanged(c *guide.Catalogue) {
	g := &t.guides
	mine := g.arrived.Add(1)
	t.spawn("index guides", nil, func() session.Event {
		g.indexing.Lock()
		defer g.indexing.Unlock()
		if g.arrived.Load() != mine {
			return nil // a newer one has come
		}
		index, problems := search.ForCatalogue(c, g.synonyms)
		for _, p := range problems {
			t.log.Warn("guides", "field", p.Field, "problem", p.Message)
		}
		// Put while the lock is held, so that catalogues reach the session in order.
		t.mail.put(session.GuidesChanged{Catalogue: c, Finder: finder{index}})
		return nil
	})
}

// finder is a search index as the session asks it.
type finder struct{ index *search.Index }

// Find implements session.Finder.
func (f finder) Find(text string, limit int) []session.Match {
	results := f.index.Search(search.Query{Text: text, Limit: limit})
	matches := make([]session.Match, len(results))
	for i, r := range results {
		matches[i] = session.Match{Guide: r.Index, Marks: r.Marks}
	}
	return matches
}

// recognise says what the strokes may be. Strokes that have grown meanwhile are
// not looked at: their answer would come too late.
func (t *Terminal) recognise(fx session.Recognise) session.Event {
	g := &t.guides
	g.writing.Lock()
	defer g.writing.Unlock()
	if g.written.Load() != int64(fx.ID) || t.config.Handwriting == nil {
		return session.Recognised{ID: fx.ID}
	}
	strokes := make([]handwriting.Stroke, len(fx.Strokes))
	for i, s := range fx.Strokes {
		strokes[i] = make(handwriting.Stroke, len(s))
		for j, p := range s {
			strokes[i][j] = handwriting.Point{X: p.X, Y: p.Y}
		}
	}
	return session.Recognised{ID: fx.ID, Characters: t.config.Handwriting.Characters(strokes, candidates)}
}

// carryOutGuide does what the session wants done about guides.
func (t *Terminal) carryOutGuide(ctx context.Context, fx session.Effect) {
	switch fx := fx.(type) {
	case session.Recognise:
		t.guides.written.Store(int64(fx.ID))
		t.spawn("recognise", session.Recognised{ID: fx.ID}, func() session.Event { return t.recognise(fx) })
	case session.MakeLink:
		t.spawn("make link", session.LinkMade{ID: fx.ID}, func() session.Event {
			return session.LinkMade{ID: fx.ID, Text: t.guideAddress(fx.Guide, fx.Ticked, fx.Language)}
		})
	case session.PrintGuide:
		t.spawn("print guide", session.GuidePrintDone{ID: fx.ID}, func() session.Event {
			// No ticket, so the journal of tickets' papers does not know of it.
			err := t.printer.Print(ctx, t.guideSlip(fx).Document(t.profile))
			if err != nil {
				t.log.Warn("guide not printed", "guide", fx.Guide.ID, "error", err)
			}
			return session.GuidePrintDone{ID: fx.ID, OK: err == nil}
		})
	case session.SearchMissed:
		t.spawn("count missed search", nil, func() session.Event {
			t.logFailure("count missed search", t.uplink.SearchMissed(ctx, fx.Text))
			return nil
		})
	}
}

// guideSlip is what stands on a guide's paper.
func (t *Terminal) guideSlip(fx session.PrintGuide) slip.Guide {
	s := slip.Guide{
		Language: string(fx.Language), Sample: fx.Sample, Matter: fx.Guide,
		Ticked: make([]bool, len(fx.Guide.Materials)), Large: fx.Large,
		QR: t.guideAddress(fx.Guide, fx.Ticked, fx.Language),
	}
	for _, i := range fx.Ticked {
		if i >= 0 && i < len(s.Ticked) {
			s.Ticked[i] = true
		}
	}
	h := t.hall()
	if h == nil {
		return s
	}
	s.Hall = pick(fx.Language, h.Name, h.NameEn)
	s.ServicePhone, s.Phone = h.ServicePhone, h.SupervisionPhone
	if now, _, trusted := t.uplink.Now(); trusted {
		s.At = now.In(h.Location())
	}
	if b, ok := h.Business(fx.Guide.Business); ok {
		if a, ok := h.Area(b.Area); ok {
			s.Area, s.Place = pick(fx.Language, a.Name, a.NameEn), pick(fx.Language, a.Place, a.PlaceEn)
		}
		s.Windows = windowNames(h, b)
		s.Hours = h.HoursOf(b).InWords(fx.Language == session.English)
	}
	return s
}

// pick falls back to Chinese where the hall has no English words.
func pick(l session.Language, zh, en string) string {
	if l == session.English && en != "" {
		return en
	}
	return zh
}

// windowNames are the names of a business' windows, in the hall's order.
func windowNames(h *hall.Hall, b *hall.Business) []string {
	var names []string
	for _, w := range h.Windows {
		if slices.Contains(b.Windows, w.ID) {
			names = append(names, w.Name)
		}
	}
	return names
}

// guideAddress is the signed address of a guide, "" if it cannot be signed yet.
func (t *Terminal) guideAddress(g *guide.Guide, ticked []int, l session.Language) string {
	h := t.hall()
	if h == nil {
		return ""
	}
	now, _, _ := t.uplink.Now()
	return t.sign(h, handoff.ForGuide(g, ticked, string(l), now))
}

// ticketAddress is the address behind a ticket's QR code: signed, or, before the
// hall has given out its keys, the ticket's random ID.
func (t *Terminal) ticketAddress(h *hall.Hall, ticketID string, l session.Language) string {
	now, _, _ := t.uplink.Now()
	p, err := handoff.ForTicket(h, ticketID, string(l), now)
	if err == nil {
		if address := t.sign(h, p); address != "" {
			return address
		}
	}
	return phonePage(h, t.config.Centre, ticketID)
}

// sign makes the address of a pass, "" without a key.
func (t *Terminal) sign(h *hall.Hall, p handoff.Pass) string {
	self, ok := t.uplink.Terminal()
	if !ok {
		return ""
	}
	now, _, _ := t.uplink.Now()
	token, err := handoff.Ring{Hall: h.ID, Keys: self.HandoffKeys}.Sign(p, now)
	if err != nil {
		if !errors.Is(err, handoff.ErrNoKey) {
			t.log.Error("address not signed", "error", err)
		}
		return ""
	}
	base := h.PhoneURL
	if base == "" {
		base = t.config.Centre
	}
	return handoff.Address(base, h.ID, token)
}

package simulator

// A State is how everything is, for people who watch.
type State struct {
	Printer struct {
		Plugged   bool   `json:"plugged"`
		Model     string `json:"model"`
		PaperOut  bool   `json:"paper_out"`
		NearEnd   bool   `json:"near_end"`
		CoverOpen bool   `json:"cover_open"`
		Cutter    bool   `json:"cutter_error"`
		Hot       bool   `json:"head_hot"`
		Silent    bool   `json:"silent"`
		// Printing: something has begun and is not cut yet.
		Printing bool `json:"printing"`
		// Buffered and Lost are bytes; LeftMM is -1 for a roll without end.
		Buffered int `json:"buffered"`
		Lost     int `json:"lost"`
		LeftMM   int `json:"left_mm"`
		// Papers came out since the start; those from Oldest on are kept.
		Papers int `json:"papers"`
		Oldest int `json:"oldest"`
		// Untaken papers still hang there.
		Untaken int `json:"untaken"`
	} `json:"printer"`
	Reader struct {
		Plugged bool `json:"plugged"`
		Silent  bool `json:"silent"`
		Sticky  bool `json:"sticky"`
		// Card is the key of the card that lies there, or empty.
		Card  string `json:"card"`
		Reads int    `json:"reads"`
	} `json:"reader"`
	Scanner struct {
		Plugged bool   `json:"plugged"`
		Model   string `json:"model"`
		Scans   int    `json:"scans"`
	} `json:"scanner"`
}

// State is how everything is now.
func (h *Hall) State() State {
	var s State
	p := h.Printer
	p.mu.Lock()
	out := &s.Printer
	out.Plugged, out.Model = p.wire.plugged(), p.model.Model
	out.PaperOut, out.NearEnd, out.CoverOpen, out.Cutter = p.paperOut, p.nearEnd, p.coverOpen, p.cutter
	out.Hot, out.Silent, out.Printing = p.hot, p.silent, !p.paper.empty()
	out.Buffered, out.Lost, out.LeftMM = len(p.buf), p.lost, -1
	if p.left >= 0 {
		out.LeftMM = p.left / dotsPerMM
	}
	out.Oldest, out.Papers = p.dropped, p.dropped+len(p.papers)
	out.Untaken = out.Papers - p.taken
	p.mu.Unlock()

	r := h.Reader
	r.mu.Lock()
	s.Reader.Plugged, s.Reader.Silent, s.Reader.Sticky, s.Reader.Reads = r.wire.plugged(), r.silent || r.dead, r.sticky, r.reads
	if r.card != nil {
		s.Reader.Card = r.card.key
	}
	r.mu.Unlock()

	c := h.Scanner
	c.mu.Lock()
	s.Scanner.Plugged, s.Scanner.Model, s.Scanner.Scans = c.wire.plugged(), c.model, c.scans
	c.mu.Unlock()
	return s
}

// paper is paper number n since the start, or what is coming out when n is one
// past the last.
func (h *Hall) paper(n int) (Paper, bool) {
	p := h.Printer
	p.mu.Lock()
	defer p.mu.Unlock()
	switch i := n - p.dropped; {
	case i < 0 || i > len(p.papers):
		return Paper{}, false
	case i < len(p.papers):
		return p.papers[i], true
	}
	now := p.paper
	now.Raw = append([]byte(nil), now.Raw...)
	now.Torn = true
	return now, !p.paper.empty()
}

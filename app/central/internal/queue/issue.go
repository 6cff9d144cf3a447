package queue

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// Issue gives out the next number of the hall's series, or answers again what it
// has answered to this id before. from is the terminal that asks. Requests that
// wait at the same time are answered together, see counter.
func (d *Desk) Issue(ctx context.Context, hallID string, from centralapi.Terminal, r centralapi.TicketRequest) (centralapi.Ticket, error) {
	p, err := d.place(hallID)
	if err != nil {
		return centralapi.Ticket{}, err
	}
	business, err := p.checkRequest(r)
	if err != nil {
		return centralapi.Ticket{}, err
	}
	if err := p.checkClass(business, r); err != nil {
		return centralapi.Ticket{}, err
	}
	a := &issuing{p: p, from: from, r: r, business: business, print: fingerprint(r), actor: "terminal:" + from.ID,
		answered: make(chan struct{})}
	p.counter.queue(a, func() { d.serve(p) })
	select {
	case <-a.answered:
		return a.answer, a.err
	case <-ctx.Done():
		// It may be given out all the same; the terminal asks again with this id.
		return centralapi.Ticket{}, fmt.Errorf("queue: issue: %w", ctx.Err())
	}
}

// issuing is one request for a number.
type issuing struct {
	p        *place
	from     centralapi.Terminal
	r        centralapi.TicketRequest
	business *hall.Business
	print    []byte
	day      string
	actor    string

	answered chan struct{} // closed when answer and err are set
	answer   centralapi.Ticket
	err      error
}

// row is the ticket of the request with a number, without times.
func (a issuing) row(number int, series, prefix string) store.Ticket {
	t := store.Ticket{
		Hall: a.p.ID, ID: a.r.ID, Day: a.day,
		Prefix: prefix, Series: series, Number: number, Label: centralapi.Label(prefix, series, number),
		Business: a.business.ID, Item: a.r.Item, Language: a.r.Language,
		Terminal: a.from.ID, Slot: a.from.Slot, Fingerprint: a.print, State: centralapi.Issued,
		Class: a.r.Class, ClassReason: strings.TrimSpace(a.r.ClassReason), Line: a.business.ID,
	}
	if h := a.r.Holder; h != nil {
		t.HolderKey, t.HolderName, t.HolderNumber, t.HolderSource = h.Key, h.Name, h.Number, h.Source
	}
	return t
}

func closedError(p *place, b *hall.Business, kind hall.OpenKind) error {
	if kind == hall.Open {
		return centralapi.Refuse(centralapi.CodeClosed, fmt.Sprintf("“%s”当前时间段不能取号。", b.Name))
	}
	return centralapi.Refuse(centralapi.CodeClosed, "大厅当前时间段不能取号。")
}

// checkRequest refuses what can never become a ticket.
func (p *place) checkRequest(r centralapi.TicketRequest) (*hall.Business, error) {
	invalid := func(why string) error {
		return centralapi.Refuse(centralapi.CodeInvalid, "取号请求不正确："+why+"。")
	}
	if !validID(r.ID) {
		return nil, invalid("编号不是标准格式")
	}
	b, ok := p.Business(r.Business)
	if !ok {
		return nil, centralapi.Refuse(centralapi.CodeUnknownBusiness, "本大厅没有这项业务。")
	}
	if r.Item != "" {
		if _, ok := b.Item(r.Item); !ok {
			return nil, invalid("这项业务没有该事项")
		}
	}
	switch r.Language {
	case "", "zh", "en":
	default:
		return nil, invalid("语言只能是 zh 或 en")
	}
	if h := r.Holder; h != nil {
		switch {
		case !holderKey.MatchString(h.Key):
			return nil, invalid("持有人标识不正确")
		case h.Source != "card" && h.Source != "typed":
			return nil, invalid("证件来源不正确")
		case !maskedNumber(h.Number):
			return nil, invalid("证件号码必须隐去")
		case h.Name != "" && !maskedName(h.Name):
			return nil, invalid("姓名必须隐去")
		}
	}
	return b, nil
}

var (
	holderKey = regexp.MustCompile(`^[0-9a-f]{64}$`)
	// A masked number shows at most six characters in a row that are not stars.
	bareRun = regexp.MustCompile(`[^*]{7,}`)
)

// maskedNumber and maskedName refuse what looks whole. They are the last guard
// against a terminal that forgets to mask; the masks themselves are made there.
func maskedNumber(s string) bool {
	return len(s) <= 40 && strings.Contains(s, "*") && !bareRun.MatchString(s)
}

func maskedName(s string) bool { return len(s) <= 120 && strings.Contains(s, "*") }

// validID accepts a UUID in its canonical form only: one id, one spelling.
func validID(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.String() == s
}

// fingerprint tells requests with the same id and other content apart.
func fingerprint(r centralapi.TicketRequest) []byte {
	r.ID = ""
	data, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("queue: fingerprint: %v", err)) // strings only
	}
	sum := sha256.Sum256(data)
	return sum[:]
}

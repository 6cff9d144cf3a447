package verify

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"hallkiosk/app/centralapi"
)

// issue is a number that was taken. Times count from the begin of the run.
type issue struct {
	request    centralapi.TicketRequest
	day, label string
	number     int           // 23 of A023
	begin, end time.Duration // first sent, first answered for good
}

// series is what numbers of one kind count in.
func (i issue) series(prefixes map[string]string) series {
	return series{i.day, prefixes[i.request.Business]}
}

type series struct{ day, prefix string }

// call is a person who was called, once for each time a window pressed 叫号 and
// got somebody.
type call struct {
	window, ticket, label string
	begin, end            time.Duration // first sent; learnt whom
}

// book is where all workers write down what happened.
type book struct {
	prefixes map[string]string // of businesses; read-only once the run has begun

	mu        sync.Mutex
	issues    []issue
	byID      map[string]int // index in issues
	calls     []call
	calledIDs map[string]bool
	waiting   int // numbers answered and not called
	requests  int
	throttled int
	errors    samples
	found     map[Kind]*samples
	times     map[string][]time.Duration
}

func newBook() *book {
	return &book{prefixes: map[string]string{}, byID: map[string]int{},
		calledIDs: map[string]bool{}, found: map[Kind]*samples{}, times: map[string][]time.Duration{}}
}

// samples counts everything and remembers the first few.
type samples struct {
	count int
	first []string
}

// kept is how many examples of one kind are remembered.
const kept = 5

func (s *samples) add(what string) {
	if s.count++; len(s.first) < kept {
		s.first = append(s.first, what)
	}
}

func (b *book) request() {
	b.mu.Lock()
	b.requests++
	b.mu.Unlock()
}

func (b *book) latency(what string, took time.Duration) {
	b.mu.Lock()
	b.times[what] = append(b.times[what], took)
	b.mu.Unlock()
}

// failed writes down an answer that should not have come, or none. A service may
// say that it is asked too often; that is no error.
func (b *book) failed(what string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if centralapi.HasCode(err, centralapi.CodeTooMany) {
		b.throttled++
		return
	}
	b.errors.add(fmt.Sprintf("%s: %v", what, err))
}

func (b *book) violated(k Kind, what string) {
	b.mu.Lock()
	b.violate(k, what)
	b.mu.Unlock()
}

func (b *book) violate(k Kind, what string) {
	if b.found[k] == nil {
		b.found[k] = &samples{}
	}
	b.found[k].add(what)
}

// unanswered writes down a request that was given up: its number, if it has one,
// will be a gap.
func (b *book) unanswered(id string) {
	b.mu.Lock()
	b.errors.add("no answer to the request " + id)
	b.mu.Unlock()
}

// issued writes down a number and returns its index. All answers to one request
// must be the same.
func (b *book) issued(q centralapi.TicketRequest, answers []centralapi.Ticket, begin, end time.Duration) int {
	first := answers[0]
	is := issue{request: q, day: first.Day, label: first.Label, begin: begin, end: end}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range answers {
		switch {
		case a.ID != q.ID || a.Existing:
			b.violate(TwoNumbers, fmt.Sprintf("请求 %s 得到的是另一个人的号 %s", q.ID, a.Label))
		case a.Label != first.Label || a.Day != first.Day:
			b.violate(TwoNumbers, fmt.Sprintf("请求 %s 得到 %s 和 %s", q.ID, first.Label, a.Label))
		case a.Business != q.Business:
			b.violate(WrongState, fmt.Sprintf("%s 属于业务 %s，应是 %s", a.Label, a.Business, q.Business))
		}
	}
	digits, ok := strings.CutPrefix(first.Label, b.prefixes[q.Business])
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || centralapi.Label(b.prefixes[q.Business], "", n) != first.Label {
		b.violate(WrongState, fmt.Sprintf("号码 %q 不是大厅的号", first.Label))
	}
	is.number = n
	at := len(b.issues)
	b.issues = append(b.issues, is)
	b.byID[q.ID] = at
	if !b.calledIDs[q.ID] {
		b.waiting++
	}
	return at
}

// called writes down that a window got somebody. It reports whether it is the
// first time for this person.
func (b *book) called(window string, t centralapi.Ticket, begin, end time.Duration) (first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.Window != window && t.Window != "" || t.State != centralapi.Called && t.State != "" {
		b.violate(WrongState, fmt.Sprintf("窗口 %s 叫到 %s，答复里却是窗口 %s、状态 %s", window, t.Label, t.Window, t.State))
	}
	b.calls = append(b.calls, call{window: window, ticket: t.ID, label: t.Label, begin: begin, end: end})
	if b.calledIDs[t.ID] {
		return false
	}
	b.calledIDs[t.ID] = true
	if _, answered := b.byID[t.ID]; answered {
		b.waiting--
	}
	return true
}

func (b *book) requestOf(at int) centralapi.TicketRequest {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.issues[at].request
}

// askedAgain writes down what became of a number after everything is over.
func (b *book) askedAgain(at int, answer centralapi.Ticket, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	is := b.issues[at]
	refused, isRefused := errors.AsType[*centralapi.Error](err)
	over := answer.State == centralapi.Finished || answer.State == centralapi.NoShow
	switch {
	case isRefused && !refused.Retryable:
		b.violate(Lost, fmt.Sprintf("%s 已经取到，再问时中心不认：%s", is.label, refused.Code))
	case err != nil:
		b.errors.add(fmt.Sprintf("ask for %s again: %v", is.label, err))
	case answer.ID != is.request.ID || answer.Label != is.label || answer.Day != is.day:
		b.violate(TwoNumbers, fmt.Sprintf("%s 再问时变成了 %s", is.label, answer.Label))
	case b.calledIDs[is.request.ID] && !over:
		b.violate(WrongState, fmt.Sprintf("%s 已经办完，记录里却是 %s", is.label, answer.State))
	}
}

func (b *book) nobodyWaits() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waiting <= 0
}

func (b *book) counts() (taken, called, requests int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.issues), len(b.calls), b.requests
}

func (b *book) errorCount() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.errors.count
}

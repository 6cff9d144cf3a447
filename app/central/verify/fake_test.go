package verify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// fakeHall is a central service in memory that is right, unless a fault is
// planted in it. It shows that verify finds each of them.
type fakeHall struct {
	hall *hall.Hall
	// fault is what goes wrong, about once in every fiftieth time.
	fault string

	mu      sync.Mutex
	dice    int
	tickets []*centralapi.Ticket // in order of issue; a fault may change an order
	byID    map[string]*centralapi.Ticket
	next    map[string]int
	presses map[string]pressed // the last one of each window
}

// pressed is a press that called somebody, or nobody.
type pressed struct {
	n      int64
	called *centralapi.Ticket
}

const fakeDay = "2026-11-22"

func startFake(t *testing.T, fault string) (f *fakeHall, url string) {
	t.Helper()
	h, err := ScratchHall(8, 3, "246810", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	f = &fakeHall{hall: h, fault: fault, byID: map[string]*centralapi.Ticket{}, next: map[string]int{}, presses: map[string]pressed{}}
	mux := http.NewServeMux()
	const in = "/v1/halls/" + ScratchPrefix + "-verify"
	mux.HandleFunc("GET "+in+"/terminal", func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, centralapi.Terminal{ID: "t1", Hall: h.ID, Slot: 1})
	})
	mux.HandleFunc("GET "+in+"/catalogue", func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, centralapi.Catalogue{Revision: h.Revision(), Hall: *h.Public()})
	})
	mux.HandleFunc("POST "+in+"/tickets", f.issue)
	mux.HandleFunc("GET "+in+"/days/"+fakeDay+"/numbers", f.numbers)
	mux.HandleFunc("POST "+in+"/window-sessions", func(w http.ResponseWriter, r *http.Request) {
		answer(w, 201, centralapi.WindowSession{Token: "t", Expires: time.Now().Add(time.Hour)})
	})
	mux.HandleFunc("DELETE "+in+"/window-sessions/current", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) })
	mux.HandleFunc("POST "+in+"/windows/{window}/call-next", f.call)
	mux.HandleFunc("POST "+in+"/windows/{window}/tickets/{ticket}/{action}", f.act)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return f, s.URL
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, code centralapi.Code, detail string) {
	e := centralapi.Refuse(code, detail)
	w.Header().Set("Content-Type", centralapi.ProblemType)
	w.WriteHeader(code.Status())
	json.NewEncoder(w).Encode(e.Problem)
}

// goesWrong reports whether a planted fault strikes now.
func (f *fakeHall) goesWrong(fault string) bool {
	if f.fault != fault {
		return false
	}
	f.dice++
	return f.dice%50 == 0
}

func (f *fakeHall) issue(w http.ResponseWriter, r *http.Request) {
	var q centralapi.TicketRequest
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		refuse(w, centralapi.CodeMalformed, "")
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if t, ok := f.byID[q.ID]; ok && !f.goesWrong("answers a repeated request with a new number") {
		answer(w, 200, *t)
		return
	}
	if f.goesWrong("fails") {
		refuse(w, centralapi.CodeInternal, "")
		return
	}
	b, _ := f.hall.Business(q.Business)
	if f.goesWrong("skips a number") {
		f.next[b.Prefix]++
	}
	if !(f.next[b.Prefix] > 0 && f.goesWrong("gives a number twice")) {
		f.next[b.Prefix]++
	}
	t := &centralapi.Ticket{ID: q.ID, Hall: f.hall.ID, Day: fakeDay, Label: centralapi.Label(b.Prefix, "", f.next[b.Prefix]),
		Business: q.Business, State: centralapi.Issued, IssuedAt: time.Now()}
	if n := f.next[b.Prefix]; n > 20 && f.goesWrong("gives a number back to the end of the roll") {
		// Twenty numbers ago somebody got this one; the others moved up.
		for _, earlier := range f.tickets {
			if earlier.Label == centralapi.Label(b.Prefix, "", n-20) && earlier.Business == q.Business {
				earlier.Label, t.Label = t.Label, earlier.Label
			}
		}
	}
	f.byID[q.ID] = t
	if !f.goesWrong("forgets to put somebody into the queue") {
		f.tickets = append(f.tickets, t)
	}
	if f.goesWrong("forgets the id of a number") {
		delete(f.byID, q.ID)
	}
	answer(w, 201, *t)
}

// call calls the first who waits for this window.
func (f *fakeHall) call(w http.ResponseWriter, r *http.Request) {
	window := r.PathValue("window")
	var press centralapi.CallNext
	if err := json.NewDecoder(r.Body).Decode(&press); err != nil {
		refuse(w, centralapi.CodeMalformed, "")
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if last := f.presses[window]; press.Press <= last.n {
		switch {
		case press.Press < last.n:
			refuse(w, centralapi.CodeConflict, "这是先前的一次按键，没有叫号。")
		case last.called == nil:
			w.WriteHeader(204)
		default:
			answer(w, 200, *last.called)
		}
		return
	}
	var first, last *centralapi.Ticket
	for _, t := range f.tickets {
		b, _ := f.hall.Business(t.Business)
		switch {
		case t.Window == window && (t.State == centralapi.Called || t.State == centralapi.Started) &&
			f.fault != "lets a window call while it has somebody":
			refuse(w, centralapi.CodeConflict, "请先完成或过号。")
			return
		case t.State != centralapi.Issued || !slices.Contains(b.Windows, window):
		default:
			if first == nil {
				first = t
			}
			last = t
		}
	}
	f.presses[window] = pressed{n: press.Press}
	if first == nil {
		w.WriteHeader(204)
		return
	}
	next := first
	if f.goesWrong("calls the last instead of the first") {
		next = last
	}
	if f.goesWrong("calls somebody who has just been called") {
		for _, t := range f.tickets {
			if t.State == centralapi.Finished {
				next = t
			}
		}
	}
	next.State, next.Window, next.Calls = centralapi.Called, window, 1
	f.presses[window] = pressed{press.Press, next}
	f.tidy()
	answer(w, 200, *next)
}

// tidy drops those who are served from the head of the queue.
func (f *fakeHall) tidy() {
	over := 0
	for over < len(f.tickets)-100 && f.tickets[over].State == centralapi.Finished {
		over++
	}
	f.tickets = f.tickets[over:]
}

func (f *fakeHall) act(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, ok := f.byID[r.PathValue("ticket")]
	if !ok {
		refuse(w, centralapi.CodeNotFound, "")
		return
	}
	switch r.PathValue("action") {
	case "recall":
		t.Calls++
	case "start":
		t.State = centralapi.Started
	case "finish":
		if !f.goesWrong("does not finish") {
			t.State = centralapi.Finished
		}
	case "no-show":
		t.State = centralapi.NoShow
	}
	answer(w, 200, *t)
}

func (f *fakeHall) numbers(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	day := centralapi.DayNumbers{Hall: f.hall.ID, Day: fakeDay}
	for prefix, n := range f.next {
		s := centralapi.SeriesNumbers{Prefix: prefix, First: centralapi.Label(prefix, "", 1), Last: centralapi.Label(prefix, "", n),
			Void: []centralapi.VoidNumber{}, Missing: []string{}}
		if f.fault == "does not account for a number" {
			s.Missing = append(s.Missing, fmt.Sprintf("%s001", prefix))
		}
		day.Series = append(day.Series, s)
	}
	answer(w, 200, day)
}

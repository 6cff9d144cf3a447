package httpapi

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hallkiosk/app/central/internal/live"
	"hallkiosk/app/centralapi"
)

const (
	// longestWait is how long a long poll may wait for a change.
	longestWait = 25 * time.Second
	// changesPause is the least time between two readings for one listener.
	changesPause = 20 * time.Millisecond
)

// changes serves the feed of a hall's changes: as a stream, or to who accepts
// only JSON as a long poll. It holds nothing that does not hang on the hall's
// walls, so it needs no token, like the board.
func (a *api) changes(w http.ResponseWriter, r *http.Request) {
	hall := r.PathValue("hall")
	if _, _, err := a.desk.Catalogue(hall); err != nil {
		a.fail(w, r, err)
		return
	}
	position, given, err := feedPosition(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	leave, ok := a.enter(w, r)
	if !ok {
		return
	}
	defer leave()
	accept := r.Header.Get("Accept")
	if strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/event-stream") {
		a.longPoll(w, r, hall, position, given)
		return
	}
	a.changeStream(w, r, hall, position, given)
}

// feedPosition is where the listener has been: what its browser remembers comes
// before what the page once asked for.
func feedPosition(r *http.Request) (n int64, given bool, err error) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	if text == "" {
		return 0, false, nil
	}
	n, err = strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, false, centralapi.Refuse(centralapi.CodeInvalid, "位置须为非负整数。")
	}
	return n, true, nil
}

// changeStream sends every change after the position as an event of its own.
func (a *api) changeStream(w http.ResponseWriter, r *http.Request, hall string, position int64, given bool) {
	changes, cancel := a.desk.Subscribe(hall)
	defer cancel()
	next := func(known int64) ([]byte, error) {
		if !given {
			// Nobody has told this listener anything yet.
			position, given = known, true
			return resetEvent(position), nil
		}
		items, cursor, reset, err := a.desk.Changes(r.Context(), hall, position, known)
		if err != nil {
			return nil, err
		}
		position = cursor
		if reset {
			return resetEvent(cursor), nil
		}
		return changeEvents(items), nil
	}
	first, err := next(<-changes)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	first = append(fmt.Appendf(nil, "retry: %d\n\n", streamRetry), first...)
	a.follow(r.Context(), beginStream(w), changes, changesPause, first, next)
}

func resetEvent(cursor int64) []byte {
	return fmt.Appendf(nil, "event: reset\nid: %d\ndata: {\"cursor\":%d}\n\n", cursor, cursor)
}

func changeEvents(items []live.Item) []byte {
	size := 0
	for _, it := range items {
		size += len(it.JSON) + 48
	}
	text := make([]byte, 0, size)
	for _, it := range items {
		text = append(text, "event: change\nid: "...)
		text = strconv.AppendInt(text, it.N, 10)
		text = append(text, "\ndata: "...)
		text = append(text, it.JSON...)
		text = append(text, "\n\n"...)
	}
	return text
}

// longPoll answers with the changes after the position, and waits for the first
// one when there is none.
func (a *api) longPoll(w http.ResponseWriter, r *http.Request, hall string, position int64, given bool) {
	seconds := 0
	if text := r.URL.Query().Get("wait"); text != "" {
		var err error
		if seconds, err = strconv.Atoi(text); err != nil || seconds < 0 || seconds > int(longestWait/time.Second) {
			a.fail(w, r, centralapi.Refuse(centralapi.CodeInvalid, "等待时间须为 0 到 25 秒。"))
			return
		}
	}
	wait := time.Duration(seconds) * time.Second
	// The server's own limits are made for requests that do not wait. A connection
	// that knows no deadlines has none to move.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{})
	_ = control.SetWriteDeadline(time.Now().Add(wait + streamWrite))

	changes, cancel := a.desk.Subscribe(hall)
	defer cancel()
	known := <-changes
	if !given {
		a.answer(w, r, http.StatusOK, rawChanges{Cursor: known, Reset: true}, nil)
		return
	}
	over := time.NewTimer(wait)
	defer over.Stop()
	for waiting := true; ; {
		items, cursor, reset, err := a.desk.Changes(r.Context(), hall, position, known)
		if err != nil || len(items) > 0 || reset || !waiting {
			a.answer(w, r, http.StatusOK, rawChanges{Cursor: cursor, Changes: items, Reset: reset}, err)
			return
		}
		select {
		case n, ok := <-changes:
			if !ok {
				waiting = false // the service is stopping
			}
			known = max(known, n)
		case <-over.C:
			waiting = false
		case <-r.Context().Done():
			return
		}
	}
}

// rawChanges is a [centralapi.Changes] whose changes are encoded already.
type rawChanges struct {
	Cursor  int64
	Changes []live.Item
	Reset   bool
}

// MarshalJSON returns the JSON of the centralapi.Changes.
func (c rawChanges) MarshalJSON() ([]byte, error) {
	out := fmt.Appendf(nil, `{"cursor":%d,"changes":[`, c.Cursor)
	for i, it := range c.Changes {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, it.JSON...)
	}
	out = append(out, ']')
	if c.Reset {
		out = append(out, `,"reset":true`...)
	}
	return append(out, '}'), nil
}

package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"hallkiosk/app/centralapi"
)

const (
	// defaultStreams bounds what open streams cost: under 40 KiB each.
	defaultStreams = 2000
	// streamWrite is how long one write to a listener may take before its
	// connection is given up. A listener that comes back is told what it missed.
	streamWrite = 10 * time.Second
	// boardPause is the least time between two boards to one listener: nobody can
	// read faster, and a burst of calls becomes one reading of the database.
	boardPause = 100 * time.Millisecond
	// boardLife is how long listeners that come may be shown the same board.
	boardLife = time.Second
	// streamRetry is how soon a browser comes back after a cut, in milliseconds.
	streamRetry = 1000
)

// stillHere is the comment of a quiet stream.
var stillHere = []byte(": still here\n\n")

// events writes server-sent events (HTML Standard, 9.2) to one listener.
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// send writes and flushes what is one or more whole events.
func (e events) send(text []byte) error {
	if err := e.control.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil {
		return fmt.Errorf("httpapi: stream: %w", err)
	}
	if _, err := e.w.Write(text); err != nil {
		return fmt.Errorf("httpapi: stream: %w", err)
	}
	return e.control.Flush()
}

// enter takes one of the tokens for open connections that last. It answers the
// request itself when there is none left.
func (a *api) enter(w http.ResponseWriter, r *http.Request) (leave func(), ok bool) {
	select {
	case a.streams <- struct{}{}:
		return func() { <-a.streams }, true
	default:
		a.fail(w, r, centralapi.Refuse(centralapi.CodeUnavailable, "连接数已满，请稍后再试。"))
		return nil, false
	}
}

// beginStream sends the headers of a stream.
func beginStream(w http.ResponseWriter) events {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies must not collect events
	return events{w, http.NewResponseController(w)}
}

// follow sends first and then, after every notice, what next makes of the hall's
// cursor, with at least pause in between, until the listener or the service goes
// or next fails: the listener comes back and is told by an ordinary answer. An
// empty text is not sent.
func (a *api) follow(ctx context.Context, out events, changes <-chan int64, pause time.Duration, first []byte, next func(cursor int64) ([]byte, error)) {
	if out.send(first) != nil {
		return
	}
	beat := time.NewTicker(a.heartbeat)
	defer beat.Stop()
	rest := time.NewTimer(pause)
	defer rest.Stop()
	for {
		text := stillHere
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		case cursor, ok := <-changes:
			if !ok {
				return // the service is stopping
			}
			select { // the rest of the pause, during which further changes collapse
			case <-rest.C:
			case <-ctx.Done():
				return
			}
			rest.Reset(pause)
			var err error
			if text, err = next(cursor); err != nil {
				return
			}
		}
		if len(text) > 0 && out.send(text) != nil {
			return
		}
	}
}

// boardStream sends the whole board at once and again after every change.
// Because each event is the whole state, a listener that comes back needs no
// position: the first event brings it up to date.
func (a *api) boardStream(w http.ResponseWriter, r *http.Request) {
	leave, ok := a.enter(w, r)
	if !ok {
		return
	}
	defer leave()
	hall := r.PathValue("hall")
	// Subscribed before the first reading, so that nothing falls in between.
	changes, cancel := a.desk.Subscribe(hall)
	defer cancel()
	board := func(cursor int64) ([]byte, error) { return a.boards.event(r.Context(), a.desk, hall, cursor) }
	first, err := board(<-changes)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	first = append(fmt.Appendf(nil, "retry: %d\n\n", streamRetry), first...)
	a.follow(r.Context(), beginStream(w), changes, boardPause, first, board)
}

// boards keeps the last board of each hall as an event, so that a call that
// thousands of screens show is read and encoded once. The zero value is ready.
type boards struct {
	mu     sync.Mutex
	byHall map[string]*shownBoard
}

type shownBoard struct {
	mu     sync.Mutex // held while the board is read: the others wait for it
	cursor int64      // the board is at least as new
	at     time.Time
	event  []byte
}

// event returns the hall's board, at least as new as the cursor.
func (b *boards) event(ctx context.Context, desk Watchers, hall string, cursor int64) ([]byte, error) {
	b.mu.Lock()
	shown := b.byHall[hall]
	if shown == nil {
		shown = &shownBoard{}
		if b.byHall == nil {
			b.byHall = map[string]*shownBoard{}
		}
		if _, _, err := desk.Catalogue(hall); err != nil {
			b.mu.Unlock()
			return nil, err // nothing is kept for halls that do not exist
		}
		b.byHall[hall] = shown
	}
	b.mu.Unlock()

	shown.mu.Lock()
	defer shown.mu.Unlock()
	if now := time.Now(); shown.event == nil || shown.cursor < cursor || now.Sub(shown.at) > boardLife {
		board, err := desk.Board(ctx, hall)
		if err != nil {
			return nil, err
		}
		shown.event, shown.cursor, shown.at = boardEvent(board, cursor), cursor, now
	}
	return shown.event, nil
}

// boardEvent is one event; JSON has no line breaks.
func boardEvent(b centralapi.Board, cursor int64) []byte {
	data, err := json.Marshal(b)
	if err != nil {
		panic(err) // strings, numbers and times of this century
	}
	event := append(make([]byte, 0, len(data)+64), "event: board\nid: "...)
	event = strconv.AppendInt(event, cursor, 10)
	event = append(event, "\ndata: "...)
	event = append(event, data...)
	return append(event, "\n\n"...)
}

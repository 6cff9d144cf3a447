package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"hallkiosk/app/centralapi"
)

const (
	// maxStreams bounds what open streams cost: about 26 KiB each.
	maxStreams = 2000
	// streamWrite is how long one write to a listener may take before its
	// connection is given up.
	streamWrite = 10 * time.Second
	// streamPause is the least time between two boards to one listener: nobody
	// can read faster, and a burst of calls becomes one reading of the database.
	streamPause = 100 * time.Millisecond
	// streamRetry is how soon a browser comes back after a cut, in milliseconds.
	streamRetry = 1000
)

// boardStream sends the whole board at once and again after every change, as
// server-sent events. Because each event is the whole state, a listener that
// comes back needs no position: the first event brings it up to date.
func (a *api) boardStream(w http.ResponseWriter, r *http.Request) {
	select {
	case a.streams <- struct{}{}:
		defer func() { <-a.streams }()
	default:
		a.fail(w, r, centralapi.Refuse(centralapi.CodeUnavailable, "连接数已满，请稍后再试。"))
		return
	}
	hall := r.PathValue("hall")
	// Subscribed before the first reading, so that nothing falls in between.
	changes, cancel := a.desk.Subscribe(hall)
	defer cancel()
	board, err := a.desk.Board(r.Context(), hall)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	out := http.NewResponseController(w)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	send := func(text string) bool {
		if out.SetWriteDeadline(time.Now().Add(streamWrite)) != nil {
			return false
		}
		if _, err := w.Write([]byte(text)); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	if !send(fmt.Sprintf("retry: %d\n\n%s", streamRetry, boardEvent(board))) {
		return
	}
	beat := time.NewTicker(a.heartbeat)
	defer beat.Stop()
	pause := time.NewTimer(streamPause)
	defer pause.Stop()
	for {
		text := ": still here\n\n"
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
		case _, ok := <-changes:
			if !ok {
				return // the service is stopping
			}
			select { // the rest of the pause, during which further changes collapse
			case <-pause.C:
			case <-r.Context().Done():
				return
			}
			pause.Reset(streamPause)
			if board, err = a.desk.Board(r.Context(), hall); err != nil {
				return // the listener comes back and is told by an ordinary answer
			}
			text = boardEvent(board)
		}
		if !send(text) {
			return
		}
	}
}

// boardEvent is one event; JSON has no line breaks.
func boardEvent(b centralapi.Board) string {
	data, err := json.Marshal(b)
	if err != nil {
		panic(err) // strings, numbers and times of this century
	}
	return "event: board\ndata: " + string(data) + "\n\n"
}

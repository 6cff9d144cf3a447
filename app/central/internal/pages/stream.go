package pages

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	// beat is the longest a stream is silent. The scripts call the connection
	// lost after forty seconds, so one lost beat is forgiven.
	beat = 15 * time.Second
	// patience is how long one write may take before the reader counts as gone.
	patience = 10 * time.Second
	// The least time between two snapshots: a burst of changes becomes one
	// redraw. A call shows on boards and consoles well within a second; phones
	// are many and each reads a page of its own, so they get a little less.
	staffCalm = 150 * time.Millisecond
	phoneCalm = 500 * time.Millisecond
	// The most streams open at a time. Boards and consoles of the largest halls
	// known, several times over; phones of some two thousand people waiting.
	// Those left out are told to come back and ask for the page meanwhile.
	staffStreams = 1024
	phoneStreams = 2048
)

// gate bounds the streams of one kind.
type gate struct {
	open atomic.Int64
	max  int64
	calm time.Duration
}

// errEnded tells stream that there is no more for its reader: the session is
// over, or the ticket.
var errEnded = errors.New("pages: nothing more to come")

// stream sends snapshots of one page part until the reader goes, the service
// ends, or snapshot returns errEnded, which the reader is told as the event
// "ended", after a last part if there is one. Events: hello (version of the
// pages' files), part (a whole fragment), beat (the hall's clock; sent in any
// case, so that silence means a lost line). The id of parts and beats is the hall's
// cursor: what the last part shows is at least that new, and of a console exactly, see
// cursorHeader. Scripts need no position to come back with, as each part is whole.
func (s *site) stream(w http.ResponseWriter, r *http.Request, g *gate, hallID string, snapshot func(context.Context) ([]byte, clock, error)) {
	defer g.open.Add(-1)
	if g.open.Add(1) > g.max {
		w.Header().Set("Retry-After", "30")
		http.Error(w, "连接太多，请稍后再试。", http.StatusServiceUnavailable)
		return
	}

	changes, cancel := s.desk.Subscribe(hallID) // before the first snapshot: nothing is missed
	defer cancel()
	cursor, ok := <-changes
	if !ok {
		return
	}
	out := &events{w: w, control: http.NewResponseController(w)}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // proxies must not collect events
	if err := out.send("hello", "", []byte(s.web.version)); err != nil {
		return
	}
	// A server's ReadTimeout would end the request in the middle of the stream.
	_ = out.control.SetReadDeadline(time.Time{})

	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	var last []byte
	for {
		part, now, err := s.snapshot(r.Context(), snapshot)
		over := errors.Is(err, errEnded)
		if err != nil && !over {
			// The page keeps what it shows; the script reconnects and says so.
			s.log.Error("pages: snapshot", "hall", hallID, "err", err)
			return
		}
		id := strconv.FormatInt(cmp.Or(now.Cursor, cursor), 10)
		if !bytes.Equal(part, last) {
			if out.send("part", id, part) != nil {
				return
			}
			last = part
		}
		if !over || part != nil {
			if out.send("beat", id, []byte(now.String())) != nil {
				return
			}
		}
		if over {
			_ = out.send("ended", "", nil)
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(g.calm):
		}
		select {
		case <-r.Context().Done():
			return
		case n, ok := <-changes:
			if !ok {
				return
			}
			cursor = n
		case <-ticker.C:
		}
	}
}

func (s *site) snapshot(ctx context.Context, take func(context.Context) ([]byte, clock, error)) ([]byte, clock, error) {
	ctx, cancel := context.WithTimeout(ctx, soon)
	defer cancel()
	return take(ctx)
}

// events writes server-sent events (HTML Standard, 9.2).
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (e *events) send(name, id string, data []byte) error {
	// Writers that know no deadlines, as in tests, are written to all the same.
	if err := e.control.SetWriteDeadline(time.Now().Add(patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("pages: stream: %w", err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "event: %s\n", name)
	if id != "" {
		fmt.Fprintf(&b, "id: %s\n", id)
	}
	for line := range bytes.Lines(data) {
		b.WriteString("data: ")
		b.Write(bytes.TrimRight(line, "\r\n"))
		b.WriteByte('\n')
	}
	if len(data) == 0 {
		b.WriteString("data:\n") // an event without data is not delivered
	}
	b.WriteByte('\n')
	if _, err := e.w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("pages: stream: %w", err)
	}
	return e.control.Flush()
}

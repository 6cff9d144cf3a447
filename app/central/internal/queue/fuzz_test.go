package queue

import (
	"encoding/json"
	"testing"

	"hallkiosk/app/central/internal/live"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// FuzzEvent delivers events of any kind with any body. Each must be kept and
// acknowledged, whatever it says, and the hall's books must stay in order.
func FuzzEvent(f *testing.F) {
	const id = "01900000-0000-7000-8000-000000000001"
	for _, s := range []struct{ kind, body string }{
		{"ticket-taken", `{"ticket":{"id":"` + id + `","business":"a"},"label":"A1-01","series":"1","number":1,"day":"2026-11-23"}`},
		{"ticket-taken", `{"ticket":{"id":"` + id + `","business":"a"},"label":"A1-9223372036854775807","series":"1","number":9223372036854775807,"day":"x"}`},
		{"ticket-abandoned", `{"id":"` + id + `","reason":"crash"}`},
		{"ticket-printed", `{"ticket_id":"` + id + `","outcome":"unknown","copy":true}`},
		{"device-changed", `{"device":"printer","state":"fault","fault":"paper-out"}`},
		{"help-called", `{"page":"home"}`},
		{"search-missed", `{"day":"2026-11-23","searches":[{"text":"生孩子","count":2},{"text":"jzz","count":1000000}]}`},
		{"search-missed", `{"day":"9999-99-99","searches":[{"text":"开店","count":-1},{"text":"13800138000"}]}`},
		{"moon-phase", `[1,2,3]`},
		{"ticket-taken", `null`},
		{"ticket-taken", `{"ticket":{"holder":{"number":"110***"}}}`},
	} {
		f.Add(s.kind, []byte(s.body), int64(5), int64(10))
	}
	data, err := store.Open(f.TempDir(), store.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { data.Close() })
	c := &clock{t: morning}
	d, err := New(Config{Store: data, Hub: &live.Hub{}, Halls: []*hall.Hall{testHall(3)}, Now: c.now})
	if err != nil {
		f.Fatal(err)
	}
	_, from, err := d.EnrolTerminal(f.Context(), hallID, "一号机")
	if err != nil {
		f.Fatal(err)
	}
	seq := int64(0)
	f.Fuzz(func(t *testing.T, kind string, body []byte, monotonic, now int64) {
		if len(kind) > 64 || now < 0 || !json.Valid(body) && len(body) > 0 {
			t.Skip() // refused before an event is looked at; see TestBatchRefused
		}
		seq++
		e := centralapi.Event{ID: newID(), Seq: seq, Kind: centralapi.EventKind(kind), Monotonic: monotonic, BootID: "b", Wall: morning, Body: body}
		r, err := d.Deliver(t.Context(), hallID, from, centralapi.EventBatch{Terminal: from.ID, MonotonicNow: now, BootID: "b", Events: []centralapi.Event{e}})
		if err != nil || r.AckedThrough != seq {
			t.Fatalf("acked through %d of %d, %v", r.AckedThrough, seq, err)
		}
		if data.Err() != nil {
			t.Fatal(data.Err())
		}
		if seq%50 == 0 {
			check := fixture{Desk: d, t: t, hall: testHall(3)}
			check.consistent("2026-11-23")
			if _, err := d.Console(t.Context(), hallID, "w1"); err != nil {
				t.Error(err)
			}
		}
	})
}

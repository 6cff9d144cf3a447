package uplink

import (
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/handoff"
)

// The key that seals is read when the status names another one: once for each, and
// again when the centre takes no complaints any more.
func TestSealKey(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		has := func(when, want string) {
			t.Helper()
			terminal, _ := l.Terminal()
			if got := sealKeyID(terminal); got != want {
				t.Errorf("%s: key %q, want %q", when, got, want)
			}
		}
		key := func(id string) *centralapi.SealKey { return &centralapi.SealKey{ID: id, Public: make([]byte, 32)} }
		l.run()
		time.Sleep(time.Minute)
		has("a centre that takes none", "")
		asked := l.hub.count("terminal")
		l.hub.set(func() { l.hub.terminal.SealKey, l.hub.status.SealKey = key("one"), "one" })
		time.Sleep(time.Minute)
		has("first", "one")
		l.hub.set(func() { l.hub.terminal.SealKey, l.hub.status.SealKey = key("two"), "two" })
		time.Sleep(time.Minute)
		has("second", "two")
		l.hub.set(func() { l.hub.status.SealKey = "three" }) // a centre that does not keep its word
		time.Sleep(time.Hour)
		has("a word that is not kept", "two")
		l.hub.set(func() { l.hub.terminal.SealKey, l.hub.status.SealKey = nil, "" })
		time.Sleep(time.Minute)
		has("none any more", "")
		if n := l.hub.count("terminal") - asked; n != 4 {
			t.Errorf("the record was read %d times, want once for each key", n)
		}
		// Both kinds of keys at once.
		one := handoff.NewKey(1, time.Now())
		l.hub.set(func() {
			l.hub.terminal.SealKey, l.hub.status.SealKey = key("four"), "four"
			l.hub.terminal.HandoffKeys, l.hub.status.HandoffKey = []handoff.Key{one}, &one.ID
		})
		time.Sleep(time.Minute)
		has("with a hand-off key", "four")
		if n := l.hub.count("terminal") - asked; n != 5 {
			t.Errorf("the record was read %d times, want one more", n)
		}
		l.hub.down()
		l.restart()
		settle()
		has("after a restart without the centre", "four")
	})
}

func TestFileComplaint(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.run()
		time.Sleep(time.Minute)
		l.hub.down()
		time.Sleep(time.Minute)
		before, err := l.Outbox.Counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := l.FileComplaint(t.Context(), centralapi.Complaint{ID: "0193", Code: "K7Q2M8XW3D", Kind: "rude", Words: "s1.k.x"}); err != nil {
			t.Fatal(err)
		}
		counts, err := l.Outbox.Counts(t.Context())
		if err != nil || counts.Waiting != before.Waiting+1 {
			t.Errorf("%d events wait, %v; want one more than %d", counts.Waiting, err, before.Waiting)
		}
	})
}

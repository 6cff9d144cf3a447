package drive_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
	"hallkiosk/app/kiosk/internal/uplink"
)

// listening is a client that remembers what it delivered.
type listening struct {
	*centralapi.Client
	mu    sync.Mutex
	kinds []centralapi.EventKind
}

func (l *listening) DeliverEvents(ctx context.Context, b centralapi.EventBatch) (centralapi.EventReceipt, error) {
	r, err := l.Client.DeliverEvents(ctx, b)
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, e := range b.Events {
			l.kinds = append(l.kinds, e.Kind)
		}
	}
	return r, err
}

// The real centre takes tickets ahead of what happened before them, and
// acknowledges everything in the end: what uplink's own tests assume of it.
func TestLanesAtTheRealCentre(t *testing.T) {
	const n = 600
	c := newCentre(t)
	store, err := localstore.Open(t.Context(), t.TempDir(), localstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	box := outbox.New(store)
	err = store.Write(t.Context(), "test", func(tx *localstore.Tx) error {
		for i := range n {
			kind, body := centralapi.DeviceChanged, any(centralapi.DeviceState{Device: "printer", State: "ready"})
			if i%4 == 3 { // of a ticket the centre has never heard of: kept, not understood
				kind, body = centralapi.TicketPrinted, centralapi.PrintResult{TicketID: "01a200ab-4095-7cd2-85fc-a6ab83e1fe82", Outcome: "confirmed"}
			}
			if _, err := box.Add(tx, kind, body); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	client, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: c.url, Hall: "test", Token: c.token})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	l := &listening{Client: client}
	u, err := uplink.New(t.Context(), uplink.Config{Store: store, Outbox: box, Centre: l, Hall: "test", Every: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	ended := make(chan error, 1)
	go func() { ended <- u.Run(ctx) }()
	for acked := int64(0); acked < n && ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		if acked, err = box.Acked(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if acked, err := box.Acked(t.Context()); err != nil || acked != n {
		t.Fatalf("acknowledged through %d, %v; state %+v", acked, err, u.State())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.kinds) != n {
		t.Errorf("%d events were delivered for %d", len(l.kinds), n)
	}
	// The second delivery holds the last 50 tickets and, in order, older others.
	if slices.Contains(l.kinds[min(200, len(l.kinds)):], centralapi.TicketPrinted) {
		t.Error("a ticket's event came after the second delivery")
	}
}

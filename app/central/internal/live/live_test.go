package live

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestRepeatsCollapseAndTheLatestIsNeverLost(t *testing.T) {
	var h Hub
	h.Publish("a", 5)
	c, cancel := h.Subscribe("a")
	defer cancel()
	if n := <-c; n != 5 {
		t.Errorf("first notice %d, want the present cursor 5", n)
	}
	other, cancelOther := h.Subscribe("b")
	defer cancelOther()
	<-other
	for n := range int64(100) {
		h.Publish("a", 6+n)
	}
	if len(c) != 1 || <-c != 105 {
		t.Fatal("the notice that waits is not the last one")
	}
	if len(other) != 0 {
		t.Error("a listener of another hall was told")
	}
	h.Publish("a", 106)
	if len(c) != 1 {
		t.Error("a change after the notice was taken is lost")
	}
	<-c
	h.Publish("a", 106) // another replica's word for the same
	h.Publish("a", 90)
	if len(c) != 0 || h.Cursor("a") != 106 {
		t.Errorf("a notice of the past was passed on; cursor %d", h.Cursor("a"))
	}
}

// Whoever reads the state after a notice sees everything published before it.
func TestSlowListenersEndUpWithTheLatest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h Hub
		var state atomic.Int64
		var wg sync.WaitGroup
		const last = 1000
		for range 20 {
			c, cancel := h.Subscribe("a")
			wg.Go(func() {
				defer cancel()
				seen := int64(0)
				for n := range c {
					seen = state.Load()
					if seen < n {
						t.Errorf("notice %d with the state at %d", n, seen)
					}
					if seen == last {
						return
					}
				}
				t.Errorf("a listener ended at %d", seen)
			})
		}
		for range last {
			h.Publish("a", state.Add(1))
		}
		synctest.Wait()
		wg.Wait() // a lost notice would be a deadlock, which synctest reports
		if n := h.Listeners("a"); n != 0 {
			t.Errorf("%d subscriptions left", n)
		}
	})
}

func TestCancelAndClose(t *testing.T) {
	var h Hub
	c, cancel := h.Subscribe("a")
	cancel()
	cancel()
	<-c // the first notice
	if _, open := <-c; open {
		t.Error("channel open after cancel")
	}
	h.Publish("a", 1)
	c, cancel = h.Subscribe("a")
	h.Close()
	h.Close()
	cancel()
	<-c
	if _, open := <-c; open {
		t.Error("channel open after close")
	}
	h.Publish("a", 2)
	c, cancel = h.Subscribe("a")
	defer cancel()
	if _, open := <-c; open {
		t.Error("a subscription to a closed hub is open")
	}
}

func BenchmarkPublish(b *testing.B) {
	var h Hub
	for range 1000 {
		_, cancel := h.Subscribe("a")
		defer cancel()
	}
	n := int64(0)
	for b.Loop() {
		n++
		h.Publish("a", n)
	}
}

package live

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestRepeatsCollapseAndTheLatestIsNeverLost(t *testing.T) {
	var h Hub
	c, cancel := h.Subscribe("a")
	defer cancel()
	other, cancelOther := h.Subscribe("b")
	defer cancelOther()
	for range 100 {
		h.Publish("a")
	}
	if len(c) != 1 {
		t.Fatalf("%d notices wait, want one for all", len(c))
	}
	if len(other) != 0 {
		t.Error("a listener of another hall was told")
	}
	<-c
	h.Publish("a")
	if len(c) != 1 {
		t.Error("a change after the notice was taken is lost")
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
				for range c {
					if seen = state.Load(); seen == last {
						return
					}
				}
				t.Errorf("a listener ended at %d", seen)
			})
		}
		for range last {
			state.Add(1)
			h.Publish("a")
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
	if _, open := <-c; open {
		t.Error("channel open after cancel")
	}
	h.Publish("a")
	c, cancel = h.Subscribe("a")
	h.Close()
	h.Close()
	cancel()
	if _, open := <-c; open {
		t.Error("channel open after close")
	}
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
	for b.Loop() {
		h.Publish("a")
	}
}

package simulator_test

import (
	"errors"
	"testing"
	"time"

	"hallkiosk/devices/bankreader"
	"hallkiosk/devices/samv"
	"hallkiosk/devices/simulator"
)

// The second dialect, with its driver, over the line: once per placement, only
// the number or name and number, and every fault the simulator has for it.
func TestBankReader(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, simulator.Config{Dir: dir, Unpaced: true})
	do(t, h, "reader bank")
	port := open(t, dir, simulator.ReaderLink)
	r := bankreader.New(port, bankreader.Opts{})
	if err := r.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	see := func(kind samv.EventKind, why samv.Reason) samv.Event {
		t.Helper()
		e, err := r.Poll(t.Context())
		if err != nil || e.Kind != kind || e.Reason != why {
			t.Fatalf("%s %s, %v, want %s %s", e.Kind, e.Reason, err, kind, why)
		}
		return e
	}
	see(samv.Nothing, "")
	do(t, h, "card zhang")
	if c := see(samv.CardRead, "").Card; c.Number != "440524188001010014" || !c.NumberOK || c.Name != "" || c.Address != "" {
		t.Errorf("%s, or more than the number", c)
	}
	see(samv.Nothing, "")
	do(t, h, "card li")
	see(samv.CardRead, "")
	do(t, h, "lift")
	see(samv.Gone, "")
	see(samv.Nothing, "")
	do(t, h, "card bank")
	see(samv.Unreadable, samv.NotIDCard)
	see(samv.Nothing, "")
	do(t, h, "lift")
	see(samv.Gone, "")
	do(t, h, "reader fail 41 2", "card permit")
	see(samv.Unreadable, samv.LayAgain)
	see(samv.Nothing, "")
	if c := see(samv.CardRead, "").Card; c.Kind != samv.Permit {
		t.Errorf("%s", c)
	}

	named := bankreader.New(port, bankreader.Opts{Name: true})
	if e, err := named.Poll(t.Context()); err != nil || e.Kind != samv.CardRead || e.Card.Name != "陈示例" {
		t.Errorf("%v, %v", e, err)
	}
	do(t, h, "reader die")
	if _, err := r.Poll(t.Context()); !errors.Is(err, samv.ErrSilent) {
		t.Errorf("a dying reader: %v", err)
	}
	do(t, h, "reader revive")
	see(samv.Nothing, "") // the same card, which it has given

	// A terminal that is set for the other dialect is told at once that nobody
	// answers it.
	begin := time.Now()
	if err := samv.New(port, samv.Opts{}).Ping(t.Context()); !errors.Is(err, samv.ErrSilent) || time.Since(begin) > 2*time.Second {
		t.Errorf("the wrong dialect: %v after %v", err, time.Since(begin))
	}
	do(t, h, "reader unplug")
	if _, err := r.Poll(t.Context()); !errors.Is(err, samv.ErrPortLost) {
		t.Error(err)
	}
}

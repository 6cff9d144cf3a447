package simulator_test

import (
	"context"
	"errors"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"hallkiosk/devices/idnumber"
	"hallkiosk/devices/samv"
	"hallkiosk/devices/serialport"
	"hallkiosk/devices/simulator"
)

func newReader(t *testing.T, c simulator.Config, opts samv.Opts) (*simulator.Hall, *samv.Reader) {
	t.Helper()
	c.Dir = t.TempDir()
	h := start(t, c)
	return h, samv.New(open(t, c.Dir, simulator.ReaderLink), opts)
}

func poll(t *testing.T, r *samv.Reader) samv.Event {
	t.Helper()
	e, err := r.Poll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// expect polls once for each kind, in this order.
func expect(t *testing.T, r *samv.Reader, kinds ...samv.EventKind) (last samv.Event) {
	t.Helper()
	for i, kind := range kinds {
		if last = poll(t, r); last.Kind != kind {
			t.Fatalf("poll %d: %s %s, want %s", i+1, last.Kind, last.Reason, kind)
		}
	}
	return last
}

var fast = simulator.Config{Unpaced: true}

// complete adds the check digit.
func complete(first17 string) string { return first17 + string(idnumber.CheckDigit(first17)) }

// Every built-in card, through the frames and the line.
func TestCards(t *testing.T) {
	for key, want := range map[string]samv.Card{
		"zhang": {Kind: samv.Citizen, Name: "张测试", Sex: "男", Nation: "汉", NationCode: "01", Birth: "18800101",
			Address: "广东省测试县样例镇样例路1号", Number: "440524188001010014", NumberOK: true,
			Issuer: "测试市公安局样例分局", ValidFrom: "20200101", ValidTo: "20400101"},
		"li": {Kind: samv.Citizen, Name: "李示例", Sex: "女", Nation: "汉", NationCode: "01", Birth: "19491231",
			Address: "北京市测试区样例路1号", Number: "11010519491231002X", NumberOK: true,
			Issuer: "测试市公安局样例分局", ValidFrom: "20200101", LongTerm: true},
		"private": {Kind: samv.Citizen, Name: "王\uE2A5", Sex: "男", Nation: "回", NationCode: "03", Birth: "18800101",
			Address: "广东省测试县样例路3号", Number: "440524188001010014", NumberOK: true,
			Issuer: "测试市公安局样例分局", ValidFrom: "20200101", ValidTo: "20400101", PrivateUse: true},
		"permit": {Kind: samv.Permit, Name: "陈示例", Sex: "男", Birth: "18800101",
			Address: "广东省测试市样例路5号", Number: complete("81000018800101001"), NumberOK: true,
			Issuer: "测试市公安局", ValidFrom: "20200101", ValidTo: "20250101", PassNumber: "H00000000", IssueCount: "01"},
		"foreigner": {Kind: samv.Foreigner2017, Name: "样例人", EnglishName: "SAMPLE, TEST PERSON", Sex: "女",
			Nationality: "XXX", Birth: "18800101", Number: "XXX110088010105", NumberOK: true,
			Issuer: "1100", ValidFrom: "20200101", ValidTo: "20300101"},
		"resident": {Kind: samv.Foreigner2023, Name: "样例人", EnglishName: "SAMPLE, PERSON WITH A VERY LONG NAME INDEED", Sex: "女",
			Nationality: "XXX", Birth: "18800101", Number: complete("91115618800101001"), NumberOK: true,
			ValidFrom: "20240101", ValidTo: "20340101"},
	} {
		t.Run(key, func(t *testing.T) {
			h, r := newReader(t, fast, samv.Opts{NewestAddress: true})
			do(t, h, "card "+key)
			got := reflect.ValueOf(*expect(t, r, samv.CardRead).Card)
			for i, w := range reflect.ValueOf(want).Fields() {
				if g := got.FieldByName(i.Name); !g.Equal(w) {
					t.Errorf("%s: got %q, want %q", i.Name, g, w)
				}
			}
		})
	}
}

// One placement gives one person once, with both sorts of readers.
func TestOncePerPlacement(t *testing.T) {
	for _, sort := range []string{"sticky", "refindable"} {
		t.Run(sort, func(t *testing.T) {
			h, r := newReader(t, fast, samv.Opts{})
			do(t, h, "reader "+sort)
			expect(t, r, samv.Nothing, samv.Nothing)
			for range 3 {
				do(t, h, "card zhang")
				expect(t, r, samv.CardRead, samv.Nothing, samv.Nothing, samv.Nothing)
				do(t, h, "lift")
				expect(t, r, samv.Gone, samv.Nothing)
			}
			if n := h.Reader.Reads(); n != 3 {
				t.Errorf("%d cards read for 3 placements", n)
			}
		})
	}
}

// Every way in which a card can fail, and that the same card, laid again, is
// read afterwards.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		prepare func(*simulator.Hall)
		want    samv.Reason
		polls   int // until it is reported
	}{
		{"lifted early", func(h *simulator.Hall) { h.Reader.LiftEarly() }, samv.LayAgain, 1},
		{"read failed 41", func(h *simulator.Hall) { h.Reader.Fail(0x3001, 0x41, 1) }, samv.LayAgain, 1},
		{"no content 91", func(h *simulator.Hall) { h.Reader.Fail(0x3001, 0x91, 1) }, samv.LayAgain, 1},
		{"card refuses 31", func(h *simulator.Hall) { h.Reader.Fail(0x3001, 0x31, 1) }, samv.LayAgain, 1},
		{"module refuses 32", func(h *simulator.Hall) { h.Reader.Fail(0x3001, 0x32, 1) }, samv.LayAgain, 1},
		{"check failed 33", func(h *simulator.Hall) { h.Reader.Fail(0x3001, 0x33, 1) }, samv.LayAgain, 1},
		{"other card 40 on reading", func(h *simulator.Hall) { h.Reader.Fail(0x3001, 0x40, 1) }, samv.NotIDCard, 1},
		{"other card 40 on selecting", func(h *simulator.Hall) { h.Reader.Fail(0x2002, 0x40, 1) }, samv.NotIDCard, 1},
		{"select failed 81 three times", func(h *simulator.Hall) { h.Reader.Fail(0x2002, 0x81, 3) }, samv.LayAgain, 3},
		{"random number 47 three times", func(h *simulator.Hall) { h.Reader.Fail(0x2002, 0x47, 3) }, samv.LayAgain, 3},
		{"out of order 24 three times", func(h *simulator.Hall) { h.Reader.Fail(0x2002, 0x24, 3) }, samv.LayAgain, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, r := newReader(t, simulator.Config{Unpaced: true, CardTime: 20 * time.Millisecond}, samv.Opts{})
			do(t, h, "reader refindable", "card zhang")
			c.prepare(h)
			for range c.polls - 1 {
				expect(t, r, samv.Nothing)
			}
			if e := expect(t, r, samv.Unreadable); e.Reason != c.want {
				t.Fatalf("reason %s, want %s", e.Reason, c.want)
			}
			do(t, h, "lift")
			expect(t, r, samv.Gone)
			do(t, h, "card zhang")
			expect(t, r, samv.CardRead)
		})
	}
	t.Run("select fails once", func(t *testing.T) {
		h, r := newReader(t, fast, samv.Opts{})
		do(t, h, "card zhang")
		h.Reader.Fail(0x2002, 0x81, 1)
		expect(t, r, samv.Nothing, samv.CardRead)
	})
	t.Run("noise on the way to the reader", func(t *testing.T) {
		h, r := newReader(t, fast, samv.Opts{})
		do(t, h, "card zhang")
		h.Reader.Fail(0x3001, 0x10, 1)
		h.Reader.Sticky(false)
		expect(t, r, samv.Nothing, samv.CardRead)
	})
	t.Run("reported once, then still read", func(t *testing.T) {
		h, r := newReader(t, fast, samv.Opts{})
		do(t, h, "reader refindable", "reader fail 41 3", "card zhang")
		expect(t, r, samv.Unreadable, samv.Nothing, samv.Nothing, samv.CardRead, samv.Nothing)
	})
	t.Run("refused in three placements is suspect", func(t *testing.T) {
		h, r := newReader(t, fast, samv.Opts{})
		do(t, h, "reader refindable")
		for i, want := range []samv.Reason{samv.LayAgain, samv.LayAgain, samv.Suspect} {
			do(t, h, "reader fail 31 2", "card zhang")
			if e := expect(t, r, samv.Unreadable); e.Reason != want {
				t.Fatalf("placement %d: %s, want %s", i+1, e.Reason, want)
			}
			expect(t, r, samv.Nothing) // the same try does not count again
			do(t, h, "lift")
			expect(t, r, samv.Gone)
		}
		do(t, h, "card zhang")
		expect(t, r, samv.CardRead)
		do(t, h, "reader fail 31 1", "card li")
		expect(t, r, samv.Nothing) // still the same placement to the driver
		do(t, h, "lift")
		expect(t, r, samv.Gone)
		do(t, h, "card li")
		if e := expect(t, r, samv.Unreadable); e.Reason != samv.LayAgain {
			t.Errorf("a good card did not end the suspicion: %s", e.Reason)
		}
	})
	t.Run("bank card", func(t *testing.T) {
		h, r := newReader(t, fast, samv.Opts{})
		do(t, h, "card bank")
		if e := expect(t, r, samv.Unreadable); e.Reason != samv.NotIDCard {
			t.Errorf("reason %s", e.Reason)
		}
		expect(t, r, samv.Nothing)
	})
}

// Faults of the module are errors that name the status, and pass.
func TestModuleFaults(t *testing.T) {
	for _, status := range []samv.Status{samv.StatusSelfTestFailed, samv.StatusNotAuthorised, samv.StatusBadCommand, samv.StatusNotPermitted} {
		t.Run(status.String(), func(t *testing.T) {
			h, r := newReader(t, fast, samv.Opts{})
			h.Reader.Fail(0x11FF, byte(status), 1)
			if err := r.Ping(t.Context()); !errors.Is(err, status) || errors.Is(err, samv.ErrPortLost) {
				t.Errorf("Ping: %v", err)
			}
			h.Reader.Fail(0x2001, byte(status), 1)
			if _, err := r.Poll(t.Context()); !errors.Is(err, status) {
				t.Errorf("Poll: %v", err)
			}
			if err := r.Ping(t.Context()); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// At the real pace, with pieces on the line and a slow card; the screen hears
// of the reading long before the card is there.
func TestPacedAndSlow(t *testing.T) {
	t.Parallel()
	var reading atomic.Int64
	begin := time.Now()
	h, r := newReader(t, simulator.Config{}, samv.Opts{OnReading: func() { reading.Store(int64(time.Since(begin))) }})
	do(t, h, "reader slow", "card li")
	begin = time.Now()
	expect(t, r, samv.CardRead)
	took, heard := time.Since(begin), time.Duration(reading.Load())
	if took < 1900*time.Millisecond {
		t.Errorf("a slow card at 115200 baud took only %v", took)
	}
	if heard == 0 || heard > took/2 {
		t.Errorf("heard of the reading after %v of %v", heard, took)
	}
}

// One command without an answer is no more than that; three in a row lose the
// port for good.
func TestSilent(t *testing.T) {
	t.Parallel()
	h, r := newReader(t, fast, samv.Opts{})
	do(t, h, "reader silent")
	if err := r.Ping(t.Context()); !errors.Is(err, samv.ErrSilent) || errors.Is(err, samv.ErrPortLost) {
		t.Fatal(err)
	}
	do(t, h, "reader answer")
	if err := r.Ping(t.Context()); err != nil {
		t.Fatalf("it came back: %v", err)
	}
	do(t, h, "reader silent")
	for i := range 3 {
		_, err := r.Poll(t.Context())
		if errors.Is(err, samv.ErrPortLost) != (i == 2) || err == nil {
			t.Fatalf("silent command %d: %v", i+1, err)
		}
	}
	do(t, h, "reader answer")
	if err := r.Ping(t.Context()); !errors.Is(err, samv.ErrPortLost) {
		t.Errorf("a lost port came back to life: %v", err)
	}
}

func TestUnpluggedWhileReading(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := start(t, simulator.Config{Dir: dir})
	port := open(t, dir, simulator.ReaderLink)
	reading := make(chan struct{})
	r := samv.New(port, samv.Opts{OnReading: func() { close(reading) }})
	do(t, h, "card zhang")
	go func() {
		<-reading
		h.Exec("reader unplug")
	}()
	_, err := r.Poll(t.Context())
	if !errors.Is(err, samv.ErrPortLost) || !errors.Is(err, serialport.ErrLost) {
		t.Fatal(err)
	}
	port.Close()
	do(t, h, "reader plug")
	r = samv.New(open(t, dir, simulator.ReaderLink), samv.Opts{})
	if err := r.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The card still lies there and nobody has had it yet.
	expect(t, r, samv.CardRead)
}

func TestSAMID(t *testing.T) {
	h, r := newReader(t, fast, samv.Opts{})
	const want = "05.01-20101112-0000012345-0000067890"
	if id, err := r.SAMID(t.Context()); id != want || err != nil { // the first answer is nonsense
		t.Errorf("%s, %v", id, err)
	}
	h.Reader.WrongID(3)
	if id, err := r.SAMID(t.Context()); err == nil {
		t.Errorf("nonsense passes for a number: %s", id)
	}
}

func TestPollEndsWithItsContext(t *testing.T) {
	h, r := newReader(t, simulator.Config{Unpaced: true, CardTime: 10 * time.Second}, samv.Opts{})
	do(t, h, "card zhang")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, err := r.Poll(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, samv.ErrPortLost) {
		t.Error(err)
	}
	if d := time.Since(begin); d > time.Second {
		t.Errorf("it took %v", d)
	}
}

package uplink

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/handoff"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
)

func catalogue(version, n int) *guide.Catalogue {
	c := &guide.Catalogue{}
	for i := range n {
		c.Guides = append(c.Guides, guide.Guide{ID: fmt.Sprintf("g%d", i+1), Name: fmt.Sprintf("事项%d", i+1), Department: "示例部门"})
	}
	c.Guides[0].Summary = fmt.Sprintf("第 %d 版。", version)
	return c
}

// post puts guides to use at the centre.
func (h *hub) post(c *guide.Catalogue) {
	h.set(func() { h.guides, h.status.GuidesRevision = c, c.Revision() })
}

// withGuides notes the guides that are announced.
func withGuides(announced *[]*guide.Catalogue) func(*Config) {
	return func(c *Config) {
		c.GuidesChanged = func(g *guide.Catalogue) { *announced = append(*announced, g) }
	}
}

func (l *link) wantGuides(when string, want *guide.Catalogue) {
	l.t.Helper()
	if got, ok := l.Guides(); !reflect.DeepEqual(got, want) || ok != (want != nil) {
		l.t.Errorf("%s: %d guides, %v", when, len(got.Guides), ok)
	}
}

func TestGuidesAreFetchedAndKept(t *testing.T) {
	var announced []*guide.Catalogue
	bubble(t, withGuides(&announced), func(t *testing.T, l *link) {
		first, second := catalogue(1, 3), catalogue(2, 4)
		l.run()
		settle()
		if n := l.hub.count("guides"); n != 0 {
			t.Errorf("a centre without guides is asked %d times", n)
		}
		l.wantGuides("before the first", nil)
		l.hub.post(first)
		time.Sleep(6 * time.Second)
		settle()
		l.wantGuides("first", first)
		time.Sleep(time.Minute)
		if n := l.hub.count("guides"); n != 1 {
			t.Errorf("the same guides are fetched %d times", n)
		}
		l.hub.post(second)
		time.Sleep(6 * time.Second)
		settle()
		l.wantGuides("second", second)

		// Without the centre they are there at once, and written no more.
		l.hub.down()
		writes := 0
		l.onCommit(func(what string, at localstore.Point) error {
			if what == "guides" && at == localstore.BeforeCommit {
				writes++
			}
			return nil
		})
		l.restart()
		l.wantGuides("after a restart without the centre", second)
		l.hub.up()
		time.Sleep(10 * time.Minute)
		settle()
		if n := l.hub.count("guides"); n != 2 || writes != 0 || len(announced) != 2 || announced[1].Revision() != second.Revision() {
			t.Errorf("%d downloads, %d writes, %d announced", n, writes, len(announced))
		}
		// The centre has lost them: the last good ones stay.
		l.hub.set(func() { l.hub.status.GuidesRevision = "" })
		time.Sleep(time.Minute)
		l.wantGuides("the centre has none", second)
	})
}

// A centre that is newer names its catalogue otherwise than this program would: it is
// fetched once all the same, and not again after a restart.
func TestGuidesOfANewerCentre(t *testing.T) {
	var announced []*guide.Catalogue
	bubble(t, withGuides(&announced), func(t *testing.T, l *link) {
		l.hub.set(func() { l.hub.guides, l.hub.status.GuidesRevision = catalogue(1, 1), strings.Repeat("5", 64) })
		l.run()
		time.Sleep(time.Hour)
		l.restart()
		time.Sleep(time.Hour)
		if n := l.hub.count("guides"); n != 1 || len(announced) != 1 {
			t.Errorf("%d downloads, %d announced", n, len(announced))
		}
	})
}

func TestGuidesDownloadFails(t *testing.T) {
	var announced []*guide.Catalogue
	bubble(t, withGuides(&announced), func(t *testing.T, l *link) {
		first, second := catalogue(1, 3), catalogue(2, 3)
		l.hub.post(first)
		l.run()
		time.Sleep(time.Second)
		l.hub.set(func() {
			l.hub.guidesFail = func(context.Context) error { return fmt.Errorf("%w: cut off", centralapi.ErrUnreachable) }
		})
		l.hub.post(second)
		time.Sleep(10 * time.Minute)
		settle()
		l.wantGuides("downloads fail", first)
		n := l.hub.count("guides")
		if l.Away() || n < 5 || n > 25 {
			t.Errorf("away %v after %d downloads: want a back-off, and a centre that is there", l.Away(), n)
		}
		// One that hangs holds up nothing, and is given up.
		l.hub.set(func() {
			l.hub.guidesFail = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		})
		time.Sleep(2 * time.Minute)
		settle()
		l.add("home")
		settle()
		if c := l.counts(); c.Waiting != 0 {
			t.Errorf("a help call waits behind a download: %+v", c)
		}
		l.hub.set(func() { l.hub.guidesFail = nil })
		time.Sleep(4 * time.Minute)
		settle()
		l.wantGuides("downloads work again", second)
		if len(announced) != 2 {
			t.Errorf("%d announced", len(announced))
		}
		// An end of the program does not wait for a download.
		l.hub.set(func() {
			l.hub.guidesFail = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		})
		l.hub.post(catalogue(3, 1))
		time.Sleep(10 * time.Second)
		l.restart()
		l.wantGuides("ended in the middle of a download", second)
	})
}

// What is kept and cannot be read is fetched again; what is of another hall is not
// shown.
func TestKeptGuidesThatAreNoGood(t *testing.T) {
	var announced []*guide.Catalogue
	bubble(t, withGuides(&announced), func(t *testing.T, l *link) {
		first := catalogue(1, 3)
		l.hub.post(first)
		l.run()
		time.Sleep(time.Second)
		settle()
		good, err := packGuides(first)
		if err != nil {
			t.Fatal(err)
		}
		for name, change := range map[string]func(*localstore.Tx) error{
			"damaged": func(tx *localstore.Tx) error {
				_, err := tx.Exec(`UPDATE guides SET body = ?`, append(good[:len(good)-5:len(good)-5], 1, 2, 3, 4, 5))
				return err
			},
			"cut off": func(tx *localstore.Tx) error {
				_, err := tx.Exec(`UPDATE guides SET body = ?`, good[:len(good)-9])
				return err
			},
			"of another hall": func(tx *localstore.Tx) error { _, err := tx.Exec(`UPDATE guides SET hall = 'other'`); return err },
		} {
			if err := l.Store.Write(t.Context(), "test", change); err != nil {
				t.Fatal(err)
			}
			l.hub.down()
			l.restart()
			l.wantGuides(name+", without the centre", nil)
			l.hub.up()
			time.Sleep(2 * time.Minute)
			settle()
			l.wantGuides(name+", with it", first)
		}
	})
}

// An uplink that nobody listens to for guides fetches none.
func TestNoGuidesWanted(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		l.hub.post(catalogue(1, 1))
		l.run()
		time.Sleep(time.Minute)
		if n := l.hub.count("guides"); n != 0 {
			t.Errorf("%d downloads", n)
		}
	})
}

// misses decodes what the centre was told.
func (h *hub) misses(t *testing.T) (out []centralapi.MissedSearches) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.inbox {
		if e.Kind == centralapi.SearchMissed {
			var b centralapi.MissedSearches
			if err := json.Unmarshal(e.Body, &b); err != nil {
				t.Error(err)
			}
			out = append(out, b)
		}
	}
	return out
}

func TestSearchMissed(t *testing.T) {
	miss := func(t *testing.T, l *link, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if err := l.SearchMissed(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
	}
	bubble(t, func(c *Config) { c.Every = time.Minute }, func(t *testing.T, l *link) {
		l.run()
		settle()
		miss(t, l, "生孩子", " 生孩子 ", "JZZ", "13800138000", "身份证1", strings.Repeat("字", 13), "")
		settle()
		time.Sleep(10 * time.Minute)
		if got := l.hub.misses(t); len(got) != 0 {
			t.Errorf("told at once: %v", got)
		}
		l.restart() // which tells
		settle()
		l.hub.down()
		time.Sleep(2 * time.Hour)
		miss(t, l, "jzz")
		if c := l.counts(); c.Waiting != 0 {
			t.Errorf("%d events wait for a centre that is away", c.Waiting)
		}
		l.hub.up()
		time.Sleep(2 * time.Minute)
		settle()
		if got := fmt.Sprint(l.hub.misses(t)); got != "[{2000-01-01 [{jzz 1} {生孩子 2}]} {2000-01-01 [{jzz 1}]}]" {
			t.Errorf("told %s", got)
		}
		before := len(l.hub.misses(t))
		time.Sleep(3 * time.Hour)
		if n := len(l.hub.misses(t)); n != before {
			t.Errorf("%d more events about nothing", n-before)
		}
		// More than one event holds, over two days, and not without end.
		for i := range centralapi.MaxMissed + 1 {
			miss(t, l, strings.Repeat("长", i/26+1)+string(rune('a'+i%26)))
		}
		time.Sleep(24 * time.Hour)
		miss(t, l, "开店")
		time.Sleep(time.Hour)
		settle()
		total := map[string]int{}
		for _, b := range l.hub.misses(t)[before:] {
			if len(b.Searches) > centralapi.MaxMissed {
				t.Errorf("%d searches in an event", len(b.Searches))
			}
			total[b.Day] += len(b.Searches)
		}
		if fmt.Sprint(total) != "map[2000-01-01:101 2000-01-02:1]" {
			t.Errorf("told by day: %v", total)
		}
	})
}

// Somebody who plays with the keyboard fills no disk.
func TestSearchMissedIsBounded(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		if err := l.Store.Write(t.Context(), "test", func(tx *localstore.Tx) error {
			for i := range mostMisses {
				if _, err := tx.Exec(`INSERT INTO search_miss (day, text, count) VALUES ('1999-12-31', ?, 1)`, fmt.Sprint("x", i)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"新的", "新的"} {
			if err := l.SearchMissed(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		var n int
		if err := l.Store.Read(t.Context(), "test", func(tx *localstore.Tx) error {
			return tx.QueryRow(`SELECT count(*) FROM search_miss`).Scan(&n)
		}); err != nil || n != mostMisses {
			t.Errorf("%d texts, %v", n, err)
		}
		if lane := outbox.LaneOf(centralapi.SearchMissed); lane != outbox.Rest {
			t.Errorf("lane %d", lane)
		}
	})
}

// A new key of the hall is fetched when the status names it, once; it is there after a
// restart without the centre.
func TestHandoffKeys(t *testing.T) {
	bubble(t, nil, func(t *testing.T, l *link) {
		keys := func(when string, want ...uint8) {
			t.Helper()
			terminal, _ := l.Terminal()
			var got []uint8
			for _, k := range terminal.HandoffKeys {
				got = append(got, k.ID)
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: keys %v, want %v", when, got, want)
			}
		}
		l.run()
		time.Sleep(time.Minute)
		keys("a centre without keys")
		asked := l.hub.count("terminal")
		one, two := handoff.NewKey(1, time.Now()), handoff.NewKey(2, time.Now())
		l.hub.set(func() { l.hub.terminal.HandoffKeys, l.hub.status.HandoffKey = []handoff.Key{one}, &one.ID })
		time.Sleep(time.Minute)
		keys("first", 1)
		l.hub.set(func() { l.hub.terminal.HandoffKeys, l.hub.status.HandoffKey = []handoff.Key{two, one}, &two.ID })
		time.Sleep(time.Minute)
		keys("second", 2, 1)
		l.hub.set(func() { l.hub.terminal.HandoffKeys = nil }) // a centre that does not keep its word
		time.Sleep(time.Minute)
		l.hub.set(func() { l.hub.status.HandoffKey = new(uint8) })
		time.Sleep(time.Hour)
		if n := l.hub.count("terminal") - asked; n != 3 {
			t.Errorf("the record was read %d times, want once for each key", n)
		}
		l.hub.set(func() { l.hub.terminal.HandoffKeys, l.hub.status.HandoffKey = []handoff.Key{two, one}, &two.ID })
		l.restart()
		settle()
		l.hub.down()
		l.restart()
		settle()
		keys("after a restart without the centre", 2, 1)
	})
}

// Whatever lies in the file: no panic, and what is read is a catalogue.
func FuzzUnpackGuides(f *testing.F) {
	good, err := packGuides(catalogue(1, 3))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)-4])
	f.Add([]byte{})
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := unpackGuides(data)
		if (c == nil) != (err != nil) {
			t.Errorf("%v with %v", c, err)
		}
	})
}

// How long the file is taken by guides, and how much memory they take: for the figures
// in the package documentation.
func TestGuidesFigures(t *testing.T) {
	c := &guide.Catalogue{}
	for i := range 1500 {
		g := guide.Guide{ID: fmt.Sprintf("1144%08d", i), Name: fmt.Sprintf("事项第%d项的办理和变更登记", i), Department: fmt.Sprintf("示例局%d", i%20),
			Basis: []string{strings.Repeat(fmt.Sprintf("《示例条例》第%d条", i), 10)}}
		for m := range 10 {
			g.Materials = append(g.Materials, guide.Material{Name: fmt.Sprintf("第%d项的第%d种证明材料原件", i, m), Originals: 1, Copies: 2, From: "申请人自备", Note: strings.Repeat(fmt.Sprintf("说明%d", i*m), 5)})
		}
		for s := range 4 {
			g.Steps = append(g.Steps, guide.Step{Name: fmt.Sprintf("步骤%d", s), Text: strings.Repeat(fmt.Sprintf("窗口%d受理；", i+s), 5)})
		}
		c.Guides = append(c.Guides, g)
	}
	plain, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := packGuides(c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := localstore.Open(t.Context(), t.TempDir(), localstore.Options{Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	begun := time.Now()
	u := &Uplink{config: Config{Store: s, Hall: "demo", GuidesChanged: func(*guide.Catalogue) {}}, log: slog.New(slog.DiscardHandler)}
	u.receiveGuides(t.Context(), fetched{guides: guides{c, "r"}, changed: true, kept: kept})
	wrote := time.Since(begun)
	begun = time.Now()
	v := &Uplink{config: u.config, log: slog.New(slog.DiscardHandler)}
	if err := v.loadGuides(t.Context()); err != nil || !reflect.DeepEqual(v.guides.catalogue, c) {
		t.Fatalf("read back: %v", err)
	}
	took := time.Since(begun)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	with := heap()
	runtime.KeepAlive(v)
	v = nil
	t.Logf("1,500 guides: %d KB JSON, %d KB kept, %d KB in memory, written in %v, read in %v",
		len(plain)>>10, len(kept)>>10, (with-heap())>>10, wrote, took)
}

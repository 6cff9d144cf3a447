package screens

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2/driver/desktop"

	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
)

// sample returns the named view of the gallery in normal Chinese.
func sample(t testing.TB, p Panel, name string) session.View {
	t.Helper()
	samples, err := Gallery(p, Variants()[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		if s.Name == name {
			return s.View
		}
	}
	t.Fatalf("the gallery has no %s", name)
	return session.View{}
}

// objects identifies what is on the panel, to see whether a tree was built anew.
func (s *stage) objects() []string {
	var out []string
	for _, o := range s.frame.Objects() {
		out = append(out, fmt.Sprintf("%p", o))
	}
	return out
}

func TestOnlyWhatDiffersIsTouched(t *testing.T) {
	panel := ReferencePanels()[0].Panel
	s := newStage(t, panel)
	for _, c := range []struct {
		page   string
		change func(*session.View)
		most   int // objects that may change
	}{
		{"home-open", func(*session.View) {}, 0},
		{"home-open", func(v *session.View) { v.Top.Now = v.Top.Now.Add(time.Minute) }, 1},
		{"choose-40", func(v *session.View) { v.Top.Now = v.Top.Now.Add(time.Minute) }, 1},
		{"choose-40", func(*session.View) {}, 0},
		{"result-printed", func(*session.View) {}, 0},
		// A number in a sentence: the text, its place and its width.
		{"result-printed", func(v *session.View) { r := *v.Result; r.Seconds--; v.Result = &r }, 3},
		{"notice-idle", func(v *session.View) { v.Idle = &session.Idle{Seconds: v.Idle.Seconds - 1} }, 3},
		{"home-open", func(v *session.View) { h := *v.Home; h.WaitingTotal++; v.Home = &h }, 3},
	} {
		v := sample(t, panel, c.page)
		s.draw(v)
		before := s.objects()
		c.change(&v)
		if n := s.draw(v); n > c.most {
			t.Errorf("%s: %d changes, want at most %d", c.page, n, c.most)
		}
		if !slices.Equal(before, s.objects()) {
			t.Errorf("%s: objects were exchanged", c.page)
		}
	}
}

// The control of the test above: a page that is another one does change.
func TestAnotherPageChanges(t *testing.T) {
	panel := ReferencePanels()[0].Panel
	s := newStage(t, panel)
	s.draw(sample(t, panel, "home-open"))
	if n := s.draw(sample(t, panel, "choose-40")); n < 20 {
		t.Errorf("%d changes from page to page", n)
	}
}

// A visit must not leave a trace in objects that wait for their next use.
func TestNothingPersonalStaysBehind(t *testing.T) {
	panel := ReferencePanels()[0].Panel
	s := newStage(t, panel)
	for _, name := range []string{"type-complete", "confirm-holder", "result-printed"} {
		s.draw(sample(t, panel, name))
	}
	s.draw(sample(t, panel, "message-lunch"))
	for _, text := range s.frame.Kept() {
		for _, private := range []string{"测*员", "002X", "A023", "110", "k7Qm2xXb9RzWc41v"} {
			if strings.Contains(text, private) {
				t.Errorf("%q is still there", text)
			}
		}
	}
}

// The whole typed number never stands in one text: Fyne keeps texts it measured.
func TestTypedNumberIsDrawnInPieces(t *testing.T) {
	panel := ReferencePanels()[3].Panel
	s := newStage(t, panel)
	s.draw(sample(t, panel, "type-complete"))
	digits := 0
	for _, text := range s.frame.Kept() {
		if len(text) == 1 {
			digits++
		}
		if strings.Contains(text, "1101") {
			t.Errorf("several digits in one text: %q", text)
		}
	}
	if digits < 18+11 { // the number and the keys
		t.Errorf("%d single characters, want the 18 typed and the 11 keys", digits)
	}
}

func TestHeldPageKeepsItsButtonPressedAndTakesNoTouch(t *testing.T) {
	panel := ReferencePanels()[0].Panel
	s := newStage(t, panel)
	confirm := sample(t, panel, "confirm-holder")
	s.draw(confirm)
	button := s.control(t, "confirm.take")
	rest := fill(button)
	at := center(button)

	working := confirm
	working.Page, working.Confirm, working.Working = session.PageWorking, nil, &session.Working{}
	s.draw(working)
	if got := s.control(t, "confirm.take"); fill(got) == rest {
		t.Error("the button does not look pressed while the number is taken")
	}
	if got := s.at(at[0], at[1]); got == nil || got.Name() != "hold" {
		t.Errorf("a second touch reaches %v", got)
	}
	working.Working = &session.Working{Slow: true}
	s.draw(working)
	for _, o := range s.things() {
		if o.control != nil && o.control.Name() == "confirm.take" {
			t.Error("the button still stands on the page that says it takes time")
		}
	}
	s.draw(confirm)
	if fill(s.control(t, "confirm.take")) != rest {
		t.Error("the button stays pressed on the next visit")
	}
}

func (s *stage) control(t *testing.T, name string) *touch.Control {
	t.Helper()
	for _, th := range s.things() {
		if th.control != nil && (th.control.Name() == name || strings.HasPrefix(th.control.Name(), name+":")) {
			return th.control
		}
	}
	t.Fatalf("no control %s", name)
	return nil
}

func center(c *touch.Control) [2]float32 {
	p, z := c.Position(), c.Size()
	return [2]float32{p.X + z.Width/2, p.Y + z.Height/2}
}

// A finger that went down before the page changed must not press what came.
func TestPageThatChangesUnderTheFinger(t *testing.T) {
	panel := ReferencePanels()[0].Panel
	s := newStage(t, panel)
	v := sample(t, panel, "choose-40")
	s.draw(v)
	first := s.control(t, "choice.a")
	first.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	s.draw(sample(t, panel, "choose-40-page2"))
	first.MouseUp(&desktop.MouseEvent{})
	first.Tapped(nil)
	if len(s.sent) != 0 {
		t.Errorf("sent %#v", s.sent)
	}
}

func TestTouchBesideButtons(t *testing.T) {
	panel := ReferencePanels()[0].Panel
	s := newStage(t, panel)
	s.draw(sample(t, panel, "home-open"))
	ground := s.control(t, "ground")
	press(ground)
	press(s.control(t, "home.take")) // at once: the ground holds nothing back
	want := []session.Event{session.Touched{}, session.TakeNumber{}}
	if !reflect.DeepEqual(s.sent, want) {
		t.Errorf("sent %#v, want %#v", s.sent, want)
	}
	s.sent = nil
	s.draw(sample(t, panel, "notice-idle"))
	tile := center(s.control(t, "choice.a"))
	press(s.at(tile[0], tile[1]))
	if want := []session.Event{session.Touched{}}; !reflect.DeepEqual(s.sent, want) {
		t.Errorf("under the notice: sent %#v, want %#v", s.sent, want)
	}
}

func TestSecondTapIsIgnored(t *testing.T) {
	panel := ReferencePanels()[0].Panel
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, panel)
		for _, assisted := range []bool{false, true} {
			limit := touch.DebounceNormal
			if assisted {
				limit = touch.DebounceAssisted
			}
			v := sample(t, panel, "confirm-holder")
			v.Assisted = assisted
			s.draw(v)
			time.Sleep(time.Second)
			s.sent = nil
			press(s.control(t, "confirm.take"))
			time.Sleep(limit - time.Millisecond)
			press(s.control(t, "confirm.take"))
			press(s.control(t, "bottom.home"))
			if len(s.sent) != 1 {
				t.Errorf("assisted %v: %d events in %v", assisted, len(s.sent), limit)
			}
			time.Sleep(time.Millisecond)
			press(s.control(t, "bottom.home"))
			if len(s.sent) != 2 {
				t.Errorf("assisted %v: %d events after %v", assisted, len(s.sent), limit)
			}
		}
	})
}

func TestKeysAreAsQuickAsFingers(t *testing.T) {
	panel := ReferencePanels()[0].Panel
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, panel)
		s.draw(sample(t, panel, "type-partly"))
		time.Sleep(time.Second)
		for _, key := range []string{"key.1", "key.2", "key.2", "key.3", "type.done"} {
			press(s.control(t, key))
			time.Sleep(100 * time.Millisecond)
		}
		want := []session.Event{
			session.KeyPressed{Key: '1'}, session.KeyPressed{Key: '2'}, // the bounce is dropped
			session.KeyPressed{Key: '3'},
		}
		if !reflect.DeepEqual(s.sent, want) {
			t.Errorf("sent %#v, want %#v", s.sent, want)
		}
	})
}

func TestShowDrawsTheNewestOnly(t *testing.T) {
	panel := ReferencePanels()[0].Panel
	s := newStage(t, panel)
	var mu sync.Mutex
	var posted []func()
	s.opts.Post = func(f func()) {
		mu.Lock()
		defer mu.Unlock()
		posted = append(posted, f)
	}
	home, choose := sample(t, panel, "home-open"), sample(t, panel, "choose-10")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { s.Show(home) })
	}
	wg.Wait()
	s.Show(choose)
	if len(posted) != 1 {
		t.Fatalf("%d drawings posted for views that were not drawn yet, want 1", len(posted))
	}
	posted[0]()
	s.control(t, "choice.a")
	s.Show(home)
	if len(posted) != 2 {
		t.Fatal("no drawing posted after the last one was drawn")
	}
	posted[1]()
	s.control(t, "home.take")
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	good := ReferencePanels()[0].Panel
	s := newStage(t, good)
	send := func(session.Event) {}
	for name, o := range map[string]Options{
		"no Send":         {Panel: good},
		"no panel":        {Send: send},
		"sides exchanged": {Send: send, Panel: Panel{WidthMM: good.HeightMM, HeightMM: good.WidthMM, WidthPx: good.WidthPx, HeightPx: good.HeightPx}},
		"a watch":         {Send: send, Panel: Panel{WidthMM: 30, HeightMM: 30, WidthPx: 600, HeightPx: 600}},
	} {
		if _, err := New(s.canvas, o); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := Drawing(o.Panel); (err == nil) != (o.Panel == good) {
			t.Errorf("%s: Drawing says %v", name, err)
		}
	}
}

func TestBreaks(t *testing.T) {
	g := &gallery{v: Variants()[0]}
	for _, panel := range ReferencePanels() {
		breaks := drawing(t, panel.Panel).Breaks
		for _, v := range Variants() {
			g.v = v
			limit := 12
			if v.Assisted {
				limit = 6
			}
			for _, list := range [][]session.Choice{
				nil, g.businesses(1), g.businesses(5), g.businesses(limit), g.businesses(limit + 1),
				g.businesses(40), g.items(1), g.items(344), g.items(2000),
			} {
				starts := breaks(list, v.Assisted, v.Language)
				if len(starts) == 0 || starts[0] != 0 || !slices.IsSorted(starts) {
					t.Fatalf("%s %s, %d choices: starts %v", panel.Name, v.Name(), len(list), starts)
				}
				least := len(list)
				for i, from := range starts {
					to := len(list)
					if i+1 < len(starts) {
						to = starts[i+1]
					}
					if n := to - from; n > limit || n < 1 && len(list) > 0 {
						t.Errorf("%s %s, %d choices: page %d has %d", panel.Name, v.Name(), len(list), i+1, n)
					} else {
						least = min(least, n)
					}
				}
				// Queues move: the pages must not.
				moved := slices.Clone(list)
				for i := range moved {
					if moved[i].Waiting >= 0 {
						moved[i].Waiting = (moved[i].Waiting + 31) % 80
					}
				}
				if !slices.Equal(breaks(moved, v.Assisted, v.Language), starts) {
					t.Errorf("%s %s, %d choices: other pages when queues have moved", panel.Name, v.Name(), len(list))
				}
			}
		}
	}
}

// Every page that Breaks makes must hold what stands on it: all pages of all
// lists, not only those of the gallery.
func TestEveryPageOfBreaksFits(t *testing.T) {
	for _, panel := range ReferencePanels() {
		s := newStage(t, panel.Panel)
		for _, v := range Variants() {
			samples, err := Gallery(panel.Panel, v)
			if err != nil {
				t.Fatal(err)
			}
			view := samples[0].View
			view.Page, view.Home = session.PageChoose, nil
			g := &gallery{v: v}
			breaks := drawing(t, panel.Panel).Breaks
			for _, list := range [][]session.Choice{g.businesses(24), g.items(344)} {
				starts := breaks(list, v.Assisted, v.Language)
				for i, from := range starts {
					to := len(list)
					if i+1 < len(starts) {
						to = starts[i+1]
					}
					view.Choose = &session.Choose{Choices: list[from:to], Number: i + 1, Pages: len(starts), Total: len(list)}
					s.Show(view)
					for _, w := range overlaps(s.things(), touch.NewMetrics(panel.Panel, v.Assisted).Screen()) {
						t.Errorf("%s %s page %d of %d: %s", panel.Name, v.Name(), i+1, len(starts), w)
					}
					if len(starts) > 1 && !slices.ContainsFunc(s.frame.Kept(), func(text string) bool {
						return strings.ReplaceAll(text, " ", "") == fmt.Sprintf("%d/%d", i+1, len(starts))
					}) {
						t.Errorf("%s %s page %d of %d: the page number is not on one line", panel.Name, v.Name(), i+1, len(starts))
					}
				}
			}
		}
	}
}

func BenchmarkBreaks344(b *testing.B) {
	breaks := drawing(b, ReferencePanels()[0].Panel).Breaks
	items := (&gallery{v: Variants()[0]}).items(344)
	breaks(items, false, session.Chinese)
	b.ReportAllocs()
	for b.Loop() {
		breaks(items, false, session.Chinese)
	}
}

// BenchmarkDraw is a drawing without painting: what Fyne's goroutine spends before
// the first pixel changes.
func BenchmarkDraw(b *testing.B) {
	panel := ReferencePanels()[0].Panel
	s := newStage(b, panel)
	home, choose := sample(b, panel, "home-open"), sample(b, panel, "choose-40")
	tick := home
	tick.Top.Now = tick.Top.Now.Add(time.Minute)
	b.Run("page", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.draw(home)
			s.draw(choose)
		}
	})
	b.Run("minute", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.draw(home)
			s.draw(tick)
		}
	})
}

// The pages of a hall with everything that is hard to draw.
func TestHallGalleryFits(t *testing.T) {
	h := &hall.Hall{
		ID: "sample", Name: "示例街道综合服务大厅", TimeZone: "Asia/Shanghai",
		Areas:   []hall.Area{{ID: "a", Name: "综合服务区", Place: "一楼 A 区"}},
		Windows: []hall.Window{{ID: "w1", Name: "1", Area: "a"}, {ID: "w2", Name: "2", Area: "a"}},
	}
	g := &gallery{v: Variants()[0]}
	for i := range 14 {
		c := g.business(i)
		b := hall.Business{
			ID: c.ID, Name: c.Title, For: c.Subtitle, Prefix: string(rune('A' + i)), Area: "a",
			Windows: []string{"w1", "w2"}, AskID: hall.AskRequired,
		}
		n := 0
		switch i {
		case 0:
			n = 40
		case 1:
			n = 1
		}
		for j, it := range g.items(n) {
			b.Items = append(b.Items, hall.Item{ID: fmt.Sprintf("%s-%d", b.ID, j), Name: it.Title})
		}
		h.Businesses = append(h.Businesses, b)
	}
	for _, panel := range ReferencePanels() {
		s := newStage(t, panel.Panel)
		for _, v := range Variants() {
			samples, err := HallGallery(h, panel.Panel, v)
			if err != nil {
				t.Fatal(err)
			}
			if len(samples) < 6 {
				t.Errorf("%d samples", len(samples))
			}
			for _, sample := range samples {
				s.Show(sample.View)
				for _, w := range overlaps(s.things(), touch.NewMetrics(panel.Panel, v.Assisted).Screen()) {
					t.Errorf("%s %s %s: %s", panel.Name, v.Name(), sample.Name, w)
				}
			}
		}
	}
}

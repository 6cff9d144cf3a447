//go:build unix

package central_test

import (
	"slices"
	"testing"
	"time"
)

// together presses a key in several pages at the same moment: the browser has all of
// the presses before the first is answered.
func together(t *testing.T, key string, pages ...*tab) {
	t.Helper()
	var answers []chan reply
	for _, kind := range []string{"rawKeyDown", "keyUp"} {
		for _, p := range pages {
			answer, err := p.b.send(p.session, "Input.dispatchKeyEvent",
				map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": 113}) // F2
			if err != nil {
				t.Fatal(err)
			}
			answers = append(answers, answer)
		}
	}
	for _, answer := range answers {
		select {
		case r := <-answer:
			if r.Error != nil {
				t.Fatal(r.Error.Message)
			}
		case <-time.After(patience):
			t.Fatal("a key press was not answered")
		}
	}
}

// TestTwoClerksAtOnce: two clerks, each in a browser of their own, press 叫号 at the
// same moment, while one number waits and while two do. Nobody is called twice and
// nobody is left out.
func TestTwoClerksAtOnce(t *testing.T) {
	const rounds = 8
	b := startBrowser(t)
	d := startDemo(t)
	clerks := map[string]*tab{}
	for login, window := range map[string]string{clerkLogin: "w1", "wang": "w2"} {
		d.hire(t, login)
		p := b.tab(t, b.profile(t), 1366, 768, false)
		d.enter(p, login, password)
		p.shows(patience, "h1", "选择窗口")
		p.click(".tile[value=" + window + "]")
		p.shows(patience, "#panel", "现在没有人等候")
		clerks[window] = p
	}
	first, second := clerks["w1"], clerks["w2"]
	both := []*tab{first, second}

	called := map[string]int{} // by label
	wins := map[*tab]int{}
	for round := range 2 * rounds {
		waiting := 1 + round%2
		var labels []string
		for range waiting {
			labels = append(labels, d.take(t, "hukou", false).Label)
		}
		for _, p := range both {
			p.shows(patience, "#panel", "下一位 "+labels[0])
			p.until(patience, "the window is free", "!document.getElementById('key-call').disabled")
		}
		if round%4 < 2 {
			together(t, "F2", first, second)
		} else {
			together(t, "F2", second, first)
		}
		for _, p := range both { // whoever has nobody is told so
			p.until(patience, "the press is answered", "document.getElementById('number') || document.getElementById('toast').innerText.includes('没有人等候')")
		}
		for _, p := range both {
			var label string
			if err := p.try(&label, "document.getElementById('number')?.textContent || ''"); err != nil {
				t.Fatal(err)
			}
			if label == "" {
				continue
			}
			called[label]++
			wins[p]++
			if !slices.Contains(labels, label) {
				t.Errorf("round %d: %s was called, waiting were %v", round, label, labels)
			}
			use(p, "F8")
			p.shows(patience, "#panel", "窗口空闲")
			if err := p.try(nil, "document.getElementById('toast').textContent = ''"); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range both {
			if err := p.try(nil, "document.getElementById('toast').textContent = ''"); err != nil {
				t.Fatal(err)
			}
		}
		for _, label := range labels {
			if called[label] != 1 {
				t.Fatalf("round %d: %s was called %d times", round, label, called[label])
			}
		}
	}
	if wins[first]+wins[second] != 3*rounds || wins[first] == 0 || wins[second] == 0 {
		t.Errorf("window 1 got %d numbers and window 2 %d; want %d together", wins[first], wins[second], 3*rounds)
	}
	t.Logf("%d numbers: window 1 called %d, window 2 %d", 3*rounds, wins[first], wins[second])
	first.clean("window 1", d.host(), nil)
	second.clean("window 2", d.host(), nil)
}

//go:build unix

package central_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// wall is a running hall whose numbers the test calls itself.
type wall struct {
	*running
	t       *testing.T
	config  central.Config
	client  *centralapi.Client
	windows []*centralapi.WindowClient
}

func startWall(t *testing.T, windows int) *wall {
	t.Helper()
	w := &wall{t: t, config: central.Config{DataDir: t.TempDir(), Halls: []*hall.Hall{testHall(windows)}}}
	w.running = run(t, w.config)
	token, _, err := w.EnrolTerminal(t.Context(), "test", "一号机")
	if err != nil {
		t.Fatal(err)
	}
	w.client = client(t, w.Service, token)
	for n := range windows {
		session, err := w.client.Login(t.Context(), centralapi.WindowLogin{Window: fmt.Sprintf("w%d", n+1), PIN: testPIN})
		if err != nil {
			t.Fatal(err)
		}
		w.windows = append(w.windows, session)
	}
	return w
}

// call takes a number and calls it at a window, counted from 0.
func (w *wall) call(window int) centralapi.Ticket {
	w.t.Helper()
	if _, err := w.client.IssueTicket(w.t.Context(), request("a")); err != nil {
		w.t.Fatal(err)
	}
	k, ok, err := w.windows[window].CallNext(w.t.Context())
	if err != nil || !ok {
		w.t.Fatal(ok, err)
	}
	return k
}

// end ends a number, so that its window can call the next.
func (w *wall) end(window int, id string) {
	w.t.Helper()
	if _, err := w.windows[window].Finish(w.t.Context(), id); err != nil {
		w.t.Fatal(err)
	}
}

// listen has a tab keep what comes out of it: which recordings begin, when, and how
// loud the sum of them is. It must be called before the page is opened.
func listen(p *tab) {
	p.do(nil, "Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": `
		window.heard = [];
		window.loudest = 0;
		// Whether a browser without a window lets pages sound differs: this one does not.
		HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('no touch yet', 'NotAllowedError'));
		const begin = AudioBufferSourceNode.prototype.start;
		AudioBufferSourceNode.prototype.start = function (at) {
			window.heard.push({ at, length: this.buffer.duration, clip: this.buffer, now: this.context.currentTime });
			return begin.call(this, at);
		};
		const connect = AudioNode.prototype.connect;
		AudioNode.prototype.connect = function (to, ...rest) {
			if (to instanceof AudioDestinationNode) {
				const meter = new AnalyserNode(this.context, { fftSize: 2048 });
				const wave = new Float32Array(meter.fftSize);
				connect.call(this, meter);
				setInterval(() => {
					meter.getFloatTimeDomainData(wave);
					for (const v of wave) window.loudest = Math.max(window.loudest, Math.abs(v));
				}, 20);
				window.audio = this.context;
			}
			return connect.call(this, to, ...rest);
		};`})
}

// heard returns the names of the recordings played so far, in order, and checks that
// none begins before the one before it has ended, a bell's last sound excepted.
func heard(p *tab) []string {
	p.t.Helper()
	var played []struct {
		At, Length float64
		Name       string
	}
	if err := p.try(&played, `(async () => {
		const names = new Map();
		for (const [name, clip] of voice.clips) names.set(await clip, name);
		return heard.map(it => ({ at: it.at, length: it.length, name: names.get(it.clip) }));
	})()`); err != nil {
		p.t.Fatal(err)
	}
	var names []string
	end := 0.0
	for _, one := range played {
		if one.At < end-0.001 {
			p.t.Errorf("%s begins at %.3f s, %.3f s before the one before it has ended", one.Name, one.At, end-one.At)
		}
		end = one.At + one.Length
		if one.Name == "chime" {
			end = one.At + 1.5
		}
		names = append(names, one.Name)
	}
	return names
}

// TestBoardSpeaks calls numbers and listens.
func TestBoardSpeaks(t *testing.T) {
	b := startBrowser(t)
	w := startWall(t, 12)
	board := b.tab(t, b.profile(t), 1280, 720, false)
	listen(board)
	earlier := w.call(0) // before the screen was switched on: not spoken
	board.open(w.URL() + "/board")
	board.shows(quick, ".latest", "A001")
	board.until(patience, "the screen asks for a touch", "!document.getElementById('unlock').hidden")
	if seen := board.text("#unlock"); seen != "点一下屏幕，打开叫号声音" {
		t.Errorf("the hint says %q", seen)
	}
	w.end(0, earlier.ID)

	board.click("#unlock")
	board.until(patience, "the hint is gone", "document.getElementById('unlock').hidden && audio.state === 'running'")
	second := w.call(2)
	third := w.call(11)
	var clock float64
	if err := board.try(&clock, "audio.currentTime"); err != nil {
		t.Fatal(err)
	}
	board.until(patience, "the first number is announced", "document.body.dataset.speaking === 'A002'")
	board.until(patience, "sound comes out", "loudest > 0.05")
	board.until(patience, "then the second", "document.body.dataset.speaking === 'A003'")
	board.until(patience, "and there is silence", "!document.body.dataset.speaking")
	board.until(patience, "time passes for the sound device", fmt.Sprintf("audio.currentTime > %f", clock+5))

	once := func(window ...string) []string {
		return slices.Concat([]string{"called"}, window, []string{"window"})
	}
	var want []string
	for _, call := range [][]string{slices.Concat([]string{"please", "a", "0", "0", "2"}, once("3")), slices.Concat([]string{"please", "a", "0", "0", "3"}, once("ten", "2"))} {
		want = append(append(append(want, "chime"), call...), call...)
	}
	if got := heard(board); !slices.Equal(got, want) {
		t.Errorf("played\n%v, want\n%v", got, want)
	}

	// A number called again is spoken again; a reload repeats nothing.
	w.end(11, third.ID)
	if _, err := w.windows[2].Recall(t.Context(), second.ID); err != nil {
		t.Fatal(err)
	}
	board.until(patience, "it is announced again", "document.body.dataset.speaking === 'A002'")
	board.do(nil, "Page.reload", nil)
	board.until(patience, "the page is back", "document.readyState === 'complete' && heard.length === 0 && !document.getElementById('unlock').hidden")
	board.click("#unlock")
	board.until(patience, "it may sound again", "document.getElementById('unlock').hidden")
	board.shows(quick, ".latest", "A002")
	if got := heard(board); len(got) > 0 {
		t.Errorf("after a reload it plays %v", got)
	}
	var loudness float64
	if err := board.try(&loudness, "loudest"); err != nil || loudness > 0 {
		t.Errorf("after a reload, loudness %v, %v", loudness, err)
	}
	board.clean("board", strings.TrimPrefix(w.URL(), "http://"), nil)
}

// TestBoardKeepsQuiet: in quiet hours, and where the address says no sound, numbers are
// shown and not spoken. A board whose quiet hours are at another time hangs beside them
// and speaks: when it has said everything, the others would have, too.
func TestBoardKeepsQuiet(t *testing.T) {
	b := startBrowser(t)
	w := startWall(t, 2)
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	hour := func(from, to int) string { // hours from now
		now := time.Now().In(zone)
		return now.Add(time.Duration(from)*time.Hour).Format("15:04") + "-" + now.Add(time.Duration(to)*time.Hour).Format("15:04")
	}
	boards := map[string]*tab{}
	speaking := "quiet=" + hour(2, 3) + "," + hour(-3, -2)
	for _, query := range []string{speaking, "volume=0", "quiet=00:00-24:00", "quiet=" + hour(-1, 1), "quiet=12:00-12:00,12:00-11:59,11:59-12:00"} {
		board := b.tab(t, b.profile(t), 1280, 720, false)
		listen(board)
		board.open(w.URL() + "/board?" + query)
		board.click("#board")
		board.until(quick, "the page hears", "document.getElementById('line').hidden")
		if query != "volume=0" { // silent for no other reason
			board.until(patience, query+": sound is allowed", "document.getElementById('unlock').hidden && window.audio?.state === 'running'")
		}
		boards[query] = board
	}
	k := w.call(0)
	for query, board := range boards {
		board.shows(quick, ".latest", k.Label)
		board.whether(query+": a hint to touch the screen", "!document.getElementById('unlock').hidden", false)
	}
	loud := boards[speaking]
	loud.until(patience, "the number is announced", "document.body.dataset.speaking === "+quote(k.Label))
	loud.until(patience, "sound comes out", "loudest > 0.05")
	loud.until(patience, "and there is silence", "!document.body.dataset.speaking")
	if got := heard(loud); len(got) < 10 {
		t.Errorf("the board that speaks has played only %v", got)
	}
	for query, board := range boards {
		if query == speaking {
			continue
		}
		var noise struct {
			Played  int
			Loudest float64
			Said    bool
		}
		if err := board.try(&noise, "({ played: heard.length, loudest, said: 'speaking' in document.body.dataset })"); err != nil {
			t.Fatal(err)
		}
		if noise.Played > 0 || noise.Loudest > 0 || noise.Said {
			t.Errorf("%s: it makes a sound: %+v", query, noise)
		}
	}
}

// TestBoardForWeeks has one screen show two thousand calls. Neither its memory nor its
// nodes may grow with them.
func TestBoardForWeeks(t *testing.T) {
	const calls = 2000
	if testing.Short() {
		t.Skip("takes a while")
	}
	b := startBrowser(t)
	w := startWall(t, 4)
	board := b.tab(t, b.profile(t), 1280, 720, false)
	board.open(w.URL() + "/board?volume=0")
	measure := func() (heap, nodes int) {
		t.Helper()
		// What has just been taken off the page may outlive one collection.
		nodes = math.MaxInt
		for range 5 {
			board.do(nil, "HeapProfiler.collectGarbage", nil)
			var used struct{ UsedSize float64 }
			board.do(&used, "Runtime.getHeapUsage", nil)
			var count struct{ Nodes int }
			board.do(&count, "Memory.getDOMCounters", nil)
			heap, nodes = int(used.UsedSize)/1024, min(nodes, count.Nodes)
		}
		return heap, nodes
	}
	var heap, nodes int
	begun := time.Now()
	for n := range calls {
		k := w.call(n % 4)
		w.end(n%4, k.ID)
		if n%100 == 99 {
			board.shows(patience, ".latest", "请 "+k.Label)
		}
		if n == 199 { // everything that is kept is there
			heap, nodes = measure()
		}
	}
	heapAfter, nodesAfter := measure()
	t.Logf("%d calls in %v: heap %d KiB → %d KiB, nodes %d → %d", calls, time.Since(begun).Round(time.Second), heap, heapAfter, nodes, nodesAfter)
	if heapAfter > heap+heap/4+256 || nodesAfter > nodes+nodes/4+50 {
		t.Errorf("the page grows: heap %d KiB → %d KiB, nodes %d → %d", heap, heapAfter, nodes, nodesAfter)
	}
}

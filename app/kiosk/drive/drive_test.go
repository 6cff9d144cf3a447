package drive_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/drive"
)

// centre is a central service behind a door that can be shut.
type centre struct {
	*central.Service
	url, token string
	shut       atomic.Bool
	ahead      atomic.Int64 // of the centre's clock, ns
}

func newCentre(t *testing.T) *centre {
	t.Helper()
	h := &hall.Hall{ID: "test", Name: "测试大厅", TimeZone: "Asia/Shanghai", CutOver: 3,
		Areas:      []hall.Area{{ID: "x", Name: "一区"}},
		Windows:    []hall.Window{{ID: "w1", Name: "1", Area: "x"}},
		Businesses: []hall.Business{{ID: "a", Name: "户籍", Prefix: "A", Area: "x", Windows: []string{"w1"}}},
	}
	c := &centre{}
	s, err := central.New(central.Config{DataDir: filepath.Join(t.TempDir(), "central"), Addr: "127.0.0.1:0",
		Halls: []*hall.Hall{h.AlwaysOpen()}, RequestRate: 1e6,
		Now: func() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("central: %v", err)
		}
		s.Close()
	})
	<-s.Listening()
	c.Service = s
	if c.token, _, err = s.EnrolTerminal(t.Context(), "test", "一号机"); err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.shut.Load() {
			panic(http.ErrAbortHandler) // the connection ends without an answer
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(door.Close)
	c.url = door.URL
	return c
}

// driven is a terminal at work, in this process.
type driven struct {
	t     *testing.T
	in    *io.PipeWriter
	lines *bufio.Scanner
	ended chan error
}

func start(t *testing.T, c drive.Config) *driven {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	d := &driven{t: t, in: inW, lines: bufio.NewScanner(outR), ended: make(chan error, 1)}
	go func() {
		err := drive.Run(context.Background(), c, inR, outW)
		outW.Close()
		d.ended <- err
	}()
	t.Cleanup(func() { inW.Close(); outR.Close() })
	return d
}

// say writes a command; next reads a line.
func (d *driven) say(line string) {
	d.t.Helper()
	if _, err := io.WriteString(d.in, line+"\n"); err != nil {
		d.t.Fatal(err)
	}
}

func (d *driven) next(did string) drive.Line {
	d.t.Helper()
	var l drive.Line
	if !d.lines.Scan() {
		d.t.Fatalf("no line; want %s", did)
	}
	if err := json.Unmarshal(d.lines.Bytes(), &l); err != nil || l.Did != did {
		d.t.Fatalf("line %s, %v; want %s", d.lines.Text(), err, did)
	}
	return l
}

func (d *driven) end() error {
	d.say("quit")
	return <-d.ended
}

func TestDrive(t *testing.T) {
	c := newCentre(t)
	config := drive.Config{Centre: c.url, Hall: "test", Token: c.token, DataDir: filepath.Join(t.TempDir(), "terminal"),
		Every: 50 * time.Millisecond, Cap: 50 * time.Millisecond, Patience: 30 * time.Second, Paper: "confirmed"}
	d := start(t, config)
	first := d.next("started")
	if first.Store == "" || *first.Abandoned != 0 || first.Unprinted != nil {
		t.Errorf("start: %+v", first)
	}
	var labels []string
	take := func(command string, n int, source string) {
		t.Helper()
		d.say(command)
		for range n {
			l := d.next("took")
			if l.Source != source || l.ID == "" || l.At == nil || time.Since(*l.At).Abs() > time.Minute || l.Business != "a" || l.Day == "" {
				t.Errorf("%+v", l)
			}
			labels = append(labels, l.Label)
		}
	}
	take("take a 3", 3, drive.SourceHall)
	d.say("drain")
	if l := d.next("drained"); l.Waiting != 0 || l.Acked != 3 || l.Last != 3 || l.Away {
		t.Errorf("drained: %+v", l.Standing)
	}
	c.shut.Store(true)
	take("take a 2", 2, drive.SourceOwn)
	d.say("# a remark, and nothing")
	d.say("")
	d.say("status")
	if l := d.next("status"); l.Waiting < 4 || l.Last != l.Acked+int64(l.Waiting) {
		t.Errorf("cut off: %+v", l.Standing)
	}
	for _, wrong := range []string{"take", "take nothing-like-it", "take a 0", "take a x", "dance", "quit now"} {
		d.say(wrong)
		if l := d.next("failed"); l.Line != wrong || l.Error == "" {
			t.Errorf("%q: %+v", wrong, l)
		}
	}
	if err := d.end(); err != nil {
		t.Fatal(err)
	}
	c.shut.Store(false)
	d = start(t, config)
	if l := d.next("started"); l.Store != first.Store {
		t.Errorf("another store after a restart: %+v", l)
	}
	d.say("drain")
	d.next("drained")
	take("take a", 1, drive.SourceHall)
	if want := []string{"A001", "A002", "A003", "A1-01", "A1-02", "A004"}; !slices.Equal(labels, want) {
		t.Errorf("took %v, want %v", labels, want)
	}
	d.in.Close() // the end of the input is an end, too
	if err := <-d.ended; err != nil {
		t.Error(err)
	}
}

// A terminal that has never reached its centre cannot take a number and says so;
// drain does not wait for ever.
func TestNeverReached(t *testing.T) {
	config := drive.Config{Centre: "http://127.0.0.1:1", Hall: "test", Token: strings.Repeat("t", 32),
		DataDir: t.TempDir(), Patience: 50 * time.Millisecond}
	d := start(t, config)
	d.next("started")
	d.say("take a")
	if l := d.next("failed"); !strings.Contains(l.Error, "never reached") {
		t.Errorf("%+v", l)
	}
	if err := d.end(); err != nil {
		t.Error(err)
	}
}

// A copy of the disk that is started after the original went on is found by the
// centre: it goes on giving the hall's numbers, and never one of the terminal's own.
func TestCopiedDiskIsFound(t *testing.T) {
	c := newCentre(t)
	dir := t.TempDir()
	original := drive.Config{Centre: c.url, Hall: "test", Token: c.token, DataDir: filepath.Join(dir, "original"),
		Every: 20 * time.Millisecond, Cap: 20 * time.Millisecond, Paper: "confirmed"}
	oneRun := func(config drive.Config, commands ...string) (last drive.Line) {
		t.Helper()
		d := start(t, config)
		d.next("started")
		for _, command := range commands {
			d.say(command)
			last = d.next(map[string]string{"take a": "took", "drain": "drained", "status": "status"}[command])
		}
		if err := d.end(); err != nil {
			t.Fatal(err)
		}
		return last
	}
	oneRun(original, "take a", "drain")
	cloned := original
	cloned.DataDir = filepath.Join(dir, "copy")
	if err := os.CopyFS(cloned.DataDir, os.DirFS(original.DataDir)); err != nil {
		t.Fatal(err)
	}
	oneRun(original, "take a", "drain")
	if l := oneRun(original, "take a", "drain", "status"); l.Problem != "" {
		t.Fatalf("the original: %s", l.Problem)
	}
	c.ahead.Store(int64(time.Hour)) // the centre is patient with requests that were on their way

	// It gives numbers of the own series while nobody can know, which is why it
	// must be found, and has as many events as the original then.
	c.shut.Store(true)
	d := start(t, cloned)
	d.next("started")
	d.say("take a 3")
	for range 3 {
		if l := d.next("took"); l.Source != drive.SourceOwn {
			t.Errorf("%+v", l)
		}
	}
	c.shut.Store(false)
	for deadline := time.Now().Add(30 * time.Second); ; {
		d.say("status")
		l := d.next("status")
		if strings.Contains(l.Problem, "exists twice") {
			if l.Waiting != 6 || l.Acked != 1 {
				t.Errorf("events of the copy were taken for delivered: %+v", l.Standing)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the copy was not found: %+v", l.Standing)
		}
	}
	d.say("take a")
	if l := d.next("took"); l.Source != drive.SourceHall {
		t.Errorf("%+v", l)
	}
	c.shut.Store(true)
	d.say("take a")
	if l := d.next("failed"); !strings.Contains(l.Error, "no series") {
		t.Errorf("%+v", l)
	}
	if err := d.end(); err != nil {
		t.Fatal(err)
	}
	d = start(t, cloned) // and it is not forgotten
	d.next("started")
	d.say("take a")
	d.next("failed")
	if err := d.end(); err != nil {
		t.Fatal(err)
	}
}

// Papers that were not put on record are listed by the next start.
func TestUnprintedIsListed(t *testing.T) {
	c := newCentre(t)
	config := drive.Config{Centre: c.url, Hall: "test", Token: c.token, DataDir: t.TempDir()}
	d := start(t, config)
	d.next("started")
	d.say("take a")
	took := d.next("took")
	if err := d.end(); err != nil {
		t.Fatal(err)
	}
	d = start(t, config)
	if l := d.next("started"); !slices.Equal(l.Unprinted, []string{took.ID}) {
		t.Errorf("%+v, want %s", l, took.ID)
	}
	if err := d.end(); err != nil {
		t.Error(err)
	}
}

func TestWrongConfig(t *testing.T) {
	ok := drive.Config{Centre: "http://127.0.0.1:1", Hall: "test", Token: "x", DataDir: t.TempDir()}
	for name, change := range map[string]func(*drive.Config){
		"address": func(c *drive.Config) { c.Centre = "nonsense" },
		"hall":    func(c *drive.Config) { c.Hall = "" },
		"paper":   func(c *drive.Config) { c.Paper = "blue" },
		"folder":  func(c *drive.Config) { c.DataDir = "" },
	} {
		c := ok
		change(&c)
		if err := drive.Run(t.Context(), c, strings.NewReader(""), io.Discard); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Output that nobody reads ends the terminal: its results would be lost.
func TestDeafOutput(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	c := drive.Config{Centre: "http://127.0.0.1:1", Hall: "test", Token: "x", DataDir: t.TempDir()}
	if err := drive.Run(t.Context(), c, strings.NewReader("status\n"), w); err == nil {
		t.Error("went on without anybody to tell")
	}
}

package numsim

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver, to look into the files

	"hallkiosk/app/central"
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/localstore"
)

const hallID = "sim"

// prefixes are the businesses of the hall: their ids and how their numbers begin.
var prefixes = []struct{ id, prefix string }{{"household", "A"}, {"social", "B"}}

// newHall returns a hall with two businesses; around is one that never closes.
func newHall(around bool) *hall.Hall {
	h := &hall.Hall{ID: hallID, Name: "示例大厅", TimeZone: "Asia/Shanghai", CutOver: 3,
		Areas:   []hall.Area{{ID: "a", Name: "综合区"}},
		Windows: []hall.Window{{ID: "w1", Name: "1", Area: "a"}}}
	for _, b := range prefixes {
		h.Businesses = append(h.Businesses, hall.Business{ID: b.id, Name: b.id, Prefix: b.prefix, Area: "a", Windows: []string{"w1"}})
	}
	week := map[string][]string{}
	for _, d := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		week[d] = []string{"08:30-12:00", "13:30-17:30"}
	}
	h.Hours = hall.Hours{Week: week, Days: []hall.Day{}}
	if around {
		return h.AlwaysOpen()
	}
	return h
}

// noBallast: no disk fills here, and folders are copied often.
const noBallast = -1

// templates are data folders as new, made once per process: bringing a new file
// up to date takes longer than a whole day of a small hall.
type templates struct{ root, centre, terminal string }

var newTemplates = sync.OnceValues(func() (templates, error) {
	parent := ""
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		parent = "/dev/shm"
	}
	root, err := os.MkdirTemp(parent, "numsim-")
	if err != nil {
		return templates{}, err
	}
	t := templates{root: root, centre: filepath.Join(root, "centre"), terminal: filepath.Join(root, "terminal")}
	s, err := central.New(central.Config{DataDir: t.centre, Halls: []*hall.Hall{newHall(false)}})
	if err != nil {
		return t, err
	}
	if err := s.Close(); err != nil {
		return t, err
	}
	l, err := localstore.Open(context.Background(), t.terminal, localstore.Options{Ballast: noBallast})
	if err != nil {
		return t, err
	}
	if err := l.Close(); err != nil {
		return t, err
	}
	// Every file has a name of its own, which it gets at its first start.
	return t, inFile(filepath.Join(t.terminal, localstore.FileName), `DELETE FROM meta WHERE key = 'store'`)
})

// inFile carries out statements in a SQLite file that nobody has open.
func inFile(path string, statements ...string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(context.Background(), s); err != nil {
			return fmt.Errorf("numsim: %s: %w", s, err)
		}
	}
	return nil
}

// copyFolder copies the plain files of a folder.
func copyFolder(to, from string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	files, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, f.Name()), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// world is one run.
type world struct {
	seed   uint64
	rng    *rand.Rand // of the one who drives
	bug    mutant
	dir    string
	files  templates
	hall   *hall.Hall
	centre *centre
	places []*place
	old    []*machine // replaced ones
	seen   *observer
	closed map[string]bool // machines that the centre wrongly took for copies

	began   time.Time    // by the bubble's clock
	morning time.Time    // the true time then
	skipped atomic.Int64 // ns that went by at once

	flying sync.WaitGroup // messages in the network
	inAir  atomic.Int64   // how many these are
	calm   atomic.Bool    // the network has healed for good
	rough  weather
	// stray: the clock of the centre itself is put wrong in this run, so what it
	// says of time and day cannot be held against the truth.
	stray bool

	mu    sync.Mutex
	story []string
	count counts
}

// newWorld returns a world that begins at the given time, with a new centre that
// is not there yet. The caller removes its folder.
func newWorld(seed uint64, rng *rand.Rand, h *hall.Hall, begin time.Time, files templates) (*world, error) {
	w := &world{seed: seed, rng: rng, files: files, hall: h, began: time.Now(), morning: begin,
		count: counts{}, closed: map[string]bool{}}
	w.seen = &observer{w: w, arrivals: map[string]arrival{}, events: map[string]bool{}, before: map[string]arrival{}}
	var err error
	if w.dir, err = os.MkdirTemp(files.root, fmt.Sprintf("seed-%d-", seed)); err != nil {
		return nil, err
	}
	w.centre = &centre{w: w, dir: filepath.Join(w.dir, "centre")}
	if err := copyFolder(w.centre.dir, files.centre); err != nil {
		return nil, errors.Join(err, os.RemoveAll(w.dir))
	}
	return w, nil
}

// counts say how much a run has gone through, by name.
type counts map[string]int

// String prints them for a report.
func (c counts) String() string {
	return fmt.Sprintf("%d seeds: %d taps, %d (%d %%) while cut off; %d numbers shown, %d of them own, %d refusals; "+
		"%d superseded, %d void in all, %d shown again to their holder; %d messages, %d lost, %d doubled, %d late; "+
		"%d crashes, %d machines started anew, %d clock jumps, %d machines replaced, %d copies of a disk started (%d closed), "+
		"%d nights, the centre away %d times; %d dated beyond the cut",
		c["seeds"], c["taps"], c["offline"], 100*c["offline"]/max(1, c["taps"]), c["shown"], c["own"], c["refused"],
		c["superseded"], c["void"], c["existing"], c["messages"], c["lost"], c["doubled"], c["late"],
		c["crashes"], c["reboots"], c["jumps"], c["replaced"], c["clones"], c["frozen"],
		c["nights"], c["away"], c["beyond"])
}

func (c counts) add(d counts) {
	for name, n := range d {
		c[name] += n
	}
}

// tally counts.
func (w *world) tally(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count[name]++
}

// now is the true time.
func (w *world) now() time.Time {
	return w.morning.Add(time.Since(w.began) + time.Duration(w.skipped.Load()))
}

// skip lets time go by for everybody at once, as a night does in which nobody
// comes and nothing happens.
func (w *world) skip(d time.Duration) { w.skipped.Add(int64(d)) }

// tell adds a line to the story of the run.
func (w *world) tell(format string, args ...any) {
	line := w.now().In(w.hall.Location()).Format("01-02 15:04:05.000 ") + fmt.Sprintf(format, args...)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.story = append(w.story, line)
}

// centre is the central service, which may be away.
type centre struct {
	w     *world
	dir   string
	ahead atomic.Int64 // ns its clock is ahead of the truth

	mu      sync.RWMutex
	service *central.Service // nil while it is away
	handler http.Handler
}

func (c *centre) open() error {
	s, err := central.New(central.Config{DataDir: c.dir, Halls: []*hall.Hall{c.w.hall}, RequestRate: 100_000,
		Now:  func() time.Time { return c.w.now().Add(time.Duration(c.ahead.Load())) },
		Boot: func() (string, int64) { return "boot", c.w.now().Sub(c.w.morning).Milliseconds() }})
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.service, c.handler = s, s.Handler()
	if c.w.bug.handler != nil {
		c.handler = c.w.bug.handler(c.handler)
	}
	return nil
}

func (c *centre) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.service == nil {
		return nil
	}
	s := c.service
	c.service, c.handler = nil, nil
	return s.Close()
}

func (c *centre) away() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.service == nil
}

// serve processes a request at once; ok is false while the centre is away.
func (c *centre) serve(r *http.Request) (answer *http.Response, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.service == nil {
		return nil, false
	}
	rec := httptest.NewRecorder()
	c.handler.ServeHTTP(rec, r)
	return rec.Result(), true
}

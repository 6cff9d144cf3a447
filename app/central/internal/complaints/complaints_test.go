package complaints

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central/internal/sealed"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
	"hallkiosk/app/internal/postgrestest"
	"hallkiosk/app/workday"
)

const (
	hallID  = "test"
	words   = "三号窗口的工作人员说话难听<script>alert(1)</script>"
	contact = "李示例 13800138000"
)

var (
	zone = time.FixedZone("CST", 8*3600)
	// A Monday.
	begin   = time.Date(2026, 11, 23, 10, 0, 0, 0, zone)
	home    = netip.MustParsePrefix("192.0.2.1/32")
	handler = Viewer{Account: "u1", Name: "王处理", Handles: true, Windows: []string{"w9"}}
)

type fixture struct {
	*Desk
	t     *testing.T
	store *store.Store
	now   time.Time
	log   *bytes.Buffer
	dir   string
}

// onBoth runs a test on each database.
func onBoth(t *testing.T, test func(*fixture)) {
	run := func(name string, open func(t *testing.T, dir string) (*store.Store, error)) {
		t.Run(name, func(t *testing.T) {
			f := &fixture{t: t, now: begin, log: &bytes.Buffer{}, dir: t.TempDir()}
			var err error
			if f.store, err = open(t, f.dir); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := f.store.Close(); err != nil {
					t.Error(err)
				}
			})
			f.Desk = f.desk(t.TempDir())
			test(f)
		})
	}
	run("sqlite", func(_ *testing.T, dir string) (*store.Store, error) { return store.Open(dir, store.Options{}) })
	run("postgres", func(t *testing.T, _ string) (*store.Store, error) {
		return store.OpenPostgres(t.Context(), postgrestest.Start(t), store.Options{})
	})
}

// desk is a desk on the fixture's database with the keys of a folder.
func (f *fixture) desk(keys string) *Desk {
	f.t.Helper()
	k, err := sealed.EnsureIn(keys)
	if err != nil {
		f.t.Fatal(err)
	}
	h := &hall.Hall{ID: hallID, Name: "测试大厅", TimeZone: "Asia/Shanghai",
		Windows: []hall.Window{{ID: "w1", Name: "1"}, {ID: "w3", Name: "3"}, {ID: "w9", Name: "9"}}}
	d, err := New(Config{Store: f.store, Halls: []*hall.Hall{h}, Keys: k, Calendar: workday.Builtin(), Now: func() time.Time { return f.now },
		Logger: slog.New(slog.NewTextHandler(f.log, nil))})
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

func filing() Filing {
	return Filing{ID: uuid.Must(uuid.NewV7()).String(), Kind: complaint.Rude, Window: "w3", Words: words, Contact: contact}
}

func (f *fixture) file(g Filing) Receipt {
	f.t.Helper()
	r, err := f.File(f.t.Context(), hallID, g, home)
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

func (f *fixture) open(v Viewer, id string) Case {
	f.t.Helper()
	c, err := f.Case(f.t.Context(), hallID, v, id)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

// do makes a step that looked at the case just before.
func (f *fixture) do(id string, m Move) error {
	f.t.Helper()
	m.Seen = len(f.open(handler, id).Steps)
	return f.Step(f.t.Context(), hallID, handler, id, m)
}

func code(err error) centralapi.Code {
	if e, ok := errors.AsType[*centralapi.Error](err); ok {
		return e.Code
	}
	return ""
}

// The whole way: filed on a phone, handled, answered, archived, and at each stage its
// author sees how far it is.
func TestTheWholeWay(t *testing.T) {
	onBoth(t, func(f *fixture) {
		g := filing()
		r := f.file(g)
		if r.Due != "2026-11-25" {
			t.Errorf("to be looked into by %s", r.Due)
		}
		if again := f.file(g); again != r {
			t.Errorf("the same form again: %+v, want %+v", again, r)
		}
		progress := func(want complaint.State, stages int) centralapi.ComplaintProgress {
			t.Helper()
			p, err := f.Progress(t.Context(), hallID, strings.ToLower(r.Code.Shown()), home)
			if err != nil || p.State != want || len(p.Stages) != stages || p.Kind != complaint.Rude {
				t.Errorf("progress %+v, %v; want %s", p, err, want)
			}
			if strings.Contains(fmt.Sprint(p), "难听") {
				t.Error("what was written comes back to whoever has the code")
			}
			return p
		}
		progress(complaint.Registered, 1)
		list, more, err := f.List(t.Context(), hallID, handler, Filter{Open: true})
		if err != nil || more || len(list) != 1 || list[0].ID != g.ID || list[0].Number != 1 || list[0].Anonymous || !list[0].ToClassify {
			t.Fatalf("list %+v, %v, %v", list, more, err)
		}
		c := f.open(handler, g.ID)
		if c.Words != words || c.Unreadable || fmt.Sprint(c.Possible) != "[verify note name]" {
			t.Errorf("case %+v", c)
		}
		if text, ok, err := f.Contact(t.Context(), hallID, handler, g.ID); text != contact || !ok || err != nil {
			t.Errorf("contact %q, %v, %v", text, ok, err)
		}
		var kept []string
		for _, o := range f.open(handler, g.ID).Openings {
			kept = append(kept, o.By+" "+o.Name+" "+o.Part)
		}
		if want := "[staff:u1 王处理 words staff:u1 王处理 contact staff:u1 王处理 words]"; fmt.Sprint(kept) != want {
			t.Errorf("openings %v", kept)
		}
		for i, m := range []Move{
			{Action: complaint.Verify, Text: "属实", Class: complaint.Complex},
			{Action: complaint.Investigate, Text: "成立小组"},
			{Action: complaint.Transfer, Text: "涉及市监局", Department: "市监局", FollowUp: "2026-11-26"},
			{Action: complaint.FollowUp, Text: "已查清"},
			{Action: complaint.Extend, Text: "等监控录像", Days: 3},
			{Action: complaint.Handle, Text: "批评教育"},
			{Action: complaint.Note, Text: "已谈话"},
			{Action: complaint.Feedback, Text: "向您道歉，已批评教育。"},
			{Action: complaint.Archive, Text: "结案"},
		} {
			f.now = f.now.Add(time.Hour)
			if err := f.do(g.ID, m); err != nil {
				t.Fatalf("%d %s: %v", i, m.Action, err)
			}
			switch m.Action {
			case complaint.Verify:
				if p := progress(complaint.Verifying, 2); p.Due != "2026-12-14" || !p.Withdrawable {
					t.Errorf("verified: %+v", p)
				}
			case complaint.Transfer:
				if p := progress(complaint.Investigating, 3); p.Department != "市监局" {
					t.Errorf("transferred: %+v", p)
				}
			case complaint.Extend:
				if p := progress(complaint.Investigating, 3); p.Due != "2026-12-17" {
					t.Errorf("extended: %+v", p)
				}
			case complaint.Feedback:
				if p := progress(complaint.Answered, 5); p.Reply != "向您道歉，已批评教育。" || p.Withdrawable || p.Due != "" {
					t.Errorf("answered: %+v", p)
				}
			}
		}
		progress(complaint.Archived, 6)
		if _, err := f.Withdraw(t.Context(), hallID, string(r.Code), home); code(err) != centralapi.CodeConflict {
			t.Errorf("withdrawn after the answer: %v", err)
		}
		if list, _, err := f.List(t.Context(), hallID, handler, Filter{Open: true}); len(list) != 0 || err != nil {
			t.Errorf("open ones: %+v, %v", list, err)
		}
		last := f.open(handler, g.ID)
		if len(last.Steps) != 10 || last.Steps[3].Department != "市监局" || last.Steps[5].Days != 3 || last.Steps[9].ByName != "王处理" {
			t.Errorf("steps %+v", last.Steps)
		}
		if s, err := complaint.Replay(last.Steps); err != nil || fmt.Sprint(s) != fmt.Sprint(last.Status) {
			t.Errorf("replayed %+v, %v; want %+v", s, err, last.Status)
		}
		// What was written is nowhere to be read: not in the log, not in the files.
		secret := []string{"难听", "13800138000", "李示例"}
		leaks := func(where string, data []byte) {
			for _, s := range secret {
				if bytes.Contains(data, []byte(s)) {
					t.Errorf("%s is in %s", s, where)
				}
			}
		}
		leaks("the log", f.log.Bytes())
		files, err := filepath.Glob(filepath.Join(f.dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, name := range files {
			if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
				continue
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			leaks(filepath.Base(name), data)
			found = found || bytes.Contains(data, []byte("批评教育")) // the search finds what is there
		}
		if f.store.Kind() == "sqlite" && !found {
			t.Error("the files were searched in vain: nothing of the case is in them")
		}
	})
}

func TestWithdraw(t *testing.T) {
	onBoth(t, func(f *fixture) {
		g := filing()
		r := f.file(g)
		for range 2 { // the second time changes nothing
			p, err := f.Withdraw(t.Context(), hallID, r.Code.Shown(), home)
			if err != nil || p.State != complaint.Withdrawn || len(p.Stages) != 2 || p.Withdrawable {
				t.Errorf("withdrawn: %+v, %v", p, err)
			}
		}
		if err := f.do(g.ID, Move{Action: complaint.Verify, Text: "属实", Class: complaint.Simple}); code(err) != centralapi.CodeConflict {
			t.Errorf("verified after that: %v", err)
		}
	})
}

func TestFilingIsRefused(t *testing.T) {
	onBoth(t, func(f *fixture) {
		for name, change := range map[string]func(*Filing){
			"no id":          func(g *Filing) { g.ID = "" },
			"not a UUID":     func(g *Filing) { g.ID = strings.ToUpper(g.ID) + "x" },
			"no kind":        func(g *Filing) { g.Kind = "" },
			"unknown kind":   func(g *Filing) { g.Kind = "odd" },
			"unknown window": func(g *Filing) { g.Window = "w7" },
			"no words":       func(g *Filing) { g.Words = " \n　" },
			"long words":     func(g *Filing) { g.Words = strings.Repeat("长", complaint.MaxWords+1) },
			"long contact":   func(g *Filing) { g.Contact = strings.Repeat("1", complaint.MaxContact+1) },
			"broken words":   func(g *Filing) { g.Words = "\xff" },
		} {
			g := filing()
			change(&g)
			_, err := f.File(t.Context(), hallID, g, home)
			if e, ok := errors.AsType[*centralapi.Error](err); !ok || e.Code != centralapi.CodeInvalid || e.Detail == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := f.File(t.Context(), "other", filing(), home); code(err) != centralapi.CodeNotFound {
			t.Errorf("another hall: %v", err)
		}
		g := filing()
		g.Words = strings.Repeat("𠮷", complaint.MaxWords)
		f.file(g)
		if c := f.open(handler, g.ID); c.Words != g.Words {
			t.Error("a thousand characters of four bytes are not what they were")
		}
	})
}

// Programs that file or guess without end are stopped, by address; people are not.
func TestLimits(t *testing.T) {
	onBoth(t, func(f *fixture) {
		r := f.file(filing())
		other := netip.MustParsePrefix("192.0.2.2/32")
		refused := 0
		for range 40 {
			if _, err := f.File(t.Context(), hallID, filing(), home); code(err) == centralapi.CodeTooMany {
				refused++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if refused != 21 { // twenty may be filed at once, one was
			t.Errorf("%d of 40 refused", refused)
		}
		if _, err := f.File(t.Context(), hallID, filing(), other); err != nil {
			t.Errorf("somebody else: %v", err)
		}
		guesses := map[centralapi.Code]int{}
		for range 30 {
			_, err := f.Progress(t.Context(), hallID, string(complaint.NewCode()), home)
			guesses[code(err)]++
		}
		if guesses[centralapi.CodeNotFound] != 10 || guesses[centralapi.CodeTooMany] != 20 {
			t.Errorf("guesses: %v", guesses)
		}
		_, err := f.Withdraw(t.Context(), hallID, string(complaint.NewCode()), home)
		e, ok := errors.AsType[*centralapi.Error](err)
		if !ok || e.Code != centralapi.CodeTooMany || e.RetryAfter() <= 0 || e.RetryAfter() > 30*time.Second {
			t.Errorf("one more: %v", err)
		}
		if _, err := f.Progress(t.Context(), hallID, string(r.Code), other); err != nil {
			t.Errorf("somebody else: %v", err)
		}
		// A mistyped code is told apart, and costs nothing.
		for range 50 {
			if _, err := f.Progress(t.Context(), hallID, "00000-00001", other); code(err) != centralapi.CodeInvalid {
				t.Fatalf("mistyped: %v", err)
			}
		}
		f.now = f.now.Add(time.Minute)
		if _, err := f.Progress(t.Context(), hallID, string(r.Code), home); err != nil {
			t.Errorf("a minute later: %v", err)
		}
		// However many addresses come, the memory is bounded and strangers are answered.
		for n := range maxAddresses + 100 {
			f.misses.take(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 1, byte(n >> 8), byte(n)}), 32), f.now)
		}
		if len(f.misses.known) > maxAddresses {
			t.Errorf("%d addresses are kept", len(f.misses.known))
		}
	})
}

// What a terminal has taken comes in as it is, once.
func TestTake(t *testing.T) {
	onBoth(t, func(f *fixture) {
		key := f.SealKey()
		made := func() centralapi.Complaint {
			c := centralapi.Complaint{ID: uuid.Must(uuid.NewV7()).String(), Code: complaint.NewCode(), Kind: complaint.Delay, Window: "w3"}
			var err error
			if c.Words, err = key.Seal(centralapi.SealFor(hallID, c.ID, centralapi.PartWords), words); err != nil {
				t.Fatal(err)
			}
			if c.Contact, err = key.Seal(centralapi.SealFor(hallID, c.ID, centralapi.PartContact), contact); err != nil {
				t.Fatal(err)
			}
			return c
		}
		take := func(c centralapi.Complaint) error {
			return f.store.Write(t.Context(), hallID, func(tx *store.Tx) error { return f.Take(tx, hallID, "t1", c, begin.Add(-time.Hour)) })
		}
		c := made()
		for range 2 {
			if err := take(c); err != nil {
				t.Fatal(err)
			}
		}
		k := f.open(handler, c.ID)
		if k.Words != words || k.Channel != complaint.AtTerminal || len(k.Steps) != 1 || k.Steps[0].By != "terminal:t1" || !k.Filed.Equal(begin.Add(-time.Hour)) || k.Number != 1 {
			t.Errorf("case %+v", k)
		}
		if p, err := f.Progress(t.Context(), hallID, string(c.Code), home); err != nil || p.State != complaint.Registered {
			t.Errorf("progress %+v, %v", p, err)
		}
		gone := made()
		gone.Window = "w7" // the hall has been changed since
		if err := take(gone); err != nil {
			t.Error(err)
		}
		// Moved from another case: taken, and found out when it is opened.
		moved := made()
		moved.Words = c.Words
		if err := take(moved); err != nil {
			t.Error(err)
		}
		if k := f.open(handler, moved.ID); !k.Unreadable || k.Words != "" {
			t.Errorf("moved words are read: %+v", k)
		}
		for name, change := range map[string]func(*centralapi.Complaint){
			"no id":              func(c *centralapi.Complaint) { c.ID = "" },
			"no code":            func(c *centralapi.Complaint) { c.Code = "" },
			"code not canonical": func(c *centralapi.Complaint) { c.Code = complaint.Code(strings.ToLower(c.Code.Shown())) },
			"unknown kind":       func(c *centralapi.Complaint) { c.Kind = "odd" },
			"plain words":        func(c *centralapi.Complaint) { c.Words = words },
			"no words":           func(c *centralapi.Complaint) { c.Words = "" },
			"plain contact":      func(c *centralapi.Complaint) { c.Contact = contact },
			"another's code":     func(m *centralapi.Complaint) { m.Code = c.Code },
			"another's id":       func(m *centralapi.Complaint) { m.ID = c.ID },
		} {
			m := made()
			change(&m)
			err := take(m)
			if err == nil {
				t.Errorf("%s: taken", name)
			} else if strings.Contains(err.Error(), "难听") || strings.Contains(err.Error(), "138") {
				t.Errorf("%s: the error tells what was written: %v", name, err)
			}
		}
		if err := f.store.Write(t.Context(), "other", func(tx *store.Tx) error { return f.Take(tx, "other", "t1", made(), begin) }); err == nil {
			t.Error("taken for another hall")
		}
	})
}

func TestContextEnds(t *testing.T) {
	onBoth(t, func(f *fixture) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := f.File(ctx, hallID, filing(), home); !errors.Is(err, context.Canceled) {
			t.Errorf("filed: %v", err)
		}
	})
}

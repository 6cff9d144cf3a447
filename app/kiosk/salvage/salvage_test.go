package salvage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
)

// disk makes the data folder of a stopped terminal: events 1 to n, of which those
// up to acked are acknowledged and the dead ones are dead.
func disk(t *testing.T, n, acked int, dead ...int64) string {
	t.Helper()
	dir := t.TempDir()
	store, err := localstore.Open(t.Context(), dir, localstore.Options{Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	box := outbox.New(store)
	err = store.Write(t.Context(), "test", func(tx *localstore.Tx) error {
		for i := range n {
			if _, err := box.Add(tx, centralapi.HelpCalled, centralapi.HelpCall{Page: fmt.Sprint(i + 1)}); err != nil {
				return err
			}
		}
		for subject, value := range map[string]string{
			"terminal":    `{"id":"t7","hall":"test","slot":7}`,
			"incarnation": `{"terminal":"t7","token":"token-of-this-disk"}`,
		} {
			if _, err := tx.Exec(`INSERT INTO known (subject, value) VALUES (?, ?)`, subject, value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, seq := range dead {
		for range outbox.MaxTries {
			if _, err := box.Refused(t.Context(), seq, "内容不正确"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := box.Ack(t.Context(), int64(acked)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func seqs(f File) (all []int64) {
	for _, e := range f.Entries {
		all = append(all, e.Event.Seq)
	}
	return all
}

func TestTakeSaveRead(t *testing.T) {
	dir := disk(t, 6, 4, 2, 5)
	f, err := Take(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := seqs(f), []int64{2, 5, 6}; !slices.Equal(got, want) {
		t.Errorf("took %v, want %v", got, want)
	}
	h := f.Header
	if h.Terminal != "t7" || h.Hall != "test" || h.Incarnation != "token-of-this-disk" || h.Acked != 4 || h.Events != 3 ||
		h.Store == "" || h.BootID == "" || h.Monotonic <= 0 || time.Since(h.Wall).Abs() > time.Minute {
		t.Errorf("header %+v", h)
	}
	if e := f.Entries[0]; e.State != "dead" || e.Tries != outbox.MaxTries || e.Error != "内容不正确" || string(e.Event.Body) != `{"page":"2"}` || e.Age < 0 || e.Age > time.Minute {
		t.Errorf("dead entry %+v", e)
	}
	path := filepath.Join(t.TempDir(), "out")
	if err := f.Save(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file %v, %v", info.Mode(), err)
	}
	if err := f.Save(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over an existing file: %v", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Entries {
		f.Entries[i].Age = 0
	}
	if a, b := encode(t, f), encode(t, back); a != b {
		t.Errorf("read back\n%s\nof\n%s", b, a)
	}
	// Nothing was changed on the disk by all that.
	again, err := Take(t.Context(), dir)
	if err != nil || !slices.Equal(seqs(again), seqs(f)) || again.Header.Store != h.Store {
		t.Errorf("taken again: %v, %v", seqs(again), err)
	}
}

func encode(t *testing.T, f File) string {
	t.Helper()
	data, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTakeRefuses(t *testing.T) {
	empty := t.TempDir()
	if _, err := Take(t.Context(), empty); !errors.Is(err, ErrNoTerminal) {
		t.Errorf("empty folder: %v", err)
	}
	if found, _ := os.ReadDir(empty); len(found) != 0 {
		t.Errorf("looking made %v", found)
	}
	dir := disk(t, 1, 0)
	store, err := localstore.Open(t.Context(), dir, localstore.Options{Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := Take(t.Context(), dir); !errors.Is(err, ErrInUse) {
		t.Errorf("running terminal: %v", err)
	}
	if err := Backup(t.Context(), dir, filepath.Join(empty, "x")); !errors.Is(err, ErrInUse) {
		t.Errorf("back-up of a running terminal: %v", err)
	}
}

func TestBackup(t *testing.T) {
	dir, to := disk(t, 3, 1), t.TempDir()
	if err := Backup(t.Context(), dir, filepath.Join(to, localstore.FileName)); err != nil {
		t.Fatal(err)
	}
	f, err := Take(t.Context(), to)
	if err != nil || !slices.Equal(seqs(f), []int64{2, 3}) {
		t.Errorf("in the copy: %v, %v", seqs(f), err)
	}
}

// sample is a file of n waiting events.
func sample(n int) File {
	f := File{Header: Header{Version: 1, Store: "s", Terminal: "t7", Hall: "test", Incarnation: "i", BootID: "b", Monotonic: 1000, Wall: time.Now().UTC(), Events: n}}
	for i := range n {
		f.Entries = append(f.Entries, Entry{State: "waiting", Event: centralapi.Event{
			ID: uuid.Must(uuid.NewV7()).String(), Seq: int64(i + 1), Kind: centralapi.HelpCalled, Monotonic: 500, BootID: "b",
			Wall: time.Now().UTC(), Body: json.RawMessage(fmt.Sprintf(`{"page":"%d"}`, i+1))}})
	}
	return f
}

func text(t testing.TB, f File) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReadRefuses(t *testing.T) {
	good := text(t, sample(3))
	lines := strings.SplitAfter(good, "\n")
	change := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for name, c := range map[string]struct{ file, want string }{
		"empty":           {"", "empty"},
		"something else":  {"hello\n", "no export"},
		"another JSON":    {`{"a":1}` + "\n", "no export"},
		"newer format":    {change(`"hallkiosk_outbox":1`, `"hallkiosk_outbox":2`), "newer"},
		"cut between":     {strings.Join(lines[:3], ""), "cut short"},
		"cut within":      {good[:len(good)-40], "line 4"},
		"one too many":    {good + strings.Replace(lines[3], `"seq":3`, `"seq":4`, 1), "speaks of 3"},
		"doubled":         {lines[0] + lines[1] + lines[2] + lines[2], "event 2 follows event 2"},
		"no seq":          {change(`"seq":1`, `"seq":0`), "seq"},
		"no id":           {change(`"id":"`, `"id":"x`), "id"},
		"unknown state":   {change(`"state":"waiting"`, `"state":"acked"`), "state"},
		"no kind":         {change(`"kind":"help-called"`, `"kind":""`), "kind"},
		"no body":         {change(`"body":{"page":"1"}`, `"other":1`), "body"},
		"endless line":    {good + strings.Repeat("x", maxLine+1), "longer"},
		"whole and ended": {good, ""},
	} {
		_, err := Read(strings.NewReader(c.file))
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// What Read accepts can be written and read again, the same.
func FuzzRead(f *testing.F) {
	f.Add(text(f, sample(2)))
	f.Add(text(f, sample(0)))
	f.Add("")
	f.Add(`{"hallkiosk_outbox":1,"events":1}` + "\n" + `{"state":"dead","event":{"id":"01a200ab-4095-7cd2-85fc-a6ab83e1fe82","seq":9,"kind":"x","body":null}}`)
	f.Fuzz(func(t *testing.T, in string) {
		got, err := Read(strings.NewReader(in))
		if err != nil {
			return
		}
		written := text(t, got)
		again, err := Read(strings.NewReader(written))
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if text(t, again) != written {
			t.Errorf("%s\nbecame\n%s", written, text(t, again))
		}
	})
}

// hub is a centre.
type hub struct {
	acked   int64
	has     map[string]bool
	poison  map[int64]bool // refused for good
	odd     map[int64]bool // quarantined
	failing []error        // of the next deliveries
	batches []centralapi.EventBatch
}

func (h *hub) Terminal(context.Context) (centralapi.Terminal, error) {
	return centralapi.Terminal{ID: "t7", Hall: "test", AckedThrough: h.acked}, nil
}

func (h *hub) DeliverEvents(_ context.Context, b centralapi.EventBatch) (r centralapi.EventReceipt, err error) {
	h.batches = append(h.batches, b)
	if len(h.failing) > 0 {
		err, h.failing = h.failing[0], h.failing[1:]
		return r, err
	}
	for _, e := range b.Events {
		if h.poison[e.Seq] {
			return r, centralapi.Refuse(centralapi.CodeInvalid, "内容不正确")
		}
	}
	for _, e := range b.Events {
		if h.has == nil {
			h.has = map[string]bool{}
		}
		h.has[e.ID] = true
		if h.odd[e.Seq] {
			r.Quarantined = append(r.Quarantined, e.ID)
		}
		if e.Seq == h.acked+1 {
			h.acked++
		}
	}
	r.AckedThrough = h.acked
	return r, nil
}

// verdicts delivers f and returns what became of its events.
func verdicts(t *testing.T, h *hub, f File) (got map[Verdict][]int64, err error) {
	t.Helper()
	got = map[Verdict][]int64{}
	err = Deliver(t.Context(), h, f, func(r Receipt) {
		got[r.Verdict] = append(got[r.Verdict], r.Seq)
		if (r.Why != "") != (r.Verdict == Refused) || r.ID != f.Entries[r.Seq-1].Event.ID {
			t.Errorf("receipt %+v", r)
		}
	})
	return got, err
}

func TestDeliver(t *testing.T) {
	f := sample(250)
	h := &hub{acked: 10, poison: map[int64]bool{30: true}, odd: map[int64]bool{40: true}}
	got, err := verdicts(t, h, f)
	if err != nil || len(got[Known]) != 10 || !slices.Equal(got[Refused], []int64{30}) || !slices.Equal(got[Quarantined], []int64{40}) || len(got[Accepted]) != 238 {
		t.Errorf("%v, %v", got, err)
	}
	for _, b := range h.batches {
		if b.Terminal != "t7" || b.Incarnation != "i" || b.BootID != "b" || b.MonotonicNow < 1000 || len(b.Events) > 100 ||
			!slices.IsSortedFunc(b.Events, func(x, y centralapi.Event) int { return int(x.Seq - y.Seq) }) {
			t.Errorf("batch %+v", b)
		}
	}
	h.poison = nil
	if got, err = verdicts(t, h, f); err != nil || len(got[Known])+len(got[Accepted])+len(got[Quarantined]) != 250 || len(h.has) != 240 {
		t.Errorf("again: %v, %v; %d events at the centre", got, err, len(h.has))
	}
}

// Dead events go as they were, whatever went in their place before.
func TestDeliverDead(t *testing.T) {
	f := sample(2)
	f.Entries[0].State = "dead"
	h := &hub{acked: 1}
	got, err := verdicts(t, h, f)
	if err != nil || len(got[Accepted]) != 2 || h.batches[0].Events[0].Kind != centralapi.HelpCalled {
		t.Errorf("%v, %v", got, err)
	}
}

func TestDeliverToTheWrongTerminal(t *testing.T) {
	f := sample(1)
	f.Header.Terminal = "t8"
	h := &hub{}
	if _, err := verdicts(t, h, f); !errors.Is(err, ErrForeign) || len(h.batches) != 0 {
		t.Errorf("%v; %d deliveries", err, len(h.batches))
	}
}

func TestDeliverWaits(t *testing.T) {
	busy := centralapi.Refuse(centralapi.CodeTooMany, "").After(20 * time.Second)
	for name, c := range map[string]struct {
		failing []error
		atLeast time.Duration
		tries   int
		fails   bool
	}{
		"busy, then not": {[]error{busy, busy}, 40 * time.Second, 3, false},
		"away, then not": {[]error{centralapi.ErrUnreachable}, 0, 2, false},
		"away":           {slices.Repeat([]error{centralapi.ErrUnreachable}, tries), 0, tries, true},
		"retired":        {[]error{centralapi.Refuse(centralapi.CodeRetired, "")}, 0, 1, true},
		"wrong token":    {[]error{centralapi.Refuse(centralapi.CodeUnauthorized, "")}, 0, 1, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			h := &hub{failing: c.failing}
			got, err := verdicts(t, h, sample(1))
			if (err != nil) != c.fails || len(h.batches) != c.tries || time.Since(begin) < c.atLeast || !c.fails && len(got[Accepted]) != 1 {
				t.Errorf("%s: %v after %d tries and %v; %v", name, err, len(h.batches), time.Since(begin), got)
			}
		})
	}
}

// The age of an event is what it was at the export, and the time since.
func TestDeliverKeepsAges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := sample(1)
		time.Sleep(time.Hour)
		h := &hub{}
		if _, err := verdicts(t, h, f); err != nil {
			t.Fatal(err)
		}
		if age := h.batches[0].MonotonicNow - h.batches[0].Events[0].Monotonic; age != 500+time.Hour.Milliseconds() {
			t.Errorf("%d ms old", age)
		}
	})
}

package kiosk_test

// The whole system: the real terminal core, the real central service on
// loopback, real SQLite files, and the drivers on pseudo-terminals opened as
// real ports are. Only the window is missing; app/window_test.go has that.

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/devices/simulator"
)

// patience is how long anything may take before a test fails. It is not a
// target: machines under test are slow and busy.
const patience = 30 * time.Second

// The people of the tests: the example numbers of GB 11643 and the names that
// the simulator gives their cards.
var secrets = []string{"11010519491231002X", "440524188001010014", "张测试", "测试员", "李示例", complaintWords, complaintPhone}

// technicianPIN is the PIN of the tests' technician.
const technicianPIN = "271828"

var technicianHash = sync.OnceValues(func() (string, error) { return hall.HashPIN(technicianPIN) })

// A system is one hall with one terminal.
type system struct {
	t       *testing.T
	dir     string
	hall    *hall.Hall
	service *central.Service
	front   *front
	devices *simulator.Hall
	term    *kiosk.Terminal
	api     *centralapi.Client
	log     *lockedBuffer

	views chan session.View
	last  session.View
	stops []func()
}

// lockedBuffer collects log lines from every goroutine.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// A front stands before the central service and can be cut, or lose the answer
// to the next number that is asked for.
type front struct {
	next      atomic.Pointer[http.Handler]
	cut       atomic.Bool
	loseReply atomic.Bool
	urls      lockedBuffer
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.urls.Write([]byte(r.Method + " " + r.URL.String() + "\n"))
	if f.cut.Load() {
		hangUp(w)
		return
	}
	next := *f.next.Load()
	if f.loseReply.Load() && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/tickets") {
		next.ServeHTTP(httptest.NewRecorder(), r) // processed
		hangUp(w)                                 // and nobody hears of it
		return
	}
	next.ServeHTTP(w, r)
}

// hangUp ends the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

func demoHall(t *testing.T) *hall.Hall {
	t.Helper()
	f, err := hall.ReadFile("../../assets/halls/demo.toml")
	if err != nil {
		t.Fatal(err)
	}
	return f.Hall.AlwaysOpen()
}

// start brings a hall up and waits for the terminal's home page with every
// device ready.
func start(t *testing.T) *system {
	t.Helper()
	s := &system{t: t, dir: t.TempDir(), hall: demoHall(t), log: &lockedBuffer{}, front: &front{},
		views: make(chan session.View, 1000)}
	t.Cleanup(s.stop)
	s.startCentre()
	const token = "system-test-token-0123456789abcdef0123456789abcdef"
	if _, err := s.service.EnsureTerminal(t.Context(), s.hall.ID, "一号自助机", token); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.front)
	s.stops = append(s.stops, server.Close)
	var err error
	s.devices, err = simulator.Start(simulator.Config{Dir: s.devicesDir(), Unpaced: true})
	if err != nil {
		t.Fatal(err)
	}
	s.stops = append(s.stops, func() { s.devices.Close() })
	s.api, err = centralapi.NewClient(centralapi.ClientConfig{BaseURL: server.URL, Hall: s.hall.ID, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	port := func(name string) kiosk.Port { return kiosk.Port{Path: filepath.Join(s.devicesDir(), name)} }
	pin, err := technicianHash()
	if err != nil {
		t.Fatal(err)
	}
	s.term, err = kiosk.New(kiosk.Config{
		Centre: server.URL, Hall: s.hall.ID, Token: token, DataDir: filepath.Join(s.dir, "terminal"),
		Printer: port("printer"), PrinterProfile: "epson-80", Reader: port("reader"), Scanner: port("scanner"),
		TechnicianPIN: pin, Version: "test",
		Logger: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- s.term.Run(ctx) }()
	s.stops = append(s.stops, func() {
		cancel()
		<-ran
		s.term.Close()
	})
	s.term.Watch(func(v session.View) { s.views <- v })
	s.until("the home page with every device ready", func(v session.View) bool {
		return v.Home != nil && v.Home.CardHint && len(v.Home.Notices) == 0 && v.Home.WaitingTotal >= 0
	})
	return s
}

func (s *system) devicesDir() string { return filepath.Join(s.dir, "devices") }

// startCentre starts a central service on the same data folder.
func (s *system) startCentre() {
	s.t.Helper()
	var err error
	s.service, err = central.New(central.Config{
		DataDir: filepath.Join(s.dir, "central"), Addr: "127.0.0.1:0", Halls: []*hall.Hall{s.hall}, RequestRate: 1e6,
		Logger: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	h := s.service.Handler()
	s.front.next.Store(&h)
}

// stop ends everything, newest first, then looks through all that was written.
func (s *system) stop() {
	for _, f := range slices.Backward(s.stops) {
		f()
	}
	if s.service != nil {
		s.service.Close()
	}
	s.searchForSecrets()
}

// until waits for a view that satisfies ok.
func (s *system) until(what string, ok func(session.View) bool) session.View {
	s.t.Helper()
	if ok(s.last) {
		return s.last
	}
	timeout := time.After(patience)
	for {
		select {
		case s.last = <-s.views:
			if ok(s.last) {
				return s.last
			}
		case <-timeout:
			s.t.Fatalf("%s did not come; last page %q: %+v %+v %+v", what, s.last.Page, s.last.Home, s.last.Result, s.last.Message)
		}
	}
}

func (s *system) page(p session.Page) session.View {
	s.t.Helper()
	return s.until("page "+string(p), func(v session.View) bool { return v.Page == p })
}

// touch sends touches one after the other.
func (s *system) touch(events ...session.Event) {
	for _, e := range events {
		s.term.Do(e)
	}
}

// device carries out a line of the simulator's language.
func (s *system) device(line string) {
	s.t.Helper()
	if _, err := s.devices.Exec(line); err != nil {
		s.t.Fatalf("simulator: %s: %v", line, err)
	}
}

// choose goes from home to the page after the choice of 户口登记.
func (s *system) choose() {
	s.t.Helper()
	s.touch(session.TakeNumber{}, session.Chosen{ID: "group:户籍与证件"}, session.Chosen{ID: "business:hukou"}, session.Chosen{ID: "item:hukou-in"})
}

// confirmWithCard goes to the last page before the number, by card.
func (s *system) confirmWithCard() {
	s.t.Helper()
	s.choose()
	s.until("the page that asks for a card", func(v session.View) bool {
		return v.Identify != nil && v.Identify.Reader == session.ReaderWaiting
	})
	s.device("card zhang")
	s.page(session.PageConfirm)
}

// result waits until the paper's fate is known.
func (s *system) result() *session.Result {
	s.t.Helper()
	return s.until("the number and what became of its paper", func(v session.View) bool {
		return v.Result != nil && v.Result.Paper != session.Printing
	}).Result
}

// tickets are all live tickets the centre knows.
func (s *system) board() centralapi.Board {
	s.t.Helper()
	b, err := s.api.Board(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s *system) login() *centralapi.WindowClient {
	s.t.Helper()
	w, err := s.api.Login(s.t.Context(), centralapi.WindowLogin{Window: "w1", PIN: "100001"})
	if err != nil {
		s.t.Fatal(err)
	}
	return w
}

// callAll calls and finishes until nobody waits, and returns the labels.
func (s *system) callAll(w *centralapi.WindowClient) []string {
	s.t.Helper()
	var labels []string
	for {
		ticket, ok, err := w.CallNext(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if !ok {
			return labels
		}
		labels = append(labels, ticket.Label)
		if _, err := w.Finish(s.t.Context(), ticket.ID); err != nil {
			s.t.Fatal(err)
		}
	}
}

// eventually waits until ok is true.
func (s *system) eventually(what string, ok func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s did not come true", what)
		}
	}
}

// searchForSecrets looks for whole numbers and names in every file, log line and
// address of the run. The paper and the devices' own folder are not searched:
// nothing is written there.
func (s *system) searchForSecrets() {
	look := func(where string, data []byte) {
		for _, secret := range secrets {
			if bytes.Contains(data, []byte(secret)) {
				s.t.Errorf("%s holds %q in full", where, secret)
			}
		}
	}
	files := 0
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		look(path, data)
		files++
		return err
	})
	if err != nil || files < 2 {
		s.t.Errorf("searched %d files, %v", files, err)
	}
	s.log.mu.Lock()
	look("the log", s.log.b.Bytes())
	s.log.mu.Unlock()
	s.front.urls.mu.Lock()
	look("a URL", s.front.urls.b.Bytes())
	s.front.urls.mu.Unlock()
}

func TestTicketFromCardToCounter(t *testing.T) {
	s := start(t)
	s.confirmWithCard()
	v := s.last
	if v.Confirm.HolderName != "测*员" && !strings.Contains(v.Confirm.HolderName, "*") {
		t.Errorf("holder on the page: %q", v.Confirm.HolderName)
	}
	s.touch(session.Confirmed{})
	r := s.result()
	if r.Label != "A001" || r.Paper != session.Printed || r.Own {
		t.Fatalf("result %+v", r)
	}
	papers, err := s.devices.Printer.Wait(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	text := papers[0].Text()
	for _, want := range []string{"A001", "户口登记与迁移", "户口迁入", v.Confirm.HolderName, "前面没有人在等", "一楼 A 区"} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper lacks %q:\n%s", want, text)
		}
	}
	if len(papers[0].Pictures) != 1 {
		t.Errorf("%d pictures on the paper, want the QR code", len(papers[0].Pictures))
	}

	w := s.login()
	ticket, ok, err := w.CallNext(t.Context())
	if err != nil || !ok || ticket.Label != "A001" || ticket.HolderName != v.Confirm.HolderName {
		t.Fatalf("called %+v, %v, %v", ticket, ok, err)
	}
	if b := s.board(); len(b.Calls) != 1 || b.Calls[0].Label != "A001" || b.Calls[0].Window != "1" {
		t.Errorf("board %+v", b.Calls)
	}
	done, err := w.Finish(t.Context(), ticket.ID)
	if err != nil || done.State != centralapi.Finished {
		t.Errorf("finished %+v, %v", done, err)
	}
	if _, ok, _ := w.CallNext(t.Context()); ok {
		t.Error("somebody else was called")
	}
}

func TestSecondNumberOfOnePersonIsTheFirst(t *testing.T) {
	s := start(t)
	s.confirmWithCard()
	s.touch(session.Confirmed{})
	first := s.result()
	s.device("lift")
	s.until("the card gone", func(v session.View) bool { return !v.CardLeft })
	s.touch(session.DonePressed{})
	s.page(session.PageHome)
	s.confirmWithCard()
	s.touch(session.Confirmed{})
	second := s.until("the number", func(v session.View) bool { return v.Result != nil }).Result
	if second.Label != first.Label || !second.Existing || second.Paper != session.PaperAsked {
		t.Fatalf("second number %+v, first %+v", second, first)
	}
	s.touch(session.ReprintPressed{})
	papers, err := s.devices.Printer.Wait(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(papers[0].Text(), "补") || !strings.Contains(papers[1].Text(), "补") {
		t.Errorf("only the second paper must be marked:\n%s\n----\n%s", papers[0].Text(), papers[1].Text())
	}
}

func TestPaperTrouble(t *testing.T) {
	tests := []struct {
		name   string
		before []string
		want   session.Paper
		// whole papers after loading, and whether the last one is marked 补打
		papers int
		marked bool
	}{
		{"out before", []string{"paper out"}, session.PaperNone, 1, false},
		{"out during", []string{"paper out after 120"}, session.PaperNone, 1, true},
		{"cover open before", []string{"cover open"}, session.PaperFault, 1, false},
		{"cable out before", []string{"printer unplug"}, session.PaperFault, 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			s.confirmWithCard()
			for _, line := range tt.before {
				s.device(line)
			}
			s.touch(session.Confirmed{})
			r := s.result()
			if r.Label != "A001" || r.Paper != tt.want {
				t.Fatalf("result %+v, want A001 and %q", r, tt.want)
			}
			for _, line := range []string{"paper load", "cover close", "printer plug"} {
				s.devices.Exec(line) // what was not wrong cannot be put right
			}
			s.until("the paper after all", func(v session.View) bool { return v.Result != nil && v.Result.Paper == session.Printed })
			whole := 0
			var last string
			for _, p := range s.devices.Printer.Papers() {
				if !p.Torn && strings.Contains(p.Text(), "A001") {
					whole, last = whole+1, p.Text()
				}
			}
			if whole != tt.papers || strings.Contains(last, "补") != tt.marked {
				t.Errorf("%d whole papers, want %d; marked %v, want %v\n%s", whole, tt.papers, strings.Contains(last, "补"), tt.marked, last)
			}
			if labels := s.callAll(s.login()); !slices.Equal(labels, []string{"A001"}) {
				t.Errorf("called %v, want exactly A001", labels)
			}
		})
	}
}

func TestCardTrouble(t *testing.T) {
	t.Run("lifted early", func(t *testing.T) {
		s := start(t)
		s.choose()
		s.page(session.PageIdentify)
		s.device("reader slow")
		s.device("card zhang")
		s.until("the reading", func(v session.View) bool { return v.Identify != nil && v.Identify.Reader == session.ReaderReading })
		s.device("lift")
		s.until("what went wrong", func(v session.View) bool { return v.Identify != nil && v.Identify.Failure == session.CardMoved })
		s.device("reader normal")
		s.device("card zhang")
		s.page(session.PageConfirm)
	})
	t.Run("reader unplugged while reading", func(t *testing.T) {
		s := start(t)
		s.choose()
		s.page(session.PageIdentify)
		s.device("reader slow")
		s.device("card zhang")
		s.until("the reading", func(v session.View) bool { return v.Identify != nil && v.Identify.Reader == session.ReaderReading })
		s.device("reader unplug")
		s.until("the reader gone", func(v session.View) bool {
			return v.Identify != nil && v.Identify.Reader == session.ReaderAbsent && v.Identify.Failure == session.CardLost
		})
		// Nobody has to wait for the reader: the number can be typed.
		s.touch(session.TypePressed{})
		for _, k := range secrets[0] {
			s.touch(session.KeyPressed{Key: k})
		}
		s.touch(session.NumberEntered{}, session.Confirmed{})
		if r := s.result(); r.Label != "A001" || r.Paper != session.Printed {
			t.Fatalf("result %+v", r)
		}
		s.device("reader plug")
		s.touch(session.DonePressed{})
		s.until("the reader back on the home page", func(v session.View) bool { return v.Home != nil && v.Home.CardHint })
		if labels := s.callAll(s.login()); !slices.Equal(labels, []string{"A001"}) {
			t.Errorf("called %v, want exactly A001", labels)
		}
	})
	t.Run("a typed number that is none goes nowhere", func(t *testing.T) {
		s := start(t)
		s.choose()
		s.page(session.PageIdentify)
		s.touch(session.TypePressed{})
		for _, k := range "110105194912310021" {
			s.touch(session.KeyPressed{Key: k})
		}
		s.touch(session.NumberEntered{}, session.Confirmed{})
		s.until("the complaint", func(v session.View) bool {
			return v.TypeNumber != nil && v.TypeNumber.Problem == session.NumberBadCheck
		})
		if labels := s.callAll(s.login()); len(labels) != 0 {
			t.Errorf("called %v, want nobody", labels)
		}
	})
}

var ownLabel = regexp.MustCompile(`^A[1-9][0-9]*-01$`)

func TestCentreAway(t *testing.T) {
	t.Run("before the request", func(t *testing.T) {
		s := start(t)
		s.confirmWithCard()
		s.front.cut.Store(true)
		s.touch(session.Confirmed{})
		r := s.result()
		if !r.Own || !ownLabel.MatchString(r.Label) || r.Paper != session.Printed {
			t.Fatalf("result %+v, want a number of the terminal's own series, printed", r)
		}
		s.front.cut.Store(false)
		w := s.login()
		s.eventually("the number is known to the hall", func() bool {
			b := s.board()
			return slices.ContainsFunc(b.Waiting, func(a centralapi.AreaWaiting) bool { return a.Waiting == 1 })
		})
		if labels := s.callAll(w); !slices.Equal(labels, []string{r.Label}) {
			t.Errorf("called %v, want exactly %s", labels, r.Label)
		}
	})
	t.Run("after the request was processed", func(t *testing.T) {
		s := start(t)
		s.confirmWithCard()
		s.front.loseReply.Store(true)
		s.touch(session.Confirmed{})
		r := s.result()
		if !r.Own || !ownLabel.MatchString(r.Label) {
			t.Fatalf("result %+v, want a number of the terminal's own series", r)
		}
		s.front.loseReply.Store(false)
		s.eventually("the own number has replaced the one nobody saw", func() bool {
			return s.called(r.Label)
		})
		if labels := s.callAll(s.login()); len(labels) != 0 {
			t.Errorf("also called %v", labels)
		}
	})
	t.Run("restarted in between, on the same data", func(t *testing.T) {
		s := start(t)
		s.confirmWithCard()
		s.front.cut.Store(true)
		if err := s.service.Close(); err != nil {
			t.Fatal(err)
		}
		s.touch(session.Confirmed{})
		r := s.result()
		s.startCentre()
		s.front.cut.Store(false)
		s.eventually("the number is called", func() bool { return s.called(r.Label) })
	})
}

// called calls until this label comes, which must be the first.
func (s *system) called(label string) bool {
	s.t.Helper()
	w := s.login()
	for _, a := range s.board().Waiting {
		if a.Waiting > 1 {
			return false // the hall's own number still stands beside it
		}
	}
	b := s.board()
	total := 0
	for _, a := range b.Waiting {
		total += a.Waiting
	}
	if total == 0 {
		return false
	}
	peek, ok, err := w.CallNext(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	if !ok {
		return false
	}
	if _, err := w.Finish(s.t.Context(), peek.ID); err != nil {
		s.t.Fatal(err)
	}
	if peek.Label != label {
		s.t.Fatalf("called %s, want %s", peek.Label, label)
	}
	return true
}

func TestHelpReachesTheWindows(t *testing.T) {
	s := start(t)
	s.touch(session.HelpPressed{})
	s.until("the mark that help was called", func(v session.View) bool {
		return v.Bottom.HelpMinutes == 0 && !v.Bottom.HelpUnsent
	})
}

package central

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"hallkiosk/app/central/internal/httpapi"
	"hallkiosk/app/central/internal/live"
	"hallkiosk/app/central/internal/pages"
	"hallkiosk/app/central/internal/queue"
	"hallkiosk/app/central/internal/ratings"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/central/internal/visits"
	"hallkiosk/app/hall"
)

// DefaultAddr is what Run listens on unless Config says otherwise: reachable
// from this machine only.
const DefaultAddr = "127.0.0.1:7080"

// shutdownPatience is how long requests under way may take when the service
// stops.
const shutdownPatience = 5 * time.Second

// timeouts bound what a client that is slow, or does nothing, can keep occupied.
type timeouts struct{ readHeader, read, write, idle time.Duration }

var defaultTimeouts = timeouts{readHeader: 5 * time.Second, read: 15 * time.Second, write: 30 * time.Second, idle: 2 * time.Minute}

// ErrInUse means that another process serves the data folder. Test with
// errors.Is on the error of New.
var ErrInUse = store.ErrInUse

// Config says what a Service serves and where. Halls and one of DataDir and
// Database are required.
type Config struct {
	// DataDir holds an SQLite database; it is made when it is missing. It must lie
	// on a local disk, and one process at a time has it.
	DataDir string
	// Database is the address of a PostgreSQL database (postgres://user@host/name)
	// that is used instead; several services may share it, each with its own
	// address and the same hall files. Its password is never logged.
	Database string
	// Addr is what Run listens on. Default [DefaultAddr]; port 0 picks a free one.
	Addr string
	// Halls are the halls served, each Hall.ID once. They must not be changed
	// afterwards.
	Halls []*hall.Hall
	// Logger receives what an operator must know, never anything personal.
	// Default: nothing.
	Logger *slog.Logger
	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Boot reads a clock that nobody sets, in milliseconds, and names its run: a
	// hall's day is told by it from a wall clock that was put wrong. Default: the
	// machine's, or with another Now what that shows.
	Boot func() (run string, ms int64)
	// SealKeyFile holds the keys that complaints are sealed with; see hallcentral
	// serve -seal-key. Default: seal.key in DataDir, made at the first start. With a
	// Database it must be given, the same to all its services, or no complaints are taken.
	SealKeyFile string
	// RequestRate is how many API requests a second each terminal, window or
	// address may make, and twice as many at once. Default 50; more is for
	// measurements.
	RequestRate int
	// MaxStreams is how many boards, feeds and long polls of the API may be open at
	// a time, up to 40 KiB each. Default 2000.
	MaxStreams int
	// Voice is a folder with recordings of the hall's own for the TV boards to speak
	// with; assets/voice/README.md names the files. Default: none, and the boards
	// play those that come with the program.
	Voice string
}

// Service is the central service.
type Service struct {
	config    Config
	store     *store.Store
	hub       *live.Hub
	desk      *queue.Desk
	staff     *staff.Book
	ratings   *ratings.Desk
	site      pages.Config // what handler shows beside the API
	handler   http.Handler
	timeouts  timeouts
	ran       atomic.Bool
	listening chan struct{}
	url       string // set before listening is closed
	closing   sync.Once
	closeErr  error
}

// New opens the database and brings it up to date. It fails with [ErrInUse] when
// another process has the data folder. The caller must Close the Service.
func New(c Config) (*Service, error) {
	if c.Addr == "" {
		c.Addr = DefaultAddr
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if len(c.Halls) == 0 {
		return nil, errors.New("central: no hall to serve")
	}
	data, err := open(c)
	if err != nil {
		return nil, fmt.Errorf("central: %w", err)
	}
	s := &Service{config: c, store: data, hub: &live.Hub{}, timeouts: defaultTimeouts, listening: make(chan struct{})}
	cases, err := newComplaints(c, data)
	if err != nil {
		data.Close()
		return nil, fmt.Errorf("central: %w", err)
	}
	rules := queue.Config{Store: data, Hub: s.hub, Halls: c.Halls, Now: c.Now, Boot: c.Boot, Logger: c.Logger}
	if cases != nil {
		rules.TakeComplaint = cases.Take
	}
	s.desk, err = queue.New(rules)
	if err != nil {
		data.Close()
		return nil, fmt.Errorf("central: %w", err)
	}
	s.staff, err = staff.New(staff.Config{Store: data, Halls: c.Halls, Now: c.Now, Logger: c.Logger})
	if err != nil {
		data.Close()
		return nil, fmt.Errorf("central: %w", err)
	}
	results, err := visits.New(visits.Config{Store: data, Halls: c.Halls, Now: c.Now})
	if err != nil {
		data.Close()
		return nil, fmt.Errorf("central: %w", err)
	}
	s.ratings, err = newRatings(c, data)
	if err != nil {
		data.Close()
		return nil, fmt.Errorf("central: %w", err)
	}
	ids := make([]string, 0, len(c.Halls))
	for _, h := range c.Halls {
		ids = append(ids, h.ID)
	}
	heard := newContacts(c.Now)
	reports, err := s.newReports(data, heard)
	if err != nil {
		data.Close()
		return nil, err
	}
	site := pages.Config{Reports: reports, Desk: s.desk, Staff: s.staff, Visits: results, Ratings: s.ratings, Halls: ids, Now: c.Now, Logger: c.Logger, Voice: voiceFiles(c.Voice)}
	api := httpapi.Config{Desk: heardDesk{s.desk, heard}, Ratings: s.ratings, StaffToken: staffToken(s.staff), Logger: c.Logger, RequestRate: c.RequestRate, MaxStreams: c.MaxStreams}
	if cases != nil { // a nil *complaints.Desk in an interface would not be nil
		site.Complaints, api.Complaints = cases, cases
	}
	s.site = site
	api.Other = pages.New(site)
	s.handler = httpapi.New(api)
	return s, nil
}

// voiceFiles is nil, and not a file system of nothing, where there is no folder.
func voiceFiles(dir string) fs.FS {
	if dir == "" {
		return nil
	}
	return os.DirFS(dir)
}

// openPatience is how long a database server may take to answer at the start.
const openPatience = 30 * time.Second

func open(c Config) (*store.Store, error) {
	o := store.Options{Logger: c.Logger}
	switch {
	case c.Database != "" && c.DataDir != "":
		return nil, errors.New("both a data folder and a database are given")
	case c.Database != "":
		ctx, cancel := context.WithTimeout(context.Background(), openPatience)
		defer cancel()
		return store.OpenPostgres(ctx, c.Database, o)
	case c.DataDir == "":
		return nil, errors.New("neither a data folder nor a database is given")
	}
	return store.Open(c.DataDir, o)
}

// The desk is what both faces of the service expect of it.
var (
	_ httpapi.Desk = (*queue.Desk)(nil)
	_ pages.Desk   = (*queue.Desk)(nil)
	_ pages.Staff  = (*staff.Book)(nil)
	_ pages.Visits = (*visits.Desk)(nil)
)

// Handler serves everything: the API under /v1, the pages, /livez and /readyz.
// Run serves it with timeouts; tests may serve it themselves.
func (s *Service) Handler() http.Handler { return s.handler }

// Run listens and serves until ctx ends, which is no error, or until the service
// cannot go on: the address is taken, or the disk has failed (then the process
// should end and be started anew). It may be called once. Open streams end with it.
func (s *Service) Run(ctx context.Context) error {
	if s.ran.Swap(true) {
		return errors.New("central: Run was called before")
	}
	relaxCollector()
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", s.config.Addr)
	if err != nil {
		return fmt.Errorf("central: listen on %s: %w", s.config.Addr, err)
	}
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: s.timeouts.readHeader,
		ReadTimeout:       s.timeouts.read,
		WriteTimeout:      s.timeouts.write,
		IdleTimeout:       s.timeouts.idle,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelWarn),
	}
	s.url = "http://" + ln.Addr().String()
	s.config.Logger.Info("central: serving", "url", s.url)
	close(s.listening)
	defer s.serveAdmin()()

	defer s.sweepRatings(ctx)()

	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	select {
	case err = <-served:
		return fmt.Errorf("central: serve: %w", err)
	case <-s.store.Dead():
		err = fmt.Errorf("central: %w", s.store.Err())
	case <-ctx.Done():
		err = nil
	}
	s.hub.Close() // the streams would keep the server from stopping
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownPatience)
	defer cancel()
	if server.Shutdown(patience) != nil {
		server.Close()
	}
	<-served
	return err
}

// Listening is closed when Run accepts connections.
func (s *Service) Listening() <-chan struct{} { return s.listening }

// URL is the address of the running service, such as http://127.0.0.1:7080. It
// is empty until Listening is closed.
func (s *Service) URL() string {
	select {
	case <-s.listening:
		return s.url
	default:
		return ""
	}
}

// Close ends all streams and lets go of the database. Call it after Run has
// returned. It may be called more than once.
func (s *Service) Close() error {
	s.closing.Do(func() {
		s.hub.Close()
		if err := s.store.Close(); err != nil {
			s.closeErr = fmt.Errorf("central: %w", err)
		}
	})
	return s.closeErr
}

// EnrolTerminal makes a record for a new terminal, whose name staff will see on
// their consoles, and gives it a slot no other terminal of the hall has ever had.
// The token is not kept in readable form and cannot be shown again.
func (s *Service) EnrolTerminal(ctx context.Context, hallID, name string) (token string, slot int, err error) {
	token, t, err := s.desk.EnrolTerminal(ctx, hallID, name)
	if err != nil {
		return "", 0, fmt.Errorf("central: enrol terminal: %w", err)
	}
	return token, t.Slot, nil
}

// EnsureTerminal enrols a terminal with a token the caller has made, of at least
// 32 characters, unless a terminal of the hall has it already. It returns that
// terminal's slot.
func (s *Service) EnsureTerminal(ctx context.Context, hallID, name, token string) (slot int, err error) {
	t, err := s.desk.EnsureTerminal(ctx, hallID, name, token)
	if err != nil {
		return 0, fmt.Errorf("central: enrol terminal: %w", err)
	}
	return t.Slot, nil
}

// SetPaused closes a business to new tickets whatever its hours say, or takes
// that back.
func (s *Service) SetPaused(ctx context.Context, hallID, business string, paused bool) error {
	if err := s.desk.SetPaused(ctx, hallID, business, paused); err != nil {
		return fmt.Errorf("central: pause: %w", err)
	}
	return nil
}

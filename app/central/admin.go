package central

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
)

// An Admin does what an operator asks of the data of a service: a *[Service] that
// has opened it, or a *[Remote] that asks the service that has.
type Admin interface {
	// EnrolTerminal admits a terminal; see Service.
	EnrolTerminal(ctx context.Context, hallID, name string) (token string, slot int, err error)
	// Backup copies the database to a new file, while work goes on.
	Backup(ctx context.Context, toFile string) error
	// Rebuild makes what follows from a hall's ledger anew; see Service.
	Rebuild(ctx context.Context, hallID string, check bool) (Report, error)
	// Import takes in what was exported from a terminal's disk; see Service.
	Import(ctx context.Context, hallID string, b centralapi.EventBatch) (centralapi.EventReceipt, error)
	// ImportGuides puts a catalogue of guides to use; see Service.
	ImportGuides(ctx context.Context, hallID string, c *guide.Catalogue) (revision string, err error)
	// Guides returns the catalogue in use; see Service.
	Guides(ctx context.Context, hallID string) (*guide.Catalogue, error)
	// GuideMisses tells what was not found among the guides; see Service.
	GuideMisses(ctx context.Context, hallID string, days int) ([]GuideMiss, error)
	// RotateHandoff makes a new key for phone addresses; see Service.
	RotateHandoff(ctx context.Context, hallID string, revoke bool) (id uint8, err error)
	// AddStaff makes an account; see Service.
	AddStaff(ctx context.Context, hallID string, n NewStaff) (Staff, error)
	// Staff returns the accounts; see Service.
	Staff(ctx context.Context, hallID string) ([]Staff, error)
	// SetStaffPassword gives an account another first password; see Service.
	SetStaffPassword(ctx context.Context, hallID, login, password string) error
	// SetStaffDisabled closes an account or opens it again; see Service.
	SetStaffDisabled(ctx context.Context, hallID, login string, disabled bool) error
	// ExportRatings writes the ratings of a span of days; see Service.
	ExportRatings(ctx context.Context, hallID string, e RatingExport, w io.Writer) error
}

// Report is what a Rebuild has found.
type Report struct {
	Hall        string   `json:"hall"`
	Entries     int64    `json:"entries"`     // lines of the ledger
	Differences []string `json:"differences"` // one line each, at most a hundred
	More        int      `json:"more"`        // differences besides
	Replaced    bool     `json:"replaced"`    // the rows are now what the ledger says
}

// Rebuild makes the tables that follow from a hall's ledger anew, compares them
// with those in use and, unless check is set, replaces these. Nothing differs
// unless somebody else has written to the database, or the program has a mistake.
func (s *Service) Rebuild(ctx context.Context, hallID string, check bool) (Report, error) {
	if _, ok := s.desk.Hall(hallID); !ok {
		return Report{}, fmt.Errorf("central: rebuild: %w", centralapi.Refuse(centralapi.CodeNotFound, "没有这个大厅。"))
	}
	r, err := s.store.Rebuild(ctx, hallID, check)
	if err != nil {
		return Report{}, fmt.Errorf("central: rebuild: %w", err)
	}
	return report(r), nil
}

func report(r store.Report) Report {
	out := Report{Hall: r.Hall, Entries: r.Entries, Differences: []string{}, More: r.More, Replaced: r.Replaced}
	for _, d := range r.Differences {
		out.Differences = append(out.Differences, d.String())
	}
	return out
}

// Import takes in a batch of events that was exported from a terminal's disk. It is
// what the terminal could deliver itself, but also from one that is frozen because
// its disk was copied; that stays frozen. b.Terminal says whose events they are,
// b.Incarnation is not looked at. The same batch may come any number of times; the
// ledger tells of the first.
func (s *Service) Import(ctx context.Context, hallID string, b centralapi.EventBatch) (centralapi.EventReceipt, error) {
	r, err := s.desk.Import(ctx, hallID, b)
	if err != nil {
		return r, fmt.Errorf("central: import: %w", err)
	}
	return r, nil
}

// Backup copies the database as it is now to a new file, durably. It fails on
// PostgreSQL, which has tools of its own, and names them.
func (s *Service) Backup(ctx context.Context, toFile string) error {
	if err := s.store.Backup(ctx, toFile); err != nil {
		return fmt.Errorf("central: backup: %w", err)
	}
	return nil
}

// The socket lies in a folder of its own that only the user has access to, because
// a socket's own permissions are set only after it is there.
const (
	adminFolder = "admin"
	adminSocket = "admin.sock"
)

// serveAdmin serves operators on the socket of the data folder until the function
// it returns is called. Without it the service still does its work.
func (s *Service) serveAdmin() (end func()) {
	if s.config.DataDir == "" {
		return func() {}
	}
	ln, letGo, err := listenAdmin(filepath.Join(s.config.DataDir, adminFolder))
	if err != nil {
		s.config.Logger.Warn("central: no socket for operators; enrol and backup will need the service stopped", "error", err)
		return func() {}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /enrol", adminCall(s.config, func(ctx context.Context, r adminRequest) (out adminAnswer, err error) {
		out.Token, out.Slot, err = s.EnrolTerminal(ctx, r.Hall, r.Name)
		return out, err
	}))
	mux.HandleFunc("POST /backup", adminCall(s.config, func(ctx context.Context, r adminRequest) (out adminAnswer, err error) {
		return out, s.Backup(ctx, r.File)
	}))
	mux.HandleFunc("POST /rebuild", adminCall(s.config, func(ctx context.Context, r adminRequest) (out adminAnswer, err error) {
		out.Report, err = s.Rebuild(ctx, r.Hall, r.Check)
		return out, err
	}))
	mux.HandleFunc("POST /import", adminCall(s.config, func(ctx context.Context, r adminRequest) (out adminAnswer, err error) {
		if r.Batch == nil {
			return out, errors.New("no events given")
		}
		out.Receipt, err = s.Import(ctx, r.Hall, *r.Batch)
		return out, err
	}))
	s.serveGuides(mux)
	s.serveStaff(mux)
	s.serveRatings(mux)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: s.timeouts.readHeader, MaxHeaderBytes: 32 << 10}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(ln)
	}()
	return func() {
		server.Close()
		<-done
		letGo()
	}
}

func listenAdmin(dir string) (ln net.Listener, letGo func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, nil, err
	}
	// What a service that was killed has left; the lock of the data folder says
	// that nobody listens on it.
	if err := os.Remove(filepath.Join(dir, adminSocket)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, err
	}
	address, letGo, err := socketAddress(dir)
	if err != nil {
		return nil, nil, err
	}
	ln, err = net.Listen("unix", address)
	if err != nil {
		letGo()
		return nil, nil, err
	}
	if err := os.Chmod(filepath.Join(dir, adminSocket), 0o600); err != nil {
		ln.Close()
		letGo()
		return nil, nil, err
	}
	return ln, letGo, nil
}

// longestSocket is the longest address of a Unix socket on every system.
const longestSocket = 100

// socketAddress returns the address of the socket in a folder. A path that is too
// long for one goes by the folder's file descriptor, on Linux.
func socketAddress(dir string) (address string, letGo func(), err error) {
	path := filepath.Join(dir, adminSocket)
	if len(path) <= longestSocket {
		return path, func() {}, nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", f.Fd(), adminSocket), func() { f.Close() }, nil
}

type adminRequest struct {
	Hall  string                 `json:"hall,omitempty"`
	Name  string                 `json:"name,omitempty"`
	File  string                 `json:"file,omitempty"`
	Check bool                   `json:"check,omitempty"`
	Batch *centralapi.EventBatch `json:"batch,omitempty"`

	Guides *guide.Catalogue `json:"guides,omitempty"`
	Days   int              `json:"days,omitempty"`
	Revoke bool             `json:"revoke,omitempty"`

	NewStaff *NewStaff `json:"new_staff,omitempty"`
	Login    string    `json:"login,omitempty"`
	Password string    `json:"password,omitempty"`
	Disabled bool      `json:"disabled,omitempty"`

	Ratings *RatingExport `json:"ratings,omitempty"`
}

type adminAnswer struct {
	Token   string                  `json:"token,omitempty"`
	Slot    int                     `json:"slot,omitempty"`
	Report  Report                  `json:"report,omitzero"`
	Receipt centralapi.EventReceipt `json:"receipt,omitzero"`

	Revision string           `json:"revision,omitempty"`
	Guides   *guide.Catalogue `json:"guides,omitempty"`
	Problems []guide.Problem  `json:"problems,omitempty"`
	Misses   []GuideMiss      `json:"misses,omitempty"`
	Key      uint8            `json:"key,omitempty"`

	Staff []Staff `json:"staff,omitempty"`

	Error string `json:"error,omitempty"`
	// Code and Detail are of a refusal of the service.
	Code   centralapi.Code `json:"code,omitempty"`
	Detail string          `json:"detail,omitempty"`
}

// maxAdmin bounds requests and answers: a catalogue of guides, and something.
const maxAdmin = centralapi.MaxGuides + 1<<20

func adminCall(c Config, do func(context.Context, adminRequest) (adminAnswer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in adminRequest
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAdmin))
		d.DisallowUnknownFields()
		var out adminAnswer
		err := d.Decode(&in)
		if err == nil {
			out, err = do(r.Context(), in)
		}
		c.Logger.Info("central: operator", "route", r.Pattern, "hall", in.Hall, "failed", err != nil)
		if err != nil {
			refuseAdmin(w, err)
			return
		}
		// An operator who has gone needs no answer.
		_ = json.NewEncoder(w).Encode(out)
	}
}

// refuseAdmin says why something was not done.
func refuseAdmin(w http.ResponseWriter, err error) {
	out := adminAnswer{Error: err.Error()} // to the user the service runs as
	if refusal, ok := errors.AsType[*centralapi.Error](err); ok {
		out.Code, out.Detail = refusal.Code, refusal.Detail
	}
	if refused, ok := errors.AsType[*GuidesRefused](err); ok {
		out.Problems = refused.Problems
	}
	w.WriteHeader(http.StatusUnprocessableEntity)
	_ = json.NewEncoder(w).Encode(out)
}

// OpenAdmin opens the data for an operator, and when a service has the data folder
// asks that one instead. The caller must call end.
func OpenAdmin(ctx context.Context, c Config) (a Admin, end func(), err error) {
	service, err := New(c)
	if err == nil {
		return service, func() { service.Close() }, nil
	}
	if !errors.Is(err, ErrInUse) {
		return nil, nil, err
	}
	remote, dialled := Dial(ctx, c.DataDir)
	if dialled != nil {
		return nil, nil, errors.Join(err, dialled)
	}
	return remote, remote.Close, nil
}

// Backup copies the database of a Config, whose Halls it does not need, to a new
// file; see [Service.Backup].
func Backup(ctx context.Context, c Config, toFile string) error {
	data, err := open(c)
	if err == nil {
		defer data.Close()
		if err := data.Backup(ctx, toFile); err != nil {
			return fmt.Errorf("central: backup: %w", err)
		}
		return nil
	}
	if !errors.Is(err, ErrInUse) {
		return fmt.Errorf("central: backup: %w", err)
	}
	remote, dialled := Dial(ctx, c.DataDir)
	if dialled != nil {
		return errors.Join(err, dialled)
	}
	defer remote.Close()
	return remote.Backup(ctx, toFile)
}

// Remote is the connection to the service that has a data folder.
type Remote struct {
	http  *http.Client
	letGo func()
}

// Dial connects to the service that has a data folder, as the user it runs as. It
// fails when there is none, or one that is just starting or ending.
func Dial(ctx context.Context, dataDir string) (*Remote, error) {
	address, letGo, err := socketAddress(filepath.Join(dataDir, adminFolder))
	if err != nil {
		return nil, fmt.Errorf("central: ask the service that runs: %w", err)
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", address)
	}
	conn, err := dial(ctx, "", "")
	if err != nil {
		letGo()
		return nil, fmt.Errorf("central: ask the service that runs: %w", err)
	}
	conn.Close()
	return &Remote{http: &http.Client{Transport: &http.Transport{DialContext: dial}}, letGo: letGo}, nil
}

// Close ends the connection.
func (r *Remote) Close() {
	r.http.CloseIdleConnections()
	r.letGo()
}

// EnrolTerminal admits a terminal; see [Service.EnrolTerminal].
func (r *Remote) EnrolTerminal(ctx context.Context, hallID, name string) (token string, slot int, err error) {
	out, err := r.call(ctx, "enrol", adminRequest{Hall: hallID, Name: name})
	return out.Token, out.Slot, err
}

// Backup has the service copy its database to a new file; see [Service.Backup].
func (r *Remote) Backup(ctx context.Context, toFile string) error {
	path, err := filepath.Abs(toFile) // the service has another working folder
	if err != nil {
		return fmt.Errorf("central: backup: %w", err)
	}
	_, err = r.call(ctx, "backup", adminRequest{File: path})
	return err
}

// Rebuild has the service rebuild a hall; see [Service.Rebuild].
func (r *Remote) Rebuild(ctx context.Context, hallID string, check bool) (Report, error) {
	out, err := r.call(ctx, "rebuild", adminRequest{Hall: hallID, Check: check})
	return out.Report, err
}

// Import has the service take in events; see [Service.Import].
func (r *Remote) Import(ctx context.Context, hallID string, b centralapi.EventBatch) (centralapi.EventReceipt, error) {
	out, err := r.call(ctx, "import", adminRequest{Hall: hallID, Batch: &b})
	return out.Receipt, err
}

func (r *Remote) call(ctx context.Context, what string, in adminRequest) (out adminAnswer, err error) {
	err = r.ask(ctx, what, in, func(answer io.Reader) error {
		return json.NewDecoder(io.LimitReader(answer, maxAdmin)).Decode(&out)
	})
	return out, err
}

// ask sends a request and has take read the answer, unless that is a refusal.
func (r *Remote) ask(ctx context.Context, what string, in adminRequest, take func(answer io.Reader) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("central: %s by the service that runs: %w", what, err)
		}
	}()
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://service/"+what, bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := r.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		return take(res.Body)
	}
	var out adminAnswer
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAdmin)).Decode(&out); err != nil {
		return err
	}
	switch {
	case len(out.Problems) > 0:
		return &GuidesRefused{Problems: out.Problems}
	case out.Code != "":
		return centralapi.Refuse(out.Code, out.Detail)
	}
	return errors.New(out.Error)
}

var (
	_ Admin = (*Service)(nil)
	_ Admin = (*Remote)(nil)
)

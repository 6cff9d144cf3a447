package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"hallkiosk/app/internal/postgrestest"
)

// issue gives the ticket with this id the next number, or finds it issued already,
// as a caller does who asks again with the same id.
func issue(ctx context.Context, s *Store, id string) error {
	return s.Write(ctx, "h", func(tx *Tx) error {
		if _, known, err := tx.Ticket("h", id); err != nil || known {
			return err
		}
		n, at, err := tx.TakeNumbers("h", testDay, "A", 1, time.UnixMicro(1_000_000))
		if err != nil {
			return err
		}
		k := ticket(n)
		k.ID, k.IssuedAt = id, at[0]
		return tx.InsertTicket(k, told)
	})
}

// gapFree checks that the numbers and the ledger's lines are 1, 2, 3 … want.
func gapFree(t *testing.T, s *Store, want int) {
	t.Helper()
	read(t, s, func(tx *Tx) error {
		rows, err := tx.DayNumbers("h", testDay)
		if err != nil || len(rows) != want {
			t.Errorf("%d numbers, want %d; %v", len(rows), want, err)
		}
		for i, r := range rows {
			if r.Number != i+1 {
				t.Fatalf("number %d follows %d", r.Number, i)
			}
		}
		lines, err := tx.LogSince("h", 0, 2*want+2)
		if err != nil || len(lines) != want {
			t.Errorf("%d lines, want %d; %v", len(lines), want, err)
		}
		return nil
	})
	if r, err := s.Rebuild(t.Context(), "h", true); err != nil || len(r.Differences) != 0 {
		t.Errorf("rebuild: %v, %+v", err, r)
	}
}

// Two processes that write to one hall follow each other.
func TestReplicasShareAHall(t *testing.T) {
	address := postgrestest.Start(t)
	const writers, each = 8, 40
	stores := []*Store{openPostgres(t, address, Options{}), openPostgres(t, address, Options{})}
	var wg sync.WaitGroup
	for i, s := range stores {
		for w := range writers {
			wg.Go(func() {
				for n := range each {
					if err := issue(t.Context(), s, fmt.Sprintf("%d-%d-%d", i, w, n)); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	gapFree(t, stores[0], 2*writers*each)
}

// Each process hears of the others' commits, soon by notification and in any case
// by looking.
func TestReplicasHearOfEachOther(t *testing.T) {
	for name, tt := range map[string]struct {
		deaf   bool
		within time.Duration
		median time.Duration
		rounds int
	}{
		// Under the two seconds of looking, so that it was the notification.
		"notified":     {false, 1500 * time.Millisecond, 100 * time.Millisecond, 15},
		"only looking": {true, 3 * time.Second, 3 * time.Second, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := postgrestest.Start(t)
			writes := openPostgres(t, address, Options{})
			hears := openPostgres(t, address, Options{deaf: tt.deaf})
			var took []time.Duration
			for n := range tt.rounds {
				began := time.Now()
				if err := issue(t.Context(), writes, fmt.Sprint(n)); err != nil {
					t.Fatal(err)
				}
				committed := time.Now()
				select {
				case c := <-hears.Changes():
					took = append(took, time.Since(committed))
					if c.Hall != "h" || c.Cursor != int64(n+1) {
						t.Errorf("change %+v, want line %d of h", c, n+1)
					}
				case <-time.After(tt.within):
					if n > 0 || tt.deaf { // the first may come before LISTEN
						t.Fatalf("not heard of within %v", time.Since(began))
					}
					<-hears.Changes()
				}
			}
			if m := median(took); m > tt.median {
				t.Errorf("heard after %v in the median of %v, want %v", m, took, tt.median)
			} else {
				t.Logf("heard after %v in the median", m)
			}
		})
	}
}

func median(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	d = append([]time.Duration(nil), d...)
	for i := range d { // few
		for k := i; k > 0 && d[k] < d[k-1]; k-- {
			d[k], d[k-1] = d[k-1], d[k]
		}
	}
	return d[len(d)/2]
}

// The server crashes under load: what was acknowledged is there, and nothing is
// there twice, though everybody asks again who has no answer.
func TestServerCrashesUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server of its own")
	}
	server, address := postgrestest.Own(t)
	s := openPostgres(t, address, Options{})
	const writers, crashes = 8, 3
	var stop atomic.Bool
	var acked, unknown, unavailable atomic.Int64
	var wg sync.WaitGroup
	ids := make([][]string, writers)
	for w := range writers {
		wg.Go(func() {
			for n := 0; !stop.Load(); n++ {
				id := fmt.Sprintf("%d-%d", w, n)
				for {
					err := issue(t.Context(), s, id)
					if err == nil {
						break
					}
					switch {
					case errors.Is(err, ErrUnknown):
						unknown.Add(1)
					case errors.Is(err, ErrUnavailable):
						unavailable.Add(1)
						time.Sleep(5 * time.Millisecond) // a client's back-off
					default:
						t.Errorf("%s: %v", id, err)
						return
					}
				}
				ids[w] = append(ids[w], id)
				acked.Add(1)
			}
		})
	}
	for range crashes {
		for until := acked.Load() + 200; acked.Load() < until; {
			time.Sleep(time.Millisecond) // until there is load again
		}
		server.Crash(t)
	}
	for until := acked.Load() + 200; acked.Load() < until; {
		time.Sleep(time.Millisecond)
	}
	stop.Store(true)
	wg.Wait()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("%d acknowledged over %d crashes; %d answers lost, %d refused", acked.Load(), crashes, unknown.Load(), unavailable.Load())
	fresh := openPostgres(t, address, Options{})
	gapFree(t, fresh, int(acked.Load()))
	read(t, fresh, func(tx *Tx) error {
		for _, list := range ids {
			found, err := tx.Tickets("h", list)
			if err != nil || len(found) != len(list) {
				t.Errorf("%d of %d acknowledged tickets are there; %v", len(found), len(list), err)
			}
		}
		return nil
	})
}

// cutter passes a connection on to the server until a commit comes by.
type cutter struct {
	net.Listener
	socket string
	armed  atomic.Bool
	pass   atomic.Bool // the commit reaches the server, and its answer nobody
}

func newCutter(t *testing.T, address string) (*cutter, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{socket: filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432")}
	if !strings.HasPrefix(c.socket, "/") {
		t.Skip("the server of the tests is not reached by a socket")
	}
	if c.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		for {
			client, err := c.Accept()
			if err != nil {
				return
			}
			go c.carry(client)
		}
	}()
	u.Host, u.RawQuery = c.Addr().String(), "sslmode=disable"
	return c, u.String()
}

func (c *cutter) carry(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", c.socket)
	if err != nil {
		return
	}
	defer server.Close()
	cut := make(chan struct{})
	go func() {
		defer client.Close()
		buf := make([]byte, 1<<16)
		for {
			n, err := server.Read(buf)
			if err != nil {
				return
			}
			select {
			case <-cut:
				return // the answer to the commit
			default:
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 1<<16)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if bytes.Contains(buf[:n], []byte("COMMIT\x00")) && c.armed.CompareAndSwap(true, false) {
			close(cut)
			if c.pass.Load() {
				_, _ = server.Write(buf[:n])
				_, _ = io.Copy(io.Discard, client) // until the reader above has hung up
			}
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}

// A commit whose answer is lost is reported as unknown, whether or not it reached
// the server, and asking again with the same id finds the truth.
func TestLostCommitIsUnknown(t *testing.T) {
	for name, pass := range map[string]bool{"answer lost": true, "commit lost": false} {
		t.Run(name, func(t *testing.T) {
			direct := postgrestest.Start(t)
			c, address := newCutter(t, direct)
			s := openPostgres(t, address, Options{})
			if err := issue(t.Context(), s, "first"); err != nil {
				t.Fatal(err)
			}
			c.pass.Store(pass)
			c.armed.Store(true)
			if err := issue(t.Context(), s, "second"); !errors.Is(err, ErrUnknown) {
				t.Fatalf("a commit without an answer: %v, want ErrUnknown", err)
			}
			read(t, openPostgres(t, direct, Options{}), func(tx *Tx) error {
				if _, kept, err := tx.Ticket("h", "second"); kept != pass || err != nil {
					t.Errorf("kept: %v, want %v; %v", kept, pass, err)
				}
				return nil
			})
			if err := issue(t.Context(), s, "second"); err != nil {
				t.Fatal(err)
			}
			gapFree(t, s, 2)
		})
	}
}

// A connection that breaks before the commit is sent is nobody's trouble.
func TestBrokenConnectionIsReplaced(t *testing.T) {
	s := openPostgres(t, postgrestest.Start(t), Options{})
	runs := 0
	err := s.Write(t.Context(), "h", func(tx *Tx) error {
		if runs++; runs == 1 {
			_, err := tx.exec("SELECT pg_terminate_backend(pg_backend_pid())")
			if !EndsTransaction(err) {
				t.Errorf("error %v does not end the transaction", err)
			}
			return err
		}
		return tx.InsertTicket(ticket(1), told)
	})
	if err != nil || runs != 2 {
		t.Errorf("write: %v after %d runs", err, runs)
	}
	gapFree(t, s, 1)
}

// A job that hides the failure of a statement does not get its commit, nor spoil
// the others'.
func TestHiddenFailureIsNotCommitted(t *testing.T) {
	s := openPostgres(t, postgrestest.Start(t), Options{})
	err := s.Write(t.Context(), "h", func(tx *Tx) error {
		if err := tx.InsertTicket(ticket(1), told); err != nil {
			return err
		}
		_ = tx.InsertTicket(ticket(1), told) // there already
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "not passed on") {
		t.Errorf("write: %v", err)
	}
	read(t, s, func(tx *Tx) error {
		if n, err := tx.Cursor("h"); n != 0 || err != nil {
			t.Errorf("cursor %d, %v: something was kept", n, err)
		}
		return nil
	})
}

func TestServerThatForgetsIsRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server of its own")
	}
	address := postgrestest.Start(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery += "&default_transaction_read_only=on"
	if s, err := OpenPostgres(t.Context(), u.String(), Options{}); err == nil || !strings.Contains(err.Error(), "transaction_read_only is on") {
		if s != nil {
			s.Close()
		}
		t.Errorf("a server that cannot be written: %v", err)
	}
	const secret = "geheim"
	for _, bad := range []string{"postgres://user:" + secret + "@[::1/x", "postgres://user:" + secret + "@127.0.0.1:1/x?connect_timeout=1"} {
		s, err := OpenPostgres(t.Context(), bad, Options{})
		if err == nil {
			s.Close()
			t.Fatal("opened")
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the password is in the error: %v", err)
		}
	}
}

func TestNewerPostgresSchemaIsRefused(t *testing.T) {
	address := postgrestest.Start(t)
	s := openPostgres(t, address, Options{})
	write(t, s, func(tx *Tx) error {
		_, err := tx.exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
		return err
	})
	if s, err := OpenPostgres(t.Context(), address, Options{}); !errors.Is(err, ErrNewer) {
		if s != nil {
			s.Close()
		}
		t.Errorf("open: %v, want ErrNewer", err)
	}
}

// What an error of the server means is decided by its class, before the commit and
// after it.
func TestOutcomes(t *testing.T) {
	broken := fmt.Errorf("%w: unexpected EOF", errTransactionLost)
	for name, tt := range map[string]struct {
		err           error
		before, after outcome
	}{
		"connection broken":   {broken, undone, unknown},
		"out of time":         {fmt.Errorf("%w: %w", errTransactionLost, context.DeadlineExceeded), refused, unknown},
		"serialisation":       {&pgconn.PgError{Severity: "ERROR", Code: "40001"}, undone, undone},
		"deadlock":            {&pgconn.PgError{Severity: "ERROR", Code: "40P01"}, undone, undone},
		"unique":              {&pgconn.PgError{Severity: "ERROR", Code: "23505"}, refused, refused},
		"server shuts down":   {&pgconn.PgError{Severity: "FATAL", Code: "57P01"}, undone, unknown},
		"statement cancelled": {&pgconn.PgError{Severity: "ERROR", Code: "57014"}, refused, unknown},
		"disk full":           {&pgconn.PgError{Severity: "ERROR", Code: "53100"}, refused, refused},
		"I/O error":           {&pgconn.PgError{Severity: "PANIC", Code: "58030"}, refused, unknown},
		"no code":             {&pgconn.PgError{Severity: "ERROR"}, refused, unknown},
	} {
		if got := retryable(tt.err); got != tt.before {
			t.Errorf("%s before the commit: %d, want %d", name, got, tt.before)
		}
		if got := afterCommit(tt.err); got != tt.after {
			t.Errorf("%s in answer to the commit: %d, want %d", name, got, tt.after)
		}
	}
	for code, want := range map[string]error{"53100": ErrFull, "55P03": ErrBusy, "57P01": ErrUnavailable} {
		if err := explainPG(&pgconn.PgError{Code: code}); !errors.Is(err, want) {
			t.Errorf("%s is told as %v, want %v", code, err, want)
		}
	}
}

// Every connection asks for durable commits, whatever the server's default.
func TestEveryConnectionIsDurable(t *testing.T) {
	address := postgrestest.Start(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery += "&synchronous_commit=off" // as a careless address has it
	s := openPostgres(t, u.String(), Options{Connections: 4})
	for i, conn := range pinned(t, s.engine.(*pgEngine).db, 4) {
		var got string
		if err := conn.QueryRowContext(t.Context(), "SELECT current_setting('synchronous_commit')").Scan(&got); err != nil || got != "on" {
			t.Errorf("connection %d: synchronous_commit %s, %v", i, got, err)
		}
	}
}

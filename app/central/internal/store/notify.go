package store

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	channel     = "hall_log"
	notifyEvery = 20 * time.Millisecond // at most
	lookEvery   = 2 * time.Second
	haveHalls   = 100 // in one notification; PostgreSQL allows 8,000 bytes
)

// notifier tells other processes of the commits of this one: one NOTIFY for many,
// on a connection of its own, because NOTIFY takes a lock of the whole database
// when it is committed. What cannot be sent is left to their looking.
type notifier struct {
	config *pgx.ConnConfig
	log    *slog.Logger
	wake   chan struct{}

	mu      sync.Mutex
	pending map[string]int64
}

func newNotifier(config *pgx.ConnConfig, log *slog.Logger) *notifier {
	return &notifier{config: config, log: log, wake: make(chan struct{}, 1), pending: map[string]int64{}}
}

func (n *notifier) put(hall string, cursor int64) {
	n.mu.Lock()
	n.pending[hall] = max(n.pending[hall], cursor)
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// take returns some of what is pending, and whether there is more.
func (n *notifier) take() (part map[string]int64, more bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.pending) <= haveHalls {
		part, n.pending = n.pending, map[string]int64{}
		return part, false
	}
	part = map[string]int64{}
	for hall, cursor := range n.pending {
		if len(part) == haveHalls {
			break
		}
		part[hall] = cursor
		delete(n.pending, hall)
	}
	return part, true
}

func (n *notifier) run(ctx context.Context) {
	var conn *pgx.Conn
	defer func() { hangUp(conn) }()
	for {
		select {
		case <-n.wake:
		case <-ctx.Done():
			return
		}
		for more := true; more; {
			var part map[string]int64
			part, more = n.take()
			conn = n.send(ctx, conn, part)
		}
		if !pause(ctx, notifyEvery) {
			return
		}
	}
}

// send returns the connection to use next time, nil for a new one.
func (n *notifier) send(ctx context.Context, conn *pgx.Conn, part map[string]int64) *pgx.Conn {
	payload, err := json.Marshal(part)
	if err != nil {
		panic(err) // strings and numbers
	}
	ctx, cancel := context.WithTimeout(ctx, lookEvery)
	defer cancel()
	if conn == nil {
		if conn, err = pgx.ConnectConfig(ctx, n.config.Copy()); err != nil {
			n.log.Warn("store: notify", "error", err)
			return nil
		}
	}
	if _, err := conn.Exec(ctx, "SELECT pg_notify($1, $2)", channel, string(payload)); err != nil {
		n.log.Warn("store: notify", "error", err)
		hangUp(conn)
		return nil
	}
	return conn
}

// hangUp closes a connection without waiting for the server.
func hangUp(conn *pgx.Conn) {
	if conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}
}

// pause waits; false when ctx has ended.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// listen hands on what other processes notify, with a new connection whenever the
// one it has breaks.
func (e *pgEngine) listen(ctx context.Context) {
	wait := 100 * time.Millisecond
	for {
		heard, err := e.hear(ctx)
		if ctx.Err() != nil {
			return
		}
		if heard {
			wait = 100 * time.Millisecond
		}
		e.s.log.Warn("store: listen", "error", err, "again", wait.String())
		if !pause(ctx, wait) {
			return
		}
		wait = min(2*wait, lookEvery)
	}
}

// hear listens until the connection breaks; heard says that it had been made.
func (e *pgEngine) hear(ctx context.Context) (heard bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, e.config.Copy())
	if err != nil {
		return false, err
	}
	defer hangUp(conn)
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return false, err
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return true, err
		}
		var part map[string]int64
		if json.Unmarshal([]byte(n.Payload), &part) != nil {
			continue // somebody else's; looking makes up for ours
		}
		for hall, cursor := range part {
			e.s.feed.put(hall, cursor)
		}
	}
}

// keepLooking reads every hall's cursor now and then: a notification is a hint that
// may be lost, and the ledger is the truth.
func (e *pgEngine) keepLooking(ctx context.Context) {
	for pause(ctx, lookEvery) {
		if err := e.analyse(ctx); err != nil && ctx.Err() == nil {
			e.s.log.Warn("store: analyse", "error", err)
		}
		cursors, err := e.look(ctx)
		if err != nil {
			if ctx.Err() == nil {
				e.s.log.Warn("store: look for changes", "error", err)
			}
			continue
		}
		for _, c := range cursors {
			e.s.feed.put(c.Hall, c.Cursor)
		}
	}
}

func (e *pgEngine) look(ctx context.Context) (cursors []Change, err error) {
	ctx, cancel := context.WithTimeout(ctx, groupTime)
	defer cancel()
	err = e.read(ctx, func(tx *Tx) error { cursors, err = tx.allCursors(); return err })
	return cursors, err
}

// analyse gives the planner its first statistics of a table soon after it has got
// rows. PostgreSQL comes round to it within a minute by itself, but plans that were
// made for empty tables are kept until then, and one index looks as good as another
// to them.
func (e *pgEngine) analyse(ctx context.Context) error {
	rows, err := e.db.QueryContext(ctx, `SELECT quote_ident(schemaname) || '.' || quote_ident(relname) FROM pg_stat_user_tables
		WHERE relid = ANY(ARRAY['ticket', 'holder', 'hall_log', 'event', 'same_holder', 'tombstone', 'counter', 'queue_length']::regclass[])
		AND last_analyze IS NULL AND last_autoanalyze IS NULL AND n_mod_since_analyze > 50`)
	if err != nil {
		return err
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			rows.Close()
			return err
		}
		tables = append(tables, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, name := range tables {
		if _, err := e.db.ExecContext(ctx, "ANALYZE "+name); err != nil {
			return err
		}
	}
	return nil
}

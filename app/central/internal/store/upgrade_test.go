package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/internal/postgrestest"
)

// olderThan shows the migrations before a version.
type olderThan struct {
	fs.FS
	version, suffix string
}

func (o olderThan) Glob(pattern string) ([]string, error) {
	names, err := fs.Glob(o.FS, pattern)
	var out []string
	for _, n := range names {
		if strings.HasSuffix(n, o.suffix) && n < o.version {
			out = append(out, n)
		}
	}
	return out, err
}

// A hall of the time before classes, with somebody in every state.
const classless = `
INSERT INTO hall_log (hall, n, at, actor, action, ticket, label, business, window_id, from_state, to_state, detail, source, fact) VALUES
('h', 1, 1000001, 'terminal:t1', 'issued', 'id-1', 'A001', 'b', '', '', 'issued', '', '', '{"ticket":{"id":"id-1","day":"2026-11-21","prefix":"A","series":"","number":1,"label":"A001","business":"b","item":"","language":"","terminal":"t1","slot":1,"seq":1,"fingerprint":"AQ==","state":"issued","reason":"","print_unknown":false,"issued_at":1000001,"called_at":0,"started_at":0,"ended_at":0,"window_id":"","calls":0}}'),
('h', 2, 1000002, 'terminal:t1', 'issued', 'id-2', 'A002', 'b', '', '', 'issued', '', '', '{"ticket":{"id":"id-2","day":"2026-11-21","prefix":"A","series":"","number":2,"label":"A002","business":"b","item":"","language":"","terminal":"t1","slot":1,"seq":2,"fingerprint":"AQ==","state":"issued","reason":"","print_unknown":false,"issued_at":1000002,"called_at":0,"started_at":0,"ended_at":0,"window_id":"","calls":0}}'),
('h', 3, 1000003, 'window:w1', 'called', 'id-1', 'A001', 'b', 'w1', 'issued', 'called', '', '', '{"change":{"state":"called","called_at":1000003,"window_id":"w1","calls":1}}'),
('h', 4, 1000004, 'terminal:t1', 'superseded', 'id-2', 'A1-01', 'b', '', 'issued', 'issued', 'was A002', '', '{"change":{"series":"1","number":1,"label":"A1-01","seq":7,"issued_at":1000009}}'),
('h', 5, 1000004, 'terminal:t1', 'void', 'id-3', 'A002', 'b', '', 'issued', 'void', 'superseded', '', '{"ticket":{"id":"id-3","day":"2026-11-21","prefix":"A","series":"","number":2,"label":"A002","business":"b","item":"","language":"","terminal":"t1","slot":1,"seq":2,"fingerprint":"","state":"void","reason":"superseded","print_unknown":false,"issued_at":1000002,"called_at":0,"started_at":0,"ended_at":1000004,"window_id":"","calls":0}}'),
('h', 6, 1000005, 'centre', 'paused', '', '', 'b', '', '', '', '', '', '{"pause":{"business":"b","since":1000005}}');
INSERT INTO ticket (hall, id, day, prefix, series, number, label, business, item, language, terminal, slot, seq, fingerprint, state, reason, print_unknown, issued_at, called_at, started_at, ended_at, window_id, calls) VALUES
('h', 'id-1', '2026-11-21', 'A', '', 1, 'A001', 'b', '', '', 't1', 1, 1, {01}, 'called', '', {no}, 1000001, 1000003, 0, 0, 'w1', 1),
('h', 'id-2', '2026-11-21', 'A', '1', 1, 'A1-01', 'b', '', '', 't1', 1, 7, {01}, 'issued', '', {no}, 1000009, 0, 0, 0, '', 0),
('h', 'id-3', '2026-11-21', 'A', '', 2, 'A002', 'b', '', '', 't1', 1, 2, {}, 'void', 'superseded', {no}, 1000002, 0, 0, 1000004, '', 0);
INSERT INTO counter (hall, day, prefix, last, last_at) VALUES ('h', '2026-11-21', 'A', 2, 1000002);
INSERT INTO queue_length (hall, day, business, waiting) VALUES ('h', '2026-11-21', 'b', 1);
INSERT INTO pause (hall, business, since) VALUES ('h', 'b', 1000005);
INSERT INTO event (hall, id, terminal, seq, kind, monotonic, boot_id, wall, body, received_at, happened_at, outcome, reason) VALUES
('h', 'e-1', 't1', 7, 'ticket-taken', 1, '', '', '{"ticket":{"id":"id-2","business":"b","holder":{"key":"k","name":"测*员","number":"110***********002X","source":"card"}},"label":"A1-01"}', 1000009, 1000009, 'done', ''),
('h', 'e-2', 't1', 8, 'ticket-taken', 1, '', '', '{"ticket":{"holder"', 1000009, 1000009, 'quarantined', 'malformed body');
`

// A database of the program before, with its ledger, is brought up to date, and the
// ledger still gives the same rows.
func TestUpgradeFromBeforeClasses(t *testing.T) {
	fill := func(t *testing.T, db *sql.DB, dialect goose.Dialect, suffix string, values ...string) {
		t.Helper()
		p, err := goose.NewProvider(dialect, db, olderThan{migrations(), "0008", suffix}, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(context.Background(), strings.NewReplacer(values...).Replace(classless)); err != nil {
			t.Fatal(err)
		}
	}
	upgraded := func(t *testing.T, s *Store) {
		t.Helper()
		if r, err := s.Rebuild(t.Context(), "h", true); err != nil || len(r.Differences) != 0 || r.Rows["ticket"] != 3 {
			t.Errorf("rebuild: %v, %+v", err, r)
		}
		read(t, s, func(tx *Tx) error {
			heads, err := tx.Heads("h", testDay, []string{"b"})
			if err != nil || len(heads) != 1 || heads[0].ID != "id-2" || !heads[0].PlaceAt.Equal(time.UnixMicro(1000009)) || heads[0].Class != centralapi.Ordinary {
				t.Errorf("first in line %+v, %v", heads, err)
			}
			taken, err := tx.Taken("h", testDay)
			if err != nil || taken["b"] != 2 {
				t.Errorf("taken %v, %v", taken, err)
			}
			e, _, err := tx.Event("h", "e-1")
			if err != nil || !strings.Contains(e.Body, `"id-2"`) || !strings.Contains(e.Body, `"A1-01"`) || strings.Contains(e.Body, "*") {
				t.Errorf("the event with a holder is now %s, %v", e.Body, err)
			}
			if e, _, err := tx.Event("h", "e-2"); err != nil || e.Body != `{"ticket":{"holder"` {
				t.Errorf("the event nobody could read is now %s, %v", e.Body, err)
			}
			return nil
		})
		// And goes on.
		write(t, s, func(tx *Tx) error {
			was, _, err := tx.AtWindow("h", testDay, "w1")
			now := was
			now.State = centralapi.Held
			return errors.Join(err, tx.UpdateTicket(was, now, told))
		})
		if r, err := s.Rebuild(t.Context(), "h", true); err != nil || len(r.Differences) != 0 {
			t.Errorf("rebuild afterwards: %v, %+v", err, r)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		db, err := sql.Open("sqlite", filepath.Join(dir, fileName))
		if err != nil {
			t.Fatal(err)
		}
		fill(t, db, goose.DialectSQLite3, ".sqlite.sql", "{01}", "x'01'", "{}", "x''", "{no}", "0")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		upgraded(t, open(t, dir))
	})
	t.Run("postgres", func(t *testing.T) {
		url := postgrestest.Start(t)
		c, err := pgx.ParseConfig(url)
		if err != nil {
			t.Fatal(err)
		}
		c.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol // several statements at once
		db := stdlib.OpenDB(*c)
		fill(t, db, goose.DialectPostgres, ".postgres.sql", "{01}", `'\x01'`, "{}", `''`, "{no}", "false")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		upgraded(t, openPostgres(t, url, Options{}))
	})
}

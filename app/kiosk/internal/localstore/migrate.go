package localstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"

	"github.com/google/uuid"
	"github.com/pressly/goose/v3"
)

// migrations only ever add: the program before the newest must run on the newest
// schema, because an update may be taken back.
//
//go:embed migrations/*.sql
var migrations embed.FS

func migrate(ctx context.Context, db *sql.DB, log *slog.Logger) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("localstore: migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir,
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return fmt.Errorf("localstore: migrations: %w", err)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return fmt.Errorf("localstore: migrations: %w", err)
	}
	for _, m := range done {
		log.Info("the terminal's file was brought up to date", "migration", m.Source.Version)
	}
	return nil
}

// sign gives a new file its identity and writes the time of this start, which
// proves that the file can be written.
func (s *Store) sign(tx *Tx) error {
	err := tx.QueryRow(`SELECT value FROM meta WHERE key = 'store'`).Scan(&s.id)
	if errors.Is(err, sql.ErrNoRows) {
		s.id = uuid.NewString()
		_, err = tx.Exec(`INSERT INTO meta (key, value) VALUES ('store', ?)`, s.id)
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO meta (key, value) VALUES ('started', ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
		strconv.FormatInt(s.Now().Wall.UnixMilli(), 10))
	return err
}

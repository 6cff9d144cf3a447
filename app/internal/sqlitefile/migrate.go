package sqlitefile

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
)

// only shows the files of one suffix.
type only struct {
	fs.FS
	suffix string
}

// Glob implements [fs.GlobFS], which is how goose looks for files.
func (o only) Glob(pattern string) ([]string, error) {
	names, err := fs.Glob(o.FS, pattern)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, n := range names {
		if strings.HasSuffix(n, o.suffix) {
			out = append(out, n)
		}
	}
	return out, nil
}

// migrate brings the tables up to date and returns the versions it applied.
func migrate(ctx context.Context, db *sql.DB, c Config) (applied []int64, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("sqlitefile: migrations: %w", err)
		}
	}()
	p, err := goose.NewProvider(goose.DialectSQLite3, db, only{c.Migrations, c.Suffix},
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, err
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return nil, err
	}
	sources := p.ListSources()
	if newest := sources[len(sources)-1].Version; have > newest && !c.AcceptNewer {
		return nil, fmt.Errorf("%w (schema %d, this program knows %d): install the newer version again", ErrNewer, have, newest)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range done {
		applied = append(applied, m.Source.Version)
	}
	return applied, nil
}

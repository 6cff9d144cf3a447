package sqlitefile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

var files = fstest.MapFS{
	"0001_first.sqlite.sql":  {Data: []byte("-- +goose Up\nCREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT) STRICT;\n")},
	"0002_more.sqlite.sql":   {Data: []byte("-- +goose Up\nALTER TABLE t ADD COLUMN w TEXT;\n")},
	"0001_first.another.sql": {Data: []byte("-- +goose Up\nnonsense for another database\n")},
}

func config(dir string) Config {
	return Config{Dir: dir, Name: "x.db", LockName: "x.lock", Readers: 3, Migrations: files, Suffix: ".sqlite.sql"}
}

func open(t *testing.T, c Config) *File {
	t.Helper()
	f, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Errorf("close: %v", err)
		}
	})
	return f
}

func exec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func TestSettingsOnEveryConnection(t *testing.T) {
	f := open(t, config(t.TempDir()))
	for _, pool := range []struct {
		name      string
		db        *sql.DB
		count     int
		queryOnly string
	}{{"writer", f.Writer, 1, "0"}, {"reader", f.Reader, 3, "1"}} {
		// Holding them all forces the pool to open as many as it ever will.
		for i := range pool.count {
			conn, err := pool.db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			// Written out: the settings are a promise, not what the code happens to say.
			for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000",
				"foreign_keys": "1", "trusted_schema": "0", "secure_delete": "1", "temp_store": "2", "query_only": pool.queryOnly} {
				var got string
				if err := conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got); err != nil {
					t.Fatal(err)
				}
				if got != want {
					t.Errorf("%s %d: %s = %q, want %q", pool.name, i, name, got, want)
				}
			}
		}
		if n := pool.db.Stats().MaxOpenConnections; n != pool.count {
			t.Errorf("%s may open %d connections, want %d", pool.name, n, pool.count)
		}
	}
}

// A connection that does not answer as it must is refused: here because the
// setting asks for something else than it wants to read.
func TestSettingThatDoesNotHold(t *testing.T) {
	db, err := openPool(filepath.Join(t.TempDir(), "x.db"), "", []setting{{"synchronous", "NORMAL", "2"}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.PingContext(t.Context())
	if err == nil || !strings.Contains(err.Error(), `synchronous answers "1", must be "2"`) || !strings.Contains(err.Error(), "local, writable disk") {
		t.Errorf("connection with synchronous=NORMAL: %v, want a refusal with its cure", err)
	}
}

// A transaction of the writer has the lock from its beginning, so that it never
// fails in the middle because somebody else wrote after it had read.
func TestWriterBeginsImmediate(t *testing.T) {
	dir := t.TempDir()
	f := open(t, config(dir))
	other, err := openPool(filepath.Join(dir, "x.db"), "", nil, 1) // without settings: it does not wait
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := f.Writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(t.Context(), "INSERT INTO t (k) VALUES (1)"); Classify(err) != Busy {
		t.Errorf("a second writer beside an open transaction: %v, want busy", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	exec(t, other, "INSERT INTO t (k) VALUES (1)")
}

func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	f := open(t, config(dir))
	_, err := Open(t.Context(), config(dir))
	if !errors.Is(err, ErrInUse) {
		t.Fatalf("second open: %v, want ErrInUse", err)
	}
	for _, want := range []string{fmt.Sprintf("process %d", os.Getpid()), dir, "another data folder"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, config(dir))
}

func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "data")
	open(t, config(dir))
	names := []string{dir}
	for _, name := range []string{"x.db", "x.db-wal", "x.db-shm", "x.lock"} {
		names = append(names, filepath.Join(dir, name))
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: mode %v, others can read it", name, info.Mode())
		}
	}
}

func TestMigrations(t *testing.T) {
	c := config(t.TempDir())
	one := fstest.MapFS{"0001_first.sqlite.sql": files["0001_first.sqlite.sql"]}
	for i, step := range []struct {
		files       fs.FS
		acceptNewer bool
		want        []int64
		err         error
	}{
		{one, false, []int64{1}, nil},
		{files, false, []int64{2}, nil},
		{files, false, nil, nil},
		{one, false, nil, ErrNewer},
		{one, true, nil, nil},
		{files, false, nil, nil},
	} {
		c.Migrations, c.AcceptNewer = step.files, step.acceptNewer
		f, err := Open(t.Context(), c)
		if !errors.Is(err, step.err) {
			t.Fatalf("step %d: %v, want %v", i, err, step.err)
		}
		if err != nil {
			if !strings.Contains(err.Error(), "install the newer version again") {
				t.Errorf("step %d: %q has no cure", i, err)
			}
			continue
		}
		if !slices.Equal(f.Applied, step.want) {
			t.Errorf("step %d: applied %v, want %v", i, f.Applied, step.want)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	tests := map[string]struct {
		prepare func(t *testing.T, c *Config)
		want    string
		is      error
	}{
		"no folder given": {func(_ *testing.T, c *Config) { c.Dir = "" }, "no data folder", nil},
		"a file in place of the folder": {func(t *testing.T, c *Config) {
			c.Dir = filepath.Join(c.Dir, "file")
			write(t, c.Dir, nil)
		}, "not a folder", nil},
		"a folder in place of the file": {func(t *testing.T, c *Config) {
			if err := os.Mkdir(filepath.Join(c.Dir, c.Name), 0o700); err != nil {
				t.Fatal(err)
			}
		}, "must be able to write", nil},
		"not a database": {func(t *testing.T, c *Config) {
			write(t, filepath.Join(c.Dir, c.Name), []byte(strings.Repeat("this is no database ", 400)))
		}, "not a database", ErrDamaged},
		"overwritten pages": {func(t *testing.T, c *Config) {
			f := open(t, *c)
			for i := range 200 {
				exec(t, f.Writer, "INSERT INTO t (k, v) VALUES (?, ?)", i, strings.Repeat("x", 400))
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(c.Dir, c.Name)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i := len(data) / 2; i < len(data)/2+8192; i++ {
				data[i] = 0x5a
			}
			write(t, path, data)
		}, "damaged", ErrDamaged},
		"a migration that fails": {func(_ *testing.T, c *Config) { c.Suffix = ".another.sql" }, "migrations", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := config(t.TempDir())
			tt.prepare(t, &c)
			// Twice: a refusal leaves no lock behind.
			for range 2 {
				f, err := Open(t.Context(), c)
				if err == nil {
					f.Close()
					t.Fatal("opened")
				}
				if !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) || errors.Is(err, ErrInUse) {
					t.Errorf("error %q, want %q and %v", err, tt.want, tt.is)
				}
			}
		})
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestClassify(t *testing.T) {
	dir := t.TempDir()
	f := open(t, config(dir))
	ctx := t.Context()
	run := func(db *sql.DB, query string) error {
		_, err := db.ExecContext(ctx, query)
		return err
	}
	exec(t, f.Writer, "INSERT INTO t (k) VALUES (1)")
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	folder, err := openPool(filepath.Join(dir, "folder"), "", nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	write(t, filepath.Join(dir, "text"), []byte(strings.Repeat("no database ", 400)))
	text, err := openPool(filepath.Join(dir, "text"), "", nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	gone, err := f.Reader.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()

	full := func() error {
		exec(t, f.Writer, "PRAGMA max_page_count = 1") // = as it is now
		defer exec(t, f.Writer, "PRAGMA max_page_count = 100000")
		return run(f.Writer, "INSERT INTO t (k, v) VALUES (2, hex(zeroblob(1000000)))")
	}
	for name, tt := range map[string]struct {
		err  error
		want Class
	}{
		"nil":                   {nil, None},
		"another package's":     {fs.ErrNotExist, None},
		"an ended context":      {context.Canceled, None},
		"a constraint":          {run(f.Writer, "INSERT INTO t (k) VALUES (1)"), Statement},
		"no such table":         {run(f.Writer, "INSERT INTO nothing VALUES (1)"), Statement},
		"a reader writes":       {run(f.Reader, "INSERT INTO t (k) VALUES (3)"), ReadOnly},
		"a full disk":           {full(), Full},
		"a folder, not a file":  {run(folder, "CREATE TABLE x (a)"), Denied},
		"text, not a database":  {run(text, "CREATE TABLE x (a)"), Damaged},
		"a connection let go":   {gone.PingContext(ctx), Lost},
		"wrapped more than one": {fmt.Errorf("a: %w", errors.Join(fs.ErrExist, run(f.Reader, "DELETE FROM t"))), ReadOnly},
	} {
		if got := Classify(tt.err); got != tt.want {
			t.Errorf("%s: %v is %q, want %q", name, tt.err, got, tt.want)
		}
	}
}

// A back-up is a whole database, is never written over another file, and leaves
// nothing else behind.
func TestBackup(t *testing.T) {
	f := open(t, config(t.TempDir()))
	exec(t, f.Writer, "INSERT INTO t (k, v) VALUES (1, 'one')")
	folder := t.TempDir()
	to := filepath.Join(folder, "x.db")
	if err := f.Backup(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	exec(t, f.Writer, "INSERT INTO t (k, v) VALUES (2, 'two')")
	if err := f.Backup(t.Context(), to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v, want fs.ErrExist", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Backup(ended, filepath.Join(folder, "y.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Fatalf("the folder has %v, %v", entries, err)
	}
	copied := open(t, config(folder))
	var n int
	if err := copied.Reader.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows in the copy, %v", n, err)
	}
}

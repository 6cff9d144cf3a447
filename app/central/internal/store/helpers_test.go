package store

import (
	"database/sql/driver"
	"net/url"
	"path/filepath"
	"testing"

	"modernc.org/sqlite"
)

func mustConnector(t *testing.T) driver.Connector {
	t.Helper()
	c, err := sqlite.NewConnector((&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(t.TempDir(), "x.db"))}).String())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

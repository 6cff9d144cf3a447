package localstore

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// BenchmarkWrite is one row in one durable transaction.
func BenchmarkWrite(b *testing.B) {
	s := open(b, b.TempDir(), Options{})
	n := 0
	for b.Loop() {
		n++
		if err := s.Write(b.Context(), "bench", put(strconv.Itoa(n), "x")); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRawSync is the disk alone, to compare: 4 KiB written and synced.
func BenchmarkRawSync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	for b.Loop() {
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}

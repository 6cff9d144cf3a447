package localstore

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"hallkiosk/app/internal/sqlitefile"
)

// BallastName is the name of the ballast in the data folder. It may be deleted by
// hand at any time; the next start makes it anew.
const BallastName = "ballast"

// defaultBallast is room for some 10,000 numbers with their events.
const defaultBallast = 16 << 20

// Room is how the disk under the data folder stands.
type Room struct {
	// Free is how many bytes can still be written, the reserve not counted; -1
	// where the system cannot be asked.
	Free int64
	// Reserve is how many bytes the ballast holds back at present.
	Reserve int64
	// Low: the reserve was given up, or there was never room for it. Somebody
	// must make room.
	Low bool
	// Advice is a sentence for the technician, in Chinese; empty unless Low.
	Advice string
}

// Room says how the disk stands.
func (s *Store) Room() Room {
	b := s.ballast
	free, err := freeSpace(b.dir)
	r := Room{Free: int64(min(free, 1<<62))}
	if err != nil {
		r.Free = -1
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.there {
		r.Reserve = b.size
	}
	if b.size == 0 || b.there {
		return r
	}
	r.Low = true
	if r.Free < 0 {
		r.Advice = "磁盘空间不足，请清理磁盘。"
	} else {
		r.Advice = fmt.Sprintf("磁盘空间不足，还剩 %d MB，请清理磁盘。", r.Free/1e6)
	}
	return r
}

// ballast is a file that is there to be deleted.
type ballast struct {
	dir  string
	size int64 // 0 = none is wanted
	log  *slog.Logger

	mu    sync.Mutex
	there bool // whole
}

func newBallast(dir string, size int64, log *slog.Logger) *ballast {
	switch {
	case size == 0:
		size = defaultBallast
	case size < 0:
		size = 0
	}
	return &ballast{dir: dir, size: size, log: log}
}

func (b *ballast) path() string { return filepath.Join(b.dir, BallastName) }

// release deletes the ballast and reports whether that made room.
func (b *ballast) release() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.there = false
	info, err := os.Stat(b.path())
	if err == nil {
		err = os.Remove(b.path())
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err != nil {
		b.log.Error("the disk is full and the ballast cannot be deleted", "error", err)
		return false
	}
	b.log.Error("the disk is full; the ballast was deleted so that numbers can still be taken: make room", "bytes", info.Size())
	return true
}

// fill makes the ballast unless it is there. It leaves at least as much room as it
// takes: a ballast that fills the disk would do the harm it is there against.
func (b *ballast) fill() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.size == 0 || b.there {
		return
	}
	if info, err := os.Stat(b.path()); err == nil && info.Mode().IsRegular() && info.Size() == b.size {
		b.there = true
		return
	}
	free, err := freeSpace(b.dir)
	if err == nil && free < 2*uint64(b.size) {
		b.log.Warn("no room for the ballast: make room on the disk", "free", free, "wanted", 2*b.size)
		return
	}
	if err := b.write(); err != nil {
		b.log.Warn("the ballast cannot be made", "error", err)
		_ = os.Remove(b.path())
		return
	}
	b.there = true
}

// write makes the file. It is whole only once it has its full size: a power cut
// leaves a shorter one, which fill makes anew.
func (b *ballast) write() error {
	f, err := os.OpenFile(b.path(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	err = allocate(f, b.size)
	if errors.Is(err, errors.ErrUnsupported) {
		// Random, because zeros take no room on a disk that compresses.
		_, err = io.CopyN(f, rand.Reader, b.size)
	}
	if err != nil {
		return err
	}
	return f.Sync()
}

// isFull reports whether SQLite says that there is no room. It says so in its own
// words when it cannot make the index of its log longer (on a full disk that is
// the only way in which this fails).
func isFull(err error) bool {
	if err == nil {
		return false
	}
	if sqlitefile.Classify(err) == sqlitefile.Full {
		return true
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE
}

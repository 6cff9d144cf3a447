package localstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// smallDiskSize leaves room for the ballast of the test and as much again.
const (
	smallDiskSize = 24 << 20
	testBallast   = 8 << 20
)

// smallFileSystem mounts a file system of its own, with real limits.
func smallFileSystem(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("a small disk can only be mounted by root")
	}
	dir := t.TempDir()
	err := unix.Mount("hallkiosk-test", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0700", smallDiskSize))
	if err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// fillUp writes a file until the disk has nothing left, to the last page.
func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for chunk := 1 << 20; chunk >= 512; {
		if _, err := f.Write(make([]byte, chunk)); errors.Is(err, unix.ENOSPC) {
			chunk /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// A disk that is really full: the number of that moment is written all the same,
// the technician is told, and the program ends only when the ballast is used up.
func TestFullDisk(t *testing.T) {
	disk := smallFileSystem(t)
	dir, filler := filepath.Join(disk, "data"), filepath.Join(disk, "filler")
	s := open(t, dir, Options{Ballast: testBallast})
	if r := s.Room(); r.Low || r.Reserve != testBallast || r.Advice != "" || r.Free <= 0 || r.Free > smallDiskSize-testBallast {
		t.Fatalf("at first: %+v", r)
	}
	if info, err := os.Stat(filepath.Join(dir, BallastName)); err != nil || info.Sys().(*syscall.Stat_t).Blocks*512 < testBallast {
		t.Fatalf("the ballast takes no room: %v", err)
	}
	fillUp(t, filler)
	written, called := 0, 0
	write := func() error {
		err := s.Write(t.Context(), "test", func(tx *Tx) error {
			tx.AfterCommit(func() { called++ })
			return put(fmt.Sprint(written), strings.Repeat("x", 30_000))(tx)
		})
		if err == nil {
			written++
		}
		return err
	}
	for i := range 50 { // more than fits into what SQLite had of the disk before
		if err := write(); err != nil {
			t.Fatalf("write %d on the full disk: %v", i, err)
		}
	}
	if r := s.Room(); !r.Low || r.Reserve != 0 || !strings.Contains(r.Advice, "清理磁盘") {
		t.Errorf("with the ballast gone: %+v", r)
	}
	fillUp(t, filler+"2")
	var err error
	for err == nil {
		err = write()
	}
	if !errors.Is(err, ErrDead) {
		t.Fatalf("full again: %v", err)
	}
	if called != written {
		t.Errorf("%d transactions committed, %d calls after commit", written, called)
	}
	s.Close()
	// Started again on the full disk, as a supervisor does: either it says that the
	// disk is full or it runs.
	if again, err := Open(t.Context(), dir, Options{Ballast: testBallast}); err == nil {
		again.Close()
	} else if !strings.Contains(err.Error(), "make room") {
		t.Errorf("opened on a full disk: %v", err)
	}
	for _, f := range []string{filler, filler + "2"} {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	s = open(t, dir, Options{Ballast: testBallast})
	for i := range written {
		if get(t, s, fmt.Sprint(i)) == "" {
			t.Errorf("row %d of %d was acknowledged and is gone", i, written)
		}
	}
	if r := s.Room(); r.Low || r.Reserve != testBallast {
		t.Errorf("after room was made: %+v", r)
	}
}

// Room that comes back while the terminal runs brings the ballast back with it.
func TestBallastComesBack(t *testing.T) {
	disk := smallFileSystem(t)
	filler := filepath.Join(disk, "filler")
	fillUp(t, filler)
	if err := os.Truncate(filler, 10<<20); err != nil { // 14 MiB free: less than twice the ballast
		t.Fatal(err)
	}
	s := open(t, filepath.Join(disk, "data"), Options{Ballast: testBallast})
	if r := s.Room(); !r.Low || r.Reserve != 0 || r.Advice == "" {
		t.Fatalf("too little room for a ballast: %+v", r)
	}
	if done, err := s.Checkpoint(t.Context()); err != nil || !done || !s.Room().Low {
		t.Fatalf("checkpoint: %v, %v; %+v", done, err, s.Room())
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if done, err := s.Checkpoint(t.Context()); err != nil || !done {
		t.Fatalf("checkpoint: %v, %v", done, err)
	}
	if r := s.Room(); r.Low || r.Reserve != testBallast {
		t.Errorf("with room again: %+v", r)
	}
}

// The control: without ballast the same disk takes the store with it.
func TestFullDiskWithoutBallast(t *testing.T) {
	disk := smallFileSystem(t)
	s := open(t, filepath.Join(disk, "data"), Options{Ballast: -1})
	if r := s.Room(); r.Low || r.Reserve != 0 {
		t.Errorf("no ballast wanted: %+v", r)
	}
	fillUp(t, filepath.Join(disk, "filler"))
	for i := range 50 {
		if err := s.Write(t.Context(), "test", put(fmt.Sprint(i), strings.Repeat("x", 30_000))); err != nil {
			if !errors.Is(err, ErrDead) {
				t.Errorf("%v", err)
			}
			return
		}
	}
	t.Error("the disk was not full: TestFullDisk proves nothing")
}

package localstore

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

const smallDiskEnv = "LOCALSTORE_TEST_SMALL_DISK"

// A real write error: a child process may not make any file larger than 256 KiB
// (setrlimit(2), RLIMIT_FSIZE), so that a write to the log fails with EFBIG, in
// the middle of a commit. What it acknowledged before must be there.
func TestWriteErrorKillsTheStore(t *testing.T) {
	if dir := os.Getenv(smallDiskEnv); dir != "" {
		smallDisk(t, dir)
		return
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestWriteErrorKillsTheStore$", "-test.v")
	cmd.Env = append(os.Environ(), smallDiskEnv+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	_, said, _ := strings.Cut(string(out), "ACKNOWLEDGED ")
	var written int
	if _, err := fmt.Sscan(said, &written); err != nil || written == 0 {
		t.Fatalf("the child acknowledged nothing: %v\n%s", err, out)
	}
	s := open(t, dir, Options{})
	for i := range written {
		if get(t, s, fmt.Sprint(i)) == "" {
			t.Errorf("row %d of %d was acknowledged and is gone", i, written)
		}
	}
	if err := s.Write(t.Context(), "test", put("after", "1")); err != nil {
		t.Errorf("after reopening: %v", err)
	}
}

func smallDisk(t *testing.T, dir string) {
	signal.Ignore(syscall.SIGXFSZ)
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	limit := unix.Rlimit{Cur: 256 << 10, Max: 256 << 10}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	for i := range 10_000 {
		if err := s.Write(t.Context(), "test", put(fmt.Sprint(i), strings.Repeat("x", 300))); err != nil {
			if !errors.Is(err, ErrDead) || !errors.Is(s.Err(), ErrDead) {
				t.Fatalf("write error: %v; the store says %v", err, s.Err())
			}
			if err := s.Write(t.Context(), "test", put("again", "1")); !errors.Is(err, ErrDead) {
				t.Fatalf("a dead store wrote: %v", err)
			}
			t.Logf("%v", err)
			fmt.Printf("ACKNOWLEDGED %d\n", i)
			return // without Close, as a program that ends at once
		}
	}
	t.Fatal("no write failed")
}

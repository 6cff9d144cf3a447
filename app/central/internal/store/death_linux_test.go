package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A failing disk cannot be had in this process without failing everything else in
// it, so the test runs itself again with a limit on the size of files: the write
// behind a commit then fails with EFBIG, which SQLite reports as an I/O error.
func TestFailedCommitKillsTheStore(t *testing.T) {
	const marker = "STORE_TEST_DYING"
	if dir := os.Getenv(marker); dir != "" {
		die(dir)
		return
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestFailedCommitKillsTheStore$", "-test.v")
	cmd.Env = append(os.Environ(), marker+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "died as it should") {
		t.Fatalf("%v\n%s", err, out)
	}
	// What was acknowledged before the failure is there, and nothing that was not.
	var acked int
	for line := range strings.Lines(string(out)) {
		fmt.Sscanf(line, "acknowledged %d", &acked)
	}
	if acked == 0 {
		t.Fatalf("nothing was acknowledged before the failure:\n%s", out)
	}
	s := open(t, dir)
	read(t, s, func(tx *Tx) error {
		counts, err := tx.Counts()
		if counts["ticket"] != acked {
			t.Errorf("%d tickets after the failure, %d were acknowledged", counts["ticket"], acked)
		}
		return err
	})
}

// die prints what happened; its caller reads that.
func die(dir string) {
	signal.Ignore(syscall.SIGXFSZ) // else the limit ends the process
	s, err := Open(dir, Options{})
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(1)
	}
	var normal syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &normal); err != nil {
		fmt.Println("getrlimit:", err)
		os.Exit(1)
	}
	// The log of the migrations is the largest file there is.
	log, err := os.Stat(filepath.Join(dir, fileName+"-wal"))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	limit := syscall.Rlimit{Cur: uint64(log.Size()) + 200<<10, Max: normal.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println("setrlimit:", err)
		os.Exit(1)
	}
	ctx := context.Background()
	n := 0
	for err == nil && n < 10000 {
		n++
		err = s.Write(ctx, "h", func(tx *Tx) error { return tx.InsertTicket(ticket(n), told) })
	}
	fmt.Printf("acknowledged %d\n", n-1)
	if !errors.Is(err, ErrDead) || !errors.Is(s.Err(), ErrDead) {
		fmt.Println("error of the commit:", err)
		os.Exit(1)
	}
	select {
	case <-s.Dead():
	default:
		fmt.Println("Dead is not closed")
		os.Exit(1)
	}
	// Room again: a commit on this handle would now succeed, and must not be tried.
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &normal); err != nil {
		fmt.Println("setrlimit:", err)
		os.Exit(1)
	}
	if err := s.Write(ctx, "h", func(*Tx) error { return nil }); !errors.Is(err, ErrDead) {
		fmt.Println("write after death:", err)
		os.Exit(1)
	}
	if err := s.Read(ctx, func(*Tx) error { return nil }); !errors.Is(err, ErrDead) {
		fmt.Println("read after death:", err)
		os.Exit(1)
	}
	fmt.Println("died as it should")
}

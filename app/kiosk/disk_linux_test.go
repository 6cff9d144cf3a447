package kiosk

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const badDiskEnv = "KIOSK_TEST_BAD_DISK"

// The whole terminal ends when its disk fails: a child process that may not make
// any file larger than 256 KiB (setrlimit(2), RLIMIT_FSIZE) runs a terminal until
// a commit fails, and Run must return, with nothing left behind and the error that
// the program's exit code is made of.
func TestBadDiskEndsTheTerminal(t *testing.T) {
	if dir := os.Getenv(badDiskEnv); dir != "" {
		runOnBadDisk(t, dir)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestBadDiskEndsTheTerminal$", "-test.v")
	cmd.Env = append(os.Environ(), badDiskEnv+"="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "ENDED") {
		t.Fatalf("child: %v\n%s", err, out)
	}
}

func runOnBadDisk(t *testing.T, dir string) {
	signal.Ignore(syscall.SIGXFSZ)
	term, err := New(Config{Centre: "http://127.0.0.1:1", Hall: "demo", Token: strings.Repeat("t", 32), DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- term.Run(context.Background()) }()
	limit := unix.Rlimit{Cur: 256 << 10, Max: 256 << 10}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	for range 100_000 {
		if err = term.uplink.DeviceChanged(context.Background(), "printer", "fault", strings.Repeat("x", 1000)); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrDisk) {
		t.Fatalf("a commit on the bad disk: %v", err)
	}
	select {
	case err := <-ended:
		if !errors.Is(err, ErrDisk) {
			t.Errorf("run: %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the terminal goes on with a disk that failed")
	}
	_ = term.Close()
	t.Log("ENDED")
}

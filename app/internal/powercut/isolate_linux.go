package powercut

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	// isolatedEnv tells a process that it is the isolated one, and its folder.
	isolatedEnv = "HALLKIOSK_POWERCUT_FOLDER"
	// cannot begins the line with which the isolated process reports that the
	// machine lacks something.
	cannot = "powercut: cannot: "
)

// Isolate runs fn in a process and a mount namespace of their own: it starts the
// test binary again for this one top-level test and fails when that fails. folder
// is empty, in memory, and gone afterwards with everything mounted in it, however
// the process ends. What the test has set up before Isolate happens in both
// processes; the environment is inherited.
//
// Where the machine lacks what is needed, the test is skipped with the reason.
func Isolate(t *testing.T, fn func(t *testing.T, folder string)) {
	t.Helper()
	if folder := os.Getenv(isolatedEnv); folder != "" {
		err := keepNamespace()
		if err == nil {
			err = prepare(folder)
		}
		if err != nil {
			fmt.Println(cannot + err.Error())
			return
		}
		fn(t, folder)
		return
	}
	skip := func(why string) {
		t.Helper()
		t.Skipf("POWER CUTS ARE NOT TESTED ON THIS MACHINE: %s", why)
	}
	if why := missing(); why != "" {
		skip(why)
	}
	// Not t.TempDir: it would be removed by a process that cannot see the mounts.
	folder, err := os.MkdirTemp("", "powercut")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	args := []string{"-test.run=^" + t.Name() + "$", "-test.v"}
	if end, ok := t.Deadline(); ok {
		args = append(args, "-test.timeout="+time.Until(end.Add(-2*time.Second)).Round(time.Second).String())
	}
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), isolatedEnv+"="+folder)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	// Pdeathsig is about the thread that starts the process, so keep it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		if errors.Is(err, syscall.EPERM) {
			skip("no mount namespace of its own: " + err.Error())
		}
		t.Fatal(err)
	}
	why := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		if reason, ok := strings.CutPrefix(line, cannot); ok {
			why = reason
		}
		if !framework.MatchString(line) {
			t.Log(strings.TrimSpace(line))
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the isolated test: %v", err)
	}
	if left := leftLoops(folder); len(left) > 0 {
		t.Errorf("loop devices are left: %s", strings.Join(left, ", "))
	}
	if why != "" {
		skip(why)
	}
}

// framework are the lines with which package testing frames those of a test.
var framework = regexp.MustCompile(`^(=== |--- |PASS$|FAIL$|\s*$)`)

// missing names what the machine lacks, as far as it can be seen without trying.
func missing() string {
	if os.Geteuid() != 0 {
		return "mounting needs root"
	}
	for _, path := range []string{"/dev/fuse", "/dev/loop-control"} {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err.Error()
		}
		f.Close()
	}
	if _, err := exec.LookPath("mkfs.ext4"); err != nil {
		return err.Error()
	}
	return ""
}

// prepare mounts the folder and tries whether a recorded disk can be had.
func prepare(folder string) error {
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "mode=0700"); err != nil {
		return fmt.Errorf("mount tmpfs: %w", err)
	}
	try := filepath.Join(folder, "try")
	if err := os.Mkdir(try, 0o700); err != nil {
		return err
	}
	d, err := NewDisk(try)
	if err != nil {
		return err
	}
	return d.Close()
}

// keepNamespace starts a process that stays in this mount namespace a little longer
// than this one, however this one ends: it reads until its input is closed. If this
// process were the last one, its end would unmount ext4, which waits for the device,
// which waits for FUSE requests nobody answers and nobody gives up, since the end
// of this process has not come to closing /dev/fuse. With the keeper, FUSE is closed
// first, requests fail, and the end of the keeper unmounts the rest.
func keepNamespace() error {
	var pipe [2]int // plain descriptors: a file that is collected as garbage is closed
	if err := syscall.Pipe2(pipe[:], syscall.O_CLOEXEC); err != nil {
		return fmt.Errorf("pipe: %w", err)
	}
	input := os.NewFile(uintptr(pipe[0]), "pipe")
	defer input.Close()
	keeper := exec.Command("cat")
	keeper.Stdin = input
	// Away from the signals that a terminal or a script sends to a whole group.
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return keeper.Start() // pipe[1] stays open to the end of this process
}

// leftLoops returns the loop devices whose file lies in the folder. Devices go a
// moment after the process that used them.
func leftLoops(folder string) (left []string) {
	for wait := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		left = nil
		files, _ := filepath.Glob("/sys/block/loop*/loop/backing_file")
		for _, f := range files {
			if data, err := os.ReadFile(f); err == nil && bytes.Contains(data, []byte(filepath.Base(folder))) {
				left = append(left, fmt.Sprintf("%s on %s", f, bytes.TrimSpace(data)))
			}
		}
		if len(left) == 0 || time.Now().After(wait) {
			return left
		}
	}
}

package powercut

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const hangEnv = "HALLKIOSK_POWERCUT_HANG"

// TestKilledLeavesNothing kills an isolated test while it has a disk mounted and
// written to.
func TestKilledLeavesNothing(t *testing.T) {
	if os.Getenv(hangEnv) != "" {
		Isolate(t, func(t *testing.T, folder string) {
			at := filepath.Join(folder, "disk")
			if err := os.Mkdir(at, 0o700); err != nil {
				t.Fatal(err)
			}
			d, err := NewDisk(at)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(d.Dir(), "file"), make([]byte, 1<<20), 0o600); err != nil {
				t.Fatal(err)
			}
			fmt.Println("mounted", folder)
			select {}
		})
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledLeavesNothing$", "-test.v")
	cmd.Env = append(os.Environ(), hangEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	folder, said := "", ""
	for lines := bufio.NewScanner(out); folder == "" && lines.Scan(); {
		said += lines.Text() + "\n"
		_, folder, _ = strings.Cut(lines.Text(), "mounted ")
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if strings.Contains(said, "--- SKIP") {
		t.Skip(said)
	}
	if folder == "" {
		t.Fatalf("no disk was mounted:\n%s", said)
	}
	defer os.RemoveAll(folder)
	if left := leftLoops(folder); len(left) > 0 {
		t.Errorf("loop devices are left: %q", left)
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mounts), folder) {
		t.Errorf("mounts are left:\n%s", mounts)
	}
}

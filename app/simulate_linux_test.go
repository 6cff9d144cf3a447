package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// simulate shows where the devices and the page are, and the page answers until
// the program ends.
func TestSimulate(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out, said := io.Pipe()
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"simulate", "-dir", t.TempDir(), "-page", "127.0.0.1:0", "-printer", "custom"},
			stdio{in: strings.NewReader("card li\n"), out: said, err: io.Discard})
		said.Close()
	}()
	address := ""
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if name, rest, _ := strings.Cut(lines.Text(), " "); name == "page" {
			address = strings.TrimSpace(rest)
		}
		if strings.Contains(lines.Text(), "lies on the reader") {
			break
		}
	}
	go io.Copy(io.Discard, out)
	r, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil || r.StatusCode != http.StatusOK || !strings.Contains(string(body), "李示例 · 长期身份证</span>") {
		t.Errorf("the page: %s, %v", r.Status, err)
	}
	cancel()
	if code := <-done; code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := http.Get(address); err == nil {
		t.Error("the page answers after the end")
	}
	for _, args := range [][]string{{"-printer", "x"}, {"-page", "nowhere"}, {"-font", "/dev/null"}, {"-font", "/nowhere"}} {
		if code, _, stderr := call(t, "", append([]string{"simulate", "-dir", t.TempDir()}, args...)...); code == 0 || stderr == "" {
			t.Errorf("%v: exit code %d, %q", args, code, stderr)
		}
	}
}

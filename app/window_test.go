//go:build linux && !headless

package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
)

// The built program, its real window under a virtual display, and a synthetic
// mouse. HALLKIOSK_BINARY names the program; packaging/scripts/test.sh builds
// it and sets that.

const windowPatience = 60 * time.Second

// A shown program is a running demonstration.
type shown struct {
	t       *testing.T
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	out     *output
	state   string
	display string
	exited  chan error
}

func show(t *testing.T, binary, state string) *shown {
	t.Helper()
	s := &shown{t: t, state: state, out: &output{}, exited: make(chan error, 1)}
	os.Remove(s.mapFile()) // of an earlier run
	s.cmd = exec.Command(binary, "demo", "-state", state, "-listen", "127.0.0.1:0", "-panel", "21.5-portrait",
		"-touch-map", s.mapFile())
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "DISPLAY=") {
			s.cmd.Env = append(s.cmd.Env, v)
		}
	}
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	var err error
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.exited <- s.cmd.Wait() }()
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(state, "demo.log"))
			t.Logf("the program printed:\n%s\nand logged:\n%s", s.out, log)
		}
	})
	s.display = s.printed(`a virtual one, (:\d+), is used`)
	return s
}

func (s *shown) mapFile() string { return filepath.Join(s.state, "touch-map") }

// printed waits until the program has printed something like pattern, and
// returns what its group holds.
func (s *shown) printed(pattern string) string {
	s.t.Helper()
	re := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(windowPatience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if m := re.FindStringSubmatch(s.out.String()); m != nil {
			return m[1]
		}
		select {
		case err := <-s.exited:
			s.exited <- err
			s.t.Fatalf("the program ended: %v", err)
		default:
		}
	}
	s.t.Fatalf("the program never printed %q", pattern)
	return ""
}

// find waits until something with this name can be touched, and says where.
func (s *shown) find(name string) (x, y string) {
	s.t.Helper()
	var last []byte
	for deadline := time.Now().Add(windowPatience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		last, _ = os.ReadFile(s.mapFile())
		for line := range strings.Lines(string(last)) {
			f := strings.Split(strings.TrimSpace(line), "\t")
			if len(f) == 3 && (f[0] == name || strings.HasSuffix(f[0], ":"+name)) {
				return f[1], f[2]
			}
		}
	}
	s.t.Fatalf("nothing called %q can be touched; there is\n%s", name, last)
	return "", ""
}

// tap presses and releases the mouse in the middle of what has this name.
func (s *shown) tap(name string) {
	s.t.Helper()
	x, y := s.find(name)
	time.Sleep(400 * time.Millisecond) // nobody sees a page and taps sooner; the window takes it for a double tap
	cmd := exec.Command("xdotool", "mousemove", x, y, "sleep", "0.05", "mousedown", "1", "sleep", "0.08", "mouseup", "1")
	cmd.Env = append(os.Environ(), "DISPLAY="+s.display)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("tap %s: %v\n%s", name, err, out)
	}
}

func (s *shown) say(line string) {
	s.t.Helper()
	if _, err := fmt.Fprintln(s.stdin, line); err != nil {
		s.t.Fatal(err)
	}
}

// takeTicket goes from the home page to a number, by card.
func (s *shown) takeTicket() {
	s.t.Helper()
	s.tap("home.take")
	s.tap("group:户籍与证件")
	s.tap("business:hukou")
	s.tap("item:hukou-in")
	s.find("identify.no-card")
	s.say("card zhang")
	s.tap("confirm.take")
	s.find("result.done")
	s.say("lift")
}

// end stops the program as Ctrl-C does and looks at what is left of it.
func (s *shown) end() {
	s.t.Helper()
	s.cmd.Process.Signal(syscall.SIGINT)
	select {
	case err := <-s.exited:
		if err != nil {
			s.t.Errorf("ended by Ctrl-C: %v, want exit code 0", err)
		}
	case <-time.After(windowPatience):
		s.t.Fatal("Ctrl-C does not end the program")
	}
	if _, err := os.Stat("/tmp/.X11-unix/X" + s.display[1:]); err == nil {
		s.t.Errorf("the virtual display %s is left behind", s.display)
	}
	for _, device := range []string{"printer", "reader", "scanner"} {
		if _, err := os.Lstat(filepath.Join(s.state, "devices", device)); err == nil {
			s.t.Errorf("the simulated %s is left behind", device)
		}
	}
	log, err := os.ReadFile(filepath.Join(s.state, "demo.log"))
	if err != nil {
		s.t.Error(err)
	}
	for _, bad := range []string{"Error in Fyne call thread", "panic", "DATA RACE"} {
		if strings.Contains(s.out.String(), bad) || strings.Contains(string(log), bad) {
			s.t.Errorf("the program said %q", bad)
		}
	}
}

// picture copies the newest picture of the screen to the folder of CI's results
// and checks that something is on it.
func (s *shown) picture(name string) {
	s.t.Helper()
	time.Sleep(1500 * time.Millisecond) // one is taken every second
	data, err := os.ReadFile(filepath.Join(s.state, "screens", "latest.png"))
	if err != nil {
		s.t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		s.t.Fatal(err)
	}
	colours := map[uint32]bool{}
	for y := 0; y < img.Bounds().Dy(); y += 3 {
		for x := 0; x < img.Bounds().Dx(); x += 3 {
			r, g, b, _ := img.At(x, y).RGBA()
			colours[r>>8<<16|g>>8<<8|b>>8] = true
		}
	}
	if len(colours) < 20 {
		s.t.Errorf("%s: the picture has %d colours; a page has more", name, len(colours))
	}
	if dir := os.Getenv("HALLKIOSK_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			s.t.Error(err)
		}
	}
}

func TestRealWindowTakesATicket(t *testing.T) {
	binary := os.Getenv("HALLKIOSK_BINARY")
	if binary == "" {
		t.Skip("HALLKIOSK_BINARY names no built program: run make test")
	}
	for _, tool := range []string{"xdotool", "Xvfb"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%v; packaging/scripts/debian-packages.sh test installs it", err)
		}
	}
	state := t.TempDir()
	s := show(t, binary, state)
	s.find("home.take")
	s.picture("window-home.png")
	s.takeTicket()
	s.picture("window.png")

	address := s.printed(`Window console +(http://[^/]+)/console`)
	if label := callNext(t, address); label != "A001" {
		t.Errorf("called %s, want A001", label)
	}
	s.say("show")
	s.printed(`(A001)`)
	s.end()

	// The next day is not the same as the same day: data is kept, numbers go on.
	s = show(t, binary, state)
	s.tap("home.take")
	s.tap("group:户籍与证件")
	s.tap("business:idcard")
	s.tap("identify.no-card")
	s.tap("confirm.take")
	s.find("result.done")
	s.tap("result.done")
	s.takeTicket()
	address = s.printed(`Window console +(http://[^/]+)/console`)
	for _, want := range []string{"B001", "A002"} {
		if label := callNext(t, address); label != want {
			t.Errorf("called %s, want %s", label, want)
		}
	}
	s.end()
}

// callNext calls the next number at window 1 and finishes it.
func callNext(t *testing.T, address string) (label string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), windowPatience)
	defer cancel()
	api, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: address, Hall: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := api.Login(ctx, centralapi.WindowLogin{Window: "w1", PIN: strconv.Itoa(100001)})
	if err != nil {
		t.Fatal(err)
	}
	ticket, ok, err := w.CallNext(ctx)
	if err != nil || !ok {
		t.Fatalf("nobody to call: %v", err)
	}
	if _, err := w.Finish(ctx, ticket.ID); err != nil {
		t.Fatal(err)
	}
	return ticket.Label
}

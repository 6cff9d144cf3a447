package codescan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/devices/porttest"
)

// Vectors: each file is what passes on the line after so many triggers, and the
// codes that come of it.
func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			v, err := porttest.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			profile, err := ProfileByName(v.Headers["profile"])
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				port := porttest.NewPlayback(v)
				s := New(port, Opts{Profile: profile, Lines: v.Headers["lines"] == "yes"})
				for word := range strings.FieldsSeq(v.Headers["trigger"]) {
					if err := s.Trigger(word == "on"); err != nil {
						t.Fatal(err)
					}
				}
				var got []string
				for {
					ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
					c, err := s.Next(ctx)
					cancel()
					switch {
					case err == nil:
						got = append(got, strconv.Quote(c.Text))
						continue
					case errors.Is(err, ErrPortLost):
						got = append(got, "lost")
					case errors.Is(err, ErrTooLong):
						got = append(got, "too-long")
						continue
					}
					break
				}
				if all := strings.Join(got, " "); all != v.Headers["expect"] {
					t.Errorf("got  %s\nwant %s", all, v.Headers["expect"])
				}
				if err := port.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A scanner that scans by itself gets no commands.
func TestTriggerWithoutCommands(t *testing.T) {
	s := scanner(t, "")
	if err := errors.Join(s.Trigger(true), s.Trigger(false)); err != nil {
		t.Error(err)
	}
}

// livePort is a port that two goroutines may use at once: a command is answered
// with a code, and the cable is pulled when in is closed.
type livePort struct{ in chan byte }

func (p livePort) Read(b []byte) (int, error) {
	select {
	case c, ok := <-p.in:
		if !ok {
			return 0, porttest.ErrUnplugged
		}
		b[0] = c
		return 1, nil
	case <-time.After(porttest.Tick):
		return 0, nil
	}
}

func (p livePort) Write(b []byte) (int, error) {
	if string(b) == "\x16T\r" {
		for _, c := range []byte("A012\r") {
			p.in <- c
		}
	}
	return len(b), nil
}

// Next may wait while another goroutine triggers, and the loss of the port is
// known to both.
func TestTriggerWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := livePort{make(chan byte)}
		s := New(port, Opts{Profile: Honeywell()})
		got := make(chan string, 2)
		go func() {
			for range 2 {
				c, err := s.Next(t.Context())
				got <- fmt.Sprint(c.Text, errors.Is(err, ErrPortLost))
			}
		}()
		time.Sleep(210 * time.Millisecond)
		if err := s.Trigger(true); err != nil {
			t.Error(err)
		}
		close(port.in)
		if a, b := <-got, <-got; a != "A012false" || b != "true" {
			t.Errorf("%s, %s", a, b)
		}
		if err := s.Trigger(true); !errors.Is(err, ErrPortLost) {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// A code held before the scanner is one scan; taken away and shown again it is
// another.
func TestRepeat(t *testing.T) {
	held := strings.Repeat(line("]Q1A012\r")+"~ 700ms\n", 6) // longer than the window in all
	for _, c := range []struct {
		name, vector string
		repeat       time.Duration
		want         int
	}{
		{"held", held, 0, 1},
		{"held, all wanted", held, -1, 6},
		{"shown again", line("A012\r") + "~ 1600ms\n" + line("A012\r"), 0, 2},
		{"shown again soon", line("A012\r") + "~ 1400ms\n" + line("A012\r"), 0, 1},
		{"two in turn", line("A012\r") + line("B7\r") + line("A012\r"), 0, 3},
		{"other symbology", line("]Q1A012\r") + line("]C1A012\r"), 0, 2},
		{"ended by silence", line("A012") + "~ 300ms\n" + line("A012") + "~ 300ms\n", 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v, err := porttest.Parse([]byte(c.vector))
				if err != nil {
					t.Fatal(err)
				}
				s := New(porttest.NewPlayback(v), Opts{Repeat: c.repeat})
				n := 0
				for {
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					_, err := s.Next(ctx)
					cancel()
					if err != nil {
						break
					}
					n++
				}
				if n != c.want {
					t.Errorf("%d codes, want %d", n, c.want)
				}
			})
		})
	}
}

func TestProfileByName(t *testing.T) {
	for _, p := range Profiles() {
		got, err := ProfileByName(p.Name)
		if err != nil || got.Name != p.Name || !bytes.Equal(got.on, p.on) {
			t.Errorf("%s: %v, %v", p.Name, got.Name, err)
		}
	}
	if p, err := ProfileByName(""); err != nil || p.Name != "presentation" {
		t.Errorf("%v, %v", p.Name, err)
	}
	if _, err := ProfileByName("x"); err == nil || !strings.Contains(err.Error(), "gm65") {
		t.Error(err)
	}
}

package bankreader

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
	"hallkiosk/devices/samv"
)

// Both dialects serve a program that knows only this.
var _ = []interface {
	Ping(context.Context) error
	Poll(context.Context) (samv.Event, error)
}{(*Reader)(nil), (*samv.Reader)(nil)}

// Each file is a conversation of so many polls or pings and what each gave.
func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			v, err := porttest.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				port := porttest.NewPlayback(v)
				opts := v.Headers["opts"]
				r := New(port, Opts{Name: strings.Contains(opts, "name"), Observed: strings.Contains(opts, "observed")})
				ask, times, _ := strings.Cut(v.Headers["ask"], " ")
				n, err := strconv.Atoi(times)
				if err != nil {
					t.Fatal(err)
				}
				pause, _ := time.ParseDuration(v.Headers["pause"])
				var all []string
				for range n {
					all = append(all, answer(t, r, ask))
					time.Sleep(pause)
				}
				if got := strings.Join(all, ", "); got != v.Headers["expect"] {
					t.Errorf("got  %s\nwant %s", got, v.Headers["expect"])
				}
				if err := port.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func answer(t *testing.T, r *Reader, ask string) string {
	t.Helper()
	var e samv.Event
	var err error
	if ask == "ping" {
		err = r.Ping(t.Context())
	} else {
		e, err = r.Poll(t.Context())
	}
	var s samv.Status
	switch {
	case errors.Is(err, samv.ErrPortLost):
		return "lost"
	case errors.Is(err, samv.ErrSilent):
		return "silent"
	case errors.Is(err, ErrLink):
		return "link"
	case errors.As(err, &s):
		return fmt.Sprintf("status %02X", byte(s))
	case err != nil:
		return err.Error()
	case ask == "ping":
		return "well"
	case e.Card != nil:
		return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", e.Kind, e.Card.Kind, e.Card.Name, e.Card.Number)), " ")
	}
	return strings.TrimSpace(string(e.Kind) + " " + string(e.Reason))
}

func TestPollEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, err := porttest.Parse([]byte("> 02 00 03 CA 01 01 CA 03\n"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := New(porttest.NewPlayback(v), Opts{}).Poll(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func FuzzScanner(f *testing.F) {
	f.Add([]byte("\x02\x00\x02\x90\x00\x90\x03"), 3)
	f.Add([]byte("\x02\x02\x00\x02\x80\x00\x80\x03\x02"), 1)
	f.Add(bytes.Repeat([]byte{2}, 3000), 512)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		if len(b) > 1<<13 {
			return
		}
		size = max(1, min(size, 512))
		var s scanner
		frames := func(flush bool) {
			for {
				data, ok := s.next(flush)
				if !ok {
					return
				}
				if len(data) < 2 || !bytes.Contains(b, appendFrame(nil, data)) {
					t.Fatalf("a frame of %d bytes that was not there", len(data))
				}
			}
		}
		for rest := b; len(rest) > 0; {
			n := min(size, len(rest))
			s.push(rest[:n])
			rest = rest[n:]
			frames(false)
			if len(s.buf) >= maxData+overhead {
				t.Fatalf("%d bytes are kept", len(s.buf))
			}
		}
		frames(true)
		if len(s.buf) != 0 {
			t.Fatal("something is left")
		}
	})
}

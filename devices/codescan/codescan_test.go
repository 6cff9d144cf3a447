package codescan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/devices/porttest"
)

// scanner plays a vector to a Scanner in a bubble.
func scanner(t *testing.T, vector string) *Scanner {
	t.Helper()
	v, err := porttest.Parse([]byte(vector))
	if err != nil {
		t.Fatal(err)
	}
	return New(porttest.NewPlayback(v), Opts{})
}

func line(s string) string { return fmt.Sprintf("< % X\n", s) }

func TestNext(t *testing.T) {
	long := strings.Repeat("a", MaxLength)
	for _, c := range []struct {
		name, vector string
		want         []Code
	}{
		{"CR", line("A012\r"), []Code{{Text: "A012"}}},
		{"CRLF", line("A012\r\n") + line("B7\r\n"), []Code{{Text: "A012"}, {Text: "B7"}}},
		{"LF", line("A012\n"), []Code{{Text: "A012"}}},
		{"silence", line("A012") + "~ 100ms\n" + line("B7\r"), []Code{{Text: "A012"}, {Text: "B7"}}},
		{"in pieces", line("A0") + "~ 50ms\n" + line("12") + "~ 50ms\n" + line("\r"), []Code{{Text: "A012"}}},
		{"two in one piece", line("A012\rB7\r"), []Code{{Text: "A012"}, {Text: "B7"}}},
		{"empty lines", line("\r\n\r\nA\r"), []Code{{Text: "A"}}},
		{"AIM prefix", line("]Q1https://example.test/?a=b\r"), []Code{{Text: "https://example.test/?a=b", Symbology: "Q1"}}},
		{"prefix without content", line("]C0\rA\r"), []Code{{Text: "A"}}},
		{"bracket that is no prefix", line("]-1x\r"), []Code{{Text: "]-1x"}}},
		{"bytes beyond ASCII", line("号\xff\r"), []Code{{Text: "号\xff"}}},
		{"longest", line(long + "\r"), []Code{{Text: long}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := scanner(t, c.vector)
				for _, want := range c.want {
					got, err := s.Next(t.Context())
					if err != nil || got.Text != want.Text || got.Symbology != want.Symbology {
						t.Fatalf("got %q %q, %v", got.Text, got.Symbology, err)
					}
				}
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				if got, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Fatalf("one too many: %q, %v", got.Text, err)
				}
			})
		})
	}
}

func TestNextDropsWhatIsTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := scanner(t, line(strings.Repeat("x", 3*MaxLength)+"\rA012\r"))
		if _, err := s.Next(t.Context()); !errors.Is(err, ErrTooLong) {
			t.Fatal(err)
		}
		if got, err := s.Next(t.Context()); err != nil || got.Text != "A012" {
			t.Fatalf("afterwards: %q, %v", got.Text, err)
		}
	})
}

func TestPortLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := scanner(t, line("half")+"! unplugged")
		for range 2 { // and it stays lost
			if _, err := s.Next(t.Context()); !errors.Is(err, ErrPortLost) || !errors.Is(err, porttest.ErrUnplugged) {
				t.Fatal(err)
			}
		}
	})
}

// A code may be a key to somebody's identity: nothing prints it.
func TestCodePrintsNothing(t *testing.T) {
	c := Code{Text: "secret-token", Symbology: "Q1"}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%v %+v %#v %s %q %x %d", c, c, c, c, c, c, c)
	fmt.Fprint(&b, &c, []Code{c}, struct{ C Code }{c})
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "code", c)
	if s := b.String(); strings.Contains(s, "secret") || strings.Contains(s, "736563") {
		t.Error(s)
	}
}

func FuzzFramer(f *testing.F) {
	f.Add([]byte("]Q1A012\r\nB7\n"), false, false)
	f.Add([]byte("\r\r]C0\r]"), false, false)
	f.Add([]byte("P<UTO\r\nL898\r\n"), true, false)
	f.Add([]byte("\x02\x00\x00\x01\x0031A012\r\x02\x00A\r\x02\x00\x00\xff"), false, true)
	f.Fuzz(func(t *testing.T, b []byte, lines, answers bool) {
		fr := framer{lines: lines}
		if answers {
			fr.reply = func() int { return repliesGM65 }
		}
		var texts int
		check := func(code Code, done bool, err error) {
			if !done || err != nil {
				return
			}
			if code.Text == "" || len(code.Text) > MaxLength || strings.Contains(code.Text, "\r") ||
				!lines && strings.Contains(code.Text, "\n") || strings.HasSuffix(code.Text, "\n") {
				t.Fatalf("%q", code.Text)
			}
			texts += len(code.Text)
		}
		for _, c := range b {
			check(fr.push(c))
			if len(fr.buf) > MaxLength {
				t.Fatal("it grows")
			}
		}
		check(fr.end())
		if texts > len(b) || !fr.idle() {
			t.Fatal("more out than in, or something is left")
		}
	})
}

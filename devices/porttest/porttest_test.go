package porttest

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const conversation = `
# a made-up device
expect: Two Answers
> 01 02
< 03 04 05
~ 120ms
< 06
! unplugged
`

func play(t *testing.T, text string) *Playback {
	t.Helper()
	v, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return NewPlayback(v)
}

func TestPlayback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := play(t, conversation)
		for _, b := range [][]byte{{1}, {2}} { // in pieces
			if n, err := p.Write(b); n != 1 || err != nil {
				t.Fatal(n, err)
			}
		}
		var buf [2]byte
		if n, err := p.Read(buf[:]); n != 2 || err != nil || buf != [2]byte{3, 4} {
			t.Fatal(n, err, buf)
		}
		if n, _ := p.Read(buf[:]); n != 1 || buf[0] != 5 {
			t.Fatal(n, buf)
		}
		start, empty := time.Now(), 0
		for {
			n, err := p.Read(buf[:])
			if err != nil {
				t.Fatal(err)
			}
			if n == 1 {
				break
			}
			empty++
		}
		if d := time.Since(start); d != 120*time.Millisecond || empty != 3 {
			t.Errorf("the pause took %v in %d reads", d, empty)
		}
		if _, err := p.Read(buf[:]); !errors.Is(err, ErrUnplugged) {
			t.Error(err)
		}
		if _, err := p.Write([]byte{1}); !errors.Is(err, ErrUnplugged) {
			t.Error(err)
		}
		if err := p.ResetInput(); !errors.Is(err, ErrUnplugged) {
			t.Error(err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestPlaybackNoticesDifferences(t *testing.T) {
	for name, use := range map[string]func(*Playback){
		"nothing done":  func(*Playback) {},
		"other bytes":   func(p *Playback) { p.Write([]byte{9}) },
		"too many":      func(p *Playback) { p.Write([]byte{1, 2, 3}) },
		"answer unread": func(p *Playback) { p.Write([]byte{1, 2}) },
	} {
		p := play(t, "> 01 02\n< 03")
		use(p)
		if p.Close() == nil {
			t.Errorf("%s: Close says nothing", name)
		}
	}
	p := play(t, "> 01\n< 02 03")
	p.Write([]byte{1})
	p.ResetInput()
	if err := p.Close(); err != nil {
		t.Errorf("after ResetInput: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"> 0", "> xy", ">", "~ 3", "~ -3s", "!", "word", "> 01\nlate: header"} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%q passes", text)
		}
	}
	v, err := Parse([]byte(conversation))
	if err != nil || v.Headers["expect"] != "Two Answers" {
		t.Error(v.Headers, err)
	}
}

// What a Record writes down plays back.
func TestRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		talk := func(p Port) {
			p.ResetInput()
			p.Write([]byte{1, 2})
			var buf [8]byte
			for {
				if _, err := p.Read(buf[:]); err != nil {
					return
				}
			}
		}
		talk(NewRecord(play(t, conversation), &text))
		if want := "> 01 02\n< 03 04 05\n~ 120ms\n< 06\n! porttest: unplugged: unplugged\n"; text.String() != want {
			t.Errorf("recorded\n%s", text.String())
		}
		p := play(t, text.String())
		talk(p)
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(conversation)
	f.Add("> 00\n<FF\n~1s")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := Parse([]byte(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "porttest: line ") {
				t.Fatal(err)
			}
			return
		}
		// Every step says itself in the form that it was read from.
		for _, s := range v.steps {
			again, err := Parse([]byte(s.String()))
			if err != nil || again.steps[0].String() != s.String() {
				t.Fatalf("%q: %v", s, err)
			}
		}
	})
}

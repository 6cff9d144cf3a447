package frame

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Frames as published, in both directions; none is personal. Sources:
// eastcoms.com, softs.im, yzsam.com.
func TestPublishedFrames(t *testing.T) {
	for frame, body := range map[string]string{
		"AAAAAA9669 0003 10FF EC":                   "10FF",
		"AAAAAA9669 0003 11FF ED":                   "11FF",
		"AAAAAA9669 0003 12FF EE":                   "12FF",
		"AAAAAA9669 0003 2001 22":                   "2001",
		"AAAAAA9669 0003 2002 21":                   "2002",
		"AAAAAA9669 0003 3001 32":                   "3001",
		"AAAAAA9669 0003 3003 30":                   "3003",
		"AAAAAA9669 0004 61FF50 CA":                 "61FF50",
		"AAAAAA9669 0004 000090 94":                 "000090",
		"AAAAAA9669 0008 00009F00000000 97":         "00009F00000000",
		"AAAAAA9669 0004 000080 84":                 "000080",
		"AAAAAA9669 0004 000041 45":                 "000041",
		"AAAAAA9669 000C 0000900000000000000000 9C": "0000900000000000000000",
	} {
		if got := Append(nil, unhex(t, body)); !bytes.Equal(got, unhex(t, frame)) {
			t.Errorf("Append(%s) = % X", body, got)
		}
		var s Scanner
		s.Push(unhex(t, frame))
		if got, ok := s.Next(); !ok || !bytes.Equal(got, unhex(t, body)) {
			t.Errorf("Next of %s = % X, %t", frame, got, ok)
		}
		if _, ok := s.Next(); ok {
			t.Errorf("%s: a second frame out of one", frame)
		}
	}
}

func TestScanner(t *testing.T) {
	const found = "AAAAAA9669 0008 00009F00000000 97"
	for _, c := range []struct {
		name, in string
		next     int // frames found at once
		all      int // with Salvage
	}{
		{"nothing", "", 0, 0},
		{"garbage", "00FF9669AAAA", 0, 0},
		{"behind garbage", "00AAAA9669" + found, 1, 1},
		{"more AA than needed", "AAAAAAAA" + found, 1, 1},
		{"two", found + found, 2, 2},
		{"garbage between", found + "AAAAAA96" + found, 2, 2},
		{"wrong checksum", "AAAAAA9669 0004 000090 95", 0, 0},
		{"behind a wrong checksum", "AAAAAA9669 0004 000090 95" + found, 1, 1},
		{"length too small", "AAAAAA9669 0002 0090", 0, 0},
		{"length 0", "AAAAAA9669 0000 00" + found, 1, 1},
		{"length too large", "AAAAAA9669 090B 00" + found, 1, 1},
		{"unfinished", "AAAAAA9669 0004 0000", 0, 0},
		{"half a frame, then a whole one", "AAAAAA9669 0508 00009001000400" + found, 0, 1},
		{"frame in what pretends to be a frame", "AAAAAA9669 0012" + found + "00000000" + found, 2, 2},
	} {
		for piece := range 3 { // whole, byte by byte, in threes
			var s Scanner
			b := unhex(t, c.in)
			got := 0
			step := []int{len(b) + 1, 1, 3}[piece]
			for len(b) > 0 {
				n := min(step, len(b))
				s.Push(b[:n])
				b = b[n:]
				for {
					body, ok := s.Next()
					if !ok {
						break
					}
					if !bytes.Equal(body, unhex(t, "00009F00000000")) {
						t.Errorf("%s: body % X", c.name, body)
					}
					got++
				}
			}
			if got != c.next {
				t.Errorf("%s, pieces of %d: %d frames, want %d", c.name, step, got, c.next)
			}
			for {
				if _, ok := s.Salvage(); !ok {
					break
				}
				got++
			}
			if got != c.all {
				t.Errorf("%s, pieces of %d: %d frames with Salvage, want %d", c.name, step, got, c.all)
			}
		}
	}
}

// Frames hold people's data: Reset and Push overwrite what was used.
func TestForgets(t *testing.T) {
	var s Scanner
	secret := bytes.Repeat([]byte{0x5A}, 100)
	s.Push(Append(nil, secret))
	if _, ok := s.Next(); !ok {
		t.Fatal("no frame")
	}
	memory := s.buf[:cap(s.buf)]
	s.Push([]byte{1})
	if bytes.Contains(memory, secret[:3]) {
		t.Error("Push left a used frame")
	}
	s.Push(secret)
	s.Reset()
	if bytes.Contains(memory, secret[:3]) {
		t.Error("Reset left bytes")
	}
}

func TestAppendRefuses(t *testing.T) {
	for _, n := range []int{0, 1, MaxBody + 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a body of %d bytes passes", n)
				}
			}()
			Append(nil, make([]byte, n))
		}()
	}
	var s Scanner
	s.Push(Append(nil, make([]byte, MaxBody)))
	if body, ok := s.Next(); !ok || len(body) != MaxBody {
		t.Errorf("the longest frame: %d bytes, %t", len(body), ok)
	}
}

// A good frame is found behind any garbage, however the bytes are divided,
// unless the garbage itself begins a frame that swallows it; then Salvage
// finds it.
func FuzzScanner(f *testing.F) {
	f.Add([]byte{0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x05, 0x08}, []byte{0, 0, 0x90}, uint8(3))
	f.Add([]byte{0xAA, 0xAA, 0x96}, []byte{0x30, 0x01}, uint8(1))
	f.Add([]byte{0xAA, 0xAA, 0xAA, 0x96, 0x69, 0, 4, 0, 0, 0x90, 0x94}, []byte{0, 0, 0x80, 0xAA, 0xAA, 0xAA, 0x96, 0x69}, uint8(200))
	f.Fuzz(func(t *testing.T, garbage, body []byte, step uint8) {
		if len(body) < minBody || len(body) > MaxBody {
			return
		}
		b := Append(bytes.Clone(garbage), body)
		total := len(b)
		var s Scanner
		var found [][]byte
		for len(b) > 0 {
			n := min(int(step)+1, len(b))
			s.Push(b[:n])
			b = b[n:]
			for {
				got, ok := s.Next()
				if !ok {
					break
				}
				found = append(found, bytes.Clone(got))
			}
		}
		for {
			got, ok := s.Salvage()
			if !ok {
				break
			}
			found = append(found, bytes.Clone(got))
		}
		used := 0
		for _, got := range found {
			used += len(got) + Overhead
			if len(got) < minBody || len(got) > MaxBody {
				t.Fatalf("body of %d bytes", len(got))
			}
		}
		if used > total {
			t.Fatalf("frames of %d bytes out of %d", used, total)
		}
		if !bytes.Contains(garbage, start()[:1]) && (len(found) == 0 || !bytes.Equal(found[len(found)-1], body)) {
			t.Fatalf("the frame behind % X was not found", garbage)
		}
	})
}

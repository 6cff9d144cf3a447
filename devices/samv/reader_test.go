package samv

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/devices/porttest"
	"hallkiosk/devices/samv/frame"
)

// Vectors of frames that are nobody's: each file is a conversation of so many
// polls (or pings) and what each of them gave, or the last one if only that is
// named.
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
			synctest.Test(t, func(t *testing.T) {
				port := porttest.NewPlayback(v)
				ask, times, _ := strings.Cut(v.Headers["ask"], " ")
				r := New(port, Opts{NewestAddress: ask == "poll-address"})
				n, err := strconv.Atoi(times)
				if err != nil {
					t.Fatal(err)
				}
				var pause time.Duration
				if s := v.Headers["pause"]; s != "" {
					if pause, err = time.ParseDuration(s); err != nil {
						t.Fatal(err)
					}
				}
				var all []string
				for range n {
					all = append(all, answer(t, r, ask))
					time.Sleep(pause)
				}
				got := strings.Join(all, ", ")
				if !strings.Contains(v.Headers["expect"], ",") {
					got = all[n-1]
				}
				if got != v.Headers["expect"] {
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
	var e Event
	var err error
	switch ask {
	case "ping":
		err = r.Ping(t.Context())
	case "reset":
		err = r.Reset(t.Context())
	case "samid":
		var id string
		if id, err = r.SAMID(t.Context()); err == nil {
			return id
		}
	case "poll", "poll-address":
		e, err = r.Poll(t.Context())
	default:
		t.Fatalf("vector asks for %q", ask)
	}
	var s Status
	switch {
	case errors.Is(err, ErrPortLost):
		return "lost"
	case errors.Is(err, ErrSilent):
		return "silent"
	case errors.As(err, &s):
		return fmt.Sprintf("status %02X", byte(s))
	case err != nil:
		return err.Error()
	case !strings.HasPrefix(ask, "poll"):
		return "well"
	case e.Card != nil:
		return strings.TrimSpace(string(e.Kind) + " " + e.Card.NewAddress)
	}
	return strings.TrimSpace(string(e.Kind) + " " + string(e.Reason))
}

// readReply is the whole answer to reading the synthetic card.
func readReply() []byte {
	body := append([]byte{0, 0, byte(StatusOK), 1, 0, 4, 0}, block(synthetic())...)
	return frame.Append(nil, append(body, make([]byte, 1024)...))
}

const (
	find     = "> AAAAAA9669 0003 2001 22\n"
	resetIt  = "> AAAAAA9669 0003 10FF EC\n"
	well     = "< AAAAAA9669 0004 000090 94\n"
	selectIt = "> AAAAAA9669 0003 2002 21\n"
	readIt   = "> AAAAAA9669 0003 3001 32\n"
	found    = "< AAAAAA9669 0008 00009F00000000 97\n"
	noCard   = "< AAAAAA9669 0004 000080 84\n"
	selected = "< AAAAAA9669 000C 0000900000000000000000 9C\n"
)

// play polls n times over a conversation and returns the last event.
func play(t *testing.T, vector string, opts Opts, n int) (e Event, err error) {
	t.Helper()
	v, perr := porttest.Parse([]byte(vector))
	if perr != nil {
		t.Fatal(perr)
	}
	port := porttest.NewPlayback(v)
	r := New(port, opts)
	for range n {
		e, err = r.Poll(t.Context())
	}
	if cerr := port.Close(); cerr != nil {
		t.Error(cerr)
	}
	return e, err
}

// The answer to reading arrives in pieces, as real lines deliver it, after
// noise, and is one card.
func TestReadInPieces(t *testing.T) {
	for _, size := range []int{1, 7, 60, 256, 1295} {
		synctest.Test(t, func(t *testing.T) {
			reply := readReply()
			if len(reply) != readSize {
				t.Fatalf("%d bytes, the standard says %d", len(reply), readSize)
			}
			var pieces strings.Builder
			pieces.WriteString("< 00 AA AA\n")
			for len(reply) > 0 {
				n := min(size, len(reply))
				fmt.Fprintf(&pieces, "< % X\n", reply[:n])
				reply = reply[n:]
			}
			e, err := play(t, find+found+selectIt+selected+readIt+"~ 900ms\n"+pieces.String(), Opts{}, 1)
			if err != nil || e.Kind != CardRead || e.Card.Name != "测试员" {
				t.Errorf("pieces of %d: %v, %v", size, e, err)
			}
		})
	}
}

// A card read at 9600 baud takes 1.35 s on the line alone; the deadline knows.
func TestReadAtLowSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := find + found + selectIt + selected + readIt + "~ 4s\n" + fmt.Sprintf("< % X\n", readReply())
		if e, err := play(t, slow, Opts{LineRate: 9600}, 1); err != nil || e.Kind != CardRead {
			t.Errorf("at 9600: %v, %v", e, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		slow := find + found + selectIt + selected + readIt + "~ 3150ms\n"
		if e, err := play(t, slow, Opts{}, 1); err != nil || e.Kind != Unreadable || e.Reason != LayAgain {
			t.Errorf("at 115200: %v, %v", e, err)
		}
	})
}

// An answer that was given up comes late: it is not taken for the next one.
func TestLateAnswer(t *testing.T) {
	for _, late := range []string{"~ 90ms\n", "~ 400ms\n"} {
		synctest.Test(t, func(t *testing.T) {
			// The find is silent for its 500 ms; "card found" comes while, or
			// after, the line is given time to settle. Then there is no card.
			v := find + "~ 500ms\n" + late + found + find + noCard
			if late == "~ 400ms\n" {
				// The settling ends before it comes: the late find answers
				// the next find, which is harmless, and select goes on.
				v = find + "~ 500ms\n" + "~ 100ms\n" + find + found + selectIt + found + "< AAAAAA9669 0004 000081 85\n"
			}
			e, err := play(t, v, Opts{}, 2)
			if err != nil || e.Kind != Nothing {
				t.Errorf("%v, %v", e, err)
			}
		})
	}
	// The late answer to reading is not the answer to finding.
	synctest.Test(t, func(t *testing.T) {
		v := find + found + selectIt + selected + readIt + "~ 3150ms\n" + "~ 100ms\n" +
			find + fmt.Sprintf("< % X\n", readReply()) + noCard + resetIt + well + find + noCard
		if e, err := play(t, v, Opts{}, 2); err != nil || e.Kind != Gone {
			t.Errorf("%v, %v", e, err)
		}
	})
}

// Progress is told once per try of a card that was not reported yet.
func TestOnReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		failed := find + found + selectIt + selected + readIt + "< AAAAAA9669 0004 000041 45\n"
		if _, err := play(t, failed+failed+failed, Opts{OnReading: func() { n++ }}, 3); err != nil || n != 1 {
			t.Errorf("told %d times, %v", n, err)
		}
	})
}

// With NewestAddress the card's later address is asked for; a card without
// one is as good.
func TestNewestAddress(t *testing.T) {
	const ask = "> AAAAAA9669 0003 3003 30\n"
	read := find + found + selectIt + selected + readIt + fmt.Sprintf("< % X\n", readReply())
	address := append([]byte{0, 0, 0x90}, block(map[int]string{0: "测试市新样例路9号"})[:addressSize]...)
	for _, c := range []struct{ vector, want string }{
		{ask + fmt.Sprintf("< % X\n", frame.Append(nil, address)), "测试市新样例路9号"},
		{ask + "< AAAAAA9669 0004 000091 95\n", ""},
		{ask + "~ 1500ms\n", ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			e, err := play(t, read+c.vector, Opts{NewestAddress: true}, 1)
			if err != nil || e.Kind != CardRead || e.Card.NewAddress != c.want {
				t.Errorf("%v, %v", e, err)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		if _, err := play(t, read+ask+"! cable pulled\n", Opts{NewestAddress: true}, 1); !errors.Is(err, ErrPortLost) {
			t.Error(err)
		}
	})
}

// A frame that says 90 but does not hold what it says.
func TestNonsense(t *testing.T) {
	nonsense := readReply()
	bad := func(edit func(body []byte)) string {
		body := append([]byte(nil), nonsense[7:len(nonsense)-1]...)
		edit(body)
		return fmt.Sprintf("< % X\n", frame.Append(nil, body))
	}
	for name, reply := range map[string]string{
		"text of another size": bad(func(b []byte) { b[3], b[4] = 2, 0 }),
		"photo too large":      bad(func(b []byte) { b[5] = 9 }),
		"empty text":           bad(func(b []byte) { clear(b[7:263]) }),
	} {
		synctest.Test(t, func(t *testing.T) {
			e, err := play(t, find+found+selectIt+selected+readIt+reply, Opts{}, 1)
			if err != nil || e.Kind != Unreadable {
				t.Errorf("%s: %v, %v", name, e, err)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) { // cut short: not an answer at all
		body := nonsense[7:200]
		v := find + found + selectIt + selected + readIt + fmt.Sprintf("< % X\n", frame.Append(nil, body)) + "~ 3150ms\n"
		if e, err := play(t, v, Opts{}, 1); err != nil || e.Kind != Unreadable {
			t.Errorf("cut short: %v, %v", e, err)
		}
	})
}

func TestDeadlines(t *testing.T) {
	r := New(nil, Opts{LineRate: 9600})
	if d := r.lineTime(readSize).Round(time.Millisecond); d != 1349*time.Millisecond {
		t.Errorf("1295 bytes at 9600 baud: %v", d)
	}
}

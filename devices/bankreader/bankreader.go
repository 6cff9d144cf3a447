// Package bankreader drives the multi-function readers of bank counters, which
// read ID cards in a dialect of their own and can hand over the number alone.
//
// A terminal uses it in place of package samv, with the same events: a
// [Reader] has samv's Ping and Poll. It asks for the number, or number and name,
// and nothing else of the card; the readers could give text and photo too. It
// drives no social security card, PSAM or beeper of the same box.
//
// # The line
//
// 02, length (two bytes, high first), data, the XOR of the data, 03; 115200
// baud. A command is CA 01 and what to read; an answer begins with two bytes of
// status: 90 00 and data, the security module's status and 00 (80 00 is no
// card), or 00 F1 to 00 FF for a failure between box and module. Source:
// sam.doc of the repository FaceRecognitionTest (chenhaifeng2016). Two things
// are not certain and stand in one place each: whether the length counts the
// data alone (it is taken so, see frame.go), and which command gives the number
// ([Opts].Observed).
//
// By hand: the makers' libraries are closed and for Windows.
package bankreader

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf16"

	"hallkiosk/devices/idnumber"
	"hallkiosk/devices/samv"
)

// Port is what a Reader needs of an open port. *serialport.Port is one.
type Port interface {
	// Read waits a short tick (about 50 ms) for bytes and returns 0, nil when
	// none came. Every error means that the port is lost.
	Read(p []byte) (int, error)
	// Write sends all of p. Every error means that the port is lost.
	Write(p []byte) (int, error)
	// ResetInput throws away what has arrived and was not read.
	ResetInput() error
}

// ErrLink is in the chain of an error that says that the box does not reach its
// security module. Call service if it stays.
var ErrLink = errors.New("card reader's security module does not answer")

// Opts configure a Reader. The zero value asks for the number alone.
type Opts struct {
	// Name asks for the name as well.
	Name bool
	// Observed asks for the number as a program in use does, with CA 01 02,
	// and takes 36 bytes for it. The table in the document says CA 01 01 for
	// the number and CA 01 02 for name and number. Find out on the device: with
	// the wrong one every card is NotIDCard or Suspect.
	Observed bool
	// OnReading is never called with a card that is only found again; it must
	// not call the Reader. This dialect reads at once, so it is called with a
	// card that was read, just before Poll returns. May be nil.
	OnReading func()
	// LeftAfter is as in samv.Opts: 0 is 15 s, negative never.
	LeftAfter time.Duration
}

const (
	// patience with an answer: the reading of a card is in it.
	readTime  = 3 * time.Second
	shortTime = 500 * time.Millisecond
	// quietTime is how long the line must be quiet after an answer was given
	// up, settleTime how long that is waited for.
	quietTime   = 100 * time.Millisecond
	settleTime  = time.Second
	maxSilent   = 3
	maxRefusals = 3
)

// A Reader is one reader on one open port. Its methods may be called from
// several goroutines; they wait for each other.
type Reader struct {
	port Port
	opts Opts
	seed maphash.Seed

	mu     sync.Mutex
	scan   scanner
	silent int
	owed   bool  // an answer that was given up may still come
	lost   error // the first loss, repeated ever after

	present  bool
	given    uint64 // of the number that was given out; 0 is none
	since    time.Time
	left     bool
	refused  bool // in this placement
	refusals int  // in a row, over placements
	reported samv.Reason
}

// New takes an open port. It does not use it yet.
func New(port Port, opts Opts) *Reader {
	if opts.LeftAfter == 0 {
		opts.LeftAfter = 15 * time.Second
	}
	return &Reader{port: port, opts: opts, seed: maphash.MakeSeed()}
}

// Ping asks for the box's version (31 11), which only the box answers and not
// its security module. samv.ErrSilent and samv.ErrPortLost are as in package
// samv.
func (r *Reader) Ping(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	data, err := r.exchange(ctx, []byte{0x31, 0x11}, shortTime)
	if err != nil {
		return r.wrap("asking for the version", err)
	}
	if status := [2]byte(data); status != [2]byte{0x90, 0} {
		return fmt.Errorf("bankreader: asking for the version: %w", fault(status))
	}
	return nil
}

// Poll reads what lies there. Call it every 300 to 500 ms. One placement gives
// one person once: a card that gives the number it gave before is the same.
// The errors are those of samv's Poll, and ErrLink.
func (r *Reader) Poll(ctx context.Context) (samv.Event, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.scan.reset()
	command := []byte{0xCA, 0x01, 0x01}
	if r.opts.Name || r.opts.Observed {
		command[2] = 0x02
	}
	data, err := r.exchange(ctx, command, readTime)
	if err != nil {
		return samv.Event{Kind: samv.Nothing}, r.wrap("looking for a card", err)
	}
	defer clear(data)
	if status := [2]byte(data); status != [2]byte{0x90, 0} {
		return r.failed(status)
	}
	card, ok := r.card(data[2:])
	if !ok {
		r.present = true
		return r.refuse(), nil
	}
	sum := maphash.String(r.seed, card.Number) | 1 // never 0
	if r.given == sum {
		return r.lying(), nil
	}
	if r.opts.OnReading != nil {
		r.opts.OnReading()
	}
	r.present, r.given, r.since, r.left = true, sum, time.Now(), false
	r.refused, r.refusals, r.reported = false, 0, ""
	return samv.Event{Kind: samv.CardRead, Card: &card}, nil
}

// numberSize and nameSize are the fields of the card's text (GA/T 490),
// UTF-16LE.
const (
	numberSize = 36
	nameSize   = 30
)

// card makes a card of number, or name and number. The length of the answer
// tells which, whatever was asked for. Its Kind comes of the number, since the
// card's type flag is not sent.
func (r *Reader) card(data []byte) (samv.Card, bool) {
	var c samv.Card
	switch len(data) {
	case numberSize:
		c.Number = text(data)
	case nameSize + numberSize:
		c.Name, c.Number = text(data[:nameSize]), text(data[nameSize:])
	default:
		return samv.Card{}, false
	}
	switch {
	case len(c.Number) == idnumber.Length2017:
		c.Kind, c.NumberOK = samv.Foreigner2017, idnumber.Check2017(c.Number) == nil
	case strings.HasPrefix(c.Number, "9"):
		c.Kind = samv.Foreigner2023
	case strings.HasPrefix(c.Number, "81"), strings.HasPrefix(c.Number, "82"), strings.HasPrefix(c.Number, "83"):
		c.Kind = samv.Permit
	default:
		c.Kind = samv.Citizen
	}
	if c.Kind != samv.Foreigner2017 {
		c.NumberOK = idnumber.Check(c.Number, time.Now()) == nil
	}
	c.PrivateUse = strings.ContainsFunc(c.Name, func(r rune) bool { return unicode.Is(unicode.Co, r) })
	// A field of something else, taken for the number, must not pass for one.
	return c, c.NumberOK
}

// text is a field without its padding.
func text(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
	}
	return strings.TrimFunc(string(utf16.Decode(units)), func(r rune) bool { return r == 0 || unicode.IsSpace(r) })
}

// failed turns a status into an event, or into an error when it is none of the
// card's.
func (r *Reader) failed(status [2]byte) (samv.Event, error) {
	if status[1] != 0 {
		return samv.Event{Kind: samv.Nothing}, fmt.Errorf("bankreader: looking for a card: %w", fault(status))
	}
	switch s := samv.Status(status[0]); s {
	case samv.StatusNoCard:
		if !r.present {
			return samv.Event{Kind: samv.Nothing}, nil
		}
		r.present, r.given, r.refused, r.reported = false, 0, false, ""
		return samv.Event{Kind: samv.Gone}, nil
	case samv.StatusReadFailed, samv.StatusSelectFailed, samv.StatusNoContent, samv.StatusRandomFailed, samv.StatusUnknownError:
		r.present = true
		if r.given != 0 {
			return r.lying(), nil // it was read before; lying badly now harms nobody
		}
		return r.unreadable(samv.LayAgain), nil
	case samv.StatusCardRefuses, samv.StatusModuleRefuses, samv.StatusCheckFailed:
		r.present = true
		return r.refuse(), nil
	case samv.StatusUnknownCard:
		r.present = true
		return r.unreadable(samv.NotIDCard), nil
	default:
		return samv.Event{Kind: samv.Nothing}, fmt.Errorf("bankreader: looking for a card: %w", s)
	}
}

// refuse counts a card that was refused, or makes no sense, once a placement.
func (r *Reader) refuse() samv.Event {
	if !r.refused {
		r.refused = true
		r.refusals++
	}
	if r.refusals >= maxRefusals {
		return r.unreadable(samv.Suspect)
	}
	return r.unreadable(samv.LayAgain)
}

// unreadable reports a reason once per placement.
func (r *Reader) unreadable(why samv.Reason) samv.Event {
	if r.reported == why {
		return samv.Event{Kind: samv.Nothing}
	}
	r.reported = why
	return samv.Event{Kind: samv.Unreadable, Reason: why}
}

// lying is the event of a poll that found the same card.
func (r *Reader) lying() samv.Event {
	if !r.left && r.opts.LeftAfter > 0 && time.Since(r.since) >= r.opts.LeftAfter {
		r.left = true
		return samv.Event{Kind: samv.LeftBehind}
	}
	return samv.Event{Kind: samv.Nothing}
}

// fault is the error of a status that is none of a card's.
func fault(status [2]byte) error {
	if status[0] == 0 && status[1] >= 0xF1 {
		return fmt.Errorf("%w (%02X %02X): switch the reader off and on", ErrLink, status[0], status[1])
	}
	if status[1] == 0 {
		return samv.Status(status[0])
	}
	return fmt.Errorf("unknown status %02X %02X", status[0], status[1])
}

// wrap says what failed. A loss already names itself.
func (r *Reader) wrap(doing string, err error) error {
	if r.lost != nil {
		return err
	}
	return fmt.Errorf("bankreader: %s: %w", doing, err)
}

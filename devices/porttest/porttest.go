// Package porttest gives driver tests a port made of data, and records the
// traffic of a real one.
//
// The tests of the drivers use it; no program does. A [Playback] plays one
// conversation: it checks what the driver writes, byte for byte, and feeds it
// the answers. A [Record] stands between a driver and a port and writes the
// conversation down in the same form, so that a quirk seen on a device becomes
// a test. Never commit a recording with a real person's card in it.
//
// # The form
//
// A vector is a text file. Lines beginning with # and empty lines are skipped.
//
//	expect: what the test is to see; any word before the colon is a header
//	> 10 04 01      the driver must write this
//	< 12            it may read this, in one piece
//	~ 300ms         nothing comes for so long
//	! unplugged     reading and writing fail from here on
//
// It follows periph.io's conntest (Playback.Close fails on steps that were not
// used), with text files in place of Go literals.
package porttest

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// ErrUnplugged is what a Playback's methods return after a "!" line.
var ErrUnplugged = errors.New("porttest: unplugged")

// Tick is how long a Playback's Read waits when there is nothing to read. In a
// testing/synctest bubble that takes no time.
const Tick = 50 * time.Millisecond

// A Vector is one conversation.
type Vector struct {
	// Headers are the values before the conversation, by lower-case name.
	Headers map[string]string
	steps   []step
}

// step is one line of the conversation; exactly one field is set.
type step struct {
	write, read []byte
	pause       time.Duration
	unplug      string
}

// Load reads a vector from a file.
func Load(path string) (Vector, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Vector{}, fmt.Errorf("porttest: %w", err)
	}
	v, err := Parse(b)
	if err != nil {
		return Vector{}, fmt.Errorf("%w (in %s)", err, path)
	}
	return v, nil
}

// Parse reads a vector from text.
func Parse(text []byte) (Vector, error) {
	v := Vector{Headers: map[string]string{}}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		rest := strings.TrimSpace(line[1:])
		var s step
		var err error
		switch line[0] {
		case '>':
			s.write, err = parseHex(rest)
		case '<':
			s.read, err = parseHex(rest)
		case '~':
			if s.pause, err = time.ParseDuration(rest); err == nil && s.pause <= 0 {
				err = errors.New("a pause takes time")
			}
		case '!':
			if s.unplug = rest; rest == "" {
				err = errors.New("say why")
			}
		default:
			name, value, found := strings.Cut(line, ":")
			if !found || len(v.steps) > 0 {
				return Vector{}, fmt.Errorf("porttest: line %d: neither a step nor a header before the steps", i+1)
			}
			v.Headers[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
			continue
		}
		if err != nil {
			return Vector{}, fmt.Errorf("porttest: line %d: %w", i+1, err)
		}
		v.steps = append(v.steps, s)
	}
	return v, nil
}

func parseHex(s string) ([]byte, error) {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err == nil && len(b) == 0 {
		err = errors.New("no bytes")
	}
	return b, err
}

// A Playback is a port that plays a vector.
type Playback struct {
	mu    sync.Mutex
	steps []step
	wrong error // the first thing that went otherwise
}

// NewPlayback plays v from its beginning.
func NewPlayback(v Vector) *Playback {
	return &Playback{steps: slices.Clone(v.steps)}
}

// Read returns what the vector has next, or waits a tick and returns 0, nil.
func (p *Playback) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.steps) > 0 {
		s := &p.steps[0]
		switch {
		case s.unplug != "":
			return 0, fmt.Errorf("%w: %s", ErrUnplugged, s.unplug)
		case s.read != nil:
			n := copy(b, s.read)
			if s.read = s.read[n:]; len(s.read) == 0 {
				p.steps = p.steps[1:]
			}
			return n, nil
		case s.pause > 0:
			d := min(s.pause, Tick)
			time.Sleep(d)
			if s.pause -= d; s.pause == 0 {
				p.steps = p.steps[1:]
			}
			return 0, nil
		}
	}
	time.Sleep(Tick)
	return 0, nil
}

// Write checks b against the vector. What differs is an error, and again
// Close's.
func (p *Playback) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for done := 0; done < len(b); {
		if len(p.steps) == 0 {
			return done, p.fail(fmt.Errorf("porttest: written behind the end: % X", b[done:]))
		}
		s := &p.steps[0]
		if s.unplug != "" {
			return done, fmt.Errorf("%w: %s", ErrUnplugged, s.unplug)
		}
		n := min(len(s.write), len(b)-done)
		if n == 0 || !bytes.Equal(s.write[:n], b[done:done+n]) {
			return done, p.fail(fmt.Errorf("porttest: written % X, expected % X", b[done:], s.write))
		}
		done += n
		if s.write = s.write[n:]; len(s.write) == 0 {
			p.steps = p.steps[1:]
		}
	}
	return len(b), nil
}

func (p *Playback) fail(err error) error {
	if p.wrong == nil {
		p.wrong = err
	}
	return err
}

// ResetInput drops what could have been read at once.
func (p *Playback) ResetInput() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.steps) > 0 && p.steps[0].read != nil {
		p.steps = p.steps[1:]
	}
	if len(p.steps) > 0 && p.steps[0].unplug != "" {
		return fmt.Errorf("%w: %s", ErrUnplugged, p.steps[0].unplug)
	}
	return nil
}

// Close returns what went otherwise than the vector, or says how many steps
// were not used. A last "!" counts as used.
func (p *Playback) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wrong != nil {
		return p.wrong
	}
	left := p.steps
	if n := len(left); n > 0 && left[n-1].unplug != "" {
		left = left[:n-1]
	}
	if len(left) > 0 {
		return fmt.Errorf("porttest: %d steps were not used, the first %s", len(left), left[0])
	}
	return nil
}

func (s step) String() string {
	switch {
	case s.write != nil:
		return fmt.Sprintf("> % X", s.write)
	case s.read != nil:
		return fmt.Sprintf("< % X", s.read)
	case s.read != nil:
		return fmt.Sprintf("< % X", s.read)
	case s.unplug != "":
		return "! " + s.unplug
	}
	return "~ " + s.pause.String()
}

// Port is what a Record stands in front of.
type Port interface {
	Read(p []byte) (int, error)
	Write(p []byte) (int, error)
	ResetInput() error
}

// A Record passes everything on to a port and writes it down as a vector.
type Record struct {
	port  Port
	mu    sync.Mutex
	w     io.Writer
	quiet time.Time // when the last byte moved
}

// NewRecord stands in front of port and writes the conversation to w.
func NewRecord(port Port, w io.Writer) *Record {
	return &Record{port: port, w: w, quiet: time.Now()}
}

// Read reads from the port.
func (r *Record) Read(b []byte) (int, error) {
	n, err := r.port.Read(b)
	r.note(step{read: b[:n]}, n, err)
	return n, err
}

// Write writes to the port.
func (r *Record) Write(b []byte) (int, error) {
	n, err := r.port.Write(b)
	r.note(step{write: b[:n]}, n, err)
	return n, err
}

// ResetInput resets the port's input; vectors do not show it.
func (r *Record) ResetInput() error { return r.port.ResetInput() }

func (r *Record) note(s step, n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n > 0 {
		if d := time.Since(r.quiet).Round(10 * time.Millisecond); d >= Tick && s.read != nil {
			fmt.Fprintf(r.w, "~ %v\n", d)
		}
		r.quiet = time.Now()
		fmt.Fprintln(r.w, s)
	}
	if err != nil {
		fmt.Fprintln(r.w, step{unplug: err.Error()})
	}
}

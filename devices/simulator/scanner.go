package simulator

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// The scanners there are, by how they are told to scan. The bytes are written
// down here a second time, apart from the driver's.
const (
	// ScannerFree scans by itself.
	ScannerFree = "free"
	// ScannerHoneywell waits for SYN T CR; SYN U CR stops it.
	ScannerHoneywell = "honeywell"
	// ScannerGM65 waits for a write to its register 0002, and answers it on the
	// line of the codes.
	ScannerGM65 = "gm65"
)

// ScannerModels lists them, the default first.
func ScannerModels() []string { return []string{ScannerFree, ScannerHoneywell, ScannerGM65} }

var errNotTriggered = errors.New("simulator: the scanner waits for a command of the program: say scanner free to let it scan by itself")

// A Scanner is the simulated code scanner.
type Scanner struct {
	wire *wire

	mu    sync.Mutex
	model string
	armed bool
	in    []byte // of a command under way
	scans int
}

func newScanner(link string, c Config) (*Scanner, error) {
	s := &Scanner{model: ScannerFree}
	s.wire = newWire(link, c.Baud, s.receive)
	if err := s.wire.replug(); err != nil {
		return nil, err
	}
	return s, nil
}

// SetModel makes it another scanner. The error of a model that does not exist
// names those that do.
func (s *Scanner) SetModel(model string) error {
	if !slices.Contains(ScannerModels(), model) {
		return fmt.Errorf("simulator: no scanner %q: use one of %s", model, strings.Join(ScannerModels(), ", "))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.model, s.armed, s.in = model, false, nil
	return nil
}

// receive obeys the commands of the model.
func (s *Scanner) receive(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var on, off, answer string
	switch s.model {
	case ScannerHoneywell:
		on, off = "\x16T\r", "\x16U\r"
	case ScannerGM65:
		const set = "\x7E\x00\x08\x01\x00\x02"
		on, off, answer = set+"\x01\xAB\xCD", set+"\x00\xAB\xCD", "\x02\x00\x00\x01\x00\x33\x31"
	default:
		return
	}
	s.in = append(s.in, b...)
	for _, c := range []struct {
		bytes string
		arm   bool
	}{{on, true}, {off, false}} {
		if i := bytes.Index(s.in, []byte(c.bytes)); i >= 0 {
			s.in, s.armed = s.in[i+len(c.bytes):], c.arm
			s.wire.send([]byte(answer))
		}
	}
	s.in = s.in[max(0, len(s.in)-len(on)):]
}

// Scan sends a code as scanners do: its text and CR. A scanner that waits for a
// command sends one code for each. An error says why nothing was sent.
func (s *Scanner) Scan(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.wire.plugged():
		return errors.New("simulator: the scanner is unplugged: say scanner plug first")
	case s.model != ScannerFree && !s.armed:
		return errNotTriggered
	}
	s.armed = false
	s.scans++
	s.wire.send([]byte(text + "\r"))
	return nil
}

// Armed tells whether a scanner that waits for commands was told to scan and has
// not yet.
func (s *Scanner) Armed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.armed
}

// Unplug pulls the scanner's cable.
func (s *Scanner) Unplug() { s.wire.unplug() }

// Replug puts the cable back: a new pseudo-terminal behind the same link.
func (s *Scanner) Replug() error { return s.wire.replug() }

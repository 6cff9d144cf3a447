package escpos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// quickPort is a Port that can be looked at without waiting for a whole tick.
// *serialport.Port, *usblp.Port and *tcpprint.Port are. On any other port XOFF
// is seen only when the printer is asked something.
type quickPort interface {
	// ReadWithin is a Read that waits no longer than d.
	ReadWithin(p []byte, d time.Duration) (int, error)
}

const (
	// chunk bytes are written at once. A printer says XOFF with a few hundred
	// bytes of room left; what is on its way by then must fit in there.
	chunk = 256
	// holdTime is the patience with a printer that has said XOFF and says that
	// it is well. A second of cutting, a slow head and a hot one are shorter.
	holdTime = coolTime
)

// write sends a command. XOFF does not stop it: real-time commands are obeyed,
// and must be asked, also when the buffer is full.
func (p *Printer) write(b []byte) error {
	if _, err := p.port.Write(b); err != nil {
		return p.lose(err)
	}
	return nil
}

// writeJob sends a part of a job in small pieces and stops between two of them
// while the printer says XOFF.
func (p *Printer) writeJob(ctx context.Context, b []byte) error {
	for len(b) > 0 {
		if err := p.look(); err != nil {
			return err
		}
		if p.alarm { // it has said by itself that something is wrong
			p.alarm = false
			if err := p.check(ctx, 0); err != nil {
				return err
			}
		}
		if err := p.waitWhileHeld(ctx); err != nil {
			return err
		}
		n := min(chunk, len(b))
		if err := p.write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// look takes note of what has arrived, without waiting for more.
func (p *Printer) look() error {
	quick, ok := p.port.(quickPort)
	if !ok {
		return nil
	}
	var buf [64]byte
	for {
		n, err := quick.ReadWithin(buf[:], 0)
		if err != nil {
			return p.lose(err)
		}
		if n == 0 {
			return nil
		}
		p.in = append(p.in, buf[:n]...)
		for {
			if kind, _ := p.take(); kind == replyNone {
				break
			}
		}
	}
}

// waitWhileHeld waits for XON. A printer that stands still for a reason says so
// when it is asked; one that stands still for none is given up after holdTime.
func (p *Printer) waitWhileHeld(ctx context.Context) error {
	for end := time.Now().Add(holdTime); p.held; {
		if _, _, err := p.reply(ctx, watchEvery, func(replyKind, []byte) bool { return !p.held }); err != nil {
			return err
		}
		if !p.held {
			return nil
		}
		if err := p.check(ctx, 0); err != nil {
			return err
		}
		if p.held && time.Now().After(end) {
			return condition(CodeOffline)
		}
	}
	return nil
}

// take takes the first reply off what has arrived, and note of it.
func (p *Printer) take() (replyKind, []byte) {
	r, n := nextReply(p.in, p.profile.Dialect)
	if n == 0 {
		return replyNone, nil
	}
	if r.kind == replyAuto {
		var s Status
		s.setAuto(r.data)
		p.alarm = s.Code() != ""
	}
	if r.kind == replyPaper && p.asked > 0 {
		p.asked--
	}
	for _, c := range r.flow {
		p.held = c == xoff
	}
	data := slices.Clone(r.data)
	p.in = append(p.in[:0], p.in[n:]...)
	return r.kind, data
}

// reply reads until want accepts a reply or patience ends (replyNone). It
// drops the replies that want does not accept.
func (p *Printer) reply(ctx context.Context, patience time.Duration, want func(replyKind, []byte) bool) (replyKind, []byte, error) {
	end := time.Now().Add(patience)
	var buf [64]byte
	for {
		for {
			kind, b := p.take()
			if kind == replyNone {
				break
			}
			if want(kind, b) {
				return kind, b, nil
			}
		}
		if err := ctx.Err(); err != nil {
			return replyNone, nil, err
		}
		if !time.Now().Before(end) {
			return replyNone, nil, nil
		}
		n, err := p.port.Read(buf[:])
		if err != nil {
			return replyNone, nil, p.lose(err)
		}
		p.in = append(p.in, buf[:n]...)
	}
}

// ask sends a real-time question, DLE EOT n, and waits for its answer, twice
// when need be. Only one question is ever outstanding: the answers do not say
// what they answer.
func (p *Printer) ask(ctx context.Context, n byte, patience time.Duration) ([]byte, bool, error) {
	want := replyStatus
	if n == fullStatus {
		want = replyFull
	}
	for range 2 {
		if err := p.forget(); err != nil {
			return nil, false, err
		}
		if err := p.write([]byte{dle, 0x04, n}); err != nil {
			return nil, false, err
		}
		kind, b, err := p.reply(ctx, patience, func(k replyKind, _ []byte) bool { return k == want })
		if err != nil {
			return nil, false, err
		}
		if kind == want {
			return b, true, nil
		}
	}
	return nil, false, nil
}

// forget drops what has arrived so far, so that it is not taken for the answer
// to the next question. XON and XOFF among it still count.
func (p *Printer) forget() error {
	if _, ok := p.port.(quickPort); ok {
		err := p.look()
		p.in = p.in[:0]
		return err
	}
	p.in = p.in[:0]
	if err := p.port.ResetInput(); err != nil {
		return p.lose(err)
	}
	return nil
}

// lineTime is how long n bytes take on the line.
func (p *Printer) lineTime(n int) time.Duration {
	return time.Duration(n) * 10 * time.Second / time.Duration(p.profile.LineRate)
}

// lose records the loss of the port for all later calls.
func (p *Printer) lose(err error) error {
	p.lost = fmt.Errorf("escpos: %w: %w", ErrPortLost, err)
	return p.lost
}

// lostError is a lost port in the middle of Print.
type lostError struct {
	err     error
	started bool
}

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

// MayHavePrinted tells of an error from Print whether paper may have come
// out, whole or in part. If so, a second print must be marked a copy.
func MayHavePrinted(err error) bool {
	var f *Fault
	var l *lostError
	switch {
	case errors.As(err, &f):
		return f.Started
	case errors.As(err, &l):
		return l.started
	}
	return false
}

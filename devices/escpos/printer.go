package escpos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Port is what a Printer needs of an open port. *serialport.Port is one.
type Port interface {
	// Read waits a short tick (about 50 ms) for bytes and returns 0, nil when
	// none came. Every error means that the port is lost.
	Read(p []byte) (int, error)
	// Write sends all of p. Every error means that the port is lost.
	Write(p []byte) (int, error)
	// ResetInput throws away what has arrived and was not read.
	ResetInput() error
}

// ErrPortLost is in the chain of every error that ends a Printer's life: the
// owner closes the port, opens it again and makes a new Printer.
var ErrPortLost = errors.New("printer port lost")

// Opts configure a Printer. The zero value is a generic 80 mm printer whose
// unknown characters print as 〓.
type Opts struct {
	// Profile is the printer's family.
	Profile Profile
	// Rasterizer draws what the printer has no characters for. Without one
	// such a character prints as 〓.
	Rasterizer Rasterizer
}

const (
	// answerTime is the patience with the answer to a real-time command. On
	// the wire it takes 2 ms at 9600 baud; cheap printers were seen to take
	// 100 ms.
	answerTime = 500 * time.Millisecond
	// checkEvery bytes of a job its sending pauses for a status, which also
	// waits for the line: a printer that has stopped gets no more than one
	// such piece, which its buffer (often 4 kB) nearly always has room for.
	checkEvery = 1024
	// watchEvery is the pause between two looks at the status while waiting
	// for the end of the print.
	watchEvery = 300 * time.Millisecond
	// coolTime is the patience with a hot head in the middle of a job.
	coolTime = 15 * time.Second
	// cutTime and spareTime are added to the time that line and paper need.
	cutTime   = 1 * time.Second
	spareTime = 3 * time.Second
)

// A Printer is one printer on one open port. Its methods may be called from
// several goroutines; they wait for each other.
type Printer struct {
	port    Port
	profile Profile
	drawer  Rasterizer

	mu   sync.Mutex
	in   []byte // arrived, not understood yet
	lost error  // the first loss, repeated ever after
	// synced says that the printer is known to be between two commands, and
	// probes that it answers GS r. Both are found out by sync.
	synced, probes bool
}

// New takes an open port. It does not use it yet.
func New(port Port, opts Opts) *Printer {
	return &Printer{port: port, profile: opts.Profile.filled(), drawer: opts.Rasterizer}
}

// Profile is the printer's profile with every default filled in.
func (p *Printer) Profile() Profile { return p.profile }

// Status asks the printer how it is. A printer that stays silent is reported
// as Status{Silent: true} and not as an error: switched off behind a USB
// adapter looks just like that. A printer whose profile has no status is taken
// to be well and is not asked. The only errors are ErrPortLost and ctx's.
func (p *Printer) Status(ctx context.Context) (Status, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost != nil {
		return Status{}, p.lost
	}
	s, err := p.status(ctx)
	if err != nil && p.lost == nil {
		err = fmt.Errorf("escpos: asking for status: %w", err)
	}
	return s, err
}

// Print prints doc, cuts, and returns nil when the printer has confirmed
// that everything up to the cut was worked off. (With a profile without
// status nil only means that the job was sent.)
//
//   - A *Fault is a condition of the printer, or the end of ctx. Fault.Started
//     tells whether paper may have come out. The Printer stays usable.
//   - An error with ErrPortLost in its chain ends the Printer's life;
//     [MayHavePrinted] tells whether paper may have come out.
//   - Any other error is a mistake in doc or profile. Nothing was sent, and
//     printing it again fails again.
//
// Before the first byte of the job the printer must be well. While sending,
// and while waiting for the end, the status is looked at between commands.
// Whenever a job is given up in the middle the printer is told to forget it,
// if its profile knows how; otherwise Fault.Residue is set.
func (p *Printer) Print(ctx context.Context, doc Document) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost != nil {
		return p.lost
	}
	e := encoder{profile: p.profile, drawer: p.drawer}
	if err := e.document(doc); err != nil {
		return err
	}
	if len(doc) == 0 {
		return errors.New("escpos: empty document")
	}
	if _, cut := doc[len(doc)-1].(Cut); !cut {
		e.cut()
	}
	// Pre-flight.
	s, err := p.status(ctx)
	if err != nil {
		return p.stopped(err, false)
	}
	if code := s.Code(); code != "" {
		return &Fault{Code: code}
	}
	if err := p.sync(ctx); err != nil {
		return p.stopped(err, false)
	}
	if err := p.send(ctx, &e); err != nil {
		return p.stopped(err, true)
	}
	if !p.profile.Status {
		return nil
	}
	if err := p.confirm(ctx, &e); err != nil {
		return p.stopped(err, true)
	}
	return nil
}

// condition is the printer's state that stops a job, on its way to a Fault.
type condition string

func (c condition) Error() string { return string(c) }

// stopped makes the error that Print returns and cleans up a started job.
func (p *Printer) stopped(err error, started bool) error {
	if errors.Is(err, ErrPortLost) {
		// Only of this job: what later calls return has not printed anything.
		return &lostError{err: err, started: started}
	}
	f := &Fault{Started: started}
	var c condition
	if errors.As(err, &c) {
		f.Code = string(c)
	} else {
		f.Code, f.Err = CodeCanceled, err
	}
	if started {
		f.Residue = !p.clear()
		p.synced = false // a printer that stood still may have lost bytes
	}
	return f
}

// sync makes sure that the printer is between two commands. It may not be:
// when the cable is pulled in the middle of a picture, the printer takes the
// beginning of the next job for the rest of it. It also finds out whether the
// printer answers GS r at all, when nothing depends on it yet. A printer that
// does is told apart by its answer, within milliseconds; only one that does
// not gets the filling: zeros end a picture and mean nothing otherwise.
func (p *Printer) sync(ctx context.Context) error {
	if p.synced {
		return nil
	}
	filling := make([]byte, maxBandBytes+rasterHeader)
	if !p.profile.Status {
		p.synced = true
		return p.write(filling)
	}
	p.probes = false
	for try := range 2 {
		patience := answerTime
		if try > 0 && !p.clear() {
			if err := p.write(filling); err != nil {
				return err
			}
			patience += p.lineTime(len(filling))
		}
		kind, err := p.probe(ctx, patience)
		if err != nil {
			return err
		}
		if p.probes = kind == replyPaper; p.probes {
			break
		}
	}
	p.synced = true
	return nil
}

// probe sends GS r 1, which is worked off in its turn, behind everything sent
// before, and not at all while the printer is stopped; and waits for its
// answer.
func (p *Printer) probe(ctx context.Context, patience time.Duration) (replyKind, error) {
	if err := p.write([]byte{gs, 'r', 1}); err != nil {
		return replyNone, err
	}
	kind, _, err := p.reply(ctx, patience, isPaper)
	return kind, err
}

// isPaper accepts the answer to GS r.
func isPaper(k replyKind, _ []byte) bool { return k == replyPaper }

// send writes the job, in pieces that end at borders, and looks at the status
// after each.
func (p *Printer) send(ctx context.Context, e *encoder) error {
	start := 0
	for i, border := range e.borders {
		if border-start < checkEvery && i < len(e.borders)-1 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.write(e.buf[start:border]); err != nil {
			return err
		}
		if p.profile.Status && i < len(e.borders)-1 {
			if err := p.check(ctx, p.lineTime(border-start)); err != nil {
				return err
			}
		}
		start = border
	}
	return nil
}

// lineTime is how long n bytes take on the line.
func (p *Printer) lineTime(n int) time.Duration {
	return time.Duration(n) * 10 * time.Second / time.Duration(p.profile.LineRate)
}

// check asks whether the printer is online and, if it is not, why. A hot head
// is waited for: the printer goes on by itself. onWay is the time that bytes
// on the line in front of the question still take.
func (p *Printer) check(ctx context.Context, onWay time.Duration) error {
	reply, ok, err := p.ask(ctx, 1, onWay+answerTime)
	if err != nil {
		return err
	}
	if !ok {
		return condition(CodeOffline)
	}
	var s Status
	if s.set(1, reply); s.Online {
		return nil
	}
	for end := time.Now().Add(coolTime); ; {
		if s, err = p.status(ctx); err != nil {
			return err
		}
		code := s.Code()
		if code == "" {
			return nil // it was only for a moment
		}
		if code != CodeHeadHot || time.Now().After(end) {
			return condition(code)
		}
		if _, _, err := p.reply(ctx, watchEvery, none); err != nil {
			return err
		}
	}
}

// none accepts no reply: waiting without losing sight of the port.
func none(replyKind, []byte) bool { return false }

// confirm waits until the printer has worked off the job and is still well.
// Of a printer that does not answer GS r the status must do, after the time
// that the paper needs.
func (p *Printer) confirm(ctx context.Context, e *encoder) error {
	onLine := p.lineTime(len(e.buf))
	end := time.Now().Add(onLine + cutTime +
		time.Duration(e.dots)*time.Second/time.Duration(dotsPerMM*p.profile.Speed))
	answered := false
	if p.probes {
		end = end.Add(spareTime)
		kind, err := p.probe(ctx, watchEvery)
		if err != nil {
			return err
		}
		answered = kind == replyPaper
	}
	for !answered && time.Now().Before(end) {
		var err error
		if answered, err = p.watch(ctx, onLine); err != nil {
			return err
		}
		if answered {
			break
		}
		kind, _, err := p.reply(ctx, min(watchEvery, time.Until(end)), isPaper)
		if err != nil {
			return err
		}
		answered = kind == replyPaper
	}
	// Also behind the probe: a cutter that jams is noticed only now.
	if err := p.check(ctx, 0); err != nil {
		return err
	}
	if p.probes && !answered {
		return condition(CodeError) // well, but it has not worked the job off
	}
	return nil
}

// watch looks at the status while the probe is outstanding, without throwing
// away an answer to the probe that comes meanwhile.
func (p *Printer) watch(ctx context.Context, onWay time.Duration) (answered bool, err error) {
	if err := p.write([]byte{dle, 0x04, 1}); err != nil {
		return false, err
	}
	kind, b, err := p.reply(ctx, onWay+answerTime, func(k replyKind, _ []byte) bool {
		answered = answered || k == replyPaper
		return k == replyStatus
	})
	if err != nil {
		return false, err
	}
	if kind == replyNone {
		return false, condition(CodeOffline)
	}
	var s Status
	if s.set(1, b[0]); !answered && !s.Online {
		return false, p.check(ctx, 0)
	}
	return answered, nil
}

// status asks the four questions.
func (p *Printer) status(ctx context.Context) (Status, error) {
	if !p.profile.Status {
		return Status{Online: true}, nil
	}
	var s Status
	for n := 1; n <= 4; n++ {
		reply, ok, err := p.ask(ctx, n, answerTime)
		if err != nil {
			return Status{}, err
		}
		if !ok {
			return Status{Silent: true}, nil
		}
		s.set(n, reply)
	}
	return s, nil
}

// ask sends one DLE EOT and waits for its answer, twice when need be. Only one
// question is ever outstanding: the answers do not say what they answer.
func (p *Printer) ask(ctx context.Context, n int, patience time.Duration) (byte, bool, error) {
	for range 2 {
		p.in = p.in[:0]
		if err := p.port.ResetInput(); err != nil {
			return 0, false, p.lose(err)
		}
		if err := p.write([]byte{dle, 0x04, byte(n)}); err != nil {
			return 0, false, err
		}
		kind, b, err := p.reply(ctx, patience, func(k replyKind, _ []byte) bool { return k == replyStatus })
		if err != nil {
			return 0, false, err
		}
		if kind == replyStatus {
			return b[0], true, nil
		}
	}
	return 0, false, nil
}

// clear tells the printer to forget the job (DLE DC4 fn 8, Epson and
// Citizen) and reports whether it said that it has. It has a time of its own:
// the caller's context may be what ended the job.
func (p *Printer) clear() bool {
	if !p.profile.Clear || p.lost != nil {
		return false
	}
	if p.write(clearCommand[:]) != nil {
		return false
	}
	// Nothing may be sent until it has answered 37 25 00.
	kind, _, err := p.reply(context.Background(), 2*time.Second, func(k replyKind, b []byte) bool {
		return k == replyBlock && slices.Equal(b, []byte{0x37, 0x25, 0x00})
	})
	return err == nil && kind == replyBlock
}

// reply reads until want accepts a reply or patience ends (replyNone). It
// drops the replies that want does not accept.
func (p *Printer) reply(ctx context.Context, patience time.Duration, want func(replyKind, []byte) bool) (replyKind, []byte, error) {
	end := time.Now().Add(patience)
	var buf [64]byte
	for {
		for {
			kind, b, n := nextReply(p.in)
			if kind == replyNone {
				break
			}
			b = slices.Clone(b)
			p.in = p.in[n:]
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

func (p *Printer) write(b []byte) error {
	if _, err := p.port.Write(b); err != nil {
		return p.lose(err)
	}
	return nil
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

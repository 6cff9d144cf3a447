package escpos

import (
	"context"
	"slices"
	"time"
)

// proof is what a printer answers behind a job.
type proof int

const (
	byStatus  proof = iota // nothing: its status must do, after the time that the paper needs
	byPaper                // GS r: the job was taken from the buffer
	byProcess              // GS ( H fn 48: the job is on paper
)

// presentEvery is the pause between two looks at a presenter: shorter than the
// time in which a person takes a ticket.
const presentEvery = 100 * time.Millisecond

// sync makes sure that the printer is between two commands. It may not be:
// when the cable is pulled in the middle of a picture, the printer takes the
// beginning of the next job for the rest of it. It also finds out what the
// printer answers behind a job, when nothing depends on it yet. A printer that
// does is told apart by its answer, within milliseconds; only one that does
// not gets the filling: zeros end a picture and mean nothing otherwise.
func (p *Printer) sync(ctx context.Context) error {
	if p.synced {
		return nil
	}
	filling := make([]byte, maxBandBytes+rasterHeader)
	if p.profile.Dialect != Epson {
		p.synced = true
		return p.write(filling)
	}
	p.proof = byStatus
	patience := p.patience
	if p.residue {
		patience = max(patience, residueTime) // it may be printing the rest of the last job
	}
	for try := range 2 {
		if try > 0 && !p.clear("") {
			if err := p.write(filling); err != nil {
				return err
			}
			patience += p.lineTime(len(filling))
		}
		for _, how := range []proof{byProcess, byPaper} {
			if how == byProcess && !p.profile.ProcessID {
				continue
			}
			answered, err := p.probe(ctx, how, patience)
			if err != nil {
				return err
			}
			if answered {
				p.proof, p.synced, p.residue = how, true, false
				return nil
			}
		}
	}
	p.synced, p.residue = true, false
	return nil
}

// residueTime is the patience with a printer that may have to print the rest of
// a job first.
const residueTime = 5 * time.Second

// question sends what the printer answers in its turn, behind everything sent
// before, and not at all while it is stopped; and returns what tells its answer
// from others.
func (p *Printer) question(how proof) (func(replyKind, []byte) bool, error) {
	if how == byPaper {
		p.asked++
		last := func(k replyKind, _ []byte) bool { return k == replyPaper && p.asked == 0 }
		return last, p.write([]byte{gs, 'r', 1})
	}
	// An ID of its own for every question, of printable characters: a late
	// answer is never taken for the one that is waited for.
	id := [4]byte{}
	p.jobs++
	for i, n := len(id)-1, p.jobs; i >= 0; i-- {
		id[i] = byte('0' + n%10)
		n /= 10
	}
	want := append(append([]byte{0x37, 0x22}, id[:]...), 0)
	is := func(k replyKind, b []byte) bool { return k == replyBlock && slices.Equal(b, want) }
	return is, p.write(append([]byte{gs, '(', 'H', 6, 0, '0', '0'}, id[:]...))
}

// probe asks and waits for the answer. It also gets the count of outstanding
// answers right: with nothing between two questions but a stop, the second
// answer follows the first at once or, when a question was lost, never.
func (p *Printer) probe(ctx context.Context, how proof, patience time.Duration) (bool, error) {
	is, err := p.question(how)
	if err != nil {
		return false, err
	}
	if how == byProcess {
		kind, _, err := p.reply(ctx, patience, is)
		return kind != replyNone, err
	}
	for answered := false; ; answered, patience = true, p.patience {
		kind, _, err := p.reply(ctx, patience, isPaper)
		if err != nil {
			return false, err
		}
		if kind == replyNone || p.asked == 0 {
			answered = answered || kind != replyNone
			if answered {
				p.asked = 0
			}
			return answered, nil
		}
	}
}

// isPaper accepts the answer to GS r.
func isPaper(k replyKind, _ []byte) bool { return k == replyPaper }

// none accepts no reply: waiting without losing sight of the port.
func none(replyKind, []byte) bool { return false }

// confirm waits until the printer has worked off the job and is still well.
// Of a printer that answers no probe the status must do, after the time that
// the paper needs.
func (p *Printer) confirm(ctx context.Context, e *encoder) error {
	onLine := p.lineTime(len(e.buf))
	end := time.Now().Add(onLine + cutTime +
		time.Duration(e.dots)*time.Second/time.Duration(dotsPerMM*p.profile.Speed))
	switch {
	case p.profile.Dialect == OneWay:
		return nil
	case p.profile.Dialect == Custom:
		return p.confirmFull(ctx, end.Add(spareTime))
	case p.proof == byStatus:
		for time.Now().Before(end) {
			if _, err := p.watch(ctx, onLine, none); err != nil {
				return err
			}
			if _, _, err := p.reply(ctx, min(watchEvery, time.Until(end)), none); err != nil {
				return err
			}
		}
		return p.check(ctx, 0)
	}
	end = end.Add(spareTime)
	is, err := p.question(p.proof)
	if err != nil {
		return err
	}
	var paper Status
	answered := false
	note := func(k replyKind, b []byte) bool {
		if is(k, b) {
			answered = true
			if k == replyPaper {
				paper.setPaper(b[0])
			}
		}
		return answered
	}
	accept := func(k replyKind, b []byte) bool { return note(k, b) || p.alarm }
	for !answered && time.Now().Before(end) {
		if _, _, err := p.reply(ctx, min(watchEvery, time.Until(end)), accept); err != nil {
			return err
		}
		if answered || !time.Now().Before(end) {
			break
		}
		p.alarm = false
		if answered, err = p.watch(ctx, onLine, note); err != nil {
			return err
		}
	}
	// Also behind the probe: a cutter that jams is noticed only now.
	if err := p.check(ctx, 0); err != nil {
		return err
	}
	switch {
	case !answered:
		return condition(CodeError) // well, but it has not worked the job off
	case paper.PaperOut:
		return condition(CodePaperOut)
	}
	return nil
}

// confirmFull waits until a Custom printer has nothing left to print or move
// and, when it has a presenter, until the ticket has been at its output.
func (p *Printer) confirmFull(ctx context.Context, end time.Time) error {
	presented, idle := p.profile.Presenter.Present == "", 0
	for time.Now().Before(end) {
		s, err := p.status(ctx)
		if err != nil {
			return err
		}
		if code := s.Code(); code != "" {
			return condition(code)
		}
		presented = presented || s.AtOutput
		if idle++; s.Busy {
			idle = 0
		}
		if presented && idle >= 2 { // between two steps it may be idle for a moment
			return nil
		}
		if _, _, err := p.reply(ctx, presentEvery, none); err != nil {
			return err
		}
	}
	return condition(CodeError)
}

// retract takes back a ticket that nobody took.
func (p *Printer) retract(ctx context.Context) error {
	if p.profile.Presenter.Retract == "" {
		return nil
	}
	if err := p.write([]byte(p.profile.Presenter.Retract)); err != nil {
		return err
	}
	for end := time.Now().Add(residueTime); time.Now().Before(end); {
		s, err := p.status(ctx)
		if err != nil {
			return err
		}
		if code := s.Code(); code != "" {
			return condition(code)
		}
		if !s.AtOutput {
			return nil
		}
		if _, _, err := p.reply(ctx, presentEvery, none); err != nil {
			return err
		}
	}
	return condition(CodeError)
}

// watch looks at the status while a probe is outstanding, without throwing
// away an answer to it that comes meanwhile.
func (p *Printer) watch(ctx context.Context, onWay time.Duration, is func(replyKind, []byte) bool) (answered bool, err error) {
	if err := p.write([]byte{dle, 0x04, 1}); err != nil {
		return false, err
	}
	kind, b, err := p.reply(ctx, onWay+p.patience, func(k replyKind, b []byte) bool {
		answered = answered || is(k, b)
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

// check asks whether the printer is online and, if it is not, why. A hot head
// is waited for: the printer goes on by itself. onWay is the time that bytes
// on the line in front of the question still take.
func (p *Printer) check(ctx context.Context, onWay time.Duration) error {
	if p.profile.Dialect == Epson {
		b, ok, err := p.ask(ctx, 1, onWay+p.patience)
		if err != nil {
			return err
		}
		if !ok {
			return condition(CodeOffline)
		}
		var s Status
		if s.set(1, b[0]); s.Online {
			return nil
		}
	}
	for end := time.Now().Add(coolTime); ; {
		s, err := p.status(ctx)
		if err != nil {
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

// status asks all there is to ask.
func (p *Printer) status(ctx context.Context) (Status, error) {
	var s Status
	switch p.profile.Dialect {
	case OneWay:
		return Status{Online: true}, nil
	case Custom:
		b, ok, err := p.ask(ctx, fullStatus, p.patience)
		switch {
		case err != nil:
			return Status{}, err
		case !ok:
			return Status{Silent: true}, nil
		}
		s.setFull(b)
		return s, nil
	}
	for n := 1; n <= 4; n++ {
		b, ok, err := p.ask(ctx, byte(n), p.patience)
		if err != nil {
			return Status{}, err
		}
		if !ok {
			return Status{Silent: true}, nil
		}
		s.set(n, b[0])
	}
	return s, nil
}

// settle clears what an earlier job may have left in the printer's buffers, if
// that is still owed. A printer that does not answer twice is taken for one
// that cannot.
func (p *Printer) settle(s Status) {
	if !p.owed || p.deaf >= 2 || p.profile.Clear == ClearENQ && !s.CutterError {
		return
	}
	if p.clear(s.Code()) {
		p.owed, p.residue, p.rest = false, false, false
	}
}

// clear tells the printer to forget the job and reports whether it said that
// it has. code is what stopped it. It has a time of its own: the caller's
// context may be what ended the job.
func (p *Printer) clear(code string) bool {
	if p.lost != nil {
		return false
	}
	switch p.profile.Clear {
	case ClearDC4:
		if p.write(clearCommand[:]) != nil {
			return false
		}
		// Nothing may be sent until it has answered 37 25 00.
		kind, _, err := p.reply(context.Background(), clearTime, func(k replyKind, b []byte) bool {
			return k == replyBlock && slices.Equal(b, []byte{0x37, 0x25, 0x00})
		})
		if err == nil && kind == replyBlock {
			p.deaf, p.asked = 0, 0
			return true
		}
		p.deaf++
	case ClearENQ:
		if code != CodeCutter || p.write([]byte{dle, 0x05, 2}) != nil {
			return false
		}
		b, ok, err := p.ask(context.Background(), 3, p.patience)
		if err != nil || !ok {
			return false
		}
		var s Status
		s.set(3, b[0])
		return !s.CutterError
	}
	return false
}

// clearTime is the patience with the clearing of buffers.
const clearTime = 2 * time.Second

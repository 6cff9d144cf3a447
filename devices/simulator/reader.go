package simulator

import (
	"encoding/binary"
	"sync"
	"time"

	"hallkiosk/devices/samv/frame"
)

// slowTime is what a slow card takes: long, but within what drivers must
// allow.
const slowTime = 2200 * time.Millisecond

// A Reader is the simulated ID card reader.
//
// At the start it is of the sticky sort: a card that was read, or failed to
// be, is not found again until it was lifted.
type Reader struct {
	wire *wire

	commands chan []byte
	done     chan struct{}
	ran      sync.WaitGroup
	scan     frame.Scanner // used by receive only
	bankIn   []byte        // the same for the other dialect

	mu       sync.Mutex
	card     *person
	laid     int  // counts layings, so that a lift in the middle is noticed
	stage    int  // 0 idle, 1 found, 2 selected
	used     bool // the card was read, or failed to be
	sticky   bool
	silent   bool
	dying    bool // dies in the middle of its next answer
	dead     bool
	bank     bool // it speaks the dialect of bank counters' readers
	early    bool // lift in the middle of the next reading
	wrongIDs int
	cardTime time.Duration
	normal   time.Duration
	fail     map[uint16][]byte // by command: statuses of the next answers
	reads    int
	power    chan struct{} // closed, and renewed, when the power goes
}

func newReader(link string, c Config) (*Reader, error) {
	r := &Reader{
		commands: make(chan []byte, 16), done: make(chan struct{}), sticky: true,
		cardTime: c.CardTime, normal: c.CardTime, fail: map[uint16][]byte{}, wrongIDs: 1,
		power: make(chan struct{}),
	}
	r.wire = newWire(link, c.Baud, r.receive)
	if err := r.wire.replug(); err != nil {
		return nil, err
	}
	r.ran.Add(1)
	go r.run()
	return r, nil
}

func (r *Reader) close() {
	select {
	case <-r.done:
		return
	default:
	}
	close(r.done)
	r.wire.close()
	r.ran.Wait()
}

// Unplug pulls the reader's cable, which takes its power too: it forgets what
// it was doing.
func (r *Reader) Unplug() {
	r.wire.unplug()
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.power)
	r.power = make(chan struct{})
	r.stage, r.used, r.dying, r.dead = 0, false, false, false
}

// Replug puts the cable back: a new pseudo-terminal behind the same link.
func (r *Reader) Replug() error {
	r.mu.Lock()
	r.wrongIDs = 1
	r.mu.Unlock()
	return r.wire.replug()
}

// Lay puts the card of one of the built-in people on the reader, in place of
// whatever lies there. The error of an unknown key lists the keys.
func (r *Reader) Lay(key string) error {
	p, err := personByKey(key)
	if err != nil {
		return err
	}
	r.lay(&p)
	return nil
}

func (r *Reader) lay(p *person) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.card, r.stage, r.used, r.early = p, 0, false, false
	r.laid++
}

// Lift takes the card away.
func (r *Reader) Lift() { r.lay(nil) }

// LiftEarly takes the card away in the middle of its next reading.
func (r *Reader) LiftEarly() { r.set(func() { r.early = true }) }

// Sticky chooses between the two sorts of readers: with on, a card that was
// read is not found again until it was lifted; without, it is found again and
// again.
func (r *Reader) Sticky(on bool) { r.set(func() { r.sticky = on }) }

// Slow makes readings take 2.2 s, or the usual time again.
func (r *Reader) Slow(on bool) {
	r.set(func() {
		if r.cardTime = r.normal; on {
			r.cardTime = slowTime
		}
	})
}

// Silent stops it answering, or lets it answer again.
func (r *Reader) Silent(on bool) { r.set(func() { r.silent = on }) }

// Die lets it stop for good in the middle of its next answer, as a reader does
// whose firmware hangs. Revive, or pulling and plugging its cable, brings it
// back.
func (r *Reader) Die() { r.set(func() { r.dying = true }) }

// Revive brings a dead reader back, as its watchdog would: restarted.
func (r *Reader) Revive() {
	r.set(func() { r.dying, r.dead, r.stage, r.used, r.wrongIDs = false, false, 0, false, 1 })
}

// Bank makes it a reader of bank counters, which speaks another dialect, or an
// ordinary one again.
func (r *Reader) Bank(on bool) { r.set(func() { r.bank = on }) }

// WrongID lets the next n answers about the module's number be nonsense, as
// after switching on.
func (r *Reader) WrongID(n int) { r.set(func() { r.wrongIDs = n }) }

// Fail lets the next n answers to a command (CMD and PARA, 0x3001 for
// reading) carry a status and nothing else. A negative n is for ever, 0 never
// again.
func (r *Reader) Fail(command uint16, status byte, n int) {
	r.set(func() {
		r.fail[command] = []byte{status}
		for range max(n-1, 0) {
			r.fail[command] = append(r.fail[command], status)
		}
		switch {
		case n < 0:
			r.fail[command] = append(r.fail[command], 0) // 0 repeats the one before
		case n == 0:
			delete(r.fail, command)
		}
	})
}

// Reads is how often a card was read through.
func (r *Reader) Reads() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reads
}

func (r *Reader) set(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// receive takes bytes from the line.
func (r *Reader) receive(b []byte) {
	r.mu.Lock()
	bank := r.bank
	r.mu.Unlock()
	if bank {
		r.bankIn = append(r.bankIn, b...)
	} else {
		r.scan.Push(b)
	}
	for {
		body, ok := r.nextCommand(bank)
		if !ok {
			return
		}
		select {
		case r.commands <- append([]byte(nil), body...):
		case <-r.done:
			return
		}
	}
}

// nextCommand is the next command that has arrived whole.
func (r *Reader) nextCommand(bank bool) (body []byte, ok bool) {
	if !bank {
		return r.scan.Next()
	}
	body, rest := nextBank(r.bankIn)
	r.bankIn = append(r.bankIn[:0], rest...)
	return body, body != nil
}

func (r *Reader) run() {
	defer r.ran.Done()
	for {
		select {
		case body := <-r.commands:
			r.answer(body)
		case <-r.done:
			return
		}
	}
}

// The statuses that the simulator gives of itself.
const (
	ok           = 0x90
	found        = 0x9F
	nothing      = 0x91
	noCard       = 0x80
	notSelected  = 0x81
	notRead      = 0x41
	unknownCard  = 0x40
	badCommand   = 0x21
	unknownError = 0x24
)

// answer carries out one command.
func (r *Reader) answer(body []byte) {
	r.mu.Lock()
	power, bank := r.power, r.bank
	r.mu.Unlock()
	var reply []byte
	if bank {
		reply = bankFrame(r.carryOutBank(string(body)))
	} else {
		status, data := r.carryOut(binary.BigEndian.Uint16(body))
		reply = frame.Append(nil, append([]byte{0, 0, status}, data...))
	}
	r.mu.Lock()
	mute := r.silent || r.dead || power != r.power
	if r.dying && !mute {
		r.dying, r.dead = false, true
		reply = reply[:len(reply)/2]
	}
	r.mu.Unlock()
	if !mute {
		r.wire.send(reply)
	}
}

func (r *Reader) carryOut(command uint16) (status byte, data []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if next := r.fail[command]; len(next) > 0 {
		status = next[0]
		if len(next) > 1 && next[1] == 0 {
			return status, nil
		}
		if r.fail[command] = next[1:]; command == 0x3001 {
			r.stage, r.used = 0, true
		}
		return status, nil
	}
	switch command {
	case 0x10FF, 0x11FF: // reset, status
		if command == 0x10FF {
			r.stage, r.used = 0, false
		}
		return ok, nil
	case 0x12FF: // the module's number
		return ok, r.moduleNumber()
	case 0x2001: // find
		switch {
		case r.card == nil, r.sticky && r.used:
			return noCard, nil
		case r.card.block == nil:
			return unknownCard, nil
		}
		r.stage = 1
		return found, make([]byte, 4)
	case 0x2002: // select
		if r.card == nil || r.stage < 1 {
			return notSelected, nil
		}
		r.stage = 2
		return ok, make([]byte, 8)
	case 0x3001:
		return r.read()
	case 0x3003: // newest address
		if r.card == nil || !r.used {
			return unknownError, nil
		}
		return nothing, nil
	}
	return badCommand, nil
}

func (r *Reader) moduleNumber() []byte {
	b := make([]byte, 16)
	if r.wrongIDs > 0 {
		r.wrongIDs--
		return b
	}
	b[0], b[2] = 5, 1
	binary.LittleEndian.PutUint32(b[4:], 20101112)
	binary.LittleEndian.PutUint32(b[8:], 12345)
	binary.LittleEndian.PutUint32(b[12:], 67890)
	return b
}

// read takes its time, during which the card may be lifted. It is called, and
// returns, with the lock held.
func (r *Reader) read() (byte, []byte) {
	if r.card == nil || r.stage < 2 {
		return unknownError, nil
	}
	laid, took, power := r.laid, r.cardTime, r.power
	if r.early {
		took /= 2
	}
	r.mu.Unlock()
	timer := time.NewTimer(took)
	select {
	case <-timer.C:
	case <-power:
		timer.Stop()
	case <-r.done:
		timer.Stop()
	}
	r.mu.Lock()
	if power != r.power {
		return notRead, nil
	}
	if r.early && r.laid == laid {
		r.card, r.early = nil, false
		r.laid++
	}
	r.stage = 0
	if r.laid != laid {
		return notRead, nil
	}
	r.used = true
	r.reads++
	data := append([]byte{1, 0, 4, 0}, r.card.block...)
	// A photo begins with WL, 102 and 126; the rest is the maker's secret and
	// stands for nobody here.
	photo := make([]byte, 1024)
	copy(photo, []byte{0x57, 0x4C, 102, 0, 126, 0, 0x32, 0})
	return ok, append(data, photo...)
}

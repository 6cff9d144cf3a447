//go:build bench && linux

package simulator_test

import (
	"slices"
	"testing"
	"time"

	"hallkiosk/devices/escpos"
	"hallkiosk/devices/samv"
	"hallkiosk/devices/serialport"
	"hallkiosk/devices/simulator"
)

// TestFiguresDevices measures what people wait for, over the real drivers on
// simulated lines at their real speed.
func TestFiguresDevices(t *testing.T) {
	t.Run("card", figureCard)
	for _, baud := range []int{9600, 115200} {
		t.Run("ticket", func(t *testing.T) { figureTicket(t, baud) })
	}
}

// pollEvery is the terminal's pause between two polls.
const pollEvery = 350 * time.Millisecond

// figureCard: from laying the card to knowing the person, when cards are laid
// at any moment between two polls.
func figureCard(t *testing.T) {
	const cardTime, baud = time.Second, 115200
	// find, select and read: commands of 10 bytes; answers of 15, 19 and 1295.
	wire := time.Duration(3*10+15+19+1295) * 10 * time.Second / baud
	least := cardTime + wire
	h, r := newReader(t, simulator.Config{CardTime: cardTime}, samv.Opts{})
	const runs = 12
	var took []time.Duration
	laid := make(chan time.Time, 1)
	for i := range runs {
		go func() {
			time.Sleep(pollEvery * time.Duration(i) / runs)
			laid <- time.Now()
			do(t, h, "card zhang")
		}()
		for {
			e := poll(t, r)
			if e.Kind == samv.CardRead {
				took = append(took, time.Since(<-laid))
				break
			}
			time.Sleep(pollEvery)
		}
		do(t, h, "lift")
		expect(t, r, samv.Gone)
	}
	slices.Sort(took)
	median, worst := took[runs/2], took[runs-1]
	t.Logf("card laid to person known: median %v, worst %v; %v of wire and card: %.2f times, worst %.2f",
		median.Round(time.Millisecond), worst.Round(time.Millisecond), least.Round(time.Millisecond),
		float64(median)/float64(least), float64(worst)/float64(least))
	if median > least*13/10 {
		t.Errorf("median %v is more than 1.3 times %v", median, least)
	}
}

// A meter stands before a port and works out when each byte would have left a
// real one, which the pseudo-terminal takes at once.
type meter struct {
	*serialport.Port
	baud              int
	first, free, last time.Time // of the job; free is when the line will be
	bytes             int
}

func (m *meter) Write(b []byte) (int, error) {
	now := time.Now()
	job := len(b) > 3 // what is shorter asks for the status
	if job && m.first.IsZero() {
		m.first = now
	}
	if m.free.Before(now) {
		m.free = now
	}
	m.free = m.free.Add(time.Duration(len(b)) * 10 * time.Second / time.Duration(m.baud))
	if job {
		m.bytes, m.last = m.bytes+len(b), m.free
	}
	return m.Port.Write(b)
}

// figureTicket: from the first byte of a text ticket to its last leaving the
// port, with all questions about the status between.
func figureTicket(t *testing.T, baud int) {
	dir := t.TempDir()
	start(t, simulator.Config{Dir: dir, Baud: baud})
	port := &meter{Port: open(t, dir, simulator.PrinterLink), baud: baud}
	profile := escpos.Epson80()
	profile.LineRate = baud
	p := escpos.New(port, escpos.Opts{Profile: profile})
	var doc escpos.Document
	for _, b := range ticket("李示例") {
		if _, isQR := b.(escpos.QR); !isQR {
			doc = append(doc, b)
		}
	}
	doc = append(doc, doc[3:]...)                     // to the usual 400 bytes
	if err := p.Print(t.Context(), doc); err != nil { // the first job also finds out what the printer can
		t.Fatal(err)
	}
	port.first, port.bytes = time.Time{}, 0
	if err := p.Print(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	took, wire := port.last.Sub(port.first), time.Duration(port.bytes)*10*time.Second/time.Duration(baud)
	t.Logf("text ticket of %d bytes at %d baud: %v, wire time %v: %.2f times",
		port.bytes, baud, took.Round(time.Millisecond), wire.Round(time.Millisecond), float64(took)/float64(wire))
	if took > wire*11/10 {
		t.Errorf("%v is more than 1.1 times %v", took, wire)
	}
}

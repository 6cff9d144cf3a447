package simulator_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"hallkiosk/devices/codescan"
	"hallkiosk/devices/escpos"
	"hallkiosk/devices/samv"
	"hallkiosk/devices/serialport"
	"hallkiosk/devices/simulator"
)

// HALL_SIM_HOURS is how many hours of a hall's use TestHoursOfUse lives through,
// with 60 visits an hour and nothing between them.
const defaultHours = 0.5

// A day in the hall, compressed: people lay cards, get tickets and scan codes,
// while cables are pulled, paper ends and readers hang. Everybody is served, and
// in the end there are no more goroutines, files and memory than after the
// first quarter.
func TestHoursOfUse(t *testing.T) {
	hours := defaultHours
	if s := os.Getenv("HALL_SIM_HOURS"); s != "" {
		var err error
		if hours, err = strconv.ParseFloat(s, 64); err != nil || hours <= 0 {
			t.Fatalf("HALL_SIM_HOURS=%s is no number of hours", s)
		}
	}
	const seed = 20261122
	d := &day{t: t, dir: t.TempDir(), rand: rand.New(rand.NewPCG(seed, seed)), persons: make(chan string, 64), codes: make(chan string, 64)}
	d.hall = start(t, simulator.Config{Dir: d.dir, Unpaced: true, Printer: simulator.PrinterModel{Keep: 10}})
	ctx, cancel := context.WithCancel(t.Context())
	readers := make(chan struct{}, 2)
	go func() { d.read(ctx); readers <- struct{}{} }()
	go func() { d.scan(ctx); readers <- struct{}{} }()
	visits := max(int(hours*60), 8)
	var quarter usage
	for n := range visits {
		d.visit(n)
		if n == visits/4 {
			quarter = measure(t)
		}
	}
	end := measure(t)
	cancel()
	<-readers
	<-readers
	d.closePrinter()
	if t.Failed() {
		return
	}
	t.Logf("%d visits, %d cables pulled, %d other faults, %d papers; after a quarter %v, in the end %v",
		visits, d.pulled, d.faults, d.hall.State().Printer.Papers, quarter, end)
	if end.goroutines > quarter.goroutines || end.files > quarter.files || end.heap > quarter.heap+2<<20 {
		t.Errorf("it grows: after a quarter %v, in the end %v", quarter, end)
	}
}

// usage is what a program uses.
type usage struct {
	goroutines, files int
	heap              uint64
}

func (u usage) String() string {
	return fmt.Sprintf("%d goroutines, %d files, %d kB", u.goroutines, u.files, u.heap>>10)
}

// measure waits for what is ending by itself.
func measure(t *testing.T) usage {
	t.Helper()
	least := usage{goroutines: 1 << 30, files: 1 << 30}
	for range 20 {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		least.goroutines = min(least.goroutines, runtime.NumGoroutine())
		least.files = min(least.files, len(all))
		time.Sleep(10 * time.Millisecond)
	}
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	least.heap = m.HeapAlloc
	return least
}

// A day holds what a visit needs.
type day struct {
	t              *testing.T
	dir            string
	hall           *simulator.Hall
	rand           *rand.Rand
	persons, codes chan string
	port           *serialport.Port
	printer        *escpos.Printer
	pulled, faults int
}

func (d *day) open(name string) (*serialport.Port, error) {
	return serialport.Open(serialport.Config{Path: filepath.Join(d.dir, name)})
}

// read keeps the reader open, as a terminal does.
func (d *day) read(ctx context.Context) {
	for ctx.Err() == nil {
		port, err := d.open(simulator.ReaderLink)
		if err != nil {
			time.Sleep(2 * time.Millisecond)
			continue
		}
		r := samv.New(port, samv.Opts{})
		for ctx.Err() == nil {
			e, err := r.Poll(ctx)
			if errors.Is(err, samv.ErrPortLost) {
				break
			}
			if e.Kind == samv.CardRead {
				d.persons <- e.Card.Number
			}
			time.Sleep(time.Millisecond)
		}
		port.Close()
	}
}

// scan keeps the scanner open.
func (d *day) scan(ctx context.Context) {
	for ctx.Err() == nil {
		port, err := d.open(simulator.ScannerLink)
		if err != nil {
			time.Sleep(2 * time.Millisecond)
			continue
		}
		s := codescan.New(port, codescan.Opts{Repeat: -1})
		for ctx.Err() == nil {
			wait, cancel := context.WithTimeout(ctx, time.Second)
			c, err := s.Next(wait)
			cancel()
			if errors.Is(err, codescan.ErrPortLost) {
				break
			}
			if err == nil {
				d.codes <- c.Text
			}
		}
		port.Close()
	}
}

func (d *day) closePrinter() {
	if d.port != nil {
		d.port.Close()
	}
	d.port, d.printer = nil, nil
}

// visit is one person's: card, ticket, sometimes a code, and now and then a
// fault in the middle of it.
func (d *day) visit(n int) {
	cards := []string{"zhang", "li", "ceshi", "rare", "private", "long", "permit", "foreigner", "resident"}
	fault := d.rand.IntN(8)
	do(d.t, d.hall, "reader "+[]string{"sticky", "refindable"}[n/8%2])
	for len(d.persons) > 0 {
		<-d.persons
	}
	do(d.t, d.hall, "card "+cards[d.rand.IntN(len(cards))])
	switch fault {
	case 0:
		d.pulled++
		do(d.t, d.hall, "reader unplug", "reader plug")
	case 1:
		d.faults++
		do(d.t, d.hall, "reader fail 41")
	}
	if n%100 == 50 {
		d.faults++
		do(d.t, d.hall, "reader die")
		time.AfterFunc(100*time.Millisecond, d.hall.Reader.Revive)
	}
	d.wait(n, "the card to be read", d.persons)
	do(d.t, d.hall, "lift")
	d.print(n, fault)
	if n%5 == 0 {
		if d.rand.IntN(3) == 0 {
			d.pulled++
			do(d.t, d.hall, "scanner unplug", "scanner plug")
		}
		d.showCode(n)
	}
}

// wait waits for something that must come.
func (d *day) wait(n int, what string, c chan string) {
	select {
	case <-c:
	case <-time.After(20 * time.Second):
		d.t.Fatalf("visit %d waits for %s: %+v", n, what, d.hall.State())
	}
}

// showCode shows a code again and again, as people do, until it was read.
func (d *day) showCode(n int) {
	for range 200 {
		do(d.t, d.hall, fmt.Sprintf("scan A%03d", n))
		select {
		case <-d.codes:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
	d.t.Fatalf("visit %d: no code is read", n)
}

// print prints until a ticket has come out whole.
func (d *day) print(n, fault int) {
	doc := escpos.Document{
		escpos.Text{Text: fmt.Sprintf("A%03d", n%1000), Align: escpos.Center, Size: 4},
		escpos.Text{Text: "户口登记"},
		escpos.Text{Text: "请在二楼B区等候，留意叫号"},
	}
	switch fault {
	case 2:
		d.pulled++
		do(d.t, d.hall, "printer unplug")
		time.AfterFunc(time.Duration(d.rand.IntN(5))*time.Millisecond, func() { d.hall.Printer.Replug() })
	case 3:
		d.faults++
		do(d.t, d.hall, fmt.Sprintf("paper out after %d", d.rand.IntN(100)))
	case 4:
		d.faults++
		do(d.t, d.hall, "cutter jam")
	case 5:
		d.pulled++
		time.AfterFunc(time.Duration(d.rand.IntN(50))*time.Millisecond, func() {
			d.hall.Printer.Unplug()
			d.hall.Printer.Replug()
		})
	}
	before := d.hall.State().Printer.Papers
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		if d.printer == nil {
			port, err := d.open(simulator.PrinterLink)
			if err != nil {
				time.Sleep(2 * time.Millisecond)
				continue
			}
			d.port, d.printer = port, escpos.New(port, escpos.Opts{Profile: escpos.Epson80()})
		}
		err := d.printer.Print(d.t.Context(), doc)
		switch {
		case err == nil:
			if after := d.hall.State().Printer.Papers; after <= before {
				d.t.Fatalf("visit %d: printed, and no paper came out", n)
			}
			return
		case errors.Is(err, escpos.ErrPortLost):
			d.closePrinter()
		default:
			do(d.t, d.hall, "paper load", "cutter clear")
		}
	}
	d.t.Fatalf("visit %d gets no ticket: %+v", n, d.hall.State())
}

//go:build bench

package kiosk_test

// Figures of the core, without a window: how long a number takes to be durable,
// and how much a ticket is to print. `make bench` runs this; it is no test of
// correctness, and a busy machine makes it slower, not wrong.

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/slip"
	"hallkiosk/devices/escpos"
	"hallkiosk/devices/simulator"
)

const (
	benchTickets = 200
	// The targets of the product.
	targetNumber = 30 * time.Millisecond // confirm → durable number, p99
	targetText   = 1500                  // bytes of a ticket without its QR code
	// benchBaud is the usual speed of a ticket printer's line; a byte takes ten
	// bits on it.
	benchBaud = 115200
)

func TestFigures(t *testing.T) {
	t.Run("number", benchNumber)
	t.Run("paper", benchPaper)
}

// benchNumber takes tickets one after the other: from the touch on 确认 to the
// view that shows the number. Before that view come the write of the intent, the
// request over loopback, the centre's own commit and the write of the answer,
// all of them synchronous.
func benchNumber(t *testing.T) {
	s := start(t)
	var took []time.Duration
	for i := range benchTickets + 10 {
		s.touch(session.TakeNumber{}, session.Chosen{ID: "group:企业与综合"}, session.Chosen{ID: "business:general"})
		s.page(session.PageConfirm)
		began := time.Now()
		s.touch(session.Confirmed{})
		v := s.until("the number", func(v session.View) bool { return v.Result != nil })
		if since := time.Since(began); i >= 10 { // the first ones open connections and fill caches
			took = append(took, since)
		}
		if v.Result.Own {
			t.Fatalf("%s is of the terminal's own series: the centre did not answer in time", v.Result.Label)
		}
		s.result() // the paper is out
		s.touch(session.DonePressed{})
		s.page(session.PageHome)
	}
	disk := benchDisk(t, filepath.Join(s.dir, "disk"))
	p99 := percentile(took, 99)
	missed := "met"
	if p99 > targetNumber {
		missed = fmt.Sprintf("MISSED by %.1f ms (a bare 4 KiB write and fsync on this disk takes p99 %s ms)", float64(p99-targetNumber)/1e6, ms(percentile(disk, 99)))
	}
	benchRow("confirm → durable number, p50", ms(percentile(took, 50))+" ms", "", "")
	benchRow("confirm → durable number, p99", ms(p99)+" ms", "≤ 30 ms", missed)
	benchRow("  for comparison: a 4 KiB write and fsync, p50 / p99", ms(percentile(disk, 50))+" / "+ms(percentile(disk, 99))+" ms", "", "")
}

// benchDisk is what the disk needs for the least that can be made durable.
func benchDisk(t *testing.T, path string) []time.Duration {
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var took []time.Duration
	block := make([]byte, 4096)
	for range benchTickets {
		began := time.Now()
		if _, err := f.Write(block); err != nil {
			t.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	return took
}

// benchPaper prints a ticket through the whole terminal and counts what the
// printer got; then it lays out the longest ticket there can be.
func benchPaper(t *testing.T) {
	s := start(t)
	s.confirmWithCard()
	s.touch(session.Confirmed{})
	s.result()
	papers, err := s.devices.Printer.Wait(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	benchTicket("a ticket taken with a card", papers[0])

	longest := slip.Ticket{
		Language: "zh", Hall: s.hall.Name, Label: "A7-1024", Business: "户口登记与迁移",
		Item: strings.Repeat("国有土地上房屋征收补偿决定的", 8)[:3*110], Holder: "测*员", Ahead: 120,
		Area: "户籍与证件区", Place: "一楼 A 区", Windows: []string{"1", "2", "3", "4", "5", "6"},
		IssuedAt: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), QR: "https://hall.example.invalid/t/demo/01890000-0000-7000-8000-000000000000",
		Phone: "010-5550-0199", Own: true, Copy: true, Large: true,
	}
	profile := escpos.Epson80()
	job, err := escpos.Encode(longest.Document(profile), profile, nil)
	if err != nil {
		t.Fatal(err)
	}
	benchTicket("the longest one: 110 characters, large, a copy", simulator.Paper{Raw: job})
}

func benchTicket(name string, p simulator.Paper) {
	text, picture := 0, 0
	for rest := p.Raw; len(rest) > 0; {
		op, n := escpos.NextOp(rest)
		if n == 0 { // nothing that a printer can act on
			n = len(rest)
		}
		if op.Kind == escpos.OpRaster {
			picture += n
		} else {
			text += n
		}
		rest = rest[n:]
	}
	missed := "met"
	if text > targetText {
		missed = fmt.Sprintf("MISSED by %d bytes", text-targetText)
	}
	benchRow(name+": text", fmt.Sprintf("%d bytes", text), "≤ 1500 bytes", missed)
	benchRow("  its QR code, as a picture", fmt.Sprintf("%d bytes", picture), "", "")
	benchRow(fmt.Sprintf("  both on the wire at %d bit/s", benchBaud), fmt.Sprintf("%d ms", (text+picture)*10*1000/benchBaud), "", "")
}

func benchRow(what, figure, target, verdict string) {
	fmt.Println(strings.TrimRight(fmt.Sprintf("%-54s %18s   %-13s %s", what, figure, target, verdict), " "))
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/1e6) }

// percentile is the smallest value that p percent of the samples do not exceed.
func percentile(samples []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

package escpos

import (
	"fmt"
	"strings"
)

// Charset names which characters a printer holds in its own memory.
type Charset string

// The character sets a [Profile] can name. The values are used in
// configuration files.
const (
	// GB18030 is the two-byte area of GB18030 without its user-defined
	// parts, 23,940 places. What every printer sold for China in this
	// century has. Four-byte characters are never sent.
	GB18030 Charset = "gb18030"
	// GB18030Long is the two-byte and the four-byte area of GB18030, still
	// without private use. Few printers have it: set it only after a test
	// print has shown 㛃 and 𠮷.
	GB18030Long Charset = "gb18030-4"
	// GB2312 is the two-byte area of GB 2312, for older printers.
	GB2312 Charset = "gb2312"
	// DrawAll sends every line as raster, even plain ASCII.
	DrawAll Charset = "raster"
)

// Dialect names how a printer tells its state.
type Dialect string

// The dialects of status. The values are used in configuration files.
const (
	// Epson printers and their clones answer DLE EOT 1 to 4 and GS r.
	Epson Dialect = "epson"
	// Custom kiosk printers (KPM, TPTCM, VKP) answer DLE EOT 20 with their
	// full status (KPM150-H manual, pp. 10 and 56).
	Custom Dialect = "custom"
	// OneWay printers answer nothing. Nothing can be confirmed: a nil error of
	// Print then means sent, and no more.
	OneWay Dialect = "one-way"
)

// Clearing names how a printer is told to forget a job.
type Clearing string

// The ways to clear a printer. The values are used in configuration files.
const (
	// NoClear: there is none. What is in the buffer is printed as soon as the
	// cause of the stop is gone; see [Fault.Residue].
	NoClear Clearing = ""
	// ClearDC4 is DLE DC4 fn 8 (Epson, Citizen): answered, at any time.
	ClearDC4 Clearing = "dle-dc4"
	// ClearENQ is DLE ENQ 2 (Citizen iDP-3221, p. 62; Clover TH82): not
	// answered, and obeyed after a cutter error only. Any other stop leaves a
	// residue.
	ClearENQ Clearing = "dle-enq"
)

// Presenter is what a kiosk printer with a presenter is told. The numbers
// differ from family to family, so they are whole commands. The zero value is
// no presenter.
type Presenter struct {
	// Present offers the cut ticket to the person.
	Present string
	// Retract takes a ticket back that nobody took, or drops it where there is
	// no catch basket. It is sent before the next job.
	Retract string
}

// A Profile says what a family of printers can do. The zero value is
// replaced by [Generic80] wherever a profile is taken.
type Profile struct {
	// Name is the name in configuration files.
	Name string
	// Dots is the printable width: 384 on 58 mm paper and 576 on 80 mm paper
	// at 203 dpi. A multiple of 8.
	Dots int
	// Charset is what the printer has in its character memory.
	Charset Charset
	// Define says that the printer takes characters of the caller's (FS 2:
	// 24 by 24 dots, six at a time) and enlarges them like its own. Without it
	// an enlarged line with a character outside Charset is drawn whole.
	Define bool
	// NativeQR says that the printer draws QR codes itself (GS ( k): some 60
	// bytes in place of 4 kB. Off where that has not been seen to work.
	NativeQR bool
	// Cutter says that the printer has one.
	Cutter bool
	// CutFeed is the paper fed before a cut, in the printer's vertical steps
	// (normally dots), so that the last line is past the blade.
	CutFeed int
	// Presenter is what the presenter is told, if there is one.
	Presenter Presenter
	// Dialect is how the printer tells its state. Empty is Epson.
	Dialect Dialect
	// ProcessID says that the printer answers GS ( H fn 48 when what stands
	// before it is on paper (TM-T20, T82, T83, T88IV and later). It is the best
	// proof there is; a printer that does not answer it is asked GS r.
	ProcessID bool
	// Auto has the printer tell changes by itself during a job (GS a). Only
	// together with ProcessID: without it, a lost byte would make the rest of
	// an automatic status look like the answer to GS r.
	Auto bool
	// Clear is how the printer is told to forget a job, so that one that was
	// stopped by paper end does not go on after paper is loaded.
	Clear Clearing
	// LineRate is the serial line's speed in bit/s, ten bits a byte, for
	// deadlines only. 0 is 115200.
	LineRate int
	// MaxBand is the highest raster band sent in one command, in dot rows.
	// 0 is 128.
	MaxBand int
	// Speed is the paper's speed in mm/s, for deadlines only. 0 is 100, which
	// is slow for today's printers.
	Speed int
}

// Generic80 is an 80 mm printer with cutter and status, without a way to
// clear its buffers: the common clone.
func Generic80() Profile {
	return Profile{
		Name: "generic-80", Dots: 576, Charset: GB18030,
		Cutter: true, CutFeed: 24, Dialect: Epson,
	}
}

// Generic58 is a 58 mm printer without a cutter, with status.
func Generic58() Profile {
	return Profile{Name: "generic-58", Dots: 384, Charset: GB18030, Dialect: Epson}
}

// Epson80 is an 80 mm printer that follows Epson's reference: process ID,
// automatic status, characters of the caller's, buffer clearing by DLE DC4
// fn 8 (Epson TM-T82, TM-T88IV and later). A printer that turns out not to
// answer the process ID is asked GS r instead.
func Epson80() Profile {
	p := Generic80()
	p.Name, p.Clear, p.ProcessID, p.Auto, p.Define = "epson-80", ClearDC4, true, true, true
	return p
}

// Epson58 is Epson80 on 58 mm paper.
func Epson58() Profile {
	p := Epson80()
	p.Name, p.Dots = "epson-58", 384
	return p
}

// presentSteps is how far a Custom presenter pushes the ticket out, in steps
// of 0.625 mm (KPM210/216 manual, p. 76): 20 mm, enough to be gripped. [?] To
// be settled on the printer in use.
const presentSteps = 32

// Custom80 is an 80 mm kiosk printer of Custom's KPM family with presenter:
// GS e 3 offers the ticket and GS e 2 takes it back (KPM210/216 manual, p.
// 76). Its full status says when a ticket has reached the output. It knows no
// way to clear its buffers.
func Custom80() Profile {
	p := Generic80()
	p.Name, p.Dialect = "custom-80", Custom
	p.Presenter = Presenter{
		Present: string([]byte{gs, 'e', 3, presentSteps}),
		Retract: string([]byte{gs, 'e', 2}),
	}
	return p
}

// Silent80 is an 80 mm printer that answers nothing. Its jobs are never
// confirmed.
func Silent80() Profile {
	p := Generic80()
	p.Name, p.Dialect = "silent-80", OneWay
	return p
}

// Silent58 is a 58 mm printer without a cutter that answers nothing.
func Silent58() Profile {
	p := Generic58()
	p.Name, p.Dialect = "silent-58", OneWay
	return p
}

// Profiles lists the profiles that configuration can name, the default first.
func Profiles() []Profile {
	return []Profile{
		Generic80(), Generic58(), Epson80(), Epson58(), Custom80(), Silent80(), Silent58(),
	}
}

// ProfileByName finds a profile. An empty name is the default. The error of
// an unknown name lists the names there are.
func ProfileByName(name string) (Profile, error) {
	var names []string
	for _, p := range Profiles() {
		if name == p.Name || name == "" {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Profile{}, fmt.Errorf("escpos: no printer profile %q: use one of %s", name, strings.Join(names, ", "))
}

// Confirms tells whether the printer can say that a job is on paper.
func (p Profile) Confirms() bool { return p.filled().Dialect != OneWay }

// Columns is how many half-width columns fit on a line of the given text
// size: 48 on 80 mm paper at size 1. A Chinese character takes two.
func (p Profile) Columns(size int) int {
	p = p.filled()
	return p.Dots / (halfWidth * max(size, 1))
}

// filled replaces what the zero value leaves open.
func (p Profile) filled() Profile {
	if p.Dots == 0 {
		rate, band, speed := p.LineRate, p.MaxBand, p.Speed
		p = Generic80()
		p.LineRate, p.MaxBand, p.Speed = rate, band, speed
	}
	if p.Charset == "" {
		p.Charset = GB18030
	}
	if p.Dialect == "" {
		p.Dialect = Epson
	}
	if p.LineRate <= 0 {
		p.LineRate = 115200
	}
	if p.MaxBand <= 0 {
		p.MaxBand = 128
	}
	if p.Speed <= 0 {
		p.Speed = 100
	}
	p.Auto = p.Auto && p.ProcessID && p.Dialect == Epson
	return p
}

// The printer's own font A for China: 24 by 24 dots a Chinese character, 12
// by 24 an ASCII one, 203 dpi, 8 dots a millimetre.
const (
	halfWidth  = 12
	lineHeight = 24
	lineAdd    = 6 // the default line spacing is 1/6 inch: 30 dots [S: TM-T81 manual, ESC 2]
	dotsPerMM  = 8
)

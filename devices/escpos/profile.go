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
	// GB2312 is the two-byte area of GB 2312, for older printers.
	GB2312 Charset = "gb2312"
	// DrawAll sends every line as raster, even plain ASCII.
	DrawAll Charset = "raster"
)

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
	// Cutter says that the printer has one.
	Cutter bool
	// CutFeed is the paper fed before a cut, in the printer's vertical steps
	// (normally dots), so that the last line is past the blade.
	CutFeed int
	// Status says that the printer answers DLE EOT. Without it nothing can
	// be confirmed: a nil error then means sent, and no more.
	Status bool
	// Clear says that the printer obeys DLE DC4 fn 8 (clear buffers), so that
	// a job stopped by paper end does not go on after paper is loaded.
	Clear bool
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
		Cutter: true, CutFeed: 24, Status: true,
	}
}

// Generic58 is a 58 mm printer without a cutter, with status.
func Generic58() Profile {
	return Profile{Name: "generic-58", Dots: 384, Charset: GB18030, Status: true}
}

// Epson80 is an 80 mm printer that follows Epson's reference, with buffer
// clearing by DLE DC4 fn 8 (Epson TM-T88, TM-T82; Citizen).
func Epson80() Profile {
	p := Generic80()
	p.Name, p.Clear = "epson-80", true
	return p
}

// Silent80 is an 80 mm printer that answers nothing. Its jobs are never
// confirmed.
func Silent80() Profile {
	p := Generic80()
	p.Name, p.Status = "silent-80", false
	return p
}

// Profiles lists the profiles that configuration can name, the default first.
func Profiles() []Profile {
	return []Profile{Generic80(), Generic58(), Epson80(), Silent80()}
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
	if p.LineRate <= 0 {
		p.LineRate = 115200
	}
	if p.MaxBand <= 0 {
		p.MaxBand = 128
	}
	if p.Speed <= 0 {
		p.Speed = 100
	}
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

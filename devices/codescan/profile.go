package codescan

import (
	"fmt"
	"strings"
)

// A Profile says how a family of scanners is told to scan. The zero value is a
// scanner that scans by itself (continuous or presentation mode), which is how
// scanners in halls are best set.
type Profile struct {
	// Name is the name in configuration files.
	Name string

	on, off []byte
	replies int // the form of answers to on and off
}

// The forms of answers to commands.
const (
	repliesNone = 0
	// repliesGM65: 02 00 00, a length, so many bytes, two of CRC. They come on
	// the same line as codes.
	repliesGM65 = 1
)

// replyGM65 begins an answer of a GM65 that did what it was told.
var replyGM65 = [...]byte{0x02, 0x00, 0x00}

// Presentation is a scanner that scans by itself.
func Presentation() Profile { return Profile{Name: "presentation"} }

// Honeywell is a scanner of Honeywell, or one that understands its commands,
// in manual or serial trigger mode: SYN T CR starts and SYN U CR stops. Source:
// manuals of Honeywell (Xenon, page 218), Datalogic and Canmax.
func Honeywell() Profile {
	return Profile{Name: "honeywell", on: []byte{0x16, 'T', '\r'}, off: []byte{0x16, 'U', '\r'}}
}

// CipherLab is a scanner of CipherLab, which is switched on and off: E and D.
// Source: CipherLab 1664 manual, page 241.
func CipherLab() Profile {
	return Profile{Name: "cipherlab", on: []byte("E"), off: []byte("D")}
}

// Newland is a scanner of Newland in command trigger mode: ESC 1 starts and
// ESC 0 stops. No document at hand confirms the two bytes for every model of
// the HR and FM series; they can be changed in the scanner, and it can always
// be set to scan by itself instead.
func Newland() Profile {
	return Profile{Name: "newland", on: []byte{0x1B, '1'}, off: []byte{0x1B, '0'}}
}

// GM65 is a scan module of Grow (GM65, GM812 and their like) in command mode.
// A write to its register 0002 starts and stops; AB CD in place of the CRC
// means not checked. Source: Hamlet HBCS2D100W manual (a GM65), 8.4.
func GM65() Profile {
	command := func(on byte) []byte { return []byte{0x7E, 0, 8, 1, 0, 2, on, 0xAB, 0xCD} }
	return Profile{Name: "gm65", on: command(1), off: command(0), replies: repliesGM65}
}

// Profiles lists the profiles that configuration can name, the default first.
func Profiles() []Profile {
	return []Profile{Presentation(), Honeywell(), Newland(), CipherLab(), GM65()}
}

// ProfileByName finds a profile. An empty name is the default. The error of an
// unknown name lists the names there are.
func ProfileByName(name string) (Profile, error) {
	all := Profiles()
	var names []string
	for _, p := range all {
		if p.Name == name || name == "" {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Profile{}, fmt.Errorf("codescan: no profile %q: use one of %s", name, strings.Join(names, ", "))
}

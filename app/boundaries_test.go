package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A listed package, as `go list -json` tells it.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Deps       []string
}

// list asks the go command about every package of the module. Without cgo and
// with the screens: every boundary shows in that build.
func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports,Deps", "hallkiosk/...")
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []listed
	d := json.NewDecoder(&out)
	for {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

const (
	importFyne   = "fyne.io/fyne/v2"
	importResty  = "github.com/go-resty/resty/v2"
	importSerial = "go.bug.st/serial"
)

// A boundary is something that packages must not depend on, not even through
// others.
type boundary struct {
	name      string
	in        func(path string) bool // the packages it holds for
	forbidden func(dep string) bool
	direct    bool // only direct imports are looked at
}

func under(prefixes ...string) func(string) bool {
	return func(path string) bool {
		for _, p := range prefixes {
			if path == p || strings.HasPrefix(path, p+"/") {
				return true
			}
		}
		return false
	}
}

func except(in, out func(string) bool) func(string) bool {
	return func(path string) bool { return in(path) && !out(path) }
}

var boundaries = []boundary{
	{"only the drawing packages know Fyne",
		except(under("hallkiosk"), under("hallkiosk/app/kiosk/screens", "hallkiosk/app/kiosk/internal/touch")), under(importFyne), true},
	{"the terminal's core runs without Fyne", under("hallkiosk/app/kiosk/internal/session", "hallkiosk/app/kiosk/internal/ticketing",
		"hallkiosk/app/kiosk/internal/peripherals", "hallkiosk/app/kiosk/internal/slip", "hallkiosk/app/kiosk/internal/uplink"), under(importFyne), false},
	{"the central service has no graphics and no devices", under("hallkiosk/app/central"),
		under(importFyne, importSerial, "hallkiosk/devices", "hallkiosk/app/kiosk"), false},
	{"drivers know nothing of the product", under("hallkiosk/devices"), under("hallkiosk/app", "hallkiosk/assets", importFyne), false},
	{"only serialport opens serial ports", except(under("hallkiosk"), under("hallkiosk/devices/serialport")), under(importSerial), true},
	{"only centralapi uses resty", except(under("hallkiosk"), under("hallkiosk/app/centralapi")), under(importResty), true},
	{"the session does no I/O", under("hallkiosk/app/kiosk/internal/session"),
		under("database/sql", "os/exec", "net/http", "net", "hallkiosk/app/kiosk/internal/localstore", "hallkiosk/devices/serialport"), false},
	{"the terminal does not reach into the centre", under("hallkiosk/app/kiosk"), under("hallkiosk/app/central"), false},
}

// broken lists the packages that break b.
func broken(b boundary, all []listed) []string {
	var found []string
	for _, p := range all {
		// The main package assembles everything.
		if !b.in(p.ImportPath) || p.ImportPath == "hallkiosk/app" {
			continue
		}
		deps := p.Deps
		if b.direct {
			deps = p.Imports
		}
		for _, d := range deps {
			if d != p.ImportPath && b.forbidden(d) {
				found = append(found, p.ImportPath+" -> "+d)
			}
		}
	}
	return found
}

func TestBoundaries(t *testing.T) {
	all := list(t)
	for _, b := range boundaries {
		holdsFor := 0
		for _, p := range all {
			if b.in(p.ImportPath) {
				holdsFor++
			}
		}
		if holdsFor == 0 {
			t.Errorf("%s: no package matches; the boundary guards nothing", b.name)
		}
		for _, f := range broken(b, all) {
			t.Errorf("%s: %s", b.name, f)
		}
	}
	// A control that must fail: screens do depend on Fyne.
	control := boundary{in: under("hallkiosk/app/kiosk/screens"), forbidden: under(importFyne)}
	if len(broken(control, all)) == 0 {
		t.Error("the check finds no Fyne in the screens: it finds nothing")
	}
}

// Every package says what it provides, in a comment that begins as Go's do.
func TestEveryPackageIsDocumented(t *testing.T) {
	for _, p := range list(t) {
		documented := false
		for _, f := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, f), nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Fatal(err)
			}
			text := file.Doc.Text()
			if strings.HasPrefix(text, "Package "+file.Name.Name) || (file.Name.Name == "main" && strings.HasPrefix(text, "Command ")) {
				documented = true
			}
		}
		if !documented {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// Exactly one main package stands under app: `go run ./app/...` needs that.
func TestOneProgram(t *testing.T) {
	var mains []string
	for _, p := range list(t) {
		if len(p.GoFiles) == 0 {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, p.GoFiles[0]), nil, parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		if file.Name.Name == "main" {
			mains = append(mains, p.ImportPath)
		}
	}
	if len(mains) != 1 || mains[0] != "hallkiosk/app" {
		t.Errorf("main packages: %v, want hallkiosk/app alone", mains)
	}
}

//go:build !headless

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk"
	"hallkiosk/devices/codescan"
	"hallkiosk/devices/escpos"
)

// defaultConfig is where the packages put a terminal's configuration.
const defaultConfig = "/etc/hallkiosk/terminal.toml"

// terminalConfig is the configuration file of a terminal.
type terminalConfig struct {
	Centre    string `toml:"centre"` // http://10.0.0.2:7080
	Hall      string `toml:"hall"`
	TokenFile string `toml:"token_file"` // holds the token from hallcentral enrol
	Data      string `toml:"data"`
	// Panel is a reference panel's name, or the visible size in millimetres and
	// pixels: "476x268mm 1920x1080".
	Panel  string `toml:"panel"`
	Window bool   `toml:"window"` // a window instead of the full screen

	Printer struct {
		Port    string `toml:"port"`
		Baud    int    `toml:"baud"`
		Profile string `toml:"profile"`
	} `toml:"printer"`
	Reader struct {
		Port string        `toml:"port"`
		Baud int           `toml:"baud"`
		Kind kiosk.Dialect `toml:"kind"`
	} `toml:"reader"`
	Scanner struct {
		Port    string `toml:"port"`
		Baud    int    `toml:"baud"`
		Profile string `toml:"profile"`
	} `toml:"scanner"`
	// Technician is who may see the technician's page: five touches of the upper left
	// corner of the first page within three seconds, then the PIN.
	Technician struct {
		PINHash string `toml:"pin_hash"` // made by `hallkiosk pin`; empty = no such page
	} `toml:"technician"`
}

// readConfig reads and checks a terminal's configuration: everything wrong at
// once, each with its cure.
func readConfig(path string) (terminalConfig, error) {
	c := terminalConfig{
		Panel:     panelDefault,
		Data:      "/var/lib/hallkiosk",
		TokenFile: filepath.Join(filepath.Dir(path), "terminal.token"),
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	d := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	var unknown *toml.StrictMissingError
	var syntax *toml.DecodeError
	switch err := d.Decode(&c); {
	case errors.As(err, &unknown):
		var all []string
		for _, e := range unknown.Errors {
			row, _ := e.Position()
			all = append(all, fmt.Sprintf("%s:%d: unknown setting %q; see the README for those there are", path, row, strings.Join(e.Key(), ".")))
		}
		return c, errors.New(strings.Join(all, "\n"))
	case errors.As(err, &syntax):
		row, _ := syntax.Position()
		return c, fmt.Errorf("%s:%d: %s", path, row, syntax.Error())
	case err != nil:
		return c, fmt.Errorf("%s: %w", path, err)
	}
	return c, c.check(path)
}

func (c *terminalConfig) check(path string) error {
	var all []error
	bad := func(key, cure string) { all = append(all, fmt.Errorf("%s: %s: %s", path, key, cure)) }
	if u, err := url.Parse(c.Centre); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		bad("centre", "give the central service's address, such as http://192.168.1.10:7080")
	}
	if c.Hall == "" {
		bad("hall", "give the hall's id, as in its hall file")
	}
	if _, err := panelByName(c.Panel); err != nil {
		bad("panel", err.Error())
	}
	if _, err := escpos.ProfileByName(c.Printer.Profile); err != nil {
		bad("printer.profile", err.Error())
	}
	if err := c.Reader.Kind.Check(); err != nil {
		bad("reader.kind", err.Error())
	}
	if _, err := codescan.ProfileByName(c.Scanner.Profile); err != nil {
		bad("scanner.profile", err.Error())
	}
	if h := c.Technician.PINHash; h != "" && !hall.IsPINHash(h) {
		bad("technician.pin_hash", "this is no hash of a PIN: run `hallkiosk pin` and copy all of what it prints")
	}
	return errors.Join(all...)
}

// kiosk makes the terminal's own configuration of the file.
func (c *terminalConfig) kiosk() (kiosk.Config, error) {
	token, err := os.ReadFile(c.TokenFile)
	if errors.Is(err, fs.ErrNotExist) {
		return kiosk.Config{}, hintedError{err, "enrol this terminal at the centre (hallcentral enrol) and put the token into that file"}
	}
	if err != nil {
		return kiosk.Config{}, err
	}
	return kiosk.Config{
		Centre: c.Centre, Hall: c.Hall, Token: strings.TrimSpace(string(token)), DataDir: c.Data,
		Printer:        kiosk.Port{Path: c.Printer.Port, Baud: c.Printer.Baud},
		PrinterProfile: c.Printer.Profile,
		Reader:         kiosk.Port{Path: c.Reader.Port, Baud: c.Reader.Baud},
		ReaderDialect:  c.Reader.Kind,
		Scanner:        kiosk.Port{Path: c.Scanner.Port, Baud: c.Scanner.Baud},
		ScannerProfile: c.Scanner.Profile,
		TechnicianPIN:  c.Technician.PINHash,
		Version:        version(),
	}, nil
}

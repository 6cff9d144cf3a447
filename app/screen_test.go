//go:build !headless

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

// The packager reads FyneApp.toml, the program does not: both must say the same.
func TestMetadataAgrees(t *testing.T) {
	data, err := os.ReadFile("../FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Details struct{ Icon, Name, ID, Version string }
	}
	if err := toml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	d := file.Details
	if d.Name != appName || d.ID != appID || d.Version != appVersion {
		t.Errorf("FyneApp.toml says %+v, the program %s, %s, %s", d, appName, appID, appVersion)
	}
	if _, err := os.Stat("../" + d.Icon); err != nil {
		t.Error(err)
	}
}

func TestConfig(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "terminal.toml")
	read := func(text string) (terminalConfig, error) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return readConfig(path)
	}
	good := "centre = \"http://10.0.0.2:7080\"\nhall = \"demo\"\ndata = \"" + dir + "\"\n" +
		"[printer]\nport = \"/dev/serial/by-id/p\"\nprofile = \"epson-80\"\n[reader]\nport = \"/dev/serial/by-id/r\"\nbaud = 9600\n"
	c, err := read(good)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.kiosk(); err == nil || !strings.Contains(err.Error(), "terminal.token") {
		t.Errorf("without a token: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "terminal.token"), []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := c.kiosk()
	if err != nil || k.Token != "secret" || k.Reader.Baud != 9600 || k.Printer.Path != "/dev/serial/by-id/p" {
		t.Errorf("%+v, %v", k.Reader, err)
	}
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"unknown setting":      {good + "[scaner]\nport = \"x\"\n", []string{"terminal.toml:10", "scaner"}},
		"syntax":               {"centre = http\n", []string{"terminal.toml:1"}},
		"everything at once":   {"panel = \"round\"\n[printer]\nprofile = \"fax\"\n", []string{"centre", "hall", "panel", "printer.profile", "21.5-portrait", "epson-80"}},
		"a PIN, not its hash":  {good + "[technician]\npin_hash = \"271828\"\n", []string{"technician.pin_hash", "hallkiosk pin"}},
		"an address is no URL": {"centre = \"10.0.0.2\"\nhall = \"demo\"\n", []string{"http://"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(tt.text)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q: %v", want, err)
				}
			}
		})
	}
}

func TestPanels(t *testing.T) {
	for name, ok := range map[string]bool{
		panelDefault: true, "32-portrait": true, "476x268mm 1920x1080": true, "round": false, "476x268mm 1080x1920": false, "": false,
	} {
		if _, err := panelByName(name); (err == nil) != ok {
			t.Errorf("panel %q: %v, want ok %v", name, err, ok)
		}
	}
}

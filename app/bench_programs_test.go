//go:build bench && linux && !headless

package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hallkiosk/app/kiosk/screens"
)

var benchBuild = flag.String("bench.build", "../build", "folder of the built hallkiosk and hallcentral")

// A contender is one of the programs that are compared.
type contender struct {
	name  string
	panel screens.Panel
	// command is a fresh start of it on the display. profile is a folder for what
	// it keeps from one start to the next: an empty one is a first start.
	command func(t *testing.T, profile string) *exec.Cmd
	display *benchDisplay
}

// start starts it on its display.
func (c *contender) start(t *testing.T, profile string) *benchProcess {
	t.Helper()
	cmd := c.command(t, profile)
	cmd.Env = append(cmd.Environ(), "DISPLAY="+c.display.name)
	return startBench(t, cmd)
}

// chromium shows the file and nothing else. The flags switch off what asks the
// network, which a kiosk's browser would not do either, and what lies over the
// page.
func chromium(panel screens.Panel, file string) *contender {
	return &contender{name: "Chromium", panel: panel, command: func(t *testing.T, profile string) *exec.Cmd {
		return exec.Command("chromium", "--kiosk", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
			"--disable-background-networking", "--disable-component-update", "--disable-sync", "--password-store=basic",
			"--disable-features=Translate", "--window-position=0,0", fmt.Sprintf("--window-size=%d,%d", panel.WidthPx, panel.HeightPx),
			"--user-data-dir="+profile, "file://"+file)
	}}
}

// hallkiosk is the terminal as it is installed in a hall: the built program with
// a configuration file, a centre and devices that are programs of their own. Each
// fresh profile is another terminal of the hall.
func hallkiosk(t *testing.T, panel screens.Panel, terminals int) *contender {
	t.Helper()
	dir := t.TempDir()
	central := filepath.Join(*benchBuild, "hallcentral")
	const hallFile = "../assets/halls/demo.toml"
	data := filepath.Join(dir, "central")
	var tokens []string
	for i := range terminals {
		out, err := exec.Command(central, "enrol", "-hall", hallFile, "-data", data, "-terminal", fmt.Sprintf("%d", i+1)).Output()
		if err != nil {
			t.Fatalf("enrol: %v", err)
		}
		tokens = append(tokens, strings.TrimSpace(string(out)))
	}
	line := firstLine(t, exec.Command(central, "serve", "-hall", hallFile, "-data", data, "-listen", "127.0.0.1:0", "-always-open"), "window console")
	centre := strings.TrimSuffix(strings.Fields(line)[2], "/console")
	devices := filepath.Join(dir, "devices")
	firstLine(t, exec.Command(central, "simulate", "-dir", devices), "scanner")

	return &contender{name: "Hallkiosk", panel: panel, command: func(t *testing.T, profile string) *exec.Cmd {
		config := filepath.Join(profile, "terminal.toml")
		if _, err := os.Stat(config); err != nil {
			if len(tokens) == 0 {
				t.Fatal("too few terminals were enrolled")
			}
			text := fmt.Sprintf("centre = %q\nhall = \"demo\"\ndata = %q\npanel = \"21.5-portrait\"\n"+
				"[printer]\nport = %q\nprofile = \"epson-80\"\n[reader]\nport = %q\n[scanner]\nport = %q\n",
				centre, filepath.Join(profile, "data"), filepath.Join(devices, "printer"), filepath.Join(devices, "reader"), filepath.Join(devices, "scanner"))
			if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(profile, "terminal.token"), []byte(tokens[0]+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			tokens = tokens[1:]
		}
		return exec.Command(filepath.Join(*benchBuild, "hallkiosk"), "terminal", "-config", config)
	}}
}

//go:build !headless

package main

import "context"

// The full build is the terminal's program.
const (
	programName    = "hallkiosk"
	defaultCommand = "terminal"
)

// The application as desktops know it; FyneApp.toml says the same, which a test
// compares.
const (
	appID      = "cn.hallkiosk.terminal"
	appName    = "Hall Kiosk"
	appVersion = "0.1.0"
)

func screenCommands() []command {
	return []command{
		{"terminal", "[-config FILE] [-window]",
			"run the terminal of this machine; without a configuration, the demonstration hall", runTerminal},
		{"demo", "[-state DIR] [-listen ADDR] [-hall FILE] [-panel NAME] [-real-hours]",
			"a whole hall in one program: centre, simulated devices and the terminal's window", runDemo},
		{"gallery", "[-hall FILE] [-out DIR] [-panel NAME] [-page NAME] [-mode normal|assisted] [-lang zh|en]",
			"every screen as a picture, without a display",
			func(ctx context.Context, args []string, std stdio) error {
				return runGallery(ctx, args, std.out, std.err)
			}},
	}
}

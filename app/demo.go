//go:build !headless

package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"hallkiosk/app/central"
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk"
	"hallkiosk/app/kiosk/screens"
	"hallkiosk/assets"
	demoguides "hallkiosk/assets/guides/demo"
	"hallkiosk/devices/simulator"
)

// demoHelp tells what to do with the demonstration.
const demoHelp = `
That page has buttons for what happens at the terminal's devices. Or type it here, for instance
  card zhang       lay a card on the reader      lift             take it away
  paper out        the printer runs out of paper paper load       load it again
  printer unplug   pull the printer's cable      printer plug     plug it in
  show             the last ticket as text       help             everything else
Ctrl-C ends the demonstration. Its data stays in %s.
`

// runDemo is a whole hall in one process: the central service on loopback, the
// devices on pseudo-terminals, and the terminal's window.
func runDemo(ctx context.Context, args []string, std stdio) error {
	fs := flag.NewFlagSet("demo", flag.ContinueOnError)
	state := fs.String("state", "", "`folder` for everything the demonstration keeps (default: the user's state directory)")
	listen := fs.String("listen", "127.0.0.1:7080", "`address` of the central service")
	hallFile := fs.String("hall", "", "hall `file` (default: the built-in demonstration hall)")
	panelName := fs.String("panel", "", "`panel` to show, such as 21.5-portrait or 10.1-landscape (default: one that fits the display)")
	realHours := fs.Bool("real-hours", false, "keep the hall's opening hours; otherwise it is always open")
	touchMap := fs.String("touch-map", "", "`file` that always says where on the screen what can be touched, for automatic tests")
	if ok, err := parseFlags(fs, args, std); !ok {
		return err
	}
	if *state == "" {
		dir, err := stateDir("demo")
		if err != nil {
			return err
		}
		*state = dir
	}
	if *panelName == "" {
		*panelName = panelDefault
		if os.Getenv("DISPLAY") != "" {
			*panelName = "10.1-landscape" // fits a desktop
		}
	}
	panel, err := panelByName(*panelName)
	if err != nil {
		return usageError{err}
	}
	h, err := demoHall(*hallFile)
	if err != nil {
		return err
	}
	if !*realHours {
		h = h.AlwaysOpen()
	}
	demo, err := startDemo(ctx, *state, *listen, h, panel)
	if err != nil {
		return err
	}
	defer demo.close()
	fmt.Fprintf(std.out, "Hall            %s\nWindow console  %s/console   (log in as %s with the password %s)\nTV board        %s/board\nDevices         %s   (lay a card, take the paper away, see the ticket)\n",
		h.Name, demo.service.URL(), demoLogins(), demoPassword, demo.service.URL(), demo.page)
	fmt.Fprintf(std.out, demoHelp, *state)
	go obey(ctx, demo.devices, std)

	return runWindow(ctx, demo.terminal, windowOptions{
		panel: panel, window: true, touchMap: *touchMap,
		pictures: filepath.Join(*state, "screens"), out: std.out,
	}, demo.failed)
}

func demoHall(path string) (*hall.Hall, error) {
	if path == "" {
		f, err := hall.Parse("demo.toml", assets.DemoHall)
		if err != nil {
			return nil, err
		}
		return f.Hall, nil
	}
	f, err := hall.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return f.Hall, nil
}

// A demonstration is the running parts, in the order in which they were started.
type demonstration struct {
	service  *central.Service
	devices  *simulator.Hall
	page     string // address of the devices' page
	stopPage func()
	terminal *kiosk.Terminal

	stop   context.CancelFunc
	parts  sync.WaitGroup
	failed chan error // a part has ended that should not have
}

func startDemo(ctx context.Context, dir, listen string, h *hall.Hall, panel screens.Panel) (_ *demonstration, err error) {
	ctx, stop := context.WithCancel(ctx)
	d := &demonstration{stop: stop, failed: make(chan error, 2)}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	logFile, err := openLog(filepath.Join(dir, "demo.log"))
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { d.parts.Wait(); logFile.Close() })
	logger := newLogger(logFile)
	log.SetOutput(logFile) // Fyne's own messages

	d.service, err = central.New(central.Config{
		DataDir: filepath.Join(dir, "central"), Addr: listen, Halls: []*hall.Hall{h}, Logger: logger,
	})
	if err != nil {
		return nil, err
	}
	token, err := demoToken(filepath.Join(dir, "terminal.token"))
	if err != nil {
		return nil, err
	}
	if _, err = d.service.EnsureTerminal(ctx, h.ID, "演示终端", token); err != nil {
		return nil, err
	}
	if err = demoGuides(ctx, d.service, h.ID, logger); err != nil {
		return nil, err
	}
	if err = demoStaff(ctx, d.service, h.ID); err != nil {
		return nil, err
	}
	d.run(func() error { return d.service.Run(ctx) })
	select {
	case <-d.service.Listening():
	case err = <-d.failed:
		return nil, hintedError{err, "another program may use that address: choose another with -listen 127.0.0.1:0"}
	}

	devices := filepath.Join(dir, "devices")
	drawer, err := paperDrawer("")
	if err != nil {
		return nil, err
	}
	d.devices, err = simulator.Start(simulator.Config{Dir: devices, Drawer: drawer, Printer: simulator.PrinterModel{XOFF: true, Keep: 200}})
	if err != nil {
		return nil, err
	}
	if d.page, d.stopPage, err = servePage(d.devices, "127.0.0.1:0"); err != nil {
		return nil, err
	}
	port := func(name string) kiosk.Port { return kiosk.Port{Path: filepath.Join(devices, name)} }
	c := kiosk.Config{
		Centre: d.service.URL(), Hall: h.ID, Token: token, DataDir: filepath.Join(dir, "terminal"),
		Printer: port("printer"), PrinterProfile: "epson-80", Reader: port("reader"), Scanner: port("scanner"), Logger: logger,
	}
	if err = forPanel(&c, panel); err != nil {
		return nil, err
	}
	if d.terminal, err = kiosk.New(c); err != nil {
		return nil, err
	}
	d.run(func() error { return d.terminal.Run(ctx) })
	return d, nil
}

// demoGuides gives a hall without guides the made-up ones. A hall of the user's own
// has other businesses than these name; then it has none.
func demoGuides(ctx context.Context, service *central.Service, hallID string, logger *slog.Logger) error {
	known, err := service.Guides(ctx, hallID)
	if err != nil || len(known.Guides) > 0 {
		return err
	}
	c, err := demoguides.Catalogue()
	if err != nil {
		return err
	}
	_, err = service.ImportGuides(ctx, hallID, c)
	if refused, ok := errors.AsType[*central.GuidesRefused](err); ok {
		logger.Warn("demo: no guides", "error", refused)
		return nil
	}
	return err
}

// demoPassword is the password of all demonstration accounts. The demonstration
// listens on this machine only, unless it is told otherwise.
const demoPassword = "demo-2026"

// demoPeople are made up; there is one account for each role at least.
var demoPeople = []central.NewStaff{
	{Login: "li", Name: "李示例", Roles: []string{"clerk"}},
	{Login: "wang", Name: "王示例", Roles: []string{"clerk"}},
	{Login: "guan", Name: "管示例", Roles: []string{"manager"}},
	{Login: "ji", Name: "技示例", Roles: []string{"technician"}},
	{Login: "su", Name: "诉示例", Roles: []string{"complaints"}},
}

// demoLogins names the accounts and what they are for.
func demoLogins() string {
	var out []string
	for _, p := range demoPeople {
		out = append(out, p.Login+" "+central.StaffRoleName(p.Roles[0]))
	}
	return strings.Join(out, ", ")
}

// demoStaff makes the demonstration accounts that are missing.
func demoStaff(ctx context.Context, service *central.Service, hallID string) error {
	known, err := service.Staff(ctx, hallID)
	if err != nil {
		return err
	}
	for _, p := range demoPeople {
		if slices.ContainsFunc(known, func(s central.Staff) bool { return s.Login == p.Login }) {
			continue
		}
		p.Password, p.Keep = demoPassword, true
		if _, err := service.AddStaff(ctx, hallID, p); err != nil {
			return err
		}
	}
	return nil
}

// run runs a part until the demonstration ends; if the part ends first, that
// ends the demonstration.
func (d *demonstration) run(part func() error) {
	d.parts.Go(func() {
		if err := part(); err != nil && !errors.Is(err, context.Canceled) {
			d.failed <- err
		}
	})
}

// close stops every part, newest first, and leaves nothing behind but the data.
func (d *demonstration) close() {
	d.stop()
	d.parts.Wait()
	if d.terminal != nil {
		d.terminal.Close()
	}
	if d.stopPage != nil {
		d.stopPage()
	}
	if d.devices != nil {
		d.devices.Close()
	}
	if d.service != nil {
		d.service.Close()
	}
}

// demoToken reads the demonstration terminal's token, or makes it.
func demoToken(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err == nil && len(strings.TrimSpace(string(data))) > 0 {
		return strings.TrimSpace(string(data)), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	token := hex.EncodeToString(raw)
	return token, os.WriteFile(path, []byte(token+"\n"), 0o600)
}

func openLog(path string) (io.WriteCloser, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
}

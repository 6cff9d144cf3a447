package serialport

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Found is a port that the kernel knows, with what it says about the device
// behind it. It may be in use by anybody.
type Found struct {
	// Path is the device file, /dev/ttyUSB0, which may be another one after the
	// next start.
	Path string
	// Stable is a name of it that stays: below /dev/serial/by-id, or by-path when
	// the device has no name of its own. "" when there is none.
	Stable string
	// VID and PID are the USB identifiers, four hexadecimal digits each, "" for
	// a port that is not on USB.
	VID, PID string
	// Serial, Maker and Product are what the USB device says of itself, each
	// possibly "".
	Serial, Maker, Product string
	// Driver is the kernel's driver: ch341-uart, ftdi_sio, cdc_acm, usblp.
	Driver string
}

// ID is the USB identity as technicians know it, 1a86:7523, or "".
func (f Found) ID() string {
	if f.VID == "" {
		return ""
	}
	return f.VID + ":" + f.PID
}

// A Finder finds ports by reading what the kernel says about them in sysfs. It
// opens no port: opening one can change its speed under whoever uses it. The
// zero value reads this machine; on systems without sysfs it finds nothing.
type Finder struct {
	// Sys and Dev are the folders to read, /sys and /dev when empty.
	Sys, Dev string
}

func (f Finder) sys() string {
	if f.Sys == "" {
		return "/sys"
	}
	return f.Sys
}

func (f Finder) dev() string {
	if f.Dev == "" {
		return "/dev"
	}
	return f.Dev
}

// Serial lists the serial ports with hardware behind them, by path.
func (f Finder) Serial() ([]Found, error) {
	stable := f.stableNames()
	return f.list("tty", "", func(name, dir string) bool {
		if _, err := os.Stat(filepath.Join(dir, "device")); err != nil {
			return false // a console or a pseudo-terminal
		}
		// The kernel makes ttyS0 to ttyS3 whether or not there is a chip; type
		// 0 is "unknown", that is none.
		kind, err := os.ReadFile(filepath.Join(dir, "type"))
		return err != nil || strings.TrimSpace(string(kind)) != "0"
	}, func(name string) string { return stable[name] })
}

// Printers lists the USB printers of the printer class (usblp), by path. They
// have no stable names; package usblp finds them by VID, PID and serial number.
func (f Finder) Printers() ([]Found, error) {
	return f.list("usbmisc", "usb", func(name, _ string) bool { return strings.HasPrefix(name, "lp") },
		func(string) string { return "" })
}

// list reads one class of devices. below is the folder in /dev with their files.
func (f Finder) list(class, below string, wanted func(name, dir string) bool, stable func(name string) string) ([]Found, error) {
	root := filepath.Join(f.sys(), "class", class)
	entries, err := os.ReadDir(root)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("serialport: listing ports: %w", err)
	}
	var all []Found
	for _, e := range entries {
		dir := filepath.Join(root, e.Name())
		if !wanted(e.Name(), dir) {
			continue
		}
		found := Found{Path: filepath.Join(f.dev(), below, e.Name()), Stable: stable(e.Name())}
		f.describe(&found, dir)
		all = append(all, found)
	}
	slices.SortFunc(all, func(a, b Found) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

// describe fills in what the devices above a port say: the nearest one with a
// driver, and the USB device.
func (f Finder) describe(found *Found, dir string) {
	device, err := filepath.EvalSymlinks(filepath.Join(dir, "device"))
	if err != nil {
		return
	}
	root, err := filepath.EvalSymlinks(f.sys())
	if err != nil {
		return
	}
	for ; strings.HasPrefix(device, root+"/"); device = filepath.Dir(device) {
		if found.Driver == "" {
			if driver, err := os.Readlink(filepath.Join(device, "driver")); err == nil {
				found.Driver = filepath.Base(driver)
			}
		}
		read := func(name string) string {
			b, _ := os.ReadFile(filepath.Join(device, name))
			return strings.ToValidUTF8(strings.TrimSpace(string(b)), "")
		}
		if vid := read("idVendor"); vid != "" {
			found.VID, found.PID = vid, read("idProduct")
			found.Serial, found.Maker, found.Product = read("serial"), read("manufacturer"), read("product")
			return
		}
	}
}

// stableNames are the stable names by kernel name.
func (f Finder) stableNames() map[string]string {
	names := map[string]string{}
	for _, kind := range []string{"by-path", "by-id"} { // the latter wins
		dir := filepath.Join(f.dev(), "serial", kind)
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // made by udev when there is the first such port
		}
		for _, e := range entries {
			if target, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil {
				names[filepath.Base(target)] = filepath.Join(dir, e.Name())
			}
		}
	}
	return names
}

// Identify tells what is behind a path, which may be a stable name, a link or a
// device file of either kind of port. ok is false when the kernel knows no such
// port at the moment.
func (f Finder) Identify(path string) (found Found, ok bool) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return Found{}, false
	}
	dev, err := filepath.EvalSymlinks(f.dev())
	if err != nil {
		return Found{}, false
	}
	for _, list := range []func() ([]Found, error){f.Serial, f.Printers} {
		all, err := list()
		if err != nil {
			continue
		}
		for _, found := range all {
			rel, err := filepath.Rel(f.dev(), found.Path)
			if err == nil && filepath.Join(dev, rel) == real {
				return found, true
			}
		}
	}
	return Found{}, false
}

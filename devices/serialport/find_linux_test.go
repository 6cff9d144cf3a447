package serialport

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// machine makes folders like /sys and /dev, from files with their content and
// links with their targets.
func machine(t *testing.T, files, links map[string]string) Finder {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range links {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
	}
	return Finder{Sys: filepath.Join(root, "sys"), Dev: filepath.Join(root, "dev")}
}

// hallMachine has a CH340 printer cable, a reader without a serial number, a
// UART chip, an empty UART place, a console, and a USB printer.
func hallMachine(t *testing.T) Finder {
	const usb = "sys/devices/pci0/usb1/1-1/"
	return machine(t, map[string]string{
		usb + "idVendor":                                    "1a86\n",
		usb + "idProduct":                                   "7523\n",
		usb + "product":                                     "USB Serial\n",
		usb + "manufacturer":                                "QinHeng\xff Electronics\n",
		usb + "1-1:1.0/ttyUSB0/tty/ttyUSB0/dev":             "188:0\n",
		"sys/devices/pci0/usb1/1-2/idVendor":                "0400\n",
		"sys/devices/pci0/usb1/1-2/idProduct":               "c35a\n",
		"sys/devices/pci0/usb1/1-2/serial":                  "SN12\n",
		"sys/devices/pci0/usb1/1-2/1-2:1.0/tty/ttyACM0/dev": "166:0\n",
		"sys/devices/pci0/usb1/1-3/idVendor":                "0483\n",
		"sys/devices/pci0/usb1/1-3/idProduct":               "5743\n",
		"sys/devices/pci0/usb1/1-3/product":                 "Printer-80\n",
		"sys/devices/pci0/usb1/1-3/1-3:1.0/usbmisc/lp0/dev": "180:0\n",
		"sys/devices/platform/serial8250/tty/ttyS0/type":    "4\n",
		"sys/devices/platform/serial8250/tty/ttyS1/type":    "0\n",
		"sys/devices/virtual/tty/tty0/dev":                  "4:0\n",
		"sys/bus/usb-serial/drivers/ch341-uart/bind":        "",
		"dev/ttyUSB0": "",
		"dev/ttyACM0": "",
		"dev/ttyS0":   "",
		"dev/usb/lp0": "",
		"dev/other":   "",
	}, map[string]string{
		usb + "1-1:1.0/ttyUSB0/driver":                         "../../../../../../bus/usb-serial/drivers/ch341-uart",
		usb + "1-1:1.0/ttyUSB0/tty/ttyUSB0/device":             "../../../ttyUSB0",
		"sys/devices/pci0/usb1/1-2/1-2:1.0/driver":             "../../../../../bus/usb/drivers/cdc_acm",
		"sys/devices/pci0/usb1/1-2/1-2:1.0/tty/ttyACM0/device": "../../../1-2:1.0",
		"sys/devices/pci0/usb1/1-3/1-3:1.0/driver":             "../../../../../bus/usb/drivers/usblp",
		"sys/devices/pci0/usb1/1-3/1-3:1.0/usbmisc/lp0/device": "../../../1-3:1.0",
		"sys/devices/platform/serial8250/tty/ttyS0/device":     "../../../serial8250",
		"sys/devices/platform/serial8250/tty/ttyS1/device":     "../../../serial8250",
		"sys/devices/platform/serial8250/driver":               "../../../bus/platform/drivers/serial8250",
		"sys/class/tty/ttyUSB0":                                "../../devices/pci0/usb1/1-1/1-1:1.0/ttyUSB0/tty/ttyUSB0",
		"sys/class/tty/ttyACM0":                                "../../devices/pci0/usb1/1-2/1-2:1.0/tty/ttyACM0",
		"sys/class/tty/ttyS0":                                  "../../devices/platform/serial8250/tty/ttyS0",
		"sys/class/tty/ttyS1":                                  "../../devices/platform/serial8250/tty/ttyS1",
		"sys/class/tty/tty0":                                   "../../devices/virtual/tty/tty0",
		"sys/class/usbmisc/lp0":                                "../../devices/pci0/usb1/1-3/1-3:1.0/usbmisc/lp0",
		"dev/serial/by-path/pci-0-usb-0:1:1.0":                 "../../ttyUSB0",
		"dev/serial/by-path/pci-0-usb-0:2:1.0":                 "../../ttyACM0",
		"dev/serial/by-id/usb-reader_SN12-if00":                "../../ttyACM0",
		"dev/hall-printer":                                     "ttyUSB0",
	})
}

func TestFinder(t *testing.T) {
	f := hallMachine(t)
	dev := func(name string) string { return filepath.Join(f.Dev, name) }
	want := []Found{
		{Path: dev("ttyACM0"), Stable: dev("serial/by-id/usb-reader_SN12-if00"), VID: "0400", PID: "c35a", Serial: "SN12", Driver: "cdc_acm"},
		{Path: dev("ttyS0"), Driver: "serial8250"},
		{Path: dev("ttyUSB0"), Stable: dev("serial/by-path/pci-0-usb-0:1:1.0"), VID: "1a86", PID: "7523",
			Maker: "QinHeng Electronics", Product: "USB Serial", Driver: "ch341-uart"},
	}
	got, err := f.Serial()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
	printer := Found{Path: dev("usb/lp0"), VID: "0483", PID: "5743", Product: "Printer-80", Driver: "usblp"}
	if got, err := f.Printers(); err != nil || !reflect.DeepEqual(got, []Found{printer}) {
		t.Errorf("printers: %+v, %v", got, err)
	}
	for path, id := range map[string]string{
		"hall-printer": "1a86:7523", "ttyUSB0": "1a86:7523", "serial/by-id/usb-reader_SN12-if00": "0400:c35a",
		"usb/lp0": "0483:5743", "ttyS0": "",
	} {
		if found, ok := f.Identify(dev(path)); !ok || found.ID() != id {
			t.Errorf("%s: %+v, %v", path, found, ok)
		}
	}
	for _, path := range []string{"other", "missing"} {
		if found, ok := f.Identify(dev(path)); ok {
			t.Errorf("%s: %+v", path, found)
		}
	}
}

// A machine without such devices, and one without sysfs, have none.
func TestFinderFindsNothing(t *testing.T) {
	for _, f := range []Finder{{Sys: t.TempDir(), Dev: t.TempDir()}, {Sys: "/nowhere", Dev: "/nowhere"}} {
		serial, err1 := f.Serial()
		printers, err2 := f.Printers()
		if len(serial)+len(printers) != 0 || err1 != nil || err2 != nil {
			t.Errorf("%v %v %v %v", serial, printers, err1, err2)
		}
	}
	if _, err := (Finder{}).Serial(); err != nil { // this machine, whatever it has
		t.Error(err)
	}
}

// A device that comes back under another number keeps its stable name.
func TestRenumbered(t *testing.T) {
	f := hallMachine(t)
	link := filepath.Join(f.Dev, "serial/by-id/usb-reader_SN12-if00")
	os.Remove(link)
	if err := os.Symlink("../../ttyUSB0", link); err != nil {
		t.Fatal(err)
	}
	if found, ok := f.Identify(link); !ok || found.Path != filepath.Join(f.Dev, "ttyUSB0") || found.Stable != link {
		t.Errorf("%+v, %v", found, ok)
	}
}

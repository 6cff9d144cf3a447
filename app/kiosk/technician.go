package kiosk

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"hallkiosk/app/kiosk/internal/peripherals"
)

// Device is what a technician sees of one of the terminal's devices.
type Device struct {
	Name string // printer, reader, scanner
	peripherals.Snapshot
}

// Title is what people call the device, in Chinese.
func (d Device) Title() string { return deviceTitles[d.Name] }

// StateWords is its state in Chinese.
func (d Device) StateWords() string { return stateWords[d.State] }

var deviceTitles = map[string]string{"printer": "打印机", "reader": "身份证阅读器", "scanner": "扫码器"}

var stateWords = map[peripherals.State]string{
	peripherals.Ready: "正常", peripherals.Absent: "找不到", peripherals.Fault: "有故障",
	peripherals.Opening: "正在打开", peripherals.Busy: "正在工作", peripherals.Closed: "已关闭",
}

// well reports whether nothing need be done about the device.
func (d Device) well() bool {
	return (d.State == peripherals.Ready || d.State == peripherals.Busy) && d.Hint == peripherals.HintNone
}

// details are what else a technician may want to know of it.
func (d Device) details() []string {
	out := []string{d.Path}
	if d.Port.Path != "" && d.Port.ID() != "" {
		out = append(out, strings.TrimSpace(d.Port.ID()+" "+d.Port.Product))
	}
	if d.Opened > 1 {
		out = append(out, fmt.Sprintf("已打开 %d 次", d.Opened))
	}
	if d.Leaked > 0 {
		out = append(out, fmt.Sprintf("有 %d 次写入卡死在端口里，超过十次请重新启动终端", d.Leaked))
	}
	return out
}

// Cure is what to do about the device, in Chinese; "" for one that is well.
func (d Device) Cure() string { return d.Hint.Chinese() }

// DeviceReport is how the devices of a running terminal are.
type DeviceReport struct {
	At      time.Time // when it was written
	PID     int       // of the terminal that wrote it
	Devices []Device  // that are configured
}

// Devices returns how the configured devices are now.
func (t *Terminal) Devices() []Device {
	var out []Device
	for _, d := range []struct {
		name string
		port Port
		of   interface{ Snapshot() peripherals.Snapshot }
	}{{"printer", t.config.Printer, t.printer}, {"reader", t.config.Reader, t.reader}, {"scanner", t.config.Scanner, t.scanner}} {
		if d.port.Path != "" {
			out = append(out, Device{Name: d.name, Snapshot: d.of.Snapshot()})
		}
	}
	return out
}

// The report lies in the data folder, for a technician whose shell knows nothing
// else of the terminal. It is looked at every reportEvery and written when
// something but the time of the last answer has changed, or is older than
// reportAnew, so that it tells a living terminal from a dead one.
const (
	reportFile  = "devices.json"
	reportEvery = time.Second
	reportAnew  = time.Minute
)

func (t *Terminal) reportDevices(ctx context.Context) {
	var told []Device
	var at time.Time
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	for {
		now := t.Devices()
		if !sameDevices(told, now) || time.Since(at) >= reportAnew {
			if err := writeReport(t.config.DataDir, DeviceReport{At: time.Now(), PID: os.Getpid(), Devices: now}); err != nil {
				t.logFailure("report devices", err)
			}
			told, at = now, time.Now()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sameDevices compares reports apart from when devices last answered.
func sameDevices(a, b []Device) bool {
	still := func(of []Device) []Device {
		out := make([]Device, len(of))
		for i, d := range of {
			d.Heard = time.Time{}
			out[i] = d
		}
		return out
	}
	return reflect.DeepEqual(still(a), still(b))
}

// writeReport replaces the report in one step, so that nobody reads half of it. It
// is not made durable: after a power cut it would be wrong anyway.
func writeReport(dir string, r DeviceReport) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("kiosk: report of devices: %w", err)
	}
	name := filepath.Join(dir, reportFile)
	if err := os.WriteFile(name+".new", data, 0o644); err != nil {
		return fmt.Errorf("kiosk: report of devices: %w", err)
	}
	return os.Rename(name+".new", name)
}

// ReadDevices reads the report that the terminal with this data folder wrote last.
// It fails with fs.ErrNotExist in its chain when none ever ran there.
func ReadDevices(dataDir string) (DeviceReport, error) {
	data, err := os.ReadFile(filepath.Join(dataDir, reportFile))
	if err != nil {
		return DeviceReport{}, fmt.Errorf("kiosk: report of devices: %w", err)
	}
	var r DeviceReport
	if err := json.Unmarshal(data, &r); err != nil {
		return DeviceReport{}, fmt.Errorf("kiosk: report of devices: %w", err)
	}
	return r, nil
}

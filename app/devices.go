package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"
	"time"

	"hallkiosk/app/kiosk"
	"hallkiosk/devices/serialport"
)

// reportStale is when a report is no longer that of a running terminal, which
// writes it anew every minute.
const reportStale = 2 * time.Minute

// runDevices shows a technician what is attached and how the terminal finds it. It
// opens no port: the terminal may be printing.
func runDevices(_ context.Context, args []string, std stdio) error {
	set := flag.NewFlagSet("devices", flag.ContinueOnError)
	data := set.String("data", defaultTerminalData, "data `folder` of the terminal")
	if ok, err := parseFlags(set, args, std); !ok {
		return err
	}
	if set.NArg() > 0 {
		return usageError{errors.New("devices takes no arguments")}
	}
	w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
	if err := listPorts(w); err != nil {
		return err
	}
	report, err := kiosk.ReadDevices(*data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Fprintf(w, "\n%s 里没有终端的设备报告：终端没有在这台机器上运行过，或者数据放在别处（用 -data 指明）。\n", *data)
	case err != nil:
		return err
	default:
		listDevices(w, report, time.Now())
	}
	return w.Flush()
}

// listPorts lists what the kernel knows, in use or not.
func listPorts(w *tabwriter.Writer) error {
	var finder serialport.Finder
	serial, err := finder.Serial()
	if err != nil {
		return err
	}
	printers, err := finder.Printers()
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "这台机器上的端口（没有打开它们）：")
	if len(serial)+len(printers) == 0 {
		fmt.Fprintln(w, "  没有串口，也没有 USB 打印机。请检查电源和数据线。")
		return nil
	}
	for _, p := range append(serial, printers...) {
		name := p.Stable
		if name == "" {
			name = p.Path + "（没有固定名字，换一个插口会变）"
		}
		usb := ""
		if p.VID != "" {
			usb = p.VID + ":" + p.PID
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", name, usb, strings.TrimSpace(p.Maker+" "+p.Product), p.Driver)
	}
	return nil
}

func listDevices(w *tabwriter.Writer, r kiosk.DeviceReport, now time.Time) {
	fmt.Fprintf(w, "\n终端里的设备（%s 的情况）：\n", r.At.Local().Format("2006-01-02 15:04:05"))
	if now.Sub(r.At) > reportStale {
		fmt.Fprintln(w, "  注意：终端现在没有运行，下面是它停下之前的情况。")
	}
	if len(r.Devices) == 0 {
		fmt.Fprintln(w, "  没有配置任何设备：请在 terminal.toml 里写明 [printer]、[reader] 的 port。")
	}
	for _, d := range r.Devices {
		fmt.Fprintf(w, "  %s\t%s\t自 %s\t已打开 %d 次\n", d.Title(), d.StateWords(), d.Since.Local().Format("01-02 15:04:05"), d.Opened)
		port := d.Path
		if id := d.Port.ID(); d.Port.Path != "" && id != "" {
			port += "（" + strings.TrimSpace(id+" "+d.Port.Product) + "）"
		}
		fmt.Fprintf(w, "      端口：%s\n", port)
		if cure := d.Cure(); cure != "" {
			fmt.Fprintf(w, "      %s\n", cure)
		}
		if d.Detail != "" {
			fmt.Fprintf(w, "      原因：%s\n", d.Detail)
		}
		if d.Leaked > 0 {
			fmt.Fprintf(w, "      有 %d 次写入卡死在端口里；超过十次请重新启动终端。\n", d.Leaked)
		}
	}
}

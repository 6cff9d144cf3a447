package escpos_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hallkiosk/devices/escpos"
	"hallkiosk/devices/serialport"
	"hallkiosk/devices/simulator"
)

// Programs that nobody here wrote. receiptio is an ESC/POS client with status:
// it and our driver must agree about the simulated printer. receiptline makes
// ESC/POS from text: its bytes and ours must decode to the same text. zbarimg
// reads what a phone would.

// packages are what is installed below build/npm, all of it.
var packages = []string{"receiptio@2.1.2", "receiptline@1.16.2", "iconv-lite@0.6.3", "pngjs@5.0.0", "safer-buffer@2.1.2"}

// missing skips the test, so that it is seen; with HALL_OUTSIDE=must it fails.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("HALL_OUTSIDE") == "must" {
		t.Fatalf(format, args...)
	}
	t.Skipf("NOT TESTED: "+format, args...)
}

// npm installs the packages once, in exactly these versions, and returns the
// folder of them.
func npm(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"npm", "node"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing(t, "%s is not installed: install Debian's npm", tool)
		}
	}
	dir, err := filepath.Abs("../../build/npm")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := os.Create(filepath.Join(dir, ".lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	done := filepath.Join(dir, ".installed")
	if b, err := os.ReadFile(done); err == nil && string(b) == strings.Join(packages, " ") {
		return dir
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	// The folder of its own keeps npm from the settings of the one above.
	args := append([]string{"install", "--prefix", dir, "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"}, packages...)
	cmd := exec.CommandContext(ctx, "npm", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		missing(t, "npm install: %v\n%s", err, out)
	}
	if err := os.WriteFile(done, []byte(strings.Join(packages, " ")), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// bridge puts the simulated printer on the network, where receiptio looks for
// it: port 9100, which is fixed in that program, of a loopback address that is
// this test's own; n tells its cases apart. drop is taken out of what the client sends.
func bridge(t *testing.T, n int, device, drop string) (ip string) {
	t.Helper()
	port := open(t, device)
	pid := os.Getpid()
	ip = fmt.Sprintf("127.%d.%d.%d", 100+n, pid>>8&255, 1+pid%254)
	l, err := net.Listen("tcp", ip+":9100")
	if err != nil {
		missing(t, "receiptio's port: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		back := make(chan struct{})
		go func() { // what the printer says
			defer close(back)
			buf := make([]byte, 512)
			for {
				n, err := port.Read(buf)
				if err != nil {
					conn.Close()
					return
				}
				if n > 0 {
					if _, err := conn.Write(buf[:n]); err != nil {
						return
					}
				}
			}
		}()
		buf := make([]byte, 64<<10)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				break
			}
			b := buf[:n]
			if drop != "" {
				b = []byte(strings.ReplaceAll(string(b), drop, ""))
			}
			if _, err := port.Write(b); err != nil {
				break
			}
		}
		conn.Close()
		port.Close()
		<-back
	}()
	t.Cleanup(func() {
		l.Close()
		port.Close()
		<-ended
	})
	return ip
}

const markdown = "测试市政务服务中心\n取号 A012\n前面还有 4 人\n"

// receiptio says of our simulated printer, in every state, what it should, and
// our driver says the same.
func TestReceiptioAgrees(t *testing.T) {
	dir := npm(t)
	for i, c := range []struct {
		name, state, drop string
		args              string
		result            string
		code              int
		ours              string // the driver's code for the same state
		paper             bool
	}{
		{name: "well", result: "success", paper: true},
		{name: "near end", state: "paper low", result: "success", paper: true},
		{name: "asked only", args: "-q", result: "online", code: 100},
		{name: "no paper", state: "paper out", result: "paperempty", code: 102, ours: escpos.CodePaperOut},
		{name: "cover open", state: "cover open", result: "coveropen", code: 101, ours: escpos.CodeCoverOpen},
		{name: "cutter", state: "cutter error", result: "error", code: 103, ours: escpos.CodeCutter},
		{name: "no answer to GS r", drop: "\x1dr1", args: "-t 3", result: "timeout", code: 106, paper: true},
		{name: "silent", state: "printer silent", result: "offline", code: 104, ours: escpos.CodeOffline},
		{name: "nobody there", state: "printer unplug", result: "disconnect", code: 105},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			t.Parallel() // most of the time receiptio waits
			folder := t.TempDir()
			h, err := simulator.Start(simulator.Config{Dir: folder, Unpaced: true})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { h.Close() })
			device := filepath.Join(folder, simulator.PrinterLink)
			ip := "127.0.0.0" // nothing can listen there
			if c.state != "printer unplug" {
				if c.state != "" {
					if _, err := h.Exec(c.state); err != nil {
						t.Fatal(err)
					}
				}
				ours(t, device, c.ours)
				ip = bridge(t, i, device, c.drop)
			}
			source := filepath.Join(folder, "ticket.receipt")
			if err := os.WriteFile(source, []byte(markdown), 0o644); err != nil {
				t.Fatal(err)
			}
			args := append([]string{filepath.Join(dir, "node_modules/receiptio/bin/cli.js"), "-d", ip, "-l", "zh-hans", "-p", "escpos"}, strings.Fields(c.args)...)
			if !strings.Contains(c.args, "-q") {
				args = append(args, source)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, "node", args...)
			out, err := cmd.CombinedOutput()
			if got := strings.TrimSpace(string(out)); got != c.result || cmd.ProcessState.ExitCode() != c.code {
				t.Errorf("receiptio says %q, code %d, want %q, %d", got, cmd.ProcessState.ExitCode(), c.result, c.code)
			}
			papers := h.Printer.Papers()
			if c.paper && (len(papers) != 1 || !strings.Contains(papers[0].Text(), "前面还有 4 人")) || !c.paper && len(papers) != 0 {
				t.Errorf("%d papers: %v", len(papers), papers)
			}
		})
	}
}

// open opens the printer. A process that another subtest is just starting holds,
// until it has become that program, whatever this one had open a moment ago.
func open(t *testing.T, device string) *serialport.Port {
	t.Helper()
	port, err := serialport.Open(serialport.Config{Path: device})
	for begin := time.Now(); errors.Is(err, serialport.ErrBusy) && time.Since(begin) < 5*time.Second; {
		time.Sleep(10 * time.Millisecond)
		port, err = serialport.Open(serialport.Config{Path: device})
	}
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// ours asks the same printer with the driver.
func ours(t *testing.T, device, code string) {
	t.Helper()
	port := open(t, device)
	defer port.Close()
	s, err := escpos.New(port, escpos.Opts{Profile: escpos.Epson80()}).Status(t.Context())
	if err != nil || s.Code() != code {
		t.Errorf("our driver says %q, %v, want %q", s.Code(), err, code)
	}
}

// text is the text of a job, a line of it a line of paper.
func text(t *testing.T, job []byte) string {
	t.Helper()
	var b strings.Builder
	for _, op := range escpos.Decode(job) {
		switch op.Kind {
		case escpos.OpText:
			b.WriteString(op.Text)
		case escpos.OpLine:
			b.WriteString("\n")
		case escpos.OpNoise, escpos.OpCutShort:
			t.Errorf("not understood: % X", op.Data)
		}
	}
	var lines []string
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// receiptline's GB18030 and ours decode to the same text; four-byte characters
// among it, for a printer that has them.
func TestReceiptlineAgrees(t *testing.T) {
	dir := npm(t)
	const words = "测试市政务服务中心\n取号 A012\n姓名 李㛃 𠮷野 龘靐\n办理《居住证》（首次）、￥€“”…—·"
	const script = `const r = require('receiptline');
const out = r.transform(process.argv[1].replace(/[\\|{}~_"^` + "`" + `]/g, '\\$&'), {cpl: 48, encoding: 'gb18030', command: 'escpos', cutting: true});
process.stdout.write(Buffer.from(out, 'binary').toString('hex'));`
	cmd := exec.CommandContext(t.Context(), "node", "-e", script, words)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Logf("%s", exit.Stderr)
		}
		t.Fatal(err)
	}
	theirs, err := hex.DecodeString(string(out))
	if err != nil {
		t.Fatal(err)
	}
	p := escpos.Generic80()
	p.Charset = escpos.GB18030Long
	job, err := escpos.Encode(escpos.Document{escpos.Text{Text: words}}, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := text(t, job), text(t, theirs); got != want || got != words {
		t.Errorf("ours\n%s\ntheirs\n%s", got, want)
	}
}

// zbarimg reads the QR code from the dots that reach the paper.
func TestZbarReadsTheQRCode(t *testing.T) {
	if _, err := exec.LookPath("zbarimg"); err != nil {
		missing(t, "zbarimg is not installed: install Debian's zbar-tools")
	}
	const content = "https://hall.example.test/t/demo/0193a5c2-7d1e-7cc1-9e4b-3f2a1b0c9d8e"
	for _, module := range []int{3, 4, 6} {
		job, err := escpos.Encode(escpos.Document{escpos.QR{Content: content, Module: module}}, escpos.Generic80(), nil)
		if err != nil {
			t.Fatal(err)
		}
		picture := escpos.NewBitmap(0, 0)
		for _, op := range escpos.Decode(job) {
			if op.Kind == escpos.OpRaster {
				picture = &escpos.Bitmap{W: op.Image.W, H: picture.H + op.Image.H, Pix: append(picture.Pix, op.Image.Pix...)}
			}
		}
		file, err := os.Create(filepath.Join(t.TempDir(), "ticket.png"))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(png.Encode(file, picture), file.Close()); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "zbarimg", "--quiet", "--raw", file.Name())
		cmd.Stderr = io.Discard
		out, err := cmd.Output()
		if err != nil || strings.TrimSpace(string(out)) != content {
			t.Errorf("modules of %d dots: %q, %v", module, out, err)
		}
	}
}

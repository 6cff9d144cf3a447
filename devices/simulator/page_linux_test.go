package simulator_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"hallkiosk/devices/escpos"
	"hallkiosk/devices/simulator"
)

// browser asks a page and does not follow redirections.
type browser struct {
	t       *testing.T
	address string
}

func newPage(t *testing.T) (*simulator.Hall, string, browser) {
	t.Helper()
	dir := t.TempDir()
	h := start(t, simulator.Config{Dir: dir, Unpaced: true, Drawer: drawer(t)})
	server := httptest.NewServer(simulator.Page(h))
	t.Cleanup(server.Close)
	return h, dir, browser{t, server.URL}
}

func (b browser) get(path string) (*http.Response, string) {
	b.t.Helper()
	r, err := http.Get(b.address + path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return r, string(body)
}

func (b browser) post(form url.Values, headers ...string) *http.Response {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), "POST", b.address+"/do", strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	res.Body.Close()
	return res
}

// Every button on the page does something, and the page then shows it.
func TestPageButtons(t *testing.T) {
	h, dir, b := newPage(t)
	_, body := b.get("/")
	if !strings.Contains(body, "还没有打印过票") || !strings.Contains(body, "没有放卡") {
		t.Error("the page of a new hall")
	}
	buttons := 0
	for rest := body; ; buttons++ {
		_, after, found := strings.Cut(rest, `name="line" value="`)
		if !found {
			break
		}
		line, next, _ := strings.Cut(after, `"`)
		rest = next
		if r := b.post(url.Values{"line": {line}}); r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "./" {
			t.Errorf("%s: %s, to %s", line, r.Status, r.Header.Get("Location"))
		}
		do(t, h, "lift", "reader plug", "reader answer", "reader sticky", "paper load", "cutter clear", "head cool", "printer answer", "printer plug", "scanner plug")
	}
	if buttons < 25 {
		t.Errorf("%d buttons", buttons)
	}
	for line, words := range map[string]string{
		"card li": "李示例 · 长期身份证</span>", "paper out": "没纸了", "paper low": "纸快用完", "cover open": "盖子开着",
		"printer unplug": "线被拔了", "head hot": "打印头太热", "cutter error": "切刀卡住", "printer silent": "不回答",
	} {
		before, _ := b.get("/version")
		b.post(url.Values{"line": {line}})
		if _, body := b.get("/"); !strings.Contains(body, words) {
			t.Errorf("after %s the page does not say %s (%s)", line, words, before.Status)
		}
		do(t, h, "paper load", "cutter clear", "head cool", "printer answer", "printer plug")
	}
	if r := b.post(url.Values{"scan": {"A012 b"}}); r.Header.Get("Location") != "./" || h.State().Scanner.Scans != 1 {
		t.Errorf("scanning: %s", r.Status)
	}
	do(t, h, "scanner unplug")
	if r := b.post(url.Values{"scan": {"A012"}}); r.Header.Get("Location") != "./?failed" {
		t.Errorf("scanning unplugged: %s", r.Header.Get("Location"))
	}
	if _, body := b.get("/?failed"); !strings.Contains(body, "现在做不到") {
		t.Error("nothing says that it failed")
	}

	p := escpos.New(open(t, dir, simulator.PrinterLink), escpos.Opts{Profile: escpos.Epson80(), Rasterizer: drawer(t)})
	for range 2 {
		if err := p.Print(t.Context(), ticket("李示例")); err != nil {
			t.Fatal(err)
		}
	}
	if _, body := b.get("/"); !strings.Contains(body, "第 2 张") || !strings.Contains(body, `?paper=1"`) {
		t.Error("the second ticket is not shown")
	}
	if _, body := b.get("/?paper=1"); !strings.Contains(body, "第 1 张") || !strings.Contains(body, "下一张") {
		t.Error("the first ticket cannot be seen any more")
	}
	r, body := b.get("/paper/1.png")
	if img, err := png.Decode(strings.NewReader(body)); err != nil || img.Bounds().Dx() != 640 || r.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the picture: %v", err)
	}
	for _, path := range []string{"/paper/0.png", "/paper/9.png", "/paper/-1.png", "/paper/x.png", "/paper/1", "/nothing"} {
		if r, _ := b.get(path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, r.Status)
		}
	}
	b.post(url.Values{"line": {"paper take"}})
	if _, body := b.get("/"); !strings.Contains(body, "已取走") {
		t.Error("the ticket still hangs there")
	}
}

// Other sites cannot pull cables, and nothing comes from elsewhere.
func TestPageIsFenced(t *testing.T) {
	h, _, b := newPage(t)
	unplug := url.Values{"line": {"reader unplug"}}
	for name, headers := range map[string][]string{
		"another origin": {"Origin", "http://other.example.test"},
		"cross-site":     {"Sec-Fetch-Site", "cross-site"},
		"same site only": {"Sec-Fetch-Site", "same-site"},
		"a name":         {"Host", "rebound.example.test"},
	} {
		if r := b.post(unplug, headers...); r.StatusCode != http.StatusForbidden && r.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%s: %s", name, r.Status)
		}
	}
	if r, _ := b.get("/do?line=reader+unplug"); r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %s", r.Status)
	}
	if !h.State().Reader.Plugged {
		t.Fatal("the cable was pulled")
	}
	if r := b.post(unplug, "Sec-Fetch-Site", "same-origin", "Origin", b.address); r.StatusCode != http.StatusSeeOther || h.State().Reader.Plugged {
		t.Errorf("the page itself: %s", r.Status)
	}
	for _, path := range []string{"/", "/page.css", "/page.js"} {
		r, body := b.get(path)
		if r.StatusCode != 200 || strings.Contains(body, "http://") || strings.Contains(body, "https://") || strings.Contains(body, "style=") {
			t.Errorf("%s loads from elsewhere, or has styles in it", path)
		}
		if csp := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
			t.Errorf("%s: %q", path, csp)
		}
	}
}

// chromium is a browser driven over its DevTools pipe, one command at a time
// (messages end with a zero byte; devtools-protocol documents the methods).
type chromium struct {
	t       *testing.T
	to      *os.File
	from    *bufio.Reader
	next    int
	session string
}

func startChromium(t *testing.T) *chromium {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: the page is not tried in a browser")
	}
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--headless=new", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(),
		"--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--no-proxy-server", "about:blank")
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // 3 and 4, as the browser expects them
	cmd.Stdout = new(bytes.Buffer)                 // so that Wait waits for its children too
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirIn.Close()
	theirOut.Close()
	c := &chromium{t: t, to: ourOut, from: bufio.NewReader(ourIn)}
	stuck := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	t.Cleanup(func() {
		fmt.Fprintf(ourOut, `{"id":999999,"method":"Browser.close"}%c`, 0)
		ourOut.Close()
		cmd.Wait()
		ourIn.Close()
		stuck.Stop()
	})
	var target struct{ TargetID string }
	c.command("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	c.command("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	c.session = attached.SessionID
	return c
}

// command sends a command and waits for its answer; events in between are
// dropped.
func (c *chromium) command(method string, params any, result any) {
	c.t.Helper()
	c.next++
	m := map[string]any{"id": c.next, "method": method, "params": params}
	if c.session != "" {
		m["sessionId"] = c.session
	}
	b, err := json.Marshal(m)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.to.Write(append(b, 0)); err != nil {
		c.t.Fatalf("chromium: %v", err)
	}
	for {
		b, err := c.from.ReadBytes(0)
		if err != nil {
			c.t.Fatalf("chromium: %s: %v", method, err)
		}
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if json.Unmarshal(b[:len(b)-1], &answer) != nil || answer.ID != c.next {
			continue
		}
		if answer.Error != nil {
			c.t.Fatalf("chromium: %s: %s", method, answer.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(answer.Result, result); err != nil {
				c.t.Fatal(err)
			}
		}
		return
	}
}

// evaluate runs a script and returns its value as text.
func (c *chromium) evaluate(script string) string {
	c.t.Helper()
	var r struct {
		Result           struct{ Value any }
		ExceptionDetails any
	}
	c.command("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true}, &r)
	if r.ExceptionDetails != nil {
		return "" // the page is not there yet
	}
	return fmt.Sprint(r.Result.Value)
}

// until waits until a script's value is as wanted.
func (c *chromium) until(what, script, want string) {
	c.t.Helper()
	got := ""
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if got = c.evaluate(script); got == want {
			return
		}
	}
	c.t.Fatalf("%s: %q, want %q", what, got, want)
}

// In a real browser, on a phone's screen: nothing is wider than the screen, a
// button acts without a new page, and the page follows what happens elsewhere
// and keeps what was opened and typed.
func TestPageInABrowser(t *testing.T) {
	t.Parallel()
	h, _, b := newPage(t)
	c := startChromium(t)
	c.command("Emulation.setDeviceMetricsOverride", map[string]any{"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true}, nil)
	c.command("Page.navigate", map[string]any{"url": b.address}, nil)
	const pad = `document.querySelector(".pad span").textContent`
	c.until("the page", `document.readyState + `+pad, "complete没有放卡")
	c.until("its width", `document.documentElement.scrollWidth`, "360")
	c.evaluate(`window.same = true; document.querySelector("details").open = true; document.querySelector("#scan").value = "A0"`)
	c.evaluate(`document.querySelector('button[value="card li"]').click()`)
	c.until("after a click", pad, "李示例 · 长期身份证")
	if got := h.State().Reader.Card; got != "li" {
		t.Errorf("on the reader lies %q", got)
	}
	do(t, h, "lift", "paper out", "cover open", "head hot", "cutter error", "printer silent")
	c.until("after something happened", pad, "没有放卡")
	c.until("what was opened and typed, in the same page",
		`[window.same, document.querySelector("details").open, document.querySelector("#scan").value].join()`, "true,true,A0")
	c.until("its width with every fault", `document.documentElement.scrollWidth`, "360")
	c.evaluate(`document.querySelector(".go").click()`)
	for end := time.Now().Add(10 * time.Second); h.State().Scanner.Scans != 1; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the code is not scanned")
		}
	}
}

//go:build unix

package central_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A driver for Chromium, as small as these tests need it. It speaks the DevTools
// protocol over the browser's pipe (messages end with a zero byte) and not over
// its port: no other program on the machine can join in, there is no address to
// find out, and the browser ends when the pipe does. The protocol's own pages,
// https://chromedevtools.github.io/devtools-protocol/, describe the methods.
// Compared with chromedp and rod: they bring many packages and their own
// waiting, for the dozen methods used here.

// patience is how long the browser may take for one command, on a busy machine.
const patience = 30 * time.Second

// browser is a running Chromium without a window.
type browser struct {
	to      *os.File
	mu      sync.Mutex
	next    int
	waiting map[int]chan reply
	tabs    map[string]*tab // by session
	gone    chan struct{}   // closed when the pipe has ended
}

type reply struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

// startBrowser starts Chromium with a fresh profile, or skips the test where
// there is none.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("no chromium, chromium-browser or google-chrome on this machine: the pages are not tried in a browser")
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
		"--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required", "--disable-dev-shm-usage", "--no-proxy-server", "--accept-lang=zh-CN", "about:blank")
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // 3 and 4, as the browser expects them
	// The same buffer for both: Wait then returns only when the browser's own
	// children have ended too, and the profile can be removed.
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirIn.Close()
	theirOut.Close()
	b := &browser{to: ourOut, waiting: map[int]chan reply{}, tabs: map[string]*tab{}, gone: make(chan struct{})}
	go b.listen(ourIn)
	t.Cleanup(func() {
		stop := time.AfterFunc(patience, func() { cmd.Process.Kill() })
		defer stop.Stop()
		b.command("", "Browser.close", nil)
		ourOut.Close()
		err := cmd.Wait()
		ourIn.Close()
		if err != nil || t.Failed() {
			t.Logf("chromium ended: %v\n%s", err, said.Bytes())
		}
	})
	return b
}

// listen hands out what the browser says until it ends.
func (b *browser) listen(from io.Reader) {
	defer close(b.gone)
	messages := bufio.NewReader(from)
	for {
		data, err := messages.ReadBytes(0)
		if err != nil {
			return
		}
		var m struct {
			ID        int
			SessionID string
			Method    string
			Params    json.RawMessage
			reply
		}
		if json.Unmarshal(bytes.TrimSuffix(data, []byte{0}), &m) != nil {
			continue
		}
		b.mu.Lock()
		answer, tab := b.waiting[m.ID], b.tabs[m.SessionID]
		delete(b.waiting, m.ID)
		b.mu.Unlock()
		switch {
		case m.Method == "" && answer != nil:
			answer <- m.reply
		case m.Method != "" && tab != nil:
			tab.note(m.Method, m.Params)
		}
	}
}

// send sends a command; the channel gets the one answer.
func (b *browser) send(session, method string, params any) (chan reply, error) {
	answer := make(chan reply, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	b.waiting[b.next] = answer
	m := map[string]any{"id": b.next, "method": method}
	if session != "" {
		m["sessionId"] = session
	}
	if params != nil {
		m["params"] = params
	}
	data, err := json.Marshal(m)
	if err == nil {
		_, err = b.to.Write(append(data, 0))
	}
	return answer, err
}

func (b *browser) command(session, method string, params any) (json.RawMessage, error) {
	answer, err := b.send(session, method, params)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	select {
	case r := <-answer:
		if r.Error != nil {
			return nil, fmt.Errorf("%s: %s", method, r.Error.Message)
		}
		return r.Result, nil
	case <-b.gone:
		return nil, fmt.Errorf("%s: the browser has ended", method)
	case <-time.After(patience):
		return nil, fmt.Errorf("%s: no answer within %v", method, patience)
	}
}

// profile is a set of cookies of its own, gone with the test.
func (b *browser) profile(t *testing.T) string {
	t.Helper()
	var made struct{ BrowserContextID string }
	b.must(t, &made, "", "Target.createBrowserContext", nil)
	t.Cleanup(func() {
		b.command("", "Target.disposeBrowserContext", map[string]any{"browserContextId": made.BrowserContextID})
	})
	return made.BrowserContextID
}

func (b *browser) must(t testing.TB, into any, session, method string, params any) {
	t.Helper()
	result, err := b.command(session, method, params)
	if err == nil && into != nil {
		err = json.Unmarshal(result, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// tab is one page, with everything it complained of and asked for.
type tab struct {
	b       *browser
	t       testing.TB
	session string
	changed chan struct{} // something in the page has changed since last looked

	mu        sync.Mutex
	complaint []complaint
	asked     []string // addresses of all requests, redirects included
}

// complaint is an entry of the browser's console.
type complaint struct{ Source, Text, URL string }

// tab opens a page of this size in CSS pixels.
func (b *browser) tab(t *testing.T, profile string, width, height int, mobile bool) *tab {
	t.Helper()
	var target struct{ TargetID string }
	b.must(t, &target, "", "Target.createTarget", map[string]any{"url": "about:blank", "browserContextId": profile})
	var attached struct{ SessionID string }
	b.must(t, &attached, "", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true})
	p := &tab{b: b, t: t, session: attached.SessionID, changed: make(chan struct{}, 1)}
	b.mu.Lock()
	b.tabs[p.session] = p
	b.mu.Unlock()
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		p.do(nil, domain+".enable", nil)
	}
	// Every tab believes that it is in front and has the keyboard.
	p.do(nil, "Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true})
	p.do(nil, "Runtime.addBinding", map[string]any{"name": "pageChanged"})
	p.do(nil, "Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": `new MutationObserver(() => pageChanged('')).observe(document,
			{ subtree: true, childList: true, attributes: true, characterData: true });
		document.addEventListener('transitionend', () => pageChanged(''));`})
	scale := 1
	if mobile {
		scale = 2
	}
	p.do(nil, "Emulation.setDeviceMetricsOverride",
		map[string]any{"width": width, "height": height, "deviceScaleFactor": scale, "mobile": mobile})
	return p
}

func (p *tab) do(into any, method string, params any) {
	p.t.Helper()
	p.b.must(p.t, into, p.session, method, params)
}

// note keeps what the tests look at afterwards. It runs on the listener.
func (p *tab) note(method string, params json.RawMessage) {
	var e struct {
		Type             string
		Args             []struct{ Value, Description any }
		ExceptionDetails struct {
			Text      string
			Exception struct{ Description string }
		}
		Entry   struct{ Source, Level, Text, URL string }
		Request struct{ URL string }
	}
	if json.Unmarshal(params, &e) != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch method {
	case "Runtime.bindingCalled", "Page.frameNavigated", "Page.domContentEventFired", "Page.loadEventFired":
		select {
		case p.changed <- struct{}{}:
		default: // whoever looks will see this change too
		}
	case "Network.requestWillBeSent":
		p.asked = append(p.asked, e.Request.URL)
	case "Network.webSocketCreated":
		p.asked = append(p.asked, "websocket")
	case "Runtime.exceptionThrown":
		p.complaint = append(p.complaint, complaint{"exception", e.ExceptionDetails.Text + " " + e.ExceptionDetails.Exception.Description, ""})
	case "Runtime.consoleAPICalled":
		p.complaint = append(p.complaint, complaint{"console." + e.Type, fmt.Sprint(e.Args), ""})
	case "Log.entryAdded":
		if e.Entry.Level == "error" || e.Entry.Level == "warning" {
			p.complaint = append(p.complaint, complaint{e.Entry.Source, e.Entry.Text, e.Entry.URL})
		}
	}
}

// open goes to an address and waits until the page's scripts have run.
func (p *tab) open(address string) {
	p.t.Helper()
	var answer struct{ ErrorText string }
	p.do(&answer, "Page.navigate", map[string]any{"url": address})
	if answer.ErrorText != "" {
		p.t.Fatalf("open %s: %s", address, answer.ErrorText)
	}
	p.until(patience, "the page has loaded", fmt.Sprintf("document.readyState === 'complete' && location.href === %s", quote(address)))
}

// quote makes a JavaScript string.
func quote(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings always become JSON
	}
	return string(data)
}

// try evaluates an expression, waiting for it if it is a promise.
func (p *tab) try(into any, expression string) error {
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	result, err := p.b.command(p.session, "Runtime.evaluate",
		map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true})
	if err != nil {
		return err
	}
	if err := json.Unmarshal(result, &answer); err != nil {
		return err
	}
	if x := answer.ExceptionDetails; x != nil {
		return fmt.Errorf("%s: %s %s", expression, x.Text, x.Exception.Description)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer.Result.Value, into)
}

// text returns what a person can read in the first element a selector finds.
func (p *tab) text(selector string) string {
	p.t.Helper()
	var s string
	if err := p.try(&s, "document.querySelector("+quote(selector)+").innerText"); err != nil {
		p.t.Fatalf("text of %s: %v", selector, err)
	}
	return strings.Join(strings.Fields(s), " ")
}

// until waits for an expression to become true and returns how long that took.
// It looks again whenever the page tells of a change, or is another page.
func (p *tab) until(within time.Duration, what, expression string) time.Duration {
	p.t.Helper()
	begun := time.Now()
	end := time.NewTimer(within)
	defer end.Stop()
	for late := false; ; {
		var ok bool
		// In the middle of a change of pages there may be no answer; the next
		// page will say that it is there.
		err := p.try(&ok, "(() => { try { return Boolean("+expression+"); } catch { return false; } })()")
		if ok {
			return time.Since(begun)
		}
		if late {
			shown := ""
			p.try(&shown, "document.body.innerText")
			p.t.Fatalf("not within %v: %s (%v); the page shows:\n%s", within, what, err, shown)
		}
		select {
		case <-p.changed:
		case <-end.C:
			late = true
		case <-p.b.gone:
			p.t.Fatal("the browser has ended")
		}
	}
}

// shows waits for words in an element. Blanks do not count: which ones stand
// between two boxes is the browser's own affair.
func (p *tab) shows(within time.Duration, selector, words string) time.Duration {
	p.t.Helper()
	return p.until(within, selector+" shows "+words, fmt.Sprintf(
		"document.querySelector(%s).innerText.replace(/\\s+/g, '').includes(%s)", quote(selector), quote(strings.Join(strings.Fields(words), ""))))
}

// press presses keys such as F2, one after the other without waiting for the
// page in between.
func (p *tab) press(keys ...string) {
	p.t.Helper()
	var answers []chan reply
	for _, key := range keys {
		var n int
		if _, err := fmt.Sscanf(key, "F%d", &n); err != nil {
			p.t.Fatalf("no key %q", key)
		}
		for _, kind := range []string{"rawKeyDown", "keyUp"} {
			answer, err := p.b.send(p.session, "Input.dispatchKeyEvent",
				map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": 111 + n})
			if err != nil {
				p.t.Fatal(err)
			}
			answers = append(answers, answer)
		}
	}
	for _, answer := range answers {
		select {
		case r := <-answer:
			if r.Error != nil {
				p.t.Fatal(r.Error.Message)
			}
		case <-p.b.gone:
			p.t.Fatal("the browser has ended")
		case <-time.After(patience):
			p.t.Fatal("a key press was not answered")
		}
	}
}

// typed types text into what has the focus.
func (p *tab) typed(text string) {
	p.t.Helper()
	p.do(nil, "Input.insertText", map[string]any{"text": text})
}

// pressed presses one key by its name in KeyboardEvent.key, such as Enter, Tab, Escape,
// ArrowDown, or a single character.
func (p *tab) pressed(key string) {
	p.t.Helper()
	codes := map[string]int{"Enter": 13, "Tab": 9, "Escape": 27, " ": 32, "ArrowDown": 40, "ArrowRight": 39}
	down := map[string]any{"type": "rawKeyDown", "key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
	switch {
	case key == "Enter":
		down["type"], down["text"] = "keyDown", "\r"
	case len(key) == 1:
		down["type"], down["text"] = "keyDown", key
		delete(down, "code")
	}
	p.do(nil, "Input.dispatchKeyEvent", down)
	p.do(nil, "Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "windowsVirtualKeyCode": codes[key]})
}

// click clicks the middle of what a selector finds, where a person would. It
// fails when something else lies there.
func (p *tab) click(selector string) {
	p.t.Helper()
	var at struct {
		X, Y float64
		Hit  bool
	}
	err := p.try(&at, fmt.Sprintf(`(() => {
		const it = document.querySelector(%s);
		it.scrollIntoView({ block: 'nearest' });
		const box = it.getBoundingClientRect();
		const x = box.x + box.width / 2, y = box.y + box.height / 2;
		const top = document.elementFromPoint(x, y);
		return { x, y, hit: it.contains(top) || top.contains(it) };
	})()`, quote(selector)))
	if err != nil || !at.Hit {
		p.t.Fatalf("click %s at %.0f,%.0f: covered or missing: %v", selector, at.X, at.Y, err)
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		p.do(nil, "Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1})
	}
}

// clean checks that a page has complained of nothing except what is excused, and
// has asked no host but the given one for anything.
func (p *tab) clean(name, host string, excused func(complaint) bool) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.complaint {
		if excused == nil || !excused(c) {
			p.t.Errorf("%s complains: %s: %s %s", name, c.Source, c.Text, c.URL)
		}
	}
	if len(p.asked) == 0 {
		p.t.Errorf("%s: no request was seen; this check sees nothing", name)
	}
	for _, address := range p.asked {
		if strings.HasPrefix(address, "data:") {
			continue // asks nobody
		}
		if u, err := url.Parse(address); err != nil || u.Host != host {
			p.t.Errorf("%s asks for %s", name, address)
		}
	}
}

// addresses returns everything the page has asked for.
func (p *tab) addresses() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

// source returns the page as it stands, markup included.
func (p *tab) source() string {
	p.t.Helper()
	var s string
	if err := p.try(&s, "location.href + document.documentElement.outerHTML"); err != nil {
		p.t.Fatal(err)
	}
	return s
}

type cookie struct{ Name, Value string }

// cookies returns the cookies a page would send.
func cookies(p *tab) []cookie {
	p.t.Helper()
	var answer struct{ Cookies []cookie }
	p.do(&answer, "Network.getCookies", nil)
	return answer.Cookies
}

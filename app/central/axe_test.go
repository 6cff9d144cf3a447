//go:build unix

package central_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// axePackage is what is installed below build/axe, and nothing else. axe-core is Deque's
// checker of web pages against WCAG, https://github.com/dequelabs/axe-core.
const axePackage = "axe-core@4.14.1"

// axeCore returns the script of axe-core. Where npm cannot get it the test is skipped;
// with HALL_OUTSIDE=must it fails.
func axeCore(t *testing.T) string {
	t.Helper()
	missing := func(format string, args ...any) {
		t.Helper()
		if os.Getenv("HALL_OUTSIDE") == "must" {
			t.Fatalf(format, args...)
		}
		t.Skipf("NOT TESTED: "+format, args...)
	}
	if _, err := exec.LookPath("npm"); err != nil {
		missing("npm is not installed: install Debian's npm")
	}
	dir, err := filepath.Abs("../../build/axe")
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
	if b, err := os.ReadFile(done); err != nil || string(b) != axePackage {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		// The folder of its own keeps npm from the settings of the one above.
		cmd := exec.CommandContext(ctx, "npm", "install", "--prefix", dir, "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", axePackage)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			missing("npm install: %v\n%s", err, out)
		}
		if err := os.WriteFile(done, []byte(axePackage), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	script, err := os.ReadFile(filepath.Join(dir, "node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// finding is something axe-core has against a page.
type finding struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML   string
		Target []any
		Why    string
	}
}

func (f finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", f.ID, f.Impact, f.Help)
	for _, n := range f.Nodes {
		fmt.Fprintf(&b, "\n    %v %.200s\n        %s", n.Target, n.HTML, strings.Join(strings.Fields(n.Why), " "))
	}
	return b.String()
}

// serious reports whether a finding keeps people from using a page.
func (f finding) serious() bool { return f.Impact == "serious" || f.Impact == "critical" }

// axe has axe-core look at a page as it stands: WCAG 2.2, A and AA, contrast included.
// checked is how many of its rules found something to look at.
func (p *tab) axe(script string) (findings []finding, checked int) {
	p.t.Helper()
	var there bool
	if err := p.try(&there, "typeof axe === 'object'"); err != nil {
		p.t.Fatal(err)
	}
	if !there { // evaluated by the debugger, to which the page's policy does not apply
		if err := p.try(nil, script+"\n;0"); err != nil {
			p.t.Fatalf("axe-core does not load: %.300v", err)
		}
	}
	var report struct {
		Findings []finding
		Checked  int
	}
	if err := p.try(&report, `axe.run(document, {
			runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
			resultTypes: ['violations'],
		}).then(report => ({
			findings: report.violations.map(v => ({ id: v.id, impact: v.impact, help: v.help,
				nodes: v.nodes.map(n => ({ html: n.html, target: n.target, why: n.failureSummary })) })),
			checked: report.passes.length + report.violations.length,
		}))`); err != nil {
		p.t.Fatal(err)
	}
	return report.Findings, report.Checked
}

// sizes are the screens that pages are made for.
var sizes = []struct {
	width, height int
	mobile        bool
}{{390, 844, true}, {1366, 768, false}, {1920, 1080, false}}

// resize makes a tab another screen.
func (p *tab) resize(width, height int, mobile bool) {
	p.t.Helper()
	p.do(nil, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile})
	p.until(patience, "the page has its new size", fmt.Sprintf("innerWidth >= %d && screen.width >= 0", width))
}

// looksWanted narrows the test to the pages whose names begin so, for whoever works on
// one; pictures go to the folder that HALL_TEST_PICTURES names.
const looksWanted = "HALL_LOOKS"

// TestEveryPageInTheBrowser opens every page on a phone, a window's computer and a wall:
// axe-core finds nothing serious, nobody has to push a page sideways, and on the phone
// everything that is to be pressed is as large as a thumb needs it.
func TestEveryPageInTheBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("opens every page three times")
	}
	script := axeCore(t)
	b := startBrowser(t)
	s := startScene(t, startDemo(t), plainWords)
	var wanted []look
	for _, l := range looks {
		if strings.HasPrefix(l.name, os.Getenv(looksWanted)) {
			wanted = append(wanted, l)
		}
	}
	if len(wanted) == 0 {
		t.Fatalf("no page begins with %q", os.Getenv(looksWanted))
	}
	// Two at a time, in tabs of their own: a tab draws on one processor.
	for half := range 2 {
		t.Run(fmt.Sprintf("half %d", half+1), func(t *testing.T) {
			t.Parallel()
			p := b.tab(t, b.profile(t), 1366, 768, false)
			looked, lesser := 0, map[string]int{}
			for i := half; i < len(wanted); i += 2 {
				s.visit(p, wanted[i])
				for _, size := range sizes {
					p.resize(size.width, size.height, size.mobile)
					for _, f := range p.usable(fmt.Sprintf("%s-%d", wanted[i].name, size.width), script, size.width, size.mobile) {
						lesser[f.ID]++
					}
					looked++
				}
			}
			t.Logf("looked %d times; of lesser weight: %v", looked, lesser)
		})
	}
}

// usable checks a page as it stands, and takes a picture where that is asked for. It
// returns what axe-core has found that keeps nobody from using it.
func (p *tab) usable(where, script string, width int, mobile bool) (lesser []finding) {
	p.t.Helper()
	if over := p.overhang(width); len(over) > 0 {
		p.t.Errorf("%s: wider than the screen: %v", where, over)
	}
	if mobile {
		var small []string
		if err := p.try(&small, tooSmall); err != nil {
			p.t.Fatal(err)
		}
		if len(small) > 0 {
			p.t.Errorf("%s: too small for a thumb: %q", where, small)
		}
	}
	findings, checked := p.axe(script)
	if checked < 10 {
		p.t.Errorf("%s: axe-core has looked at %d things only", where, checked)
	}
	for _, f := range findings {
		if f.serious() {
			p.t.Errorf("%s: %s", where, f)
		} else {
			lesser = append(lesser, f)
		}
	}
	p.picture(where)
	return lesser
}

// tooSmall are the things to be pressed on a page that are lower or narrower than 44
// pixels (WCAG 2.2, 2.5.5), links within text excepted.
const tooSmall = `[...document.querySelectorAll('a[href], button, select, textarea, summary, input:not([type=hidden], [type=radio], [type=checkbox]), label:has(input)')].filter(it => {
	if (!it.checkVisibility() || it.matches('p a, td a, dd a, li a') && getComputedStyle(it).display === 'inline') return false;
	const box = it.getBoundingClientRect();
	return box.width > 0 && Math.min(box.height, box.width) < 43.5;
}).map(it => it.outerHTML.replace(/\s+/g, ' ').slice(0, 80) + ' ' + Math.round(it.getBoundingClientRect().width) + 'x' + Math.round(it.getBoundingClientRect().height))`

// overhang returns what makes a page wider than a screen; nothing when it is not.
func (p *tab) overhang(width int) (over []string) {
	p.t.Helper()
	if err := p.try(&over, fmt.Sprintf(`Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) <= %[1]d ? [] :
		[...document.querySelectorAll('html, body, body *')].filter(it => it.getBoundingClientRect().right > %[1]d + 1).map(it => it.tagName + '.' + (it.className.baseVal ?? it.className)).slice(0, 8)`, width)); err != nil {
		p.t.Fatal(err)
	}
	return over
}

// TestWhatAxeSees makes a page worse: a check that finds nothing there is no check.
func TestWhatAxeSees(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	script := axeCore(t)
	b := startBrowser(t)
	d := startDemo(t)
	p := b.tab(t, b.profile(t), 390, 844, true)
	for name, tc := range map[string]struct{ spoil, rule string }{
		"contrast":       {"document.querySelector('h1').style.color = '#b8c0ca'", "color-contrast"},
		"a nameless box": {"document.querySelector('label[for=name]').remove()", "label"},
		"no language":    {"document.documentElement.removeAttribute('lang')", "html-has-lang"},
	} {
		p.open(d.URL() + "/login")
		if before, _ := p.axe(script); len(before) > 0 {
			t.Errorf("%s: before anything is spoilt there is %v", name, before)
		}
		if err := p.try(nil, "("+tc.spoil+", 0)"); err != nil {
			t.Fatal(err)
		}
		findings, _ := p.axe(script)
		if !slices.ContainsFunc(findings, func(f finding) bool { return f.ID == tc.rule && f.serious() }) {
			t.Errorf("%s: axe-core finds %v, want %s", name, findings, tc.rule)
		}
	}
	if over := p.overhang(390); len(over) > 0 {
		t.Errorf("the log-in is wider than a phone: %v", over)
	}
	var small []string
	if err := p.try(&small, tooSmall); err != nil || len(small) > 0 {
		t.Errorf("too small for a thumb at the log-in: %q, %v", small, err)
	}
	if err := p.try(&small, "(document.querySelector('button').style.cssText = 'min-height: 0; height: 30px', "+tooSmall+")"); err != nil || len(small) != 1 {
		t.Errorf("of a button of 30 pixels too small for a thumb: %q, %v", small, err)
	}
	if err := p.try(nil, "(document.querySelector('main').style.width = '500px', 0)"); err != nil {
		t.Fatal(err)
	}
	if over := p.overhang(390); len(over) == 0 {
		t.Error("a page of 500 pixels is not wider than a phone")
	}
}

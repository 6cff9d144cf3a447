//go:build unix

package central_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// visitor sends requests as a browser with cookies would, without being one: for what
// many requests are needed for, and for setting scenes.
type visitor struct {
	t    testing.TB
	base string
	http *http.Client
	// header is sent with every request; a browser's own Origin unless it is changed.
	header http.Header
}

func (d *demo) visitor(t testing.TB) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, base: d.URL(), header: http.Header{"Origin": {d.URL()}},
		http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is a visitor who has logged in.
func (d *demo) as(t testing.TB, login string) *visitor {
	t.Helper()
	v := d.visitor(t)
	if got := v.post("/login", url.Values{"login": {login}, "password": {password}}); got.status != http.StatusSeeOther {
		t.Fatalf("%s cannot log in: %d\n%s", login, got.status, got.body)
	}
	return v
}

// answer is what came back.
type answer struct {
	status int
	body   string
	header http.Header
}

func (v *visitor) get(path string) answer { return v.do(http.MethodGet, path, nil) }

func (v *visitor) post(path string, form url.Values) answer { return v.do(http.MethodPost, path, form) }

func (v *visitor) do(method, path string, form url.Values) answer {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header = v.header.Clone()
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer{res.StatusCode, string(body), res.Header}
}

// must is post for what has to succeed.
func (v *visitor) must(path string, form url.Values) answer {
	v.t.Helper()
	got := v.post(path, form)
	if got.status != http.StatusSeeOther && got.status != http.StatusOK {
		v.t.Fatalf("POST %s: %d\n%s", path, got.status, got.body)
	}
	return got
}

// cookie is the session's, as it is sent; nil without one.
func (v *visitor) cookie() *http.Cookie {
	at, err := url.Parse(v.base)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range v.http.Jar.Cookies(at) {
		if c.Name == "hallkiosk_staff" {
			return c
		}
	}
	return nil
}

// wears gives a tab the session of a visitor.
func (p *tab) wears(v *visitor) {
	p.t.Helper()
	c := v.cookie()
	if c == nil {
		p.t.Fatal("the visitor is not logged in")
	}
	p.do(nil, "Network.setCookie", map[string]any{"name": c.Name, "value": c.Value, "url": v.base, "httpOnly": true, "sameSite": "Strict"})
}

var (
	shownCode = regexp.MustCompile(`id="code">([0-9A-Z-]+)<`)
	seenSteps = regexp.MustCompile(`name="seen" value="(\d+)"`)
	caseLink  = regexp.MustCompile(`/complaints/case/([0-9a-f-]{36})`)
)

// complain files a complaint as a phone does and returns its query code.
func (d *demo) complain(t testing.TB, kind, window, words, contact string) (code string) {
	t.Helper()
	got := d.visitor(t).must("/complaint/demo", url.Values{"id": {uuid.Must(uuid.NewV7()).String()}, "kind": {kind}, "window": {window}, "words": {words}, "contact": {contact}})
	found := shownCode.FindStringSubmatch(got.body)
	if found == nil {
		t.Fatalf("no code on the receipt:\n%s", got.body)
	}
	return found[1]
}

// step takes a complaint a step on; v handles complaints.
func (v *visitor) step(id, action, words string) {
	v.t.Helper()
	page := v.get("/complaints/case/" + id)
	seen := seenSteps.FindStringSubmatch(page.body)
	if seen == nil {
		v.t.Fatalf("the case cannot be gone on with: %d\n%s", page.status, page.body)
	}
	v.must("/complaints/case/"+id+"/step", url.Values{"action": {action}, "seen": {seen[1]}, "text": {words}, "class": {"complex"}})
}

package pages

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/hall"
)

func TestLogin(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	if res := c.get("/console"); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/login" {
		t.Fatalf("the console before the log-in: %s to %q", res.Status, res.Header.Get("Location"))
	}
	form := string(body(t, c.get("/login")))
	wants(t, "log-in", form, "工作人员登录", `name="login"`, `type="password"`, `autocomplete="current-password"`)
	lacks(t, "log-in", form, "argon2", "登录已经到期", clerkLogin+`"`)

	hire(t, c.people, clerkLogin)
	// Login names are typed with capitals and blanks on some keyboards.
	res := c.post("/login", url.Values{"login": {" Li "}, "password": {goodPassword}})
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/console" {
		t.Fatalf("log-in: %s to %q", res.Status, res.Header.Get("Location"))
	}
	cookies := res.Cookies()
	if len(cookies) != 2 || cookies[1].Name != cookieName {
		t.Fatalf("cookies %v", cookies)
	}
	k := cookies[1]
	if !k.HttpOnly || k.SameSite != http.SameSiteStrictMode || k.Path != "/" || k.Secure || !k.Expires.Equal(opening.Add(12*time.Hour)) {
		t.Errorf("cookie %+v", k)
	}
	if strings.Contains(k.Value, goodPassword) || len(k.Value) < 40 {
		t.Errorf("the cookie holds %q", k.Value)
	}
	wants(t, "choose", c.page("/console"), "选择窗口", "李示例", "退出登录")
	res = c.post("/console/window", url.Values{"window": {"w3"}})
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/console" {
		t.Fatalf("sit: %s to %q", res.Status, res.Header.Get("Location"))
	}
	wants(t, "console", c.page("/console"), "3 号窗口", "社会保障区", "李示例 在岗", "离岗")
}

func TestLoginOverTLSIsSecure(t *testing.T) {
	d := newFakeDesk(t)
	people := newStaff(t, d)
	c := &client{t: t, people: people, header: http.Header{"Origin": {"https://centre.test"}},
		site: New(Config{Desk: d, Staff: people, Halls: []string{"demo"}, Secure: true})}
	hire(t, people, clerkLogin)
	res := c.post("/login", url.Values{"login": {clerkLogin}, "password": {goodPassword}})
	if k := res.Cookies(); len(k) != 2 || !k[0].Secure || !k[1].Secure {
		t.Errorf("cookies %v, want them for TLS only", k)
	}
}

func TestLoginRefuses(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	hire(t, c.people, clerkLogin)
	for _, tc := range []struct {
		name, login, password string
		status                int
		want                  string
	}{
		{"no login", "", goodPassword, http.StatusUnprocessableEntity, "请输入登录名和口令"},
		{"no password", clerkLogin, "", http.StatusUnprocessableEntity, "请输入登录名和口令"},
		{"wrong password", clerkLogin, "geheim-2027", http.StatusUnauthorized, "登录名或口令不对"},
		{"no such login", "nobody", goodPassword, http.StatusUnauthorized, "登录名或口令不对"},
		{"code as login", `"><script>alert(1)</script>`, goodPassword, http.StatusUnauthorized, "登录名或口令不对"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := c.post("/login", url.Values{"login": {tc.login}, "password": {tc.password}})
			if res.StatusCode != tc.status {
				t.Errorf("%s, want %d", res.Status, tc.status)
			}
			page := string(body(t, res))
			wants(t, "page", page, tc.want)
			lacks(t, "page", page, "<script>alert", "geheim")
			if c.cookie != "" {
				t.Error("a refused log-in sets a cookie")
			}
		})
	}
}

// TestPasswordOnlyInTheBody: a password in the address would end up in logs, so it is
// not even looked at there.
func TestPasswordOnlyInTheBody(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	hire(t, c.people, clerkLogin)
	if res := c.post("/login?login="+clerkLogin+"&password="+goodPassword, nil); res.StatusCode != http.StatusUnprocessableEntity || c.cookie != "" {
		t.Errorf("password in the address: %s, cookie %q", res.Status, c.cookie)
	}
}

func TestOversizedForms(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	hire(t, c.people, clerkLogin)
	big := strings.Repeat("x", maxForm)
	if res := c.post("/login", url.Values{"login": {clerkLogin}, "password": {goodPassword}, "x": {big}}); res.StatusCode != http.StatusBadRequest || c.cookie != "" {
		t.Errorf("log-in: %s, want 400 and nobody logged in", res.Status)
	}
	c.login("w3")
	if res := c.post("/console/call", url.Values{"seen": {c.seen()}, "x": {big}}); res.StatusCode != http.StatusBadRequest {
		t.Errorf("button: %s, want 400", res.Status)
	}
}

// TestBruteForce: after five wrong passwords the right one does not help, until a
// minute has passed; a login that does not exist behaves the same.
func TestBruteForce(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	hire(t, c.people, clerkLogin)
	try := func(login, password string) int {
		return c.post("/login", url.Values{"login": {login}, "password": {password}}).StatusCode
	}
	for _, login := range []string{clerkLogin, "nobody"} {
		var got []int
		for range 6 {
			got = append(got, try(login, "wrong-1234"))
		}
		for i, status := range got {
			want := http.StatusUnauthorized
			if i >= 4 {
				want = http.StatusTooManyRequests
			}
			if status != want {
				t.Errorf("%s, try %d: %d, want %d", login, i+1, status, want)
			}
		}
	}
	if got := try(clerkLogin, goodPassword); got != http.StatusTooManyRequests {
		t.Errorf("the right password while locked: %d", got)
	}
	d.pass(59 * time.Second)
	if got := try(clerkLogin, goodPassword); got != http.StatusTooManyRequests {
		t.Errorf("the right password after 59 seconds: %d", got)
	}
	d.pass(2 * time.Second)
	if got := try(clerkLogin, "wrong-1234"); got != http.StatusTooManyRequests { // and locked for two minutes
		t.Errorf("a wrong one after the lock: %d", got)
	}
	d.pass(2*time.Minute + time.Second)
	if got := try(clerkLogin, goodPassword); got != http.StatusSeeOther {
		t.Errorf("the right password after the lock: %d", got)
	}
	// The control: without locks the right password works at once.
	hire(t, c.people, "wang")
	if got := try("wang", goodPassword); got != http.StatusSeeOther {
		t.Errorf("another account meanwhile: %d", got)
	}
}

// TestSessionFixation: a token that somebody else has put into the browser is never
// the one of a session, and a log-in ends what was there.
func TestSessionFixation(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	planted := strings.Repeat("A", 43)
	c.cookie = cookieName + "=demo~" + planted
	c.login("w3")
	if c.token() == planted {
		t.Fatal("the log-in keeps the browser's token")
	}
	mine := c.cookie
	c.cookie = cookieName + "=demo~" + planted
	if res := c.get("/console"); res.StatusCode != http.StatusSeeOther {
		t.Errorf("the planted token opens the console: %s", res.Status)
	}
	// The control: the session's own token does.
	c.cookie = mine
	if res := c.get("/console"); res.StatusCode != http.StatusOK {
		t.Errorf("the session's token: %s", res.Status)
	}
	// Another log-in on the same browser: the first token is no good any more.
	c.enter("wang")
	if c.cookie == mine {
		t.Fatal("two log-ins, one token")
	}
	c.cookie = mine
	if res := c.get("/console"); res.StatusCode != http.StatusSeeOther {
		t.Errorf("the token of before opens the console: %s", res.Status)
	}
}

func TestLogout(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	c.login("w3")
	old := c.cookie
	if res := c.post("/logout", nil); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/login" || c.cookie != "" {
		t.Errorf("logout: %s, cookie %q", res.Status, c.cookie)
	}
	c.cookie = old
	if res := c.get("/console"); res.Header.Get("Location") != "/login?ended=1" || c.cookie != "" {
		t.Errorf("after logout, with the old cookie: %s to %q", res.Status, res.Header.Get("Location"))
	}
	wants(t, "log-in", c.page("/login?ended=1"), "登录已经到期，请重新登录。")
	if res := c.post("/logout", nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("logout of nobody: %s", res.Status)
	}
}

// TestSessionsEnd: two hours without use, twelve in any case, and at once when the
// account is disabled. A stream is no use.
func TestSessionsEnd(t *testing.T) {
	open := func(c *client) bool { return c.get("/console").StatusCode == http.StatusOK }
	d := newFakeDesk(t)
	c := newClient(t, d)
	c.login("w3")
	d.pass(119 * time.Minute)
	if !open(c) {
		t.Fatal("over before two hours")
	}
	d.pass(119 * time.Minute)
	if !open(c) {
		t.Fatal("over although it was used two hours ago")
	}
	d.pass(2*time.Hour + time.Second)
	if open(c) {
		t.Error("open after two hours without use")
	}
	c.enter(clerkLogin)
	for range 12 {
		d.pass(59 * time.Minute)
		if !open(c) {
			t.Fatal("over before twelve hours of use")
		}
	}
	d.pass(13 * time.Minute)
	if open(c) {
		t.Error("open after twelve hours")
	}
	c.enter(clerkLogin)
	if err := c.people.SetDisabled(t.Context(), "demo", clerkLogin, true); err != nil {
		t.Fatal(err)
	}
	if open(c) {
		t.Error("open although the account is disabled")
	}
	if res := c.post("/login", url.Values{"login": {clerkLogin}, "password": {goodPassword}}); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a disabled account logs in: %s", res.Status)
	} else { // and is not told that the password is right
		wants(t, "refusal", text(t, res), "登录名或口令不对")
	}
}

// TestStreamIsNoUse: a console that only listens is logged out after two hours.
func TestStreamIsNoUse(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	c.login("w3")
	s := newSite(Config{Desk: d, Staff: c.people, Halls: []string{"demo"}, Now: d.clock})
	r := newRequest("/console/stream", c.cookie)
	d.pass(119 * time.Minute)
	if _, err := s.member(t.Context(), r, false); err != nil {
		t.Fatal(err)
	}
	d.pass(2 * time.Minute)
	if _, err := s.member(t.Context(), r, false); err != errSignedOut {
		t.Errorf("after two hours of listening: %v", err)
	}
}

func TestForeignCookies(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	c.login("w3")
	good := c.token()
	for _, value := range []string{"", "~", "demo~", "demo~wrong", "other~" + good, good, "demo~" + good + "~x", "demo~" + good[1:], "../demo~" + good} {
		c.cookie = cookieName + "=" + value
		if res := c.get("/console"); res.StatusCode != http.StatusSeeOther {
			t.Errorf("cookie %s: %s", value, res.Status)
		}
	}
}

func TestFirstPasswordMustBeChanged(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	hire(t, c.people, clerkLogin)
	if err := c.people.SetPassword(t.Context(), "demo", clerkLogin, "first-2026"); err != nil {
		t.Fatal(err)
	}
	res := c.post("/login", url.Values{"login": {clerkLogin}, "password": {"first-2026"}})
	if res.Header.Get("Location") != "/account" {
		t.Fatalf("log-in leads to %q", res.Header.Get("Location"))
	}
	for _, target := range []string{"/console", "/staff"} {
		if res := c.get(target); res.Header.Get("Location") != "/account" {
			t.Errorf("%s: %s to %q", target, res.Status, res.Header.Get("Location"))
		}
	}
	if res := c.post("/console/window", url.Values{"window": {"w3"}}); res.Header.Get("Location") != "/account" {
		t.Errorf("sit: %s to %q", res.Status, res.Header.Get("Location"))
	}
	wants(t, "account", c.page("/account"), "请先换成只有您自己知道的")
	for _, tc := range []struct{ old, first, again, want string }{
		{"first-2026", "second-2026", "second-2027", "两次输入的新口令不一样"},
		{"wrong-2026", "second-2026", "second-2026", "旧口令不对"},
		{"first-2026", "short1", "short1", "至少要有 8 位"},
		{"first-2026", "onlyletters", "onlyletters", "字母和数字"},
		{"first-2026", "li-2026-2026", "li-2026-2026", "不能有登录名"},
		{"first-2026", "first-2026", "first-2026", "和旧的不一样"},
	} {
		res := c.post("/account/password", url.Values{"old": {tc.old}, "password": {tc.first}, "again": {tc.again}})
		page := text(t, res)
		wants(t, "refusal", page, tc.want)
		lacks(t, "refusal", page, tc.first)
		if res.StatusCode < 400 {
			t.Errorf("%v: %s", tc, res.Status)
		}
	}
	before := c.cookie
	elsewhere := &client{t: t, site: c.site, people: c.people, header: http.Header{}}
	elsewhere.post("/login", url.Values{"login": {clerkLogin}, "password": {"first-2026"}})
	if res := c.post("/account/password", url.Values{"old": {"first-2026"}, "password": {"second-2026"}, "again": {"second-2026"}}); res.Header.Get("Location") != "/console" {
		t.Fatalf("change: %s to %q", res.Status, res.Header.Get("Location"))
	}
	wants(t, "afterwards", c.page("/console"), "选择窗口")
	if c.cookie == before {
		t.Error("the token is the same after the change")
	}
	for name, cookie := range map[string]string{"the token of before": before, "another computer": elsewhere.cookie} {
		other := &client{t: t, site: c.site, header: http.Header{}, cookie: cookie}
		if res := other.get("/account"); res.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %s", name, res.Status)
		}
	}
	c.post("/logout", nil)
	if res := c.post("/login", url.Values{"login": {clerkLogin}, "password": {"second-2026"}}); res.Header.Get("Location") != "/console" {
		t.Errorf("with the new password: %s", res.Status)
	}
}

// TestHomes: after the log-in everybody is where the work is.
func TestHomes(t *testing.T) {
	s := newSite(Config{Desk: newFakeDesk(t), Staff: nobody{}, Halls: []string{"demo"}})
	h, _ := s.hallByID("demo")
	for _, tc := range []struct {
		roles []staff.Role
		must  bool
		want  string
	}{
		{[]staff.Role{staff.Clerk}, false, "/console"},
		{[]staff.Role{staff.Clerk, staff.Manager}, false, "/console"},
		{[]staff.Role{staff.Manager}, false, "/staff"},
		{[]staff.Role{staff.Technician}, false, "/account"},
		{[]staff.Role{staff.Manager}, true, "/account"},
		{nil, false, "/account"},
	} {
		if got := s.homeOf(staff.Account{Roles: tc.roles, MustChange: tc.must}, h); got != tc.want {
			t.Errorf("%v, must change %v: %s, want %s", tc.roles, tc.must, got, tc.want)
		}
	}
}

func TestChooseManyWindows(t *testing.T) {
	d := newFakeDesk(t)
	for i := range 40 {
		id := "x" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		d.hall.Windows = append(d.hall.Windows, hall.Window{ID: id, Name: "综合窗口", Area: "c"})
	}
	c := newClient(t, d)
	c.enter(clerkLogin)
	page := string(body(t, c.get("/console")))
	if n := strings.Count(page, `name="window"`); n != 46 || !strings.Contains(page, "choose many") {
		t.Errorf("%d windows, want 46, many of them", n)
	}
	narrow := newClient(t, d)
	narrow.enter("narrow")
	page = string(body(t, narrow.get("/console")))
	if n := strings.Count(page, `name="window"`); n != 1 || !strings.Contains(page, `value="w3"`) {
		t.Errorf("an account for one window sees %d", n)
	}
	if res := narrow.post("/console/window", url.Values{"window": {"w1"}}); res.StatusCode != http.StatusForbidden {
		t.Errorf("sits at another window: %s", res.Status)
	}
}

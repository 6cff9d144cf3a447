package pages

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hallkiosk/app/hall"
)

func TestLogin(t *testing.T) {
	d := newFakeDesk(t)
	d.hall.Windows[5].PINHash = ""
	c := newClient(t, d)

	form := string(body(t, c.get("/console")))
	wants(t, "log-in", form, "窗口登录", `name="window" value="w1"`, `type="password"`, `maxlength="6"`, "未设口令", `value="w6" required disabled`)
	lacks(t, "log-in", form, "argon2")

	res := c.post("/console/login", url.Values{"window": {"w3"}, "pin": {goodPIN}})
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/console" {
		t.Fatalf("log-in: %s to %q", res.Status, res.Header.Get("Location"))
	}
	cookies := res.Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies", len(cookies))
	}
	k := cookies[0]
	if !k.HttpOnly || k.SameSite != http.SameSiteStrictMode || k.Path != "/console" || k.Secure || k.Expires.IsZero() {
		t.Errorf("cookie %+v", k)
	}
	if strings.Contains(k.Value, goodPIN) {
		t.Error("the cookie holds the PIN")
	}
	wants(t, "console", c.page("/console"), "3 号窗口", "社会保障区", "退出登录")
}

func TestLoginOverTLSIsSecure(t *testing.T) {
	d := newFakeDesk(t)
	c := &client{t: t, site: New(Config{Desk: d, Halls: []string{"demo"}, Secure: true}), header: http.Header{"Origin": {"https://centre.test"}}}
	res := c.post("/console/login", url.Values{"window": {"w3"}, "pin": {goodPIN}})
	if k := res.Cookies(); len(k) != 1 || !k[0].Secure {
		t.Errorf("cookies %v, want one for TLS only", k)
	}
}

func TestLoginRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, window, pin string
		status            int
		want              string
		asked             bool // whether the desk heard of it
	}{
		{"no window", "", goodPIN, http.StatusUnprocessableEntity, "请先选择窗口", false},
		{"short PIN", "w3", "1000", http.StatusUnprocessableEntity, "六位数字", false},
		{"letters", "w3", "10000a", http.StatusUnprocessableEntity, "六位数字", false},
		{"wrong PIN", "w3", "999999", http.StatusTooManyRequests, "口令错了五次，请一分钟后再试。", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newFakeDesk(t)
			c := newClient(t, d)
			res := c.post("/console/login", url.Values{"window": {tc.window}, "pin": {tc.pin}})
			if res.StatusCode != tc.status {
				t.Errorf("%s, want %d", res.Status, tc.status)
			}
			page := string(body(t, res))
			wants(t, "page", page, tc.want)
			lacks(t, "page", page, `value="`+tc.pin+`"`)
			if tc.window != "" {
				wants(t, "page", page, `value="w3" required checked`)
			}
			if got := d.count("login w3") > 0; got != tc.asked {
				t.Errorf("desk asked: %v, want %v", got, tc.asked)
			}
			if c.cookie != "" {
				t.Error("a refused log-in sets a cookie")
			}
		})
	}
}

// TestPINOnlyInTheBody: a PIN in the address would end up in logs, so it is not
// even looked at there.
func TestPINOnlyInTheBody(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	if res := c.post("/console/login?window=w3&pin="+goodPIN, nil); res.StatusCode != http.StatusUnprocessableEntity || c.cookie != "" {
		t.Errorf("PIN in the address: %s, cookie %q", res.Status, c.cookie)
	}
}

func TestLoginOversizedBody(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	res := c.post("/console/login", url.Values{"window": {"w3"}, "pin": {goodPIN}, "x": {strings.Repeat("x", maxForm)}})
	if res.StatusCode != http.StatusBadRequest || d.count("login w3") > 0 {
		t.Errorf("%s, want 400 and nothing asked", res.Status)
	}
}

func TestLogout(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	c.login("w3")
	old := c.cookie
	if res := c.post("/console/logout", nil); res.StatusCode != http.StatusSeeOther || c.cookie != "" {
		t.Errorf("logout: %s, cookie %q", res.Status, c.cookie)
	}
	if d.count("logout") != 1 {
		t.Error("the desk was not told")
	}
	c.cookie = old
	wants(t, "after logout, with the old cookie", c.page("/console"), "窗口登录", "登录已经到期")
}

func TestForeignCookies(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	for _, value := range []string{"", "~", "demo~", "demo~wrong", "other~token1", "token1", "demo~token1~x"} {
		c.cookie = cookieName + "=" + value
		wants(t, "cookie "+value, c.page("/console"), "窗口登录")
	}
}

// TestLoginManyWindows: with more windows than large tiles have room for, the
// areas stand on the tiles.
func TestLoginManyWindows(t *testing.T) {
	d := newFakeDesk(t)
	for i := range 40 {
		id := "x" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		d.hall.Windows = append(d.hall.Windows, hall.Window{ID: id, Name: "综合窗口", Area: "c"})
	}
	page := string(body(t, newClient(t, d).get("/console")))
	if n := strings.Count(page, "<fieldset"); n != 1 {
		t.Errorf("%d groups, want one grid", n)
	}
	if n := strings.Count(page, `type="radio"`); n != 46 {
		t.Errorf("%d windows, want 46", n)
	}
}

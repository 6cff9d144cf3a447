package pages

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestGuessesAcrossAccounts: one address that guesses at one account after the other is
// slowed down to one try in two seconds; nobody else is, and who works there is not
// either.
func TestGuessesAcrossAccounts(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	hire(t, c.people, clerkLogin)
	hire(t, c.people, "wang")
	try := func(from, cookie, login, password string) *http.Response {
		r := httptest.NewRequest(http.MethodPost, "http://centre.test/login", strings.NewReader(url.Values{"login": {login}, "password": {password}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://centre.test")
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		c.site.ServeHTTP(w, r)
		return w.Result()
	}
	const hallsOwn, other = "192.0.2.7:4000", "192.0.2.8:4000"
	// Two clerks have logged in before, each at a computer of their own.
	browser := map[string]string{}
	for _, login := range []string{clerkLogin, "wang"} {
		res := try(hallsOwn, "", login, goodPassword)
		if res.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: %s", login, res.Status)
		}
		for _, k := range res.Cookies() {
			if k.Name != knownName {
				continue
			}
			browser[login] = k.Name + "=" + k.Value
			if !k.HttpOnly || k.SameSite != http.SameSiteStrictMode || k.Path != "/login" || k.Secure || strings.Contains(k.Value, login) {
				t.Errorf("cookie %+v", k)
			}
		}
	}
	refused := 0
	guess := func() int {
		refused++
		return try(hallsOwn, "", fmt.Sprintf("guess%d", refused), "wrong-2026").StatusCode
	}
	for n := range freeTries {
		if got := guess(); got != http.StatusUnauthorized {
			t.Fatalf("guess %d: %d", n+1, got)
		}
	}
	if got := guess(); got != http.StatusUnauthorized { // the first of those that are paced
		t.Errorf("one more guess: %d", got)
	}
	for range 5 {
		if got := guess(); got != http.StatusTooManyRequests {
			t.Errorf("a guess at once: %d", got)
		}
	}
	res := try(hallsOwn, "", clerkLogin, goodPassword)
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "2" {
		t.Errorf("a new browser of the same address: %s, Retry-After %q", res.Status, res.Header.Get("Retry-After"))
	}
	if seen := text(t, res); !strings.Contains(seen, "过几秒再试") {
		t.Errorf("it says %s", seen)
	}
	// Somebody elsewhere, and whoever has worked on this browser before.
	if res := try(other, "", clerkLogin, goodPassword); res.StatusCode != http.StatusSeeOther {
		t.Errorf("another address: %s", res.Status)
	}
	for login, cookie := range browser {
		if res := try(hallsOwn, cookie, login, goodPassword); res.StatusCode != http.StatusSeeOther {
			t.Errorf("%s on the browser they know: %s", login, res.Status)
		}
	}
	// A browser known to one account is new to another, and a made-up cookie is nothing.
	for _, cookie := range []string{browser["wang"], knownName + "=AAAA", knownName + "="} {
		if res := try(hallsOwn, cookie, clerkLogin, goodPassword); res.StatusCode != http.StatusTooManyRequests {
			t.Errorf("with %s: %s", cookie, res.Status)
		}
	}
	// On a known browser the lock of the account itself counts.
	var last int
	for range 6 {
		last = try(hallsOwn, browser["wang"], "wang", "wrong-2026").StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("six wrong passwords on a known browser: %d", last)
	}
	// The address is slowed down, not shut.
	d.pass(tryPace)
	if res := try(hallsOwn, "", clerkLogin, goodPassword); res.StatusCode != http.StatusSeeOther {
		t.Errorf("two seconds later: %s", res.Status)
	}
	// And it is what it was before, in time.
	d.pass(freeTries * tryAgain)
	for n := range freeTries {
		if got := guess(); got != http.StatusUnauthorized {
			t.Fatalf("later, guess %d: %d", n+1, got)
		}
	}
}

// TestTriesAtOnce: what is tried at the same moment counts before any of it is checked,
// what succeeds does not count, and the memory is bounded.
func TestTriesAtOnce(t *testing.T) {
	var all tries
	home, now := netip.MustParsePrefix("192.0.2.1/32"), opening
	admitted := 0
	for range 100 {
		if _, _, ok := all.begin(home, now); ok {
			admitted++
		}
	}
	if admitted != freeTries+1 {
		t.Errorf("%d of 100 at once are let through", admitted)
	}
	work := netip.MustParsePrefix("192.0.2.2/32")
	for n := range 100 {
		giveBack, _, ok := all.begin(work, now)
		if !ok {
			t.Fatalf("log-in %d of a morning is held back", n+1)
		}
		giveBack()
	}
	// A clock that is set back shuts nobody out.
	if _, _, ok := all.begin(home, now.Add(-time.Hour)); !ok {
		t.Error("after the clock was set back the address is shut")
	}
	for n := range maxTriers + 100 {
		all.begin(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 1, byte(n >> 8), byte(n)}), 32), now)
	}
	if len(all.known) > maxTriers {
		t.Errorf("%d addresses are kept", len(all.known))
	}
	if _, _, ok := all.begin(netip.MustParsePrefix("198.51.100.1/32"), now.Add(time.Hour)); !ok || len(all.known) > 1 {
		t.Errorf("an hour later: %v, %d addresses", ok, len(all.known))
	}
}

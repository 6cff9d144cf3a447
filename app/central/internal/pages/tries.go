package pages

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"hallkiosk/app/hall"
)

// Passwords are guessed one account after the other, so that none is locked. That is
// slowed down by the address it comes from; but the people of a hall share one address,
// and one of them who guesses, or a computer that does, must not keep the others from
// their windows. So an address is never shut: it may go on at one try in a while. And
// a browser on which an account has logged in before is let past that for this account
// (OWASP calls it a device cookie); what still counts there is the lock of the account
// itself, which package staff has.
const (
	freeTries  = 20               // wrong passwords from one address before it is slowed down
	tryAgain   = 30 * time.Second // after which one of them is forgotten
	tryPace    = 2 * time.Second  // between two tries of an address that has used them up
	maxTriers  = 4096             // addresses kept apart, some 100 bytes each; the rest share one allowance
	knownName  = "hallkiosk_known"
	knownLives = 60 * 24 * time.Hour
)

// tries counts the log-ins of each address that have not succeeded. The zero value is
// ready.
type tries struct {
	mu     sync.Mutex
	known  map[netip.Prefix]*trier
	others trier
	swept  time.Time
}

type trier struct {
	failed float64   // how many there are now; one is forgotten every tryAgain
	at     time.Time // as of when
	last   time.Time // last try beyond the free ones
}

// settle forgets what is old.
func (t *trier) settle(now time.Time) {
	if past := now.Sub(t.at); past > 0 {
		t.failed = max(0, t.failed-float64(past)/float64(tryAgain))
	}
	t.at = now // also after the clock was set back
}

// begin counts a try from an address before the password is looked at, so that many at
// the same time are many. When it has to wait, ok is false and wait says how long. A try
// that succeeds is given back.
func (t *tries) begin(from netip.Prefix, now time.Time) (giveBack func(), wait time.Duration, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.of(from, now)
	one.settle(now)
	if one.failed > freeTries-1 {
		since := now.Sub(one.last)
		if since >= 0 && since < tryPace {
			return nil, tryPace - since, false
		}
		one.last = now
	}
	one.failed = min(one.failed+1, freeTries)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		one.failed = max(0, one.failed-1)
	}, 0, true
}

func (t *tries) of(from netip.Prefix, now time.Time) *trier {
	if one := t.known[from]; one != nil {
		return one
	}
	if t.known == nil {
		t.known = map[netip.Prefix]*trier{}
	}
	if len(t.known) >= maxTriers && now.Sub(t.swept).Abs() > time.Second {
		t.swept = now
		for address, old := range t.known {
			if old.settle(now); old.failed == 0 {
				delete(t.known, address)
			}
		}
	}
	if len(t.known) >= maxTriers {
		return &t.others
	}
	one := &trier{at: now}
	t.known[from] = one
	return one
}

// browsers tells the browsers on which an account has logged in. The key is the
// process's own: after a restart every browser is new, until its next log-in.
type browsers struct {
	once sync.Once
	key  [32]byte
}

func (b *browsers) sign(hallID, login string) string {
	b.once.Do(func() { rand.Read(b.key[:]) }) // never fails (crypto/rand)
	mac := hmac.New(sha256.New, b.key[:])
	mac.Write([]byte(hallID + "\x00" + login))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// knows reports whether the account has logged in on the browser of a request.
func (b *browsers) knows(r *http.Request, h *hall.Hall, login string) bool {
	want := []byte(b.sign(h.ID, login))
	for _, c := range r.CookiesNamed(knownName) {
		if hmac.Equal([]byte(c.Value), want) {
			return true
		}
	}
	return false
}

// remember marks the browser. The cookie tells nothing and is sent to the log-in only.
func (s *site) remember(w http.ResponseWriter, r *http.Request, h *hall.Hall, login string) {
	http.SetCookie(w, &http.Cookie{Name: knownName, Value: s.browsers.sign(h.ID, login), Path: "/login", MaxAge: int(knownLives / time.Second),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.overTLS(r)})
}

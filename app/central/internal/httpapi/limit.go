package httpapi

import (
	"container/list"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// defaultRate is requests a second. A busy terminal makes one or two.
	defaultRate = 50
	// maxClients bounds how many tokens, and how many addresses, are remembered:
	// about 250 bytes each.
	maxClients = 4096
	// warnPause is the least time between two log lines about refused requests.
	warnPause = time.Minute
)

// limiter gives every client a token bucket, so that one that has gone wild
// cannot take the service from the others. A client is a terminal or window whose
// token has been found valid, and otherwise an address: were any token a client,
// whoever makes up a new one for each request would have no limit. Safe for
// concurrent use.
type limiter struct {
	log *slog.Logger

	mu        sync.Mutex
	tokens    buckets[[sha256.Size]byte] // of valid tokens, by their hash
	addresses buckets[netip.Prefix]
	refused   int // since warned
	warned    time.Time
}

func newLimiter(perSecond int, log *slog.Logger) *limiter {
	return &limiter{log: log, tokens: newBuckets[[sha256.Size]byte](perSecond), addresses: newBuckets[netip.Prefix](perSecond)}
}

// take takes one request out of its client's bucket. When that is empty, ok is
// false and wait says how soon it is not.
func (l *limiter) take(r *http.Request) (wait time.Duration, ok bool) {
	hash := sha256.Sum256([]byte(bearer(r)))
	from := network(r.RemoteAddr)
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.tokens.find(hash)
	if bucket == nil {
		bucket = l.addresses.add(from)
	}
	if bucket.AllowN(now, 1) {
		return 0, true
	}
	if l.refused++; now.Sub(l.warned) >= warnPause {
		l.log.Warn("httpapi: requests refused, a client asks too often", "refused", l.refused)
		l.refused, l.warned = 0, now
	}
	missing := 1 - bucket.TokensAt(now)
	return time.Duration(missing / float64(bucket.Limit()) * float64(time.Second)), false
}

// prove gives a valid token a bucket of its own.
func (l *limiter) prove(token string) {
	hash := sha256.Sum256([]byte(token))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tokens.add(hash)
}

// network returns what counts as one client of an address: the address itself,
// and of IPv6 the 64 bits that a client cannot choose. It is the zero Prefix for
// what is no address.
func network(remote string) netip.Prefix {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	addr, bits := ap.Addr().Unmap(), 32
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// buckets are the buckets of the clients seen last, at most maxClients.
type buckets[K comparable] struct {
	perSecond int
	byKey     map[K]*list.Element // of entry[K]
	recent    *list.List          // the one seen last is in front
}

type entry[K comparable] struct {
	key    K
	bucket *rate.Limiter
}

func newBuckets[K comparable](perSecond int) buckets[K] {
	return buckets[K]{perSecond: perSecond, byKey: map[K]*list.Element{}, recent: list.New()}
}

// find returns the bucket of a client, nil if it has none.
func (b *buckets[K]) find(key K) *rate.Limiter {
	e, ok := b.byKey[key]
	if !ok {
		return nil
	}
	b.recent.MoveToFront(e)
	return e.Value.(entry[K]).bucket
}

// add returns the bucket of a client and makes it, full, when there is none.
func (b *buckets[K]) add(key K) *rate.Limiter {
	if found := b.find(key); found != nil {
		return found
	}
	if len(b.byKey) >= maxClients {
		oldest := b.recent.Remove(b.recent.Back()).(entry[K])
		delete(b.byKey, oldest.key)
	}
	bucket := rate.NewLimiter(rate.Limit(b.perSecond), 2*b.perSecond)
	b.byKey[key] = b.recent.PushFront(entry[K]{key, bucket})
	return bucket
}

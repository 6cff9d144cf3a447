package pages

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Phones of a whole hall often share one address (the hall's own wireless
// network, a mobile carrier's gateway), so an address may ask a lot before it is
// slowed down: this is against programs that run wild, not against people.
const (
	visitRate  = rate.Limit(20) // requests a second
	visitBurst = 200
	// rateRate and rateBurst are how often ratings may be sent from an address. A hall's
	// own wireless network is one, and the hour before noon is busy.
	rateRate  = rate.Limit(0.5)
	rateBurst = 40
	// maxVisitors bounds the addresses kept apart, some 100 bytes each.
	maxVisitors = 4096
	// forgetAfter is when an address that has been silent is forgotten; by then
	// its allowance is whole again.
	forgetAfter = 2 * time.Minute
)

// visitors counts the requests of each address. The zero value is ready.
type visitors struct {
	rate   rate.Limit // default visitRate
	burst  int        // default visitBurst
	mu     sync.Mutex
	known  map[netip.Prefix]*visitor
	others *rate.Limiter // all addresses there was no room for, together
	swept  time.Time     // when silent ones were looked for last
}

type visitor struct {
	*rate.Limiter
	seen time.Time
}

// allow says whether an address may be answered now.
func (v *visitors) allow(from netip.Prefix, now time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.known == nil {
		if v.burst == 0 {
			v.rate, v.burst = visitRate, visitBurst
		}
		v.known, v.others = map[netip.Prefix]*visitor{}, rate.NewLimiter(v.rate, v.burst)
	}
	one := v.known[from]
	if one == nil && len(v.known) >= maxVisitors && now.Sub(v.swept) > time.Second {
		v.swept = now
		for address, old := range v.known {
			if now.Sub(old.seen) > forgetAfter {
				delete(v.known, address)
			}
		}
	}
	if one == nil {
		if len(v.known) >= maxVisitors {
			return v.others.AllowN(now, 1)
		}
		one = &visitor{Limiter: rate.NewLimiter(v.rate, v.burst)}
		v.known[from] = one
	}
	one.seen = now
	return one.AllowN(now, 1)
}

// visitorOf returns who sends a request: an IPv4 address, or the IPv6 network of
// one subscriber. A proxy on this very machine is believed about whom it serves;
// anybody else could write anything into that header.
func visitorOf(r *http.Request) netip.Prefix {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{} // not from a network
	}
	address := peer.Addr()
	if all := r.Header.Values("X-Forwarded-For"); address.IsLoopback() && len(all) > 0 {
		told := all[len(all)-1]
		told = told[strings.LastIndex(told, ",")+1:]
		if a, err := netip.ParseAddr(strings.TrimSpace(told)); err == nil {
			address = a
		}
	}
	address = address.Unmap().WithZone("")
	bits := 32
	if address.Is6() {
		bits = 64
	}
	network, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}

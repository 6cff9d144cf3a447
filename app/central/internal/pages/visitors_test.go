package pages

import (
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

func TestVisitorOf(t *testing.T) {
	for _, tc := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"a phone", "192.0.2.7:5000", nil, "192.0.2.7/32"},
		{"a phone that makes things up", "192.0.2.7:5000", []string{"198.51.100.1"}, "192.0.2.7/32"},
		{"a proxy on this machine", "127.0.0.1:5000", []string{"198.51.100.1"}, "198.51.100.1/32"},
		{"a phone that makes things up, then the proxy", "127.0.0.1:5000", []string{"203.0.113.9, 198.51.100.1"}, "198.51.100.1/32"},
		{"two headers", "[::1]:5000", []string{"203.0.113.9", "198.51.100.1"}, "198.51.100.1/32"},
		{"a proxy that says nothing sensible", "127.0.0.1:5000", []string{"unknown"}, "127.0.0.1/32"},
		{"IPv6", "[2001:db8:1:2:3:4:5:6]:5000", nil, "2001:db8:1:2::/64"},
		{"the neighbour in the same network", "[2001:db8:1:2::9]:5000", nil, "2001:db8:1:2::/64"},
		{"IPv6 with a zone", "[fe80::1%eth0]:5000", nil, "fe80::/64"},
		{"IPv4 in IPv6", "[::ffff:192.0.2.7]:5000", nil, "192.0.2.7/32"},
		{"a pipe", "@", nil, "invalid Prefix"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tc.peer
		for _, f := range tc.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		if got := visitorOf(r).String(); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func network(i int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
}

func TestVisitorsAreSlowedDown(t *testing.T) {
	var v visitors
	now := opening
	for i := range visitBurst {
		if !v.allow(network(1), now) {
			t.Fatalf("request %d of a busy hall is refused", i+1)
		}
	}
	if v.allow(network(1), now) {
		t.Error("one too many is allowed")
	}
	if !v.allow(network(2), now) {
		t.Error("one address's haste is another's loss")
	}
	if !v.allow(network(1), now.Add(time.Second)) {
		t.Error("nothing is forgiven after a second")
	}
}

func TestVisitorsAreBounded(t *testing.T) {
	var v visitors
	now := opening
	for i := range maxVisitors + visitBurst {
		if !v.allow(network(i), now) {
			t.Fatalf("address %d is refused", i)
		}
	}
	if len(v.known) != maxVisitors {
		t.Errorf("%d addresses are kept, want %d", len(v.known), maxVisitors)
	}
	// Those there was no room for share one allowance, which is used up now.
	if v.allow(network(1<<20), now) {
		t.Error("addresses without room are not bounded")
	}
	if !v.allow(network(0), now) {
		t.Error("a known address suffers from them")
	}
	now = now.Add(2 * forgetAfter)
	v.allow(network(1<<20), now)
	if len(v.known) != 1 {
		t.Errorf("%d addresses are kept after two silent minutes, want the new one", len(v.known))
	}
}

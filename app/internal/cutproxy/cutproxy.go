// Package cutproxy is a TCP proxy that breaks connections as networks do: cut in
// the middle of a request or of an answer, slow, silent for ever, or closed in one
// direction only. Tests put it between a terminal and the central service to see
// that every event arrives exactly once. No program contains it.
//
// Compared: toxiproxy as a library brings zerolog, prometheus and mux into the
// module, and its "timeout 0" closed the connection where a black hole was wanted.
// These are the few faults needed, each counted in bytes so that a test can place
// it.
package cutproxy

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Fault says what becomes of one connection. The zero value is a good one.
type Fault struct {
	// CutUp ends the connection with a reset when this many bytes have gone from
	// client to server; CutDown when as many have come back. 0 is never, and a
	// negative number is before the first.
	CutUp, CutDown int64
	// Silent keeps the connection open at the cut and lets nothing through any
	// more, as when a cable is pulled: only a time-out helps.
	Silent bool
	// HalfOpen closes only the direction that reached its cut; the other goes on.
	HalfOpen bool
	// Delay holds up every piece of data in both directions.
	Delay time.Duration
}

// Proxy listens on a port of this machine and passes connections on. Its methods
// are safe for concurrent use.
type Proxy struct {
	listener net.Listener
	plan     func(n int) Fault
	upstream atomic.Value // string
	closed   chan struct{}
	work     sync.WaitGroup

	mu    sync.Mutex
	open  map[net.Conn]bool
	stats Stats
}

// Stats counts what a Proxy did.
type Stats struct {
	Connections int
	Refused     int // the server did not answer
	Cut         int // reset at a cut
	Silenced    int
	Halved      int
}

// Listen starts a proxy to the server at upstream (host:port; may be empty until
// SetUpstream). plan is asked for the fault of the n-th connection, counted from
// 0; it is called by one goroutine. nil plans no faults.
func Listen(upstream string, plan func(n int) Fault) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("cutproxy: %w", err)
	}
	if plan == nil {
		plan = func(int) Fault { return Fault{} }
	}
	p := &Proxy{listener: l, plan: plan, closed: make(chan struct{}), open: map[net.Conn]bool{}}
	p.upstream.Store(upstream)
	p.work.Go(p.accept)
	return p, nil
}

// URL is the proxy's address for HTTP clients.
func (p *Proxy) URL() string { return "http://" + p.listener.Addr().String() }

// SetUpstream changes where new connections go: a server that was started anew
// has another port.
func (p *Proxy) SetUpstream(addr string) { p.upstream.Store(addr) }

// Stats returns what has happened so far.
func (p *Proxy) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stats
}

// Close ends all connections and waits until nothing of the proxy runs.
func (p *Proxy) Close() {
	close(p.closed)
	p.listener.Close()
	p.mu.Lock()
	for c := range p.open {
		c.Close()
	}
	p.mu.Unlock()
	p.work.Wait()
}

func (p *Proxy) accept() {
	for n := 0; ; n++ {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		fault := p.plan(n)
		if !p.keep(client) {
			return
		}
		p.work.Go(func() { p.serve(client, fault) })
	}
}

// keep remembers a connection for Close. It is false when that has been called.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.closed:
		c.Close()
		return false
	default:
		p.open[c] = true
		return true
	}
}

func (p *Proxy) drop(c net.Conn) {
	c.Close()
	p.mu.Lock()
	delete(p.open, c)
	p.mu.Unlock()
}

func (p *Proxy) count(field func(*Stats) *int) {
	p.mu.Lock()
	*field(&p.stats)++
	p.mu.Unlock()
}

func (p *Proxy) serve(client net.Conn, fault Fault) {
	defer p.drop(client)
	p.count(func(s *Stats) *int { return &s.Connections })
	server, err := net.DialTimeout("tcp", p.upstream.Load().(string), time.Second)
	if err != nil {
		p.count(func(s *Stats) *int { return &s.Refused })
		reset(client)
		return
	}
	if !p.keep(server) {
		return
	}
	defer p.drop(server)
	var both sync.WaitGroup
	both.Go(func() { p.pass(server, client, fault.CutUp, fault) })
	both.Go(func() { p.pass(client, server, fault.CutDown, fault) })
	both.Wait()
}

// pass copies one direction up to its cut.
func (p *Proxy) pass(to, from net.Conn, cut int64, fault Fault) {
	buf := make([]byte, 4096)
	var passed int64
	for {
		left := int64(len(buf))
		if cut != 0 {
			left = min(left, max(cut, 0)-passed)
		}
		if left == 0 {
			p.atCut(to, from, fault)
			return
		}
		n, err := from.Read(buf[:left])
		if n > 0 {
			if fault.Delay > 0 {
				select {
				case <-time.After(fault.Delay):
				case <-p.closed:
					return
				}
			}
			if _, err := to.Write(buf[:n]); err != nil {
				from.Close()
				return
			}
			passed += int64(n)
		}
		if err != nil {
			// An orderly end is passed on as one, everything else as a broken line.
			if half, ok := to.(*net.TCPConn); ok && errors.Is(err, io.EOF) {
				half.CloseWrite()
			} else {
				to.Close()
			}
			return
		}
	}
}

func (p *Proxy) atCut(to, from net.Conn, fault Fault) {
	switch {
	case fault.Silent:
		p.count(func(s *Stats) *int { return &s.Silenced })
		// Everything the sender has yet to say is taken and lost, so that it
		// notices nothing.
		io.Copy(io.Discard, from)
	case fault.HalfOpen:
		p.count(func(s *Stats) *int { return &s.Halved })
		if half, ok := to.(*net.TCPConn); ok {
			half.CloseWrite()
		}
		io.Copy(io.Discard, from)
	default:
		p.count(func(s *Stats) *int { return &s.Cut })
		reset(to)
		reset(from)
	}
}

// reset ends a connection with RST in place of FIN: what was not sent is lost.
func reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		t.SetLinger(0)
	}
	c.Close()
}

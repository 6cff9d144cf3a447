package killtest

import (
	"io"
	"net"
	"strings"
	"sync"
)

// gate is the one address under which the centre can be found, whatever port its
// present process has: a terminal keeps its configuration. While there is no
// centre, connections are refused as far as that can be done from here.
type gate struct {
	listener net.Listener
	mu       sync.Mutex
	target   string
	done     sync.WaitGroup
}

func newGate() (*gate, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &gate{listener: l}
	g.done.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			g.done.Go(func() { g.pass(c.(*net.TCPConn)) })
		}
	})
	return g, nil
}

func (g *gate) url() string { return "http://" + g.listener.Addr().String() }

// hear reads the centre's output.
func (g *gate) hear(line string) {
	if a := Address(line); a != "" {
		g.mu.Lock()
		g.target = strings.TrimPrefix(a, "http://")
		g.mu.Unlock()
	}
}

// pass connects the two sides until one of them ends.
func (g *gate) pass(client *net.TCPConn) {
	defer client.Close()
	g.mu.Lock()
	target := g.target
	g.mu.Unlock()
	server, err := net.Dial("tcp", target)
	if err != nil {
		_ = client.SetLinger(0)
		return
	}
	defer server.Close()
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(server, client)
		server.Close()
		client.Close()
	})
	_, _ = io.Copy(client, server)
	server.Close()
	client.Close()
	both.Wait()
}

func (g *gate) close() {
	g.listener.Close()
	g.done.Wait()
}

package cutproxy_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"hallkiosk/app/internal/cutproxy"
)

// echo is a server that sends back what it gets, and says on ended how many bytes
// came before each connection's end.
func echo(t *testing.T) (addr string, ended chan int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	ended = make(chan int64, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				n, _ := io.Copy(c, c)
				c.Close()
				ended <- n
			}()
		}
	}()
	return l.Addr().String(), ended
}

func listen(t *testing.T, upstream string, f cutproxy.Fault) *cutproxy.Proxy {
	t.Helper()
	p, err := cutproxy.Listen(upstream, func(int) cutproxy.Fault { return f })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func dial(t *testing.T, upstream string, f cutproxy.Fault) (net.Conn, *cutproxy.Proxy) {
	t.Helper()
	p := listen(t, upstream, f)
	c, err := net.Dial("tcp", p.URL()[len("http://"):])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, p
}

// answers reports whether a byte comes back through the proxy. A reset may come
// before Dial has returned.
func answers(p *cutproxy.Proxy) bool {
	c, err := net.Dial("tcp", p.URL()[len("http://"):])
	if err != nil {
		return false
	}
	defer c.Close()
	c.Write([]byte("x"))
	_, err = io.ReadFull(c, make([]byte, 1))
	return err == nil
}

var text = bytes.Repeat([]byte("取号"), 20_000) // 120,000 bytes

func TestPassesEverything(t *testing.T) {
	addr, _ := echo(t)
	c, p := dial(t, addr, cutproxy.Fault{})
	go func() {
		c.Write(text)
		c.(*net.TCPConn).CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, text) {
		t.Errorf("%d of %d bytes came back, %v", len(got), len(text), err)
	}
	if s := p.Stats(); s != (cutproxy.Stats{Connections: 1}) {
		t.Errorf("stats %+v", s)
	}
}

func TestCutsAreExact(t *testing.T) {
	for _, at := range []int64{1, 4095, 4096, 4097, 50_000} {
		addr, ended := echo(t)
		c, p := dial(t, addr, cutproxy.Fault{CutUp: at})
		go c.Write(text)
		io.Copy(io.Discard, c)
		if n := <-ended; n > at {
			t.Errorf("cut after %d bytes up: the server got %d", at, n)
		}
		if p.Stats().Cut == 0 {
			t.Error("no cut was counted")
		}

		addr, _ = echo(t)
		c, _ = dial(t, addr, cutproxy.Fault{CutDown: at})
		go c.Write(text)
		if got, err := io.ReadAll(c); int64(len(got)) > at || err == nil {
			t.Errorf("cut after %d bytes down: the client got %d, %v", at, len(got), err)
		}
	}
}

func TestCutBeforeTheFirstByte(t *testing.T) {
	addr, _ := echo(t)
	if p := listen(t, addr, cutproxy.Fault{CutDown: -1}); answers(p) || p.Stats().Cut != 1 {
		t.Errorf("something came back, or nothing was cut: %+v", p.Stats())
	}
}

func TestSilenceIsNoEnd(t *testing.T) {
	addr, _ := echo(t)
	c, p := dial(t, addr, cutproxy.Fault{CutDown: 10, Silent: true})
	go c.Write(text[:100])
	if got, err := io.ReadAll(io.LimitReader(c, 10)); err != nil || len(got) != 10 {
		t.Fatalf("before the cut: %d bytes, %v", len(got), err)
	}
	c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := c.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a black hole answered %d bytes, %v", n, err)
	}
	if p.Stats().Silenced != 1 {
		t.Errorf("stats %+v", p.Stats())
	}
}

func TestHalfOpen(t *testing.T) {
	addr, ended := echo(t)
	c, p := dial(t, addr, cutproxy.Fault{CutUp: 10, HalfOpen: true})
	c.Write(text[:100])
	got, err := io.ReadAll(c) // the server saw an orderly end and answered what it had
	if err != nil || len(got) != 10 {
		t.Errorf("the direction that was not cut: %d bytes, %v", len(got), err)
	}
	if n := <-ended; n != 10 || p.Stats().Halved != 1 {
		t.Errorf("the server got %d bytes, stats %+v", n, p.Stats())
	}
}

func TestDelay(t *testing.T) {
	addr, _ := echo(t)
	c, _ := dial(t, addr, cutproxy.Fault{Delay: 20 * time.Millisecond})
	begun := time.Now()
	c.Write([]byte("x"))
	io.ReadFull(c, make([]byte, 1))
	if took := time.Since(begun); took < 40*time.Millisecond {
		t.Errorf("there and back in %v", took)
	}
}

func TestServerAway(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := l.Addr().String()
	l.Close()
	p := listen(t, gone, cutproxy.Fault{})
	if answers(p) || p.Stats().Refused != 1 {
		t.Errorf("an answer from nobody: %+v", p.Stats())
	}
	addr, _ := echo(t)
	p.SetUpstream(addr)
	if !answers(p) {
		t.Error("no answer after the server came back")
	}
}

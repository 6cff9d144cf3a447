package tcpprint

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"hallkiosk/devices/escpos"
	"hallkiosk/devices/serialport"
)

// printer listens in the place of a printer and gives the accepted connection.
func printer(t *testing.T) (address string, accepted <-chan net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c := make(chan net.Conn, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			c <- conn
		}
		close(c)
	}()
	return l.Addr().String(), c
}

func open(t *testing.T) (*Port, net.Conn) {
	t.Helper()
	address, accepted := printer(t)
	p, err := Open(Config{Address: Prefix + address})
	if err != nil {
		t.Fatal(err)
	}
	far := <-accepted
	t.Cleanup(func() { p.Close(); far.Close() })
	return p, far
}

func TestReadAndWrite(t *testing.T) {
	p, far := open(t)
	var buf [64]byte
	start := time.Now()
	if n, err := p.Read(buf[:]); n != 0 || err != nil {
		t.Fatalf("nothing came: %d, %v", n, err)
	}
	if d := time.Since(start); d < Tick/2 || d > 20*Tick {
		t.Errorf("a tick took %v", d)
	}
	if _, err := p.Write([]byte{0x10, 0x04, 0x01}); err != nil {
		t.Fatal(err)
	}
	if n, err := io.ReadFull(far, buf[:3]); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := far.Write([]byte("answer")); err != nil {
		t.Fatal(err)
	}
	if n, err := p.ReadWithin(buf[:1], 5*time.Second); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if err := p.ResetInput(); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Read(buf[:]); n != 0 || err != nil {
		t.Errorf("after ResetInput: %q, %v", buf[:n], err)
	}
}

func TestHungUp(t *testing.T) {
	p, far := open(t)
	result := make(chan error)
	go func() {
		var buf [8]byte
		_, err := p.ReadWithin(buf[:], time.Minute)
		result <- err
	}()
	far.Close()
	if err := <-result; !errors.Is(err, serialport.ErrLost) || !strings.Contains(err.Error(), p.Path()) {
		t.Fatal(err)
	}
	if _, err := p.Write([]byte("x")); !errors.Is(err, serialport.ErrLost) {
		t.Error(err)
	}
	if err := p.Close(); err != nil || p.Leaked() {
		t.Error(err)
	}
}

// A printer that takes no data: the network's buffers fill up, and the write is
// given up.
func TestStuckWrite(t *testing.T) {
	p, _ := open(t)
	p.Patience = 100 * time.Millisecond
	if _, err := p.Write(make([]byte, 32<<20)); !errors.Is(err, serialport.ErrLost) {
		t.Fatal(err)
	}
}

func TestClose(t *testing.T) {
	p, _ := open(t)
	result := make(chan error)
	go func() {
		var buf [8]byte
		_, err := p.ReadWithin(buf[:], time.Minute)
		result <- err
	}()
	p.Close()
	if err := <-result; !errors.Is(err, serialport.ErrLost) || !strings.Contains(err.Error(), "closed by this program") {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenErrors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	l.Close()
	if _, err := Open(Config{Address: nobody}); !errors.Is(err, serialport.ErrBusy) || !strings.Contains(err.Error(), nobody) {
		t.Errorf("nobody listens: %v", err)
	}
	for _, address := range []string{"", "tcp://", ":9100", "tcp://:9100"} {
		if _, err := Open(Config{Address: address}); err == nil || errors.Is(err, serialport.ErrAbsent) || !strings.Contains(err.Error(), "tcp://192") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// A ticket over the network, with a printer that answers as Epson's do.
func TestPrint(t *testing.T) {
	p, far := open(t)
	done := make(chan []escpos.Op)
	go func() {
		var ops []escpos.Op
		var in []byte
		buf := make([]byte, 512)
		for {
			n, err := far.Read(buf)
			if err != nil {
				done <- ops
				return
			}
			in = append(in, buf[:n]...)
			for {
				op, n := escpos.NextOp(in)
				if n == 0 {
					break
				}
				in, ops = in[n:], append(ops, op)
				switch op.Kind {
				case escpos.OpStatus:
					far.Write([]byte{0x12})
				case escpos.OpPaper:
					far.Write([]byte{0x00})
				}
			}
		}
	}()
	if err := escpos.New(p, escpos.Opts{}).Print(t.Context(), escpos.Document{escpos.Text{Text: "A012"}}); err != nil {
		t.Fatal(err)
	}
	p.Close()
	printed := ""
	for _, op := range <-done {
		if op.Kind == escpos.OpText {
			printed += op.Text
		}
	}
	if printed != "A012" {
		t.Errorf("printed %q", printed)
	}
}

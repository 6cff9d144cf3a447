package central

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/hall"
)

// A client that sends its header byte by byte, as slowloris does to keep
// connections occupied, is cut; with more patience the same client is answered.
func TestSlowHeaderIsCut(t *testing.T) {
	const header = "GET /livez HTTP/1.1\r\nHost: hall\r\nConnection: close\r\n\r\n"
	for _, tt := range []struct {
		name     string
		patience time.Duration // for the header
		answered bool
	}{
		{"longer than the server waits", 50 * time.Millisecond, false},
		{"slow, but in time", time.Minute, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address := serveWith(t, func(d *timeouts) { d.readHeader = tt.patience })
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(20 * time.Second)) // ends the test instead of hanging it
			said := make(chan string, 1)
			go func() {
				data, err := io.ReadAll(conn)
				if errors.Is(err, os.ErrDeadlineExceeded) {
					data = []byte("the server never let go")
				}
				said <- string(data)
			}()
			pace := time.NewTicker(5 * time.Millisecond) // 55 bytes: 275 ms
			defer pace.Stop()
			sent := 0
			for ; sent < len(header); sent++ {
				if _, err := conn.Write([]byte{header[sent]}); err != nil {
					break // cut
				}
				// Others are served all the while.
				if sent == 3 {
					res, err := http.Get("http://" + address + "/livez")
					if err != nil || res.StatusCode != http.StatusOK {
						t.Errorf("another client: %v", err)
					} else {
						res.Body.Close()
					}
				}
				<-pace.C
			}
			answer := <-said
			// net/http may say 400 before it closes the connection.
			if tt.answered != strings.HasPrefix(answer, "HTTP/1.1 200 OK\r\n") || !tt.answered && answer != "" && !strings.HasPrefix(answer, "HTTP/1.1 400 ") {
				t.Errorf("after %d of %d bytes: %q, want an answer: %v", sent, len(header), answer, tt.answered)
			}
			if !tt.answered && sent == len(header) {
				t.Errorf("all %d bytes were taken", sent)
			}
		})
	}
	if d := defaultTimeouts; d.readHeader <= 0 || d.readHeader > 10*time.Second || d.read <= 0 || d.write <= 0 || d.idle <= 0 {
		t.Errorf("the service itself waits %+v: want every time bounded, the header's within seconds", d)
	}
}

// serveWith runs a service with other timeouts and returns its address.
func serveWith(t *testing.T, change func(*timeouts)) string {
	t.Helper()
	h := &hall.Hall{ID: "test", Name: "测试大厅"}
	s, err := New(Config{DataDir: t.TempDir(), Addr: "127.0.0.1:0", Halls: []*hall.Hall{h}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	change(&s.timeouts)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	<-s.Listening()
	return strings.TrimPrefix(s.URL(), "http://")
}

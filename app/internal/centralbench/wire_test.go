//go:build bench

package centralbench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"time"
)

// wire is a connection to a server that stays open, and a client of HTTP/1.1 that
// costs next to nothing: on a machine of two cores a client that takes as long as
// the server measures mostly itself. It knows the answers these servers give, a
// length or chunks, and nothing more. For one goroutine.
type wire struct {
	host string
	conn net.Conn
	in   *bufio.Reader
	body []byte    // of the last answer
	over time.Time // when the server may have closed it for want of a request
}

// What a server lets a connection wait for its first request and for the next, at
// least.
const (
	firstPatience = 2 * time.Second
	nextPatience  = time.Minute
)

func dial(address string) (*wire, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	w := &wire{host: u.Host}
	return w, w.connect()
}

func (w *wire) connect() error {
	conn, err := net.Dial("tcp", w.host)
	if err != nil {
		return err
	}
	w.conn, w.in, w.over = conn, bufio.NewReaderSize(conn, 8<<10), time.Now().Add(firstPatience)
	return nil
}

func (w *wire) close() { w.conn.Close() }

// post is a request as it goes over the wire.
func post(address, path, token string, body []byte) []byte {
	u, err := url.Parse(address)
	if err != nil {
		panic(err) // the server has said it itself
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n", path, u.Host, len(body))
	if token != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", token)
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// do sends a request and returns the status and the body of its answer, which is
// valid until the next.
func (w *wire) do(request []byte) (status int, body []byte, err error) {
	now := time.Now()
	if now.After(w.over) {
		w.close()
		if err := w.connect(); err != nil {
			return 0, nil, err
		}
	}
	w.over = now.Add(nextPatience)
	if err := w.conn.SetDeadline(now.Add(time.Minute)); err != nil {
		return 0, nil, err
	}
	if _, err := w.conn.Write(request); err != nil {
		return 0, nil, err
	}
	line, err := w.line()
	if err != nil {
		return 0, nil, err
	}
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, nil, fmt.Errorf("answer begins with %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, fmt.Errorf("answer begins with %q", line)
	}
	length, chunked := -1, false
	if status == 204 {
		length = 0
	}
	for {
		if line, err = w.line(); err != nil {
			return 0, nil, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, nil, fmt.Errorf("length %q", value)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
	w.body = w.body[:0]
	switch {
	case chunked:
		for {
			if line, err = w.line(); err != nil {
				return 0, nil, err
			}
			n, err := strconv.ParseInt(string(line), 16, 32)
			if err != nil {
				return 0, nil, fmt.Errorf("chunk of %q", line)
			}
			if err := w.more(int(n) + 2); err != nil {
				return 0, nil, err
			}
			w.body = w.body[:len(w.body)-2]
			if n == 0 {
				return status, w.body, nil
			}
		}
	case length >= 0:
		err = w.more(length)
		return status, w.body, err
	}
	return 0, nil, errors.New("answer without a length")
}

// line reads a line without its end; it is valid until the next.
func (w *wire) line() ([]byte, error) {
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

// more appends so many bytes to the body.
func (w *wire) more(n int) error {
	at := len(w.body)
	if cap(w.body) < at+n {
		w.body = append(make([]byte, 0, 2*(at+n)), w.body...)
	}
	w.body = w.body[:at+n]
	_, err := io.ReadFull(w.in, w.body[at:])
	return err
}

// field returns the value of the first text field of this name in JSON without
// escapes, and "" when there is none.
func field(body []byte, name string) []byte {
	_, rest, ok := bytes.Cut(body, []byte(`"`+name+`":"`))
	if !ok {
		return nil
	}
	value, _, _ := bytes.Cut(rest, []byte(`"`))
	return value
}

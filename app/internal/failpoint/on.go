//go:build failpoints

package failpoint

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Armed reports whether this build has failpoints at all.
const Armed = true

type point struct {
	action string
	wait   time.Duration
	at     int // acts at this hit
	hits   int
}

var (
	mu     sync.Mutex
	points = read(os.Getenv("HALLKIOSK_FAILPOINTS"))
)

// read panics on a malformed variable: a test that arms nothing proves nothing.
func read(spec string) map[string]*point {
	all := map[string]*point{}
	for entry := range strings.SplitSeq(spec, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		name, action, ok := strings.Cut(entry, "=")
		p := &point{at: 1}
		if a, n, counted := strings.Cut(action, "@"); counted {
			at, err := strconv.Atoi(n)
			ok, action, p.at = ok && err == nil && at > 0, a, at
		}
		if a, d, timed := strings.Cut(action, ":"); timed {
			wait, err := time.ParseDuration(d)
			ok, action, p.wait = ok && err == nil && a == "wait", a, wait
		}
		switch action {
		case "kill", "error", "wait":
		default:
			ok = false
		}
		if !ok || name == "" {
			panic(fmt.Sprintf("failpoint: malformed HALLKIOSK_FAILPOINTS entry %q", entry))
		}
		p.action = action
		all[name] = p
	}
	return all
}

// Hit marks a place; see the package documentation.
func Hit(name string) error {
	mu.Lock()
	p := points[name]
	if p == nil {
		mu.Unlock()
		return nil
	}
	p.hits++
	act := p.hits == p.at
	mu.Unlock()
	if !act {
		return nil
	}
	switch p.action {
	case "kill":
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		if err != nil {
			panic(fmt.Sprintf("failpoint: %s: cannot kill: %v", name, err))
		}
		select {} // the signal is on its way
	case "wait":
		time.Sleep(p.wait)
	case "error":
		return fmt.Errorf("failpoint %s: %w", name, errArmed)
	}
	return nil
}

var errArmed = errors.New("armed by the environment")

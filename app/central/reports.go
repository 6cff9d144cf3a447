package central

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"hallkiosk/app/central/internal/httpapi"
	"hallkiosk/app/central/internal/pages"
	"hallkiosk/app/central/internal/queue"
	reports "hallkiosk/app/central/internal/report"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// newReports returns what managers read, of a service whose desks are there.
func (s *Service) newReports(data *store.Store, heard *contacts) (*reports.Desk, error) {
	d, err := reports.New(reports.Config{Store: data, Halls: s.config.Halls, Queue: s.desk, Duties: s.staff, Ratings: s.ratings, Contacts: heard, Now: s.config.Now})
	if err != nil {
		return nil, fmt.Errorf("central: %w", err)
	}
	return d, nil
}

// contacts remembers when each terminal was heard of last, for the pages of managers. It
// is of this process alone and forgotten with it: terminals look every few seconds, and
// writing that down would be most of what a quiet hall writes. Where several services
// share a database, each knows the terminals that talk to it, and of others what they
// have delivered.
type contacts struct {
	now  func() time.Time
	mu   sync.RWMutex
	last map[terminalKey]*atomic.Int64 // microseconds since 1970
}

type terminalKey struct{ hall, terminal string }

func newContacts(now func() time.Time) *contacts {
	if now == nil {
		now = time.Now
	}
	return &contacts{now: now, last: map[terminalKey]*atomic.Int64{}}
}

// note remembers that a terminal was heard of. Only terminals that exist are noted, so
// there are no more than those.
func (c *contacts) note(hallID, terminal string) {
	key := terminalKey{hallID, terminal}
	c.mu.RLock()
	at := c.last[key]
	c.mu.RUnlock()
	if at == nil {
		c.mu.Lock()
		if at = c.last[key]; at == nil {
			at = &atomic.Int64{}
			c.last[key] = at
		}
		c.mu.Unlock()
	}
	at.Store(c.now().UnixMicro())
}

// LastContact returns when a terminal was heard of last by this process; zero = never.
func (c *contacts) LastContact(hallID, terminal string) time.Time {
	c.mu.RLock()
	at := c.last[terminalKey{hallID, terminal}]
	c.mu.RUnlock()
	if at == nil {
		return time.Time{}
	}
	return time.UnixMicro(at.Load())
}

// heardDesk is the desk of the API: it notes which terminals have shown their token.
type heardDesk struct {
	*queue.Desk
	contacts *contacts
}

func (d heardDesk) TerminalOf(ctx context.Context, hallID, token string) (centralapi.Terminal, error) {
	t, err := d.Desk.TerminalOf(ctx, hallID, token)
	if err == nil {
		d.contacts.note(hallID, t.ID)
	}
	return t, err
}

var (
	_ httpapi.Desk     = heardDesk{}
	_ reports.Contacts = (*contacts)(nil)
	_ pages.Reports    = (*reports.Desk)(nil)
)

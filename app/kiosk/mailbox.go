package kiosk

import (
	"sync"

	"hallkiosk/app/kiosk/internal/session"
)

// A mailbox holds events on their way to the session. Putting never waits, so a
// touch, a driver or a finished effect can never be held up, and none is lost.
type mailbox struct {
	mu     sync.Mutex
	events []session.Event
	// bell has room for one: it says that there is something to take.
	bell chan struct{}
}

func newMailbox() *mailbox { return &mailbox{bell: make(chan struct{}, 1)} }

func (m *mailbox) put(e session.Event) {
	m.mu.Lock()
	m.events = append(m.events, e)
	m.mu.Unlock()
	select {
	case m.bell <- struct{}{}:
	default:
	}
}

// take empties the mailbox, oldest first.
func (m *mailbox) take() []session.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	events := m.events
	m.events = nil
	return events
}

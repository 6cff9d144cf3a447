package queue

import (
	"cmp"
	"slices"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// consoleMissed is how many passed-over tickets a console shows at most.
const consoleMissed = 20

// Console is what the console page of one window shows: a snapshot, read again
// as a whole after every change. Package pages draws it.
type Console struct {
	Now         time.Time
	Cursor      int64  // of the hall's ledger, see [Desk.Subscribe]: what else is here is exactly as new
	BusinessDay string // 2026-11-21
	Hall        string // hall.Hall.ID
	Window      string // hall.Window.ID
	// Current is the ticket this window has called and not yet finished or
	// passed over; nil when nobody is at the window.
	Current *centralapi.Ticket
	// Waiting holds the issued tickets of all businesses this window serves, in
	// the order CallNext would take them.
	Waiting []centralapi.Ticket
	// Held holds the tickets this window has on hold, at most three, in the order in
	// which they were called.
	Held []centralapi.Ticket
	// Missed holds the tickets passed over today that may come back here, newest first.
	Missed []centralapi.Ticket
	// Targets is where a ticket of this window can be sent.
	Targets Targets
	// Classes are those a waiting ticket can be given, beside none.
	Classes []centralapi.TicketClass
	// Closed is set while the window is closed from afar, and ClosedWhy says why.
	Closed    bool
	ClosedWhy string
	// Done holds the tickets this window has ended today, newest first.
	Done []DoneTicket
	// Help holds the calls for help nobody has answered yet, oldest first.
	Help []HelpCall
	// Faults holds the devices of the hall's terminals that do not work now,
	// oldest first.
	Faults []DeviceFault
}

// Targets are the places a ticket can be sent to, in the order of the hall file.
type Targets struct {
	Businesses []Target
	Windows    []Target // without this one and those that are closed
}

// Target is a business or a window.
type Target struct {
	ID, Name string
}

// aside adds what is held, what may come back and where tickets can go; done are the
// tickets the window has ended.
func aside(tx *store.Tx, p *place, c *Console, done []store.Ticket) error {
	held, err := tx.Held(p.ID, c.BusinessDay, c.Window)
	if err != nil {
		return err
	}
	for _, t := range held {
		c.Held = append(c.Held, p.ticket(t, 0))
	}
	// Also what was sent to this window alone, of a business it does not serve.
	missed := slices.DeleteFunc(slices.Clone(done), func(t store.Ticket) bool {
		return t.State != centralapi.NoShow || !t.BackAt.IsZero() || !p.serves(c.Window, t)
	})
	for _, b := range p.BusinessesOf(c.Window) {
		list, err := tx.Missed(p.ID, c.BusinessDay, b.ID, consoleMissed)
		if err != nil {
			return err
		}
		missed = append(missed, list...)
	}
	slices.SortStableFunc(missed, func(a, b store.Ticket) int {
		return cmp.Or(b.EndedAt.Compare(a.EndedAt), cmp.Compare(a.ID, b.ID))
	})
	missed = slices.CompactFunc(missed, func(a, b store.Ticket) bool { return a.ID == b.ID })
	for _, t := range missed[:min(len(missed), consoleMissed)] {
		c.Missed = append(c.Missed, p.ticket(t, 0))
	}
	closed, err := tx.ClosedWindows(p.ID)
	if err != nil {
		return err
	}
	own, is := closed[c.Window]
	c.Closed, c.ClosedWhy = is, own.Reason
	for _, b := range p.Businesses {
		c.Targets.Businesses = append(c.Targets.Businesses, Target{b.ID, b.Name})
	}
	for _, w := range p.Windows {
		if _, is := closed[w.ID]; !is && w.ID != c.Window {
			c.Targets.Windows = append(c.Targets.Windows, Target{w.ID, w.Name})
		}
	}
	c.Classes = hall.Classes()
	return nil
}

// DoneTicket is a ticket that has ended at a window.
type DoneTicket struct {
	Ticket centralapi.Ticket
	At     time.Time // when it was finished, passed over or cancelled
}

// HelpCall is somebody at a terminal who has pressed 请人帮忙.
type HelpCall struct {
	ID       string
	Terminal string // the terminal's name and place as staff know it
	Page     string // the page the person was on; never what they typed
	At       time.Time
}

// DeviceFault is a device of a terminal that needs somebody's hands.
type DeviceFault struct {
	Terminal string // the terminal's name and place as staff know it
	Device   string // printer, reader, scanner
	Fault    string // stable code such as paper-out; see centralapi.DeviceState
	Since    time.Time
}

package queue

import (
	"time"

	"hallkiosk/app/centralapi"
)

// Console is what the console page of one window shows: a snapshot, read again
// as a whole after every change. Package pages draws it.
type Console struct {
	Now         time.Time
	BusinessDay string // 2026-11-21
	Hall        string // hall.Hall.ID
	Window      string // hall.Window.ID
	// Current is the ticket this window has called and not yet finished or
	// passed over; nil when nobody is at the window.
	Current *centralapi.Ticket
	// Waiting holds the issued tickets of all businesses this window serves, in
	// the order CallNext would take them.
	Waiting []centralapi.Ticket
	// Done holds the tickets this window has ended today, newest first.
	Done []DoneTicket
	// Help holds the calls for help nobody has answered yet, oldest first.
	Help []HelpCall
	// Faults holds the devices of the hall's terminals that do not work now,
	// oldest first.
	Faults []DeviceFault
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

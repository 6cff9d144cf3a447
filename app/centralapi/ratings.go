package centralapi

import (
	"time"

	"hallkiosk/app/rating"
)

// RatableServices is what may be rated now at a terminal.
type RatableServices struct {
	// Version is that of the reasons to offer; see rating.Reasons.
	Version  string           `json:"version"`
	Services []RatableService `json:"services"`
}

// RatableService is a service of today that has ended and that nobody has rated.
type RatableService struct {
	Ticket   string    `json:"ticket"` // Ticket.ID
	Label    string    `json:"label"`
	Business string    `json:"business"`
	Item     string    `json:"item,omitempty"`
	Window   string    `json:"window,omitempty"` // Window.ID
	Ended    time.Time `json:"ended_at"`
}

// RatingRequest is a rating given at a terminal. Nothing of it may be kept at the
// terminal before somebody presses 提交.
type RatingRequest struct {
	// ID is a UUID of the terminal's making: the same request sent again is no second
	// rating.
	ID     string `json:"id"`
	Ticket string `json:"ticket"` // Ticket.ID of a RatableService
	// Level is what was pressed; nothing is preselected.
	Level rating.Level `json:"level"`
	// Version is that of the reasons offered, empty without any; Reasons are their codes.
	Version string `json:"version,omitempty"`
	Reasons []int  `json:"reasons,omitempty"`
	Words   string `json:"words,omitempty"` // at most rating.MaxWords characters
	// Anonymous keeps even the ticket's number from staff.
	Anonymous bool `json:"anonymous"`
}

// RatingReceipt says that a rating is kept.
type RatingReceipt struct {
	At time.Time `json:"at"`
}

// RatableRequest asks for services by the label on a ticket or by whose card was read;
// exactly one of the two is given. It is sent in a body, not in an address, which would
// end up in logs.
type RatableRequest struct {
	Label     string `json:"label,omitempty"`      // A023
	HolderKey string `json:"holder_key,omitempty"` // see HolderKey
}

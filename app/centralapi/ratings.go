package centralapi

import (
	"context"
	"net/http"
	"time"

	"hallkiosk/app/rating"
)

// RatableServices is what may be rated now at a terminal.
type RatableServices struct {
	// Version is that of the reasons to offer; see rating.Reasons.
	Version  string           `json:"version"`
	Services []RatableService `json:"services"`
}

// RatableService is a service that has ended and that nobody has rated.
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
	// rating. One made of a code for rating this ticket (handoff.Pass.RatingID) lets that
	// code open the rating and what comes of it.
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

// RatableRequest asks for services by the label on a ticket, by whose card was read or by
// the ticket whose code was scanned; exactly one of the three is given. It is sent in a
// body, not in an address, which would end up in logs.
type RatableRequest struct {
	Label     string `json:"label,omitempty"`      // A023, of today
	HolderKey string `json:"holder_key,omitempty"` // of today, see HolderKey
	Ticket    string `json:"ticket,omitempty"`     // Ticket.ID; of an earlier day too
}

// Ratable asks which services may be rated now at this terminal; none is no error.
// Somebody who works at the hall is refused with [CodeForbidden].
func (c *Client) Ratable(ctx context.Context, r RatableRequest) (RatableServices, error) {
	var out RatableServices
	_, err := c.call(ctx, request{method: http.MethodPost, path: "/ratings/services", token: c.token, body: r}, &out)
	return out, err
}

// Rate gives a rating at this terminal. The same request may be sent again after any
// error: it is one rating. It is refused with [CodeConflict] when the service is rated
// already or may not be rated now, with [CodeInvalid] for an answer that is not right.
func (c *Client) Rate(ctx context.Context, r RatingRequest) (RatingReceipt, error) {
	var out RatingReceipt
	_, err := c.call(ctx, request{method: http.MethodPost, path: "/ratings", token: c.token, body: r}, &out)
	return out, err
}

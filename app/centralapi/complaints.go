package centralapi

import (
	"context"
	"net/http"
	"time"

	"hallkiosk/app/complaint"
)

// ComplaintFiled: somebody has written a complaint or suggestion. Body: Complaint. It
// goes through the outbox like everything else, so that it can be written, and its
// receipt printed, while the centre does not answer.
const ComplaintFiled EventKind = "complaint"

// Complaint is the body of ComplaintFiled. What the person has written is sealed with
// the centre's key ([Terminal].SealKey) before the terminal keeps it.
type Complaint struct {
	ID   string         `json:"id"`   // UUIDv7, made where it was written
	Code complaint.Code `json:"code"` // made there too, and on the receipt
	Kind complaint.Kind `json:"kind"`
	// Window is the Window.ID complained of; empty when it is about none, or the
	// person would not say.
	Window string `json:"window,omitempty"`
	// Words are sealed for SealFor(hall, ID, PartWords), at most complaint.MaxWords
	// characters; Contact for PartContact, absent when the person stays anonymous.
	Words   Sealed `json:"words"`
	Contact Sealed `json:"contact,omitempty"`
}

// CodeRequest asks by a query code. It stands in a body, because addresses are logged
// by whatever lies between.
type CodeRequest struct {
	Code string `json:"code"` // as somebody has typed it, see complaint.ParseCode
}

// ComplaintProgress is what the author of a complaint may see of it. Nothing in it
// was written by the author, and nothing by staff but the answer.
type ComplaintProgress struct {
	Kind  complaint.Kind  `json:"kind"`
	State complaint.State `json:"state"`
	// Stages are the states it has reached, in order, the filing first.
	Stages []ComplaintStage `json:"stages"`
	// Due is the day (2026-11-24) by which the next thing is due; empty once the author
	// has been answered or has withdrawn it.
	Due     string `json:"due,omitempty"`
	Overdue bool   `json:"overdue"`
	// Department has it at present; empty when the hall itself does.
	Department string `json:"department,omitempty"`
	Reply      string `json:"reply,omitempty"` // the answer
	// Withdrawable says whether its author can still withdraw it.
	Withdrawable bool `json:"withdrawable"`
	// Judgeable says whether its author can still say what they think of the answer, on
	// the hall's page; Satisfaction is what they said.
	Judgeable    bool                   `json:"judgeable,omitempty"`
	Satisfaction complaint.Satisfaction `json:"satisfaction,omitempty"`
}

// ComplaintStage is when a complaint reached a state.
type ComplaintStage struct {
	State complaint.State `json:"state"`
	At    time.Time       `json:"at"`
}

// ComplaintProgress tells the author of a complaint how far it has come. It needs no
// token; the error is [CodeNotFound] for a code that is not known, and [CodeTooMany]
// after several of those.
func (c *Client) ComplaintProgress(ctx context.Context, code string) (ComplaintProgress, error) {
	var p ComplaintProgress
	_, err := c.call(ctx, request{method: http.MethodPost, path: "/complaints/progress", token: c.token, body: CodeRequest{Code: code}}, &p)
	return p, err
}

// WithdrawComplaint withdraws a complaint for its author. It is refused with
// [CodeConflict] once the author has been answered; a second time it changes nothing.
func (c *Client) WithdrawComplaint(ctx context.Context, code string) (ComplaintProgress, error) {
	var p ComplaintProgress
	_, err := c.call(ctx, request{method: http.MethodPost, path: "/complaints/withdraw", token: c.token, body: CodeRequest{Code: code}}, &p)
	return p, err
}

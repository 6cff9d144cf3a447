package httpapi

import (
	"context"
	"net/http"
	"net/netip"

	"hallkiosk/app/centralapi"
)

// Complaints is what terminals and authors ask of the complaints desk,
// *complaints.Desk. Its errors wrap a [*centralapi.Error].
type Complaints interface {
	SealKey() centralapi.SealKey
	// Progress and Withdraw ask by what somebody has typed as a query code, at an
	// address, which is stopped after guessing too often.
	Progress(ctx context.Context, hallID, code string, from netip.Prefix) (centralapi.ComplaintProgress, error)
	Withdraw(ctx context.Context, hallID, code string, from netip.Prefix) (centralapi.ComplaintProgress, error)
}

// sealKey is the key that seals complaints, if any are taken.
func (a *api) sealKey() (centralapi.SealKey, bool) {
	if a.complaints == nil {
		return centralapi.SealKey{}, false
	}
	return a.complaints.SealKey(), true
}

// byCode answers a question by query code.
func (a *api) byCode(ask func(ctx context.Context, hallID, code string, from netip.Prefix) (centralapi.ComplaintProgress, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body centralapi.CodeRequest
		if err := readJSON(w, r, maxBody, &body); err != nil {
			a.fail(w, r, err)
			return
		}
		p, err := ask(r.Context(), r.PathValue("hall"), body.Code, network(r.RemoteAddr))
		a.answer(w, r, http.StatusOK, p, err)
	}
}

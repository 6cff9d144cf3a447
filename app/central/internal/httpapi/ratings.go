package httpapi

import (
	"context"
	"errors"
	"net/http"

	"hallkiosk/app/centralapi"
)

// Ratings is what terminals ask of the ratings desk, *ratings.Desk. Its errors wrap a
// [*centralapi.Error].
type Ratings interface {
	Ratable(ctx context.Context, hallID string, r centralapi.RatableRequest) (centralapi.RatableServices, error)
	RateAtTerminal(ctx context.Context, hallID, terminal string, r centralapi.RatingRequest) (centralapi.RatingReceipt, error)
}

func (a *api) ratable(w http.ResponseWriter, r *http.Request, _ centralapi.Terminal) {
	var body centralapi.RatableRequest
	if err := readJSON(w, r, maxBody, &body); err != nil {
		a.fail(w, r, err)
		return
	}
	list, err := a.ratings.Ratable(r.Context(), r.PathValue("hall"), body)
	a.answer(w, r, http.StatusOK, list, err)
}

func (a *api) rate(w http.ResponseWriter, r *http.Request, from centralapi.Terminal) {
	var body centralapi.RatingRequest
	if err := readJSON(w, r, maxBody, &body); err != nil {
		a.fail(w, r, err)
		return
	}
	receipt, err := a.ratings.RateAtTerminal(r.Context(), r.PathValue("hall"), from.ID, body)
	a.answer(w, r, http.StatusOK, receipt, err)
}

// byRater is asTerminal for ratings: they are given by people at terminals. A token of
// somebody who works at the hall, which is a good one elsewhere, is told that it may not
// (403) and not that it is unknown.
func (a *api) byRater(next func(http.ResponseWriter, *http.Request, centralapi.Terminal)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		hall, token := r.PathValue("hall"), bearer(r)
		t, err := a.desk.TerminalOf(r.Context(), hall, token)
		if e, ok := errors.AsType[*centralapi.Error](err); ok && e.Code == centralapi.CodeUnauthorized && a.worksHere(r.Context(), hall, token) {
			err = centralapi.Refuse(centralapi.CodeForbidden, "工作人员不能替群众评价。")
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		a.known(w, r, t.ID)
		next(w, r, t)
	}
}

// worksHere says whether a token is that of a window or of a member of staff.
func (a *api) worksHere(ctx context.Context, hall, token string) bool {
	if token == "" {
		return false
	}
	if _, err := a.desk.WindowOf(ctx, hall, token); err == nil {
		return true
	}
	return a.staffToken != nil && a.staffToken(ctx, hall, token)
}

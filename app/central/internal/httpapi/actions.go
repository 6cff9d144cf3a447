package httpapi

import (
	"context"
	"net/http"

	"hallkiosk/app/centralapi"
)

// Actions is what else the clerk at a window does with tickets.
type Actions interface {
	Hold(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	Resume(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	Return(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	Reenter(ctx context.Context, hallID, windowID, ticketID string) (centralapi.Ticket, error)
	Transfer(ctx context.Context, hallID, windowID, ticketID string, to centralapi.TransferTo) (centralapi.Ticket, error)
	WrongMatter(ctx context.Context, hallID, windowID, ticketID string, to centralapi.TransferTo, reason string) (centralapi.Ticket, error)
	Prioritise(ctx context.Context, hallID, windowID, ticketID string, class centralapi.TicketClass, reason string) (centralapi.Ticket, error)
}

// act does with a ticket what needs no more words than its name.
func (a *api) act(w http.ResponseWriter, r *http.Request, window string) {
	do := map[string]func(context.Context, string, string, string) (centralapi.Ticket, error){
		"recall": a.desk.Recall, "start": a.desk.Start, "no-show": a.desk.NoShow, "finish": a.desk.Finish,
		"hold": a.desk.Hold, "resume": a.desk.Resume, "return": a.desk.Return, "re-enter": a.desk.Reenter,
	}[r.PathValue("action")]
	if do == nil {
		a.fail(w, r, notFound())
		return
	}
	t, err := do(r.Context(), r.PathValue("hall"), window, r.PathValue("ticket"))
	a.answer(w, r, http.StatusOK, t, err)
}

func (a *api) transfer(w http.ResponseWriter, r *http.Request, window string) {
	var to centralapi.TransferTo
	actWith(a, w, r, &to, func(hall, ticket string) (centralapi.Ticket, error) {
		return a.desk.Transfer(r.Context(), hall, window, ticket, to)
	})
}

func (a *api) wrongMatter(w http.ResponseWriter, r *http.Request, window string) {
	var m centralapi.WrongMatter
	actWith(a, w, r, &m, func(hall, ticket string) (centralapi.Ticket, error) {
		return a.desk.WrongMatter(r.Context(), hall, window, ticket, m.TransferTo, m.Reason)
	})
}

func (a *api) prioritise(w http.ResponseWriter, r *http.Request, window string) {
	var p centralapi.Prioritise
	actWith(a, w, r, &p, func(hall, ticket string) (centralapi.Ticket, error) {
		return a.desk.Prioritise(r.Context(), hall, window, ticket, p.Class, p.Reason)
	})
}

// actWith reads what an action needs to know and does it.
func actWith(a *api, w http.ResponseWriter, r *http.Request, body any, do func(hall, ticket string) (centralapi.Ticket, error)) {
	if err := readJSON(w, r, maxBody, body); err != nil {
		a.fail(w, r, err)
		return
	}
	t, err := do(r.PathValue("hall"), r.PathValue("ticket"))
	a.answer(w, r, http.StatusOK, t, err)
}

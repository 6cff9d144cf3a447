package queue

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// Numbers accounts for every number of a business day: each is served, passed
// over, cancelled, void with a reason, open, or missing. Nothing is missing in the
// hall's own series, ever; in a terminal's series a number is missing until the
// terminal has reported it.
func (d *Desk) Numbers(ctx context.Context, hallID, day string) (centralapi.DayNumbers, error) {
	p, err := d.place(hallID)
	if err != nil {
		return centralapi.DayNumbers{}, err
	}
	if _, err := time.Parse(hall.DateLayout, day); err != nil {
		return centralapi.DayNumbers{}, centralapi.Refuse(centralapi.CodeInvalid, "日期须写作 2026-11-21 的样子。")
	}
	var rows []store.NumberRow
	err = d.read(ctx, func(tx *store.Tx) (err error) { rows, err = tx.DayNumbers(p.ID, day); return err })
	if err != nil {
		return centralapi.DayNumbers{}, err
	}
	return centralapi.DayNumbers{Hall: p.ID, Day: day, Series: account(rows)}, nil
}

// account adds up the numbers of a day.
func account(rows []store.NumberRow) []centralapi.SeriesNumbers {
	slot := func(series string) int { n, _ := strconv.Atoi(series); return n } // "" is 0
	slices.SortFunc(rows, func(a, b store.NumberRow) int {
		own := cmp.Compare(min(slot(a.Series), 1), min(slot(b.Series), 1)) // the hall's own first
		return cmp.Or(own, cmp.Compare(a.Prefix, b.Prefix), cmp.Compare(slot(a.Series), slot(b.Series)), cmp.Compare(a.Number, b.Number))
	})
	out := []centralapi.SeriesNumbers{}
	next := 0
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].Prefix != r.Prefix || out[len(out)-1].Series != r.Series {
			next = 1
			if r.Series != "" {
				// A terminal whose clock is not trusted counts on over the day.
				next = r.Number
			}
			out = append(out, centralapi.SeriesNumbers{Prefix: r.Prefix, Series: r.Series,
				First: centralapi.Label(r.Prefix, r.Series, next), Void: []centralapi.VoidNumber{}, Missing: []string{}})
		}
		s := &out[len(out)-1]
		for ; next < r.Number && len(s.Missing) < maxMissing; next++ {
			s.Missing = append(s.Missing, centralapi.Label(r.Prefix, r.Series, next))
		}
		next = r.Number + 1
		s.Last = r.Label
		switch centralapi.TicketState(r.State) {
		case centralapi.Finished:
			s.Served++
		case centralapi.NoShow:
			s.NoShow++
		case centralapi.Cancelled:
			s.Cancelled++
		case centralapi.Void:
			s.Void = append(s.Void, centralapi.VoidNumber{Label: r.Label, Reason: r.Reason})
		default:
			s.Open++
		}
	}
	return out
}

// maxMissing bounds the list of missing numbers: a terminal may claim any number.
const maxMissing = 10_000

package ratings

import (
	"context"
	"fmt"
	"io"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/rating"
)

// Figures returns the counts of services of the days from first to last (2026-11-21).
func (d *Desk) Figures(ctx context.Context, hallID, firstDay, lastDay string) (rating.Figures, error) {
	p, err := d.place(hallID)
	if err != nil {
		return rating.Figures{}, err
	}
	var out rating.Figures
	err = d.read(ctx, func(tx *store.Tx) error {
		out = rating.Figures{}
		services, err := tx.ServiceCounts(p.ID, firstDay, lastDay)
		if err != nil {
			return err
		}
		for _, s := range services {
			out.AddServices(s.Business, s.Window, s.Count)
		}
		ratings, err := tx.RatingCounts(p.ID, firstDay, lastDay)
		if err != nil {
			return err
		}
		for _, c := range ratings {
			for range c.Count {
				out.AddRating(rating.Rating{Kind: c.Kind, Answer: rating.Answer{Level: c.Level}, Business: c.Business, Window: c.Window})
			}
		}
		tasks, err := tx.RatingTasksBetween(p.ID, firstDay, lastDay)
		for _, k := range tasks {
			out.AddFollowUp(k.Rating.Business, k.Rating.Window, TaskState(k.State) == Closed)
		}
		return err
	})
	return out, err
}

// Export writes the ratings of services of the days from first to last in the fields of
// the national scheme. format is "csv" or "json". o.Location and o.Service are the
// hall's, unless they are given: matters by name, no codes.
func (d *Desk) Export(ctx context.Context, w io.Writer, hallID, firstDay, lastDay, format string, o rating.Options) error {
	p, err := d.place(hallID)
	if err != nil {
		return err
	}
	if o.Location == nil {
		o.Location = p.loc
	}
	var list []rating.Rating
	tickets := map[string]store.Ticket{}
	err = d.read(ctx, func(tx *store.Tx) error {
		list = list[:0]
		rows, err := tx.RatingsBetween(p.ID, firstDay, lastDay)
		if err != nil {
			return err
		}
		ids := make([]string, 0, len(rows))
		for _, r := range rows {
			list, ids = append(list, r.Rating), append(ids, r.Ticket)
		}
		tickets, err = tx.Tickets(p.ID, ids)
		return err
	})
	if err != nil {
		return err
	}
	if o.Service == nil {
		o.Service = func(r rating.Rating) rating.Service {
			k := tickets[r.Ticket]
			s := rating.Service{Accepted: k.IssuedAt}
			if b, ok := p.Business(r.Business); ok {
				s.TaskName = b.Name
				if i, ok := b.Item(k.Item); ok {
					s.Item = i.Name
				}
			}
			return s
		}
	}
	switch format {
	case "csv":
		err = o.WriteCSV(w, list)
	case "json":
		err = o.WriteJSON(w, list)
	default:
		return centralapi.Refuse(centralapi.CodeInvalid, "只能导出 csv 或 json。")
	}
	if err != nil {
		return fmt.Errorf("ratings: export: %w", err)
	}
	return nil
}

package ratings

import (
	"context"
	"fmt"
	"io"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
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

// maxExport bounds an export.
const maxExport = 366 * 24 * time.Hour

// checkExport refuses what cannot be exported.
func checkExport(firstDay, lastDay, format string, o rating.Options) error {
	refuse := func(text string) error { return centralapi.Refuse(centralapi.CodeInvalid, text) }
	first, err := time.Parse(hall.DateLayout, firstDay)
	last, err2 := time.Parse(hall.DateLayout, lastDay)
	_, known := o.Satisfaction.Number(rating.Satisfied)
	switch {
	case err != nil || err2 != nil || last.Before(first):
		return refuse("请给出开始和结束的日期，例如 2026-11-01，开始在前。")
	case last.Sub(first) >= maxExport:
		return refuse("一次最多导出一年的评价。")
	case format != "csv" && format != "json":
		return refuse("只能导出 csv 或 json。")
	case !known:
		return refuse("请写明数字的方向：five-is-best（5 是非常满意）或 one-is-best（1 是非常满意）。")
	}
	return nil
}

// Export writes the ratings of services of the days from first to last, at most a year,
// in the fields of the national scheme. format is "csv" or "json". o.Location and
// o.Service are the hall's, unless they are given: matters by name, no codes. With
// CodeInvalid nothing is written.
func (d *Desk) Export(ctx context.Context, w io.Writer, hallID, firstDay, lastDay, format string, o rating.Options) error {
	p, err := d.place(hallID)
	if err != nil {
		return err
	}
	if err := checkExport(firstDay, lastDay, format, o); err != nil {
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
	write := o.WriteCSV
	if format == "json" {
		write = o.WriteJSON
	}
	err = write(w, list)
	if err != nil {
		return fmt.Errorf("ratings: export: %w", err)
	}
	return nil
}

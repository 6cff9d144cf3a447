package central

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"hallkiosk/app/central/internal/httpapi"
	"hallkiosk/app/central/internal/pages"
	"hallkiosk/app/central/internal/ratings"
	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/rating"
)

// The desk is what both faces of the service expect of it.
var (
	_ httpapi.Ratings = (*ratings.Desk)(nil)
	_ pages.Ratings   = (*ratings.Desk)(nil)
)

// newRatings returns the ratings desk. What a hall decides about ratings stands in its
// hall file.
func newRatings(c Config, data *store.Store) (*ratings.Desk, error) {
	d, err := ratings.New(ratings.Config{Store: data, Halls: c.Halls, Now: c.Now, Logger: c.Logger})
	if err != nil {
		return nil, fmt.Errorf("ratings: %w", err)
	}
	return d, nil
}

// staffToken says whether a token belongs to a session of staff.
func staffToken(book *staff.Book) func(ctx context.Context, hallID, token string) bool {
	return func(ctx context.Context, hallID, token string) bool {
		_, err := book.Session(ctx, hallID, token)
		return err == nil
	}
}

// sweepRatings does what time brings about in ratings until ctx ends. The function it
// returns ends that and waits for it.
func (s *Service) sweepRatings(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.ratings.Run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// RatingExport says which ratings are exported, and how.
type RatingExport struct {
	// From and To are the first and the last day, 2026-11-01: those on which numbers were
	// taken. At most a year.
	From   string       `json:"from"`
	To     string       `json:"to"`
	Format string       `json:"format"` // csv or json
	Scale  rating.Scale `json:"scale"`  // how levels are written as numbers
}

// ExportRatings writes the ratings of a hall in the fields of the national scheme. A
// refusal ([centralapi.CodeInvalid]) comes before anything is written.
func (s *Service) ExportRatings(ctx context.Context, hallID string, e RatingExport, w io.Writer) error {
	if err := s.ratings.Export(ctx, w, hallID, e.From, e.To, e.Format, rating.Options{Satisfaction: e.Scale}); err != nil {
		return fmt.Errorf("central: export ratings: %w", err)
	}
	return nil
}

// serveRatings answers operators with the file itself: it can be far larger than the
// other answers. One that breaks off is cut, so that nobody takes half for the whole.
func (s *Service) serveRatings(mux *http.ServeMux) {
	mux.HandleFunc("POST /ratings", func(w http.ResponseWriter, r *http.Request) {
		var in adminRequest
		begun := &firstByte{w: w}
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in)
		if err == nil && in.Ratings == nil {
			err = errors.New("no days given")
		}
		if err == nil {
			err = s.ExportRatings(r.Context(), in.Hall, *in.Ratings, begun)
		}
		s.config.Logger.Info("central: operator", "route", r.Pattern, "hall", in.Hall, "failed", err != nil)
		switch {
		case err != nil && begun.done:
			panic(http.ErrAbortHandler)
		case err != nil:
			refuseAdmin(w, err)
		}
	})
}

// firstByte notices whether anything was written.
type firstByte struct {
	w    io.Writer
	done bool
}

func (f *firstByte) Write(p []byte) (int, error) {
	f.done = true
	return f.w.Write(p)
}

// ExportRatings has the service export ratings; see [Service.ExportRatings].
func (r *Remote) ExportRatings(ctx context.Context, hallID string, e RatingExport, w io.Writer) error {
	return r.ask(ctx, "ratings", adminRequest{Hall: hallID, Ratings: &e}, func(answer io.Reader) error {
		_, err := io.Copy(w, answer)
		return err
	})
}

package central

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
)

// GuidesRefused is the error of ImportGuides for a catalogue with errors. The one in
// use stays. Test with errors.As.
type GuidesRefused struct {
	// Problems are what [guide.Check] has found, warnings too; at least one is an
	// error.
	Problems []guide.Problem
}

// Error says how many errors there are, and the first.
func (e *GuidesRefused) Error() string {
	n, first := 0, ""
	for _, p := range e.Problems {
		if p.Warning {
			continue
		}
		if n++; n == 1 {
			first = p.String()
		}
	}
	return fmt.Sprintf("the guides have %d errors and are not used: %s", n, first)
}

// GuideMiss is a text that people looked for among the guides of a hall and did not
// find. It holds nothing personal: see [centralapi.MissedText].
type GuideMiss struct {
	Text  string `json:"text"`
	Count int    `json:"count"`
	Last  string `json:"last"` // newest day it was looked for, 2026-11-21
}

// ImportGuides puts a catalogue of guides to use in a hall and returns its revision.
// Terminals fetch it within seconds. A catalogue in which [guide.Check] finds errors
// is refused with [GuidesRefused] and the one in use stays; warnings are nobody's
// business here. c must not be changed afterwards.
func (s *Service) ImportGuides(ctx context.Context, hallID string, c *guide.Catalogue) (revision string, err error) {
	revision, problems, err := s.desk.ImportGuides(ctx, hallID, c)
	switch {
	case err == nil:
		return revision, nil
	case centralapi.HasCode(err, centralapi.CodeInvalid) && len(problems) > 0:
		err = &GuidesRefused{Problems: problems}
	}
	return "", fmt.Errorf("central: import guides: %w", err)
}

// Guides returns the catalogue in use, which must not be changed; it has no guides
// while the hall has none.
func (s *Service) Guides(ctx context.Context, hallID string) (*guide.Catalogue, error) {
	c, err := s.desk.Guides(ctx, hallID)
	if err != nil {
		return nil, fmt.Errorf("central: guides: %w", err)
	}
	return c, nil
}

// GuideMisses returns what people looked for among the guides and did not find, today
// and on the days before, days in all; the most frequent first, at most a thousand.
// Terminals report once an hour.
func (s *Service) GuideMisses(ctx context.Context, hallID string, days int) ([]GuideMiss, error) {
	rows, err := s.desk.GuideMisses(ctx, hallID, days)
	if err != nil {
		return nil, fmt.Errorf("central: searches without result: %w", err)
	}
	out := make([]GuideMiss, len(rows))
	for i, r := range rows {
		out[i] = GuideMiss(r)
	}
	return out, nil
}

// RotateHandoff makes a new key for the phone addresses of a hall's terminals at once,
// which otherwise happens every 30 days, and returns its ID. With revoke every address
// made until now is refused: for a terminal that was stolen.
func (s *Service) RotateHandoff(ctx context.Context, hallID string, revoke bool) (id uint8, err error) {
	if id, err = s.desk.RotateHandoff(ctx, hallID, revoke); err != nil {
		return 0, fmt.Errorf("central: hand-off key: %w", err)
	}
	return id, nil
}

// serveGuides adds what concerns guides and phone addresses to what operators are
// served.
func (s *Service) serveGuides(mux *http.ServeMux) {
	mux.HandleFunc("POST /guides-import", adminCall(s.config, func(ctx context.Context, r adminRequest) (out adminAnswer, err error) {
		if r.Guides == nil {
			return out, errors.New("no guides given")
		}
		out.Revision, err = s.ImportGuides(ctx, r.Hall, r.Guides)
		return out, err
	}))
	mux.HandleFunc("POST /guides", adminCall(s.config, func(ctx context.Context, r adminRequest) (out adminAnswer, err error) {
		out.Guides, err = s.Guides(ctx, r.Hall)
		return out, err
	}))
	mux.HandleFunc("POST /guide-misses", adminCall(s.config, func(ctx context.Context, r adminRequest) (out adminAnswer, err error) {
		out.Misses, err = s.GuideMisses(ctx, r.Hall, r.Days)
		return out, err
	}))
	mux.HandleFunc("POST /handoff-rotate", adminCall(s.config, func(ctx context.Context, r adminRequest) (out adminAnswer, err error) {
		out.Key, err = s.RotateHandoff(ctx, r.Hall, r.Revoke)
		return out, err
	}))
}

// ImportGuides has the service put a catalogue to use; see [Service.ImportGuides].
func (r *Remote) ImportGuides(ctx context.Context, hallID string, c *guide.Catalogue) (revision string, err error) {
	out, err := r.call(ctx, "guides-import", adminRequest{Hall: hallID, Guides: c})
	return out.Revision, err
}

// Guides asks the service for the catalogue in use; see [Service.Guides].
func (r *Remote) Guides(ctx context.Context, hallID string) (*guide.Catalogue, error) {
	out, err := r.call(ctx, "guides", adminRequest{Hall: hallID})
	if err != nil {
		return nil, err
	}
	return out.Guides, nil
}

// GuideMisses asks the service; see [Service.GuideMisses].
func (r *Remote) GuideMisses(ctx context.Context, hallID string, days int) ([]GuideMiss, error) {
	out, err := r.call(ctx, "guide-misses", adminRequest{Hall: hallID, Days: days})
	return out.Misses, err
}

// RotateHandoff has the service make a new key; see [Service.RotateHandoff].
func (r *Remote) RotateHandoff(ctx context.Context, hallID string, revoke bool) (id uint8, err error) {
	out, err := r.call(ctx, "handoff-rotate", adminRequest{Hall: hallID, Revoke: revoke})
	return out.Key, err
}

package samv

import (
	"context"
	"errors"
	"time"
)

// A placement is what has happened since a card was laid. Whether the card
// still lies there is hard to know: no document says what find answers for a
// card that was read, and readers differ.
type placement struct {
	present  bool
	given    bool      // its person was given out
	since    time.Time // of given
	left     bool      // LeftBehind was reported
	again    bool      // it was found again after reading, or after failing to
	hidden   bool      // it lies there, but is not found
	restart  time.Time // when the module was last restarted to look for it
	tries    int       // that failed in passing
	refused  bool      // card and module refused each other
	reported Reason    // the last Unreadable
}

// restartEvery is the pause between two restarts for the same card. A person
// who takes the card away is noticed so much later at worst, and only by
// readers that tell it in no other way.
const restartEvery = 2 * time.Second

// notFound is what to make of a find that found nothing.
func (r *Reader) notFound(ctx context.Context) (Event, error) {
	if !r.placement.present {
		return Event{Kind: Nothing}, nil
	}
	there, err := r.stillThere(ctx)
	if err != nil {
		return Event{Kind: Nothing}, r.wrap("looking whether the card still lies there", err)
	}
	if !there {
		r.placement = placement{}
		return Event{Kind: Gone}, nil
	}
	r.sticky, r.placement.hidden = true, true
	return r.lying(), nil
}

// stillThere tells, after a find that found nothing, whether the card lies
// there all the same. Its errors are those after which nothing can be said
// about a card.
func (r *Reader) stillThere(ctx context.Context) (bool, error) {
	p := &r.placement
	if p.again && p.restart.IsZero() {
		return false, nil // this reader finds what lies there
	}
	if p.given && p.restart.IsZero() {
		there, knows, err := r.probe(ctx)
		if knows || err != nil {
			return there, err
		}
	}
	if r.opts.NoRestart {
		return false, nil
	}
	if !p.restart.IsZero() && time.Since(p.restart) < restartEvery {
		return true, nil
	}
	p.restart = time.Now()
	if _, err := r.exchange(ctx, commandReset(), readTime); err != nil {
		return true, r.unlessSilent(err)
	}
	_, err := r.exchange(ctx, commandFind(), readTime)
	switch {
	case err == nil, errors.Is(err, StatusUnknownCard):
		return true, nil
	case errors.Is(err, StatusNoCard):
		return false, nil
	}
	return true, r.unlessSilent(err)
}

// probe asks for something that the module gets from the card that it has
// read, without finding it anew, as long as the card lies there (makers' notes
// say so of the newest address). knows is false when the answer tells nothing.
// What it answers is overwritten unseen.
func (r *Reader) probe(ctx context.Context) (there, knows bool, err error) {
	if r.noProbe {
		return false, false, nil
	}
	data, err := r.exchange(ctx, commandAddress(), addressTime)
	clear(data)
	var s Status
	switch {
	case err == nil, errors.Is(err, StatusNoContent):
		r.probes = true
		return true, true, nil
	case errors.Is(err, StatusBadCommand), errors.Is(err, StatusNotPermitted):
		r.noProbe = true
		return false, false, nil
	case errors.As(err, &s):
		// No, unless this reader never says yes.
		return false, r.probes, nil
	}
	return false, false, r.unlessSilent(err)
}

// sameCard tells whether a card found after one was given out is that one.
func (r *Reader) sameCard(ctx context.Context) (bool, error) {
	p := &r.placement
	switch {
	case !p.restart.IsZero():
		return true, nil // a restarted module finds what lies there anew
	case p.hidden:
		return false, nil // only a card that is laid is found once this reader has stopped
	case p.again || !r.sticky:
		p.again = true
		return true, nil
	}
	// This reader does not find a card again. Either it was changed for
	// another within one pause, or the reader does so once in a while.
	there, knows, err := r.probe(ctx)
	if err != nil {
		return true, err
	}
	p.again = there || !knows
	return p.again, nil
}

// lying is the event of a poll that changed nothing.
func (r *Reader) lying() Event {
	p := &r.placement
	if p.given && !p.left && r.opts.LeftAfter > 0 && time.Since(p.since) >= r.opts.LeftAfter {
		p.left = true
		return Event{Kind: LeftBehind}
	}
	return Event{Kind: Nothing}
}

// unlessSilent drops an error that only says that there was no answer: the
// next poll asks again. A Status is dropped as well.
func (r *Reader) unlessSilent(err error) error {
	var s Status
	if r.lost == nil && (errors.Is(err, ErrSilent) || errors.As(err, &s)) {
		return nil
	}
	return err
}

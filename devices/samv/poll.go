package samv

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// EventKind tells what a poll saw.
type EventKind string

// What a poll can see.
const (
	// Nothing new: no card, or the same card still lying there.
	Nothing EventKind = "nothing"
	// CardRead: a person laid a card; Event.Card holds it. Once per placement.
	CardRead EventKind = "card"
	// Unreadable: a card lies there that could not be read; Event.Reason says
	// what to tell. Once per placement and reason; reading goes on, and the
	// card may still follow.
	Unreadable EventKind = "unreadable"
	// LeftBehind: the card that was read still lies there after
	// Opts.LeftAfter. Once per placement.
	LeftBehind EventKind = "left-behind"
	// Gone: the card was taken away. A card laid in place of another between
	// two polls is read without it.
	Gone EventKind = "gone"
)

// Reason says why a card could not be read.
type Reason string

// The reasons of an Unreadable event.
const (
	// LayAgain: lift the card and lay it down again.
	LayAgain Reason = "lay-again"
	// NotIDCard: the card is of another kind.
	NotIDCard Reason = "not-id-card"
	// Suspect: card and security module refused each other again and again,
	// or the content makes no sense. The card may be damaged or false; send
	// the person to a window.
	Suspect Reason = "suspect"
)

// An Event is what one poll saw.
type Event struct {
	Kind EventKind
	// Card is the card that was read, only with CardRead. The Reader keeps no
	// copy.
	Card *Card
	// Reason is why it could not be read, only with Unreadable.
	Reason Reason
}

// The answer to reading begins with the sizes of text and photo (and, when
// asked for, fingerprints), two bytes each, high byte first.
const (
	readHeader = 4
	// readSize is the whole frame of text and photo, for the time on the line.
	readSize = 1295
	// addressSize is the newest address, UTF-16LE.
	addressSize = 70
)

// Poll makes one find, select, read cycle. Call it every 300 to 500 ms; the
// makers ask for at least 300 ms between two finds.
//
// One placement gives one person once. Some readers stop finding a card once
// it was read, or failed to be, until it is lifted; others find it again each
// time. Poll serves both. When a card is no longer found and was not found
// again since it was read, Poll asks for the newest address, which only a card
// that still lies there can answer; when that tells nothing, it restarts the
// module, which then finds whatever lies there. So Gone means gone.
//
// An error with ErrPortLost in its chain ends the Reader's life. ErrSilent, a
// Status (a fault of the module, such as StatusSelfTestFailed) and the
// context's error do not.
func (r *Reader) Poll(ctx context.Context) (Event, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.scan.Reset()
	_, err := r.exchange(ctx, commandFind(), shortTime)
	switch {
	case err == nil:
	case errors.Is(err, StatusNoCard):
		return r.notFound(ctx)
	case errors.Is(err, StatusUnknownCard):
		r.placement.again = true // it will be seen as long as it lies there
		return r.failed(err)
	default:
		return Event{Kind: Nothing}, r.wrap("looking for a card", err)
	}
	if r.placement.given {
		same, err := r.sameCard(ctx)
		switch {
		case err != nil:
			return Event{Kind: Nothing}, r.wrap("looking for a card", err)
		case same:
			return r.lying(), nil
		}
		r.placement = placement{}
		// Asking about the card before may have undone the finding.
		if _, err := r.exchange(ctx, commandFind(), shortTime); err != nil {
			return r.failed(err)
		}
	}
	r.placement.again = r.placement.present
	r.placement.present = true
	return r.read(ctx)
}

// read selects and reads the card that was found.
func (r *Reader) read(ctx context.Context) (Event, error) {
	if r.opts.OnReading != nil && r.placement.reported == "" {
		r.opts.OnReading()
	}
	if _, err := r.exchange(ctx, commandSelect(), shortTime); err != nil {
		return r.failed(err)
	}
	data, err := r.exchange(ctx, commandRead(), readTime+r.lineTime(readSize))
	if err != nil {
		if errors.Is(err, ErrSilent) {
			err = StatusReadFailed // to a person it is the same
		}
		return r.failed(err)
	}
	card, err := cardIn(data)
	clear(data) // the photo as well
	if err != nil {
		return r.failed(err)
	}
	r.placement = placement{present: true, given: true, since: time.Now()}
	r.refusals = 0
	if r.opts.NewestAddress {
		if card.NewAddress, err = r.newestAddress(ctx); r.lost != nil {
			return Event{Kind: Nothing}, err
		}
		card.PrivateUse = card.PrivateUse || strings.ContainsFunc(card.NewAddress, isPrivateUse)
	}
	return Event{Kind: CardRead, Card: &card}, nil
}

// cardIn reads the text out of the answer to reading.
func cardIn(data []byte) (Card, error) {
	text := int(binary.BigEndian.Uint16(data))
	photo := int(binary.BigEndian.Uint16(data[2:]))
	if text != BlockSize || readHeader+text+photo > len(data) {
		return Card{}, ErrBlock
	}
	return ParseCard(data[readHeader:readHeader+BlockSize], time.Now())
}

// newestAddress needs no new find while the card lies there. A card without
// one, or a failure, gives "": the person is known already.
func (r *Reader) newestAddress(ctx context.Context) (string, error) {
	data, err := r.exchange(ctx, commandAddress(), addressTime)
	if err == nil || errors.Is(err, StatusNoContent) {
		r.probes = true
	}
	if err != nil {
		return "", err
	}
	defer clear(data)
	units := make([]uint16, addressSize/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(data[2*i:])
	}
	return textBlock{units}.field(0, addressSize), nil
}

// failed turns a failure after the card was found into an event, or into an
// error when it is none of the card's.
func (r *Reader) failed(err error) (Event, error) {
	r.placement.present = true
	var s Status
	errors.As(err, &s)
	switch {
	case errors.Is(err, ErrBlock), s == StatusCardRefuses, s == StatusModuleRefuses, s == StatusCheckFailed:
		if !r.placement.refused { // one and the same try counts once
			r.placement.refused = true
			r.refusals++
		}
		if r.refusals >= maxRefusals {
			return r.unreadable(Suspect), nil
		}
		return r.unreadable(LayAgain), nil
	case s == StatusReadFailed, s == StatusNoContent:
		return r.unreadable(LayAgain), nil
	case s == StatusUnknownCard:
		return r.unreadable(NotIDCard), nil
	case s == StatusSelectFailed, s == StatusRandomFailed, s == StatusUnknownError,
		s == StatusBadChecksum, s == StatusBadLength:
		// In passing: the next cycle often succeeds.
		if r.placement.tries++; r.placement.tries >= maxTries {
			return r.unreadable(LayAgain), nil
		}
		return Event{Kind: Nothing}, nil
	}
	return Event{Kind: Nothing}, r.wrap("reading a card", err)
}

// unreadable reports a reason once per placement.
func (r *Reader) unreadable(why Reason) Event {
	if r.placement.reported == why {
		return Event{Kind: Nothing}
	}
	r.placement.reported = why
	return Event{Kind: Unreadable, Reason: why}
}

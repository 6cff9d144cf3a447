package rating

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxWords is how many characters a rater may write.
const MaxWords = 150

// Kind says how a rating came to be. The values are on disk and on the wire.
type Kind string

// The kinds.
const (
	// Active: somebody rated (主动评价).
	Active Kind = "active"
	// Supplement: somebody has rated and added to it later (追加评价).
	Supplement Kind = "supplement"
	// Default: nobody rated in time and the hall's rules say which level stands then
	// (默认评价). It never counts as somebody's opinion.
	Default Kind = "default"
)

// Answer is what a rater says.
type Answer struct {
	Level Level
	// Version is that of the reasons offered; empty when none is ticked.
	Version string
	// Reasons are codes of Level's reasons, several or none.
	Reasons []int
	// Words are the rater's own, at most MaxWords characters; may be empty.
	Words string
	// Anonymous keeps even the ticket's number from staff.
	Anonymous bool
}

// Rating is a rating of one service, that of one ticket. There is no name in it.
type Rating struct {
	Hall, Ticket string
	Kind         Kind
	Answer
	Channel  Channel // empty for a default
	Business string  // Business.ID of the service
	Window   string  // Window.ID that served
	Served   time.Time
	At       time.Time
}

// Why an answer or a rating is not kept. Test with errors.Is; the texts hold nothing the
// rater wrote.
var (
	ErrLevel   = errors.New("rating: no such level")
	ErrReason  = errors.New("rating: a reason that does not belong to the level")
	ErrWords   = fmt.Errorf("rating: more than %d characters", MaxWords)
	ErrTime    = errors.New("rating: rated before the service was over")
	ErrChannel = errors.New("rating: no such channel")
	ErrKind    = errors.New("rating: no such kind")
)

// Clean returns the answer as it is kept: words without space around them, without
// control characters and with one kind of line end; reasons in order, each once. It
// checks nothing.
func (a Answer) Clean() Answer {
	a.Words = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(a.Words, "\uFFFD")))
	a.Reasons = slices.Compact(slices.Sorted(slices.Values(a.Reasons)))
	if len(a.Reasons) == 0 {
		a.Reasons, a.Version = nil, ""
	}
	return a
}

// Check returns what is wrong with a cleaned answer: ErrLevel, ErrReason or ErrWords.
func (a Answer) Check() error {
	if !a.Level.Valid() {
		return ErrLevel
	}
	offered := ReasonsOf(a.Version, a.Level)
	for i, code := range a.Reasons {
		known := slices.ContainsFunc(offered, func(r Reason) bool { return r.Code == code })
		if !known || slices.Contains(a.Reasons[:i], code) {
			return fmt.Errorf("%w: %d", ErrReason, code)
		}
	}
	if utf8.RuneCountInString(a.Words) > MaxWords {
		return ErrWords
	}
	return nil
}

// Check returns what is wrong with a rating besides its answer: a service that was not
// over when it was rated, a channel or kind that is none.
func (r Rating) Check() error {
	if err := r.Answer.Check(); err != nil {
		return err
	}
	switch {
	case r.Kind != Active && r.Kind != Supplement && r.Kind != Default:
		return ErrKind
	case r.Kind == Default && r.Channel != "", r.Kind != Default && !r.Channel.Valid():
		return ErrChannel
	case r.Served.IsZero() || r.At.Before(r.Served):
		return ErrTime
	}
	return nil
}

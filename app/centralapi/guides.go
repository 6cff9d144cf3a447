package centralapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"hallkiosk/app/guide"
)

// MaxGuides is the longest JSON of a catalogue of guides, in bytes: some 20,000 guides
// of usual length.
const MaxGuides = 32 << 20

// Guides is the hall's guides, or what makes them of those the terminal has. GET
// /v1/halls/{hall}/guides, with the revision it has as ?since= and If-None-Match. The
// ETag is the revision. Exactly one of Catalogue and Delta is there.
type Guides struct {
	// Revision is [guide.Catalogue.Revision]: the SHA-256 of Catalogue's bytes as they
	// stand here and a line feed, hex.
	Revision  string          `json:"revision"`
	Catalogue json.RawMessage `json:"catalogue,omitempty"` // a guide.Catalogue
	// Delta is sent when the centre still has the revision asked from and the delta is
	// the shorter answer.
	Delta *guide.Delta `json:"delta,omitempty"`
}

// Guides fetches the hall's guides. have is the catalogue the caller holds, or nil;
// when the centre has no other one, changed is false and c is nil. What it returns is
// whole: its revision was compared with what arrived. A hall without guides is
// answered with [CodeNotFound], as by a centre that is older than guides.
func (c *Client) Guides(ctx context.Context, have *guide.Catalogue) (cat *guide.Catalogue, changed bool, err error) {
	cat, changed, err = c.guides(ctx, have)
	if errors.Is(err, guide.ErrDelta) {
		// A newer centre counts fields this program does not know; or what was kept is
		// not what the centre thinks. The whole is right in any case.
		cat, changed, err = c.guides(ctx, nil)
	}
	return cat, changed, err
}

func (c *Client) guides(ctx context.Context, have *guide.Catalogue) (*guide.Catalogue, bool, error) {
	r := request{method: http.MethodGet, path: "/guides", token: c.token, limit: MaxGuides + maxAnswer}
	if revision := have.Revision(); revision != "" {
		r.path += "?since=" + url.QueryEscape(revision)
		r.ifNoneMatch = `"` + revision + `"`
	}
	var g Guides
	status, err := c.call(ctx, r, &g)
	if err != nil || status == http.StatusNotModified {
		return nil, false, err
	}
	cat, err := g.Open(have)
	if err != nil {
		return nil, false, fmt.Errorf("centralapi: guides: %w", err)
	}
	return cat, true, nil
}

// Open returns the catalogue of the answer; have is the one that was asked from. The
// error is [guide.ErrDelta] when the delta does not fit it, and [ErrUnreachable] when
// the answer is not whole.
func (g *Guides) Open(have *guide.Catalogue) (*guide.Catalogue, error) {
	broken := func(why string) (*guide.Catalogue, error) { return nil, fmt.Errorf("%w: %s", ErrUnreachable, why) }
	switch {
	case (g.Delta == nil) == (len(g.Catalogue) == 0):
		return broken("an answer with neither or both of catalogue and delta")
	case g.Delta != nil && g.Delta.To != g.Revision:
		return broken("a delta to another revision")
	case g.Delta != nil:
		return g.Delta.Apply(have)
	}
	// Of the bytes, and not of what is read from them: a newer centre's catalogue may
	// have fields that are lost here.
	if g.Revision != guidesRevision(g.Catalogue) {
		return broken("a catalogue that is not the one its revision says")
	}
	var c guide.Catalogue
	if err := json.Unmarshal(g.Catalogue, &c); err != nil || bytes.Equal(g.Catalogue, []byte("null")) {
		return broken("a catalogue that cannot be read")
	}
	return &c, nil
}

func guidesRevision(catalogue []byte) string {
	h := sha256.New()
	h.Write(catalogue)
	h.Write([]byte{'\n'})
	return hex.EncodeToString(h.Sum(nil))
}

// Limits of a [MissedSearches].
const (
	// MaxMissedText is the longest text, in characters.
	MaxMissedText = 12
	// MaxMissed is how many texts one event carries at most.
	MaxMissed = 100
)

// MissedSearches is the body of SearchMissed: how often each text was looked for in
// vain at one terminal, on one day. Later events of the same day and text count
// besides.
type MissedSearches struct {
	Day      string         `json:"day"` // business day, 2026-11-21, in the terminal's view
	Searches []MissedSearch `json:"searches"`
}

// MissedSearch is one text that found nothing.
type MissedSearch struct {
	Text  string `json:"text"`  // as [MissedText] leaves it
	Count int    `json:"count"` // 1 and up
}

// MissedText returns a text as missed searches are counted: trimmed, one space
// between words, small letters. ok is false for one that must not leave the terminal,
// because it could hold something personal: with a digit in any script, with anything
// but letters and spaces in it, or longer than MaxMissedText characters. The terminal
// asks before it counts, the centre before it keeps.
func MissedText(s string) (text string, ok bool) {
	if len(s) > 8*utf8.UTFMax*MaxMissedText || !utf8.ValidString(s) {
		return "", false
	}
	text = strings.ToLower(strings.Join(strings.Fields(s), " "))
	if text == "" || utf8.RuneCountInString(text) > MaxMissedText {
		return "", false
	}
	for _, r := range text {
		if r != ' ' && !unicode.IsLetter(r) {
			return "", false
		}
	}
	return text, true
}

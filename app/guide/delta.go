package guide

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// ErrDelta means that a delta does not fit the catalogue it is to change, or does
// not make the catalogue it promises: fetch the whole catalogue instead.
var ErrDelta = errors.New("guide: delta does not fit")

// Head is everything of a catalogue but its guides.
type Head struct {
	Sample   bool     `json:"sample,omitempty"`
	Source   string   `json:"source,omitempty"`
	Synonyms []string `json:"synonyms,omitempty"`
}

// Delta is what makes one revision of a catalogue of another.
type Delta struct {
	From string `json:"from"` // Catalogue.Revision; "" = from nothing
	To   string `json:"to"`
	Head Head   `json:"head,omitzero"` // of the new catalogue, whole
	// Order are the IDs of the new catalogue; nil when they are those of the old
	// one in the old order.
	Order []string `json:"order,omitzero"`
	// Changed are the guides that are new or differ.
	Changed []Guide `json:"changed,omitempty"`
}

// Diff is the delta from old, which may be nil, to new. Guides are told apart by
// their IDs; a catalogue in which two have the same, which [Check] refuses, has a
// delta that does not apply.
func Diff(old, new *Catalogue) Delta {
	d := Delta{From: old.Revision(), To: new.Revision(), Head: Head{Sample: new.Sample, Source: new.Source, Synonyms: new.Synonyms}}
	had := map[string]string{}
	var before []string
	if old != nil {
		for i := range old.Guides {
			g := &old.Guides[i]
			had[g.ID] = g.Hash()
			before = append(before, g.ID)
		}
	}
	after := make([]string, 0, len(new.Guides))
	for i := range new.Guides {
		g := &new.Guides[i]
		after = append(after, g.ID)
		if hash, ok := had[g.ID]; !ok || hash != g.Hash() {
			d.Changed = append(d.Changed, *g)
		}
	}
	if !slices.Equal(before, after) {
		d.Order = after
	}
	return d
}

// Apply makes the new catalogue of the old one, which may be nil when the delta is
// from nothing. Neither is changed; they share what is equal. The error is
// [ErrDelta] when the revisions do not fit.
func (d Delta) Apply(old *Catalogue) (*Catalogue, error) {
	if have := old.Revision(); have != d.From {
		return nil, fmt.Errorf("%w: it is from revision %.12s, the catalogue is %.12s", ErrDelta, d.From, have)
	}
	byID := map[string]Guide{}
	order := d.Order
	if old != nil {
		for _, g := range old.Guides {
			byID[g.ID] = g
			if d.Order == nil {
				order = append(order, g.ID)
			}
		}
	}
	for _, g := range d.Changed {
		byID[g.ID] = g
	}
	c := &Catalogue{Sample: d.Head.Sample, Source: d.Head.Source, Synonyms: d.Head.Synonyms}
	for _, id := range order {
		g, ok := byID[id]
		if !ok {
			return nil, fmt.Errorf("%w: guide %q is neither in it nor in the catalogue", ErrDelta, id)
		}
		c.Guides = append(c.Guides, g)
	}
	if made := c.Revision(); made != d.To {
		return nil, fmt.Errorf("%w: it makes revision %.12s, not %.12s", ErrDelta, made, d.To)
	}
	return c, nil
}

// Revision is the SHA-256 of the catalogue's canonical JSON, hex: equal for equal
// catalogues whatever file they were read from, and whether empty lists are nil or
// not. The revision of no catalogue (nil) is "".
func (c *Catalogue) Revision() string {
	if c == nil {
		return ""
	}
	canonical := *c
	if canonical.Guides == nil {
		canonical.Guides = []Guide{} // the only list that is written when empty
	}
	return digest(canonical)
}

// Hash is the same for one guide.
func (g *Guide) Hash() string { return digest(g) }

func digest(v any) string {
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(v); err != nil {
		// Only a Rank that is no number can do that; readers refuse those.
		panic(fmt.Sprintf("guide: revision: %v", err))
	}
	return hex.EncodeToString(h.Sum(nil))
}

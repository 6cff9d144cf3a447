package hall

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// Area returns the area with this id.
func (h *Hall) Area(id string) (*Area, bool) {
	return find(h.Areas, func(a *Area) bool { return a.ID == id })
}

// Window returns the window with this id.
func (h *Hall) Window(id string) (*Window, bool) {
	return find(h.Windows, func(w *Window) bool { return w.ID == id })
}

// Business returns the business with this id.
func (h *Hall) Business(id string) (*Business, bool) {
	return find(h.Businesses, func(b *Business) bool { return b.ID == id })
}

// Item returns the item with this id.
func (b *Business) Item(id string) (*Item, bool) {
	return find(b.Items, func(it *Item) bool { return it.ID == id })
}

// BusinessesOf returns the businesses this window serves, in hall order.
func (h *Hall) BusinessesOf(window string) []*Business {
	var out []*Business
	for i := range h.Businesses {
		if slices.Contains(h.Businesses[i].Windows, window) {
			out = append(out, &h.Businesses[i])
		}
	}
	return out
}

func find[T any](list []T, match func(*T) bool) (*T, bool) {
	for i := range list {
		if match(&list[i]) {
			return &list[i], true
		}
	}
	return nil, false
}

// Public returns a copy without secrets (Window.PINHash): what terminals and
// web pages may know.
func (h *Hall) Public() *Hall {
	c := h.clone()
	for i := range c.Windows {
		c.Windows[i].PINHash = ""
	}
	return c
}

// Revision returns the SHA-256 of the public hall's canonical JSON as 64 hex
// digits: the same hall has the same revision on every machine and after any
// number of trips through JSON. Secrets do not enter it, so a changed PIN does
// not make terminals fetch the catalogue again. A program of another version
// may know other fields and compute another value: compare revisions only with
// what the centre sent.
func (h *Hall) Revision() string {
	// encoding/json writes struct fields in order and sorts map keys; clone has
	// made nil and empty lists the same.
	data, err := json.Marshal(h.Public())
	if err != nil {
		// Hall holds strings, numbers, lists and maps of them only.
		panic(fmt.Sprintf("hall: revision: %v", err))
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// clone copies everything reachable. Lists and maps that are always written to
// JSON come out non-nil, those with omitempty come out nil when empty.
func (h *Hall) clone() *Hall {
	c := *h
	c.Hours = h.Hours.clone()
	c.Areas = append([]Area{}, h.Areas...)
	c.Windows = append([]Window{}, h.Windows...)
	for i := range c.Windows {
		if at := c.Windows[i].At; at != nil {
			own := *at
			c.Windows[i].At = &own
		}
	}
	c.Plan = h.Plan.clone()
	c.Board = append([]BoardPage(nil), h.Board...)
	c.Businesses = append([]Business{}, h.Businesses...)
	for i := range c.Businesses {
		b := &c.Businesses[i]
		b.Windows = append([]string{}, b.Windows...)
		b.Items = append([]Item(nil), b.Items...)
		b.Classes = append([]Class(nil), b.Classes...)
		b.Quotas = append([]Quota(nil), b.Quotas...)
		if b.Hours != nil {
			own := b.Hours.clone()
			b.Hours = &own
		}
	}
	return &c
}

func (h Hours) clone() Hours {
	c := Hours{Week: make(map[string][]string, len(h.Week)), Days: append([]Day{}, h.Days...)}
	for k, v := range h.Week {
		c.Week[k] = append([]string{}, v...)
	}
	for i := range c.Days {
		c.Days[i].Open = append([]string{}, c.Days[i].Open...)
	}
	return c
}

package handoff

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
)

// Kind is what an address leads to. The values are on the wire.
type Kind uint8

// The kinds. The first two only read and may be opened as often as one likes.
const (
	Guide  Kind = 1 // a guide with its ticked materials
	Ticket Kind = 2 // a number and its place in the queue
	Rating Kind = 3 // the rating of a service, once: Nonce is spent by it
)

// Languages of a pass, as in addresses.
const (
	Chinese = "zh"
	English = "en"
)

const (
	// GuideLife is how long a guide's address is valid.
	GuideLife = 30 * 24 * time.Hour
	// MaxTicks is how many materials of a guide a pass can carry; the longest list
	// known has 19. Ticks beyond it stay behind.
	MaxTicks = 64
	// afterDay is how long a ticket's address outlives its business day.
	afterDay = 12 * time.Hour
)

// Pass is what a token stands for. There is nothing about a person in it.
type Pass struct {
	Kind Kind
	// Language is the one spoken at the terminal: [Chinese] or [English].
	Language string
	// Until is when the address ends. Signing rounds it up to a whole hour.
	Until time.Time

	// Of a guide: the digest of its Guide.ID, see [GuideDigest]; of its list of
	// materials, see [ListDigest]; and bit i set when material i was ticked.
	Guide  [8]byte
	List   uint16
	Ticked uint64

	// Ticket is the ticket's id, of a ticket or a rating.
	Ticket uuid.UUID
	// Nonce is random and makes a rating's address one of its kind.
	Nonce [8]byte
}

// ForGuide is the pass of a guide. ticked are indexes of g.Materials; those outside
// it or from [MaxTicks] on are left out.
func ForGuide(g *guide.Guide, ticked []int, language string, now time.Time) Pass {
	p := Pass{Kind: Guide, Language: language, Until: now.Add(GuideLife), Guide: GuideDigest(g.ID), List: ListDigest(g.Materials)}
	for _, i := range ticked {
		if i >= 0 && i < len(g.Materials) && i < MaxTicks {
			p.Ticked |= 1 << i
		}
	}
	return p
}

// ForTicket is the pass of a ticket taken now: it ends twelve hours after the
// business day. id is the ticket's UUID.
func ForTicket(h *hall.Hall, id, language string, now time.Time) (Pass, error) {
	ticket, err := uuid.Parse(id)
	if err != nil {
		return Pass{}, errors.New("handoff: the ticket's id is no UUID")
	}
	return Pass{Kind: Ticket, Language: language, Until: dayEnd(h, now).Add(afterDay), Ticket: ticket}, nil
}

// ForRating is the pass for rating the service of a ticket, once, until the given
// moment.
func ForRating(id, language string, until time.Time) (Pass, error) {
	ticket, err := uuid.Parse(id)
	if err != nil {
		return Pass{}, errors.New("handoff: the ticket's id is no UUID")
	}
	p := Pass{Kind: Rating, Language: language, Until: until, Ticket: ticket}
	rand.Read(p.Nonce[:]) // never fails (crypto/rand)
	return p, nil
}

// RatingID is the id of the rating of a kind, such as active, that the holder of a code
// for rating gives. It is a digest, so that it leads to no code. A terminal that takes
// the rating itself gives it this id and shows the code: then it opens what came of it.
func (p Pass) RatingID(kind string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "code\x00%s\x00%x\x00%s", p.Ticket, p.Nonce, kind))
	id, _ := uuid.FromBytes(sum[:16]) // sixteen bytes are right
	return id.String()
}

// dayEnd is when the business day of t ends.
func dayEnd(h *hall.Hall, t time.Time) time.Time {
	local := t.In(h.Location())
	end := time.Date(local.Year(), local.Month(), local.Day(), h.CutOver, 0, 0, 0, h.Location())
	if !end.After(local) {
		end = end.AddDate(0, 0, 1)
	}
	return end
}

// Has says whether material i was ticked.
func (p Pass) Has(i int) bool { return i >= 0 && i < MaxTicks && p.Ticked>>i&1 == 1 }

// GuideDigest stands for a Guide.ID in a token: the first eight bytes of a SHA-256.
// That two of 20,000 guides share one has the probability 1 in 10¹¹.
func GuideDigest(id string) (d [8]byte) {
	sum := sha256.Sum256([]byte("guide\x00" + id))
	copy(d[:], sum[:])
	return d
}

// ListDigest stands for the names of materials in their order. When it differs, the
// list has changed since and ticks may mean other things.
func ListDigest(materials []guide.Material) uint16 {
	h := sha256.New()
	for _, m := range materials {
		fmt.Fprintf(h, "%d\x00%s", len(m.Name), m.Name)
	}
	return binary.BigEndian.Uint16(h.Sum(nil))
}

// Sizes of the payloads.
const (
	guideSize  = 1 + 8 + 2 // and up to eight bytes of ticks
	ticketSize = 1 + 16
	ratingSize = 1 + 16 + 8
)

var languageCodes = map[string]byte{Chinese: 1, English: 2}

// payload is what stands between head and tag.
func (p Pass) payload() ([]byte, error) {
	code := languageCodes[p.Language]
	if code == 0 {
		return nil, fmt.Errorf("no language %q", p.Language)
	}
	switch p.Kind {
	case Guide:
		b := append([]byte{code}, p.Guide[:]...)
		b = binary.BigEndian.AppendUint16(b, p.List)
		for ticked := p.Ticked; ticked != 0; ticked >>= 8 { // as short as it goes
			b = append(b, byte(ticked))
		}
		return b, nil
	case Ticket:
		return append([]byte{code}, p.Ticket[:]...), nil
	case Rating:
		return append(append([]byte{code}, p.Ticket[:]...), p.Nonce[:]...), nil
	}
	return nil, fmt.Errorf("no kind %d", p.Kind)
}

var errPayload = errors.New("handoff: payload")

// parsePayload reads what payload writes, and nothing else.
func parsePayload(k Kind, b []byte) (Pass, error) {
	p := Pass{Kind: k}
	if len(b) == 0 {
		return p, errPayload
	}
	for language, code := range languageCodes {
		if b[0] == code {
			p.Language = language
		}
	}
	switch {
	case p.Language == "":
		return p, errPayload
	case k == Guide && len(b) >= guideSize && len(b) <= guideSize+MaxTicks/8:
		copy(p.Guide[:], b[1:])
		p.List = binary.BigEndian.Uint16(b[9:])
		ticks := b[guideSize:]
		for i, eight := range ticks {
			p.Ticked |= uint64(eight) << (8 * i)
		}
		if len(ticks) > 0 && ticks[len(ticks)-1] == 0 {
			return p, errPayload // not as short as it goes
		}
		return p, nil
	case k == Ticket && len(b) == ticketSize:
		copy(p.Ticket[:], b[1:])
		return p, nil
	case k == Rating && len(b) == ratingSize:
		copy(p.Ticket[:], b[1:])
		copy(p.Nonce[:], b[17:])
		return p, nil
	}
	return p, errPayload
}

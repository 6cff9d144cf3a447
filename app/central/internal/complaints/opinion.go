package complaints

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
)

// Opinion is what the author of a case thinks of how it was handled.
type Opinion struct {
	Level complaint.Satisfaction // "" = not told
	At    time.Time
	// Words is what the author added; Unreadable says that it cannot be opened.
	Words      string
	Unreadable bool
}

// Opinions counts what authors think of how their complaints were handled.
type Opinions struct{ Satisfied, Fairly, Dissatisfied int }

// Judge takes down what the author of a complaint thinks of how it was handled: once,
// after the answer. The words are sealed like those of the complaint. The errors are
// those of Progress, centralapi.CodeInvalid for words that are too long or a level that
// is none, and CodeConflict before the answer, after a withdrawal, and for an opinion
// that differs from the one that was given; the same level again changes nothing.
func (d *Desk) Judge(ctx context.Context, hallID, code string, level complaint.Satisfaction, words string, from netip.Prefix) (centralapi.ComplaintProgress, error) {
	var p centralapi.ComplaintProgress
	h, c, err := d.asked(hallID, code, from)
	if err != nil {
		return p, err
	}
	words = strings.TrimSpace(words)
	switch {
	case !level.Valid():
		return p, centralapi.Refuse(centralapi.CodeInvalid, "请选择满意、基本满意或者不满意。")
	case !utf8.ValidString(words):
		return p, centralapi.Refuse(centralapi.CodeInvalid, "有认不出来的字，请改一改再提交。")
	case utf8.RuneCountInString(words) > complaint.MaxOpinion:
		return p, centralapi.Refuse(centralapi.CodeInvalid, fmt.Sprintf("写得太长了，最多 %d 个字。", complaint.MaxOpinion))
	}
	err = d.write(ctx, h.ID, func(tx *store.Tx) error {
		p = centralapi.ComplaintProgress{}
		row, _, s, err := d.byCode(tx, h, c)
		if err != nil {
			return err
		}
		before, err := d.opinion(tx, h, row.ID)
		switch {
		case err != nil:
			return err
		case before.Level == level:
		case before.Level != "":
			return centralapi.Refuse(centralapi.CodeConflict, "您已经评价过了，只能评价一次。")
		case s.State != complaint.Answered && s.State != complaint.Archived:
			return centralapi.Refuse(centralapi.CodeConflict, "还没有答复您，请等有了答复再评价。")
		default:
			o := store.ComplaintOpinion{Complaint: row.ID, At: d.now(), Level: string(level)}
			if words != "" {
				box, err := d.keys.Public().Seal(centralapi.SealFor(h.ID, row.ID, partOpinion), words)
				if err != nil {
					return err
				}
				o.Words = string(box)
			}
			if err := tx.AddComplaintOpinion(h.ID, o); err != nil {
				return err
			}
		}
		p = d.progress(h, row, s, level)
		return nil
	})
	return p, d.missed(err, from)
}

// partOpinion is the place that the words of an opinion are sealed for, and its name
// among the openings.
const partOpinion = "opinion"

// opinion returns what the author of a complaint thinks, its words still sealed.
func (d *Desk) opinion(tx *store.Tx, h *hall.Hall, id string) (Opinion, error) {
	all, err := tx.ComplaintOpinions(h.ID, []string{id})
	o, ok := all[id]
	if err != nil || !ok {
		return Opinion{}, err
	}
	return Opinion{Level: complaint.Satisfaction(o.Level), At: o.At.In(h.Location()), Words: o.Words}, nil
}

// unsealOpinion opens the words of an opinion, whose opening has been written down.
func (d *Desk) unsealOpinion(h *hall.Hall, id string, o *Opinion) {
	if o.Words == "" {
		return
	}
	text, err := d.keys.Open(centralapi.Sealed(o.Words), centralapi.SealFor(h.ID, id, partOpinion))
	if err != nil {
		d.log.Error("complaints: cannot be opened", "hall", h.ID, "complaint", id, "part", partOpinion, "err", err)
		o.Words, o.Unreadable = "", true
		return
	}
	o.Words = text
}

// Opinions counts the opinions of a hall, those about cases that a viewer may not see
// included: a number tells nothing of a case.
func (d *Desk) Opinions(ctx context.Context, hallID string) (Opinions, error) {
	h, err := d.hall(hallID)
	if err != nil {
		return Opinions{}, err
	}
	var counts map[string]int
	err = d.read(ctx, func(tx *store.Tx) (err error) {
		counts, err = tx.CountComplaintOpinions(h.ID)
		return err
	})
	return Opinions{counts[string(complaint.Satisfied)], counts[string(complaint.Fairly)], counts[string(complaint.Dissatisfied)]}, err
}

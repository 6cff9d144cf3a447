package queue

import (
	"fmt"
	"slices"
	"strings"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// caps is how many numbers the businesses that have a limit may yet give out in a round.
type caps map[string]*left

// left is what remains of a business' limits; without a limit it is more than any round
// needs.
type left struct {
	today, now int
	quota      hall.Quota // in force now
}

// look reads what remains for the businesses of some requests. Where none has a limit it
// asks nothing.
func (c caps) look(tx *store.Tx, r *round, group []*issuing) error {
	var taken map[string]int
	for _, a := range group {
		b := a.business
		if b.DailyCap == 0 && len(b.Quotas) == 0 || c[b.ID] != nil {
			continue
		}
		l := &left{today: maxTogether, now: maxTogether}
		c[b.ID] = l
		if b.DailyCap > 0 {
			if taken == nil {
				var err error
				if taken, err = tx.Taken(r.p.ID, r.day); err != nil {
					return err
				}
			}
			l.today = b.DailyCap - taken[b.ID]
		}
		if q, since, ok := r.p.QuotaAt(b, r.now); ok {
			n, err := tx.TakenSince(r.p.ID, r.day, b.Prefix, since)
			if err != nil {
				return err
			}
			l.now, l.quota = q.Most-n, q
		}
	}
	return nil
}

// take takes a number of a business, or says why there is none.
func (c caps) take(b *hall.Business) error {
	l := c[b.ID]
	switch {
	case l == nil:
		return nil
	case l.today <= 0:
		return centralapi.Refuse(centralapi.CodeNumbersOut,
			fmt.Sprintf("“%s”今天的 %d 个号已取完，若窗口空闲可直接到窗口办理。", b.Name, b.DailyCap))
	case l.now <= 0:
		return centralapi.Refuse(centralapi.CodeNumbersOut,
			fmt.Sprintf("“%s”%s 的 %d 个号已取完，请换个时段再来。", b.Name, l.quota.Hours, l.quota.Most))
	}
	l.today--
	l.now--
	return nil
}

// pausedError is the refusal of a business that is closed from afar.
func pausedError(c store.Closing) error {
	if c.Reason == "" {
		return centralapi.Refuse(centralapi.CodePaused, "该业务暂停取号，请咨询工作人员。")
	}
	return centralapi.Refuse(centralapi.CodePaused, fmt.Sprintf("该业务暂停取号（%s），请咨询工作人员。", strings.TrimRight(c.Reason, "。")))
}

// checkClass refuses a class the business does not grant.
func (p *place) checkClass(b *hall.Business, r centralapi.TicketRequest) error {
	switch {
	case r.Class == centralapi.Ordinary && r.ClassReason == "":
		return nil
	case r.Class == centralapi.Ordinary:
		return centralapi.Refuse(centralapi.CodeInvalid, "取号请求不正确：普通号不需要理由。")
	case !slices.Contains(b.Classes, r.Class):
		return centralapi.Refuse(centralapi.CodeInvalid, fmt.Sprintf("“%s”不能取这一类号，请改取普通号。", b.Name))
	case r.Class == centralapi.Appointment && r.ClassReason == "":
		return nil // that there is an appointment says enough
	}
	_, err := checkReason(r.ClassReason)
	return err
}

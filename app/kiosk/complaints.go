package kiosk

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/slip"
)

// askPatience is how long a person waits to be told how far their complaint has come.
const askPatience = 6 * time.Second

// complaintsChanged tells the session whether complaints are taken: they are when the
// centre has given its key to seal them with.
func (t *Terminal) complaintsChanged(h *hall.Hall) {
	e := session.ComplaintsChanged{}
	if self, ok := t.uplink.Terminal(); ok && self.SealKey != nil {
		e.Taken, e.Page = true, t.complaintPage(h)
	}
	t.mail.put(e)
}

// complaintPage is where phones file complaints, "" if there is no such address.
func (t *Terminal) complaintPage(h *hall.Hall) string {
	base := h.PhoneURL
	if base == "" {
		base = t.config.Centre
	}
	address, err := url.JoinPath(base, "complaint", h.ID)
	if err != nil {
		return ""
	}
	return address
}

// carryOutComplaint does what the session wants done about complaints. It reports
// whether fx was about them.
func (t *Terminal) carryOutComplaint(ctx context.Context, fx session.Effect) bool {
	switch fx := fx.(type) {
	case session.FileComplaint:
		t.spawn("file complaint", session.ComplaintUnfiled{ID: fx.ID}, func() session.Event { return t.fileComplaint(ctx, fx) })
	case session.PrintReceipt:
		t.spawn("print receipt", session.ReceiptPrintDone{ID: fx.ID}, func() session.Event {
			err := t.printer.Print(ctx, t.receipt(fx).Document(t.profile))
			if err != nil {
				t.log.Warn("receipt not printed", "error", err)
			}
			return session.ReceiptPrintDone{ID: fx.ID, OK: err == nil}
		})
	case session.AskProgress:
		away := session.ProgressCame{ID: fx.ID, Problem: session.CodeAway}
		t.spawn("ask progress", away, func() session.Event { return t.progress(ctx, fx) })
	default:
		return false
	}
	return true
}

// fileComplaint seals what somebody wrote and writes it down for the centre. What they
// wrote ends here: neither the disk nor the log nor an error ever has it in clear.
func (t *Terminal) fileComplaint(ctx context.Context, fx session.FileComplaint) session.Event {
	c, err := t.seal(fx)
	if err == nil {
		// Even while the terminal is being stopped: the person has pressed 提交.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = t.uplink.FileComplaint(ctx, c)
	}
	if err != nil {
		t.logFailure("file complaint", err)
		return session.ComplaintUnfiled{ID: fx.ID}
	}
	e := session.ComplaintFiled{ID: fx.ID, Code: c.Code}
	if h := t.hall(); h != nil {
		e.QR = codeAddress(t.complaintPage(h), c.Code, fx.Language)
	}
	return e
}

// codeAddress is where the progress of a complaint can be seen. The code stands behind
// #, where it reaches no server and no log.
func codeAddress(page string, code complaint.Code, l session.Language) string {
	query := ""
	if l == session.English {
		query = "?lang=en"
	}
	if page == "" {
		return ""
	}
	return page + "/progress" + query + "#" + string(code)
}

func (t *Terminal) seal(fx session.FileComplaint) (centralapi.Complaint, error) {
	self, ok := t.uplink.Terminal()
	if !ok || self.SealKey == nil {
		return centralapi.Complaint{}, fmt.Errorf("kiosk: seal complaint: the centre takes none")
	}
	id, err := uuid.NewV7()
	if err != nil {
		return centralapi.Complaint{}, fmt.Errorf("kiosk: seal complaint: %w", err)
	}
	c := centralapi.Complaint{ID: id.String(), Code: complaint.NewCode(), Kind: fx.Kind, Window: fx.Window}
	if c.Words, err = self.SealKey.Seal(centralapi.SealFor(self.Hall, c.ID, centralapi.PartWords), fx.Words); err != nil {
		return centralapi.Complaint{}, fmt.Errorf("kiosk: seal complaint: %w", err)
	}
	if fx.Contact == "" {
		return c, nil
	}
	if c.Contact, err = self.SealKey.Seal(centralapi.SealFor(self.Hall, c.ID, centralapi.PartContact), fx.Contact); err != nil {
		return centralapi.Complaint{}, fmt.Errorf("kiosk: seal complaint: %w", err)
	}
	return c, nil
}

// receipt is what stands on a receipt's paper.
func (t *Terminal) receipt(fx session.PrintReceipt) slip.Receipt {
	r := slip.Receipt{
		Language: string(fx.Language), Kind: pick(fx.Language, fx.Kind.Name(), fx.Kind.NameEn()),
		Code: fx.Code.Shown(), QR: fx.QR, Large: fx.Large,
	}
	h := t.hall()
	if h == nil {
		return r
	}
	r.Hall, r.Phone = pick(fx.Language, h.Name, h.NameEn), h.SupervisionPhone
	if now, _, trusted := t.uplink.Now(); trusted {
		r.At = now
	}
	return r
}

// progress asks the centre how far a complaint has come.
func (t *Terminal) progress(ctx context.Context, fx session.AskProgress) session.Event {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	p, err := t.client.ComplaintProgress(ctx, string(fx.Code))
	h := t.hall()
	switch {
	case centralapi.HasCode(err, centralapi.CodeNotFound):
		return session.ProgressCame{ID: fx.ID, Problem: session.CodeUnknown}
	case centralapi.HasCode(err, centralapi.CodeInvalid):
		return session.ProgressCame{ID: fx.ID, Problem: session.CodeMistyped}
	case centralapi.HasCode(err, centralapi.CodeTooMany):
		return session.ProgressCame{ID: fx.ID, Problem: session.CodeTooMany}
	case err != nil || h == nil:
		return session.ProgressCame{ID: fx.ID, Problem: session.CodeAway}
	}
	c := session.Case{Kind: p.Kind, State: p.State, Due: p.Due, Overdue: p.Overdue, Department: p.Department, Reply: p.Reply}
	for _, stage := range p.Stages {
		c.Stages = append(c.Stages, session.CaseStage{State: stage.State, At: stage.At.In(h.Location())})
	}
	return session.ProgressCame{ID: fx.ID, Case: c}
}

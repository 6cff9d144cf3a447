package session

import (
	"slices"
	"strings"
	"unicode"

	"hallkiosk/app/complaint"
)

// complaining is how far somebody has got with a complaint. All of it ends with the
// visit; what was sent is with the runner.
type complaining struct {
	number  int // page of the choices on the screen, from 0
	kind    complaint.Kind
	window  string // Window.ID; "" = none named
	words   writing
	contact string // digits
	problem ContactProblem
	failed  bool
	sent    int // ID of FileComplaint; 0 = none is awaited
	receipt receipt
	code    writing
	unknown CodeProblem
	asked   int // ID of AskProgress; 0 = none is awaited
	found   Case
}

// receipt is what is known of a complaint that was filed.
type receipt struct {
	code  complaint.Code
	qr    string
	print int // ID of the newest PrintReceipt
	paper GuidePaper
}

const (
	minContact = 7  // digits of a number without its area code
	maxContact = 15 // ITU-T E.164
)

// Choices of the pages of complaints have IDs that begin like this.
const (
	kindID   = "kind:"
	windowID = "window:" // alone: none named
	// progressID leads to how far a complaint has come that was filed before.
	progressID = "progress"
)

// inComplaint reports whether a page is one of those of complaints that take touches.
func inComplaint(p Page) bool {
	switch p {
	case PageComplaint, PageConcerned, PageWords, PageContact, PageFiling, PageReceipt, PageCode, PageProgress:
		return true
	}
	return false
}

// takesComplaints reports whether complaints can be filed here.
func (s *State) takesComplaints() bool { return s.world.hall != nil && s.world.complaints.Taken }

// codeRule is the rule of the field for query codes: their alphabet, in capitals.
var codeRule = rule{most: complaint.CodeLength, admit: func(r rune, _ bool) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z'
}}

// openComplaint shows the kinds.
func (s *State) openComplaint() {
	s.visit.complaint = complaining{}
	s.show(PageComplaint)
}

// onComplaint carries out a touch on a page of complaints. One that means nothing
// there shows that somebody is present.
func (s State) onComplaint(e Event) (State, []Effect) {
	v := &s.visit.complaint
	switch e := e.(type) {
	case BackPressed:
		return s.backInComplaint()
	case PageTurned:
		v.number += e.By
		s.clampPage()
		s.armIdle()
		return s, nil
	}
	var effects []Effect
	switch s.Page {
	case PageComplaint:
		if e, ok := e.(Chosen); ok {
			s.chooseKind(e.ID)
		}
	case PageConcerned:
		if e, ok := e.(Chosen); ok {
			if id, ok := strings.CutPrefix(e.ID, windowID); ok && (id == "" || s.windowName(id) != "") {
				v.window = id
				s.show(PageWords)
			}
		}
	case PageWords:
		var known bool
		if v.words, effects, known = s.write(v.words, e, words(complaint.MaxWords, s.Language)); known {
			break
		}
		if _, ok := e.(WritingDone); ok && strings.TrimSpace(v.words.text) != "" {
			v.words.wipe()
			s.show(PageContact)
		}
	case PageContact:
		s.onContact(e)
	case PageFiling:
		if _, ok := e.(SendPressed); ok {
			return s.sendComplaint()
		}
	case PageReceipt:
		if _, ok := e.(PrintReceiptPressed); ok && s.canPrintReceipt() {
			effects = s.printReceipt()
		}
	case PageCode:
		effects = s.onCode(e)
		if s.Page == PageAsking {
			return s, effects
		}
	}
	s.armIdle()
	return s, effects
}

func (s State) backInComplaint() (State, []Effect) {
	v := &s.visit.complaint
	v.number = 0
	switch s.Page {
	case PageComplaint:
		return s.end()
	case PageConcerned:
		s.show(PageComplaint)
	case PageWords:
		v.words.wipe()
		if s.asksWindow() {
			s.show(PageConcerned)
		} else {
			s.show(PageComplaint)
		}
	case PageContact:
		v.problem = ""
		s.show(PageWords)
	case PageFiling:
		v.failed = false
		s.show(PageContact)
	case PageCode:
		v.code, v.unknown = writing{}, ""
		s.show(PageComplaint)
	case PageProgress:
		v.found = Case{}
		s.show(PageCode)
	}
	return s, nil
}

// asksWindow reports whether it makes sense to ask at which window it happened.
func (s *State) asksWindow() bool {
	return s.visit.complaint.kind.AtWindow() && s.world.hall != nil && len(s.world.hall.Windows) > 0
}

func (s *State) chooseKind(id string) {
	v := &s.visit.complaint
	if id == progressID {
		v.number, v.code, v.unknown = 0, writing{input: Letters}, ""
		s.show(PageCode)
		return
	}
	name, ok := strings.CutPrefix(id, kindID)
	kind := complaint.Kind(name)
	if !ok || !kind.Valid() {
		return
	}
	v.kind, v.number = kind, 0
	if v.words.text == "" { // whoever came back keeps what they wrote, and the keys
		v.words = s.newWriting()
	}
	if s.asksWindow() {
		s.show(PageConcerned)
		return
	}
	v.window = ""
	s.show(PageWords)
}

func (s *State) onContact(e Event) {
	v := &s.visit.complaint
	switch e := e.(type) {
	case KeyPressed:
		if unicode.IsDigit(e.Key) && e.Key < 0x80 && len(v.contact) < maxContact {
			v.contact += string(e.Key)
		}
		v.problem = ""
	case DeletePressed:
		v.contact = e.from(v.contact)
		v.problem = ""
	case AnonymousPressed:
		v.contact, v.problem = "", ""
		s.show(PageFiling)
	case NumberEntered:
		if len(v.contact) < minContact {
			v.problem = ContactTooShort
			return
		}
		s.show(PageFiling)
	}
}

// sendComplaint has the complaint filed, once: while the answer is awaited no touch
// can send it again.
func (s State) sendComplaint() (State, []Effect) {
	v := &s.visit.complaint
	v.failed, v.sent = false, s.ask()
	s.Page = PageSending
	s.arm(timerSlow, slowAfter)
	return s, []Effect{FileComplaint{
		ID: v.sent, Kind: v.kind, Window: v.window, Words: strings.TrimSpace(v.words.text), Contact: v.contact,
		Language: s.Language,
	}}
}

func (s *State) canPrintReceipt() bool {
	return s.world.devices.Printer && s.visit.complaint.receipt.paper != GuidePrinting
}

func (s *State) printReceipt() []Effect {
	v := &s.visit.complaint
	v.receipt.print, v.receipt.paper = s.ask(), GuidePrinting
	return []Effect{PrintReceipt{
		ID: v.receipt.print, Code: v.receipt.code, Kind: v.kind, QR: v.receipt.qr, Language: s.Language, Large: s.Assisted,
	}}
}

// onCode carries out a touch on the page that asks for a code.
func (s *State) onCode(e Event) []Effect {
	v := &s.visit.complaint
	if k, ok := e.(KeyPressed); ok { // keys say small letters, paper says capitals
		e = KeyPressed{Key: unicode.ToUpper(k.Key)}
	}
	if i, ok := e.(InputChosen); ok && i.Input == Handwriting {
		return nil // nobody writes a code with a finger
	}
	if next, effects, known := s.write(v.code, e, codeRule); known {
		if next.text != v.code.text {
			v.unknown = ""
		}
		v.code = next
		return effects
	}
	if _, ok := e.(WritingDone); !ok || v.code.text == "" {
		return nil
	}
	code, err := complaint.ParseCode(v.code.text)
	if err != nil {
		v.unknown = CodeMistyped
		return nil
	}
	v.asked = s.ask()
	s.Page = PageAsking
	s.arm(timerSlow, slowAfter)
	return []Effect{AskProgress{ID: v.asked, Code: code}}
}

// complaintAnswered takes in an answer about complaints. One that nobody waits for
// any more does nothing: the complaint of it is filed all the same.
func (s State) complaintAnswered(e Event) (State, []Effect) {
	v := &s.visit.complaint
	switch e := e.(type) {
	case ComplaintFiled:
		if s.Page != PageSending || e.ID != v.sent {
			break
		}
		kind := v.kind
		*v = complaining{kind: kind, receipt: receipt{code: e.Code, qr: e.QR}} // the words are sealed; nobody here needs them
		s.visit.slow = false
		s.show(PageReceipt)
		if s.canPrintReceipt() {
			return s, s.printReceipt()
		}
	case ComplaintUnfiled:
		if s.Page == PageSending && e.ID == v.sent {
			v.sent, v.failed, s.visit.slow = 0, true, false
			s.show(PageFiling)
		}
	case ReceiptPrintDone:
		if r := &v.receipt; r.paper == GuidePrinting && e.ID == r.print {
			r.paper = GuideUnprinted
			if e.OK {
				r.paper = GuidePrinted
			}
		}
	case ProgressCame:
		if s.Page != PageAsking || e.ID != v.asked {
			break
		}
		v.asked, s.visit.slow, v.number = 0, false, 0
		if v.unknown = e.Problem; e.Problem != "" {
			s.show(PageCode)
			break
		}
		v.found = e.Case
		v.found.Stages = slices.Clone(e.Case.Stages)
		s.show(PageProgress)
	}
	return s, nil
}

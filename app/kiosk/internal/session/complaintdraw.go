package session

import (
	"fmt"
	"slices"
	"strings"

	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
)

// viewComplaint draws a page of complaints.
func (s *State) viewComplaint(view *View) {
	v := &s.visit.complaint
	switch s.Page {
	case PageComplaint:
		view.Kinds = &Kinds{s.complaintChoices()}
	case PageConcerned:
		view.Concerned = &Concerned{s.kindName(), s.complaintChoices()}
	case PageWords:
		view.Words = &Words{s.kindName(), s.viewWriting(v.words, words(complaint.MaxWords, s.Language))}
	case PageContact:
		view.Contact = &Contact{Digits: v.contact, Problem: v.problem}
	case PageFiling:
		view.Filing = &Filing{
			Kind: s.kindName(), Window: s.windowName(v.window), Words: strings.TrimSpace(v.words.text),
			Contact: maskPhone(v.contact), Failed: v.failed,
		}
	case PageSending, PageAsking:
		view.Page, view.Working = PageWorking, &Working{Slow: s.visit.slow, What: WorkSending}
		if s.Page == PageAsking {
			view.Working.What = WorkLooking
		}
	case PageReceipt:
		view.Receipt = &Receipt{
			Code: v.receipt.code.Shown(), QR: v.receipt.qr, Paper: v.receipt.paper,
			CanPrint: s.canPrintReceipt(), Away: s.world.away,
		}
	case PageCode:
		view.AskCode = &AskCode{Writing: s.viewWriting(v.code, codeRule), Problem: v.unknown}
		view.AskCode.Handwriting = false
		if s.world.complaints.Page != "" {
			view.AskCode.QR = s.world.complaints.Page + "/progress"
		}
	case PageProgress:
		title := pick(s.Language, v.found.Kind.Name(), v.found.Kind.NameEn())
		view.Reading = s.reading(title, s.progressBlocks(), false, v.number)
	}
}

func (s *State) kindName() string {
	k := s.visit.complaint.kind
	return pick(s.Language, k.Name(), k.NameEn())
}

// windowName is the name of a window, "" for none.
func (s *State) windowName(id string) string {
	if s.world.hall == nil || id == "" {
		return ""
	}
	at := slices.IndexFunc(s.world.hall.Windows, func(w hall.Window) bool { return w.ID == id })
	if at < 0 {
		return ""
	}
	return s.world.hall.Windows[at].Name
}

// complaintChoices is the page of the kinds, or of the windows.
func (s *State) complaintChoices() Choose {
	return s.paged(place{number: s.visit.complaint.number}, s.allComplaintChoices(), s.world.drawing.Breaks)
}

// allComplaintChoices are those of all pages.
func (s *State) allComplaintChoices() []Choice {
	var all []Choice
	w := boardWordsIn(s.Language)
	if s.Page == PageComplaint {
		// Whoever has told it already asks how far it has come.
		all = append(all, Choice{ID: progressID, Title: w.progress, Subtitle: w.progressHint, Waiting: -1})
		for _, k := range complaint.Kinds() {
			all = append(all, Choice{
				ID: kindID + string(k), Title: pick(s.Language, k.Name(), k.NameEn()),
				Subtitle: pick(s.Language, k.About(), k.AboutEn()), Waiting: -1,
			})
		}
		return all
	}
	all = append(all, Choice{ID: windowID, Title: w.noWindow, Subtitle: w.noWindowHint, Waiting: -1})
	if h := s.world.hall; h != nil {
		for _, win := range h.Windows {
			c := Choice{ID: windowID + win.ID, Title: w.window(win.Name), Waiting: -1}
			if a, ok := h.Area(win.Area); ok {
				c.Subtitle = pick(s.Language, a.Name, a.NameEn)
			}
			all = append(all, c)
		}
	}
	return all
}

// maskPhone shows of a telephone number what its owner knows it by: 138****1234.
func maskPhone(digits string) string {
	if len(digits) < minContact {
		return digits
	}
	head := min(3, len(digits)-4)
	if len(digits) < 10 {
		head = 1
	}
	return digits[:head] + "****" + digits[len(digits)-4:]
}

// progressBlocks say how far a case has come.
func (s *State) progressBlocks() []Block {
	w, c := boardWordsIn(s.Language), s.visit.complaint.found
	var l blockList
	if c.Overdue {
		l.add(Block{Kind: BlockText, Text: w.overdue})
	}
	l.add(Block{Kind: BlockHeading, Title: fmt.Sprintf(w.now, pick(s.Language, c.State.Name(), c.State.NameEn()))})
	reached := map[complaint.State]CaseStage{}
	for _, st := range c.Stages {
		reached[st.State] = st
	}
	states := complaint.Way()
	if c.State == complaint.Withdrawn {
		states = nil
		for _, st := range c.Stages {
			states = append(states, st.State)
		}
	}
	for _, state := range states {
		text := w.notYet
		if st, ok := reached[state]; ok {
			text = st.At.Format("2006-01-02 15:04")
		}
		l.fact(pick(s.Language, state.Name(), state.NameEn()), text)
	}
	l.fact(w.due, c.Due)
	l.fact(w.department, c.Department)
	if strings.TrimSpace(c.Reply) != "" {
		l.add(Block{Kind: BlockHeading, Title: w.reply})
		l.add(Block{Kind: BlockText, Text: c.Reply})
	}
	return l
}

// reading is a page of text.
func (s *State) reading(title string, blocks []Block, actions bool, number int) *Reading {
	starts := s.world.drawing.Reads(blocks, actions, s.Assisted, s.Language)
	at, from, to := page(number, starts, len(blocks))
	return &Reading{Title: title, Blocks: blocks[from:to], Number: at + 1, Pages: len(starts)}
}

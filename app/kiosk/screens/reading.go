package screens

import (
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// reads breaks texts into pages; see [session.Reads].
func (k *kit) reads(blocks []session.Block, actions, assisted bool, lang session.Language) []int {
	u := k.ruler(assisted, lang)
	return u.breakBlocks(blocks, func(paged bool) touch.Rect { return u.readingSheet(actions, paged).blocks })
}

// readingSheet is where the parts of a page of text stand: the title above, the
// actions below or, on landscape panels, beside, like the pager.
type readingSheet struct {
	title, blocks, pager, actions touch.Rect
	result                        touch.Rect // what came of an action
}

func (u ruler) readingSheet(actions, paged bool) readingSheet {
	m := u.m
	p := page{m: m}
	r := p.room()
	var s readingSheet
	if m.Panel.Portrait() {
		s.title = r.CutTop(p.questionLine())
		r.CutTop(p.below())
		if actions {
			s.actions = r.CutBottom(2*m.Target + m.Gap)
			r.CutBottom(m.Gap * 1.5)
		}
		if paged {
			s.pager = r.CutBottom(m.Target)
			r.CutBottom(m.Gap * 1.5)
		}
	} else {
		if actions {
			s.actions = r.CutRight(u.machineRail())
			r.CutRight(m.Gap * 1.5)
			if paged {
				s.pager = s.actions.CutTop(u.row())
				s.actions.CutTop(m.Gap)
			}
		} else if paged {
			s.pager = r.CutRight(grid{u}.pagerSize())
			r.CutRight(m.Gap * 1.5)
		}
		s.title = r.CutTop(p.questionLine())
		r.CutTop(p.below())
	}
	if actions {
		s.result = r.CutBottom(m.TextHeight(m.Body, 2) + 2*m.MM(1.8))
		r.CutBottom(m.Gap)
	}
	s.blocks = r
	return s
}

// reading draws a page of text.
func (p *page) reading(v *session.Reading) {
	s := p.ruler().readingSheet(false, v.Pages > 1)
	p.questionAside(s.title, v.Title, "")
	p.blocks(s.blocks, v.Blocks, v.Pages > 1)
	if v.Pages > 1 {
		p.pager(s.pager, v.Number, v.Pages)
	}
}

// machineRail is the width of the actions beside the text.
func (u ruler) machineRail() float32 {
	var w float32
	for _, k := range []wording.Key{wording.MachinePrint, wording.MachineOpening, wording.MachineClosing, wording.MachineLeave} {
		w = max(w, u.width(u.w.Say(k), u.bold()))
	}
	return max(w+2*u.m.MM(2), 2*u.row()+u.m.Gap)
}

// row is the height of a row of buttons where there is no room to spare.
func (u ruler) row() float32 {
	if u.m.Tight() {
		return u.m.TargetMin
	}
	return u.m.Target
}

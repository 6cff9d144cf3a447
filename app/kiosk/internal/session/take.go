package session

import (
	"strings"

	"hallkiosk/app/hall"
)

func (s State) onChoose(e Event) (State, []Effect, bool) {
	v := &s.visit
	switch e := e.(type) {
	case PageTurned:
		v.number += e.By
		s.clampPage()
		s.armIdle()
		return s, nil, true
	case BackPressed:
		if v.level == nil || v.level.parent == nil {
			next, effects := s.end()
			return next, effects, true
		}
		child := v.level
		v.level = child.parent
		if v.level.parent == nil {
			v.level = nil
		}
		v.number = s.pageOf(child.id)
		s.armIdle()
		return s, nil, true
	case Chosen:
		n := s.world.menu.nodes[e.ID]
		if n == nil { // of a catalogue that has just been replaced
			s.armIdle()
			return s, nil, true
		}
		s.choose(n)
		return s, nil, true
	}
	return s, nil, false
}

// choose goes on with what was chosen: to its items, to who takes the number, or
// to why none can be taken now.
func (s *State) choose(n *node) {
	v := &s.visit
	if n.business != nil {
		if barred, until := s.world.barred(n.business); barred == Closed || barred == Paused {
			m := Message{Kind: BusinessClosed, Business: n.title(s.Language), Opens: until}
			if barred == Paused {
				m.Kind = BusinessPaused
			}
			s.say(m)
			return
		}
	}
	if n.leads() {
		v.level, v.number = n, 0
		s.armIdle()
		return
	}
	v.choice = n
	v.failure, v.failures = "", 0
	if s.asks() == hall.AskNever || v.person.Number != "" {
		s.show(PageConfirm)
	} else {
		s.show(PageIdentify)
	}
}

func (s *State) asks() hall.AskID {
	if a := s.visit.choice.business.AskID; a != "" {
		return a
	}
	return hall.AskNever
}

func (s State) onIdentify(e Event) (State, []Effect, bool) {
	switch e.(type) {
	case BackPressed:
		s.toChoice()
	case TypePressed:
		s.visit.typed, s.visit.problem = "", ""
		s.show(PageTypeNumber)
	case NoCardPressed:
		if s.asks() == hall.AskOptional {
			s.visit.person = Person{}
			s.show(PageConfirm)
		} else {
			s.say(Message{Kind: NoCard, Business: s.visit.choice.title(s.Language)})
		}
	default:
		return s, nil, false
	}
	return s, nil, true
}

func (s State) onTypeNumber(e Event) (State, []Effect, bool) {
	v := &s.visit
	switch e := e.(type) {
	case BackPressed:
		v.typed, v.problem = "", ""
		s.show(PageIdentify)
		return s, nil, true
	case KeyPressed:
		k := e.Key
		if k == 'x' {
			k = 'X'
		}
		if len(v.typed) < maxDigits && strings.ContainsRune("0123456789X", k) {
			v.typed += string(k)
		}
		v.problem = ""
	case DeletePressed:
		v.typed = e.from(v.typed)
		v.problem = ""
	case NumberEntered:
		if v.problem = checkNumber(v.typed, s.world.now); v.problem == "" {
			v.person = Person{Number: v.typed, Typed: true}
			s.show(PageConfirm)
			return s, nil, true
		}
	default:
		return s, nil, false
	}
	s.armIdle()
	return s, nil, true
}

func (s State) onConfirm(e Event) (State, []Effect, bool) {
	v := &s.visit
	switch e.(type) {
	case BackPressed:
		switch {
		case v.person.Typed:
			v.person = Person{}
			s.show(PageTypeNumber)
		case v.person.Number == "" && s.asks() != hall.AskNever:
			s.show(PageIdentify)
		default:
			s.toChoice()
		}
		return s, nil, true
	case Confirmed:
		s.Page = PageWorking
		s.arm(timerSlow, slowAfter)
		issue := Issue{Business: v.choice.business.ID, Language: s.Language}
		if v.choice.item != nil {
			issue.Item = v.choice.item.ID
		}
		if s.asks() != hall.AskNever {
			issue.Person = v.person
		}
		return s, []Effect{issue}, true
	}
	return s, nil, false
}

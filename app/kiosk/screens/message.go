package screens

import (
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// message draws a page that only says something: what happened, what it means,
// and what can be done now.
func (p *page) message(rest touch.Rect, m *session.Message) {
	r := p.content(rest)
	icon, title, text := p.messageWords(m)
	about := m.Kind == session.BusinessClosed || m.Kind == session.BusinessPaused || m.Kind == session.NumbersOut || m.Kind == session.RatingNothing
	if about && m.Business != "" && !p.m.Tight() {
		title = m.Business + "\n" + title
	}
	if m.Phone != "" {
		text += "\n" + p.say(wording.MessagePhone) + " " + m.Phone
	}
	p.bigWords(r, icon, p.m.Colors.BlueInk, title, text, p.messageButtons(m))
}

func (p *page) messageWords(m *session.Message) (icon touch.Icon, title, text string) {
	when := wording.Args{Time: p.w.When(m.Opens, p.v.Top.Now)}
	switch m.Kind {
	case session.HallClosed:
		title = p.say(wording.MessageClosed)
		switch p.v.Top.Open.Kind {
		case hall.ClosedNow:
			title = p.say(wording.MessageClosedToday)
		case hall.ClosedDay:
			title = p.say(wording.MessageClosedDay)
		}
		if m.Reason != "" {
			title = p.w.Fill(wording.MessageClosedReason, wording.Args{Reason: m.Reason})
		}
		text = p.say(wording.MessageOpensUnknown)
		if !m.Opens.IsZero() {
			text = p.w.Fill(wording.MessageOpens, when)
		}
		return touch.IconDoor, title, text
	case session.BusinessClosed:
		text = p.say(wording.MessageBusinessClosedHint)
		if !m.Opens.IsZero() {
			text = p.w.Fill(wording.MessageBusinessClosedOpens, when)
		}
		return touch.IconClock, p.say(wording.MessageBusinessClosed), text
	case session.BusinessPaused:
		return touch.IconPause, p.say(wording.MessageBusinessPaused), p.say(wording.MessageBusinessPausedHint)
	case session.NumbersOut:
		return touch.IconTicket, p.say(wording.MessageNumbersOut), p.say(wording.MessageNumbersOutHint)
	case session.NoCard:
		return touch.IconPerson, p.say(wording.MessageNoCard), p.say(wording.MessageNoCardHint)
	case session.RatingAway, session.RatingNothing, session.RatingTaken, session.RatingStands, session.RatingRefused:
		return p.ratingMessage(m)
	case session.NotTaken:
		return touch.IconRetry, p.say(wording.MessageNotTaken), p.say(wording.MessageNotTakenHint)
	}
	return touch.IconInfo, p.say(wording.MessageOutOfOrder), p.say(wording.MessageOutOfOrderHint)
}

// messageButtons returns what draws the ways on, nil if there are none.
func (p *page) messageButtons(m *session.Message) func(touch.Rect) {
	type way struct {
		b touch.Button
		p touch.Press
	}
	var ways []way
	if m.Retry {
		ways = append(ways, way{
			touch.Button{Label: p.say(wording.MessageRetry), Icon: touch.IconRetry, Kind: touch.Primary, Size: p.m.Title},
			p.press("message.retry", session.RetryPressed{}),
		})
	}
	open := func(there bool, k wording.Key, icon touch.Icon, name string, e session.Event) {
		if there {
			ways = append(ways, way{touch.Button{Label: p.say(k), Icon: icon, Size: p.m.Title}, p.press(name, e)})
		}
	}
	open(m.HasGuides, wording.HomeGuides, touch.IconGuide, "home.guides", session.GuidesPressed{})
	open(m.HasRatings, wording.HomeRate, touch.IconRate, "home.rate", session.RatePressed{})
	open(m.HasComplaints, wording.HomeComplaint, touch.IconComplaint, "home.complaint", session.ComplaintPressed{})
	open(m.HasPublic, wording.HomeBoard, touch.IconBoard, "home.board", session.PublicPressed{})
	if m.Kind == session.NoCard {
		ways = append(ways, way{
			touch.Button{Label: p.say(wording.BottomHelp), Icon: touch.IconHelp, Kind: touch.Warm, Size: p.m.Title},
			p.press("message.help", session.HelpPressed{}),
		})
	}
	if p.v.Bottom.Home {
		kind := touch.Quiet
		if len(ways) == 0 {
			kind = touch.Primary
		}
		ways = append(ways, way{
			touch.Button{Label: p.say(wording.MessageHome), Icon: touch.IconHome, Kind: kind, Size: p.m.Title},
			p.press("message.home", session.HomePressed{}),
		})
	}
	if len(ways) == 0 {
		return nil
	}
	return func(r touch.Rect) {
		width := min(r.W, p.m.Question*10*float32(len(ways)))
		cells := r.Center(width, r.H).Columns(len(ways), p.m.Gap)
		icons := true // all or none, where there are many
		for i, cell := range cells {
			if p.f.ButtonWidth(ways[i].b) > cell.W {
				ways[i].b.Size = p.m.Body
			}
			icons = icons && p.f.ButtonWidth(ways[i].b) <= cell.W
		}
		for i, cell := range cells {
			if !icons && len(ways) > 2 {
				ways[i].b.Icon = touch.NoIcon
			}
			p.f.Button(cell, ways[i].b, ways[i].p)
		}
	}
}

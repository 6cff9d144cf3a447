package screens

import (
	"fmt"
	"unicode/utf8"

	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/session"
)

// HallGallery returns the pages of a real hall that are hardest to draw: every
// page of the first level, the level with the most choices, the one with the
// fewest, and the longest name from the choice to the ticket. The views come from
// the session itself, so they are what a citizen gets.
func HallGallery(h *hall.Hall, p Panel, v Variant) ([]Sample, error) {
	d, err := Drawing(p)
	if err != nil {
		return nil, err
	}
	g := hallGallery{hall: h, variant: v, drawing: d}
	g.start()
	g.level("first")
	most, fewest := g.mostAndFewest()
	for name, b := range map[string]*hall.Business{"most": most, "fewest": fewest} {
		if b == nil {
			continue
		}
		g.start()
		g.do(session.Chosen{ID: "business:" + b.ID})
		g.level(name)
	}
	g.longest()
	return g.samples, nil
}

type hallGallery struct {
	hall    *hall.Hall
	variant Variant
	drawing session.Drawing
	state   session.State
	samples []Sample
}

func (g *hallGallery) do(events ...session.Event) {
	for _, e := range events {
		g.state, _ = session.Step(g.state, e)
	}
}

func (g *hallGallery) add(name string) {
	g.samples = append(g.samples, Sample{Name: name, View: g.state.View()})
}

// start is a visit to an open hall, on the first level of choices.
func (g *hallGallery) start() {
	g.state = session.Start(g.drawing)
	queues := make(map[string]session.Queue, len(g.hall.Businesses))
	for i, b := range g.hall.Businesses {
		queues[b.ID] = session.Queue{Waiting: i * 7 % 23, Served: true}
	}
	g.do(
		session.HallChanged{Hall: g.hall},
		session.ClockTicked{Now: at(20, 9, 30), Open: hall.OpenState{Kind: hall.Open, Until: at(20, 12, 0), Next: at(20, 14, 0)}},
		session.DevicesChanged{Devices: session.Devices{Reader: true, Printer: true}},
		session.StatusChanged{Queues: queues},
		session.LanguageChosen{Language: g.variant.Language},
		session.AssistedChosen{On: g.variant.Assisted},
		session.TakeNumber{},
	)
}

// level adds every page of the level that is shown, or the first three and the
// last of many.
func (g *hallGallery) level(name string) {
	for {
		c := g.state.View().Choose
		if c == nil {
			return
		}
		if c.Number <= 3 || c.Number == c.Pages {
			g.add(fmt.Sprintf("hall-%s-%02d-of-%02d", name, c.Number, c.Pages))
		}
		if c.Number == c.Pages {
			return
		}
		g.do(session.PageTurned{By: 1})
	}
}

func (g *hallGallery) mostAndFewest() (most, fewest *hall.Business) {
	for i := range g.hall.Businesses {
		b := &g.hall.Businesses[i]
		if len(b.Items) == 0 {
			continue
		}
		if most == nil || len(b.Items) > len(most.Items) {
			most = b
		}
		if fewest == nil || len(b.Items) < len(fewest.Items) {
			fewest = b
		}
	}
	return most, fewest
}

// longest follows the item with the longest name from the list to its number.
func (g *hallGallery) longest() {
	var business *hall.Business
	var item hall.Item
	for i := range g.hall.Businesses {
		for _, it := range g.hall.Businesses[i].Items {
			if utf8.RuneCountInString(it.Name) > utf8.RuneCountInString(item.Name) {
				business, item = &g.hall.Businesses[i], it
			}
		}
	}
	if business == nil {
		return
	}
	g.start()
	g.do(session.Chosen{ID: "business:" + business.ID})
	for shown := false; !shown; {
		c := g.state.View().Choose
		for _, choice := range c.Choices {
			shown = shown || choice.ID == "item:"+item.ID
		}
		if shown || c.Number == c.Pages {
			break
		}
		g.do(session.PageTurned{By: 1})
	}
	g.add("hall-longest-choose")
	g.do(session.Chosen{ID: "item:" + item.ID})
	g.add("hall-longest-identify")
	g.do(session.CardRead{Person: session.Person{Number: "11010519491231002X", Name: "测*员"}})
	g.add("hall-longest-confirm")
	g.do(session.Confirmed{}, session.Issued{Ticket: session.Ticket{
		ID: "sample", Label: business.Prefix + "023", Business: business.ID, Item: item.ID, Ahead: 4,
		QR: "https://hall.example.cn/t/sample/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", Holder: "测*员",
	}}, session.PrintDone{TicketID: "sample"})
	g.add("hall-longest-result")
}

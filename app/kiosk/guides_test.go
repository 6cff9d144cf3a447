package kiosk

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"hallkiosk/app/guide"
	"hallkiosk/app/kiosk/handwriting"
	"hallkiosk/app/kiosk/internal/session"
)

// pen reads strokes slowly: it waits until it is told to go on.
type pen struct {
	asked chan int // strokes of each question
	goOn  chan struct{}
}

func (p *pen) Characters(strokes []handwriting.Stroke, n int) []string {
	p.asked <- len(strokes)
	<-p.goOn
	return slices.Repeat([]string{"居"}, n)
}

// While somebody writes quickly and the recogniser is slow, only the newest
// strokes are looked at, one question at a time.
func TestOnlyTheNewestStrokesAreRead(t *testing.T) {
	p := &pen{asked: make(chan int, 10), goOn: make(chan struct{}, 10)}
	term := bare(new(bytes.Buffer))
	term.config.Handwriting = p
	ask := func(id int) {
		strokes := slices.Repeat([]session.Stroke{{{X: 1, Y: 2}}}, id)
		term.carryOut(context.Background(), session.Recognise{ID: id, Strokes: strokes})
	}
	ask(1)
	if n := <-p.asked; n != 1 {
		t.Fatalf("%d strokes", n)
	}
	for id := 2; id <= 5; id++ { // while the first is being read
		ask(id)
	}
	p.goOn <- struct{}{}
	if n := <-p.asked; n != 5 {
		t.Errorf("read %d strokes next, want the newest 5", n)
	}
	p.goOn <- struct{}{}
	term.effects.Wait()
	if len(p.asked) != 0 {
		t.Errorf("%d more questions", len(p.asked))
	}
	answered := map[int]int{}
	for _, e := range term.mail.take() {
		r := e.(session.Recognised)
		answered[r.ID] = len(r.Characters)
	}
	if len(answered) != 5 || answered[5] != candidates || answered[3] != 0 {
		t.Errorf("answers %v", answered)
	}
}

func TestNewerGuidesWin(t *testing.T) {
	var log bytes.Buffer
	term := bare(&log)
	term.readSynonyms()
	if term.guides.synonyms.Len() == 0 {
		t.Error("the product's synonyms are not read")
	}
	catalogue := func(name string) *guide.Catalogue {
		return &guide.Catalogue{Guides: []guide.Guide{{ID: "g", Name: name, Department: "公安"}}, Synonyms: []string{"没有等号"}}
	}
	last := catalogue("居住证申领")
	for range 20 {
		term.guidesChanged(catalogue("旧事项"))
	}
	term.guidesChanged(last)
	term.effects.Wait()
	events := term.mail.take()
	e := events[len(events)-1].(session.GuidesChanged)
	if e.Catalogue != last {
		t.Errorf("the last of %d catalogues is not the newest", len(events))
	}
	if m := e.Finder.Find("juzhuz", 5); len(m) != 1 || m[0].Guide != 0 {
		t.Errorf("found %v", m)
	}
	if !strings.Contains(log.String(), "没有等号") {
		t.Error("a rule that cannot be read is passed over in silence")
	}
}

// Package screens draws the terminal's pages with Fyne.
//
// The terminal's main program makes one [Screens] for its window and shows it
// every [session.View]; touches go back as session events. The package decides
// nothing: a view says everything that is on a page, except sentences, sizes and
// places. It never imports fyne/v2/app, opens no window and keeps nothing of a
// view longer than it is shown.
//
// There is one file a page. A page is a function that names everything on it on a
// [touch.Frame], which touches only what differs from the last drawing; see
// package touch for why. The one hand-over to Fyne's goroutine is in [Screens.Show].
package screens

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/touch"
	"hallkiosk/app/kiosk/internal/wording"
)

// Panel is a screen's size in millimetres and pixels.
type Panel = touch.Panel

// ReferencePanels returns the panels every page is made and tested for.
func ReferencePanels() []touch.NamedPanel { return touch.ReferencePanels() }

// Theme is the theme the Fyne app must use: it holds the fonts.
func Theme() fyne.Theme { return touch.NewTheme() }

// Surface is what pages are shown on: a fyne.Window or a fyne.Canvas.
type Surface interface {
	SetContent(fyne.CanvasObject)
}

// Options are the settings of Screens. Panel and Send are required.
type Options struct {
	Panel Panel
	// Send takes every touch. It is called on Fyne's goroutine and must not wait.
	Send func(session.Event)
	// Post runs a function on Fyne's goroutine; nil = fyne.Do.
	Post func(func())
}

// Ignore is a Send for pages that nobody touches: pictures.
func Ignore(session.Event) {}

// Screens draws views on a surface.
type Screens struct {
	opts  Options
	kit   *kit
	guard *touch.Guard
	frame *touch.Frame

	mu      sync.Mutex
	pending *session.View // not drawn yet; the newest only

	shown session.View // on Fyne's goroutine
	drawn bool
}

// kit is what pages and page breaks of a panel are made with.
type kit struct {
	faces *touch.Faces
	book  *wording.Book
	// normal and assisted are made once: a person who switches sees no pause.
	normal, assisted *touch.Metrics
}

// loaded are the fonts and sentences the program was built with, for every panel and
// goroutine the same: loading them takes some milliseconds.
var loaded = sync.OnceValues(func() (k kit, err error) {
	if k.faces, err = touch.LoadFaces(); err == nil {
		k.book, err = wording.Load()
	}
	return k, err
})

func newKit(p Panel) (*kit, error) {
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("screens: %w", err)
	}
	k, err := loaded()
	if err != nil {
		return nil, fmt.Errorf("screens: %w", err)
	}
	k.normal, k.assisted = touch.NewMetrics(p, false), touch.NewMetrics(p, true)
	return &k, nil
}

// Drawing is what a session must know of how pages are drawn on a panel: where they
// break. Its functions may be called from any goroutine and need no window. It fails
// like New.
func Drawing(p Panel) (session.Drawing, error) {
	k, err := newKit(p)
	if err != nil {
		return session.Drawing{}, err
	}
	return session.Drawing{
		Breaks: k.breaks, Results: k.results(), Folds: k.folds, Reads: k.reads, Ticks: k.ticks, Handwriting: true,
	}, nil
}

func (k *kit) ruler(assisted bool, lang session.Language) ruler {
	m := k.normal
	if assisted {
		m = k.assisted
	}
	return ruler{m, k.faces, k.book.In(lang)}
}

// New puts an empty page on the surface. It fails when the panel is impossible or
// the program was built without its fonts or sentences.
func New(s Surface, o Options) (*Screens, error) {
	if o.Send == nil {
		return nil, errors.New("screens: no Send to take touches")
	}
	k, err := newKit(o.Panel)
	if err != nil {
		return nil, err
	}
	if o.Post == nil {
		o.Post = fyne.Do
	}
	sc := &Screens{
		opts: o, kit: k,
		guard: &touch.Guard{After: func(d time.Duration, f func()) { time.AfterFunc(d, func() { o.Post(f) }) }},
	}
	sc.frame = touch.NewFrame(k.faces, sc.guard)
	sc.frame.Again = func() { sc.draw(sc.shown) }
	sc.frame.Begin(k.normal)
	sc.frame.End()
	s.SetContent(sc.frame.Object())
	return sc, nil
}

// Show draws the view. It may be called from any goroutine and does not wait; of
// views that come faster than they can be drawn, the newest is drawn.
func (s *Screens) Show(v session.View) {
	s.mu.Lock()
	waiting := s.pending != nil
	s.pending = &v
	s.mu.Unlock()
	if waiting {
		return // what was posted for the last one will find this one
	}
	s.opts.Post(func() {
		s.mu.Lock()
		v := *s.pending
		s.pending = nil
		s.mu.Unlock()
		s.draw(v)
	})
}

// draw returns how many objects changed.
func (s *Screens) draw(v session.View) int {
	hold := v.Page == session.PageWorking && (v.Working == nil || !v.Working.Slow) &&
		s.drawn && s.shown.Page != session.PageWorking
	body := v
	if hold {
		// Until it is worth saying that something takes time, the page stays as
		// it was, with the pressed button.
		body = s.shown
	}
	u := s.kit.ruler(v.Assisted, v.Language)
	p := &page{f: s.frame, m: u.m, faces: u.faces, w: u.w, v: &v, send: s.opts.Send}
	s.guard.Interval = touch.DebounceNormal
	if v.Assisted {
		s.guard.Interval = touch.DebounceAssisted
	}
	s.frame.Begin(p.m)
	p.draw(&body, hold)
	changed := s.frame.End()
	if !hold {
		s.shown, s.drawn = v, true
	}
	return changed
}

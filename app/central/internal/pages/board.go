package pages

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

type boardPage struct {
	page
	Hall      *hall.Hall
	Clock     clock
	Place     string // the area, on a screen for one
	Board     board
	StreamURL string
	Volume    int    // percent
	Quiet     string // 12:00-13:30,20:00-08:00
	Sounds    string // name=file?v=digest …
}

// board is the part of the board that changes.
type board struct {
	// Latest is the call shown largest; nil before the first call of the day.
	Latest *boardCall
	Calls  []boardCall // those before it, newest first
	// Says are the calls to be announced, oldest first. The screen knows which of
	// them it has spoken.
	Says  []boardCall
	Areas []boardArea
	More  int // areas that have no room
	Total int // people waiting in the areas shown
	// One: a single area is shown; Many: more than have a card of their own; Dense:
	// so many windows that numbers come too fast for long lines.
	One, Many, Dense bool
	Notice           string
	State            boardState
}

type boardCall struct {
	Label, Window, Area, At string
	Key                     string // changes when the number is called (again)
	Millis                  int64  // when, since 1970
	Say                     string // names of recordings; empty = only the bell
}

type boardArea struct {
	Name, Place string
	Waiting     int
}

// boardState says what the hall is doing.
type boardState struct {
	Open bool
	Text string // 正在办理，12:00 午休
}

// Rooms on a board.
const (
	boardCalls = 12 // the latest and eleven below it; how many are seen the style sheet says
	boardCards = 6  // areas with a card of their own
	boardLines = 18 // areas as lines, in two columns
	denseFrom  = 20 // windows on one screen from which lines are short and in two columns
)

func (s *site) board(w http.ResponseWriter, r *http.Request) {
	v, status, problem := s.boardView(r)
	if status == http.StatusNotFound && problem == "" {
		s.missing(w, r)
		return
	}
	if status != 0 {
		s.fail(w, status, "这个叫号屏打不开", problem)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	state, err := s.desk.LongBoard(ctx, v.hall.ID, v.calls())
	if err != nil {
		s.failWith(w, "叫号屏暂时打不开", err)
		return
	}
	p := boardPage{
		page: page{v.hall.Name, s.web.version}, Hall: v.hall, Clock: clockOf(v.hall, state.Now), Board: s.boardOf(&v, state),
		StreamURL: s.boardStreamURL(&v), Volume: v.volume, Quiet: v.quiet, Sounds: s.voice.list,
	}
	if v.part && len(v.areas) == 1 {
		p.Place = v.areas[0].Name
	}
	s.render(w, http.StatusOK, "board.html", p)
}

func (s *site) boardStream(w http.ResponseWriter, r *http.Request) {
	v, status, _ := s.boardView(r)
	if status != 0 {
		s.missing(w, r)
		return
	}
	shown, leave := s.walls.enter(v.key())
	defer leave()
	draw := func(ctx context.Context) ([]byte, clock, error) {
		state, err := s.desk.LongBoard(ctx, v.hall.ID, v.calls())
		if err != nil {
			return nil, clock{}, err
		}
		part, err := s.execute("board", s.boardOf(&v, state))
		return part, clockOf(v.hall, state.Now), err
	}
	s.stream(w, r, &s.staff, v.hall.ID, func(ctx context.Context) ([]byte, clock, error) {
		return shown.snapshot(ctx, draw)
	})
}

// boardOf puts a hall's calls into words.
func (s *site) boardOf(v *boardView, state centralapi.Board) board {
	h := v.hall
	b := board{Notice: state.Notice, State: stateOf(h, state.Now), One: len(v.areas) == 1}
	windows := 0
	for _, w := range h.Windows {
		if v.shows(w.Area) {
			windows++
		}
	}
	b.Dense = windows >= denseFrom
	calls := slices.DeleteFunc(slices.Clone(state.Calls), func(c centralapi.BoardCall) bool { return !v.shows(c.Area) })
	for i, c := range calls[:min(len(calls), boardCalls)] {
		call := boardCall{
			Label: c.Label, Window: windowText(c.Window), At: c.At.In(h.Location()).Format("15:04"),
			Key: c.Label + "@" + c.At.UTC().Format(time.RFC3339Nano), Millis: c.At.UnixMilli(),
			Say: strings.Join(s.voice.phrase(h, c.Label, c.Window), " "),
		}
		if a, ok := h.Area(c.Area); ok && !b.One {
			call.Area = cmp.Or(a.Place, a.Name)
			if strings.Contains(a.Place, call.Window) {
				call.Area = a.Name // 3 号窗口前 says nothing new beside 3 号窗口
			}
		}
		b.Says = append(b.Says, call)
		if i == 0 {
			b.Latest = &call
		} else {
			b.Calls = append(b.Calls, call)
		}
	}
	slices.Reverse(b.Says)
	waiting := slices.DeleteFunc(slices.Clone(state.Waiting), func(a centralapi.AreaWaiting) bool { return !v.shows(a.Area) })
	b.Many = len(waiting) > boardCards
	if len(waiting) > boardLines {
		// The stable sort keeps the hall's order among equals, so lines jump
		// about no more than the numbers ask for.
		slices.SortStableFunc(waiting, func(x, y centralapi.AreaWaiting) int { return cmp.Compare(y.Waiting, x.Waiting) })
	}
	for i, a := range waiting {
		b.Total += a.Waiting
		if i >= boardLines {
			b.More++
			continue
		}
		area := boardArea{Name: a.Name, Waiting: a.Waiting}
		if known, ok := h.Area(a.Area); ok {
			area.Place = known.Place
		}
		b.Areas = append(b.Areas, area)
	}
	return b
}

// stateOf says what the hall is doing and, where it is near, until when.
func stateOf(h *hall.Hall, now time.Time) boardState {
	now = now.In(h.Location())
	at := func(t time.Time) string { return t.In(h.Location()).Format("15:04") }
	s := h.StateAt(now)
	today := !s.Until.IsZero() && s.Until.In(h.Location()).Format(hall.DateLayout) == now.Format(hall.DateLayout)
	switch s.Kind {
	case hall.Open:
		switch {
		case !today:
			return boardState{true, "正在办理"}
		case !s.Next.IsZero():
			return boardState{true, "正在办理，" + at(s.Until) + " 休息"}
		}
		return boardState{true, "正在办理，" + at(s.Until) + " 结束"}
	case hall.NotYetOpen:
		return boardState{false, "还没有开门，" + at(s.Until) + " 开始办理"}
	case hall.Break:
		return boardState{false, "休息中，" + at(s.Until) + " 继续办理"}
	case hall.ClosedNow:
		return boardState{false, "今天的办理已经结束"}
	}
	if s.Reason != "" {
		return boardState{false, "今天不办理（" + s.Reason + "）"}
	}
	return boardState{false, "今天不办理"}
}

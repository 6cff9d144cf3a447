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
	Board     board
	StreamURL string
}

// board is the part of the board that changes.
type board struct {
	// Latest is the call shown largest; nil before the first call of the day.
	Latest *boardCall
	Calls  []boardCall // those before it, newest first
	Areas  []boardArea
	More   int // areas that have no room
	Total  int // people waiting in the hall
	Many   bool
	Notice string
}

type boardCall struct {
	Label, Window, Area, At string
	Key                     string // changes when the number is called (again)
	Recall                  bool
}

type boardArea struct {
	Name, Place string
	Waiting     int
}

// Rooms on a 1920×1080 board.
const (
	boardRows  = 7  // calls below the largest
	boardCards = 6  // areas with a card of their own
	boardLines = 18 // areas as lines, in two columns
)

func (s *site) board(w http.ResponseWriter, r *http.Request) {
	h, ok := s.hall(r)
	if !ok {
		s.missing(w, r)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	defer cancel()
	state, err := s.desk.Board(ctx, h.ID)
	if err != nil {
		status, text := s.explain(err, "")
		s.fail(w, status, "叫号屏暂时打不开", text)
		return
	}
	s.render(w, http.StatusOK, "board.html", boardPage{
		page: page{h.Name, s.web.version}, Hall: h, Clock: clockOf(h, state.Now), Board: boardOf(h, state),
		StreamURL: "/board/stream" + s.query(h),
	})
}

func (s *site) boardStream(w http.ResponseWriter, r *http.Request) {
	h, ok := s.hall(r)
	if !ok {
		s.missing(w, r)
		return
	}
	s.stream(w, r, &s.staff, h.ID, func(ctx context.Context) ([]byte, clock, error) {
		state, err := s.desk.Board(ctx, h.ID)
		if err != nil {
			return nil, clock{}, err
		}
		part, err := s.execute("board", boardOf(h, state))
		return part, clockOf(h, state.Now), err
	})
}

// boardOf puts a hall's calls into words.
func boardOf(h *hall.Hall, state centralapi.Board) board {
	b := board{Notice: state.Notice}
	for i, c := range state.Calls {
		call := boardCall{
			Label: c.Label, Window: windowText(c.Window), At: c.At.In(h.Location()).Format("15:04"),
			Key: c.Label + "@" + c.At.UTC().Format(time.RFC3339Nano), Recall: c.Calls > 1,
		}
		if a, ok := h.Area(c.Area); ok {
			call.Area = cmp.Or(a.Place, a.Name)
			if strings.Contains(a.Place, call.Window) {
				call.Area = a.Name // 3 号窗口前 says nothing new beside 3 号窗口
			}
		}
		switch {
		case i == 0:
			b.Latest = &call
		case i <= boardRows:
			b.Calls = append(b.Calls, call)
		}
	}
	waiting := slices.Clone(state.Waiting)
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

package pages

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hallkiosk/app/hall"
)

// A boardView is one screen as its address asks for it:
//
//	/board?area=a,b&volume=60&quiet=12:00-13:30,20:00-08:00
//
// It stands in the address and not in the hall file, because screens in one hall
// differ, and whoever hangs one up sets the address anyway.
type boardView struct {
	hall *hall.Hall
	// areas are those shown, in the hall's order; all of them when the address
	// names none.
	areas  []*hall.Area
	part   bool   // not all of the hall
	volume int    // percent; 0 = this screen never speaks
	quiet  string // when it does not speak: 12:00-13:30,20:00-08:00, checked
}

const defaultVolume = 80

// boardView reads the address of a screen. What is wrong with it comes back as
// status and sentence: whoever hangs up the screen reads it there.
func (s *site) boardView(r *http.Request) (v boardView, status int, problem string) {
	h, ok := s.hall(r)
	if !ok {
		return v, http.StatusNotFound, ""
	}
	v = boardView{hall: h, volume: defaultVolume}
	q := r.URL.Query()
	wanted := map[string]bool{}
	for _, text := range q["area"] {
		for id := range strings.SplitSeq(text, ",") {
			if id == "" {
				continue
			}
			if _, ok := h.Area(id); !ok {
				return v, http.StatusNotFound, "这个大厅没有地址里写的等候区。请核对地址中的 area。"
			}
			wanted[id] = true
		}
	}
	for i := range h.Areas {
		if len(wanted) == 0 || wanted[h.Areas[i].ID] {
			v.areas = append(v.areas, &h.Areas[i])
		}
	}
	v.part = len(v.areas) < len(h.Areas)
	if text := q.Get("volume"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 100 {
			return v, http.StatusBadRequest, "音量须为 0 到 100 的整数。请核对地址中的 volume。"
		}
		v.volume = n
	}
	v.quiet = q.Get("quiet")
	for span := range strings.SplitSeq(v.quiet, ",") {
		if from, to, ok := strings.Cut(span, "-"); v.quiet != "" && (!ok || !clockTime(from) || !clockTime(to)) {
			return v, http.StatusBadRequest, "静音时段须写成 12:00-13:30，几段之间用逗号隔开。请核对地址中的 quiet。"
		}
	}
	return v, 0, ""
}

// clockTime says whether text is a time of day as 08:30, or 24:00.
func clockTime(text string) bool {
	var h, m int
	if len(text) != 5 {
		return false
	}
	if _, err := fmt.Sscanf(text, "%02d:%02d", &h, &m); err != nil {
		return false
	}
	return fmt.Sprintf("%02d:%02d", h, m) == text && m < 60 && (h < 24 || h == 24 && m == 0)
}

// shows says whether calls to this area, and who waits there, are shown.
func (v *boardView) shows(area string) bool {
	return !v.part || slices.ContainsFunc(v.areas, func(a *hall.Area) bool { return a.ID == area })
}

// key is the same for screens that show the same.
func (v *boardView) key() string {
	if !v.part {
		return v.hall.ID
	}
	return v.hall.ID + "?" + v.ids()
}

func (v *boardView) ids() string {
	var ids []string
	for _, a := range v.areas {
		ids = append(ids, a.ID)
	}
	return strings.Join(ids, ",")
}

// stream is the address of the events of this screen.
func (s *site) boardStreamURL(v *boardView) string {
	q := url.Values{}
	if v.hall.ID != s.halls[0] {
		q.Set("hall", v.hall.ID)
	}
	if v.part {
		q.Set("area", v.ids())
	}
	if len(q) == 0 {
		return "/board/stream"
	}
	return "/board/stream?" + q.Encode()
}

// calls is how many calls are asked for: a screen for one part of the hall shows its
// own among all.
func (v *boardView) calls() int {
	if !v.part {
		return boardCalls
	}
	return min(boardCalls*len(v.hall.Areas), 10*boardCalls)
}

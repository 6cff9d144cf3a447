package pages

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

func TestBoardEmpty(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	page := c.page("/board")
	wants(t, "board", page, "示例街道综合服务大厅", "10:30 11月23日 星期一", "请取号后在等候区稍坐", "等候人数 0", "户籍与证件区 一楼 A 区 0", "监督电话 010-5550-0199", "请带好身份证原件")
}

func TestBoardShowsNumbersOnly(t *testing.T) {
	d := newFakeDesk(t)
	for i := range 12 {
		d.take(i+1, "pension", "", "李*例", time.Minute)
		d.take(i+1, "hukou", "hukou-in", "王*", time.Minute)
	}
	c := newClient(t, d)
	c.login("w3")
	for i := range 9 {
		d.mu.Lock()
		d.now = d.now.Add(time.Minute)
		d.mu.Unlock()
		c.press("call", "")
		if i == 8 {
			break
		}
		c.press("finish", fmt.Sprintf("ticket-D%03d", i+1))
	}
	page := string(body(t, c.get("/board")))
	wants(t, "board", page, `data-call="D009@2026-11-23T02:39:00Z"`)
	lacks(t, "board", page, "李*例", "王*", "231X", "养老", "ticket-")
	if n := strings.Count(page, "<tr><td>"); n != 8 {
		t.Errorf("%d rows below the latest call, want 8", n)
	}
	seen := text(t, c.get("/board"))
	wants(t, "board", seen, "请 D009 到 3 号窗口 一楼 B 区", "D008 3 号窗口 一楼 B 区 10:38", "等候人数 15", "户籍与证件区 一楼 A 区 12", "社会保障区 一楼 B 区 3")
}

func TestBoardManyAreas(t *testing.T) {
	d := newFakeDesk(t)
	d.hall.Areas = nil
	for i := range 34 {
		d.hall.Areas = append(d.hall.Areas, hall.Area{ID: fmt.Sprint("a", i), Name: fmt.Sprintf("区局%02d", i), Place: fmt.Sprintf("%d 号窗口前", i+1)})
	}
	d.hall.Businesses[0].Area = "a33"
	d.take(1, "hukou", "", "", time.Minute)
	d.hall.Windows[0].Area = "a0"
	d.calls = []centralapi.BoardCall{{Label: "A001", Window: "1", Area: "a0", At: d.now, Calls: 1}}
	page := newClient(t, d).page("/board")
	wants(t, "board", page, "等候人数 1 区局33", "另有 16 个等候区", "到 1 号窗口 区局00")
	lacks(t, "board", page, "到 1 号窗口 1 号窗口前")
}

// TestHangingDesk: a desk that never answers does not hold the page for ever.
func TestHangingDesk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newFakeDesk(t)
		c := &client{t: t, site: New(Config{Desk: hangingDesk{d}, Staff: nobody{}, Halls: []string{"demo"}}), header: http.Header{}}
		start := time.Now()
		if res := c.get("/board"); res.StatusCode != http.StatusInternalServerError {
			t.Errorf("%s, want 500", res.Status)
		}
		if took := time.Since(start); took != soon {
			t.Errorf("answered after %v, want %v", took, soon)
		}
	})
}

package pages

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hallkiosk/app/central/internal/report"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
	"hallkiosk/app/rating"
)

// The reports of these tests are the real ones on a real database; only queue and
// ratings answer what the test says.

// reportQueue is the queue of a report.Desk.
type reportQueue struct {
	d       *fakeDesk
	figures rating.Figures
}

func (q *reportQueue) Status(context.Context, string) (centralapi.Status, error) {
	s := centralapi.Status{Now: q.d.clock(), BusinessDay: q.d.hall.BusinessDay(q.d.clock())}
	for i, b := range q.d.hall.Businesses {
		line := centralapi.QueueStatus{Business: b.ID, Windows: b.Windows, EstimatedMinutes: 5 * i}
		if i == 2 {
			line.Windows, line.Paused = nil, true
		}
		s.Queues = append(s.Queues, line)
	}
	return s, nil
}

func (q *reportQueue) Figures(context.Context, string, string, string) (rating.Figures, error) {
	return q.figures, nil
}

// managed is a site with reports on a database.
type managed struct {
	*client
	d     *fakeDesk
	store *store.Store
	queue *reportQueue
}

func newManaged(t *testing.T) *managed {
	t.Helper()
	return newManagedWith(t, newFakeDesk(t))
}

// largeDesk is a desk of a hall with 344 businesses at 60 windows.
func largeDesk(t *testing.T) *fakeDesk {
	t.Helper()
	d := wallDesk(t, 60, 8, 0)
	d.hall.Businesses = nil
	for i := range 344 {
		w := d.hall.Windows[i%60]
		d.hall.Businesses = append(d.hall.Businesses, hall.Business{ID: fmt.Sprint("b", i), Name: fmt.Sprint("从事第 ", i+1, " 类活动的经营许可证变更（含跨区域迁移）"), Prefix: hall.PrefixAt(i), Area: w.Area, Windows: []string{w.ID}})
	}
	return d
}

func newManagedWith(t *testing.T, d *fakeDesk) *managed {
	t.Helper()
	m := &managed{d: d, store: newStore(t)}
	m.queue = &reportQueue{d: m.d}
	m.client = newClient(t, m.d)
	desk, err := report.New(report.Config{Store: m.store, Halls: []*hall.Hall{m.d.hall}, Queue: m.queue, Duties: m.people, Ratings: m.queue, Now: m.d.clock})
	if err != nil {
		t.Fatal(err)
	}
	m.site = New(Config{Desk: m.d, Staff: m.people, Reports: desk, Complaints: noComplaints{}, Halls: []string{m.d.hall.ID}, Now: m.d.clock})
	return m
}

// noComplaints is a desk of complaints that no page of these tests asks.
type noComplaints struct{ Complaints }

// newReports returns reports on an empty database.
func newReports(t *testing.T, d *fakeDesk) Reports {
	t.Helper()
	q := &reportQueue{d: d}
	desk, err := report.New(report.Config{Store: newStore(t), Halls: []*hall.Hall{d.hall}, Queue: q, Ratings: q, Now: d.clock})
	if err != nil {
		t.Fatal(err)
	}
	return desk
}

// later lets time go by, after which the manager has to log in again.
func (m *managed) later(t *testing.T, by time.Duration) {
	t.Helper()
	m.d.pass(by)
	m.cookie = ""
	m.enter("guan")
}

// fill gives out so many numbers on a day, evenly from half past eight to five, of
// which a tenth is passed over and some are void, and the last ones wait.
func (m *managed) fill(t *testing.T, day string, n int) {
	t.Helper()
	h := m.d.hall
	date, err := time.ParseInLocation(hall.DateLayout, day, h.Location())
	if err != nil {
		t.Fatal(err)
	}
	open := date.Add(8*time.Hour + 30*time.Minute)
	told := store.LogEntry{At: open, Actor: "centre", Action: "test"}
	numbers := map[string]int{}
	err = m.store.Write(t.Context(), h.ID, func(tx *store.Tx) error {
		for i := range n {
			b := h.Businesses[i%len(h.Businesses)]
			numbers[b.Prefix]++
			at := open.Add(time.Duration(i) * 8 * time.Hour / time.Duration(n))
			k := store.Ticket{Hall: h.ID, ID: fmt.Sprint(day, "-", i), Day: day, Prefix: b.Prefix, Number: numbers[b.Prefix], Label: centralapi.Label(b.Prefix, "", numbers[b.Prefix]),
				Business: b.ID, Terminal: "t1", Slot: 1, Seq: int64(i), HolderKey: "key", HolderName: "测*员", HolderNumber: "110***********002X", Fingerprint: []byte{1},
				State: centralapi.Issued, IssuedAt: at}
			if err := tx.InsertTicket(k, told); err != nil {
				return err
			}
			if i >= n-n/50 || n == 1 {
				continue
			}
			now := k
			switch {
			case i%37 == 5:
				now.State, now.Reason, now.EndedAt = centralapi.Void, "abandoned", at.Add(time.Minute)
			case i%53 == 6:
				now.State, now.EndedAt = centralapi.Cancelled, at.Add(time.Minute)
			default:
				now.State, now.Window, now.Calls = centralapi.Finished, b.Windows[i%len(b.Windows)], 1
				now.CalledAt = at.Add(time.Duration(3+i%23) * time.Minute)
				now.StartedAt, now.EndedAt = now.CalledAt.Add(time.Minute), now.CalledAt.Add(time.Duration(3+i%11)*time.Minute)
				if i%11 == 3 {
					now.State, now.StartedAt = centralapi.NoShow, time.Time{}
				}
			}
			if err := tx.UpdateTicket(k, now, told); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (m *managed) kiosks(t *testing.T) {
	t.Helper()
	h := m.d.hall.ID
	told := store.LogEntry{At: opening, Actor: "centre", Action: "test"}
	err := m.store.Write(t.Context(), h, func(tx *store.Tx) error {
		for n, name := range []string{"一楼大厅 1 号机", "一楼大厅 2 号机", "二楼 <b>3</b> 号机"} {
			id := fmt.Sprint("t", n+1)
			if err := tx.InsertTerminal(store.Terminal{Hall: h, ID: id, Slot: n + 1, Name: name, TokenHash: []byte(name)}); err != nil {
				return err
			}
			if n < 2 {
				if err := tx.InsertEvent(store.Event{Hall: h, ID: id, Terminal: id, Seq: 1, Body: "{}", Received: opening.Add(-time.Duration(n) * time.Hour)}); err != nil {
					return err
				}
			}
			for _, device := range []string{"printer", "reader"} {
				d := store.Device{Terminal: id, Device: device, State: "ready", Since: opening.Add(-3 * time.Hour), Seq: 1}
				if n == 1 && device == "printer" {
					d.State, d.Fault = "fault", "paper-out"
				}
				if err := tx.PutDevice(h, d, told); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (m *managed) rate() {
	f := &m.queue.figures
	for i, b := range m.d.hall.Businesses {
		for j, w := range b.Windows {
			f.AddServices(b.ID, w, 40+i*5+j)
			for n := range 20 + i*3 {
				l := rating.VerySatisfied
				switch {
				case n%7 == 1:
					l = rating.Satisfied
				case n%9 == 2:
					l = rating.BasicallySatisfied
				case n%13 == 3:
					l = rating.Dissatisfied
				case n%19 == 4:
					l = rating.VeryDissatisfied
				}
				f.AddRating(rating.Rating{Kind: rating.Active, Answer: rating.Answer{Level: l}, Business: b.ID, Window: w})
				if l.Bad() {
					f.AddFollowUp(b.ID, w, n%2 == 0)
				}
			}
		}
	}
}

func (m *managed) complain(t *testing.T) {
	t.Helper()
	h := m.d.hall.ID
	err := m.store.Write(t.Context(), h, func(tx *store.Tx) error {
		for n, kind := range append(complaint.Kinds(), complaint.Rude, complaint.Rude) {
			id := fmt.Sprint("c", n)
			c := store.Complaint{Hall: h, ID: id, Code: id, Kind: string(kind), Channel: string(complaint.OnPhone), State: string(complaint.Way()[n%6]), Words: "sealed", Filed: opening.AddDate(0, 0, -n)}
			if n%6 < 4 {
				c.Due = opening.AddDate(0, 0, 3-n).Format(hall.DateLayout)
			}
			if _, err := tx.InsertComplaint(c); err != nil {
				return err
			}
			if n%6 >= 4 {
				if err := tx.AddComplaintStep(h, id, store.ComplaintStep{N: 2, At: c.Filed.AddDate(0, 0, 2), Actor: "staff:s1", Action: string(complaint.Feedback), Detail: "{}"}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

const today = "2026-11-23" // of opening

func TestManagerToday(t *testing.T) {
	m := newManaged(t)
	m.enter("guan")
	page := m.page("/manager")
	wants(t, "empty", page, "正在等候 0 人", "没有人在等", "平均等候 暂无", "今天还没有人取号", "还没有登记自助终端", "1 号窗口", "没有人")
	lacks(t, "empty", page, "NaN", "看数字")

	m.kiosks(t)
	m.fill(t, today, 200)
	m.later(t, 7*time.Hour) // 17:30
	page = m.page("/manager")
	wants(t, "full", page, "正在等候 4 人", "最久的等了 1 小时", "今天取号 200 个", "每半小时末有多少人在等", "看数字", "已暂停取号", "一楼大厅 2 号机", "打印机： 没有纸了 ，请换一卷纸", "联系不上")
	lacks(t, "full", page, "测*员", "002X")
	raw := string(body(t, m.get("/manager")))
	for _, bad := range []string{"<b>3</b> 号机", "style=", "<style", "javascript:", "ZgotmplZ", "onclick"} {
		if strings.Contains(raw, bad) {
			t.Errorf("the page has %s in it", bad)
		}
	}
	if !strings.Contains(raw, `<svg viewBox="0 0 720 250" role="img" aria-label="每半小时取号和办结：最多的是`) {
		t.Error("no chart that says what it shows")
	}
}

// The stream sends the picture, and a new one when something has happened; it ends with
// the session.
func TestManagerStream(t *testing.T) {
	m := newManaged(t)
	m.enter("guan")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r := newRequest("/manager/stream", m.cookie).WithContext(ctx)
	w := &firstPart{ResponseRecorder: httptest.NewRecorder(), enough: cancel}
	m.site.ServeHTTP(w, r)
	if got := w.Body.String(); !strings.Contains(got, "event: part") || !strings.Contains(got, "正在等候") || !strings.Contains(got, "event: beat") {
		t.Errorf("stream: %.300s", got)
	}
	m.cookie = ""
	m.enter("ji")
	if res := m.get("/manager/stream"); res.StatusCode != http.StatusForbidden {
		t.Errorf("a technician: %s", res.Status)
	}
	m.cookie = ""
	if got := string(body(t, m.get("/manager/stream"))); !strings.Contains(got, "event: ended") || strings.Contains(got, "event: part") {
		t.Errorf("nobody: %s", got)
	}
}

// firstPart ends a stream after its first picture and beat.
type firstPart struct {
	*httptest.ResponseRecorder
	enough func()
}

func (w *firstPart) Write(data []byte) (int, error) {
	n, err := w.ResponseRecorder.Write(data)
	if bytes.Contains(data, []byte("event: beat")) {
		w.enough()
	}
	return n, err
}

func TestManagerDay(t *testing.T) {
	m := newManaged(t)
	m.enter("guan")
	wants(t, "empty", m.page("/manager/day"), "2026年11月23日 星期一", "这一天没有发过号。")
	m.fill(t, today, 500)
	page := m.page("/manager/day?day=" + today)
	wants(t, "full", page, "对上了：500 个号 = 办结", "没有缺号。", "没有办结的号码和原因", "没有交到人手里", "所有号码 500 个", "1–200", "401–500")
	lacks(t, "full", page, "测*员", "002X", "没有对上", "后一天")
	wants(t, "third page", m.page("/manager/day?day="+today+"&page=3"), m.d.hall.Businesses[len(m.d.hall.Businesses)-1].Prefix+"041")
	for _, page := range []string{"-1", "99", "x"} {
		wants(t, "page "+page, m.page("/manager/day?day="+today+"&page="+page), "对上了")
	}
	m.later(t, 24*time.Hour)
	page = m.page("/manager/day?day=" + today)
	wants(t, "next day", page, "后一天", "到下班没有办")
	res := m.get("/manager/day?day=yesterday")
	if wants(t, "a day that is none", text(t, res), "日期须写作"); res.StatusCode != http.StatusBadRequest && res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a day that is none: %s", res.Status)
	}
}

func TestManagerNumbers(t *testing.T) {
	m := newManaged(t)
	m.enter("guan")
	wants(t, "empty", m.page("/manager/numbers"), "2026-11-17 至 2026-11-23，共 7 天", "这些天没有发过号。")
	for _, day := range []string{"2026-11-19", "2026-11-20", today} {
		m.fill(t, day, 150)
	}
	m.d.pass(time.Minute) // what was asked a moment ago is shown again
	page := m.page("/manager/numbers")
	wants(t, "week", page, "取号 450 个", "有号的日子 3 天", "每天取号和办结", "一天里各个钟点取号和办结", "8 时", "没有叫到窗口")
	page = m.page("/manager/numbers?from=2026-11-20&to=2026-11-20")
	wants(t, "one day", page, "取号 150 个")
	lacks(t, "one day", page, "每天取号和办结")
	for _, bad := range []string{"from=2026-11-20&to=2026-11-19", "from=x&to=y", "from=2020-01-01&to=2026-11-19", "from=2026-11-20"} {
		res := m.get("/manager/numbers?" + bad)
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s", bad, res.Status)
		}
		wants(t, bad, text(t, res), "下面是平常看的几天", "取号 450 个")
	}
}

func TestManagerRatings(t *testing.T) {
	m := newManaged(t)
	m.enter("guan")
	wants(t, "empty", m.page("/manager/ratings"), "好评率 暂无", "还没有人评价")
	m.rate()
	page := m.page("/manager/ratings")
	wants(t, "full", page, "好评率 87.8% 基本满意及以上", "差评整改率", "主动评价率", "各窗口的评价", "各业务的评价", "非常满意", "非常不满意", "合计")
	raw := string(body(t, m.get("/manager/ratings")))
	if !strings.Contains(raw, `role="img" aria-label="1 号窗口：非常满意 `) {
		t.Error("a bar does not say its parts")
	}
}

func TestManagerComplaints(t *testing.T) {
	m := newManaged(t)
	m.enter("guan")
	wants(t, "empty", m.page("/manager/complaints"), "收到 0 件", "没有收到投诉和建议")
	m.complain(t)
	page := m.page("/manager/complaints")
	wants(t, "full", page, "收到 12 件", "其中意见建议 1 件", "态度粗暴 3", "各个阶段有多少件", "来自手机网页 12")
	lacks(t, "full", page, "sealed")
}

// A hall as large as any: every business and window is there.
func TestManagerLarge(t *testing.T) {
	m := newManagedWith(t, largeDesk(t))
	m.fill(t, today, 2000)
	m.enter("guan")
	page := m.page("/manager")
	wants(t, "today", page, "从事第 1 类活动", "从事第 344 类活动", "60 号窗口", "今天取号 2000 个")
	wants(t, "day", m.page("/manager/day"), "对上了：2000 个号", "所有号码 2000 个")
	wants(t, "numbers", m.page("/manager/numbers"), "从事第 344 类活动")
}

func TestManagerDevices(t *testing.T) {
	m := newManaged(t)
	m.kiosks(t)
	m.enter("ji")
	page := m.page("/manager/devices")
	wants(t, "technician", page, "自助终端 3 台", "2 台要看一看", "还没有联系过", "没有纸了")
	if strings.Index(page, "2 号机") > strings.Index(page, "1 号机") {
		t.Error("what needs hands does not come first")
	}
	lacks(t, "technician", page, "日报", "好差评")
}

// Every export is a workbook under a name with hall and days, and what cannot be
// exported is a page that says why.
func TestManagerBooks(t *testing.T) {
	m := newManaged(t)
	m.fill(t, today, 60)
	m.rate()
	m.enter("guan")
	for target, want := range map[string]struct{ name, sheet, cell, value string }{
		"/manager/day.xlsx?day=" + today:                            {"示例街道综合服务大厅 日报 2026-11-23.xlsx", "号码明细", "A2", "A001"},
		"/manager/numbers.xlsx?from=2026-11-01&to=" + today:         {"示例街道综合服务大厅 号码统计 2026-11-01 至 2026-11-23.xlsx", "按日期", "B2", "60"},
		"/manager/ratings.xlsx?from=2026-11-01&to=" + today:         {"示例街道综合服务大厅 好差评 2026-11-01 至 2026-11-23.xlsx", "按窗口", "A2", "1 号窗口"},
		"/manager/day.xlsx?hall=" + m.d.hall.ID + "&day=2026-01-01": {"示例街道综合服务大厅 日报 2026-01-01.xlsx", "汇总", "B5", "这一天没有发过号。"},
	} {
		res := m.get(target)
		_, params, err := mime.ParseMediaType(res.Header.Get("Content-Disposition"))
		if res.StatusCode != http.StatusOK || err != nil || params["filename"] != want.name {
			t.Errorf("%s: %s, %q, %v", target, res.Status, params["filename"], err)
			continue
		}
		book, err := excelize.OpenReader(bytes.NewReader(body(t, res)))
		if err != nil {
			t.Errorf("%s: %v", target, err)
			continue
		}
		if got, err := book.GetCellValue(want.sheet, want.cell); got != want.value || err != nil {
			t.Errorf("%s: %s is %q, %v", target, want.cell, got, err)
		}
		book.Close()
	}
	for _, target := range []string{"/manager/day.xlsx?day=x", "/manager/numbers.xlsx", "/manager/numbers.xlsx?from=2026-11-02&to=2026-11-01", "/manager/ratings.xlsx?from=a&to=b"} {
		res := m.get(target)
		if res.StatusCode < 400 || res.StatusCode >= 500 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") || res.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %s %s", target, res.Status, res.Header.Get("Content-Type"))
		}
	}
}

// Without reports there are none of these pages.
func TestNoReports(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	c.enter("guan")
	if res := c.get("/manager"); res.StatusCode != http.StatusNotFound {
		t.Errorf("the page of today: %s", res.Status)
	}
}

func TestTickStep(t *testing.T) {
	for most, want := range map[int]int{0: 1, 1: 1, 4: 1, 5: 2, 8: 2, 9: 5, 20: 5, 21: 10, 40: 10, 41: 20, 200: 50, 2000: 500, 2001: 1000} {
		if got := tickStep(most); got != want {
			t.Errorf("up to %d: steps of %d, want %d", most, got, want)
		}
	}
}

// A chart's bars stand on the axis, stay in the box and are as high as they should be.
func TestBarChart(t *testing.T) {
	for n := range 120 {
		values, places := make([]int, n), make([]string, n)
		for i := range values {
			values[i], places[i] = i*i%97, fmt.Sprint(i)
		}
		c := barChart("x", "t", "个", places, chartSeries{"a", "c1", values}, chartSeries{"b", "c2", values})
		top := c.Ticks[len(c.Ticks)-1]
		for _, b := range c.Bars {
			if b.X < chartLeft || b.X+b.Width > chartRight+0.2 || b.Y < top.Y-0.2 || b.Y+b.Height < chartBase-0.2 || b.Y+b.Height > chartBase+0.2 || b.Width <= 0 {
				t.Fatalf("%d places: bar %+v outside", n, b)
			}
		}
		if len(c.Labels) > 14 {
			t.Errorf("%d places have %d labels: they do not fit beside each other", n, len(c.Labels))
		}
	}
	c := barChart("x", "t", "个", []string{"甲", "乙"}, chartSeries{"a", "c1", []int{2, 4}})
	if half, full := c.Bars[0].Height, c.Bars[1].Height; full != 2*half || c.Bars[1].Value != "4" || c.Says != "t：最多的是 乙，4 个。数字见下面的表。" || len(c.Legend) != 0 {
		t.Errorf("chart %+v", c)
	}
	if c := barChart("x", "t", "个", []string{"甲"}, chartSeries{"a", "c1", []int{0}}); len(c.Bars) != 0 || c.Says != "t：都是 0。" {
		t.Errorf("nothing: %+v", c)
	}
	s := stackOf("窗口", "", []string{"好", "中", "差"}, []string{"l5", "l3", "l1"}, []int{1, 0, 3})
	if len(s.Parts) != 2 || s.Parts[0].Width != 25 || s.Parts[1].X != 25 || s.Parts[1].Width != 75 || s.Says != "窗口：好 1，中 0，差 3" {
		t.Errorf("stack %+v", s)
	}
}

// Pictures of the manager's pages for whoever reviews them: HALLKIOSK_MANAGER_PICTURES
// names the folder.
func TestManagerPictures(t *testing.T) {
	dir := os.Getenv("HALLKIOSK_MANAGER_PICTURES")
	if dir == "" {
		t.Skip("HALLKIOSK_MANAGER_PICTURES names no folder for pictures")
	}
	for _, scene := range []struct {
		name    string
		numbers int
	}{{"empty", 0}, {"one", 1}, {"many", 2000}, {"large", 2000}} {
		m := newManaged(t)
		if scene.name == "large" {
			m = newManagedWith(t, largeDesk(t))
		}
		if scene.numbers > 0 {
			m.fill(t, today, scene.numbers)
			m.kiosks(t)
		}
		if scene.numbers > 1 {
			for n := 1; n < 6; n++ {
				m.fill(t, opening.AddDate(0, 0, -n).Format(hall.DateLayout), 300+n*137%400)
			}
			m.rate()
			m.complain(t)
			m.login("w3")
			m.cookie = ""
		}
		m.d.pass(6 * time.Hour)
		m.enter("guan")
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Cookie", m.cookie)
			answer := httptest.NewRecorder()
			m.site.ServeHTTP(answer, r)
			for k, v := range answer.Header() {
				w.Header()[k] = v
			}
			w.WriteHeader(answer.Code)
			w.Write(scripts.ReplaceAll(answer.Body.Bytes(), nil))
		}))
		for name, target := range map[string]string{"today": "/manager", "day": "/manager/day", "numbers": "/manager/numbers", "ratings": "/manager/ratings", "complaints": "/manager/complaints", "devices": "/manager/devices"} {
			for _, size := range []string{"1366,768", "1920,1080", "500,844"} {
				if only := os.Getenv("HALLKIOSK_MANAGER_ONLY"); !strings.Contains(scene.name+"-"+name+"-"+size, only) {
					continue
				}
				ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
				file := filepath.Join(dir, "manager-"+name+"-"+scene.name+"-"+strings.ReplaceAll(size, ",", "x")+".png")
				cmd := exec.CommandContext(ctx, "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size="+size,
					"--user-data-dir="+t.TempDir(), "--screenshot="+file, server.URL+target)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%s: %v\n%s", file, err, out)
				}
				cancel()
			}
		}
		server.Close()
	}
}

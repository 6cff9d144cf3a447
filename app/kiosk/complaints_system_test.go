package kiosk_test

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/curve25519"
	"golang.org/x/crypto/nacl/box"
	_ "modernc.org/sqlite"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
	"hallkiosk/app/kiosk"
	"hallkiosk/app/kiosk/internal/session"
)

// What somebody writes in the tests. They are among the secrets: no file, log line or
// address of a run may hold them in clear.
const (
	complaintWords = "三号窗口说话很不耐烦，让我来回跑了三趟"
	complaintPhone = "13800000000"
)

// writeComplaint goes from the home page to the page that shows everything before it
// is sent.
func (s *system) writeComplaint() {
	s.t.Helper()
	s.until("the tile of complaints", func(v session.View) bool { return v.Home != nil && v.Home.HasComplaints })
	s.touch(session.ComplaintPressed{}, session.Chosen{ID: "kind:rude"}, session.Chosen{ID: "window:w3"})
	for _, r := range complaintWords {
		s.touch(session.KeyPressed{Key: r})
	}
	s.touch(session.WritingDone{})
	for _, r := range complaintPhone {
		s.touch(session.KeyPressed{Key: r})
	}
	s.touch(session.NumberEntered{})
	v := s.page(session.PageFiling)
	if v.Filing.Words != complaintWords || v.Filing.Contact != "138****0000" || v.Filing.Window != "3" {
		s.t.Fatalf("before it is sent: %+v", v.Filing)
	}
}

// cases are how many complaints the centre holds, and with this code.
func (s *system) cases(code complaint.Code) (all, coded int) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "central", "hall.db")+"?mode=ro")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`SELECT count(*), count(*) FILTER (WHERE code = ?) FROM complaint`, string(code)).Scan(&all, &coded); err != nil {
		s.t.Fatal(err)
	}
	return all, coded
}

// codeOf is the code that the receipt shows.
func codeOf(t *testing.T, r *session.Receipt) complaint.Code {
	t.Helper()
	code, err := complaint.ParseCode(r.Code)
	if err != nil {
		t.Fatalf("the receipt shows %q: %v", r.Code, err)
	}
	return code
}

// kept are the bodies of the complaints in a terminal's file.
func kept(t *testing.T, dir string) (all []centralapi.Complaint) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "terminal.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT body FROM outbox WHERE kind = ?`, string(centralapi.ComplaintFiled))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var body string
		var c centralapi.Complaint
		if err := rows.Scan(&body); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(body), &c); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// unseal opens a sealed text with the centre's key file.
func (s *system) unseal(text centralapi.Sealed) centralapi.SealedContent {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, "central", "seal.key"))
	if err != nil {
		s.t.Fatal(err)
	}
	fields := strings.Fields(string(data))
	private, err := base64.StdEncoding.DecodeString(fields[len(fields)-1])
	if err != nil {
		s.t.Fatal(err)
	}
	public, err := curve25519.X25519(private, curve25519.Basepoint)
	if err != nil {
		s.t.Fatal(err)
	}
	_, sealed, err := text.Split()
	if err != nil {
		s.t.Fatal(err)
	}
	opened, ok := box.OpenAnonymous(nil, sealed, (*[32]byte)(public), (*[32]byte)(private))
	if !ok {
		s.t.Fatal("the centre's key does not open it")
	}
	var c centralapi.SealedContent
	if err := json.Unmarshal(opened, &c); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// Written without the network: sealed on the disk, a code at once and on paper, and
// one case at the centre later, though the answer to the delivery was lost.
func TestComplaintWithoutTheNetwork(t *testing.T) {
	s := start(t)
	s.until("the tile of complaints", func(v session.View) bool { return v.Home != nil && v.Home.HasComplaints })
	s.front.cut.Store(true)
	s.until("the notice that the centre is away", func(v session.View) bool {
		return v.Home != nil && slices.Contains(v.Home.Notices, session.NoticeCentreAway)
	})
	s.writeComplaint()
	s.touch(session.SendPressed{}, session.SendPressed{})
	v := s.until("the receipt is out", func(v session.View) bool {
		return v.Receipt != nil && v.Receipt.Paper == session.GuidePrinted
	})
	code := codeOf(t, v.Receipt)
	if !v.Receipt.Away || !strings.HasSuffix(v.Receipt.QR, "/complaint/"+s.hall.ID+"/progress#"+string(code)) {
		t.Errorf("receipt %+v", v.Receipt)
	}
	papers, err := s.devices.Printer.Wait(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	text := papers[0].Text()
	if !strings.Contains(text, code.Shown()) || !strings.Contains(text, "态度粗暴") || strings.Contains(text, complaintPhone) || strings.Contains(text, complaintWords[:12]) {
		t.Errorf("the paper says\n%s", text)
	}

	// At rest: the code is there, what was written is not, and the key opens it.
	if s.written("terminal", complaintWords) || s.written("terminal", complaintPhone) {
		t.Error("the terminal's files hold what was written")
	}
	if !s.written("terminal", string(code)) {
		t.Error("the search does not find the code either: it finds nothing")
	}
	complaints := kept(t, filepath.Join(s.dir, "terminal"))
	if len(complaints) != 1 || complaints[0].Code != code {
		t.Fatalf("%d complaints are kept", len(complaints))
	}
	c := complaints[0]
	words, contact := s.unseal(c.Words), s.unseal(c.Contact)
	if words.Text != complaintWords || contact.Text != complaintPhone || words.For != centralapi.SealFor(s.hall.ID, c.ID, centralapi.PartWords) {
		t.Errorf("unsealed it says %+v, %+v", words, contact)
	}
	s.touch(session.DonePressed{})

	// The first delivery arrives, and nobody hears of it.
	next := *s.front.next.Load()
	var lost atomic.Bool
	forgetful := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/events") && lost.CompareAndSwap(false, true) {
			next.ServeHTTP(httptest.NewRecorder(), r)
			hangUp(w)
			return
		}
		next.ServeHTTP(w, r)
	}))
	s.front.next.Store(&forgetful)
	s.front.cut.Store(false)
	s.eventually("the terminal has delivered everything", func() bool {
		self, err := s.api.Terminal(t.Context())
		return err == nil && lost.Load() && self.AckedThrough > 0 && self.AckedThrough == lastEvent(t, filepath.Join(s.dir, "terminal"))
	})
	if all, coded := s.cases(code); all != 1 || coded != 1 {
		t.Errorf("the centre has %d cases, %d with the code", all, coded)
	}

	// Asked for at the terminal, as somebody types it from the paper.
	s.until("home", func(v session.View) bool { return v.Home != nil && len(v.Home.Notices) == 0 })
	ask := func(code string) {
		s.touch(session.ComplaintPressed{}, session.Chosen{ID: "progress"})
		for _, r := range strings.ToLower(code) {
			s.touch(session.KeyPressed{Key: r})
		}
		s.touch(session.WritingDone{})
	}
	ask(string(code))
	v = s.page(session.PageProgress)
	if v.Reading.Title != "态度粗暴" || !slices.ContainsFunc(v.Reading.Blocks, func(b session.Block) bool { return b.Title == "现在到了：登记" }) {
		t.Errorf("progress %+v", v.Reading)
	}
	s.touch(session.HomePressed{})
	ask(string(complaint.NewCode()))
	s.until("a code nobody has", func(v session.View) bool { return v.AskCode != nil && v.AskCode.Problem == session.CodeUnknown })
	s.front.cut.Store(true)
	s.touch(session.WritingDone{})
	s.until("nobody to ask", func(v session.View) bool { return v.AskCode != nil && v.AskCode.Problem == session.CodeAway })
}

// lastEvent is the number of a terminal's newest event.
func lastEvent(t *testing.T, dir string) (n int64) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "terminal.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`SELECT coalesce(max(seq), 0) FROM outbox`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Power fails between the filing and the paper: what is on the disk then becomes one
// case, and no receipt comes out in front of whoever stands there next.
func TestPowerCutBeforeTheReceipt(t *testing.T) {
	s := start(t)
	s.until("the tile of complaints", func(v session.View) bool { return v.Home != nil && v.Home.HasComplaints })
	s.device("paper out")
	s.front.cut.Store(true)
	s.until("neither network nor paper", func(v session.View) bool { return v.Home != nil && len(v.Home.Notices) == 2 })
	s.writeComplaint()
	s.touch(session.SendPressed{})
	v := s.page(session.PageReceipt)
	code := codeOf(t, v.Receipt)
	if v.Receipt.CanPrint || v.Receipt.Paper != session.GuideNotPrinted {
		t.Errorf("receipt %+v", v.Receipt)
	}
	// The disk as it is at this moment, on another machine.
	after := filepath.Join(s.dir, "after")
	if err := os.CopyFS(after, os.DirFS(filepath.Join(s.dir, "terminal"))); err != nil {
		t.Fatal(err)
	}
	s.device("paper load")
	server := httptest.NewServer(*s.front.next.Load()) // the terminal that lost its power stays cut off
	defer server.Close()
	const token = "system-test-token-0123456789abcdef0123456789abcdef"
	again, err := kiosk.New(kiosk.Config{Centre: server.URL, Hall: s.hall.ID, Token: token, DataDir: after})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- again.Run(ctx) }()
	defer func() {
		cancel()
		<-ran
		again.Close()
	}()
	s.eventually("the complaint arrives", func() bool {
		all, coded := s.cases(code)
		return all == 1 && coded == 1
	})
	again.Watch(func(v session.View) {
		if v.Receipt != nil {
			t.Error("the next person sees somebody's receipt")
		}
	})
	if s.written("after", complaintWords) || !s.written("after", string(code)) {
		t.Error("on the disk after the cut: what was written, or not the code")
	}
}

func TestTechnicianAtTheTerminal(t *testing.T) {
	s := start(t)
	enter := func(pin string) {
		for i := range 5 {
			s.touch(session.CornerTouched{At: time.Now().Add(time.Duration(i) * time.Millisecond)})
		}
		s.page(session.PagePIN)
		for _, r := range pin {
			s.touch(session.KeyPressed{Key: r})
		}
		s.touch(session.NumberEntered{})
	}
	s.until("the corner", func(v session.View) bool { return v.Corner })
	enter("314159")
	s.until("a wrong PIN", func(v session.View) bool { return v.PIN != nil && v.PIN.Wrong })
	s.touch(session.BackPressed{})
	s.page(session.PageHome)
	enter(technicianPIN)
	v := s.until("how the machine is", func(v session.View) bool { return v.Machine != nil && len(v.Machine.Blocks) > 0 })
	text := ""
	for range v.Machine.Pages {
		for _, b := range s.last.Machine.Blocks {
			text += b.Title + " " + b.Text + "\n"
		}
		n := s.last.Machine.Number
		s.touch(session.PageTurned{By: 1})
		s.until("the next page", func(v session.View) bool { return v.Machine.Number > n || n == v.Machine.Pages })
	}
	for _, want := range []string{"打印机 正常", "身份证阅读器", "扫码器", "网络和中心 正常", "等待上报", "断网取号 可以", "硬盘 正常", "程序 test", "一号自助机"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	for _, one := range []struct {
		task session.Task
		want []string
	}{
		{session.TaskPrint, []string{"测试页", "一号自助机", "A023"}},
		{session.TaskOpening, []string{"开机自检", "正常 打印机：正常", "正常 网络和中心：正常"}},
		{session.TaskClosing, []string{"收班自检"}},
	} {
		before := len(s.devices.Printer.Papers())
		s.touch(session.TaskPressed{Task: one.task})
		s.until("busy", func(v session.View) bool { return v.Machine != nil && v.Machine.Busy == one.task })
		v := s.until("done", func(v session.View) bool { return v.Machine != nil && v.Machine.Busy == "" })
		if !v.Machine.Good || v.Machine.Result == "" {
			t.Errorf("%s: %q", one.task, v.Machine.Result)
		}
		papers, err := s.devices.Printer.Wait(t.Context(), before+1)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range one.want {
			if got := papers[before].Text(); !strings.Contains(got, want) {
				t.Errorf("%s: the paper lacks %q:\n%s", one.task, want, got)
			}
		}
	}
	s.touch(session.PageTurned{By: -9})
	s.device("paper out")
	v = s.until("the printer without paper", func(v session.View) bool {
		return v.Machine != nil && !v.Machine.Prints && len(v.Machine.Blocks) > 0 && strings.Contains(v.Machine.Blocks[0].Text, "没有纸了")
	})
	if v.Machine.Blocks[0].Title != "打印机" {
		t.Errorf("what is wrong does not come first: %+v", v.Machine.Blocks[0])
	}
	s.touch(session.TaskPressed{Task: session.TaskClosing})
	s.until("a check that cannot be printed", func(v session.View) bool {
		return v.Machine != nil && strings.Contains(v.Machine.Result, "没有打出来") && !v.Machine.Good
	})
	s.touch(session.DonePressed{})
	s.page(session.PageHome)
}

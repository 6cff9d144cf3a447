package kiosk_test

import (
	"bytes"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hallkiosk/app/guide"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/assets/guides/demo"
)

// withGuides gives the hall its guides and waits until the terminal has them.
func withGuides(t *testing.T) (*system, *guide.Catalogue) {
	s := start(t)
	c, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.service.ImportGuides(t.Context(), s.hall.ID, c); err != nil {
		t.Fatal(err)
	}
	s.until("the guides", func(v session.View) bool { return v.Home != nil && v.Home.HasGuides })
	return s, c
}

// open fetches what is behind a QR code, as a phone does.
func (s *system) open(qr string) (status int, body string) {
	s.t.Helper()
	u, err := url.Parse(qr)
	if err != nil {
		s.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	(*s.front.next.Load()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, u.RequestURI(), nil))
	data, err := io.ReadAll(w.Result().Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return w.Code, string(data)
}

func TestGuideFromSearchToPaperAndPhone(t *testing.T) {
	s, c := withGuides(t)
	s.touch(session.GuidesPressed{}, session.SearchPressed{})
	for _, r := range "sfzdiule" { // 身份证丢了, as one types it: the index is in use, not the plain finder
		s.touch(session.KeyPressed{Key: r})
	}
	v := s.until("matters found", func(v session.View) bool {
		return v.Search != nil && v.Search.Text == "sfzdiule" && v.Search.Total > 0
	})
	if !strings.Contains(v.Search.Found[0].Title, "身份证") {
		t.Errorf("found %q", v.Search.Found[0].Title)
	}
	g, ok := c.Guide(strings.TrimPrefix(v.Search.Found[0].ID, "guide:"))
	if !ok || len(g.Required()) == 0 {
		t.Fatalf("%q is no guide of the catalogue, or nothing need be brought", v.Search.Found[0].ID)
	}
	needed := slices.IndexFunc(g.Materials, func(m guide.Material) bool { return !m.Optional && m.Waived == "" })
	s.touch(session.Chosen{ID: v.Search.Found[0].ID}, session.MaterialTicked{Index: needed})
	name := s.until("the guide with a tick", func(v session.View) bool { return v.Guide != nil && v.Guide.Ready == 1 }).Guide.Name
	s.touch(session.PrintGuidePressed{})
	s.until("the list is out", func(v session.View) bool { return v.Guide != nil && v.Guide.Printing == session.GuidePrinted })
	papers, err := s.devices.Printer.Wait(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	text := papers[0].Text()
	for _, want := range []string{name, g.Materials[needed].Name, "示例街道综合服务大厅", "示例"} {
		if !strings.Contains(strings.ReplaceAll(text, "\n", ""), want) {
			t.Errorf("the paper lacks %q:\n%s", want, text)
		}
	}

	s.touch(session.ScanGuidePressed{})
	qr := s.until("the QR code", func(v session.View) bool { return v.Takeaway != nil && v.Takeaway.QR != "" }).Takeaway.QR
	if !strings.Contains(qr, "/h/"+s.hall.ID+"/") {
		t.Errorf("address %q", qr)
	}
	if status, body := s.open(qr); status != http.StatusOK || !strings.Contains(body, name) {
		t.Errorf("the phone sees %d, with the guide's name: %v", status, strings.Contains(body, name))
	}
	if status, _ := s.open(qr[:len(qr)-4] + "AAAA"); status == http.StatusOK {
		t.Error("a forged address is opened")
	}

	// It was no ticket: nobody waits.
	for _, a := range s.board().Waiting {
		if a.Waiting != 0 {
			t.Errorf("%d wait in %s", a.Waiting, a.Area)
		}
	}

	// From the guide to a number; its code is a signed address too.
	s.touch(session.BackPressed{}, session.TakeForGuide{}, session.NoCardPressed{}, session.Confirmed{})
	r := s.result()
	if r.Item != name && !strings.Contains(r.Business, "身份证") || r.Paper != session.Printed {
		t.Errorf("result %+v", r)
	}
	if !strings.Contains(r.QR, "/h/"+s.hall.ID+"/") {
		t.Errorf("the ticket's address %q is not signed", r.QR)
	}
	if status, body := s.open(r.QR); status != http.StatusOK || !strings.Contains(body, r.Label) {
		t.Errorf("the phone sees %d of the ticket", status)
	}
}

func TestGuidesWithoutTheNetworkAndThePaper(t *testing.T) {
	s, _ := withGuides(t)
	s.front.cut.Store(true)
	s.until("the notice that the centre is away", func(v session.View) bool {
		return v.Home != nil && len(v.Home.Notices) == 1 && v.Home.Notices[0] == session.NoticeCentreAway
	})
	s.touch(session.GuidesPressed{})
	v := s.until("likely matters", func(v session.View) bool { return v.Guides != nil && len(v.Guides.Likely) > 0 })
	s.touch(session.Chosen{ID: v.Guides.Likely[0].ID}, session.ScanGuidePressed{})
	if v := s.page(session.PageTakeaway); !v.Takeaway.Away || !v.Takeaway.Prints || v.Takeaway.QR != "" {
		t.Errorf("takeaway %+v, want to be told to print", v.Takeaway)
	}
	s.device("paper out")
	s.until("no paper", func(v session.View) bool { return v.Takeaway != nil && !v.Takeaway.Prints })
	s.touch(session.BackPressed{})
	s.until("a guide that cannot be printed", func(v session.View) bool { return v.Guide != nil && !v.Guide.Prints })
	s.device("paper load")
	s.until("paper again", func(v session.View) bool { return v.Guide != nil && v.Guide.Prints })
	s.touch(session.PrintGuidePressed{})
	s.until("the list is out", func(v session.View) bool { return v.Guide != nil && v.Guide.Printing == session.GuidePrinted })

	s.touch(session.BackPressed{}, session.SearchPressed{})
	for _, r := range "魑魅魍魉" {
		s.touch(session.KeyPressed{Key: r})
	}
	s.until("a search in vain", func(v session.View) bool { return v.Search != nil && v.Search.Nothing })
	s.touch(session.HomePressed{})
	// The centre hears of it within the hour; until then it is in the terminal's file.
	s.eventually("the search in vain is counted", func() bool { return s.written("terminal", "魑魅魍魉") })
}

// written reports whether a file of this folder holds a text.
func (s *system) written(dir, text string) bool {
	found := false
	filepath.WalkDir(filepath.Join(s.dir, dir), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			data, _ := os.ReadFile(path)
			found = found || bytes.Contains(data, []byte(text))
		}
		return nil
	})
	return found
}

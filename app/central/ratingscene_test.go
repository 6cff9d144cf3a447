//go:build unix

package central_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
	"hallkiosk/app/rating"
)

var taskLink = regexp.MustCompile(`/ratings/task/([0-9a-f-]{36})`)

// ticketCode is the path of the code on a ticket, as terminals print it.
func (d *demo) ticketCode(t testing.TB, k centralapi.Ticket, language string) string {
	t.Helper()
	f, err := hall.ReadFile("../../assets/halls/demo.toml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := handoff.ForTicket(f.Hall, k.ID, language, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return d.path(t, p)
}

// path is sign without the host.
func (d *demo) path(t testing.TB, p handoff.Pass) string {
	t.Helper()
	self, err := d.terminal.Terminal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	token, err := handoff.Ring{Hall: "demo", Keys: self.HandoffKeys}.Sign(p, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return handoff.Address("", "demo", token)
}

// served takes a number and has it finished at a window that serves the business.
func (d *demo) served(t *testing.T, window *centralapi.WindowClient, business string) centralapi.Ticket {
	t.Helper()
	d.take(t, business, false)
	k, ok, err := window.CallNext(t.Context())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, err := window.Finish(t.Context(), k.ID); err != nil {
		t.Fatal(err)
	}
	return k
}

// rateForm is what somebody sends who is not satisfied at all.
func rateForm(words string) url.Values {
	return url.Values{"level": {"very-dissatisfied"}, "version": {rating.ReasonsVersion()}, "reason": {"108", "110"}, "words": {words}, "anonymous": {"1"}}
}

// atMost is the beginning of a text: a phone lets nobody write more.
func atMost(text string, characters int) string {
	if r := []rune(text); len(r) > characters {
		return string(r[:characters])
	}
	return text
}

// ratedScene is what the pages of ratings show.
type ratedScene struct {
	ready, readyEn, waiting, late string // paths of codes
	open, answered, more          string
	taskNew, taskMine, taskReview string
	taskClosed                    string
}

// ratings has some services rated, and the bad ones followed up to different points.
func (s *scene) ratings(t *testing.T, words sceneWords) {
	t.Helper()
	window, err := s.terminal.Login(t.Context(), centralapi.WindowLogin{Window: "w4", PIN: "100004"})
	if err != nil {
		t.Fatal(err)
	}
	business := "medical"
	phone := s.visitor(t)
	rated := func() (code, task string) {
		t.Helper()
		code = s.ticketCode(t, s.served(t, window, business), handoff.Chinese)
		seen := map[string]bool{}
		for _, m := range taskLink.FindAllStringSubmatch(s.crew["su"].get("/ratings").body, -1) {
			seen[m[1]] = true
		}
		phone.must(code+"/rating", rateForm(atMost(words.complaint, rating.MaxWords)))
		for _, m := range taskLink.FindAllStringSubmatch(s.crew["su"].get("/ratings").body, -1) {
			if !seen[m[1]] {
				task = m[1]
			}
		}
		if task == "" {
			t.Fatal("no task for a bad rating")
		}
		return code, task
	}
	step := func(who, task string, form url.Values) {
		t.Helper()
		s.crew[who].must("/ratings/task/"+task+"/step", form)
	}
	r := &s.rated
	r.ready = s.ticketCode(t, s.served(t, window, business), handoff.Chinese)
	r.readyEn = s.ticketCode(t, s.served(t, window, business), handoff.English)
	r.waiting = s.ticketCode(t, s.waiting, handoff.Chinese)
	r.open, r.taskNew = rated()
	_, r.taskMine = rated()
	step("su", r.taskMine, url.Values{"action": {"take"}})
	_, r.taskReview = rated()
	r.answered, r.taskClosed = rated()
	for _, task := range []string{r.taskReview, r.taskClosed} {
		step("su", task, url.Values{"action": {"take"}})
		step("su", task, url.Values{"action": {"handle"}, "verdict": {"rectified"}, "answer": {words.reply}})
	}
	step("guan", r.taskClosed, url.Values{"action": {"close"}, "text": {words.reply}})
	r.more = s.ticketCode(t, s.served(t, window, business), handoff.Chinese)
	phone.must(r.more+"/rating", url.Values{"level": {"satisfied"}, "version": {rating.ReasonsVersion()}, "reason": {"411", "413"}, "words": {atMost(words.missing, rating.MaxWords)}})
}

// ratingLooks are the faces of the pages of ratings.
var ratingLooks = []look{
	{name: "rating", pattern: "GET /h/{hall}/{token}/rating", address: func(s *scene) string { return s.rated.ready + "/rating" }},
	{name: "rating-bad", pattern: "GET /h/{hall}/{token}/rating", address: func(s *scene) string { return s.rated.ready + "/rating" },
		do: "document.querySelector('input[value=very-dissatisfied]').click()"},
	{name: "rating-en", pattern: "GET /h/{hall}/{token}/rating", address: func(s *scene) string { return s.rated.readyEn + "/rating" },
		do: "document.querySelector('input[value=satisfied]').click()"},
	{name: "rating-early", pattern: "GET /h/{hall}/{token}/rating", address: func(s *scene) string { return s.rated.waiting + "/rating" }},
	{name: "rating-given", pattern: "GET /h/{hall}/{token}/rating", address: func(s *scene) string { return s.rated.more + "/rating" }},
	{name: "rating-open", pattern: "GET /h/{hall}/{token}/rating", address: func(s *scene) string { return s.rated.open + "/rating" }},
	{name: "rating-outcome", pattern: "GET /h/{hall}/{token}/rating", address: func(s *scene) string { return s.rated.answered + "/rating" }},
	{name: "rating-outcome-en", pattern: "GET /h/{hall}/{token}/rating", address: func(s *scene) string { return s.rated.answered + "/rating?lang=en" }},
	{name: "rating-refused", pattern: "POST /h/{hall}/{token}/rating", address: func(s *scene) string { return s.rated.ready + "/rating" }, form: values("words", "x"), status: 422},
	{name: "rating-staff", pattern: "GET /h/{hall}/{token}/rating", who: "li", address: func(s *scene) string { return s.rated.ready + "/rating" }, status: 403},
	{name: "rating-ticket", pattern: "GET /h/{hall}/{token}", address: func(s *scene) string { return s.rated.ready }},

	{name: "ratings", pattern: "GET /ratings", who: "guan", address: at("/ratings")},
	{name: "ratings-closed", pattern: "GET /ratings", who: "su", address: at("/ratings?view=closed")},
	{name: "ratings-none", pattern: "GET /ratings", who: "su", address: at("/ratings?window=w6")},
	{name: "rating-task", pattern: "GET /ratings/task/{id}", who: "su", address: func(s *scene) string { return "/ratings/task/" + s.rated.taskNew }},
	{name: "rating-task-mine", pattern: "GET /ratings/task/{id}", who: "su", address: func(s *scene) string { return "/ratings/task/" + s.rated.taskMine }},
	{name: "rating-task-refused", pattern: "POST /ratings/task/{id}/step", who: "su", address: func(s *scene) string { return "/ratings/task/" + s.rated.taskMine + "/step" },
		form: values("action", "handle", "answer", "好"), status: 422},
	{name: "rating-task-review", pattern: "GET /ratings/task/{id}", who: "guan", address: func(s *scene) string { return "/ratings/task/" + s.rated.taskReview }},
	{name: "rating-task-waits", pattern: "GET /ratings/task/{id}", who: "su", address: func(s *scene) string { return "/ratings/task/" + s.rated.taskReview }},
	{name: "rating-task-closed", pattern: "GET /ratings/task/{id}", who: "guan", address: func(s *scene) string { return "/ratings/task/" + s.rated.taskClosed }},
	{name: "rating-task-none", pattern: "GET /ratings/task/{id}", who: "guan", address: at("/ratings/task/none"), status: 404},
	{name: "rating-export", pattern: "GET /ratings/export", who: "guan", address: at("/ratings/export")},
}

// The export over the socket of operators is what the page gives, also while the service
// runs; what cannot be exported is refused before a byte is written.
func TestExportRatings(t *testing.T) {
	d := startDemo(t)
	window, err := d.terminal.Login(t.Context(), centralapi.WindowLogin{Window: "w4", PIN: "100004"})
	if err != nil {
		t.Fatal(err)
	}
	k := d.served(t, window, "medical")
	d.visitor(t).must(d.ticketCode(t, k, handoff.Chinese)+"/rating", rateForm("等了两个小时"))
	day := time.Now().In(time.FixedZone("CST", 8*3600)).AddDate(0, 0, 1).Format(time.DateOnly)
	from := time.Now().AddDate(0, 0, -2).Format(time.DateOnly)
	remote, err := central.Dial(t.Context(), d.config.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	defer remote.Close()
	for _, e := range []central.RatingExport{{From: from, To: day, Format: "csv", Scale: rating.OneIsBest}, {From: from, To: day, Format: "json", Scale: rating.FiveIsBest}} {
		var here, there strings.Builder
		if err := d.ExportRatings(t.Context(), "demo", e, &here); err != nil {
			t.Fatal(err)
		}
		if err := remote.ExportRatings(t.Context(), "demo", e, &there); err != nil {
			t.Fatal(err)
		}
		if here.String() != there.String() || !strings.Contains(here.String(), "等了两个小时") || strings.Contains(here.String(), k.Label) {
			t.Errorf("%s: here\n%s\nthere\n%s", e.Format, here.String(), there.String())
		}
	}
	for _, e := range []central.RatingExport{{}, {From: day, To: from, Format: "csv", Scale: rating.OneIsBest}, {From: from, To: day, Format: "xml", Scale: rating.OneIsBest},
		{From: from, To: day, Format: "csv", Scale: "up"}, {From: "2020-01-01", To: day, Format: "csv", Scale: rating.OneIsBest}} {
		var out strings.Builder
		if err := remote.ExportRatings(t.Context(), "demo", e, &out); !centralapi.HasCode(err, centralapi.CodeInvalid) || out.Len() > 0 {
			t.Errorf("%+v: %v, %q", e, err, out.String())
		}
	}
}

// A service that runs does what time brings about: what nobody has rated in time is a
// default, and a follow-up is reminded of.
func TestRatingsAreSwept(t *testing.T) {
	f, err := hall.ReadFile("../../assets/halls/demo.toml")
	if err != nil {
		t.Fatal(err)
	}
	h := f.Hall.AlwaysOpen()
	h.Ratings = hall.Ratings{DefaultAfterDays: 2}
	config := central.Config{DataDir: t.TempDir(), Halls: []*hall.Hall{h}}
	d := &demo{config: config, running: run(t, config)}
	token, _, err := d.EnrolTerminal(t.Context(), "demo", "一号机")
	if err != nil {
		t.Fatal(err)
	}
	if d.terminal, err = centralapi.NewClient(centralapi.ClientConfig{BaseURL: d.URL(), Hall: "demo", Token: token}); err != nil {
		t.Fatal(err)
	}
	defer d.terminal.Close()
	window, err := d.terminal.Login(t.Context(), centralapi.WindowLogin{Window: "w4", PIN: "100004"})
	if err != nil {
		t.Fatal(err)
	}
	d.served(t, window, "medical")
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}

	config.Now = func() time.Time { return time.Now().AddDate(0, 0, 3) }
	later := run(t, config)
	export := central.RatingExport{From: time.Now().AddDate(0, 0, -2).Format(time.DateOnly), To: time.Now().AddDate(0, 0, 2).Format(time.DateOnly), Format: "csv", Scale: rating.FiveIsBest}
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		var out strings.Builder
		if err := later.ExportRatings(t.Context(), "demo", export, &out); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), rating.BasicallySatisfied.Name()) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("no default:\n%s", out.String())
		}
	}
}

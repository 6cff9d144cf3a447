package pages

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/centralapi"
)

// access says who gets what at a route: the status for each kind of visitor.
type access struct {
	target string // with an address for the pattern
	form   url.Values
	// everybody: the same for all; otherwise members holds the roles that are let in
	// and all others get 403, and whoever is logged out the log-in.
	everybody int
	members   []staff.Role
	// in is the status for those let in; 0 = 200.
	in int
}

// everyRole lets all members in.
var everyRole = staff.Roles()

// accessTable is what the routes promise. A route that is missing here fails the test:
// whoever adds one says who it is for.
var accessTable = map[string]access{
	"GET /{$}":                      {target: "/", everybody: 200},
	"GET /login":                    {target: "/login", everybody: 200},
	"POST /login":                   {target: "/login", everybody: 422}, // nothing typed
	"POST /logout":                  {target: "/logout", everybody: 303},
	"GET /board":                    {target: "/board", everybody: 200},
	"GET /board/stream":             {target: "/board/stream", everybody: 200},
	"GET /t/{hall}/{ticket}":        {target: "/t/demo/" + phoneID, everybody: 200},
	"GET /t/{hall}/{ticket}/stream": {target: "/t/demo/" + phoneID + "/stream", everybody: 200},
	"GET /h/{hall}/{token}":         {target: "/h/demo/nonsense", everybody: 404},
	"GET /h/{hall}/{token}/stream":  {target: "/h/demo/nonsense/stream", everybody: 404},
	"GET /web/{file}":               {target: "/web/style.css", everybody: 200},
	"GET /voice/{file}":             {target: "/voice/nonsense", everybody: 404},
	"/":                             {target: "/nothing", everybody: 404},
	"GET /account":                  {target: "/account", members: everyRole},
	"POST /account/password":        {target: "/account/password", members: everyRole, in: 422},
	"GET /console":                  {target: "/console", members: []staff.Role{staff.Clerk}},
	"GET /console/stream":           {target: "/console/stream", members: []staff.Role{staff.Clerk}},
	"POST /console/window":          {target: "/console/window", members: []staff.Role{staff.Clerk}, in: 422},
	"GET /console/leave":            {target: "/console/leave", members: []staff.Role{staff.Clerk}},
	"POST /console/leave":           {target: "/console/leave", members: []staff.Role{staff.Clerk}, in: 422},
	"POST /console/call":            {target: "/console/call", members: []staff.Role{staff.Clerk}, in: 409},
	"POST /console/recall":          {target: "/console/recall", members: []staff.Role{staff.Clerk}, in: 409},
	"POST /console/no-show":         {target: "/console/no-show", members: []staff.Role{staff.Clerk}, in: 409},
	"POST /console/finish":          {target: "/console/finish", members: []staff.Role{staff.Clerk}, in: 409},
	"POST /console/reveal":          {target: "/console/reveal", members: []staff.Role{staff.Clerk}, in: 409},
	"POST /console/help":            {target: "/console/help", members: []staff.Role{staff.Clerk}, in: 303},
	"GET /console/result":           {target: "/console/result", members: []staff.Role{staff.Clerk}, in: 303}, // nobody at the window
	"POST /console/result":          {target: "/console/result", members: []staff.Role{staff.Clerk}, in: 409},
	"GET /console/notice/{ticket}":  {target: "/console/notice/none", members: []staff.Role{staff.Clerk}, in: 404},
	"POST /console/start":           {target: "/console/start", members: []staff.Role{staff.Clerk}, in: 409},
	"POST /console/hold":            {target: "/console/hold", members: []staff.Role{staff.Clerk}, in: 409},
	"POST /console/resume":          {target: "/console/resume", members: []staff.Role{staff.Clerk}, in: 409},
	"POST /console/return":          {target: "/console/return", members: []staff.Role{staff.Clerk}, in: 409},
	"POST /console/reenter":         {target: "/console/reenter", members: []staff.Role{staff.Clerk}, in: 409},
	"GET /console/transfer":         {target: "/console/transfer", members: []staff.Role{staff.Clerk}, in: 303}, // nobody at the window
	"POST /console/transfer":        {target: "/console/transfer", members: []staff.Role{staff.Clerk}, in: 303},
	"GET /console/wrong":            {target: "/console/wrong", members: []staff.Role{staff.Clerk}, in: 303},
	"POST /console/wrong":           {target: "/console/wrong", members: []staff.Role{staff.Clerk}, in: 303},
	"GET /console/number/{ticket}":  {target: "/console/number/none", members: []staff.Role{staff.Clerk}, in: 303},
	"POST /console/prioritise":      {target: "/console/prioritise", members: []staff.Role{staff.Clerk}, in: 303},
	"GET /console/why":              {target: "/console/why", members: []staff.Role{staff.Clerk}},
	"GET /console/pause":            {target: "/console/pause", members: []staff.Role{staff.Clerk}},
	"POST /console/pause":           {target: "/console/pause", members: []staff.Role{staff.Clerk}, in: 422},
	"POST /console/open":            {target: "/console/open", members: []staff.Role{staff.Clerk}, in: 303},
	"GET /staff/closings":           {target: "/staff/closings", members: []staff.Role{staff.Manager}},
	"POST /staff/closings":          {target: "/staff/closings", members: []staff.Role{staff.Manager}, in: 422},
	"GET /staff":                    {target: "/staff", members: []staff.Role{staff.Manager}},

	"GET /h/{hall}/{token}/rating":  {target: "/h/demo/nonsense/rating", everybody: 404},
	"POST /h/{hall}/{token}/rating": {target: "/h/demo/nonsense/rating", everybody: 404},
	"GET /ratings":                  {target: "/ratings", members: []staff.Role{staff.Complaints, staff.Manager}},
	"GET /ratings/task/{id}":        {target: "/ratings/task/none", members: []staff.Role{staff.Complaints, staff.Manager}, in: 404},
	"POST /ratings/task/{id}/step":  {target: "/ratings/task/none/step", members: []staff.Role{staff.Complaints, staff.Manager}, in: 404},
	"GET /ratings/export":           {target: "/ratings/export", members: []staff.Role{staff.Manager}},
	"GET /ratings/export/file":      {target: "/ratings/export/file", members: []staff.Role{staff.Manager}, in: 422},

	"GET /manager":              {target: "/manager", members: []staff.Role{staff.Manager}},
	"GET /manager/stream":       {target: "/manager/stream", members: []staff.Role{staff.Manager}},
	"GET /manager/day":          {target: "/manager/day", members: []staff.Role{staff.Manager}},
	"GET /manager/day.xlsx":     {target: "/manager/day.xlsx", members: []staff.Role{staff.Manager}},
	"GET /manager/numbers":      {target: "/manager/numbers", members: []staff.Role{staff.Manager}},
	"GET /manager/numbers.xlsx": {target: "/manager/numbers.xlsx", members: []staff.Role{staff.Manager}, in: 422},
	"GET /manager/ratings":      {target: "/manager/ratings", members: []staff.Role{staff.Manager}},
	"GET /manager/ratings.xlsx": {target: "/manager/ratings.xlsx", members: []staff.Role{staff.Manager}, in: 422},
	"GET /manager/complaints":   {target: "/manager/complaints", members: []staff.Role{staff.Manager}},
	"GET /manager/devices":      {target: "/manager/devices", members: []staff.Role{staff.Manager, staff.Technician}},

	"GET /complaint/{hall}":              {target: "/complaint/demo", everybody: 200},
	"POST /complaint/{hall}":             {target: "/complaint/demo", everybody: 422}, // nothing written
	"GET /complaint/{hall}/progress":     {target: "/complaint/demo/progress", everybody: 200},
	"POST /complaint/{hall}/progress":    {target: "/complaint/demo/progress", everybody: 422}, // no code
	"POST /complaint/{hall}/withdraw":    {target: "/complaint/demo/withdraw", everybody: 422},
	"POST /complaint/{hall}/judge":       {target: "/complaint/demo/judge", everybody: 422},
	"GET /complaints":                    {target: "/complaints", members: []staff.Role{staff.Complaints}},
	"GET /complaints/call":               {target: "/complaints/call", members: []staff.Role{staff.Complaints}},
	"POST /complaints/call":              {target: "/complaints/call", members: []staff.Role{staff.Complaints}, in: 422},
	"GET /complaints/case/{id}":          {target: "/complaints/case/none", members: []staff.Role{staff.Complaints}, in: 404},
	"POST /complaints/case/{id}/contact": {target: "/complaints/case/none/contact", members: []staff.Role{staff.Complaints}, in: 404},
	"POST /complaints/case/{id}/step":    {target: "/complaints/case/none/step", members: []staff.Role{staff.Complaints}, in: 404},
}

// fullConfig is a site with everything a site can have: routes that appear only with
// something must be in the table too. Whoever adds a field to Config adds it here.
func fullConfig(t *testing.T, d *fakeDesk) Config {
	t.Helper()
	cases, _, _ := complaintSite(t)
	rates, _ := newRatings(t, d)
	c := Config{Desk: d, Staff: newStaff(t, d), Complaints: cases.complaints, Visits: newVisits(t, d), Ratings: rates, Reports: newReports(t, d), Halls: []string{"demo"}, Now: d.clock}
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Type.Kind() == reflect.Interface && v.Field(i).IsNil() && f.Name != "Voice" { // Voice adds no route
			t.Errorf("Config.%s is nil: its routes are not looked at", f.Name)
		}
	}
	return c
}

// TestEveryRouteForEveryRole: the table above, for somebody logged out and for each
// role, and for an account with a password that must be changed.
func TestEveryRouteForEveryRole(t *testing.T) {
	d := newFakeDesk(t)
	d.show(phoneTicketAt(d, centralapi.Finished)) // so that its stream ends
	config := fullConfig(t, d)
	people := config.Staff.(*staff.Book)
	s := newSite(config)
	c := &client{t: t, site: s.handler(), people: people, header: http.Header{}}

	cookies := map[staff.Role]string{"": ""}
	for role, login := range map[staff.Role]string{staff.Clerk: clerkLogin, staff.Manager: "guan", staff.Technician: "ji", staff.Complaints: "su"} {
		c.cookie = ""
		if c.enter(login); role == staff.Clerk {
			c.post("/console/window", url.Values{"window": {"w3"}})
		}
		cookies[role] = c.cookie
	}
	hire(t, people, "both")
	if err := people.SetPassword(t.Context(), "demo", "both", "first-2026"); err != nil {
		t.Fatal(err)
	}
	c.cookie = ""
	c.post("/login", url.Values{"login": {"both"}, "password": {"first-2026"}})
	const newcomer staff.Role = "must change"
	cookies[newcomer] = c.cookie

	checked, forbidden, sentAway := 0, 0, 0
	for _, r := range s.routes() {
		want, ok := accessTable[r.pattern]
		if !ok {
			t.Errorf("%s is not in the table: say who it is for", r.pattern)
			continue
		}
		for role, cookie := range cookies {
			method, _, ok := strings.Cut(r.pattern, " ")
			if !ok {
				method = http.MethodGet
			}
			if method == http.MethodPost && want.target == "/logout" && role != "" {
				continue // would log the others of this test out; TestLogout looks at it
			}
			res := ask(s, method, want.target, want.form, cookie)
			checked++
			status, location := want.in, ""
			switch {
			case want.everybody != 0:
				status = want.everybody
			case role == "" && strings.HasSuffix(want.target, "/stream"):
				status = http.StatusOK // and says that it has ended
			case role == "":
				status, location = http.StatusSeeOther, "/login"
				sentAway++
			case role == newcomer && strings.HasPrefix(want.target, "/account"):
			case role == newcomer && strings.HasSuffix(want.target, "/stream"):
				status = http.StatusOK // the same
			case role == newcomer:
				status, location = http.StatusSeeOther, "/account"
				sentAway++
			case !slices.Contains(want.members, role):
				status = http.StatusForbidden
				forbidden++
			}
			if status == 0 {
				status = http.StatusOK
			}
			if res.Code != status || location != "" && res.Header().Get("Location") != location {
				t.Errorf("%s as %q: %d to %q, want %d to %q", r.pattern, role, res.Code, res.Header().Get("Location"), status, location)
			}
			if csp := res.Header().Get("Content-Security-Policy"); csp != policy {
				t.Errorf("%s as %q: policy %q", r.pattern, role, csp)
			}
			if strings.HasSuffix(want.target, "/stream") && (role == "" || role == newcomer) && want.everybody == 0 && !strings.Contains(res.Body.String(), "event: ended") {
				t.Errorf("%s as %q goes on: %s", r.pattern, role, res.Body)
			}
			if role != staff.Clerk && strings.HasPrefix(want.target, "/console") && strings.Contains(res.Body.String(), "叫号") {
				t.Errorf("%s as %q shows the console", r.pattern, role)
			}
		}
	}
	if len(accessTable) != len(s.routes()) {
		t.Errorf("%d routes in the table, %d in the site", len(accessTable), len(s.routes()))
	}
	if forbidden < 30 || sentAway < 20 {
		t.Errorf("%d checks, of which %d forbidden and %d sent away: the test looks at too little", checked, forbidden, sentAway)
	}
	t.Logf("%d routes, %d requests, %d forbidden, %d sent to the log-in or the password", len(s.routes()), checked, forbidden, sentAway)
}

// ask sends a request that ends by itself after a moment, so that streams do.
func ask(s *site, method, target string, form url.Values, cookie string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://centre.test"+target, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://centre.test")
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := httptest.NewRecorder()
	if strings.HasSuffix(target, "/stream") {
		ctx, cancel := streamMoment(r)
		defer cancel()
		r = r.WithContext(ctx)
	}
	s.handler().ServeHTTP(w, r)
	return w
}

// TestForeignPosts: every route that changes something refuses what another site
// sends, whoever the browser is logged in as; the same request of our own page is let
// through.
func TestForeignPosts(t *testing.T) {
	d := newFakeDesk(t)
	c := newClient(t, d)
	c.login("w3")
	d.take(1, "pension", "", "", time.Minute)
	full := fullConfig(t, d)
	full.Staff = c.people
	s := newSite(full)
	posts := 0
	for _, r := range s.routes() {
		target, ok := strings.CutPrefix(r.pattern, "POST ")
		if !ok {
			continue
		}
		posts++
		for _, header := range []http.Header{{"Origin": {"http://evil.test"}}, {"Sec-Fetch-Site": {"cross-site"}}, {"Origin": {"null"}}} {
			foreign := &client{t: t, site: s.handler(), cookie: c.cookie, header: header}
			if res := foreign.post(target, url.Values{"seen": {"-/"}, "window": {"w1"}, "to": {closeWindow}, "reason": {"meal"}}); res.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %v: %s", target, header, res.Status)
			}
		}
	}
	if posts < 10 {
		t.Errorf("%d routes change something: the test looks at too little", posts)
	}
	if n := d.count("call w3"); n != 0 {
		t.Errorf("%d calls by another site", n)
	}
	if res := c.press("call", ""); res.StatusCode != http.StatusSeeOther || d.count("call w3") != 1 {
		t.Errorf("the control, a press of our own page: %s", res.Status)
	}
}

// TestPathTricks: spellings of an address that other servers take for another page.
func TestPathTricks(t *testing.T) {
	c := newClient(t, newFakeDesk(t))
	for _, target := range []string{
		"/staff/", "/Staff", "/staff%00", "/./staff/..%2fstaff", "//staff", "/board/../staff", "/board/%2e%2e/staff", "/console;x/leave",
		"/web/..%2f..%2fconsole.html", "/web/%2e%2e/style.css", "/t/demo/..%2f..%2fstaff", "/t/../staff", "/h/demo/%2e%2e%2fstaff", "/staff%2f", "/staff?x=/account",
		"/login/../staff", "/account/../staff", "/accountx", "/account%2f..%2fstaff",
	} {
		res := c.get(target)
		page := string(body(t, res))
		if strings.Contains(page, "现在在岗") || strings.Contains(page, "我的账号") || strings.Contains(page, "{{") {
			t.Errorf("%s shows a page to somebody logged out", target)
		}
		switch res.StatusCode {
		case http.StatusNotFound:
		case http.StatusSeeOther, http.StatusMovedPermanently, http.StatusTemporaryRedirect:
			if to := res.Header.Get("Location"); !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
				t.Errorf("%s leads to %q", target, to)
			}
		default:
			t.Errorf("%s: %s", target, res.Status)
		}
	}
	// The control: the page itself is there for whoever may see it.
	c.enter("guan")
	wants(t, "control", c.page("/staff"), "现在在岗")
}

// TestDisabledInTheMiddle: the next request after somebody is disabled is refused.
func TestDisabledInTheMiddle(t *testing.T) {
	d := newFakeDesk(t)
	d.take(1, "pension", "", "", time.Minute)
	c := newClient(t, d)
	c.login("w3")
	seen := c.seen()
	if err := c.people.SetDisabled(t.Context(), "demo", clerkLogin, true); err != nil {
		t.Fatal(err)
	}
	if res := c.post("/console/call", url.Values{"seen": {seen}}); res.StatusCode != http.StatusSeeOther || d.count("call w3") != 0 {
		t.Errorf("a disabled account calls: %s", res.Status)
	}
}

package hall

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// sampleHall is closed for lunch, on Sundays and on holidays; it works on one
// Saturday afternoon and one Sunday instead of holidays.
func sampleHall() *Hall {
	workday := []string{"08:30-12:00", "13:30-17:30"}
	return &Hall{
		ID: "t", Name: "测试大厅", CutOver: 3,
		Hours: Hours{
			Week: map[string][]string{
				"mon": workday, "tue": workday, "wed": workday, "thu": workday, "fri": workday,
				"sat": {"08:30-12:00"},
			},
			Days: []Day{
				{Date: "2026-10-01", Reason: "国庆节"}, {Date: "2026-10-02", Reason: "国庆节"},
				{Date: "2026-10-03", Reason: "国庆节"},
				{Date: "2026-10-11", Open: workday, Reason: "国庆节调休上班"},
				{Date: "2026-11-20", Open: []string{"08:30-10:00"}, Reason: "停电检修"},
			},
		},
		Areas:   []Area{{ID: "a", Name: "甲区", Place: "一楼"}},
		Windows: []Window{{ID: "w1", Name: "1", Area: "a"}},
		Businesses: []Business{
			{ID: "all", Name: "甲", Prefix: "A", Area: "a", Windows: []string{"w1"}, AskID: AskNever},
			{
				ID: "own", Name: "乙", Prefix: "B", Area: "a", Windows: []string{"w1"}, AskID: AskNever,
				Hours: &Hours{
					Week: map[string][]string{"mon": {"09:00-11:00"}, "thu": {"09:00-11:00", "13:30-15:00"}},
					Days: []Day{{Date: "2026-11-16", Reason: "系统升级"}},
				},
			},
		},
	}
}

func TestStateAt(t *testing.T) {
	h := sampleHall()
	zone := h.Location()
	if zone.String() != "Asia/Shanghai" {
		t.Fatalf("default zone is %v", zone)
	}
	when := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		tm, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return tm
	}
	for _, tc := range []struct {
		name     string
		business string // "" = the hall
		at       string
		kind     OpenKind
		until    string
		next     string
		reason   string
	}{
		{"before opening", "", "2026-11-18 07:00", NotYetOpen, "2026-11-18 08:30", "", ""},
		{"the minute it opens", "", "2026-11-18 08:30", Open, "2026-11-18 12:00", "2026-11-18 13:30", ""},
		{"last minute before lunch", "", "2026-11-18 11:59", Open, "2026-11-18 12:00", "2026-11-18 13:30", ""},
		{"lunch begins", "", "2026-11-18 12:00", Break, "2026-11-18 13:30", "", ""},
		{"afternoon", "", "2026-11-18 13:30", Open, "2026-11-18 17:30", "", ""},
		{"closing", "", "2026-11-18 17:30", ClosedNow, "2026-11-19 08:30", "", ""},
		{"Saturday morning", "", "2026-11-21 09:00", Open, "2026-11-21 12:00", "", ""},
		{"Saturday afternoon: Monday is next", "", "2026-11-21 12:00", ClosedNow, "2026-11-23 08:30", "", ""},
		{"Sunday", "", "2026-11-22 10:00", ClosedDay, "2026-11-23 08:30", "", ""},
		{"holiday, next opening days away", "", "2026-10-01 10:00", ClosedDay, "2026-10-05 08:30", "", "国庆节"},
		{"evening before the holidays", "", "2026-09-30 18:00", ClosedNow, "2026-10-05 08:30", "", ""},
		{"Sunday worked instead", "", "2026-10-11 10:00", Open, "2026-10-11 12:00", "2026-10-11 13:30", "国庆节调休上班"},
		{"lunch of a Sunday worked instead", "", "2026-10-11 12:30", Break, "2026-10-11 13:30", "", "国庆节调休上班"},
		{"short day, still open", "", "2026-11-20 09:59", Open, "2026-11-20 10:00", "", "停电检修"},
		{"short day, closed early", "", "2026-11-20 10:00", ClosedNow, "2026-11-21 08:30", "", "停电检修"},

		{"business follows the hall", "all", "2026-11-18 12:00", Break, "2026-11-18 13:30", "", ""},
		{"own hours not yet", "own", "2026-11-19 08:45", NotYetOpen, "2026-11-19 09:00", "", ""},
		{"own hours open", "own", "2026-11-19 10:00", Open, "2026-11-19 11:00", "2026-11-19 13:30", ""},
		{"own hours over while the hall is open", "own", "2026-11-19 16:00", ClosedNow, "2026-11-23 09:00", "", ""},
		{"own closure beats the week", "own", "2026-11-16 10:00", ClosedDay, "2026-11-19 09:00", "", "系统升级"},
		{"holiday of the hall closes the business", "own", "2026-10-01 10:00", ClosedDay, "2026-10-05 09:00", "", "国庆节"},
		{"unknown business is never open", "none", "2026-11-18 10:00", ClosedDay, "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at := when(tc.at).UTC() // callers may use any zone
			got := h.StateAt(at)
			if tc.business != "" {
				got = h.BusinessStateAt(tc.business, at)
			}
			if got.Kind != tc.kind || !got.Until.Equal(when(tc.until)) || !got.Next.Equal(when(tc.next)) || got.Reason != tc.reason {
				t.Errorf("at %s: %+v\nwant %s until %q next %q reason %q", tc.at, got, tc.kind, tc.until, tc.next, tc.reason)
			}
			if !got.Until.IsZero() && got.Until.Location().String() != zone.String() {
				t.Errorf("Until is in %v, want the hall's zone", got.Until.Location())
			}
		})
	}
}

func TestStateAtClosedForGood(t *testing.T) {
	h := &Hall{Hours: Hours{Days: []Day{{Date: "2027-06-01", Open: []string{"09:00-10:00"}}}}}
	if st := h.StateAt(time.Date(2026, 11, 18, 2, 0, 0, 0, time.UTC)); st.Kind != ClosedDay || !st.Until.IsZero() {
		t.Errorf("opening 195 days away: %+v, want closed without Until", st)
	}
	if st := h.StateAt(time.Date(2027, 4, 3, 2, 0, 0, 0, time.UTC)); !st.Until.Equal(time.Date(2027, 6, 1, 1, 0, 0, 0, time.UTC)) {
		t.Errorf("opening 59 days away: %+v, want Until set", st)
	}
}

func TestStateAtOverMidnight(t *testing.T) {
	h := &Hall{TimeZone: "Asia/Shanghai", Hours: Hours{Week: map[string][]string{
		"fri": {"18:00-24:00"}, "sat": {"00:00-02:00", "09:00-12:00"},
	}}}
	friday := time.Date(2026, 11, 20, 23, 0, 0, 0, h.Location())
	if st := h.StateAt(friday); st.Kind != Open || !st.Until.Equal(friday.Add(3*time.Hour)) {
		t.Errorf("Friday 23:00: %+v, want open until Saturday 02:00", st)
	}
}

func TestStateAtTouchingSpansAreOne(t *testing.T) {
	h := &Hall{Hours: Hours{Week: map[string][]string{"wed": {"12:00-17:00", "08:00-12:00"}}}}
	noon := time.Date(2026, 11, 18, 11, 0, 0, 0, h.Location())
	if st := h.StateAt(noon); st.Kind != Open || !st.Until.Equal(noon.Add(6*time.Hour)) || !st.Next.IsZero() {
		t.Errorf("%+v, want open until 17:00 without a break", st)
	}
}

// TestStateAtSummerTime: in Berlin clocks went from 02:00 to 03:00 on
// 2026-03-29 and from 03:00 back to 02:00 on 2026-10-25.
func TestStateAtSummerTime(t *testing.T) {
	h := &Hall{TimeZone: "Europe/Berlin", Hours: Hours{Week: map[string][]string{
		"sun": {"01:00-04:00", "08:00-12:00"}, "mon": {"08:00-12:00"},
	}}}
	utc := func(s string) time.Time {
		tm, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return tm
	}
	for _, tc := range []struct {
		name, at string
		kind     OpenKind
		until    string
	}{
		{"winter side of the gap", "2026-03-29T00:59:00Z", Open, "2026-03-29T02:00:00Z"},
		{"summer side of the gap", "2026-03-29T01:59:00Z", Open, "2026-03-29T02:00:00Z"},
		{"after the gap", "2026-03-29T02:00:00Z", Break, "2026-03-29T06:00:00Z"},
		{"hour that comes twice", "2026-10-25T01:30:00Z", Open, "2026-10-25T03:00:00Z"},
		{"evening before", "2026-03-28T20:00:00Z", ClosedDay, "2026-03-29T00:00:00Z"},
		{"next day in summer time", "2026-03-29T11:00:00Z", ClosedNow, "2026-03-30T06:00:00Z"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			st := h.StateAt(utc(tc.at))
			if st.Kind != tc.kind || !st.Until.Equal(utc(tc.until)) {
				t.Errorf("%+v, want %s until %s", st, tc.kind, tc.until)
			}
		})
	}
}

func TestBusinessDay(t *testing.T) {
	for _, tc := range []struct {
		zone    string
		cutOver int
		at      string
		want    string
	}{
		{"", 3, "2026-11-21T02:59:59+08:00", "2026-11-20"},
		{"", 3, "2026-11-21T03:00:00+08:00", "2026-11-21"},
		{"", 0, "2026-11-21T00:00:00+08:00", "2026-11-21"},
		{"", 3, "2026-11-20T18:59:00Z", "2026-11-20"},
		{"", 3, "2026-03-01T01:00:00+08:00", "2026-02-28"},
		{"Europe/Berlin", 3, "2026-03-29T00:30:00Z", "2026-03-28"}, // 01:30, before the clocks go on
		{"Europe/Berlin", 3, "2026-03-29T01:00:00Z", "2026-03-29"}, // 03:00, the minute they have
		{"No/Such", 3, "2026-11-21T03:00:00+08:00", "2026-11-21"},
	} {
		h := &Hall{TimeZone: tc.zone, CutOver: tc.cutOver}
		at, err := time.Parse(time.RFC3339, tc.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.BusinessDay(at); got != tc.want {
			t.Errorf("zone %q, cut-over %d, %s: %s, want %s", tc.zone, tc.cutOver, tc.at, got, tc.want)
		}
	}
}

func TestLocationIsRemembered(t *testing.T) {
	var c zoneCache
	berlin := c.get("Europe/Berlin")
	if again := c.get("Europe/Berlin"); again != berlin || berlin.String() != "Europe/Berlin" {
		t.Errorf("Europe/Berlin is %v, then another %v", berlin, again)
	}
	for _, name := range []string{"", "No/Such"} {
		if loc := c.get(name); loc.String() != defaultZone || c.get(name) != loc {
			t.Errorf("zone %q is %v", name, loc)
		}
	}
	// Made-up names do not pile up, and what is pushed out is loaded again. Many
	// at a time, for the race detector.
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 50 {
				if loc := c.get(fmt.Sprintf("No/Such%d-%d", i, n)); loc.String() != defaultZone {
					t.Errorf("made-up zone is %v", loc)
				}
				if loc := c.get("Europe/Berlin"); loc.String() != "Europe/Berlin" {
					t.Errorf("Europe/Berlin is %v", loc)
				}
			}
		})
	}
	wg.Wait()
	if n := len(c.byName); n > maxZones {
		t.Errorf("%d zones are kept, want at most %d", n, maxZones)
	}
}

func TestParseSpan(t *testing.T) {
	good := map[string]span{
		"08:30-12:00": {510, 720}, "00:00-24:00": {0, 1440}, "23:59-24:00": {1439, 1440},
		"08:30 - 12:00": {510, 720},
	}
	for s, want := range good {
		if got, err := parseSpan(s); err != nil || got != want {
			t.Errorf("parseSpan(%q) = %v, %v; want %v", s, got, err, want)
		}
	}
	for _, s := range []string{
		"", "-", "08:30", "25:00-26:00", "08:60-09:00", "24:01-24:02", "24:00-24:00", "12:00-08:30", "08:30-08:30",
		"8:30-12:00", "08：30-12：00", "08:30—12:00", "08:30-12:00-13:00", "+8:30-12:00", "ab:cd-ef:gh",
	} {
		if got, err := parseSpan(s); err == nil {
			t.Errorf("parseSpan(%q) = %v, want an error", s, got)
		}
	}
}

package workday

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var china = time.FixedZone("CST", 8*3600)

func day(t testing.TB, text string) time.Time {
	t.Helper()
	d, err := time.ParseInLocation(layout, text, china)
	if err != nil {
		t.Fatal(err)
	}
	return d.Add(14*time.Hour + 30*time.Minute) // some time of that day
}

func written(t time.Time) string { return t.Format(layout) }

// Every day of both years, against the notices read in another way: the days off that
// fall on weekdays, and the weekend days that are worked. They are typed in here a second
// time, one by one, and the sums are what the holidays law says: 13 days a year.
func TestWholeYears(t *testing.T) {
	for year, want := range map[int]struct{ off, worked string }{
		2025: {"01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 10-03 10-06 10-07 10-08",
			"01-26 02-08 04-27 09-28 10-11"},
		2026: {"01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 10-01 10-02 10-05 10-06 10-07",
			"01-04 02-14 02-28 05-09 09-20 10-10"},
	} {
		var off, worked []string
		working, weekends := 0, 0
		for d := time.Date(year, 1, 1, 9, 0, 0, 0, china); d.Year() == year; d = d.AddDate(0, 0, 1) {
			if weekend(d) {
				weekends++
			}
			if Builtin().Working(d) {
				working++
			}
			switch {
			case Builtin().Working(d) && weekend(d):
				worked = append(worked, d.Format("01-02"))
			case !Builtin().Working(d) && !weekend(d):
				off = append(off, d.Format("01-02"))
			}
		}
		if got := strings.Join(off, " "); got != want.off {
			t.Errorf("%d: weekdays off\n%s\nwant\n%s", year, got, want.off)
		}
		if got := strings.Join(worked, " "); got != want.worked {
			t.Errorf("%d: weekends worked\n%s\nwant\n%s", year, got, want.worked)
		}
		if want := 365 - weekends - 13; working != want {
			t.Errorf("%d: %d working days, the law makes it %d", year, working, want)
		}
	}
}

func TestAddWorkingDays(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
		why  string
	}{
		{"2026-03-02", 1, "2026-03-03", "the first day does not count"},
		{"2026-03-02", 15, "2026-03-23", "three plain weeks"},
		{"2026-03-06", 1, "2026-03-09", "over a weekend"},
		{"2026-03-07", 1, "2026-03-09", "begun on a Saturday"},
		{"2026-03-02", 0, "2026-03-02", "the same day"},
		{"2026-03-07", 0, "2026-03-09", "no day is not a Saturday either"},
		{"2026-03-02", -3, "2026-03-02", "less than no day"},
		{"2026-02-13", 1, "2026-02-14", "the Saturday before Spring Festival is worked"},
		{"2026-02-14", 1, "2026-02-24", "over the whole Spring Festival of 2026"},
		{"2026-02-24", 4, "2026-02-28", "to the Saturday after it"},
		{"2026-02-10", 15, "2026-03-09", "15 days over Spring Festival 2026: two Saturdays are worked"},
		{"2025-01-24", 1, "2025-01-26", "a Sunday that is worked"},
		{"2025-01-27", 1, "2025-02-05", "over Spring Festival 2025"},
		{"2025-02-07", 1, "2025-02-08", "the Saturday after it"},
		{"2025-09-26", 2, "2025-09-29", "a Sunday in September"},
		{"2025-09-30", 1, "2025-10-09", "over the eight days of 2025"},
		{"2025-09-30", 3, "2025-10-11", "to the Saturday worked for them"},
		{"2026-09-18", 1, "2026-09-20", "a Sunday for the National Day of 2026"},
		{"2026-09-24", 1, "2026-09-28", "Mid-Autumn 2026"},
		{"2026-09-30", 1, "2026-10-08", "National Day 2026"},
		{"2026-09-30", 3, "2026-10-10", "the Saturday after it"},
		{"2025-12-31", 1, "2026-01-04", "into a year that begins with three days off and a Sunday"},
		{"2026-04-30", 1, "2026-05-06", "Labour Day 2026"},
		{"2026-05-08", 1, "2026-05-09", "the Saturday worked for it"},
		{"2026-06-18", 1, "2026-06-22", "Dragon Boat 2026"},
		{"2025-05-30", 1, "2025-06-03", "Dragon Boat 2025"},
		{"2025-04-03", 1, "2025-04-07", "Tomb-Sweeping 2025"},
		{"2025-04-30", 1, "2025-05-06", "Labour Day 2025"},
	} {
		got := Builtin().AddWorkingDays(day(t, c.from), c.n)
		if written(got) != c.want || got.Location() != china || got.Hour() != 0 {
			t.Errorf("%s + %d = %s, want %s (%s)", c.from, c.n, got, c.want, c.why)
		}
	}
}

func TestBetween(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     int
	}{
		{"2026-03-02", "2026-03-02", 0},
		{"2026-03-02", "2026-03-03", 1},
		{"2026-03-06", "2026-03-08", 0},
		{"2026-02-13", "2026-02-28", 6},
		{"2026-09-30", "2026-10-07", 0},
		{"2025-12-31", "2026-12-31", 248},
		{"2024-12-31", "2025-12-31", 248},
		{"2026-03-23", "2026-03-02", -15},
	} {
		if got := Builtin().Between(day(t, c.from), day(t, c.to)); got != c.want {
			t.Errorf("from %s to %s: %d, want %d", c.from, c.to, got, c.want)
		}
	}
}

// Adding and counting are each other's reverse, and a deadline is a working day.
func TestAddAndBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := time.Date(2025, 1, rapid.IntRange(1, 700).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"), 0, 0, 0, china)
		n := rapid.IntRange(1, 60).Draw(t, "n")
		due := Builtin().AddWorkingDays(from, n)
		if got := Builtin().Between(from, due); got != n || !Builtin().Working(due) {
			t.Fatalf("%s + %d = %s, between them %d", from, n, due, got)
		}
		if later := Builtin().AddWorkingDays(from, n+1); !later.After(due) {
			t.Fatalf("%s + %d = %s, one more = %s", from, n, due, later)
		}
	})
}

// The day is that of the time's own zone, and a day of 23 hours is a day.
func TestZones(t *testing.T) {
	night := time.Date(2026, 3, 2, 23, 30, 0, 0, time.UTC) // Tuesday in China
	if got := Builtin().AddWorkingDays(night.In(china), 1); written(got) != "2026-03-04" {
		t.Errorf("in China: %s", got)
	}
	if got := Builtin().AddWorkingDays(night, 1); written(got) != "2026-03-03" {
		t.Errorf("in UTC: %s", got)
	}
	// 2026-03-03 07:30 in China is the evening before in UTC; the first zone decides.
	if got := Builtin().Between(day(t, "2026-03-02"), night); got != 1 {
		t.Errorf("over two zones: %d", got)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here")
	}
	friday := time.Date(2026, 3, 27, 12, 0, 0, 0, berlin) // summer time begins on Sunday
	if got := Builtin().AddWorkingDays(friday, 1); got != time.Date(2026, 3, 30, 0, 0, 0, 0, berlin) {
		t.Errorf("over the change of the clock: %s", got)
	}
}

func TestUnknownYears(t *testing.T) {
	if got := Builtin().Missing(day(t, "2024-12-01"), day(t, "2027-01-04")); !slices.Equal(got, []int{2024, 2027}) {
		t.Errorf("missing %v", got)
	}
	if got := Builtin().Missing(day(t, "2025-01-01"), day(t, "2026-12-31")); got != nil {
		t.Errorf("missing %v", got)
	}
	// Without a notice every Monday to Friday counts: 1 October 2027 is a Friday.
	if got := Builtin().AddWorkingDays(day(t, "2027-09-30"), 1); written(got) != "2027-10-01" {
		t.Errorf("in an unknown year: %s", got)
	}
	var none Calendar
	if got := none.AddWorkingDays(day(t, "2026-09-30"), 1); written(got) != "2026-10-01" || none.Holiday(got) != "" {
		t.Errorf("without any year: %s", got)
	}
	if name := Builtin().Holiday(day(t, "2026-02-14")); name != "春节" {
		t.Errorf("the Saturday is worked for %q", name)
	}
}

func TestParse(t *testing.T) {
	const good = `[[years]]
year = 2027
source = "通知"
holidays = [{ name = "元旦", from = "2027-01-01", to = "2027-01-03", worked = ["2026-12-27"] }]
`
	c, err := Parse(builtin, []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if !c.Working(day(t, "2026-12-27")) || c.Working(day(t, "2027-01-01")) || c.Working(day(t, "2026-10-01")) || c.Missing(day(t, "2025-01-01"), day(t, "2027-01-01")) != nil {
		t.Error("the years of two files are not both there")
	}
	other := strings.ReplaceAll(good, "2027-01-03", "2027-01-01")
	if c, err = Parse([]byte(good), []byte(other)); err != nil || !c.Working(day(t, "2027-01-04")) || c.Working(day(t, "2027-01-02")) {
		t.Errorf("a corrected year: %v", err)
	}
	for name, text := range map[string]string{
		"no TOML":              "years = [",
		"an unknown key":       good + "hours = 3\n",
		"a year twice":         good + good,
		"no year":              strings.ReplaceAll(good, "2027\n", "0\n"),
		"no source":            strings.ReplaceAll(good, "通知", ""),
		"no name":              strings.ReplaceAll(good, "元旦", ""),
		"no holidays":          "[[years]]\nyear = 2027\nsource = \"x\"\n",
		"no day":               strings.ReplaceAll(good, "2027-01-03", "2027-01-32"),
		"no first day":         strings.ReplaceAll(good, "2027-01-01", ""),
		"backwards":            strings.ReplaceAll(good, "2027-01-01", "2027-01-04"),
		"a wrong month":        strings.ReplaceAll(good, "2027-01-03", "2027-02-03"),
		"another year":         strings.ReplaceAll(good, "2027-01-03", "2028-01-03"),
		"a weekday is worked":  strings.ReplaceAll(good, "2026-12-27", "2026-12-28"),
		"no day is worked":     strings.ReplaceAll(good, "2026-12-27", "?"),
		"off and worked":       strings.ReplaceAll(good, "2026-12-27", "2027-01-03"),
		"worked for two years": good + strings.ReplaceAll(strings.ReplaceAll(good, "2027-01-", "2026-12-"), "= 2027", "= 2026"),
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), "workday: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c, err := Parse(); err != nil || !c.Working(day(t, "2026-10-01")) {
		t.Errorf("no file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(builtin)
	f.Add([]byte("[[years]]\nyear = 2027\nsource = \"x\"\nholidays = [{name=\"a\",from=\"2027-01-01\",to=\"2027-01-09\",worked=[\"2027-01-10\"]}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(data)
		if err != nil {
			return
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, china)
		if due := c.AddWorkingDays(from, 5); c.Between(from, due) != 5 {
			t.Errorf("five days end on %s", due)
		}
	})
}

// A calendar with further days has them and what it had; the days of a notice that
// cannot be are refused.
func TestWith(t *testing.T) {
	c, err := Builtin().With(Holiday{Name: "古尔邦节", From: "2026-05-27", To: "2026-05-27"},
		Holiday{Name: "元旦", From: "2026-12-31", To: "2027-01-02", Worked: []string{"2027-01-10"}},
		Holiday{Name: "不放", From: "2026-10-09", To: "2026-10-09", Worked: []string{"2026-10-17"}})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"2026-05-27": false, "2026-05-28": true, "2026-12-31": false, "2027-01-10": true, "2026-10-08": true, "2026-10-09": false, "2026-10-17": true, "2026-10-01": false} {
		if got := c.Working(day(t, text)); got != want {
			t.Errorf("%s is worked: %v", text, got)
		}
	}
	if years := c.Missing(day(t, "2026-12-01"), day(t, "2028-01-01")); !slices.Equal(years, []int{2028}) {
		t.Errorf("years that are not known: %v", years)
	}
	if !Builtin().Working(day(t, "2026-05-27")) || len(Builtin().Missing(day(t, "2027-01-01"), day(t, "2027-01-01"))) != 1 {
		t.Error("the built-in calendar has changed")
	}
	var none Calendar
	if own, err := none.With(Holiday{Name: "x", From: "2027-01-01", To: "2027-01-01"}); err != nil || own.Working(day(t, "2027-01-01")) || !own.Working(day(t, "2026-10-01")) {
		t.Errorf("the zero calendar with a day: %v", err)
	}
	for _, h := range []Holiday{{Name: "x", From: "2027-01-02", To: "2027-01-01"}, {Name: "x", From: "x", To: "2027-01-01"}, {Name: "x", From: "2027-01-01", To: "x"},
		{From: "2027-01-01", To: "2027-01-01"}, {Name: "x", From: "2027-01-01", To: "2027-01-01", Worked: []string{"2027-01-04"}}} {
		if _, err := Builtin().With(h); err == nil {
			t.Errorf("%+v is taken", h)
		}
	}
	if _, err := Builtin().With(Holiday{Name: "x", From: "2027-01-01", To: "2027-01-03"}, Holiday{Name: "y", From: "2027-01-03", To: "2027-01-04"}); err == nil {
		t.Error("a day of two holidays is taken")
	}
}

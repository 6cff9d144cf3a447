package hall

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/complaint"
	"hallkiosk/app/rating"
)

// terms is a hall file with everything that can be decided about ratings, complaints and
// holidays, after the valid one.
const terms = `
[ratings]
within_days = 60
supplement_after_hours = 12
default_after_days = 30
default_level = "satisfied"
follow_up_days = 10
burst_count = 8
burst_minutes = 3

[complaints]
classify_days = 1
simple_days = 3
complex_days = 20
extension_days = 7

[[holidays]]
name = "元旦"
from = "2026-12-31"
to = "2027-01-02"
worked = ["2027-01-10"]

[[holidays]]
name = "春节"
from = "2027-02-05"
to = "2027-02-12"

[[holidays]]
name = "清明节"
from = "2027-04-05"
to = "2027-04-05"

[[holidays]]
name = "劳动节"
from = "2027-05-01"
to = "2027-05-05"

[[holidays]]
name = "国庆节"
from = "2027-10-01"
to = "2027-10-07"
`

func TestTerms(t *testing.T) {
	f, err := Parse("t.toml", []byte(valid+terms))
	if err != nil || len(f.Warnings) > 0 {
		t.Fatal(err, f)
	}
	h := f.Hall
	if want := (Ratings{60, 12, 30, rating.Satisfied, 10, 8, 3}); h.Ratings != want || h.Ratings.Filled() != want {
		t.Errorf("ratings %+v", h.Ratings)
	}
	if got, want := h.Complaints.Terms(), (complaint.Terms{Classify: 1, Simple: 3, Complex: 20, Extension: 7}); got != want {
		t.Errorf("complaints %+v", got)
	}
	c, err := h.Workdays()
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]bool{"2026-12-30": true, "2026-12-31": false, "2027-01-01": false, "2027-01-04": true, "2027-01-10": true, "2027-10-07": false, "2026-10-01": false, "2026-10-10": true} {
		d, err := time.Parse(DateLayout, day)
		if err != nil {
			t.Fatal(err)
		}
		if c.Working(d) != want {
			t.Errorf("%s is worked: %v", day, !want)
		}
	}
	d := time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)
	if len(c.Missing(d, d)) != 0 {
		t.Error("2027 is still not known")
	}

	again, err := Parse("again.toml", Format(h))
	if err != nil || !reflect.DeepEqual(again.Hall, h) {
		t.Errorf("written and read again: %v\n%s", err, Format(h))
	}

	// What is not decided is the default, takes no place in the file, and changes nothing
	// for terminals.
	plain, err := Parse("t.toml", []byte(valid))
	if err != nil {
		t.Fatal(err)
	}
	if r := plain.Hall.Ratings.Filled(); r != (Ratings{30, 24, 0, rating.BasicallySatisfied, 15, 6, 5}) {
		t.Errorf("defaults %+v", r)
	}
	if text := string(Format(plain.Hall)); strings.Contains(text, "ratings") || strings.Contains(text, "complaints") || strings.Contains(text, "holidays") {
		t.Errorf("defaults are written: %s", text)
	}
	if c, err := plain.Hall.Workdays(); err != nil || len(c.Missing(d, d)) != 1 {
		t.Errorf("2027 is known: %v", err)
	}
	if _, err := (&Hall{Holidays: []Holiday{{Name: "x", From: "2027-01-09", To: "2027-01-01"}}}).Workdays(); err == nil {
		t.Error("a holiday that ends before it begins")
	}
}

// Each thing that can be wrong is found where it stands, with a cure, and nothing else.
func TestTermsProblems(t *testing.T) {
	for _, tc := range []struct {
		name, old, new string
		line           int // after the valid file
		message, cure  string
		warning        bool
	}{
		{"zero days", "within_days = 60", "within_days = 0", 3, "可以评价的天数 within_days = 0 不在 1 到 365 之间", "删去", false},
		{"too many days", "follow_up_days = 10", "follow_up_days = 100", 7, "差评整改的工作日数", "删去", false},
		{"a burst of one", "burst_count = 8", "burst_count = 1", 8, "不在 2 到 1000 之间", "删去", false},
		{"negative", "classify_days = 1", "classify_days = -1", 12, "初步核实", "删去", false},
		{"default too late", "default_after_days = 30", "default_after_days = 60", 5, "已经不能评价了", "within_days", false},
		{"default bad", `default_level = "satisfied"`, `default_level = "dissatisfied"`, 6, "不能作为默认评价", "very-satisfied", false},
		{"default unknown", `default_level = "satisfied"`, `default_level = "fine"`, 6, "“fine”不能", "very-satisfied", false},
		{"shorter for harder", "complex_days = 20", "complex_days = 2", 14, "比简单投诉的 3 个还短", "写反", false},
		{"unknown key", "burst_minutes = 3", "burst_minute = 3", 9, "没有“burst_minute”这个键", "burst_minutes", false},
		{"text for a number", "follow_up_days = 10", `follow_up_days = "10"`, 7, "应是一个整数", "不加引号", false},
		{"holiday without a name", `name = "元旦"`, `name = " "`, 18, "没有写名称", "name", false},
		{"no such day", `from = "2027-04-05"`, `from = "2027-04-31"`, 30, "没有“2027-04-31”这个日期", "横线", false},
		{"ends before it begins", "from = \"2027-04-05\"\nto = \"2027-04-05\"", "from = \"2027-04-05\"\nto = \"2027-04-01\"", 31, "早于第一天", "to 写最后一天", false},
		{"wrong month", `to = "2027-05-05"`, `to = "2027-06-05"`, 36, "超过 16 天", "月份", false},
		{"worked on a weekday", `worked = ["2027-01-10"]`, `worked = ["2027-01-11"]`, 21, "本来就是工作日", "星期六", false},
		{"worked in another year", `worked = ["2027-01-10"]`, `worked = ["2028-01-09"]`, 21, "太远", "年月", false},
		{"worked is no day", `worked = ["2027-01-10"]`, `worked = ["10日"]`, 21, "没有“10日”这个日期", "横线", false},
		{"nothing", `from = "2027-10-01"`, `from = "2027-10-01"`, 0, "", "", false},
		{"few holidays", "[[holidays]]\nname = \"清明节\"\nfrom = \"2027-04-05\"\nto = \"2027-04-05\"\n", "", 17, "2027 年只写了 4 个节假日", "写全", true},
		{"overlap", "from = \"2027-04-05\"\nto = \"2027-04-05\"", "from = \"2027-02-12\"\nto = \"2027-02-12\"", 30, "2027-02-12 写了两次，另一个在第", "删去其中一个", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if !strings.Contains(terms, tc.old) {
				t.Fatalf("no %q", tc.old)
			}
			f, err := Parse("t.toml", []byte(valid+strings.Replace(terms, tc.old, tc.new, 1)))
			var problems Problems
			switch {
			case tc.line == 0: // the control
				if err != nil || len(f.Warnings) > 0 {
					t.Fatal(err, f)
				}
				return
			case tc.warning && err != nil:
				t.Fatal(err)
			case tc.warning:
				problems = f.Warnings
			case !errors.As(err, &problems):
				t.Fatalf("error %v, want Problems", err)
			}
			if len(problems) != 1 {
				t.Fatalf("%d problems:\n%v", len(problems), problems)
			}
			p := problems[0]
			line := p.Line - strings.Count(valid, "\n")
			if line != tc.line || !strings.Contains(p.Message, tc.message) || !strings.Contains(p.Cure, tc.cure) || p.Warning != tc.warning {
				t.Errorf("line %d: %s", line, p)
			}
		})
	}
}

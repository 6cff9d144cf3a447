package hall

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// ruled is the valid file with settings of calling.
func ruled(queue, business string) string {
	s := strings.Replace(valid, "[[businesses]]\n", "[[businesses]]\n"+business, 1)
	return strings.TrimRight(s, "\n") + "\n\n[queue]\n" + queue
}

func TestQueueSettings(t *testing.T) {
	f, err := Parse("t.toml", []byte(ruled("priority_run = 5\ncome_back_behind = 2\n",
		"classes = [\"appointment\", \"priority\"]\ndaily_cap = 200\nquotas = [{ hours = \"08:30-10:00\", most = 50 }, { hours = \"10:00-12:00\", most = 40 }]\n")))
	if err != nil {
		t.Fatal(err)
	}
	h, b := f.Hall, &f.Hall.Businesses[0]
	if h.Queue.Run() != 5 || h.Queue.Behind() != 2 || b.DailyCap != 200 || !b.Grants(Priority) || !b.Grants(Ordinary) || h.Businesses[1].Grants(Appointment) {
		t.Errorf("%+v, %+v", h.Queue, b)
	}
	at := func(clock string) time.Time {
		got, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+clock, h.Location())
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for clock, want := range map[string]struct {
		most int
		from string
	}{"08:29": {}, "08:30": {50, "08:30"}, "09:59": {50, "08:30"}, "10:00": {40, "10:00"}, "12:00": {}} {
		q, since, ok := h.QuotaAt(b, at(clock).UTC())
		if q.Most != want.most || ok != (want.most > 0) || ok && !since.Equal(at(want.from)) {
			t.Errorf("at %s: %+v since %v, %v", clock, q, since, ok)
		}
	}
	again, err := Parse("again.toml", Format(h))
	if err != nil || !reflect.DeepEqual(again.Hall, h) {
		t.Errorf("written and read back it differs (%v):\n%s", err, Format(h))
	}
	public := h.Public()
	public.Businesses[0].Classes[0] = "changed"
	if h.Businesses[0].Classes[0] != Appointment {
		t.Error("a copy shares its classes")
	}
	plain, err := Parse("t.toml", []byte(valid))
	if err != nil || plain.Hall.Queue.Run() != 3 || plain.Hall.Queue.Behind() != 3 || strings.Contains(string(Format(plain.Hall)), "[queue]") {
		t.Errorf("without settings: %+v, %v", plain.Hall.Queue, err)
	}
}

func TestQueueSettingsThatAreWrong(t *testing.T) {
	for name, tt := range map[string]struct{ queue, business, want string }{
		"run of less than none": {"priority_run = -1\n", "", "priority_run = -1"},
		"a run without end":     {"priority_run = 21\n", "", "priority_run = 21"},
		"behind everybody":      {"come_back_behind = 51\n", "", "come_back_behind = 51"},
		"no such class":         {"", "classes = [\"vip\"]\n", "没有“vip”这一类号"},
		"ordinary is no class":  {"", "classes = [\"\"]\n", "没有“”这一类号"},
		"twice":                 {"", "classes = [\"priority\", \"priority\"]\n", "写了两次"},
		"fewer than none":       {"", "daily_cap = -1\n", "daily_cap = -1"},
		"too many":              {"", "daily_cap = 100001\n", "daily_cap = 100001"},
		"no number":             {"", "quotas = [{ hours = \"08:30-12:00\", most = 0 }]\n", "most = 0"},
		"no time":               {"", "quotas = [{ hours = \"上午\", most = 5 }]\n", "时段“上午”看不懂"},
		"overlapping":           {"", "quotas = [{ hours = \"08:30-12:00\", most = 5 }, { hours = \"11:00-13:00\", most = 5 }]\n", "重叠"},
		"not a setting":         {"priority_ran = 3\n", "", "priority_ran"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("t.toml", []byte(ruled(tt.queue, tt.business)))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

func TestClassNames(t *testing.T) {
	for class, want := range map[Class]string{Ordinary: "普通", Priority: "绿色通道", Appointment: "预约", "vip": "vip"} {
		if got := class.Name(); got != want {
			t.Errorf("%q is called %s, want %s", class, got, want)
		}
	}
}

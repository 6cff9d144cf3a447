package report

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/central/internal/staff"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
)

// A morning with everything in it, and what each report says of it.
func scene(f *fixture) {
	a1 := f.number("a", "", minute(0))
	a2 := f.number("a", "", minute(2))
	a3 := f.number("a", "", minute(4))
	f.number("a", "", minute(40)) // waits
	b1 := f.number("b", "", minute(5))
	b2 := f.number("b", "", minute(6))
	t1 := f.number("a", "7", minute(10))
	f.skip("a", "7", minute(10), 2)
	f.number("a", "7", minute(11)) // waits

	f.finish(f.call(a1, "w1", minute(10)), minute(20))
	f.end(f.call(a2, "w1", minute(22)), centralapi.NoShow, "", minute(24))
	f.call(a3, "w2", minute(34)) // at the window
	f.end(b1, centralapi.Void, "superseded", minute(7))
	f.end(b2, centralapi.Cancelled, "", minute(8))
	served := f.call(t1, "w1", minute(30))
	served = f.change(served, func(k *store.Ticket) { k.State, k.StartedAt = centralapi.Started, minute(31) })
	f.change(served, func(k *store.Ticket) { k.State, k.EndedAt = centralapi.Finished, minute(51) })
	f.now = minute(65)
}

func TestToday(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		empty := must[Today](t)(f.Today(t.Context(), hallID))
		if empty.Issued+empty.Waiting+empty.Open+len(empty.Hours)+len(empty.Kiosks) != 0 || len(empty.Businesses) != 2 || len(empty.Windows) != 3 {
			t.Errorf("an empty hall: %+v", empty)
		}
		if _, ok := empty.MeanWait(); ok {
			t.Error("an empty hall has a mean wait")
		}
		f.write(func(tx *store.Tx) error {
			for n, name := range []string{"一号机", "二号机", "三号机"} {
				k := store.Terminal{Hall: hallID, ID: fmt.Sprint("t", n+1), Slot: n + 1, Name: name, TokenHash: []byte(name), Enrolled: morning}
				if err := tx.InsertTerminal(k); err != nil {
					return err
				}
			}
			if err := tx.PutDevice(hallID, store.Device{Terminal: "t1", Device: "printer", State: "fault", Fault: "paper-out", Since: minute(3), Seq: 1}, told); err != nil {
				return err
			}
			if err := tx.PutDevice(hallID, store.Device{Terminal: "t2", Device: "reader", State: "ready", Since: minute(3), Seq: 1}, told); err != nil {
				return err
			}
			if err := tx.InsertEvents([]store.Event{{Hall: hallID, ID: "e1", Terminal: "t2", Seq: 1, Body: "{}", Received: minute(64)},
				{Hall: hallID, ID: "e2", Terminal: "t3", Seq: 4, Body: "{}", Received: minute(60)}, {Hall: hallID, ID: "e3", Terminal: "t3", Seq: 3, Body: "{}", Received: minute(62)}}); err != nil {
				return err
			}
			return tx.InsertHelpCall(hallID, store.HelpCall{ID: "h1", Terminal: "t1", At: minute(60)}, told)
		})
		scene(f)
		f.contacts["t1"] = minute(65)
		f.status.Queues = []centralapi.QueueStatus{{Business: "a", Waiting: 2, Windows: []string{"w1", "w2"}, EstimatedMinutes: 10}, {Business: "b", Paused: true, EstimatedMinutes: centralapi.EstimateUnknown}}
		f.duties = []staff.Duty{{Window: "w1", Account: staff.Account{ID: "s1", Name: "李示例"}, Since: minute(0)}}
		f.Desk.duties = f

		got := must[Today](t)(f.Today(t.Context(), hallID))
		if got.Day != monday || got.Issued != 8 || got.Waiting != 2 || got.AtWindow != 1 || got.Served != 2 || got.NoShow != 1 || got.Cancelled != 1 || got.Void != 1 || !got.Balanced() {
			t.Errorf("sums %+v", got.Sums)
		}
		// Waits of 10, 20, 30 and 20 minutes; services of 10 and 20.
		if wait, ok := got.MeanWait(); wait != 20*time.Minute || !ok || got.LongestWait != 30*time.Minute {
			t.Errorf("mean wait %v, longest %v", wait, got.LongestWait)
		}
		if service, ok := got.MeanService(); service != 15*time.Minute || !ok {
			t.Errorf("mean service %v", service)
		}
		if got.Longest != 54*time.Minute || got.Open != 2 || got.Help != 1 {
			t.Errorf("longest %v, %d open, %d calls", got.Longest, got.Open, got.Help)
		}
		a, b := got.Businesses[0], got.Businesses[1]
		if a.Business != "a" || a.Area != "x" || a.Waiting != 2 || a.Windows != 2 || a.Estimate != 10*time.Minute || !a.Estimable || a.Longest != 54*time.Minute {
			t.Errorf("business a %+v", a)
		}
		if !b.Paused || b.Estimable || b.Longest != 0 || b.Void != 1 || b.Cancelled != 1 {
			t.Errorf("business b %+v", b)
		}
		if w := got.Windows[0]; !w.Open || w.Name != "李示例" || w.Served != 2 || w.NoShow != 1 {
			t.Errorf("window 1 %+v", w)
		}
		if w := got.Windows[1]; !w.Open || w.Name != "" || w.AtWindow != 1 {
			t.Errorf("window 2, logged in with its PIN: %+v", w)
		}
		if w := got.Windows[2]; w.Open {
			t.Errorf("window 3 %+v", w)
		}
		if k := got.Kiosks[0]; k.Name != "一号机" || k.Issued != 8 || k.Silent || !k.Trouble() || len(k.Devices) != 1 || k.Devices[0].Fault != "paper-out" {
			t.Errorf("the kiosk without paper %+v", k)
		}
		if k := got.Kiosks[1]; k.Silent || k.Trouble() || !k.Contact.Equal(minute(64)) {
			t.Errorf("the kiosk that is well %+v", k)
		}
		if k := got.Kiosks[2]; !k.Silent || !k.Trouble() || !k.Contact.Equal(minute(60)) {
			t.Errorf("the silent kiosk %+v", k)
		}
		list := must[[]Kiosk](t)(f.Kiosks(t.Context(), hallID))
		if !reflect.DeepEqual(list, got.Kiosks) {
			t.Errorf("kiosks alone %+v", list)
		}
		var hours []string
		for _, h := range got.Hours {
			hours = append(hours, fmt.Sprint(h.Start.Format("15:04"), " ", h.Issued, h.Served, h.Waiting))
		}
		// Until 09:00 seven came and four left; of the three, two were called by half past
		// nine, and another came.
		if s := strings.Join(hours, ", "); s != "08:30 7 1 3, 09:00 1 1 2, 09:30 0 0 2" {
			t.Errorf("half hours %s", s)
		}
	})
}

func TestDay(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		empty := must[Day](t)(f.Day(t.Context(), hallID, monday))
		if !empty.Complete() || len(empty.Numbers) != 0 || NamesOf(testHall()).Check(empty) != "这一天没有发过号。" {
			t.Errorf("an empty day %+v", empty)
		}
		scene(f)
		d := must[Day](t)(f.Day(t.Context(), hallID, monday))
		if d.Complete() || !d.Balanced() || d.Queued != 2 || len(d.Numbers) != 8 || fmt.Sprint(d.Missing()) != "[A7-02 A7-03]" || d.Over {
			t.Errorf("day %+v", d)
		}
		var rows []string
		for _, s := range d.Series {
			rows = append(rows, fmt.Sprintf("%s%s %s–%s %d/%d: %d %d %d %d %d %d", s.Prefix, s.Slot, s.First, s.Last, s.Issued, s.Counted, s.Served, s.NoShow, s.Cancelled, s.Void, s.Waiting, s.AtWindow))
		}
		want := "A A001–A004 4/4: 1 1 0 0 1 1, B B001–B002 2/2: 0 0 1 1 0 0, A7 A7-01–A7-04 2/4: 1 0 0 0 1 0"
		if got := strings.Join(rows, ", "); got != want {
			t.Errorf("series\n%s, want\n%s", got, want)
		}
		names := NamesOf(testHall())
		if got := names.Check(d); got != "没有对上：A（7 号终端脱网时发的） 缺 2 个号：A7-02、A7-03。" {
			t.Errorf("check %q", got)
		}
		// The terminal reports its numbers, and everything is there.
		f.made[monday+"A7"] = 1
		f.number("a", "7", minute(12))
		f.number("a", "7", minute(12))
		d = must[Day](t)(f.Day(t.Context(), hallID, monday))
		if got := names.Check(d); !d.Complete() || got != "对上了：10 个号 = 办结 2 + 过号 1 + 取消 1 + 作废 1 + 等候中 4 + 窗口办理中 1，没有缺号。" {
			t.Errorf("check %q", got)
		}
		if n := d.Numbers[0]; n.Label != "A001" || n.Kiosk != "t1" || n.Issued.Format("15:04") != "08:30" || n.Ended.Format("15:04") != "08:50" {
			t.Errorf("first number %+v", n)
		}
		if strings.Contains(fmt.Sprintf("%+v", d), "测*员") || strings.Contains(fmt.Sprintf("%+v", d), "002X") {
			t.Error("the sheet knows who took a number")
		}
		f.now = minute(24 * 60)
		if d := must[Day](t)(f.Day(t.Context(), hallID, monday)); !d.Over {
			t.Error("yesterday is not over")
		}
		if _, err := f.Day(t.Context(), hallID, "23.11."); !centralapi.HasCode(err, centralapi.CodeInvalid) {
			t.Errorf("a day that is none: %v", err)
		}
		if _, err := f.Day(t.Context(), "other", monday); !centralapi.HasCode(err, centralapi.CodeNotFound) {
			t.Errorf("a hall that is none: %v", err)
		}
	})
}

// What would have to be wrong for the check to say so; each case breaks one thing.
func TestCheckFindsWhatIsWrong(t *testing.T) {
	row := func(n int, state centralapi.TicketState) store.DayTicket {
		return store.DayTicket{Prefix: "A", Number: n, Label: centralapi.Label("A", "", n), State: string(state)}
	}
	names := NamesOf(testHall())
	day := func(counters map[string]int, rows ...store.DayTicket) Day {
		d := Day{Day: monday, Series: account(rows, counters)}
		for _, r := range rows {
			d.addState(r.State, 1)
		}
		d.Queued = d.Waiting
		return d
	}
	right := day(map[string]int{"A": 2}, row(1, centralapi.Finished), row(2, centralapi.Issued))
	if !right.Complete() || !strings.HasPrefix(names.Check(right), "对上了：2 个号") {
		t.Fatalf("the control: %s", names.Check(right))
	}
	unbalanced := right
	unbalanced.Series = append([]Series{}, right.Series...)
	unbalanced.Series[0].Served++
	queued := right
	queued.Queued++
	total := right
	total.Issued++
	for name, tc := range map[string]struct {
		day  Day
		want string
	}{
		"a gap":             {day(map[string]int{"A": 3}, row(1, centralapi.Finished), row(3, centralapi.Void)), "A 缺 1 个号：A002"},
		"the last is gone":  {day(map[string]int{"A": 3}, row(1, centralapi.Finished), row(2, centralapi.Void)), "A 缺 1 个号：A003"},
		"all are gone":      {day(map[string]int{"A": 2}), "A 缺 2 个号：A001、A002"},
		"more than counted": {day(map[string]int{"A": 1}, row(1, centralapi.Finished), row(2, centralapi.Void)), "A 号码 2 个，计数器却是 1"},
		"no counter":        {day(nil, row(1, centralapi.Finished)), "A 号码 1 个，计数器却是 0"},
		"a part too many":   {unbalanced, "A 各项相加不等于总数"},
		"a total too many":  {total, "各项相加不等于总数"},
		"the queue":         {queued, "等候中的号码 1 个，排队人数却是 2"},
		"very many":         {day(map[string]int{"A": 5000}, row(1, centralapi.Finished)), "A 缺 4999 个号：A002、"},
	} {
		if got := names.Check(tc.day); tc.day.Complete() || !strings.HasPrefix(got, "没有对上：") || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %v, %s", name, tc.day.Complete(), got)
		}
	}
}

func TestNumbers(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		scene(f)
		next := morning.AddDate(0, 0, 1)
		f.finish(f.call(f.number("b", "", next), "w3", next.Add(40*time.Minute)), next.Add(45*time.Minute))
		late := morning.AddDate(0, 0, 1).Add(17 * time.Hour) // 01:30, of the same business day
		f.number("b", "", late)
		got := must[Numbers](t)(f.Numbers(t.Context(), hallID, Span{monday, "2026-11-24"}))
		if got.Issued != 10 || got.Served != 3 || !got.Balanced() {
			t.Errorf("sums %+v", got.Sums)
		}
		keys := func(list []Line) (out string) {
			for _, l := range list {
				out += fmt.Sprintf("%s:%d ", l.Key, l.Issued)
			}
			return out
		}
		if s := keys(got.Days); s != "2026-11-23:8 2026-11-24:2 " {
			t.Errorf("days %s", s)
		}
		if s := keys(got.Businesses); s != "a:6 b:4 " {
			t.Errorf("businesses %s", s)
		}
		if s := keys(got.Windows); s != "w1:3 w2:1 w3:1 :5 " {
			t.Errorf("windows %s", s)
		}
		wait, ok := got.Hours[8].MeanWait()
		if got.Hours[8].Issued != 8 || got.Hours[9].Issued != 1 || got.Hours[1].Issued != 1 || got.Hours[9].Served != 2 || !ok || wait != 24*time.Minute {
			t.Errorf("hours %+v, mean %v", got.Hours, wait)
		}
		one := must[Numbers](t)(f.Numbers(t.Context(), hallID, Span{"2026-11-24", "2026-11-24"}))
		if one.Issued != 2 || len(one.Days) != 1 {
			t.Errorf("one day %+v", one.Sums)
		}
		// Asked again at once, a span is not added up again; a little later it is.
		f.number("b", "", next)
		again := must[Numbers](t)(f.Numbers(t.Context(), hallID, Span{monday, "2026-11-24"}))
		f.now = f.now.Add(freshFor)
		fresh := must[Numbers](t)(f.Numbers(t.Context(), hallID, Span{monday, "2026-11-24"}))
		if again.Issued != 10 || fresh.Issued != 11 {
			t.Errorf("asked again %d, later %d", again.Issued, fresh.Issued)
		}
		for n := range 20 {
			must[Numbers](t)(f.Numbers(t.Context(), hallID, Span{"2026-11-01", fmt.Sprintf("2026-11-%02d", n+1)}))
		}
		if len(f.recent) != maxRecent {
			t.Errorf("%d spans are kept", len(f.recent))
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		f.turn <- struct{}{} // somebody adds up
		if _, err := f.Numbers(gone, hallID, Span{"2026-10-01", "2026-10-02"}); !errors.Is(err, context.Canceled) {
			t.Errorf("waiting in vain: %v", err)
		}
		<-f.turn
		for _, s := range []Span{{"2026-11-24", monday}, {"x", monday}, {monday, "2028-11-24"}, {"", ""}} {
			if _, err := f.Numbers(t.Context(), hallID, s); !centralapi.HasCode(err, centralapi.CodeInvalid) {
				t.Errorf("%v: %v", s, err)
			}
		}
	})
}

// A number that was called and waits again waits since it was issued; a window that is
// closed from afar counts as one with nobody.
func TestBackInTheQueue(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		k := f.call(f.number("a", "", minute(0)), "w1", minute(3))
		f.change(k, func(k *store.Ticket) { k.State, k.Window = centralapi.Issued, "" })
		f.write(func(tx *store.Tx) error {
			return tx.CloseWindow(hallID, "w1", store.Closing{Since: minute(4)}, told)
		})
		f.status.Queues = []centralapi.QueueStatus{{Business: "a", Waiting: 1, Windows: []string{"w1", "w2"}}}
		f.now = minute(40)
		got := must[Today](t)(f.Today(t.Context(), hallID))
		if _, called := got.MeanWait(); called || got.Waiting != 1 || got.Longest != 40*time.Minute || got.Hours[len(got.Hours)-1].Waiting != 1 || got.LongestWait != 0 {
			t.Errorf("today %+v", got)
		}
		if got.Open != 1 || !got.Windows[0].Closed || got.Windows[1].Closed {
			t.Errorf("windows %+v", got.Windows)
		}
		d := must[Day](t)(f.Day(t.Context(), hallID, monday))
		if _, called := d.Series[0].MeanWait(); called || !d.Complete() {
			t.Errorf("day %+v", d)
		}
	})
}

// Random days: the sheet, the day's figures and the sums made by hand agree.
func TestRandomDays(t *testing.T) {
	f := newFixture(t, "")
	r := rand.New(rand.NewPCG(1, 2))
	want := Sums{}
	var waits time.Duration
	free := map[string]bool{"w1": true, "w2": true, "w3": true}
	for n := range 300 {
		business := []string{"a", "b"}[r.IntN(2)]
		series := ""
		if r.IntN(5) == 0 {
			series = "7"
		}
		k := f.number(business, series, minute(n))
		want.Issued++
		called := minute(n + 1 + r.IntN(60))
		switch state := r.IntN(8); {
		case state == 0:
			want.Waiting++
		case state == 1:
			want.Void++
			f.end(k, centralapi.Void, "abandoned", called)
		case state == 2:
			want.Cancelled++
			f.end(k, centralapi.Cancelled, "", called)
		default:
			window := fmt.Sprint("w", 1+r.IntN(3))
			if !free[window] {
				want.Waiting++
				continue
			}
			waits += called.Sub(minute(n))
			want.waits++
			k = f.call(k, window, called)
			switch {
			case state == 3:
				want.NoShow++
				f.end(k, centralapi.NoShow, "", called.Add(time.Minute))
			case n > 290:
				want.AtWindow++
				free[window] = false
			default:
				want.Served++
				f.finish(k, called.Add(time.Duration(1+r.IntN(20))*time.Minute))
			}
		}
	}
	f.now = minute(600)
	d := must[Day](t)(f.Day(t.Context(), hallID, monday))
	n := must[Numbers](t)(f.Numbers(t.Context(), hallID, Span{monday, monday}))
	for name, s := range map[string]Sums{"day": d.Sums, "span": n.Sums} {
		if s.Issued != want.Issued || s.Waiting != want.Waiting || s.AtWindow != want.AtWindow || s.Served != want.Served || s.NoShow != want.NoShow ||
			s.Cancelled != want.Cancelled || s.Void != want.Void || s.waits != want.waits || s.wait != waits {
			t.Errorf("%s: %+v, want %+v with %v", name, s, want, waits)
		}
	}
	if !d.Complete() {
		t.Error(NamesOf(testHall()).Check(d))
	}
	issued, served := 0, 0
	for _, h := range d.Hours {
		issued, served = issued+h.Issued, served+h.Served
	}
	if last := d.Hours[len(d.Hours)-1]; issued != want.Issued || served != want.Served || last.Waiting != want.Waiting {
		t.Errorf("half hours: %d issued, %d served, %d wait at the end; want %+v", issued, served, last.Waiting, want)
	}
	issued = 0
	for _, l := range n.Windows {
		issued += l.Issued
	}
	if issued != want.Issued {
		t.Errorf("windows add up to %d", issued)
	}
}

func TestComplaints(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		file := func(n int, kind complaint.Kind, state complaint.State, due string, filed, answered time.Time) {
			f.write(func(tx *store.Tx) error {
				id := fmt.Sprint("c", n)
				if _, err := tx.InsertComplaint(store.Complaint{Hall: hallID, ID: id, Code: id, Kind: string(kind), Channel: string(complaint.OnPhone), State: string(state),
					Words: "sealed words", Due: due, Filed: filed, Changed: filed}); err != nil {
					return err
				}
				if answered.IsZero() {
					return nil
				}
				for n, at := range []time.Time{answered, answered.AddDate(0, 0, 9)} { // answered again later: the first counts
					if err := tx.AddComplaintStep(hallID, id, store.ComplaintStep{N: int64(n + 2), At: at, Actor: "staff:s1", Action: string(complaint.Feedback), Detail: "{}"}); err != nil {
						return err
					}
				}
				return nil
			})
		}
		friday := time.Date(2026, 11, 20, 23, 59, 0, 0, china)
		file(1, complaint.Rude, complaint.Registered, "2026-11-10", friday.AddDate(0, 0, -20), time.Time{})
		file(2, complaint.Rude, complaint.Archived, "", friday, time.Date(2026, 11, 24, 9, 0, 0, 0, china)) // Monday and Tuesday
		file(3, complaint.Rude, complaint.Handling, "2026-11-24", friday, time.Time{})
		file(4, complaint.Suggestion, complaint.Answered, "", friday, friday) // the same day
		file(5, complaint.Fee, complaint.Withdrawn, "", friday, time.Time{})
		file(6, complaint.Fee, complaint.Registered, "2026-12-01", time.Date(2026, 11, 26, 0, 0, 0, 0, china), time.Time{})
		f.now = time.Date(2026, 11, 25, 10, 0, 0, 0, china)
		c := must[Complaints](t)(f.Complaints(t.Context(), hallID, Span{"2026-11-20", "2026-11-25"}))
		if c.Filed != 4 || c.Answered != 2 || c.Late != 1 || c.Suggestion != 1 || c.Open != 4 || c.Overdue != 2 || c.Truncated {
			t.Errorf("complaints %+v", c)
		}
		if mean, ok := c.MeanDays(); mean != 1 || !ok {
			t.Errorf("mean %v", mean)
		}
		if len(c.Kinds) != 3 || c.Kinds[0].Kind != complaint.Rude || c.Kinds[0].Filed != 2 || c.Kinds[0].Open != 1 || c.Kinds[0].Late != 1 || c.Kinds[1].Kind != complaint.Fee {
			t.Errorf("kinds %+v", c.Kinds)
		}
		if mean, ok := c.Kinds[0].MeanDays(); mean != 2 || !ok {
			t.Errorf("mean of one kind %v", mean)
		}
		if _, ok := c.Kinds[1].MeanDays(); ok {
			t.Error("a withdrawn case has been answered")
		}
		var states []string
		for _, s := range c.States {
			states = append(states, fmt.Sprint(s.Name, s.Count))
		}
		if s := strings.Join(states, " "); s != "登记0 初步核实0 调查0 处理1 反馈1 归档1 已撤回1" {
			t.Errorf("states %s", s)
		}
	})
}

// A year of a busy hall is read in a moment. Run with -bench Year -benchtime 3x.
func BenchmarkYear(b *testing.B) {
	f := newFixture(b, "")
	for day := range 365 {
		at := morning.AddDate(0, 0, -day)
		f.write(func(tx *store.Tx) error {
			var list []store.Ticket
			var entries []store.LogEntry
			for n := range 1000 {
				k := f.next("a", "", at.Add(time.Duration(n)*25*time.Second))
				k.State, k.Window, k.CalledAt, k.EndedAt = centralapi.Finished, fmt.Sprint("w", n%3), k.IssuedAt.Add(9*time.Minute), k.IssuedAt.Add(15*time.Minute)
				list, entries = append(list, k), append(entries, told)
			}
			return tx.InsertTickets(list, entries)
		})
	}
	f.now = minute(600)
	for name, run := range map[string]func() error{
		"today": func() error { _, err := f.Today(b.Context(), hallID); return err },
		"day":   func() error { _, err := f.Day(b.Context(), hallID, monday); return err },
		"week": func() error {
			_, err := f.Numbers(b.Context(), hallID, Span{"2026-11-17", monday})
			return err
		},
		"year": func() error {
			_, err := f.Numbers(b.Context(), hallID, Span{"2025-11-24", monday})
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

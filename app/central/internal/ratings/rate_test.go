package ratings

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
	"hallkiosk/app/rating"
)

// What a code opens in every state of its ticket, and that it rates in one only.
func TestStates(t *testing.T) {
	onBoth(t, Settings{}, func(t *testing.T, f *fixture) {
		for name, c := range map[string]struct {
			state centralapi.TicketState
			later time.Duration
			want  State
		}{
			"waiting":                       {centralapi.Issued, 0, Early},
			"called":                        {centralapi.Called, 0, Early},
			"served":                        {centralapi.Started, 0, Early},
			"finished":                      {centralapi.Finished, 0, Ready},
			"finished a month ago":          {centralapi.Finished, 30 * 24 * time.Hour, Ready},
			"finished too long ago":         {centralapi.Finished, 31 * 24 * time.Hour, Late},
			"passed over":                   {centralapi.NoShow, 0, Missed},
			"passed over yesterday":         {centralapi.NoShow, 24 * time.Hour, Nothing},
			"given back":                    {centralapi.Cancelled, 0, Nothing},
			"void":                          {centralapi.Void, 0, Nothing},
			"never called, the day is over": {centralapi.Issued, 24 * time.Hour, Nothing},
		} {
			f.now = morning
			k := f.ticket(c.state)
			p := f.code(k)
			f.now = f.now.Add(c.later)
			v := f.open(p)
			if v.State != c.want || v.Label != k.Label || v.Business != "a" || v.Given != nil || v.MayAdd {
				t.Errorf("%s: %+v, want %s", name, v, c.want)
			}
			_, err := f.Rate(t.Context(), hallID, p, Submission{Answer: rating.Answer{Level: rating.Satisfied}})
			_, err2 := f.RateAtTerminal(t.Context(), hallID, "t1", request(k, rating.Satisfied))
			if c.want == Ready {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				f.refused(err2, centralapi.CodeConflict) // rated by then
				continue
			}
			f.refused(err, centralapi.CodeConflict)
			f.refused(err2, centralapi.CodeConflict)
			if len(f.kept(k)) != 0 {
				t.Errorf("%s: rated", name)
			}
		}
		f.now = morning
		unknown := f.code(store.Ticket{ID: "019aa5c2-0000-7000-8000-000000000001"})
		if v := f.open(unknown); v.State != Unknown {
			t.Errorf("a number the centre has not heard of: %+v", v)
		}
		_, err := f.Rate(t.Context(), hallID, unknown, Submission{Answer: rating.Answer{Level: rating.Satisfied}})
		f.refused(err, centralapi.CodeConflict)
		_, err = f.RateAtTerminal(t.Context(), hallID, "t1", request(store.Ticket{ID: "x"}, rating.Satisfied))
		f.refused(err, centralapi.CodeNotFound)
		ticketPass, _ := handoff.ForTicket(testHall(), f.ticket(centralapi.Finished).ID, handoff.Chinese, f.now)
		_, err = f.Open(t.Context(), hallID, ticketPass)
		f.refused(err, centralapi.CodeInvalid)
		_, err = f.Rate(t.Context(), hallID, ticketPass, Submission{Answer: rating.Answer{Level: rating.Satisfied}})
		f.refused(err, centralapi.CodeInvalid)
		_, err = f.Open(t.Context(), "elsewhere", unknown)
		f.refused(err, centralapi.CodeNotFound)
	})
}

// A code gives one rating; sent again it changes nothing, and other codes of the ticket
// see no more than that it is rated.
func TestOnce(t *testing.T) {
	onBoth(t, Settings{}, func(t *testing.T, f *fixture) {
		k := f.ticket(centralapi.Finished)
		p, other := f.code(k), f.code(k)
		f.now = f.now.Add(time.Minute)
		s := Submission{Answer: rating.Answer{Level: rating.Satisfied, Version: rating.ReasonsVersion(), Reasons: []int{413, 406}, Words: " 很好 ", Anonymous: true}}
		v, err := f.Rate(t.Context(), hallID, p, s)
		if err != nil || v.State != Rated || v.Given == nil || v.Given.Level != rating.Satisfied || v.Given.Words != "很好" || fmt.Sprint(v.Given.Reasons) != "[406 413]" ||
			v.Given.Channel != rating.ByCode || v.Given.Window != "w1" || v.MayAdd || !v.AddFrom.Equal(f.now.Add(24*time.Hour)) || len(v.FollowUps) != 0 {
			t.Fatalf("%+v, %v", v, err)
		}
		s.Level, s.Reasons = rating.VeryDissatisfied, nil
		if v, err = f.Rate(t.Context(), hallID, p, s); err != nil || v.Given.Level != rating.Satisfied {
			t.Errorf("sent again: %+v, %v", v, err)
		}
		if v = f.open(other); v.State != Taken || v.Given != nil || v.Added != nil || !v.MayAdd {
			t.Errorf("another code: %+v", v)
		}
		_, err = f.Rate(t.Context(), hallID, other, s)
		f.refused(err, centralapi.CodeConflict)
		_, err = f.RateAtTerminal(t.Context(), hallID, "t1", request(k, rating.Satisfied))
		f.refused(err, centralapi.CodeConflict)
		if list := f.kept(k); len(list) != 1 || list[0].Kind != rating.Active || !list[0].Anonymous {
			t.Errorf("kept %+v", list)
		}
	})
}

func TestAnswersAreChecked(t *testing.T) {
	onBoth(t, Settings{}, func(t *testing.T, f *fixture) {
		k := f.ticket(centralapi.Finished)
		p := f.code(k)
		for name, a := range map[string]rating.Answer{
			"no level":               {},
			"another level's reason": {Level: rating.Satisfied, Version: rating.ReasonsVersion(), Reasons: []int{510}},
			"too many words":         {Level: rating.Satisfied, Words: strings.Repeat("字", 151)},
		} {
			_, err := f.Rate(t.Context(), hallID, p, Submission{Answer: a})
			f.refused(err, centralapi.CodeInvalid)
			r := request(k, a.Level)
			r.Version, r.Reasons, r.Words = a.Version, a.Reasons, a.Words
			_, err = f.RateAtTerminal(t.Context(), hallID, "t1", r)
			f.refused(err, centralapi.CodeInvalid)
			refusal, _ := errors.AsType[*centralapi.Error](err)
			if refusal == nil || !strings.ContainsAny(refusal.Detail, "选字") {
				t.Errorf("%s: said %v", name, err)
			}
		}
		if len(f.kept(k)) != 0 {
			t.Error("something is kept")
		}
	})
}

func TestSupplement(t *testing.T) {
	onBoth(t, Settings{}, func(t *testing.T, f *fixture) {
		k := f.ticket(centralapi.Finished)
		p := f.code(k)
		add := Submission{Answer: rating.Answer{Level: rating.Dissatisfied}, Add: true}
		_, err := f.Rate(t.Context(), hallID, p, add)
		f.refused(err, centralapi.CodeConflict) // nothing to add to
		f.rate(p, rating.Satisfied)
		_, err = f.Rate(t.Context(), hallID, p, add)
		f.refused(err, centralapi.CodeConflict) // not yet
		f.now = f.now.Add(24 * time.Hour)
		if v := f.open(p); !v.MayAdd {
			t.Fatalf("a day later: %+v", v)
		}
		v, err := f.Rate(t.Context(), hallID, p, add)
		if err != nil || v.Added == nil || v.Added.Level != rating.Dissatisfied || v.MayAdd || !v.AddFrom.IsZero() || len(v.FollowUps) != 1 {
			t.Fatalf("%+v, %v", v, err)
		}
		add.Level = rating.VerySatisfied
		if v, err = f.Rate(t.Context(), hallID, p, add); err != nil || v.Added.Level != rating.Dissatisfied {
			t.Errorf("added again: %+v, %v", v, err)
		}
		if list := f.kept(k); len(list) != 2 || list[0].Level != rating.Satisfied || list[1].Kind != rating.Supplement {
			t.Errorf("kept %+v", list)
		}
		late := f.ticket(centralapi.Finished)
		q := f.code(late)
		f.now = f.now.AddDate(0, 0, 30)
		if v := f.rate(q, rating.Satisfied); v.MayAdd || !v.AddFrom.IsZero() {
			t.Errorf("on the last day something can be added later: %+v", v)
		}
		f.now = f.now.AddDate(0, 0, 2)
		_, err = f.Rate(t.Context(), hallID, q, add)
		f.refused(err, centralapi.CodeConflict)
		if v := f.open(q); v.State != Rated || v.Given == nil {
			t.Errorf("what was rated cannot be seen any more: %+v", v)
		}
	})
}

// Somebody rates at a terminal with a number that hangs on the wall: whoever has the
// code is not silenced, and does not see what the other one said.
func TestSomebodyElseRated(t *testing.T) {
	onBoth(t, Settings{}, func(t *testing.T, f *fixture) {
		k := f.ticket(centralapi.Finished)
		p := f.code(k)
		r := request(k, rating.VerySatisfied)
		r.Words = "非常好"
		if _, err := f.RateAtTerminal(t.Context(), hallID, "t1", r); err != nil {
			t.Fatal(err)
		}
		v := f.open(p)
		if data, _ := json.Marshal(v); v.State != Taken || !v.MayAdd || strings.Contains(string(data), "非常好") || strings.Contains(string(data), "very-") {
			t.Errorf("%+v", v)
		}
		v, err := f.Rate(t.Context(), hallID, p, Submission{Answer: rating.Answer{Level: rating.VeryDissatisfied, Words: "不是我评的"}, Add: true})
		if data, _ := json.Marshal(v); err != nil || v.State != Rated || v.Given != nil || v.Added == nil || len(v.FollowUps) != 1 || strings.Contains(string(data), "非常好") {
			t.Errorf("%+v, %v", v, err)
		}
		if v = f.open(p); v.State != Rated || v.Given != nil || v.Added == nil || v.MayAdd {
			t.Errorf("opened again: %+v", v)
		}
	})
}

// A terminal can rate under the id of a code that it shows its rater alone. Then this
// code opens what was said and what came of it; all others open as little as before.
func TestOutcomeOfATerminalsRating(t *testing.T) {
	onBoth(t, Settings{}, func(t *testing.T, f *fixture) {
		k := f.ticket(centralapi.Finished)
		shown, other := f.code(k), f.code(k)
		if v := f.open(shown); v.State != Ready {
			t.Errorf("before the rating: %+v", v)
		}
		r := request(k, rating.VeryDissatisfied)
		r.ID, r.Words = shown.RatingID(string(rating.Active)), "没有人"
		if _, err := f.RateAtTerminal(t.Context(), hallID, "t1", r); err != nil {
			t.Fatal(err)
		}
		v := f.open(shown)
		if v.State != Rated || v.Given == nil || v.Given.Words != r.Words || v.Given.Channel != rating.AtTerminal || len(v.FollowUps) != 1 {
			t.Errorf("the terminal's code: %+v", v)
		}
		if v := f.open(other); v.State != Taken || v.Given != nil || len(v.FollowUps) != 0 {
			t.Errorf("another code: %+v", v)
		}
		if v := f.rate(shown, rating.VerySatisfied); v.Given == nil || v.Given.Level != rating.VeryDissatisfied || len(f.kept(k)) != 1 {
			t.Errorf("rated again: %+v", v)
		}
		f.now = f.now.Add(48 * time.Hour)
		v, err := f.Rate(t.Context(), hallID, shown, Submission{Answer: rating.Answer{Level: rating.Satisfied}, Add: true})
		if err != nil || v.Added == nil || len(f.kept(k)) != 2 {
			t.Errorf("added: %+v, %v", v, err)
		}
	})
}

func TestAtTerminal(t *testing.T) {
	onBoth(t, Settings{}, func(t *testing.T, f *fixture) {
		k, other := f.ticket(centralapi.Finished), f.ticket(centralapi.Finished)
		r := request(k, rating.Dissatisfied)
		first, err := f.RateAtTerminal(t.Context(), hallID, "t1", r)
		f.now = f.now.Add(time.Minute)
		again, err2 := f.RateAtTerminal(t.Context(), hallID, "t1", r)
		if err != nil || err2 != nil || !first.At.Equal(again.At) || first.At.IsZero() {
			t.Errorf("%v %v, then %v %v", first, err, again, err2)
		}
		changed := r
		changed.Level = rating.Satisfied
		_, err = f.RateAtTerminal(t.Context(), hallID, "t1", changed)
		f.refused(err, centralapi.CodeIDReused)
		moved := r
		moved.Ticket = other.ID
		_, err = f.RateAtTerminal(t.Context(), hallID, "t1", moved)
		f.refused(err, centralapi.CodeIDReused)
		for _, id := range []string{"", "x", strings.ToUpper(r.ID), "{" + r.ID + "}"} {
			bad := request(other, rating.Satisfied)
			bad.ID = id
			_, err = f.RateAtTerminal(t.Context(), hallID, "t1", bad)
			f.refused(err, centralapi.CodeInvalid)
		}
		if list := f.kept(k); len(list) != 1 || list[0].Channel != rating.AtTerminal || len(f.kept(other)) != 0 {
			t.Errorf("kept %+v", list)
		}
	})
}

func TestRatable(t *testing.T) {
	onBoth(t, Settings{}, func(t *testing.T, f *fixture) {
		waiting := f.ticket(centralapi.Issued) // A001
		k := f.ticket(centralapi.Finished)
		labels := func(r centralapi.RatableRequest) string {
			s, err := f.Ratable(t.Context(), hallID, r)
			if err != nil || s.Version != rating.ReasonsVersion() {
				t.Fatal(s, err)
			}
			var out []string
			for _, one := range s.Services {
				if one.Business != "a" || one.Item != "a1" || one.Window != "w1" || one.Ended.IsZero() || one.Ticket == "" {
					t.Errorf("%+v", one)
				}
				out = append(out, one.Label)
			}
			return strings.Join(out, " ")
		}
		holder := centralapi.RatableRequest{HolderKey: k.HolderKey}
		for name, c := range map[string]struct {
			r    centralapi.RatableRequest
			want string
		}{
			"label": {centralapi.RatableRequest{Label: "A002"}, "A002"}, "small": {centralapi.RatableRequest{Label: " a002"}, "A002"},
			"waiting": {centralapi.RatableRequest{Label: "A001"}, ""}, "unknown": {centralapi.RatableRequest{Label: "Z999"}, ""},
			"card": {holder, "A002"}, "another card": {centralapi.RatableRequest{HolderKey: "x"}, ""},
			"ticket": {centralapi.RatableRequest{Ticket: k.ID}, "A002"}, "ticket unknown": {centralapi.RatableRequest{Ticket: "x"}, ""},
			"ticket waiting": {centralapi.RatableRequest{Ticket: waiting.ID}, ""},
		} {
			if got := labels(c.r); got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
		for _, r := range []centralapi.RatableRequest{{}, {Label: "A001", HolderKey: "x"}, {Label: "A001", Ticket: k.ID}, {Ticket: strings.Repeat("a", 37)}, {Label: strings.Repeat("A", 21)}, {HolderKey: strings.Repeat("a", 65)}} {
			_, err := f.Ratable(t.Context(), hallID, r)
			f.refused(err, centralapi.CodeInvalid)
		}
		f.rate(f.code(k), rating.Satisfied)
		if got := labels(holder); got != "" {
			t.Errorf("rated and offered again: %s", got)
		}
		if got := labels(centralapi.RatableRequest{Ticket: k.ID}); got != "" {
			t.Errorf("rated and offered again by its ticket: %s", got)
		}
		yesterday := f.ticket(centralapi.Finished)
		f.now = f.now.AddDate(0, 0, 1)
		if got := labels(centralapi.RatableRequest{Label: yesterday.Label}); got != "" {
			t.Errorf("yesterday's service is offered: %s", got)
		}
		code := centralapi.RatableRequest{Ticket: yesterday.ID}
		if got := labels(code); got != yesterday.Label {
			t.Errorf("yesterday's service is not offered by its ticket: %q", got)
		}
		f.now = f.now.AddDate(0, 0, 30)
		if got := labels(code); got != "" {
			t.Errorf("offered when the time is over: %s", got)
		}
	})
}

// One rating per service, whatever is pressed at the same time: codes, terminals, the
// same request twice.
func TestOneRatingPerService(t *testing.T) {
	onBoth(t, Settings{SupplementAfter: time.Hour}, func(t *testing.T, f *fixture) {
		rapid.Check(t, func(rt *rapid.T) {
			k := f.ticket(centralapi.Finished)
			codes := []handoff.Pass{f.code(k), f.code(k)}
			shared := request(k, rating.Satisfied)
			var presses []func() error
			for range rapid.IntRange(2, 8).Draw(rt, "presses") {
				level := rapid.SampledFrom(rating.Levels()).Draw(rt, "level")
				code := rapid.SampledFrom(codes).Draw(rt, "code")
				switch rapid.IntRange(0, 3).Draw(rt, "how") {
				case 0:
					presses = append(presses, func() error {
						_, err := f.RateAtTerminal(t.Context(), hallID, "t1", request(k, level))
						return err
					})
				case 1:
					presses = append(presses, func() error {
						_, err := f.RateAtTerminal(t.Context(), hallID, "t2", shared)
						return err
					})
				default:
					add := rapid.Bool().Draw(rt, "add")
					presses = append(presses, func() error {
						_, err := f.Rate(t.Context(), hallID, code, Submission{Answer: rating.Answer{Level: level}, Add: add})
						return err
					})
				}
			}
			errs := make([]error, len(presses))
			var wg sync.WaitGroup
			for i, press := range presses {
				wg.Go(func() { errs[i] = press() })
			}
			wg.Wait()
			for i, err := range errs {
				if err != nil && !centralapi.HasCode(err, centralapi.CodeConflict) {
					rt.Fatalf("press %d: %v", i, err)
				}
			}
			count := map[rating.Kind]int{}
			bad := 0
			for _, r := range f.kept(k) {
				if count[r.Kind]++; r.Level.Bad() {
					bad++
				}
			}
			var tasks []store.RatingTask
			if err := f.store.Read(t.Context(), func(tx *store.Tx) (err error) { tasks, err = tx.RatingTasksOf(hallID, k.ID); return err }); err != nil {
				rt.Fatal(err)
			}
			if count[rating.Active] > 1 || count[rating.Supplement] > 1 || count[rating.Supplement] > count[rating.Active] || len(tasks) != bad {
				rt.Fatalf("%v ratings, %d bad, %d tasks", count, bad, len(tasks))
			}
		})
	})
}

func TestBursts(t *testing.T) {
	onBoth(t, Settings{BurstCount: 3}, func(t *testing.T, f *fixture) {
		press := func(from string, after time.Duration) store.Ticket {
			f.now = f.now.Add(after)
			k := f.ticket(centralapi.Finished)
			if _, err := f.Rate(t.Context(), hallID, f.code(k), Submission{Answer: rating.Answer{Level: rating.VerySatisfied}, From: from}); err != nil {
				t.Fatal(err)
			}
			return k
		}
		burst := func(k store.Ticket) bool { return f.kept(k)[0].Burst }
		slow1, slow2, slow3 := press("slow", 0), press("slow", 4*time.Minute), press("slow", 4*time.Minute)
		quick1, other, quick2 := press("quick", time.Minute), press("other", time.Minute), press("quick", time.Minute)
		if burst(quick1) || burst(quick2) {
			t.Error("two are marked")
		}
		quick3 := press("quick", time.Minute)
		nowhere := []store.Ticket{press("", 0), press("", 0), press("", 0)}
		for name, c := range map[string]struct {
			k    store.Ticket
			want bool
		}{"slow1": {slow1, false}, "slow2": {slow2, false}, "slow3": {slow3, false}, "quick1": {quick1, true}, "quick2": {quick2, true},
			"quick3": {quick3, true}, "other": {other, false}, "nowhere": {nowhere[2], false}} {
			if burst(c.k) != c.want {
				t.Errorf("%s: marked %v", name, !c.want)
			}
		}
		if d := f.kept(quick1)[0].Device; len(d) != 8 || strings.Contains(string(d), "quick") {
			t.Errorf("the device is kept as %q", d)
		}
		f.now = f.now.AddDate(0, 0, 1)
		tomorrow := press("quick", 0)
		if string(f.kept(tomorrow)[0].Device) == string(f.kept(quick1)[0].Device) {
			t.Error("a device has the same hash on two days")
		}
		f.now = f.now.AddDate(0, 0, 8)
		if err := f.Sweep(t.Context(), hallID); err != nil {
			t.Fatal(err)
		}
		if len(f.kept(quick1)[0].Device) != 0 || len(f.kept(tomorrow)[0].Device) != 0 || !burst(quick1) {
			t.Error("devices are not forgotten, or marks are")
		}
	})
}

func TestDefaults(t *testing.T) {
	onBoth(t, Settings{DefaultAfter: 7}, func(t *testing.T, f *fixture) {
		silent, said, waiting := f.ticket(centralapi.Finished), f.ticket(centralapi.Finished), f.ticket(centralapi.Issued)
		f.rate(f.code(said), rating.Satisfied)
		sweep := func() {
			t.Helper()
			if err := f.Sweep(t.Context(), hallID); err != nil {
				t.Fatal(err)
			}
		}
		f.now = f.now.AddDate(0, 0, 7)
		sweep()
		if len(f.kept(silent)) != 0 {
			t.Error("a default on the last day")
		}
		f.now = f.now.Add(time.Minute)
		sweep()
		sweep()
		list := f.kept(silent)
		if len(list) != 1 || list[0].Kind != rating.Default || list[0].Level != rating.BasicallySatisfied || list[0].Channel != "" {
			t.Fatalf("%+v", list)
		}
		if len(f.kept(said)) != 1 || len(f.kept(waiting)) != 0 {
			t.Error("others have one too")
		}
		figures, err := f.Figures(t.Context(), hallID, "2026-11-23", "2026-11-23")
		if good, ok := figures.Total.GoodRate(); err != nil || figures.Total.Active() != 1 || figures.Total.Defaults != 1 || good != 1 || !ok || figures.Total.Services != 2 {
			t.Errorf("%+v, %v", figures.Total, err)
		}
		p := f.code(silent)
		if v := f.open(p); v.State != Ready {
			t.Errorf("after a default: %+v", v)
		}
		if v := f.rate(p, rating.VeryDissatisfied); v.Given == nil || len(f.kept(silent)) != 2 {
			t.Errorf("somebody still rates: %+v", v)
		}
		figures, _ = f.Figures(t.Context(), hallID, "2026-11-23", "2026-11-23")
		if figures.Total.Active() != 2 || figures.Total.Bad() != 1 || figures.Total.FollowUps != 1 {
			t.Errorf("%+v", figures.Total)
		}
	})
	t.Run("off by default", func(t *testing.T) {
		f := newFixture(t, Settings{}, "")
		k := f.ticket(centralapi.Finished)
		f.now = f.now.AddDate(0, 0, 29)
		if err := f.Sweep(t.Context(), hallID); err != nil || len(f.kept(k)) != 0 {
			t.Errorf("%v, %+v", err, f.kept(k))
		}
	})
	t.Run("many", func(t *testing.T) {
		f := newFixture(t, Settings{DefaultAfter: 1}, "")
		for range sweepBatch + 3 {
			f.ticket(centralapi.Finished)
		}
		f.now = f.now.AddDate(0, 0, 2)
		if err := f.Sweep(t.Context(), hallID); err != nil {
			t.Fatal(err)
		}
		figures, err := f.Figures(t.Context(), hallID, "2026-11-23", "2026-11-23")
		if err != nil || figures.Total.Defaults != sweepBatch+3 {
			t.Errorf("%+v, %v", figures.Total, err)
		}
	})
}

func TestSettings(t *testing.T) {
	f := newFixture(t, Settings{}, "")
	for name, s := range map[string]Settings{
		"a bad default":        {DefaultAfter: 7, DefaultLevel: rating.Dissatisfied},
		"no level":             {DefaultAfter: 7, DefaultLevel: "fine"},
		"a default too late":   {DefaultAfter: 30},
		"less than a day":      {Within: -1},
		"no time to follow up": {FollowUpDays: -1},
		"one is a burst":       {BurstCount: 1},
		"a default before":     {DefaultAfter: -1},
		"added before":         {SupplementAfter: -1},
	} {
		if _, err := New(Config{Store: f.store, Halls: []*hall.Hall{testHall()}, Settings: map[string]Settings{hallID: s}}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := New(Config{Store: f.store}); err == nil {
		t.Error("no hall is taken")
	}
}

package store

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/rating"
)

// served puts finished tickets into the database: n of them, from id-1.
func served(t *testing.T, s *Store, n int) []Ticket {
	t.Helper()
	var list []Ticket
	write(t, s, func(tx *Tx) error {
		list = nil
		for i := 1; i <= n; i++ {
			k := ticket(i)
			k.HolderKey = "key"
			if err := tx.InsertTicket(k, told); err != nil {
				return err
			}
			ended := k
			ended.State, ended.Window, ended.Calls = centralapi.Finished, "w1", 1
			ended.CalledAt, ended.EndedAt = k.IssuedAt.Add(time.Second), k.IssuedAt.Add(time.Minute)
			if err := tx.UpdateTicket(k, ended, told); err != nil {
				return err
			}
			list = append(list, ended)
		}
		return nil
	})
	return list
}

func rated(k Ticket, kind rating.Kind, level rating.Level) Rating {
	r := Rating{Rating: rating.Rating{Hall: k.Hall, Ticket: k.ID, Kind: kind, Answer: rating.Answer{Level: level}, Channel: rating.ByCode,
		Business: k.Business, Window: k.Window, Served: k.EndedAt, At: k.EndedAt.Add(time.Minute)},
		ID: k.ID + "/" + string(kind), Day: k.Day, Device: []byte("phone"), Fingerprint: []byte{7}}
	if kind == rating.Default {
		r.Channel, r.Device = "", nil
	}
	return r
}

// A rating is read as it was written, once of each kind, and stays as it is.
func TestRatings(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		k := served(t, s, 1)[0]
		first := rated(k, rating.Active, rating.Dissatisfied)
		first.Version, first.Reasons, first.Words, first.Anonymous = "2020-08-27", []int{207, 214}, "等了太久，𠮷", true
		default0 := rated(k, rating.Default, rating.BasicallySatisfied)
		second := rated(k, rating.Supplement, rating.Satisfied)
		second.Channel = rating.AtTerminal
		write(t, s, func(tx *Tx) error {
			for _, r := range []Rating{second, default0, first} {
				if err := tx.InsertRating(r); err != nil {
					return err
				}
			}
			return nil
		})
		read(t, s, func(tx *Tx) error {
			list, err := tx.RatingsOf("h", k.ID)
			if err != nil || len(list) != 3 {
				t.Fatalf("%v, %v", list, err)
			}
			if len(list[0].Device) != 0 {
				t.Errorf("a default has the device %x", list[0].Device)
			}
			list[0].Device = nil // the databases read an empty one differently
			for i, want := range []Rating{default0, first, second} {
				want.Served, want.At = want.Served.UTC(), want.At.UTC()
				if !reflect.DeepEqual(list[i], want) {
					t.Errorf("rating %d\n%+v\nwant\n%+v", i, list[i], want)
				}
			}
			one, ok, err := tx.RatingByID("h", first.ID)
			if !reflect.DeepEqual(one, list[1]) || !ok || err != nil {
				t.Errorf("by id: %+v, %v, %v", one, ok, err)
			}
			if _, ok, err := tx.RatingByID("i", first.ID); ok || err != nil {
				t.Errorf("in another hall: %v, %v", ok, err)
			}
			between, err := tx.RatingsBetween("h", testDay, testDay)
			none, err2 := tx.RatingsBetween("h", "2026-11-22", "2026-11-30")
			if len(between) != 3 || len(none) != 0 || err != nil || err2 != nil {
				t.Errorf("%d ratings of the day, %d of others, %v %v", len(between), len(none), err, err2)
			}
			counts, err := tx.RatingCounts("h", testDay, testDay)
			want := []RatingCount{{"b", "w1", rating.Default, rating.BasicallySatisfied, 1}, {"b", "w1", rating.Active, rating.Dissatisfied, 1}, {"b", "w1", rating.Supplement, rating.Satisfied, 1}}
			if !slices.Equal(counts, want) || err != nil {
				t.Errorf("counts %v, %v", counts, err)
			}
			services, err := tx.ServiceCounts("h", testDay, testDay)
			if !slices.Equal(services, []ServiceCount{{"b", "w1", 1}}) || err != nil {
				t.Errorf("services %v, %v", services, err)
			}
			return nil
		})
		for name, fn := range map[string]func(*Tx) error{
			"a second one of its kind": func(tx *Tx) error { r := first; r.ID = "other"; return tx.InsertRating(r) },
			"a request twice":          func(tx *Tx) error { r := first; r.Ticket = "id-9"; return tx.InsertRating(r) },
			"of no kind":               func(tx *Tx) error { r := first; r.Kind = ""; return tx.InsertRating(r) },
			"of no level":              func(tx *Tx) error { r := rated(ticket(5), rating.Active, "good"); return tx.InsertRating(r) },
			"before the service": func(tx *Tx) error {
				r := rated(k, rating.Active, rating.Satisfied)
				r.Ticket, r.ID, r.At = "id-8", "8", r.Served.Add(-1000)
				return tx.InsertRating(r)
			},
			"changed": func(tx *Tx) error { _, err := tx.exec("UPDATE rating SET level = 'satisfied'"); return err },
			"deleted": func(tx *Tx) error { _, err := tx.exec("DELETE FROM rating"); return err },
		} {
			if err := s.Write(t.Context(), "h", fn); err == nil {
				t.Errorf("a rating %s is kept", name)
			}
		}
	})
}

func TestRatingCodes(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		nonce, other := []byte("12345678"), []byte("12345679")
		spend := func(tx *Tx) error { return tx.SpendCode("h", "id-1", nonce, rating.Active, told.At) }
		write(t, s, spend)
		if err := s.Write(t.Context(), "h", spend); err == nil {
			t.Error("a code is spent twice")
		}
		read(t, s, func(tx *Tx) error {
			for _, c := range []struct {
				hall, ticket string
				nonce        []byte
				want         bool
			}{{"h", "id-1", nonce, true}, {"h", "id-1", other, false}, {"h", "id-2", nonce, false}, {"i", "id-1", nonce, false}} {
				if got, err := tx.CodeSpent(c.hall, c.ticket, c.nonce); got != c.want || err != nil {
					t.Errorf("%s %s %s: %v, %v", c.hall, c.ticket, c.nonce, got, err)
				}
			}
			return nil
		})
	})
}

// Which services can be rated, by what is known of them.
func TestRatable(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		list := served(t, s, 4)
		write(t, s, func(tx *Tx) error {
			waiting := ticket(5)
			waiting.HolderKey = "key"
			if err := tx.InsertTicket(waiting, told); err != nil {
				return err
			}
			if err := tx.InsertRating(rated(list[0], rating.Active, rating.Satisfied)); err != nil {
				return err
			}
			return tx.InsertRating(rated(list[1], rating.Default, rating.BasicallySatisfied))
		})
		ids := func(list []Ticket, err error) string {
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, k := range list {
				out = append(out, k.ID)
			}
			return strings.Join(out, " ")
		}
		read(t, s, func(tx *Tx) error {
			late := list[3].EndedAt
			for name, c := range map[string]struct{ got, want string }{
				"nobody rated":         {ids(tx.UnratedServices("h", testDay, testDay, late.Add(time.Second), 9)), "id-3 id-4"},
				"ended earlier":        {ids(tx.UnratedServices("h", testDay, testDay, late, 9)), "id-3"},
				"at most one":          {ids(tx.UnratedServices("h", testDay, testDay, late.Add(time.Second), 1)), "id-3"},
				"on another day":       {ids(tx.UnratedServices("h", "2026-11-22", "2026-11-23", late.Add(time.Second), 9)), ""},
				"in another hall":      {ids(tx.UnratedServices("i", testDay, testDay, late.Add(time.Second), 9)), ""},
				"by holder":            {ids(tx.RatableByHolder("h", testDay, "key")), "id-2 id-3 id-4"},
				"by nobody":            {ids(tx.RatableByHolder("h", testDay, "")), ""},
				"by another holder":    {ids(tx.RatableByHolder("h", testDay, "other")), ""},
				"by label":             {ids(tx.RatableByLabel("h", testDay, "A003")), "id-3"},
				"by a default's label": {ids(tx.RatableByLabel("h", testDay, "A002")), "id-2"},
				"by a rated label":     {ids(tx.RatableByLabel("h", testDay, "A001")), ""},
				"by a waiting label":   {ids(tx.RatableByLabel("h", testDay, "A005")), ""},
			} {
				if c.got != c.want {
					t.Errorf("%s: %q, want %q", name, c.got, c.want)
				}
			}
			k, ok, err := tx.RatedTicket("h", "id-3")
			if k.ID != "id-3" || !ok || err != nil || !k.Finished() {
				t.Errorf("%v, %v, %v", k, ok, err)
			}
			return nil
		})
		write(t, s, func(tx *Tx) error { return tx.PutSameHolder("h", "same", "id-4", []byte{1}, told) })
		read(t, s, func(tx *Tx) error {
			k, ok, err := tx.RatedTicket("h", "same")
			_, none, err2 := tx.RatedTicket("h", "never")
			if k.ID != "id-4" || !ok || none || err != nil || err2 != nil {
				t.Errorf("an id that led to another: %v, %v, %v, %v", k.ID, ok, err, err2)
			}
			return nil
		})
	})
}

// Many ratings from one device are counted and marked, and devices are forgotten.
func TestDevicesOfRatings(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		list := served(t, s, 4)
		write(t, s, func(tx *Tx) error {
			for i, k := range list {
				r := rated(k, rating.Active, rating.Satisfied)
				if i == 3 {
					r.Device = []byte("another")
				}
				if err := tx.InsertRating(r); err != nil {
					return err
				}
			}
			return nil
		})
		since := list[1].EndedAt.Add(time.Minute)
		count := func(device []byte, since time.Time) (n int) {
			read(t, s, func(tx *Tx) (err error) { n, err = tx.RatingsByDevice("h", device, since); return err })
			return n
		}
		if count([]byte("phone"), time.Time{}) != 3 || count([]byte("phone"), since) != 2 || count(nil, time.Time{}) != 0 {
			t.Error("the counts are wrong")
		}
		write(t, s, func(tx *Tx) error { return tx.FlagBurst("h", []byte("phone"), since) })
		flags := func() string {
			var b strings.Builder
			read(t, s, func(tx *Tx) error {
				all, err := tx.RatingsBetween("h", testDay, testDay)
				for _, r := range all {
					b.WriteString(map[bool]string{true: "!", false: "."}[r.Burst])
					b.WriteString(map[bool]string{true: "d", false: "-"}[len(r.Device) > 0])
				}
				return err
			})
			return b.String()
		}
		if got := flags(); got != ".d!d!d.d" {
			t.Errorf("marked %s", got)
		}
		write(t, s, func(tx *Tx) error { return tx.ForgetDevices("h", testDay) })
		if got := flags(); got != ".d!d!d.d" {
			t.Errorf("forgotten too early: %s", got)
		}
		write(t, s, func(tx *Tx) error { return tx.ForgetDevices("h", "2026-11-22") })
		if got := flags(); got != ".-!-!-.-" {
			t.Errorf("not forgotten: %s", got)
		}
	})
}

func TestRatingTasks(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		list := served(t, s, 2)
		at := time.UnixMicro(5_000_000).UTC()
		var tasks []RatingTask
		write(t, s, func(tx *Tx) error {
			tasks = nil
			for i, k := range list {
				r := rated(k, rating.Active, rating.VeryDissatisfied)
				if err := tx.InsertRating(r); err != nil {
					return err
				}
				k := RatingTask{Hall: "h", ID: "task-" + k.ID, State: "open", Opened: at, Half: at.Add(time.Hour), Late: at.Add(2 * time.Hour),
					Due: at.Add(time.Duration(4-i) * time.Hour), Rating: r, Label: k.Label}
				if err := tx.InsertRatingTask(k, RatingStep{At: at, Actor: "centre", Action: "opened"}); err != nil {
					return err
				}
				tasks = append(tasks, k)
			}
			return nil
		})
		read(t, s, func(tx *Tx) error {
			got, ok, err := tx.RatingTask("h", "task-id-1")
			want := tasks[0]
			want.Rating.Served, want.Rating.At = want.Rating.Served.UTC(), want.Rating.At.UTC()
			if !reflect.DeepEqual(got, want) || !ok || err != nil {
				t.Errorf("%+v, %v, %v, want\n%+v", got, ok, err, want)
			}
			open, err := tx.OpenRatingTasks("h", 9)
			if err != nil || len(open) != 2 || open[0].ID != "task-id-2" {
				t.Errorf("by urgency: %v, %v", open, err)
			}
			if few, err := tx.OpenRatingTasks("h", 1); err != nil || len(few) != 1 {
				t.Errorf("at most one: %v, %v", few, err)
			}
			if mine, err := tx.RatingTasksOf("h", "id-2"); err != nil || len(mine) != 1 || mine[0].ID != "task-id-2" {
				t.Errorf("of a service: %v, %v", mine, err)
			}
			all, err := tx.RatingTasksBetween("h", testDay, testDay)
			none, err2 := tx.RatingTasksBetween("h", "2026-11-22", "2026-11-23")
			if len(all) != 2 || len(none) != 0 || err != nil || err2 != nil {
				t.Errorf("of a day %d, of others %d, %v %v", len(all), len(none), err, err2)
			}
			for after, want := range map[time.Duration]int{0: 0, time.Hour: 2, 3 * time.Hour: 2} {
				if list, err := tx.TasksToRemind("h", at.Add(after), 9); err != nil || len(list) != want {
					t.Errorf("to remind after %s: %d, %v", after, len(list), err)
				}
			}
			return nil
		})
		closed := tasks[0]
		closed.State, closed.Reminded, closed.Handler, closed.Reviewer, closed.Verdict, closed.Answer, closed.Closed = "closed", 50, "a", "b", "rectified", "已整改", at.Add(time.Hour)
		write(t, s, func(tx *Tx) error {
			return tx.UpdateRatingTask(closed, RatingStep{At: closed.Closed, Actor: "b", Action: "closed", Verdict: "rectified", Text: "同意"})
		})
		read(t, s, func(tx *Tx) error {
			got, _, err := tx.RatingTask("h", closed.ID)
			if got.State != "closed" || got.Reminded != 50 || got.Handler != "a" || got.Reviewer != "b" || got.Answer != "已整改" || !got.Closed.Equal(closed.Closed) || err != nil {
				t.Errorf("%+v, %v", got, err)
			}
			steps, err := tx.RatingSteps("h", closed.ID)
			want := []RatingStep{{1, at, "centre", "opened", "", ""}, {2, closed.Closed, "b", "closed", "rectified", "同意"}}
			if !slices.Equal(steps, want) || err != nil {
				t.Errorf("steps %v, %v", steps, err)
			}
			open, err := tx.OpenRatingTasks("h", 9)
			if err != nil || len(open) != 1 {
				t.Errorf("open: %v, %v", open, err)
			}
			return nil
		})
		for name, fn := range map[string]func(*Tx) error{
			"a second task of a rating": func(tx *Tx) error {
				k := tasks[0]
				k.ID = "other"
				return tx.InsertRatingTask(k, RatingStep{})
			},
			"closed by one person": func(tx *Tx) error {
				k := closed
				k.Reviewer = k.Handler
				return tx.UpdateRatingTask(k, RatingStep{})
			},
			"closed by nobody": func(tx *Tx) error {
				k := tasks[1]
				k.State = "closed"
				return tx.UpdateRatingTask(k, RatingStep{})
			},
			"a step changed": func(tx *Tx) error { _, err := tx.exec("UPDATE rating_step SET text = 'x'"); return err },
			"a step deleted": func(tx *Tx) error { _, err := tx.exec("DELETE FROM rating_step"); return err },
		} {
			if err := s.Write(t.Context(), "h", fn); err == nil {
				t.Errorf("%s is kept", name)
			}
		}
		for name, fn := range map[string]func(*Tx) error{
			"rating": func(tx *Tx) error { return tx.InsertRating(rated(list[0], rating.Supplement, rating.Satisfied)) },
			"code":   func(tx *Tx) error { return tx.SpendCode("h", "id-1", []byte("x"), rating.Active, at) },
			"burst":  func(tx *Tx) error { return tx.FlagBurst("h", []byte("x"), at) },
			"device": func(tx *Tx) error { return tx.ForgetDevices("h", testDay) },
			"task":   func(tx *Tx) error { return tx.InsertRatingTask(tasks[1], RatingStep{}) },
			"step":   func(tx *Tx) error { return tx.UpdateRatingTask(tasks[1], RatingStep{}) },
		} {
			if err := s.Write(t.Context(), "other", fn); err == nil || !strings.Contains(err.Error(), `in a transaction of hall "other"`) {
				t.Errorf("%s of another hall: %v", name, err)
			}
		}
		// A rebuild leaves all of it alone.
		if r, err := s.Rebuild(t.Context(), "h", false); err != nil || len(r.Differences) != 0 {
			t.Errorf("rebuild: %v, %+v", err, r)
		}
		read(t, s, func(tx *Tx) error {
			if list, err := tx.RatingsBetween("h", testDay, testDay); err != nil || len(list) != 2 {
				t.Errorf("after a rebuild: %v, %v", list, err)
			}
			return nil
		})
	})
}

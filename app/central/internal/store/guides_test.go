package store

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
)

// The catalogue put last is in use, five are kept, an earlier one can come back, and
// the ledger tells of each change once.
func TestGuideCatalogues(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		put := func(revision string) {
			t.Helper()
			write(t, s, func(tx *Tx) error {
				return tx.PutGuideCatalogue("h", revision, time.UnixMicro(5), []byte("body of "+revision), LogEntry{At: told.At, Actor: "centre", Action: "guides"})
			})
		}
		check := func(used string, kept ...string) {
			t.Helper()
			read(t, s, func(tx *Tx) error {
				got, err := tx.GuideRevision("h")
				if err != nil || got != used {
					t.Errorf("in use %q, %v; want %q", got, err, used)
				}
				want := map[string]bool{}
				for _, k := range kept {
					want[k] = true
				}
				for n := range 10 {
					r := fmt.Sprintf("r%d", n)
					body, ok, err := tx.GuideCatalogue("h", r)
					if err != nil || ok != want[r] || ok && string(body) != "body of "+r {
						t.Errorf("%s: %q, %v, %v", r, body, ok, err)
					}
				}
				if other, err := tx.GuideRevision("i"); other != "" || err != nil {
					t.Errorf("another hall has %q, %v", other, err)
				}
				return nil
			})
		}
		check("")
		put("r1")
		put("r1")
		check("r1", "r1")
		for n := 2; n <= 6; n++ {
			put(fmt.Sprintf("r%d", n))
		}
		check("r6", "r2", "r3", "r4", "r5", "r6")
		put("r3") // back to an earlier one
		check("r3", "r2", "r3", "r4", "r5", "r6")
		put("r7")
		check("r7", "r3", "r4", "r5", "r6", "r7")
		read(t, s, func(tx *Tx) error {
			lines, err := tx.LogSince("h", 0, 100)
			var got []string
			for _, e := range lines {
				got = append(got, e.Action+" "+e.Detail)
			}
			want := "guides r1,guides r2,guides r3,guides r4,guides r5,guides r6,guides r3,guides r7"
			if err != nil || strings.Join(got, ",") != want {
				t.Errorf("ledger %v, %v", got, err)
			}
			return nil
		})
		if r, err := s.Rebuild(t.Context(), "h", false); err != nil || len(r.Differences) != 0 {
			t.Errorf("rebuild: %v, %+v", err, r)
		}
		s.Close()
		s = open()
		check("r7", "r3", "r4", "r5", "r6", "r7")
	})
}

func TestHandoffKeys(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		key := func(id uint8, from int64) HandoffKey {
			return HandoffKey{ID: id, Secret: []byte{id, 0, 255}, From: time.UnixMicro(from).UTC(), Until: time.UnixMicro(from + 100).UTC()}
		}
		want := func(keys ...HandoffKey) {
			t.Helper()
			read(t, s, func(tx *Tx) error {
				got, err := tx.HandoffKeys("h")
				if err != nil || !reflect.DeepEqual(got, keys) {
					t.Errorf("keys %v, %v; want %v", got, err, keys)
				}
				if other, err := tx.HandoffKeys("i"); len(other) != 0 || err != nil {
					t.Errorf("another hall's: %v, %v", other, err)
				}
				return nil
			})
		}
		put := func(k HandoffKey) { write(t, s, func(tx *Tx) error { return tx.PutHandoffKey("h", k, told) }) }
		put(key(255, 10))
		put(key(0, 20))
		want(key(0, 20), key(255, 10))
		put(key(255, 30)) // its number comes round again
		want(key(255, 30), key(0, 20))
		write(t, s, func(tx *Tx) error { return tx.ForgetHandoffKeys("h") })
		want()
		read(t, s, func(tx *Tx) error {
			lines, err := tx.LogSince("h", 0, 100)
			if err != nil || len(lines) != 3 || strings.Contains(fmt.Sprint(lines), "\xff") {
				t.Errorf("%d lines, %v", len(lines), err)
			}
			return nil
		})
	})
}

func TestGuideMisses(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		write(t, s, func(tx *Tx) error {
			for _, m := range []struct {
				day, text string
				n         int
			}{{"2026-11-20", "生孩子", 7}, {"2026-11-21", "开店", 2}, {"2026-11-22", "开店", 2}, {"2026-11-22", "开店", 1}, {"2026-11-22", "遗产", 5}, {"2026-11-22", "b", 5}} {
				if err := tx.AddGuideMiss("h", m.day, m.text, m.n); err != nil {
					return err
				}
			}
			return nil
		})
		for since, want := range map[string]string{
			"2026-11-20": "[{生孩子 7 2026-11-20} {b 5 2026-11-22} {开店 5 2026-11-22} {遗产 5 2026-11-22}]",
			"2026-11-22": "[{b 5 2026-11-22} {遗产 5 2026-11-22} {开店 3 2026-11-22}]",
			"2026-11-23": "[]",
		} {
			read(t, s, func(tx *Tx) error {
				if got, err := tx.GuideMisses("h", since, 10); err != nil || fmt.Sprint(got) != want {
					t.Errorf("since %s: %v, %v; want %s", since, got, err, want)
				}
				if got, err := tx.GuideMisses("h", since, 1); err != nil || len(got) > 1 {
					t.Errorf("one: %v, %v", got, err)
				}
				return nil
			})
		}
		write(t, s, func(tx *Tx) error { return tx.PurgeGuideMisses("h", "2026-11-22") })
		read(t, s, func(tx *Tx) error {
			if got, err := tx.GuideMisses("h", "", 10); err != nil || len(got) != 3 {
				t.Errorf("after the purge: %v, %v", got, err)
			}
			return nil
		})
	})
}

func TestServiceTimes(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		at := func(seconds int64) time.Time { return time.UnixMicro(1e6 * (1e6 + seconds)) }
		write(t, s, func(tx *Tx) error {
			for n := 1; n <= 7; n++ {
				k := ticket(n)
				k.CalledAt, k.StartedAt, k.EndedAt, k.State = at(10), at(20), at(20+int64(n)), centralapi.Finished
				switch n {
				case 2:
					k.StartedAt = time.Time{} // served without being started
				case 3:
					k.State = centralapi.NoShow
				case 4:
					k.Business = "other"
				case 5:
					k.Day = "2026-11-20"
				case 6:
					k.State, k.EndedAt = centralapi.Started, time.Time{}
				case 7:
					k.StartedAt = k.EndedAt // likewise, as the desk tells it
				}
				if err := tx.InsertTicket(k, told); err != nil {
					return err
				}
			}
			return nil
		})
		read(t, s, func(tx *Tx) error {
			got, err := tx.ServiceTimes("h", testDay)
			slices.Sort(got["b"])
			if err != nil || fmt.Sprint(got) != "map[b:[1s 12s 17s] other:[4s]]" {
				t.Errorf("%v, %v", got, err)
			}
			return nil
		})
	})
}

// What concerns guides is written by the hall's own transaction too.
func TestGuidesOneHallAtATime(t *testing.T) {
	s := open(t, t.TempDir())
	for name, fn := range map[string]func(*Tx) error{
		"catalogue": func(tx *Tx) error { return tx.PutGuideCatalogue("h", "r", told.At, nil, told) },
		"key":       func(tx *Tx) error { return tx.PutHandoffKey("h", HandoffKey{}, told) },
		"forget":    func(tx *Tx) error { return tx.ForgetHandoffKeys("h") },
		"miss":      func(tx *Tx) error { return tx.AddGuideMiss("h", testDay, "x", 1) },
		"purge":     func(tx *Tx) error { return tx.PurgeGuideMisses("h", testDay) },
	} {
		if err := s.Write(t.Context(), "other", fn); err == nil || !strings.Contains(err.Error(), `hall "h" written in a transaction of hall "other"`) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
}

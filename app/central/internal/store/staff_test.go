package store

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

var staffNow = time.UnixMicro(1_700_000_000_000_000).UTC()

func staffRow(login string) StaffAccount {
	return StaffAccount{Hall: "h", Login: login, Name: "李示例", Roles: []string{"clerk", "manager"}, Windows: []string{"w1", "w2"},
		PasswordHash: "hash of " + login, MustChange: true, Created: staffNow, PasswordSet: staffNow}
}

func staffEntry(action string) LogEntry {
	return LogEntry{At: staffNow, Actor: "centre", Action: action}
}

// Accounts come back as they were put, ids are given in order, and names stay out of
// the ledger.
func TestStaffAccounts(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		add := func(a StaffAccount) (id string) {
			t.Helper()
			write(t, s, func(tx *Tx) (err error) { id, err = tx.InsertStaff(a, staffEntry("staff-added")); return err })
			return id
		}
		first := staffRow("li")
		second := staffRow("wang")
		second.Windows, second.MustChange = nil, false
		if a, b := add(first), add(second); a != "s1" || b != "s2" {
			t.Errorf("ids %s, %s", a, b)
		}
		first.ID, second.ID = "s1", "s2"
		if err := s.Write(t.Context(), "h", func(tx *Tx) error { _, err := tx.InsertStaff(staffRow("li"), staffEntry("x")); return err }); err == nil {
			t.Error("the same login twice: accepted")
		}
		at := staffNow.Add(time.Hour)
		write(t, s, func(tx *Tx) error {
			if err := tx.SetStaffPassword("h", "s1", "another", false, at, staffEntry("staff-password")); err != nil {
				return err
			}
			return tx.SetStaffDisabled("h", "s2", true, at, staffEntry("staff-disabled"))
		})
		first.PasswordHash, first.MustChange, first.PasswordSet = "another", false, at
		second.Disabled = at
		s.Close()
		s = open()
		read(t, s, func(tx *Tx) error {
			list, err := tx.Staff("h")
			if err != nil || !reflect.DeepEqual(list, []StaffAccount{first, second}) {
				t.Errorf("accounts %+v, %v", list, err)
			}
			for _, want := range list {
				a, ok, err := tx.StaffByLogin("h", want.Login)
				b, ok2, err2 := tx.StaffByID("h", want.ID)
				if !ok || !ok2 || err != nil || err2 != nil || !reflect.DeepEqual(a, want) || !reflect.DeepEqual(b, want) {
					t.Errorf("%s: %+v %v %v, %+v %v %v", want.Login, a, ok, err, b, ok2, err2)
				}
			}
			if _, ok, err := tx.StaffByLogin("i", "li"); ok || err != nil {
				t.Errorf("another hall: %v, %v", ok, err)
			}
			if list, err := tx.Staff("i"); len(list) != 0 || err != nil {
				t.Errorf("another hall: %v, %v", list, err)
			}
			lines, err := tx.LogSince("h", 0, 100)
			if err != nil || len(lines) != 4 || lines[0].Detail != "s1" || lines[1].Detail != "s2" {
				t.Errorf("ledger %+v, %v", lines, err)
			}
			for _, l := range lines {
				if strings.Contains(l.Detail+l.Actor+l.Fact, "li") || strings.Contains(l.Detail+l.Fact, "示例") {
					t.Errorf("the ledger names somebody: %+v", l)
				}
			}
			return nil
		})
		if err := s.Write(t.Context(), "h", func(tx *Tx) error {
			return tx.SetStaffPassword("h", "s9", "x", false, at, staffEntry("x"))
		}); err == nil {
			t.Error("a password for nobody: accepted")
		}
		if r, err := s.Rebuild(t.Context(), "h", false); err != nil || len(r.Differences) != 0 {
			t.Errorf("rebuild: %v, %+v", err, r)
		}
	})
}

func TestStaffSessions(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		session := func(token, account string) StaffSession {
			return StaffSession{Hall: "h", TokenHash: []byte(token), Account: account, Created: staffNow, Used: staffNow,
				Ends: staffNow.Add(12 * time.Hour), Expires: staffNow.Add(2 * time.Hour)}
		}
		one, two, three := session("one", "s1"), session("two", "s1"), session("three", "s2")
		write(t, s, func(tx *Tx) error {
			for _, x := range []StaffSession{one, two, three} {
				if err := tx.InsertStaffSession(x, staffEntry("staff-login")); err != nil {
					return err
				}
			}
			return nil
		})
		at := func(minutes int) time.Time { return staffNow.Add(time.Duration(minutes) * time.Minute) }
		get := func(token string, now time.Time) (x StaffSession, ok bool) {
			t.Helper()
			read(t, s, func(tx *Tx) (err error) { x, ok, err = tx.OpenStaffSession("h", []byte(token), now); return err })
			return x, ok
		}
		staffed := func(now time.Time) (out map[string]bool) {
			t.Helper()
			read(t, s, func(tx *Tx) (err error) { out, err = tx.StaffedWindows("h", now); return err })
			return out
		}
		if x, ok := get("one", at(119)); !ok || !reflect.DeepEqual(x, one) {
			t.Errorf("session %+v, %v; want %+v", x, ok, one)
		}
		if _, ok := get("one", at(120)); ok {
			t.Error("open when it has expired")
		}
		if _, ok := get("On", at(1)); ok {
			t.Error("another token opens it")
		}
		write(t, s, func(tx *Tx) error { return tx.UseStaffSession("h", []byte("one"), at(100), at(220)) })
		if x, ok := get("one", at(219)); !ok || !x.Used.Equal(at(100)) {
			t.Errorf("after its use: %+v, %v", x, ok)
		}
		if len(staffed(at(1))) != 0 {
			t.Errorf("staffed windows %v before anybody sat down", staffed(at(1)))
		}
		// The same account on two computers: it is at the window with the newer one.
		for _, x := range []StaffSession{one, two} {
			write(t, s, func(tx *Tx) error { return tx.SeatStaffSession(x, "w3", at(101), staffEntry("staff-sat")) })
		}
		if x, _ := get("one", at(102)); x.Window != "" {
			t.Errorf("the older session is still at %s", x.Window)
		}
		read(t, s, func(tx *Tx) error {
			there, ok, err := tx.StaffAt("h", "w3", at(102))
			if err != nil || !ok || string(there.TokenHash) != "two" || !there.Seated.Equal(at(101)) {
				t.Errorf("at w3: %+v, %v, %v", there, ok, err)
			}
			if _, ok, _ := tx.StaffAt("h", "w3", at(121)); ok {
				t.Error("at w3 with a session that has expired")
			}
			all, err := tx.SeatedStaff("h", at(102))
			if err != nil || len(all) != 1 || all[0].Window != "w3" {
				t.Errorf("seated: %+v, %v", all, err)
			}
			return nil
		})
		if got := staffed(at(102)); len(got) != 1 || !got["w3"] {
			t.Errorf("staffed windows %v, want w3", got)
		}
		if got := staffed(at(121)); len(got) != 0 {
			t.Errorf("staffed windows %v by a session that has expired", got)
		}
		// Ended once; told once.
		for range 2 {
			write(t, s, func(tx *Tx) error {
				return tx.EndStaffSession("h", []byte("two"), at(103), LogEntry{At: at(103), Action: "staff-logout"})
			})
		}
		if _, ok := get("two", at(104)); ok {
			t.Error("open after its end")
		}
		// A disabled account has none.
		write(t, s, func(tx *Tx) error { _, err := tx.InsertStaff(staffRow("li"), staffEntry("staff-added")); return err })
		write(t, s, func(tx *Tx) error { return tx.SetStaffDisabled("h", "s1", true, at(105), staffEntry("staff-disabled")) })
		if _, ok := get("one", at(106)); ok {
			t.Error("open although its account is disabled")
		}
		if _, ok := get("three", at(106)); !ok {
			t.Error("another account's session has ended too")
		}
		read(t, s, func(tx *Tx) error {
			lines, err := tx.LogSince("h", 0, 100)
			outs := 0
			for _, l := range lines {
				if l.Action == "staff-logout" {
					outs++
					if l.Actor != "staff:s1" || l.Window != "w3" {
						t.Errorf("log-out %+v", l)
					}
				}
			}
			if err != nil || outs != 1 {
				t.Errorf("%d log-outs told, %v", outs, err)
			}
			return nil
		})
		// Very old sessions are forgotten.
		late := session("late", "s2")
		late.Created = staffNow.Add(200 * 24 * time.Hour)
		late.Expires, late.Ends = late.Created.Add(time.Hour), late.Created.Add(time.Hour)
		write(t, s, func(tx *Tx) error { return tx.InsertStaffSession(late, staffEntry("staff-login")) })
		read(t, s, func(tx *Tx) error {
			var n int
			_, err := tx.one([]any{&n}, "SELECT count(*) FROM staff_session WHERE hall = ?", "h")
			if err != nil || n != 1 {
				t.Errorf("%d sessions kept, %v; want the newest", n, err)
			}
			return nil
		})
	})
}

func TestStaffHandovers(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		put := func(window, to string, at time.Time) {
			t.Helper()
			write(t, s, func(tx *Tx) error {
				return tx.InsertStaffHandover(StaffHandover{Hall: "h", Window: window, From: "s1", To: to, Reason: "meal", Ticket: "id-1", At: at}, staffEntry("staff-handed-over"))
			})
		}
		put("w1", "s2", staffNow)
		put("w2", "", staffNow.Add(time.Minute))
		put("w1", "s3", staffNow.Add(2*time.Minute))
		write(t, s, func(tx *Tx) error { return tx.TakeStaffHandovers("h", "w1", "s3", staffNow.Add(3*time.Minute)) })
		read(t, s, func(tx *Tx) error {
			left, err := tx.OpenStaffHandovers("h", staffNow)
			if err != nil || len(left) != 1 || left[0].Window != "w2" || left[0].N != 2 {
				t.Errorf("open %+v, %v", left, err)
			}
			all, err := tx.StaffHandovers("h", staffNow, 10)
			want := StaffHandover{Hall: "h", N: 3, Window: "w1", From: "s1", To: "s3", Reason: "meal", Ticket: "id-1", At: staffNow.Add(2 * time.Minute),
				TakenBy: "s3", TakenAt: staffNow.Add(3 * time.Minute)}
			if err != nil || len(all) != 3 || !reflect.DeepEqual(all[0], want) {
				t.Errorf("all %+v, %v", all, err)
			}
			if some, err := tx.StaffHandovers("h", staffNow.Add(time.Second), 1); err != nil || len(some) != 1 || some[0].N != 3 {
				t.Errorf("newest %+v, %v", some, err)
			}
			if other, err := tx.StaffHandovers("i", time.Time{}, 10); err != nil || len(other) != 0 {
				t.Errorf("another hall %+v, %v", other, err)
			}
			return nil
		})
	})
}

func TestStaffGuard(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		for _, g := range []Guard{{3, time.Time{}}, {5, staffNow}, {}} {
			write(t, s, func(tx *Tx) error { return tx.PutStaffGuard("h", "li", g) })
			read(t, s, func(tx *Tx) error {
				got, err := tx.StaffGuard("h", "li")
				if err != nil || got != g {
					t.Errorf("guard %+v, %v; want %+v", got, err, g)
				}
				if other, err := tx.StaffGuard("h", "wang"); err != nil || other != (Guard{}) {
					t.Errorf("of another login: %+v, %v", other, err)
				}
				return nil
			})
		}
	})
}

package store

import (
	"fmt"
	"reflect"
	"testing"
	"time"
)

func TestComplaints(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		row := func(n int, state string) Complaint {
			return Complaint{Hall: "h", ID: fmt.Sprintf("id-%d", n), Code: fmt.Sprintf("CODE%d", n), Kind: "rude", Channel: "page", Words: "s1.a.b",
				State: state, Due: "2026-11-25", Filed: time.UnixMicro(int64(n)).UTC(), Changed: time.UnixMicro(int64(n)).UTC()}
		}
		var made []Complaint
		for n, state := range []string{"registered", "archived", "withdrawn", "handling", "registered"} {
			c := row(n+1, state)
			write(t, s, func(tx *Tx) (err error) {
				c.N, err = tx.InsertComplaint(c)
				return err
			})
			if c.N != int64(n+1) {
				t.Fatalf("number %d", c.N)
			}
			made = append(made, c)
		}
		// Neither an id nor a code can be there twice, and nothing of it is kept.
		for _, c := range []Complaint{{Hall: "h", ID: "id-1", Code: "NEW"}, {Hall: "h", ID: "new", Code: "CODE1"}} {
			if err := s.Write(t.Context(), "h", func(tx *Tx) error { _, err := tx.InsertComplaint(c); return err }); err == nil {
				t.Errorf("%s is there twice", c.ID)
			}
		}
		if err := s.Write(t.Context(), "i", func(tx *Tx) error { _, err := tx.InsertComplaint(row(9, "registered")); return err }); err == nil {
			t.Error("written into another hall")
		}
		list := func(open bool, before int64, limit int) (out string) {
			read(t, s, func(tx *Tx) error {
				all, err := tx.Complaints("h", open, before, limit)
				if err != nil {
					t.Error(err)
				}
				out = ""
				for _, c := range all {
					out += fmt.Sprint(c.N)
				}
				return nil
			})
			return out
		}
		for _, c := range []struct {
			open   bool
			before int64
			limit  int
			want   string
		}{{false, 0, 9, "54321"}, {true, 0, 9, "541"}, {true, 5, 1, "4"}, {false, 4, 2, "32"}, {true, 1, 9, ""}} {
			if got := list(c.open, c.before, c.limit); got != c.want {
				t.Errorf("%+v: %s", c, got)
			}
		}
		first := made[0]
		first.State, first.Class, first.Due, first.FollowUp, first.Changed = "investigating", "complex", "2026-12-14", "2026-12-01", time.UnixMicro(99).UTC()
		write(t, s, func(tx *Tx) error { return tx.UpdateComplaint(first) })
		s.Close()
		s = open()
		read(t, s, func(tx *Tx) error {
			got, ok, err := tx.Complaint("h", "id-1")
			if !reflect.DeepEqual(got, first) || !ok || err != nil {
				t.Errorf("%+v, %v, %v; want %+v", got, ok, err, first)
			}
			byCode, ok, err := tx.ComplaintByCode("h", "CODE1")
			if !reflect.DeepEqual(byCode, first) || !ok || err != nil {
				t.Errorf("by code %+v, %v, %v", byCode, ok, err)
			}
			for _, hall := range []string{"i", ""} {
				if _, ok, err := tx.ComplaintByCode(hall, "CODE1"); ok || err != nil {
					t.Errorf("hall %q: %v, %v", hall, ok, err)
				}
			}
			return nil
		})
		if r, err := s.Rebuild(t.Context(), "h", false); err != nil || len(r.Differences) != 0 {
			t.Errorf("rebuild: %v, %+v", err, r)
		}
		if got := list(false, 0, 9); got != "54321" {
			t.Errorf("after a rebuild %s", got)
		}
	})
}

func TestComplaintSteps(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		step := func(n int64) ComplaintStep {
			return ComplaintStep{N: n, At: time.UnixMicro(n).UTC(), Actor: "staff:u1", ActorName: "李示例", Action: "note", Words: "一", Detail: "{}"}
		}
		opening := ComplaintOpening{At: time.UnixMicro(7).UTC(), Actor: "staff:u1", ActorName: "李示例", Part: "contact"}
		write(t, s, func(tx *Tx) error {
			for n := range int64(2) {
				if err := tx.AddComplaintStep("h", "id-1", step(n+1)); err != nil {
					return err
				}
				if err := tx.AddComplaintOpening("h", "id-1", opening); err != nil {
					return err
				}
			}
			if err := tx.NameInComplaint("h", "id-1", []string{"w2", "w1", "w2"}, []string{"u9"}); err != nil {
				return err
			}
			if err := tx.NameInComplaint("h", "id-1", []string{"w1"}, nil); err != nil {
				return err
			}
			return tx.NameInComplaint("h", "id-2", nil, []string{"u8"})
		})
		// Two who saw the same state: the second fails.
		if err := s.Write(t.Context(), "h", func(tx *Tx) error { return tx.AddComplaintStep("h", "id-1", step(2)) }); err == nil {
			t.Error("a step is there twice")
		}
		read(t, s, func(tx *Tx) error {
			steps, err := tx.ComplaintSteps("h", "id-1")
			if !reflect.DeepEqual(steps, []ComplaintStep{step(1), step(2)}) || err != nil {
				t.Errorf("steps %+v, %v", steps, err)
			}
			read, err := tx.ComplaintOpenings("h", "id-1")
			if !reflect.DeepEqual(read, []ComplaintOpening{opening, opening}) || err != nil {
				t.Errorf("openings %+v, %v", read, err)
			}
			windows, accounts, err := tx.NamedInComplaints("h", []string{"id-1", "id-2", "id-3"})
			if fmt.Sprint(windows, accounts) != "map[id-1:[w1 w2]] map[id-1:[u9] id-2:[u8]]" || err != nil {
				t.Errorf("named %v, %v, %v", windows, accounts, err)
			}
			windows, accounts, err = tx.NamedInComplaints("i", []string{"id-1"})
			if len(windows)+len(accounts) != 0 || err != nil {
				t.Errorf("another hall: %v, %v, %v", windows, accounts, err)
			}
			return nil
		})
	})
}

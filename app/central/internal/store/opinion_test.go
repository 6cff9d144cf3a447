package store

import (
	"reflect"
	"testing"
	"time"
)

func TestComplaintOpinions(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *Store) {
		s := open()
		first := ComplaintOpinion{Complaint: "id-1", At: time.UnixMicro(5).UTC(), Level: "dissatisfied", Words: "s1.a.b"}
		for _, o := range []ComplaintOpinion{first, {Complaint: "id-2", At: time.UnixMicro(6).UTC(), Level: "satisfied"}, {Complaint: "id-3", At: time.UnixMicro(7).UTC(), Level: "satisfied"}} {
			write(t, s, func(tx *Tx) error { return tx.AddComplaintOpinion("h", o) })
		}
		if err := s.Write(t.Context(), "h", func(tx *Tx) error {
			return tx.AddComplaintOpinion("h", ComplaintOpinion{Complaint: "id-1", Level: "satisfied"})
		}); err == nil {
			t.Error("a second opinion is kept")
		}
		if err := s.Write(t.Context(), "i", func(tx *Tx) error { return tx.AddComplaintOpinion("h", ComplaintOpinion{Complaint: "id-9"}) }); err == nil {
			t.Error("written into another hall")
		}
		s.Close()
		s = open()
		read(t, s, func(tx *Tx) error {
			got, err := tx.ComplaintOpinions("h", []string{"id-3", "id-1", "none"})
			if err != nil || len(got) != 2 || !reflect.DeepEqual(got["id-1"], first) || got["id-3"].Level != "satisfied" {
				t.Errorf("opinions %+v, %v", got, err)
			}
			if got, err := tx.ComplaintOpinions("i", []string{"id-1"}); err != nil || len(got) != 0 {
				t.Errorf("of another hall: %+v, %v", got, err)
			}
			counts, err := tx.CountComplaintOpinions("h")
			if want := map[string]int{"dissatisfied": 1, "satisfied": 2}; err != nil || !reflect.DeepEqual(counts, want) {
				t.Errorf("counts %v, %v", counts, err)
			}
			return nil
		})
	})
}

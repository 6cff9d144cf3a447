package hall

import (
	"fmt"
	"testing"
	"time"
)

// demoPath is the hall `make run` starts with.
const demoPath = "../../assets/halls/demo.toml"

func readDemo(t testing.TB) *Hall {
	t.Helper()
	f, err := ReadFile(demoPath)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range f.Warnings {
		t.Error(w)
	}
	return f.Hall
}

func TestDemoHall(t *testing.T) {
	h := readDemo(t)
	if len(h.Areas) != 3 || len(h.Windows) != 6 || len(h.Businesses) != 10 {
		t.Errorf("%d areas, %d windows, %d businesses; want 3, 6, 10", len(h.Areas), len(h.Windows), len(h.Businesses))
	}
	for i, w := range h.Windows {
		if pin := fmt.Sprintf("%06d", 100001+i); !CheckPIN(w.PINHash, pin) {
			t.Errorf("window %s does not have its demonstration PIN", w.ID)
		}
	}
	asks, items, english := map[AskID]int{}, 0, 0
	for _, b := range h.Businesses {
		asks[b.AskID]++
		if len(b.Items) > 0 {
			items++
		}
		if b.NameEn != "" && b.ForEn != "" && b.GroupEn != "" && b.For != "" && b.Group != "" {
			english++
		}
	}
	if asks[AskRequired] == 0 || asks[AskOptional] == 0 || asks[AskNever] == 0 {
		t.Errorf("ask_id values %v: the demonstration lacks one", asks)
	}
	if items == 0 || english != len(h.Businesses) {
		t.Errorf("%d businesses with items, %d of %d described in both languages", items, english, len(h.Businesses))
	}
}

func TestDemoHallAlwaysOpen(t *testing.T) {
	h := readDemo(t)
	before := h.Revision()
	open := h.AlwaysOpen()
	start := time.Date(2026, 9, 30, 0, 0, 0, 0, h.Location())
	for minute := range 14 * 24 * 60 / 7 { // two weeks with a holiday, every seven minutes
		at := start.Add(time.Duration(minute) * 7 * time.Minute)
		if st := open.StateAt(at); st.Kind != Open || !st.Until.IsZero() {
			t.Fatalf("%v: %+v, want open without end", at, st)
		}
		if st := open.BusinessStateAt("tax", at); st.Kind != Open {
			t.Fatalf("%v: business with its own hours: %+v", at, st)
		}
	}
	if h.Revision() != before {
		t.Error("AlwaysOpen changed the hall it copies")
	}
}

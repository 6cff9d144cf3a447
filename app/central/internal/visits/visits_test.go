package visits

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

func newDesk(t *testing.T) *Desk {
	t.Helper()
	data, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { data.Close() })
	// 01:00 on the 24th in Shanghai, still the 23rd in UTC.
	now := time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)
	d, err := New(Config{Store: data, Halls: []*hall.Hall{{ID: "h", TimeZone: "Asia/Shanghai"}}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func result(k Kind) Result {
	return Result{Ticket: "id-1", Label: "A001", Business: "hukou", Window: "w1", Account: "s1", Kind: k}
}

// Each kind has what it needs, and nothing that belongs to another one is kept.
func TestRecord(t *testing.T) {
	full := func(k Kind) Result {
		r := result(k)
		r.Due, r.Reason, r.Words, r.Units, r.Missing, r.Guide = "2026-11-24", 2, " 说明\n两行 ", []string{"民政局", "", "民政局", "卫健委"}, []string{" 户口簿 ", "照片\t两张", ""}, "g"
		return r
	}
	one := func(r Result) Result { r.Units = r.Units[:1]; return r }
	for _, tc := range []struct {
		in   Result
		want func(*Result)
	}{
		{full(OnTheSpot), func(r *Result) {}},
		{full(Promise), func(r *Result) { r.Due = "2026-11-24" }},
		{full(Supplement), func(r *Result) { r.Missing, r.Guide = []string{"户口簿", "照片 两张"}, "g" }},
		{full(Returned), func(r *Result) { r.Reason, r.Missing, r.Guide = 2, []string{"户口簿", "照片 两张"}, "g" }},
		{full(Joint), func(r *Result) { r.Due, r.Units = "2026-11-24", []string{"民政局", "卫健委"} }},
		{one(full(Upward)), func(r *Result) { r.Due, r.Units = "2026-11-24", []string{"民政局"} }},
	} {
		d := newDesk(t)
		want := result(tc.in.Kind)
		want.Words, want.At = "说明 两行", d.now()
		tc.want(&want)
		got, err := d.Record(t.Context(), "h", tc.in)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", tc.in.Kind, got, err, want)
		}
		kept, err := d.Of(t.Context(), "h", "id-1")
		if err != nil || len(kept) != 1 || !kept[0].At.Equal(want.At) {
			t.Errorf("%s: kept %+v, %v", tc.in.Kind, kept, err)
			continue
		}
		kept[0].At = want.At
		if !reflect.DeepEqual(kept[0], want) {
			t.Errorf("%s: kept %+v, want %+v", tc.in.Kind, kept[0], want)
		}
	}
}

func TestRecordRefuses(t *testing.T) {
	d := newDesk(t)
	many := make([]string, MaxMissing+1)
	for i := range many {
		many[i] = strings.Repeat("材", i+1)
	}
	for name, change := range map[string]func(*Result){
		"no kind":                    func(r *Result) { r.Kind = "" },
		"unknown kind":               func(r *Result) { r.Kind = "done" },
		"promise without a day":      func(r *Result) { r.Kind = Promise },
		"promise for yesterday":      func(r *Result) { r.Kind, r.Due = Promise, "2026-11-23" },
		"promise for no day":         func(r *Result) { r.Kind, r.Due = Promise, "2026-02-30" },
		"promise for ever":           func(r *Result) { r.Kind, r.Due = Promise, "2036-11-24" },
		"nothing missing":            func(r *Result) { r.Kind, r.Missing = Supplement, []string{" ", "\n"} },
		"too much missing":           func(r *Result) { r.Kind, r.Missing = Supplement, many },
		"a long line":                func(r *Result) { r.Kind, r.Missing = Supplement, []string{strings.Repeat("材", MaxLine+1)} },
		"return without a reason":    func(r *Result) { r.Kind, r.Words = Returned, "说明" },
		"return with another reason": func(r *Result) { r.Kind, r.Words, r.Reason = Returned, "说明", 4 },
		"return without words":       func(r *Result) { r.Kind, r.Reason = Returned, 1 },
		"too many words":             func(r *Result) { r.Words = strings.Repeat("字", MaxWords+1) },
		"joint with one":             func(r *Result) { r.Kind, r.Due, r.Units = Joint, "2026-12-01", []string{"民政局"} },
		"joint without a day":        func(r *Result) { r.Kind, r.Units = Joint, []string{"民政局", "卫健委"} },
		"upward to nobody":           func(r *Result) { r.Kind, r.Due = Upward, "2026-12-01" },
		"upward to two":              func(r *Result) { r.Kind, r.Due, r.Units = Upward, "2026-12-01", []string{"民政局", "卫健委"} },
	} {
		r := result(OnTheSpot)
		change(&r)
		if _, err := d.Record(t.Context(), "h", r); !centralapi.HasCode(err, centralapi.CodeInvalid) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	if list, err := d.Of(t.Context(), "h", "id-1"); err != nil || len(list) != 0 {
		t.Errorf("refused and kept: %+v, %v", list, err)
	}
	if _, err := d.Record(t.Context(), "other", result(OnTheSpot)); !centralapi.HasCode(err, centralapi.CodeNotFound) {
		t.Errorf("another hall: %v", err)
	}
}

// One list for each case; a second one needs a reason, and pressing twice is once.
func TestOnce(t *testing.T) {
	d := newDesk(t)
	r := result(Supplement)
	r.Missing = []string{"户口簿"}
	for range 2 {
		if _, err := d.Record(t.Context(), "h", r); err != nil {
			t.Fatal(err)
		}
	}
	r.Missing = append(r.Missing, "照片")
	if _, err := d.Record(t.Context(), "h", r); !centralapi.HasCode(err, centralapi.CodeConflict) {
		t.Errorf("a second list: %v", err)
	}
	r.Again = "上次漏写了照片"
	if _, err := d.Record(t.Context(), "h", r); err != nil {
		t.Errorf("a second list with a reason: %v", err)
	}
	list, err := d.Of(t.Context(), "h", "id-1")
	if err != nil || len(list) != 2 || list[0].Again == "" || len(list[1].Missing) != 1 {
		t.Errorf("kept %+v, %v", list, err)
	}
}

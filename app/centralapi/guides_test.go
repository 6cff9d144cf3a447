package centralapi

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"hallkiosk/app/guide"
)

func catalogue(names ...string) *guide.Catalogue {
	c := &guide.Catalogue{Sample: true, Synonyms: []string{"甲 = 乙"}}
	for i, n := range names {
		c.Guides = append(c.Guides, guide.Guide{ID: fmt.Sprintf("g%d", i+1), Name: n, Department: "<公安&>"})
	}
	return c
}

func whole(t testing.TB, c *guide.Catalogue) Guides {
	t.Helper()
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return Guides{Revision: c.Revision(), Catalogue: data}
}

func TestGuidesOpen(t *testing.T) {
	old, now := catalogue("一", "二"), catalogue("一", "二改", "三")
	delta := guide.Diff(old, now)
	broken := delta
	broken.Changed = broken.Changed[:1]
	other := catalogue("别的")
	// What a centre that is newer than this program sends.
	newer := []byte(`{"later_field":{"x":1},"guides":[{"id":"g1","name":"一","department":"d","hologram":"yes"}]}`)
	tests := []struct {
		name string
		g    Guides
		have *guide.Catalogue
		want *guide.Catalogue // nil = an error
		err  error
	}{
		{"whole", whole(t, now), nil, now, nil},
		{"whole for one that has something", whole(t, now), old, now, nil},
		{"delta", Guides{Revision: now.Revision(), Delta: &delta}, old, now, nil},
		{"newer fields", Guides{Revision: guidesRevision(newer), Catalogue: newer}, nil,
			&guide.Catalogue{Guides: []guide.Guide{{ID: "g1", Name: "一", Department: "d"}}}, nil},
		{"delta from something else", Guides{Revision: now.Revision(), Delta: &delta}, other, nil, guide.ErrDelta},
		{"delta from nothing", Guides{Revision: now.Revision(), Delta: &delta}, nil, nil, guide.ErrDelta},
		{"delta with a guide lost", Guides{Revision: now.Revision(), Delta: &broken}, old, nil, guide.ErrDelta},
		{"delta to something else", Guides{Revision: old.Revision(), Delta: &delta}, old, nil, ErrUnreachable},
		{"another catalogue", Guides{Revision: old.Revision(), Catalogue: whole(t, now).Catalogue}, nil, nil, ErrUnreachable},
		{"a byte changed", Guides{Revision: now.Revision(), Catalogue: []byte(strings.Replace(string(whole(t, now).Catalogue), "二改", "二政", 1))}, nil, nil, ErrUnreachable},
		{"nothing", Guides{Revision: now.Revision()}, old, nil, ErrUnreachable},
		{"both", Guides{Revision: now.Revision(), Catalogue: whole(t, now).Catalogue, Delta: &delta}, old, nil, ErrUnreachable},
		{"null", Guides{Revision: guidesRevision([]byte("null")), Catalogue: []byte("null")}, nil, nil, ErrUnreachable},
		{"no catalogue", Guides{Revision: guidesRevision([]byte(`[1]`)), Catalogue: []byte(`[1]`)}, nil, nil, ErrUnreachable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.g.Open(tt.have)
			if tt.want == nil {
				if !errors.Is(err, tt.err) || got != nil {
					t.Errorf("%v, %v; want %v", got, err, tt.err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// The client asks with what it has, takes a delta or the whole, and asks for the
// whole when a delta does not fit.
func TestClientGuides(t *testing.T) {
	old, now := catalogue("一", "二"), catalogue("一", "二改", "三")
	delta := guide.Diff(old, now)
	wrong := guide.Diff(catalogue("别的"), now)
	var asked []string
	var answer func(since string) any
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		since := r.URL.Query().Get("since")
		asked = append(asked, fmt.Sprintf("%.4s %.5s", since, r.Header.Get("If-None-Match")))
		if r.URL.Path != "/v1/halls/test/guides" || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Errorf("asked %s, accepting %q", r.URL.Path, r.Header.Get("Accept-Encoding"))
		}
		if since == now.Revision() {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		if text, ok := answer(since).(string); ok {
			io.WriteString(z, text)
			return
		}
		json.NewEncoder(z).Encode(answer(since))
	})
	ask := func(have *guide.Catalogue) (*guide.Catalogue, bool, error) {
		asked = nil
		return c.Guides(t.Context(), have)
	}
	revision := fmt.Sprintf("%.4s \"%.4s", old.Revision(), old.Revision())

	answer = func(string) any { return whole(t, now) }
	if got, changed, err := ask(nil); err != nil || !changed || !reflect.DeepEqual(got, now) || fmt.Sprint(asked) != "[ ]" {
		t.Errorf("first: %+v, %v, %v; asked %q", got, changed, err, asked)
	}
	if got, changed, err := ask(now); err != nil || changed || got != nil {
		t.Errorf("the same: %+v, %v, %v", got, changed, err)
	}
	answer = func(string) any { return Guides{Revision: now.Revision(), Delta: &delta} }
	if got, changed, err := ask(old); err != nil || !changed || !reflect.DeepEqual(got, now) || fmt.Sprint(asked) != "["+revision+"]" {
		t.Errorf("delta: %+v, %v, %v; asked %q", got, changed, err, asked)
	}
	answer = func(since string) any {
		if since != "" {
			return Guides{Revision: now.Revision(), Delta: &wrong}
		}
		return whole(t, now)
	}
	if got, changed, err := ask(old); err != nil || !changed || !reflect.DeepEqual(got, now) || fmt.Sprint(asked) != "["+revision+"  ]" {
		t.Errorf("a delta that does not fit: %+v, %v, %v; asked %q", got, changed, err, asked)
	}
	answer = func(string) any { return `{"revision":"` }
	if got, _, err := ask(old); !errors.Is(err, ErrUnreachable) || got != nil {
		t.Errorf("half an answer: %+v, %v", got, err)
	}
	// More than other answers may have, and not without end.
	answer = func(string) any {
		big := whole(t, now)
		big.Catalogue = append(big.Catalogue[:len(big.Catalogue)-1], `,"padding":"`+strings.Repeat("x", 2*maxAnswer)+`"}`...)
		big.Revision = guidesRevision(big.Catalogue)
		return big
	}
	if got, _, err := ask(nil); err != nil || len(got.Guides) != 3 {
		t.Errorf("a large catalogue: %v", err)
	}
	answer = func(string) any { return `{"revision":"` + strings.Repeat("x", MaxGuides+2*maxAnswer) + `"}` }
	if _, _, err := ask(nil); !errors.Is(err, ErrUnreachable) {
		t.Errorf("an endless answer: %v", err)
	}
}

// An answer of a centre that is older says nothing about the wait.
func TestEstimateOfAnOlderCentre(t *testing.T) {
	for text, want := range map[string]int{
		`{"business":"a","waiting":3}`:                         EstimateUnknown,
		`{"business":"a","waiting":0,"estimated_minutes":0}`:   0,
		`{"business":"a","waiting":3,"estimated_minutes":-1}`:  EstimateUnknown,
		`{"business":"a","waiting":3,"estimated_minutes":250}`: 250,
	} {
		var q QueueStatus
		if err := json.Unmarshal([]byte(text), &q); err != nil || q.EstimatedMinutes != want || q.Business != "a" {
			t.Errorf("%s: %+v, %v", text, q, err)
		}
	}
	q := QueueStatus{Business: "a", EstimatedMinutes: 7}
	data, err := json.Marshal(q)
	var again QueueStatus
	if err != nil || json.Unmarshal(data, &again) != nil || !reflect.DeepEqual(q, again) {
		t.Errorf("%s: %+v, %v", data, again, err)
	}
	if json.Unmarshal([]byte(`{"waiting":"3"}`), &q) == nil {
		t.Error("a word is read as a number")
	}
}

func TestMissedText(t *testing.T) {
	for in, want := range map[string]string{
		"身份证丢了": "身份证丢了", "  居住  证 ": "居住 证", "JZZ": "jzz", "居住z": "居住z", "十二字正好可以不多不少吧": "十二字正好可以不多不少吧",
		"": "", "   ": "", "13字就太长了不行不行不": "", "办理居住证需要什么材料的": "办理居住证需要什么材料的", "办理居住证需要什么材料的啊": "",
		"13800138000": "", "身份证1": "", "身份证１": "", "٣": "", "a@b": "", "张三·李四": "", "x\ny": "x y", "\xff": "", "①": "",
	} {
		if got, ok := MissedText(in); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", in, got, ok, want)
		}
	}
}

func FuzzMissedText(f *testing.F) {
	for _, s := range []string{"身份证丢了", " JZZ ", "居住1", "İ", "ſ", "々〇", strings.Repeat("长", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, ok := MissedText(s)
		if !ok {
			if text != "" {
				t.Errorf("%q is not counted and gives %q", s, text)
			}
			return
		}
		if again, ok := MissedText(text); again != text || !ok {
			t.Errorf("%q becomes %q, then %q", s, text, again)
		}
		if n := utf8.RuneCountInString(text); n < 1 || n > MaxMissedText || strings.ContainsAny(text, "0123456789\n@") {
			t.Errorf("%q is counted as %q", s, text)
		}
	})
}

// Whatever a centre, or something in between, sends: no panic, and what is opened is
// what its revision says.
func FuzzGuidesOpen(f *testing.F) {
	old, now := catalogue("一", "二"), catalogue("一", "二改", "三")
	delta := guide.Diff(old, now)
	for _, g := range []Guides{whole(f, now), {Revision: now.Revision(), Delta: &delta}, {}} {
		data, err := json.Marshal(g)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"revision":"x","delta":{"from":"","to":"x","order":["a","a"]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var g Guides
		if json.Unmarshal(data, &g) != nil {
			return
		}
		for _, have := range []*guide.Catalogue{nil, old} {
			c, err := g.Open(have)
			switch {
			case err != nil && c != nil, err == nil && c == nil:
				t.Errorf("%v with %v", c, err)
			case err == nil && g.Delta != nil && c.Revision() != g.Revision:
				t.Errorf("revision %s is not %s", c.Revision(), g.Revision)
			}
		}
	})
}

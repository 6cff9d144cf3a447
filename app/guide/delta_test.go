package guide

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// catalogue makes a catalogue of guides with these IDs, whose phone is the number
// behind a colon.
func catalogue(ids ...string) *Catalogue {
	c := &Catalogue{}
	for _, id := range ids {
		g := good()
		g.ID, g.Phone, _ = cut(id)
		c.Guides = append(c.Guides, g)
	}
	return c
}

func cut(s string) (string, string, bool) {
	for i := range s {
		if s[i] == ':' {
			return s[:i], s[i+1:], true
		}
	}
	return s, "0", false
}

func TestDelta(t *testing.T) {
	for name, c := range map[string]struct {
		old, new *Catalogue
		changed  int
		order    bool
	}{
		"nothing":      {catalogue("a", "b"), catalogue("a", "b"), 0, false},
		"one phone":    {catalogue("a", "b"), catalogue("a", "b:1"), 1, false},
		"one more":     {catalogue("a", "b"), catalogue("a", "b", "c"), 1, true},
		"one less":     {catalogue("a", "b"), catalogue("b"), 0, true},
		"other order":  {catalogue("a", "b"), catalogue("b", "a"), 0, true},
		"all gone":     {catalogue("a"), catalogue(), 0, true},
		"from nothing": {nil, catalogue("a", "b"), 2, true},
		"from empty":   {catalogue(), catalogue("a"), 1, true},
		"head": {catalogue("a"), &Catalogue{Sample: true, Source: "示例", Synonyms: []string{"甲 = 乙"},
			Guides: catalogue("a").Guides}, 0, false},
	} {
		d := Diff(c.old, c.new)
		if len(d.Changed) != c.changed || (d.Order != nil) != c.order {
			t.Errorf("%s: %d changed, order %v", name, len(d.Changed), d.Order)
		}
		data, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var sent Delta
		if err := json.Unmarshal(data, &sent); err != nil {
			t.Fatal(err)
		}
		if name == "all gone" && sent.Order == nil {
			t.Errorf("%s: the empty order is lost on the way: %s", name, data)
		}
		made, err := sent.Apply(c.old)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if made.Revision() != c.new.Revision() {
			t.Errorf("%s: another catalogue", name)
		}
	}
}

func TestDeltaThatDoesNotFit(t *testing.T) {
	a, b := catalogue("a", "b"), catalogue("a", "b:1", "c")
	d := Diff(a, b)
	for name, c := range map[string]struct {
		delta func(d *Delta)
		old   *Catalogue
	}{
		"another catalogue": {func(*Delta) {}, catalogue("a")},
		"none":              {func(*Delta) {}, nil},
		"another result":    {func(d *Delta) { d.To = a.Revision() }, a},
		"unknown guide":     {func(d *Delta) { d.Order = []string{"a", "b", "x"} }, a},
		"change left out":   {func(d *Delta) { d.Changed = d.Changed[1:] }, a},
	} {
		spoilt := d
		c.delta(&spoilt)
		if _, err := spoilt.Apply(c.old); !errors.Is(err, ErrDelta) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDeltaOfDoubledIDsDoesNotApply(t *testing.T) {
	twice := catalogue("a", "a:1")
	if _, err := Diff(nil, twice).Apply(nil); !errors.Is(err, ErrDelta) {
		t.Errorf("%v", err)
	}
}

func TestDeltaOfAnything(t *testing.T) {
	ids := rapid.SliceOfDistinct(rapid.StringMatching(`[a-f]`), rapid.ID[string])
	draw := func(t *rapid.T, label string) *Catalogue {
		var all []string
		for _, id := range ids.Draw(t, label) {
			all = append(all, fmt.Sprintf("%s:%d", id, rapid.IntRange(0, 2).Draw(t, "phone")))
		}
		return catalogue(all...)
	}
	rapid.Check(t, func(t *rapid.T) {
		old, new := draw(t, "old"), draw(t, "new")
		before := old.Revision()
		made, err := Diff(old, new).Apply(old)
		if err != nil {
			t.Fatal(err)
		}
		if len(made.Guides)+len(new.Guides) > 0 && !reflect.DeepEqual(made, new) {
			t.Fatalf("%v instead of %v", made, new)
		}
		if old.Revision() != before {
			t.Fatal("the old catalogue was changed")
		}
	})
}

// What comes over the network may be anything.
func FuzzDelta(f *testing.F) {
	old := catalogue("a", "b")
	for _, new := range []*Catalogue{catalogue("b", "a:1"), catalogue(), catalogue("a", "b", "c")} {
		data, err := json.Marshal(Diff(old, new))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"from":"x","to":"","order":["a","a"],"changed":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var d Delta
		if json.Unmarshal(data, &d) != nil {
			return
		}
		d.From = old.Revision() // else nothing further is looked at
		made, err := d.Apply(old)
		if err == nil && made.Revision() != d.To {
			t.Error("it makes something else than it says")
		}
	})
}

func TestParseLimit(t *testing.T) {
	for s, want := range map[string]Limit{
		"":          {},
		"无":         {},
		"5":         {Number: 5, Unit: WorkingDays},
		"5个工作日":     {Number: 5, Unit: WorkingDays},
		"20(工作日)":   {Number: 20, Unit: WorkingDays},
		"30（自然日）":   {Number: 30, Unit: Days},
		"三十日":       {Number: 30, Unit: Days},
		"十五个工作日内办结": {Number: 15, Unit: WorkingDays},
		"二十一天":      {Number: 21, Unit: Days},
		"3个月":       {Number: 3, Unit: Months},
		"1年":        {Number: 12, Unit: Months},
		"2小时":       {Number: 2, Unit: Hours},
		"30分钟":      {Number: 30, Unit: Minutes},
		"当场办结":      {Unit: WorkingDays},
		"即办":        {Unit: WorkingDays},
		"自受理之日起10个工作日（不含公示）": {Number: 10, Unit: WorkingDays, Start: "自受理之日起", Note: "不含公示"},
	} {
		if l, ok := ParseLimit(s); !ok || l != want {
			t.Errorf("%q: %+v %v, want %+v", s, l, ok, want)
		}
		if l, ok := ParseLimit(want.String()); want.Unit != "" && (!ok || l.Number != want.Number || l.Unit != want.Unit) {
			t.Errorf("%q does not read back: %+v", want.String(), l)
		}
	}
	for _, s := range []string{"尽快", "99999个工作日", "-3天", "5个星期", "工作日"} {
		if l, ok := ParseLimit(s); ok {
			t.Errorf("%q is read as %+v", s, l)
		}
	}
}

func FuzzParseLimit(f *testing.F) {
	f.Add("自受理之日起10个工作日（不含公示）")
	f.Add("三十日")
	f.Add("十十")
	f.Fuzz(func(t *testing.T, s string) {
		l, ok := ParseLimit(s)
		if ok && (l.Number < 0 || l.Number > 10000 || !l.IsZero() && unitNames[l.Unit] == "") {
			t.Errorf("%q: %+v", s, l)
		}
	})
}

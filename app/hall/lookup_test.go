package hall

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestPublicHidesSecrets(t *testing.T) {
	h := readDemo(t)
	public := h.Public()
	for _, w := range public.Windows {
		if w.PINHash != "" {
			t.Fatalf("window %s keeps its PIN hash", w.ID)
		}
	}
	if h.Windows[0].PINHash == "" {
		t.Fatal("Public changed the hall it copies")
	}
	data, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "argon2") {
		t.Error("the JSON of a hall holds PIN hashes")
	}
	public.Businesses[0].Windows[0] = "changed"
	public.Businesses[0].Items[0].Name = "changed"
	public.Hours.Week["mon"][0] = "changed"
	public.Hours.Days[0].Reason = "changed"
	if again := readDemo(t); !reflect.DeepEqual(h, again) {
		t.Error("the copy shares memory with the hall")
	}
}

func TestRevision(t *testing.T) {
	h := readDemo(t)
	revision := h.Revision()
	if len(revision) != 64 || strings.Trim(revision, "0123456789abcdef") != "" {
		t.Fatalf("revision %q is not 64 hex digits", revision)
	}

	t.Run("survives JSON", func(t *testing.T) {
		data, err := json.Marshal(h.Public())
		if err != nil {
			t.Fatal(err)
		}
		var back Hall
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		if got := back.Revision(); got != revision {
			t.Errorf("%s after a trip through JSON, want %s", got, revision)
		}
	})
	t.Run("ignores secrets", func(t *testing.T) {
		c := readDemo(t)
		c.Windows[0].PINHash = ""
		if c.Revision() != revision {
			t.Error("a changed PIN changes the revision")
		}
	})
	t.Run("nil and empty lists are the same", func(t *testing.T) {
		a, b := &Hall{}, &Hall{Areas: []Area{}, Businesses: []Business{}, Hours: Hours{Days: []Day{}, Week: map[string][]string{}}}
		if a.Revision() != b.Revision() {
			t.Error("revisions differ")
		}
	})
	t.Run("every visible value counts", func(t *testing.T) {
		for name, change := range map[string]func(*Hall){
			"name":     func(h *Hall) { h.Name += "x" },
			"notice":   func(h *Hall) { h.Notice = "" },
			"hours":    func(h *Hall) { h.Hours.Week["sun"] = []string{"09:00-10:00"} },
			"day":      func(h *Hall) { h.Hours.Days[0].Reason = "x" },
			"prefix":   func(h *Hall) { h.Businesses[0].Prefix = "Z" },
			"window":   func(h *Hall) { h.Windows[0].Name = "9" },
			"item":     func(h *Hall) { h.Businesses[0].Items[0].Name = "x" },
			"own week": func(h *Hall) { h.Businesses[8].Hours.Week["mon"][0] = "09:00-10:00" },
		} {
			c := readDemo(t)
			change(c)
			if c.Revision() == revision {
				t.Errorf("%s: revision did not change", name)
			}
		}
	})
}

func TestLookups(t *testing.T) {
	h := readDemo(t)
	if a, ok := h.Area("c"); !ok || a.Name != "企业与综合区" {
		t.Errorf("Area(c) = %v, %v", a, ok)
	}
	if w, ok := h.Window("w4"); !ok || w.Area != "b" {
		t.Errorf("Window(w4) = %v, %v", w, ok)
	}
	b, ok := h.Business("medical")
	if !ok {
		t.Fatal("no business medical")
	}
	if it, ok := b.Item("medical-away"); !ok || it.Name != "异地就医备案" {
		t.Errorf("Item = %v, %v", it, ok)
	}
	for _, found := range []func() bool{
		func() bool { _, ok := h.Area(""); return ok },
		func() bool { _, ok := h.Window("w7"); return ok },
		func() bool { _, ok := h.Business("MEDICAL"); return ok },
		func() bool { _, ok := b.Item("hukou-in"); return ok },
	} {
		if found() {
			t.Error("found what is not there")
		}
	}
	var ids []string
	for _, b := range h.BusinessesOf("w4") {
		ids = append(ids, b.ID)
	}
	if got := strings.Join(ids, " "); got != "medical job welfare" {
		t.Errorf("businesses of w4: %s", got)
	}
}

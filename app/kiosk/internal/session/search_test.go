package session

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"hallkiosk/app/guide"
)

func TestSearch(t *testing.T) {
	p := withGuides()
	p.do(GuidesPressed{}, SearchPressed{})
	v := wantPage(t, p, PageSearch)
	if v.Search.Input != Letters || !v.Search.Handwriting || v.Search.Nothing || v.Search.Pages != 1 {
		t.Errorf("empty search %+v", v.Search)
	}
	p.typed("登 记")
	p.do(DeletePressed{}, DeletePressed{})
	p.typed("记?\n")
	v = p.View()
	if v.Search.Text != "登记" || v.Search.Total != 2 || v.Search.Found[0].Title != "出生登记" || !reflect.DeepEqual(v.Search.Found[0].Marks, [][2]int{{2, 4}}) {
		t.Errorf("search %+v", v.Search)
	}
	p.do(Chosen{v.Search.Found[0].ID})
	wantPage(t, p, PageGuide)
	p.do(BackPressed{})
	if v := wantPage(t, p, PageSearch); v.Search.Text != "登记" || v.Search.Total != 2 {
		t.Errorf("back on %+v, want the search as it was", v.Search)
	}
	p.do(DeletePressed{All: true})
	p.typed(strings.Repeat("长", 30))
	if n := utf8.RuneCountInString(p.View().Search.Text); n != maxText {
		t.Errorf("%d characters, want at most %d", n, maxText)
	}
	p.do(DeletePressed{All: true}, LanguageChosen{English})
	p.typed("certificate")
	if v := p.View().Search; v.Total != 1 || v.Found[0].Title != "Certificate of no record" || v.Found[0].Marks != nil {
		t.Errorf("English search %+v", v)
	}
	p.do(BackPressed{}, SearchPressed{})
	if v := p.View().Search; v.Text != "" || v.Total != 0 {
		t.Errorf("a new search begins with %+v", v)
	}
}

func TestSearchPages(t *testing.T) {
	c := &guide.Catalogue{}
	for i := range 100 {
		c.Guides = append(c.Guides, guide.Guide{ID: fmt.Sprint("g", i), Name: fmt.Sprintf("许可第%d项", i), Department: "审批局"})
	}
	p := ready()
	p.do(GuidesChanged{Catalogue: c}, GuidesPressed{}, SearchPressed{})
	p.typed("许可")
	if v := p.View().Search; v.Total != maxFound || v.Pages != maxFound/perResultsNormal || len(v.Found) != perResultsNormal {
		t.Errorf("%d found on %d pages of %d", v.Total, v.Pages, len(v.Found))
	}
	p.do(PageTurned{99}, Chosen{p.View().Search.Found[0].ID}, BackPressed{})
	if v := p.View().Search; v.Number != v.Pages {
		t.Errorf("back on page %d of %d", v.Number, v.Pages)
	}
	p.typed("第")
	if v := p.View().Search; v.Number != 1 {
		t.Errorf("another text shows page %d", v.Number)
	}
	p.do(PageTurned{1}, AssistedChosen{true})
	if v := p.View().Search; v.Pages != maxFound/perResultsAssist || len(v.Found) != perResultsAssist {
		t.Errorf("assisted %d pages of %d", v.Pages, len(v.Found))
	}
	// A list keeps its page below a guide too.
	p.do(BackPressed{}, WayChosen{ByDepartment}, Chosen{"group:审批局"}, PageTurned{3}, Chosen{"guide:g20"}, BackPressed{})
	if v := wantPage(t, p, PageList); v.List.Number != 4 {
		t.Errorf("back on page %d, want 4", v.List.Number)
	}
	p.do(BackPressed{})
	if v := wantPage(t, p, PageList); v.List.Choices[0].ID != "group:审批局" {
		t.Errorf("back on %+v", v.List)
	}
}

func TestHandwriting(t *testing.T) {
	p := withGuides()
	p.do(GuidesPressed{}, SearchPressed{}, StrokeDrawn{Stroke{{1, 1}}})
	if len(p.effects(Recognise{})) != 0 {
		t.Error("strokes are taken where there is no pad")
	}
	p.do(InputChosen{Handwriting}, StrokeDrawn{Stroke{{-5, 10}, {2000, 500}}}, StrokeDrawn{nil}, StrokeDrawn{Stroke{{3, 3}}})
	asked := p.effects(Recognise{})
	if len(asked) != 2 || !reflect.DeepEqual(asked[0].(Recognise).Strokes, []Stroke{{{0, 10}, {1000, 500}}}) || len(asked[1].(Recognise).Strokes) != 2 {
		t.Fatalf("asked %+v", asked)
	}
	p.do(Recognised{ID: asked[0].(Recognise).ID, Characters: []string{"旧"}})
	if c := p.View().Search.Characters; c != nil {
		t.Errorf("an answer about fewer strokes shows %q", c)
	}
	p.do(Recognised{ID: asked[1].(Recognise).ID, Characters: []string{"居", "层", "局", "屋", "届", "尼"}})
	if c := p.View().Search.Characters; !slices.Equal(c, []string{"居", "层", "局", "屋", "届"}) {
		t.Errorf("candidates %q", c)
	}
	p.do(CharacterChosen{"无"})
	if v := p.View().Search; v.Text != "" {
		t.Errorf("a character nobody proposed is taken: %q", v.Text)
	}
	p.do(CharacterChosen{"居"})
	if v := p.View().Search; v.Text != "居" || v.Strokes != nil || v.Characters != nil || v.Total != 1 {
		t.Errorf("after a choice %+v", v)
	}
	p.do(StrokeDrawn{Stroke{{1, 1}}}, StrokeDrawn{Stroke{{2, 2}}}, StrokesCleared{})
	if v := p.View().Search; len(v.Strokes) != 1 {
		t.Errorf("%d strokes after one is taken back", len(v.Strokes))
	}
	last := p.effects(Recognise{})
	if r := last[len(last)-1].(Recognise); len(r.Strokes) != 1 {
		t.Errorf("asked about %d strokes", len(r.Strokes))
	}
	p.do(StrokesCleared{All: true}, Recognised{ID: last[len(last)-1].(Recognise).ID, Characters: []string{"迟"}})
	if v := p.View().Search; v.Strokes != nil || v.Characters != nil {
		t.Errorf("after clearing %+v", v)
	}
	p.world.drawing.Handwriting = false
	p.do(InputChosen{Letters}, InputChosen{Handwriting})
	if v := p.View().Search; v.Input != Letters || v.Handwriting {
		t.Errorf("a pad where there is none: %+v", v)
	}
}

func TestSearchesThatFindNothingAreCounted(t *testing.T) {
	tests := []struct {
		text  string
		leave []Event
		want  []Effect
	}{
		{"遗失补办", []Event{BackPressed{}}, []Effect{SearchMissed{"遗失补办"}}},
		{"遗失补办", []Event{HomePressed{}}, []Effect{SearchMissed{"遗失补办"}}},
		{"遗失补办", []Event{DeletePressed{All: true}, BackPressed{}}, []Effect{SearchMissed{"遗失补办"}}},
		{"zzz ", []Event{BackPressed{}}, []Effect{SearchMissed{"zzz"}}},
		{"居住", []Event{BackPressed{}}, nil},
		{"", []Event{BackPressed{}}, nil},
		{"110105", []Event{BackPressed{}}, nil},
		{"张三１３８", []Event{HomePressed{}}, nil},
		{"一二三四五六七八九十一二三", []Event{HomePressed{}}, nil},
	}
	for _, tt := range tests {
		p := withGuides()
		p.do(GuidesPressed{}, SearchPressed{})
		p.typed(tt.text)
		if v := p.View().Search; v.Nothing != (strings.TrimSpace(tt.text) != "" && tt.text != "居住") {
			t.Errorf("%q: nothing found is %v", tt.text, v.Nothing)
		}
		p.do(tt.leave...)
		if got := p.effects(SearchMissed{}); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q, %T: counted %v, want %v", tt.text, tt.leave[0], got, tt.want)
		}
	}
	p := withGuides()
	p.do(GuidesPressed{}, SearchPressed{})
	p.typed("遗失补办")
	p.fire(1 + noticeNormal)
	if wantPage(t, p, PageHome); len(p.effects(SearchMissed{})) != 1 {
		t.Error("a search that somebody walked away from is not counted")
	}
}

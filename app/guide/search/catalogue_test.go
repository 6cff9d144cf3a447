package search_test

import (
	"strings"
	"testing"

	"hallkiosk/app/guide"
	"hallkiosk/app/guide/search"
)

func TestForCatalogue(t *testing.T) {
	c := &guide.Catalogue{
		Synonyms: []string{"红本本 = 结婚登记", "没有等号", "# 说明"},
		Guides: []guide.Guide{
			{ID: "hukou", Name: "户口登记", Department: "公安局", Themes: []string{"户籍"}, For: []guide.Person{guide.Individual}, Codes: []string{"990101001"}},
			{ID: "marry", Name: "结婚登记", NameEn: "Register a marriage", Department: "民政局", LifeEvents: []string{"结婚"}, For: []guide.Person{guide.Individual}},
			{ID: "firm", Name: "公司登记", Department: "市场监管局", For: []guide.Person{guide.Firm}},
		},
	}
	extra, err := search.ParseSynonyms(strings.NewReader("办公司的事 = 公司登记"))
	if err != nil {
		t.Fatal(err)
	}
	x, problems := search.ForCatalogue(c, extra)
	if len(problems) != 1 || !problems[0].Warning || !strings.Contains(problems[0].Message, "第2条") || problems[0].Cure == "" {
		t.Errorf("problems %v, want a warning about rule 2 with a cure", problems)
	}
	for _, test := range []struct {
		query search.Query
		want  string
	}{
		{search.Query{Text: "红本本"}, "marry"},  // the catalogue's own word
		{search.Query{Text: "办公司的事"}, "firm"}, // the given list's
		{search.Query{Text: "marriage"}, "marry"},
		{search.Query{Text: "990101"}, "hukou"},
		{search.Query{Text: "登记", Tags: []string{"结婚"}}, "marry"},
		{search.Query{Text: "登记", Tags: []string{"户籍"}}, "hukou"},
		{search.Query{Text: "登记", Tags: []string{string(guide.Firm)}}, "firm"},
		{search.Query{Text: "登记", Department: "民政局"}, "marry"},
	} {
		found := x.Search(test.query)
		if len(found) == 0 || found[0].ID != test.want || c.Guides[found[0].Index].ID != test.want {
			t.Errorf("%+v: %+v, want %s first", test.query, found, test.want)
		}
	}
}

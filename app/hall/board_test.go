package hall

import (
	"reflect"
	"strings"
	"testing"
)

func TestBoard(t *testing.T) {
	h := sampleHall()
	h.Board = []BoardPage{
		{Title: "服务承诺", TitleEn: "Our promise", Text: "一次办好。\n不说“不知道”。\\", TextEn: "At once.\nAlways."},
		{Title: "人员公示", Text: "李示例　一号窗口"},
	}
	f, err := Parse("board", Format(h))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f.Hall.Board, h.Board) {
		t.Errorf("read back %+v", f.Hall.Board)
	}
	public := h.Public()
	if public.Board[0].Title = "x"; h.Board[0].Title == "x" {
		t.Error("the copy shares its pages with the hall")
	}
	if len(readDemo(t).Board) == 0 {
		t.Error("the demonstration shows nothing of its own")
	}
	if h2 := sampleHall(); h2.Revision() == h.Revision() {
		t.Error("the revision does not know of the board")
	}
}

func TestBoardProblems(t *testing.T) {
	for name, c := range map[string]struct {
		pages []BoardPage
		want  string
	}{
		"no title":       {[]BoardPage{{Text: "一"}}, "没有标题"},
		"no text":        {[]BoardPage{{Title: "一", Text: " \n"}}, "“一”没有内容"},
		"a long title":   {[]BoardPage{{Title: strings.Repeat("长", 21), Text: "一"}}, "太长"},
		"a long text":    {[]BoardPage{{Title: "一", Text: strings.Repeat("长", 4001)}}, "“一”太长"},
		"too many pages": {make([]BoardPage, 41), "41 页"},
	} {
		h := sampleHall()
		h.Board = c.pages
		_, err := Parse("board", Format(h))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	longest := sampleHall()
	longest.Board = []BoardPage{{Title: strings.Repeat("长", 20), Text: strings.Repeat("长", 4000)}}
	if _, err := Parse("board", Format(longest)); err != nil {
		t.Errorf("the longest that is allowed: %v", err)
	}
}

func TestIsPINHash(t *testing.T) {
	hash, err := HashPIN("271828")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{hash: true, "": false, "271828": false, hash + "!": false} {
		if IsPINHash(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

package hall

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// BoardPage is something the hall makes public on its terminals (公开栏): its service
// commitments, its rules, who works where. What follows from the rest of the hall file
// and from the guides (hours, windows, charges, promised times) is shown beside it and
// need not be written again.
type BoardPage struct {
	Title   string `toml:"title" json:"title"`       // 服务承诺
	TitleEn string `toml:"title_en" json:"title_en"` // falls back to Title
	Text    string `toml:"text" json:"text"`         // lines are paragraphs
	TextEn  string `toml:"text_en" json:"text_en"`   // falls back to Text
}

// Limits of a page of the board, in characters; and of how many there are.
const (
	maxBoardTitle = 20
	maxBoardText  = 4000
	maxBoardPages = 40
)

func (d *document) checkBoard(h *Hall) {
	if len(h.Board) > maxBoardPages {
		d.fail("board", fmt.Sprintf("公开栏写了 %d 页，太多了。", len(h.Board)), fmt.Sprintf("最多写 %d 个 [[board]]，相近的合成一页。", maxBoardPages))
	}
	for i, p := range h.Board {
		path := element("board", i+1)
		switch {
		case strings.TrimSpace(p.Title) == "":
			d.fail(path+".title", "公开栏的一页没有标题 title。", `写上标题，例如 title = "服务承诺"。`)
		case utf8.RuneCountInString(p.Title) > maxBoardTitle:
			d.fail(path+".title", fmt.Sprintf("公开栏的标题“%s”太长。", p.Title), fmt.Sprintf("改短一些，最多 %d 个字。", maxBoardTitle))
		}
		switch {
		case strings.TrimSpace(p.Text) == "":
			d.fail(path+".text", fmt.Sprintf("公开栏的“%s”没有内容 text。", p.Title), "写上内容；暂时没有的，删去这一页，不要公开空白页。")
		case utf8.RuneCountInString(p.Text) > maxBoardText:
			d.fail(path+".text", fmt.Sprintf("公开栏的“%s”太长。", p.Title), fmt.Sprintf("分成几页，每页最多 %d 个字。", maxBoardText))
		}
	}
}

func (f *formatter) board(pages []BoardPage) {
	for _, p := range pages {
		f.header("[[board]]")
		f.text("title", p.Title)
		f.text("title_en", p.TitleEn)
		f.text("text", p.Text)
		f.text("text_en", p.TextEn)
	}
}

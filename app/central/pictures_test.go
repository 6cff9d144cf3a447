//go:build unix

package central_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Pictures of the pages for the README and for whoever reviews them:
// HALLKIOSK_PICTURES names the folder. `make screenshots` sets it.
func TestPictures(t *testing.T) {
	dir := os.Getenv("HALLKIOSK_PICTURES")
	if dir == "" {
		t.Skip("HALLKIOSK_PICTURES names no folder for pictures")
	}
	b := startBrowser(t)
	d := startDemo(t)
	staff := b.profile(t)
	console := b.tab(t, staff, 1366, 768, false)
	board := b.tab(t, staff, 1920, 1080, false)
	phone := b.tab(t, b.profile(t), 360, 740, true)
	d.login(console)
	console.shows(patience, "#panel", "现在没有人等候")
	d.take(t, "hukou", true)
	for i, business := range []string{"hukou", "idcard", "idcard", "hukou", "residence", "hukou", "idcard"} {
		d.take(t, business, i%3 == 5)
	}
	console.shows(patience, "#panel", "下一位 A001")
	for done := range 4 {
		use(console, "F2")
		console.shows(patience, "#panel", "已叫号")
		use(console, "F8")
		console.shows(patience, "#panel", fmt.Sprintf("今天已办 %d 人", done+1))
	}
	waiting := d.take(t, "hukou", false)
	use(console, "F2")
	console.shows(patience, "#panel", "已叫号")
	board.open(d.URL() + "/board")
	phone.open(d.URL() + "/t/demo/" + waiting.ID)
	for name, p := range map[string]*tab{"console": console, "board": board, "phone": phone} {
		p.do(nil, "Page.bringToFront", nil) // what is behind is not drawn
		var shot struct{ Data []byte }
		p.do(&shot, "Page.captureScreenshot", map[string]any{"format": "png"})
		if len(shot.Data) < 5000 {
			t.Errorf("%s: a picture of %d bytes", name, len(shot.Data))
		}
		if err := os.WriteFile(filepath.Join(dir, name+".png"), shot.Data, 0o644); err != nil {
			t.Error(err)
		}
	}
}

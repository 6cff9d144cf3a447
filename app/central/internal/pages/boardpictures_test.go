package pages

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// wallDesk is a desk of a hall with so many windows and areas, in the middle of a
// morning.
func wallDesk(t *testing.T, windows, areas, calls int) *fakeDesk {
	t.Helper()
	d := newFakeDesk(t)
	h := *d.hall
	h.Name, h.Areas, h.Windows = "示例市民服务中心", nil, nil
	names := []string{"社会保障区", "户籍与证件区", "不动产登记区", "企业开办区", "税务区", "医疗保障区", "公积金区", "综合受理区"}
	for i := range areas {
		a := hall.Area{ID: fmt.Sprint("a", i), Name: names[i%len(names)], Place: fmt.Sprintf("%s楼 %c 区", []string{"一", "二", "三"}[i/6%3], 'A'+i%6)}
		if i >= len(names) {
			a.Name += fmt.Sprint(i/len(names) + 1)
		}
		h.Areas = append(h.Areas, a)
	}
	for i := range windows {
		h.Windows = append(h.Windows, hall.Window{ID: fmt.Sprint("w", i+1), Name: fmt.Sprint(i + 1), Area: h.Areas[i%areas].ID})
	}
	d.hall = &h
	d.waits = map[string]int{}
	for i, a := range h.Areas {
		d.waits[a.ID] = (i*i*7 + 11) % 43
	}
	for i := range calls {
		w := h.Windows[(i*7+2)%windows]
		d.calls = append(d.calls, centralapi.BoardCall{
			Label: fmt.Sprintf("%c%03d", 'A'+i%5, 23-i), Window: w.Name, Area: w.Area, At: d.now.Add(-time.Duration(i*40) * time.Second), Calls: 1,
		})
	}
	return d
}

var scripts = regexp.MustCompile(`<script[^>]*></script>`)

// Pictures of the board for whoever reviews it: HALLKIOSK_BOARD_PICTURES names the
// folder.
func TestBoardPictures(t *testing.T) {
	dir := os.Getenv("HALLKIOSK_BOARD_PICTURES")
	if dir == "" {
		t.Skip("HALLKIOSK_BOARD_PICTURES names no folder for pictures")
	}
	for _, tc := range []struct {
		name                  string
		windows, areas, calls int
		query                 string
		sizes                 []string
	}{
		{"empty", 12, 4, 0, "", []string{"1920,1080", "1080,1920"}},
		{"first", 12, 4, 1, "", []string{"1920,1080", "1080,1920"}},
		{"1", 1, 1, 9, "", []string{"1366,768", "1080,1920"}},
		{"12", 12, 4, 12, "", []string{"1366,768", "1920,1080", "1080,1920", "3840,2160"}},
		{"12-area", 12, 4, 60, "?area=a1", []string{"1920,1080"}},
		{"60", 60, 24, 12, "", []string{"1366,768", "1920,1080", "1080,1920"}},
	} {
		d := wallDesk(t, tc.windows, tc.areas, tc.calls)
		// Without scripts the browser need not be told when the page is ready: a
		// stream never ends.
		site := newClient(t, d).site
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			site.ServeHTTP(answer, r)
			maps.Copy(w.Header(), answer.Header())
			w.WriteHeader(answer.Code)
			w.Write(scripts.ReplaceAll(answer.Body.Bytes(), nil))
		}))
		for _, size := range tc.sizes {
			ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
			file := filepath.Join(dir, "board-"+tc.name+"-"+size+".png")
			cmd := exec.CommandContext(ctx, "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size="+size,
				"--user-data-dir="+t.TempDir(), "--screenshot="+file, server.URL+"/board"+tc.query)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", file, err, out)
			}
			cancel()
		}
		server.Close()
	}
}

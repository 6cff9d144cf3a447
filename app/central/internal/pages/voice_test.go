package pages

import (
	"bytes"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/assets"
)

func TestPhrase(t *testing.T) {
	h := &hall.Hall{Windows: []hall.Window{{ID: "w1", Name: "3"}, {ID: "w9", Name: "综合"}, {ID: "w10", Name: "少儿窗口"}}}
	own := fstest.MapFS{"window-w9.wav": {Data: []byte("RIFF")}}
	v := newVoice(assets.Voice, own, slog.New(slog.DiscardHandler))
	for _, tc := range []struct{ label, window, want string }{
		{"A023", "3", "please a 0 2 3 called 3 window"},
		{"AB001", "12", "please a b 0 0 1 called ten 2 window"},
		{"Z999", "10", "please z 9 9 9 called ten window"},
		{"c110", "20", "please c 1 1 0 called 2 ten window"},
		{"D007", "64", "please d 0 0 7 called 6 ten 4 window"},
		{"D007", "105", "please d 0 0 7 called 1 0 5 window"},
		{"D007", "05", "please d 0 0 7 called 0 5 window"},
		{"D007", "A2", "please d 0 0 7 called a 2 window"},
		{"D007", "B-12", "please d 0 0 7 called b ten 2 window"},
		{"D007", "综合", "please d 0 0 7 called window-w9"},
		{"D007", "少儿窗口", "please d 0 0 7 screen"},
		{"D007", "", "please d 0 0 7 screen"},
		{"急001", "3", ""},
		{"A 01", "3", ""},
		{"", "3", ""},
	} {
		got := v.phrase(h, tc.label, tc.window)
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%q to %q: %v, want %s", tc.label, tc.window, got, tc.want)
		}
		for _, word := range got {
			if !v.has(word) {
				t.Errorf("%q to %q: no recording %s", tc.label, tc.window, word)
			}
		}
	}
}

// TestBundledVoice: everything that can be said has a recording, in less than 1 MB.
func TestBundledVoice(t *testing.T) {
	v := newVoice(assets.Voice, nil, slog.New(slog.DiscardHandler))
	need := []string{wordChime, wordPlease, wordCalled, wordWindow, wordScreen, wordTen}
	for _, r := range "0123456789abcdefghijklmnopqrstuvwxyz" {
		need = append(need, string(r))
	}
	size := 0
	for _, name := range need {
		s := v.sounds[name]
		// An MPEG 2, layer III frame begins: 24 kHz is a rate of that version only.
		if len(s.data) < 500 || s.data[0] != 0xff || s.data[1]&0xfe != 0xf2 {
			t.Errorf("%s: %d bytes, not the beginning of an MP3 of 24 kHz", name, len(s.data))
		}
		size += len(s.data)
	}
	if len(v.sounds) != len(need) || size >= 1<<20 {
		t.Errorf("%d recordings of %d bytes, want %d of less than 1 MiB", len(v.sounds), size, len(need))
	}
}

func TestOwnVoice(t *testing.T) {
	var log bytes.Buffer
	own := fstest.MapFS{
		"3.ogg":         {Data: []byte("OggS three")},
		"window-w9.m4a": {Data: []byte("nine")},
		"LICENCE.txt":   {Data: []byte("mine")},
		"a b.mp3":       {Data: []byte("a name that cannot stand in an address")},
		"5.mp3":         {Data: nil},
		"6.mp3":         {Data: make([]byte, largestSound+1)},
	}
	d := newFakeDesk(t)
	site := newSite(Config{Desk: d, Staff: newStaff(t, d), Halls: []string{"demo"}, Voice: own, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	c := &client{t: t, site: site.handler(), header: http.Header{}}
	get := func(name string) (int, string, string) {
		res := c.get("/voice/" + name)
		return res.StatusCode, res.Header.Get("Content-Type"), string(body(t, res))
	}
	if status, kind, data := get("3.ogg"); status != 200 || kind != "audio/ogg" || data != "OggS three" {
		t.Errorf("own 3: %d %s %q", status, kind, data)
	}
	if status, kind, data := get("window-w9.m4a"); status != 200 || kind != "audio/mp4" || data != "nine" {
		t.Errorf("own window: %d %s %q", status, kind, data)
	}
	for _, name := range []string{"3.mp3", "LICENCE.txt", "README.md", "a%20b.mp3", "..%2f..%2fassets.go", "nothing.mp3", "3"} {
		if status, _, _ := get(name); status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", name, status)
		}
	}
	for _, name := range []string{"4.mp3", "5.mp3", "6.mp3"} { // the hall's are unusable or missing
		if status, kind, data := get(name); status != 200 || kind != "audio/mpeg" || len(data) < 500 {
			t.Errorf("%s: %d %s, %d bytes", name, status, kind, len(data))
		}
	}
	for _, file := range []string{"5.mp3", "6.mp3"} {
		if !strings.Contains(log.String(), "file="+file) {
			t.Errorf("nothing in the log about %s:\n%s", file, log.String())
		}
	}
	page := string(body(t, c.get("/board")))
	i := strings.Index(page, `data-sounds="`)
	for _, link := range strings.Fields(page[i+len(`data-sounds="`) : i+strings.Index(page[i+20:], `"`)+20]) {
		_, address, _ := strings.Cut(link, "=")
		address = strings.ReplaceAll(address, "&#43;", "+")
		if res := c.get("/voice/" + address); res.StatusCode != 200 || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %s, %q", address, res.Status, res.Header.Get("Cache-Control"))
		}
	}
}

func TestBoardAddress(t *testing.T) {
	d := wallDesk(t, 12, 4, 60)
	c := newClient(t, d)
	for _, tc := range []struct {
		query  string
		status int
		want   []string
		lacks  []string
	}{
		{"", 200, []string{`data-stream="/board/stream"`, `data-volume="80"`, `data-quiet=""`, "一楼 A 区"}, nil},
		{"?area=a1", 200, []string{`data-stream="/board/stream?area=a1"`, "<span>户籍与证件区</span>", "areas one"}, []string{"社会保障区", "不动产登记区"}},
		{"?area=a2,a0&volume=35&quiet=12:00-13:30,20:00-08:00", 200,
			[]string{"area=a0%2ca2", `data-volume="35"`, `data-quiet="12:00-13:30,20:00-08:00"`, "社会保障区", "不动产登记区"}, []string{"户籍与证件区"}},
		{"?area=a0&area=a1&area=a2,a3", 200, []string{`data-stream="/board/stream"`}, nil},
		{"?area=", 200, []string{`data-stream="/board/stream"`}, nil},
		{"?volume=0", 200, []string{`data-volume="0"`}, nil},
		{"?area=zz", 404, []string{"没有地址里写的等候区"}, nil},
		{"?area=%3Cscript%3E", 404, []string{"没有地址里写的等候区"}, []string{"<script>&"}},
		{"?volume=101", 400, []string{"音量须为 0 到 100"}, nil},
		{"?volume=loud", 400, []string{"音量须为 0 到 100"}, nil},
		{"?quiet=12", 400, []string{"静音时段"}, nil},
		{"?quiet=12:00-25:00", 400, []string{"静音时段"}, nil},
		{"?quiet=12:00-13:00,", 400, []string{"静音时段"}, nil},
		{"?quiet=%2212:00-13:00", 400, []string{"静音时段"}, nil},
		{"?hall=none", 404, []string{"没有这个页面"}, nil},
	} {
		res := c.get("/board" + tc.query)
		page := string(body(t, res))
		if res.StatusCode != tc.status {
			t.Errorf("%s: %s, want %d", tc.query, res.Status, tc.status)
		}
		wants(t, tc.query, strings.ReplaceAll(page, "%2C", "%2c"), tc.want...)
		lacks(t, tc.query, page, tc.lacks...)
	}
	// A screen for one area has its own calls, however many others there are.
	page := text(t, c.get("/board?area=a1"))
	own := 0
	for _, call := range d.calls {
		if call.Area == "a1" && own < boardCalls {
			own++
			wants(t, "area a1", page, call.Label)
		}
	}
	if own < 8 {
		t.Fatalf("%d calls to the area", own)
	}
	for _, call := range d.calls[:boardCalls] {
		if call.Area != "a1" && !slices.ContainsFunc(d.calls, func(o centralapi.BoardCall) bool { return o.Area == "a1" && o.Label == call.Label }) {
			lacks(t, "area a1", page, call.Label)
		}
	}
}

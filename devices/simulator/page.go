package simulator

import (
	"bytes"
	"embed"
	"fmt"
	"hash/fnv"
	"html/template"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
)

//go:embed page
var pageFiles embed.FS

// Page is a web page that shows the devices and has a button for whatever can
// happen to them: for a developer's browser or phone, beside the terminal. It
// loads nothing from elsewhere and works without scripts; its links are
// relative, so it may stand under any path.
//
// Serve it on a loopback address: whoever reaches it may pull cables. Other
// sites in the same browser cannot use it: changes are POST and of the same
// origin, and the address must be a number or localhost, so that no name of a
// stranger's can be pointed at it.
func Page(h *Hall) http.Handler {
	p := &page{
		hall: h,
		view: template.Must(template.New("page.html").ParseFS(pageFiles, "page/page.html")),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.index)
	mux.HandleFunc("GET /version", p.version)
	mux.HandleFunc("POST /do", p.do)
	mux.HandleFunc("GET /paper/{name}", p.picture)
	mux.HandleFunc("GET /page.css", file("page/page.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /page.js", file("page/page.js", "text/javascript; charset=utf-8"))
	return http.NewCrossOriginProtection().Handler(guarded(mux))
}

// guarded adds the headers, and refuses requests for the host names of others.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err != nil && host != "localhost" {
			http.Error(w, "请用 IP 地址或 localhost 打开本页。", http.StatusMisdirectedRequest)
			return
		}
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func file(name, kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		b, err := pageFiles.ReadFile(name)
		if err != nil {
			http.Error(w, "没有这个文件。", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Write(b)
	}
}

// A page is the handlers' state.
type page struct {
	hall *Hall
	view *template.Template

	mu     sync.Mutex
	number int // of the picture that is kept
	png    []byte
}

// button is one thing that can be done.
type button struct {
	Text, Line string
	On         bool // it is so now
}

// pageView is what the template shows.
type pageView struct {
	State
	Version string
	Failed  bool // the last button did nothing
	Cards   []button
	CardNow string
	Trouble []string // of the printer, in words
	Printer []button
	PMore   []button
	Reader  []button
	Scanner []button
	// Shown is the number of the paper shown, from 1; 0 is none. Coming says
	// that it is still being printed.
	Shown, Previous, Next int
	Coming, Torn, Taken   bool
	Retracted, Stuck      bool
}

// toggle is a button that does one of two things.
func toggle(on bool, textOn, lineOn, textOff, lineOff string) button {
	if on {
		return button{Text: textOff, Line: lineOff, On: true}
	}
	return button{Text: textOn, Line: lineOn}
}

func (p *page) look(want string) pageView {
	s := p.hall.State()
	v := pageView{State: s, Version: versionOf(s)}
	for _, c := range people() {
		on := c.key == s.Reader.Card
		if on {
			v.CardNow = c.label
		}
		v.Cards = append(v.Cards, button{Text: c.label, Line: "card " + c.key, On: on})
	}
	pr := s.Printer
	for _, t := range []struct {
		on   bool
		text string
	}{
		{!pr.Plugged, "线被拔了"}, {pr.PaperOut, "没纸了"}, {!pr.PaperOut && pr.NearEnd, "纸快用完"},
		{pr.CoverOpen, "盖子开着"}, {pr.Cutter, "切刀卡住"}, {pr.Hot, "打印头太热"}, {pr.Silent, "不回答"}, {pr.Lost > 0, fmt.Sprintf("丢了 %d 字节", pr.Lost)},
	} {
		if t.on {
			v.Trouble = append(v.Trouble, t.text)
		}
	}
	v.Printer = []button{
		{Text: "取走票", Line: "paper take"},
		toggle(pr.PaperOut, "纸用完", "paper out", "装纸", "paper load"),
		toggle(pr.CoverOpen, "打开盖子", "cover open", "合上盖子", "cover close"),
		toggle(!pr.Plugged, "拔线", "printer unplug", "插线", "printer plug"),
	}
	v.PMore = []button{
		toggle(pr.NearEnd && !pr.PaperOut, "纸快用完", "paper low", "换新纸卷", "paper load"),
		{Text: "再打 200 字节没纸", Line: "paper out after 200"},
		{Text: "下次切纸卡住", Line: "cutter jam"},
		toggle(pr.Cutter, "切刀卡住", "cutter error", "修好切刀", "cutter clear"),
		toggle(pr.Hot, "打印头过热", "head hot", "打印头凉了", "head cool"),
		toggle(pr.Silent, "不再回答", "printer silent", "恢复回答", "printer answer"),
	}
	re := s.Reader
	v.Reader = []button{
		toggle(!re.Plugged, "拔线", "reader unplug", "插线", "reader plug"),
		toggle(re.Silent, "不再回答", "reader silent", "恢复回答", "reader answer"),
		{Text: "读到一半拿走", Line: "lift early"},
		{Text: "下次读卡失败", Line: "reader fail 41"},
		toggle(!re.Sticky, "改成会反复找到卡", "reader refindable", "改成读后找不到卡", "reader sticky"),
	}
	v.Scanner = []button{toggle(!s.Scanner.Plugged, "拔线", "scanner unplug", "插线", "scanner plug")}

	v.Shown = pr.Papers
	if pr.Printing {
		v.Shown++
	}
	if n, err := strconv.Atoi(want); err == nil && n > pr.Oldest && n < v.Shown {
		v.Next, v.Shown = n+1, n
	}
	if v.Shown > pr.Oldest+1 {
		v.Previous = v.Shown - 1
	}
	v.Coming = v.Shown > pr.Papers
	v.Stuck = v.Coming && (pr.PaperOut || pr.CoverOpen || pr.Cutter || pr.Hot)
	if paper, ok := p.hall.paper(v.Shown - 1); ok {
		v.Torn, v.Retracted = paper.Torn && !v.Coming, paper.Retracted
	}
	v.Taken = v.Shown > 0 && !v.Coming && v.Shown <= pr.Papers-pr.Untaken
	return v
}

// versionOf changes whenever the page would.
func versionOf(s State) string {
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%+v", s)
	return strconv.FormatUint(sum.Sum64(), 36)
}

func (p *page) index(w http.ResponseWriter, r *http.Request) {
	v := p.look(r.URL.Query().Get("paper"))
	v.Failed = r.URL.Query().Has("failed")
	var b bytes.Buffer
	if err := p.view.Execute(&b, v); err != nil {
		http.Error(w, "页面出错了。", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

func (p *page) version(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprint(w, versionOf(p.hall.State()))
}

// do carries out one line of the command language.
func (p *page) do(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<14)
	line := r.PostFormValue("line")
	if text := r.PostFormValue("scan"); text != "" {
		line = "scan " + text
	}
	to := "./"
	if _, err := p.hall.Exec(line); err != nil {
		to += "?failed"
	}
	// Not http.Redirect, which makes the address absolute: the page may stand
	// under any path.
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// picture is /paper/3.png, the third paper since the start.
func (p *page) picture(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutSuffix(r.PathValue("name"), ".png")
	n, err := strconv.Atoi(name)
	if !ok || err != nil {
		http.NotFound(w, r)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	finished := n <= p.hall.State().Printer.Papers
	if !finished || p.number != n {
		paper, ok := p.hall.paper(n - 1)
		if !ok {
			http.NotFound(w, r)
			return
		}
		var b bytes.Buffer
		if err := paper.WritePNG(&b, p.hall.Printer.drawer); err != nil {
			http.Error(w, "画不出这张票。", http.StatusInternalServerError)
			return
		}
		p.number, p.png = n, b.Bytes()
		if !finished {
			p.number = 0
		}
	}
	w.Header().Set("Content-Type", "image/png")
	w.Write(p.png)
}

package handwriting_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/kiosk/handwriting"
	"hallkiosk/app/kiosk/handwriting/internal/strokedata"
)

// frequent are the 500 most frequent characters of modern Chinese texts, about in
// their order.
const frequent = "" +
	"的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种" +
	"面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本" +
	"去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比" +
	"或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总" +
	"次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做" +
	"必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权" +
	"收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信" +
	"马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连" +
	"断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存" +
	"候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严龙飞"

// missing skips the test, so that it is seen; with HALL_OUTSIDE=must it fails.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("HALL_OUTSIDE") == "must" {
		t.Fatalf(format, args...)
	}
	t.Skipf("NOT TESTED: "+format, args...)
}

var download = sync.OnceValues(func() (*strokedata.Data, error) {
	dir, err := filepath.Abs("../../../build/handwriting")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	file, err := strokedata.Fetch(ctx, dir)
	if err != nil {
		return nil, err
	}
	return strokedata.Read(file, strokedata.GB2312)
})

// whole returns the model as mkmodel makes it, and the strokes it is made from.
func whole(t testing.TB) (*handwriting.Recogniser, map[rune][]handwriting.Stroke) {
	t.Helper()
	data, err := download()
	if err != nil {
		missing(t, "%v", err)
	}
	if len(data.Strokes) != 6763 || !bytes.Contains(data.Licence, []byte("ARPHIC PUBLIC LICENSE")) {
		t.Fatalf("%d characters, %d bytes of licence", len(data.Strokes), len(data.Licence))
	}
	var templates []handwriting.Template
	for c, s := range data.Strokes {
		templates = append(templates, handwriting.Template{Char: c, Strokes: s})
	}
	slices.SortFunc(templates, func(a, b handwriting.Template) int { return cmp.Compare(a.Char, b.Char) })
	var b bytes.Buffer
	if err := handwriting.WriteModel(&b, "for a test", templates); err != nil {
		t.Fatal(err)
	}
	r, err := handwriting.New(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return r, data.Strokes
}

// sample is a character somebody wrote.
type sample struct {
	char    string
	strokes []handwriting.Stroke
}

// score is how often the right character was the first, and among the first five.
type score struct{ first, five float64 }

func (s score) String() string {
	return fmt.Sprintf("%.1f %% first, %.1f %% among five", 100*s.first, 100*s.five)
}

func try(samples []sample, ask func([]handwriting.Stroke) []string) score {
	var s score
	for _, x := range samples {
		at := slices.Index(ask(x.strokes), x.char)
		if at == 0 {
			s.first++
		}
		if at >= 0 && at < 5 {
			s.five++
		}
	}
	n := float64(len(samples))
	return score{s.first / n, s.five / n}
}

func (h hand) all(samples []sample) []sample {
	var out []sample
	for i, s := range samples {
		out = append(out, sample{s.char, h.write(i, s.strokes)})
	}
	return out
}

// Well-drawn strokes, spoilt in the ways of hands. The strokes are those the model
// is made from, so only the spoiling is tried here; other hands are tried below.
func TestAccuracy(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand characters against the whole model")
	}
	r, strokes := whole(t)
	var samples []sample
	for _, c := range []rune(frequent)[:150] {
		samples = append(samples, sample{string(c), strokes[c]})
	}
	ask := func(s []handwriting.Stroke) []string { return r.Characters(s, 5) }
	for _, c := range []struct {
		name string
		hand hand
		want score
	}{
		{"as drawn", hand{}, score{1, 1}},
		{"small, aside, trembling", hand{size: 0.3, shift: 300, tremble: 6, dense: true}, score{0.98, 0.99}},
		{"aslant", hand{turn: 10, slant: 0.15}, score{0.98, 0.99}},
		{"untidy", hand{turn: 6, slant: 0.1, bend: 30, apart: 25, tremble: 3}, score{0.98, 0.99}},
		{"untidy, a tenth joined", hand{turn: 6, slant: 0.1, bend: 30, apart: 25, joined: 0.1}, score{0.97, 0.99}},
		{"untidy, half joined", hand{turn: 6, slant: 0.1, bend: 30, apart: 25, joined: 0.5}, score{0.95, 0.98}},
		{"untidy, a fifth out of order", hand{turn: 6, slant: 0.1, bend: 30, apart: 25, swapped: 0.2}, score{0.97, 0.99}},
	} {
		got := try(c.hand.all(samples), ask)
		t.Logf("%-30s %v", c.name, got)
		if got.first < c.want.first || got.five < c.want.five {
			t.Errorf("%s: %v, want at least %v", c.name, got, c.want)
		}
	}

	// The control: scribbles are not taken for characters with the same confidence,
	// and strokes of the wrong character are not taken for the right one.
	untidy, nothing := 0.0, 0.0
	for i, s := range (hand{turn: 6, slant: 0.1, bend: 30, apart: 25}).all(samples) {
		untidy += float64(r.Similarity(s.strokes)) / float64(len(samples))
		nothing += float64(r.Similarity(scribble(i))) / float64(len(samples))
	}
	t.Logf("mean similarity to the likeliest: untidy characters %.3f, scribbles %.3f", untidy, nothing)
	if untidy < nothing+0.15 {
		t.Errorf("untidy characters are as similar as scribbles: %.3f, %.3f", untidy, nothing)
	}
	wrong := slices.Clone(samples)
	for i := range wrong {
		wrong[i].strokes = samples[(i+1)%len(samples)].strokes
	}
	if got := try(wrong, ask); got.five > 0.05 {
		t.Errorf("strokes of the next character: %v", got)
	}
}

func TestSpeed(t *testing.T) {
	if testing.Short() {
		t.Skip("a figure, which the race detector would spoil")
	}
	r, strokes := whole(t)
	best := time.Hour
	for range 20 {
		from := time.Now()
		r.Characters(strokes['警'], 5)
		best = min(best, time.Since(from))
	}
	t.Logf("警, 19 strokes, 6763 characters: %v", best)
	if best > 50*time.Millisecond {
		t.Errorf("%v, want at most 50 ms", best)
	}
}

// TestKanjiVG tries strokes of another hand. KanjiVG (CC BY-SA 3.0) cannot be
// installed from a registry: HALL_KANJIVG names a clone of its repository. Its
// characters are Japanese; of the frequent ones those with a file are taken, a few
// of which are written differently in China.
func TestKanjiVG(t *testing.T) {
	dir := os.Getenv("HALL_KANJIVG")
	if dir == "" {
		t.Skip("NOT TESTED: HALL_KANJIVG names no clone of the repository KanjiVG/kanjivg")
	}
	r, _ := whole(t)
	var samples []sample
	for _, c := range frequent {
		b, err := os.ReadFile(filepath.Join(dir, "kanji", fmt.Sprintf("%05x.svg", c)))
		if err != nil {
			continue
		}
		samples = append(samples, sample{string(c), svgStrokes(t, string(b))})
	}
	if len(samples) < 300 {
		t.Fatalf("%d of the frequent characters in %s", len(samples), dir)
	}
	ask := func(s []handwriting.Stroke) []string { return r.Characters(s, 5) }
	for _, c := range []struct {
		name string
		hand hand
		want score
	}{
		{"KanjiVG", hand{}, score{0.95, 0.98}},
		{"KanjiVG, a tenth joined", hand{turn: 4, apart: 10, joined: 0.1}, score{0.95, 0.98}},
		{"KanjiVG, a third joined", hand{turn: 4, apart: 10, joined: 0.33}, score{0.9, 0.97}},
		{"KanjiVG, a fifth out of order", hand{turn: 4, apart: 10, swapped: 0.2}, score{0.88, 0.97}},
	} {
		s := c.hand.all(samples)
		got := try(s, ask)
		t.Logf("%-30s %d characters: %v", c.name, len(s), got)
		if got.first < c.want.first || got.five < c.want.five {
			t.Errorf("%s: %v, want at least %v", c.name, got, c.want)
		}
		beside(t, c.name, s)
	}
}

// TestWritten tries what people wrote for the Tegaki project (GPL 2), two of them,
// fifty characters each: HALL_TEGAKI names a clone of its repository.
func TestWritten(t *testing.T) {
	dir := os.Getenv("HALL_TEGAKI")
	if dir == "" {
		t.Skip("NOT TESTED: HALL_TEGAKI names no clone of the repository tegaki/tegaki")
	}
	r, known := whole(t)
	files, err := filepath.Glob(filepath.Join(dir, "tegaki-lab/data/eval/japanese-*/s1/*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var samples []sample
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var x struct {
			Char    string `xml:"utf8"`
			Strokes []struct {
				Points []struct {
					X int `xml:"x,attr"`
					Y int `xml:"y,attr"`
				} `xml:"point"`
			} `xml:"strokes>stroke"`
		}
		if err := xml.Unmarshal(b, &x); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		s := sample{char: x.Char}
		for _, q := range x.Strokes {
			var st handwriting.Stroke
			for _, p := range q.Points {
				st = append(st, handwriting.Point{X: p.X, Y: p.Y})
			}
			s.strokes = append(s.strokes, st)
		}
		if known[[]rune(s.char)[0]] != nil {
			samples = append(samples, s)
		}
	}
	if len(samples) < 70 {
		t.Fatalf("%d samples in %s", len(samples), dir)
	}
	got := try(samples, func(s []handwriting.Stroke) []string { return r.Characters(s, 5) })
	t.Logf("written by people: %d characters: %v", len(samples), got)
	if got.first < 0.7 || got.five < 0.87 {
		t.Errorf("%v, want at least 70 %% and 87 %%", got)
	}
	beside(t, "written by people", samples)
}

// centred moves and stretches strokes to where zinnia likes them best: it knows
// places on the pad only.
func centred(strokes []handwriting.Stroke) []handwriting.Stroke {
	left, top, right, bottom := 1<<30, 1<<30, -1<<30, -1<<30
	for _, s := range strokes {
		for _, p := range s {
			left, right, top, bottom = min(left, p.X), max(right, p.X), min(top, p.Y), max(bottom, p.Y)
		}
	}
	side := max(right-left, bottom-top, 1)
	var out []handwriting.Stroke
	for _, s := range strokes {
		var t handwriting.Stroke
		for _, p := range s {
			t = append(t, handwriting.Point{X: 500 + (2*p.X-left-right)*375/side, Y: 500 + (2*p.Y-top-bottom)*375/side})
		}
		out = append(out, t)
	}
	return out
}

// beside tries zinnia on the same samples, where Debian's zinnia-utils and
// tegaki-zinnia-simplified-chinese are installed.
func beside(t *testing.T, name string, samples []sample) {
	t.Helper()
	const model = "/usr/share/tegaki/models/zinnia/handwriting-zh_CN.model"
	if _, err := exec.LookPath("zinnia"); err != nil {
		t.Logf("%-30s zinnia is not installed", name)
		return
	}
	var in bytes.Buffer
	for _, s := range samples {
		in.WriteString("(character (width 1000)(height 1000)(strokes ")
		for _, st := range centred(s.strokes) {
			in.WriteString("(")
			for _, p := range st {
				fmt.Fprintf(&in, "(%d %d)", p.X, p.Y)
			}
			in.WriteString(")")
		}
		in.WriteString("))\n")
	}
	cmd := exec.CommandContext(t.Context(), "zinnia", "-m", model, "-n", "5")
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Logf("%-30s zinnia: %v", name, err)
		return
	}
	answers := strings.Split(string(out), "Answer:")[1:]
	if len(answers) != len(samples) {
		t.Logf("%-30s zinnia answered %d of %d", name, len(answers), len(samples))
		return
	}
	i := -1
	got := try(samples, func([]handwriting.Stroke) []string {
		i++
		var chars []string
		for line := range strings.Lines(strings.TrimSpace(answers[i])) {
			c, _, _ := strings.Cut(line, " ")
			chars = append(chars, c)
		}
		return chars
	})
	t.Logf("%-30s zinnia: %v", name, got)
}

var (
	svgPath  = regexp.MustCompile(`<path[^>]* d="([^"]*)"`)
	svgToken = regexp.MustCompile(`[a-zA-Z]|-?(?:\d+\.?\d*|\.\d+)`)
)

// svgStrokes reads the paths of a KanjiVG file, on a square of 109: moves, lines
// and cubic curves (SVG 1.1, 8.3), which is all there is in them.
func svgStrokes(t *testing.T, svg string) []handwriting.Stroke {
	t.Helper()
	type spot struct{ x, y float64 }
	var out []handwriting.Stroke
	for _, path := range svgPath.FindAllStringSubmatch(svg, -1) {
		tokens := svgToken.FindAllString(path[1], -1)
		var s handwriting.Stroke
		var at, control spot
		var command string
		next := func() spot {
			var v [2]float64
			for i := range v {
				if len(tokens) == 0 {
					t.Fatalf("path %q ends early", path[1])
				}
				v[i], _ = strconv.ParseFloat(tokens[0], 64)
				tokens = tokens[1:]
			}
			p := spot{v[0], v[1]}
			if strings.ToLower(command) == command {
				p.x, p.y = p.x+at.x, p.y+at.y
			}
			return p
		}
		add := func(p spot) {
			s = append(s, handwriting.Point{X: int(p.x * 1000 / 109), Y: int(p.y * 1000 / 109)})
		}
		for len(tokens) > 0 {
			if c := tokens[0][0]; c >= 'A' {
				command, tokens = tokens[0], tokens[1:]
			}
			switch strings.ToLower(command) {
			case "m", "l":
				at = next()
				add(at)
			case "c", "s":
				first := spot{2*at.x - control.x, 2*at.y - control.y}
				if strings.ToLower(command) == "c" {
					first = next()
				}
				second := next()
				end := next()
				const n = 8
				for i := 1; i <= n; i++ {
					u := float64(i) / n
					v := 1 - u
					add(spot{
						v*v*v*at.x + 3*v*v*u*first.x + 3*v*u*u*second.x + u*u*u*end.x,
						v*v*v*at.y + 3*v*v*u*first.y + 3*v*u*u*second.y + u*u*u*end.y,
					})
				}
				at, control = end, second
			default:
				t.Fatalf("path %q: command %q", path[1], command)
			}
		}
		out = append(out, s)
	}
	return out
}

func BenchmarkCharacters(b *testing.B) {
	r, strokes := whole(b)
	for b.Loop() {
		r.Characters(strokes['国'], 5)
	}
}

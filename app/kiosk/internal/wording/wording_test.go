package wording

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/BurntSushi/toml"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/assets"
)

// sentences returns the file's sentences by key; plural forms as key#form.
func sentences(t *testing.T, lang string) map[string]string {
	t.Helper()
	data, err := assets.Translations.ReadFile("translations/kiosk." + lang + ".toml")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for section, keys := range tree {
		for key, v := range keys {
			switch v := v.(type) {
			case string:
				out[section+"."+key] = v
			case map[string]any:
				for form, s := range v {
					out[section+"."+key+"#"+form] = s.(string)
				}
			}
		}
	}
	return out
}

func baseKey(k string) string { base, _, _ := strings.Cut(k, "#"); return base }

// constants returns the keys declared in keys.go by the name of their constant.
func constants(t *testing.T) (keys map[string]string, kinds map[string]string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "keys.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	keys, kinds = map[string]string{}, map[string]string{}
	for _, d := range file.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			v := spec.(*ast.ValueSpec)
			key, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			keys[v.Names[0].Name] = key
			kinds[v.Names[0].Name] = v.Type.(*ast.Ident).Name
		}
	}
	return keys, kinds
}

func TestEveryKeyInEveryLanguageAndNoOther(t *testing.T) {
	names, _ := constants(t)
	declared := map[string]bool{}
	for name, key := range names {
		if declared[key] {
			t.Errorf("%s: key %s is declared twice", name, key)
		}
		declared[key] = true
	}
	for _, lang := range []string{"zh", "en"} {
		have := map[string]bool{}
		for k, s := range sentences(t, lang) {
			have[baseKey(k)] = true
			if strings.TrimSpace(s) != s || s == "" {
				t.Errorf("%s %s: empty, or space around it: %q", lang, k, s)
			}
		}
		for key := range declared {
			if !have[key] {
				t.Errorf("%s has no %s", lang, key)
			}
		}
		for key := range have {
			if !declared[key] {
				t.Errorf("%s has %s, which no constant names", lang, key)
			}
		}
	}
}

func TestEveryKeyIsUsed(t *testing.T) {
	files, err := filepath.Glob("../../screens/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no screens found", err)
	}
	own, err := os.ReadFile("wording.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	code.Write(own)
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(data)
	}
	names, _ := constants(t)
	for name := range names {
		if !regexp.MustCompile(`\b` + name + `\b`).MatchString(code.String()) {
			t.Errorf("%s is used nowhere", name)
		}
	}
}

var place = regexp.MustCompile(`{{\.(\w+)}}`)

func places(s string) []string {
	var out []string
	for _, m := range place.FindAllStringSubmatch(s, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return out
}

func TestPlacesAreEqualInAllLanguages(t *testing.T) {
	zh, en := sentences(t, "zh"), sentences(t, "en")
	for k, s := range en {
		want, ok := zh[baseKey(k)]
		if !ok {
			want = zh[baseKey(k)+"#other"]
		}
		if !slices.Equal(places(s), places(want)) {
			t.Errorf("%s: places %v, in Chinese %v", k, places(s), places(want))
		}
		if strings.Count(s, "{{") != len(places(s)) {
			t.Errorf("%s: a place is misspelled: %q", k, s)
		}
	}
}

// A sentence's constant must have the type that asks for what it needs.
func TestKindsFitTheSentences(t *testing.T) {
	names, kinds := constants(t)
	for lang, all := range map[string]map[string]string{"zh": sentences(t, "zh"), "en": sentences(t, "en")} {
		for name, key := range names {
			for k, s := range all {
				if baseKey(k) != key {
					continue
				}
				want := "Template"
				switch p := places(s); {
				case len(p) == 0:
					want = "Key"
				case slices.Equal(p, []string{"Count"}):
					want = "Plural"
				}
				if kinds[name] != want {
					t.Errorf("%s: %s is a %s, want %s", lang, name, kinds[name], want)
				}
			}
		}
	}
}

// No English inside Chinese: the only Latin letter is the X of a check digit.
func TestChineseIsChinese(t *testing.T) {
	for k, s := range sentences(t, "zh") {
		s = place.ReplaceAllString(s, "")
		for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r >= 0x80 || !unicode.IsLetter(r) }) {
			if word != "X" {
				t.Errorf("%s: %q in %q", k, word, s)
			}
		}
		if strings.ContainsAny(s, ",;?!:()") {
			t.Errorf("%s: a half-width sign in %q", k, s)
		}
		if !strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) && !strings.HasPrefix(k, "when.d") {
			t.Errorf("%s: nothing Chinese in %q", k, s)
		}
	}
	for k, s := range sentences(t, "en") {
		if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: Chinese in the English %q", k, s)
		}
	}
}

// Cold and blaming words that must not be said to people (S4 L274 of the user's
// documents; nobody is told "failed" while holding a number).
func TestNoColdWords(t *testing.T) {
	for k, s := range sentences(t, "zh") {
		for _, cold := range []string{"失败", "错误", "无效", "禁止", "不得", "违规", "非法", "必须", "您好像", "不知道", "异常", "故障"} {
			if strings.Contains(s, cold) {
				t.Errorf("%s says %s: %q", k, cold, s)
			}
		}
		if n := len([]rune(s)); n > 36 {
			t.Errorf("%s: %d characters are too long to be spoken: %q", k, n, s)
		}
	}
}

func TestSayFillCount(t *testing.T) {
	b, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	zh, en := b.In(session.Chinese), b.In(session.English)
	for _, c := range []struct{ got, want string }{
		{zh.Say(BottomHelp), "请人帮忙"},
		{en.Say(BottomHelp), "Get help"},
		{b.In("").Say(BottomHelp), "请人帮忙"},
		{zh.Fill(StateOpenBreak, Args{Time: "12:00"}), "现在开放，12:00 午休"},
		{zh.Count(ResultAhead, 4), "前面还有 4 人"},
		{en.Count(ResultAhead, 1), "1 person ahead"},
		{en.Count(ResultAhead, 4), "4 people ahead"},
		{zh.Say("no.such-key"), "no.such-key"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestWhen(t *testing.T) {
	b, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("", 8*3600)
	now := time.Date(2026, 12, 31, 9, 41, 0, 0, zone)
	for _, c := range []struct {
		t      time.Time
		zh, en string
	}{
		{time.Date(2026, 12, 31, 14, 0, 0, 0, zone), "14:00", "14:00"},
		{time.Date(2027, 1, 1, 8, 30, 0, 0, zone), "明天 08:30", "tomorrow 08:30"},
		{time.Date(2027, 1, 4, 8, 30, 0, 0, zone), "1月4日（星期一）08:30", "Monday, 4 January, 08:30"},
	} {
		if got := b.In(session.Chinese).When(c.t, now); got != c.zh {
			t.Errorf("%q, want %q", got, c.zh)
		}
		if got := b.In(session.English).When(c.t, now); got != c.en {
			t.Errorf("%q, want %q", got, c.en)
		}
	}
	if got, want := b.In(session.Chinese).When(now, time.Time{}), "12月31日（星期四）09:41"; got != want {
		t.Errorf("without a clock: %q, want %q", got, want)
	}
}

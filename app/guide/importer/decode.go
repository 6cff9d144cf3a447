package importer

import (
	"fmt"
	"html"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"hallkiosk/app/guide"
)

// toml reads the product's own format.
func (r *reading) toml(name string, data []byte) error {
	text, err := decodeText(data)
	if err != nil {
		return r.syntax(name, err)
	}
	root, err := parseTOML(text)
	if err != nil {
		return r.syntax(name, err)
	}
	return r.catalogue(name, root)
}

// json reads the product's own JSON or one of the published shapes.
func (r *reading) json(name string, data []byte) error {
	text, err := decodeText(data)
	if err != nil {
		return r.syntax(name, err)
	}
	if shape := publishedLines(text); shape {
		return r.portal(name, text)
	}
	root, err := parseJSON(text, 1)
	if err != nil {
		return r.syntax(name, err)
	}
	switch {
	case root.kind == listNode && (len(root.items) == 0 || has(root.items[0], "department") && has(root.items[0], "items")):
		return r.departments(name, root)
	case root.kind == listNode && has(root.items[0], "TASK_NAME"):
		return r.portalItems(name, root.items)
	case root.kind == tableNode && has(root, "TASK_NAME"):
		return r.portalItems(name, []*node{root})
	case root.kind == tableNode && has(root, "guides"):
		return r.catalogue(name, root)
	}
	return r.syntax(name, &syntaxError{message: "不是认识的事项清单。",
		cure: "要么是本产品的 JSON（有 guides），要么是部门和事项的清单（有 department 和 items），要么是办事指南每行一条（有 TASK_NAME）。"})
}

func has(n *node, key string) bool {
	_, ok := n.get(key)
	return ok
}

// catalogue takes the tree of the product's own format.
func (r *reading) catalogue(name string, root *node) error {
	place := lined(name)
	head := &draft{place: place, line: 1}
	d := decoder{draft: head}
	for _, f := range root.fields {
		switch f.key {
		case "sample":
			var v bool
			d.decode(reflect.ValueOf(&v).Elem(), f.value, f.key, "")
			r.head.Sample = r.head.Sample || v
		case "source":
			var v string
			d.decode(reflect.ValueOf(&v).Elem(), f.value, f.key, "")
			if r.head.Source != "" && v != "" && v != r.head.Source {
				v = r.head.Source + "；" + v
			}
			r.head.Source = v
		case "synonyms":
			r.synonyms(&d, f.value)
		case "guides":
			if f.value.kind != listNode {
				d.wrong(f.line, f.key, "应是一个列表。", "每个事项以单独的一行 [[guides]] 开头，两层方括号。")
			}
		default:
			d.unknown(f, catalogueKeys)
		}
	}
	r.loose = append(r.loose, head.problems...)
	list, _ := root.get("guides")
	if list == nil || list.kind != listNode {
		return nil
	}
	for _, item := range list.items {
		if !r.add(decodeGuide(item, place)) {
			return errTooManyGuides
		}
	}
	return nil
}

var catalogueKeys = []string{"sample", "source", "synonyms", "guides"}

func decodeGuide(n *node, place func(line, column int) string) *draft {
	g := &draft{place: place, line: n.line}
	d := decoder{draft: g}
	v := reflect.ValueOf(&g.Guide).Elem()
	d.decode(v, n, "guides", "")
	for _, l := range []*guide.Limit{&g.Legal, &g.Promised} {
		if l.Number == 0 && l.Unit != "" {
			l.Unit = guide.WorkingDays // 当场办结, in whatever unit
		}
	}
	if g.Guide.ID == "" && g.Guide.Name == "" {
		g.unusable = len(g.problems) > 0
	}
	return g
}

// decoder fills a guide, or a value of the catalogue, from a tree. What does not fit
// is reported and left zero.
type decoder struct {
	draft *draft
}

func (d *decoder) report(line int, p guide.Problem) {
	p.Place = d.draft.place(line, 0)
	d.draft.problem(p)
}

func (d *decoder) wrong(line int, key, message, cure string) {
	d.report(line, guide.Problem{Rule: "写法不对", Field: guide.FieldName(key), Message: fmt.Sprintf("“%s”%s", short(key), message), Cure: cure})
}

func (d *decoder) unknown(f field, known []string) {
	cure := "删去这一行，或改成这里可以用的键：" + strings.Join(known, "、") + "。"
	if n := nearest(f.key, known); n != "" {
		cure = fmt.Sprintf("是不是想写“%s”？", n)
	}
	d.report(f.line, guide.Problem{Rule: "不认识的键", Field: short(f.key), Message: fmt.Sprintf("没有“%s”这个键。", short(f.key)), Cure: cure})
}

var limitType = reflect.TypeFor[guide.Limit]()

// decode fills target. key names it in problems; name is Problem.Field, empty for a
// field of the guide itself, which the key then names.
func (d *decoder) decode(target reflect.Value, n *node, key, name string) {
	if n.kind == nullNode { // null in JSON: not given
		return
	}
	if name == "" {
		name = guide.FieldName(key)
	}
	if target.Type() == limitType && n.kind == textNode {
		l, ok := guide.ParseLimit(n.text)
		if !ok {
			d.wrong(n.line, key, fmt.Sprintf("里的“%s”看不懂。", short(n.text)), `写成例如 "5个工作日"。`)
		}
		target.Set(reflect.ValueOf(l))
		return
	}
	switch target.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		d.decode(target.Elem(), n, key, name)
	case reflect.Struct:
		if n.kind != tableNode {
			d.wrong(n.line, key, "应是一个部分，里面再写各项。", fmt.Sprintf("写成单独的一行 [guides.%s]，下面每行写一项。", short(key)))
			return
		}
		d.table(target, n, name)
	case reflect.Slice:
		if n.kind != listNode {
			d.wrong(n.line, key, "应是一个列表。", fmt.Sprintf(`写在方括号里，例如 %s = ["…", "…"]。`, short(key)))
			return
		}
		list := reflect.MakeSlice(target.Type(), 0, len(n.items))
		for i, item := range n.items {
			element := reflect.New(target.Type().Elem()).Elem()
			name := name
			if key == "materials" {
				name = guide.MaterialField(i)
				d.draft.stands(name, item.line, 0)
			}
			d.decode(element, item, key, name)
			if element.Kind() == reflect.String {
				// An entry of several lines is several; an empty one says nothing.
				for line := range strings.SplitSeq(element.String(), "\n") {
					if line != "" {
						list = reflect.Append(list, reflect.ValueOf(line).Convert(target.Type().Elem()))
					}
				}
				continue
			}
			list = reflect.Append(list, element)
		}
		if list.Len() > 0 {
			target.Set(list)
		}
	case reflect.Int:
		v, ok := n.integer()
		if !ok {
			d.wrong(n.line, key, "应是一个整数。", fmt.Sprintf("不加引号，例如 %s = 3。", short(key)))
			return
		}
		target.SetInt(int64(v))
	case reflect.Float32:
		v, err := strconv.ParseFloat(n.text, 32)
		if n.kind != numberNode || err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			d.wrong(n.line, key, "应是一个数。", fmt.Sprintf("不加引号，例如 %s = 0.5。", short(key)))
			return
		}
		target.SetFloat(v)
	case reflect.Bool:
		if n.kind != boolNode {
			d.wrong(n.line, key, "应是 true 或 false。", fmt.Sprintf("不加引号，例如 %s = true。", short(key)))
			return
		}
		target.SetBool(n.yes)
	case reflect.String:
		if n.kind != textNode && n.kind != dateNode {
			d.wrong(n.line, key, "应是写在引号里的文字。", `加上英文双引号，例如 "3"。`)
			return
		}
		s, remarks := tidy(n.text, !manyLines[key])
		for _, p := range remarks {
			p.Field = name
			d.report(n.line, p)
		}
		target.SetString(s)
	}
}

func (d *decoder) table(target reflect.Value, n *node, name string) {
	ofGuide := target.Type() == reflect.TypeFor[guide.Guide]()
	var known []string
	at := map[string]int{}
	for i := range target.NumField() {
		key := target.Type().Field(i).Tag.Get("toml")
		at[key] = i
		known = append(known, key)
	}
	for _, f := range n.fields {
		i, ok := at[f.key]
		if !ok {
			d.unknown(f, known)
			continue
		}
		inner := name
		if ofGuide {
			inner = ""
			d.draft.stands(guide.FieldName(f.key), f.line, 0)
		}
		d.decode(target.Field(i), f.value, f.key, inner)
	}
}

// manyLines are the keys of texts that may have line breaks.
var manyLines = map[string]bool{
	"summary": true, "summary_en": true, "basis": true, "conditions": true, "text": true, "note": true, "answer": true, "help": true,
	"sample": true, "place": true, "hours": true, "quota": true, "intermediary": true, "special": true, "result_sample": true, "when": true,
	"standard": true, "address": true,
}

// nearest returns the known key that is most like one that is not, if any is.
func nearest(key string, known []string) string {
	best, at := "", 3
	for _, k := range known {
		if d := distance(strings.ToLower(key), k, at); d < at && d < len(k) {
			best, at = k, d
		}
	}
	return best
}

// distance is the number of single-character edits between two keys, at most most.
func distance(a, b string, most int) int {
	if len(a) > 40 || len(a)-len(b) > most || len(b)-len(a) > most {
		return most
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

var (
	tags     = regexp.MustCompile(`(?is)<(script|style)\b[^<>]*>.*?</(script|style)>|</?(p|br|div|span|font|table|tbody|tr|td|th|ul|ol|li|h[1-6]|a|b|i|u|em|strong|img|script|style|o:p)\b[^<>]*>`)
	breaks   = regexp.MustCompile(`(?i)<br\s*/?>|</(p|div|tr|li|h[1-6])>`)
	entities = regexp.MustCompile(`(?i)&(nbsp|lt|gt|amp|quot|ldquo|rdquo|#\d{1,7}|#x[0-9a-f]{1,6});`)
)

// tidy makes a text fit to be shown: see the package comment. The problems, warnings
// all, lack their place and field.
func tidy(s string, oneLine bool) (string, []guide.Problem) {
	var remarks []guide.Problem
	if strings.ContainsAny(s, "<&") && (tags.MatchString(s) || entities.MatchString(s)) {
		s = breaks.ReplaceAllString(s, "\n")
		s = tags.ReplaceAllString(s, "")
		s = entities.ReplaceAllStringFunc(s, html.UnescapeString)
		remarks = append(remarks, guide.Problem{Rule: "去掉了网页标签", Warning: true,
			Message: "有网页标签，只留下了文字。", Cure: "看看留下的文字是否通顺，在原表里改掉。"})
	}
	hidden := false
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\u00A0' || r == '\u3000' && oneLine:
			return ' '
		case unicode.Is(unicode.Cf, r):
			hidden = true
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
	if hidden {
		remarks = append(remarks, guide.Problem{Rule: "去掉了看不见的字符", Warning: true,
			Message: "有看不见的字符，已去掉。", Cure: "不用处理；想改的，在原表里重新输入这一栏。"})
	}
	if oneLine {
		return strings.Join(strings.Fields(s), " "), remarks
	}
	all := strings.Split(s, "\n")
	kept := all[:0]
	for _, line := range all {
		if line = strings.TrimSpace(line); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n"), remarks
}

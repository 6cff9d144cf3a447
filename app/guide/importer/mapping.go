package importer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"hallkiosk/app/guide"
)

// Mapping says what the columns of tables mean, beyond the usual titles, which are
// always known. It is a TOML file of its own, beside a hall's tables:
//
//	header = 2                     # row of the titles; 0 or nothing: looked for
//	sheets = ["事项", "材料"]       # only these; nothing: all
//	separators = "、;"             # between the words of a list in one cell
//	[columns]                      # title = field; "" leaves a column out on purpose
//	"事项全称" = "name"
//	"要件" = "materials"
//	"内部备注" = ""
//	[values.kind]                  # field, then: as written = as meant
//	"现场办结" = "即办件"
//
// Fields are the keys of the product's TOML (name, department, promised …) and, for
// parts, material.name, step.text, charge.standard, form.field, question.answer and
// so on: [Fields] lists them.
type Mapping struct {
	Header     int                          `toml:"header"`
	Sheets     []string                     `toml:"sheets"`
	Separators string                       `toml:"separators"`
	Columns    map[string]string            `toml:"columns"`
	Values     map[string]map[string]string `toml:"values"`
}

const defaultSeparators = "、，,;；|"

// ParseMapping reads a mapping file; name stands in the problems. Any problem makes
// the mapping unusable, and it is then nil.
func ParseMapping(name string, data []byte) (*Mapping, []guide.Problem) {
	r := newReading(Options{})
	text, err := decodeText(data)
	var root *node
	if err == nil {
		root, err = parseTOML(text)
	}
	if err != nil {
		_ = r.syntax(name, err) // noted among the problems
		return nil, r.loose
	}
	d := &draft{place: lined(name)}
	m := &Mapping{Columns: map[string]string{}, Values: map[string]map[string]string{}}
	p := mappingParser{decoder{draft: d}, newTitles(nil)}
	for _, f := range root.fields {
		switch f.key {
		case "header":
			v, ok := f.value.integer()
			if !ok || v < 0 || v > 1000 {
				p.wrong(f.line, f.key, "应是行号。", "写成例如 header = 2。")
			}
			m.Header = v
		case "separators":
			m.Separators = p.text(f, f.value)
		case "sheets":
			for _, item := range f.value.items {
				m.Sheets = append(m.Sheets, p.text(f, item))
			}
		case "columns":
			p.columns(m, f.value)
		case "values":
			for _, of := range f.value.fields {
				p.field(of.line, of.key)
				m.Values[of.key] = map[string]string{}
				for _, v := range of.value.fields {
					m.Values[of.key][v.key] = p.text(v, v.value)
				}
			}
		default:
			p.unknown(f, []string{"header", "sheets", "separators", "columns", "values"})
		}
	}
	if len(d.problems) > 0 {
		return nil, d.problems
	}
	return m, nil
}

type mappingParser struct {
	decoder
	titles *titles
}

func (p *mappingParser) text(f field, n *node) string {
	if n.kind != textNode {
		p.wrong(f.line, f.key, "应是写在引号里的文字。", `加上英文双引号。`)
	}
	return n.text
}

func (p *mappingParser) columns(m *Mapping, n *node) {
	for _, f := range n.fields {
		key := p.text(f, f.value)
		if key != "" {
			p.field(f.line, key)
		}
		m.Columns[f.key] = key
	}
}

// field reports a field that guides do not have.
func (p *mappingParser) field(line int, key string) {
	if _, ok := p.titles.byKey[key]; ok {
		return
	}
	cure := "可以写的栏目用 guides fields 列出。"
	if n := nearest(key, slices.Sorted(maps.Keys(p.titles.byKey))); n != "" {
		cure = fmt.Sprintf("是不是想写“%s”？", n)
	}
	p.wrong(line, key, "不是办事指南的栏目。", cure)
}

// Fields returns the fields a mapping may name, each with its usual titles.
func Fields() [][2]string {
	var out [][2]string
	list := func(columns []column) {
		for _, c := range columns {
			out = append(out, [2]string{c.key, strings.TrimSpace(c.title + " " + c.also)})
		}
	}
	list(matterColumns())
	for _, p := range parts() {
		list(p.columns)
	}
	return out
}

// titles finds columns by their titles.
type titles struct {
	matter  []column
	parts   []part
	byKey   map[string]columnAt
	byTitle map[string]columnAt
	dropped map[string]bool // titles left out on purpose
	mapping Mapping
}

// columnAt is a column and its part, -1 for the guide itself.
type columnAt struct {
	column *column
	part   int
}

func newTitles(m *Mapping) *titles {
	t := &titles{matter: matterColumns(), parts: parts(), byKey: map[string]columnAt{}, byTitle: map[string]columnAt{}, dropped: map[string]bool{}}
	if m != nil {
		t.mapping = *m
	}
	if t.mapping.Separators == "" {
		t.mapping.Separators = defaultSeparators
	}
	learn := func(columns []column, part int) {
		for i := range columns {
			c := columnAt{&columns[i], part}
			t.byKey[c.column.key] = c
			for _, title := range append(strings.Fields(c.column.also), c.column.title) {
				if _, taken := t.byTitle[plain(title)]; !taken && title != "" {
					t.byTitle[plain(title)] = c
				}
			}
		}
	}
	learn(t.matter, -1)
	for i := range t.parts {
		learn(t.parts[i].columns, i)
	}
	for _, c := range t.byKey { // our own titles go before others' words for something else
		if c.column.title != "" {
			t.byTitle[plain(c.column.title)] = c
		}
	}
	for title, key := range t.mapping.Columns {
		if c, ok := t.byKey[key]; ok {
			t.byTitle[plain(title)] = c
		} else {
			t.dropped[plain(title)] = true
			delete(t.byTitle, plain(title))
		}
	}
	return t
}

// plain is a title as it is compared: without blanks, stars and remarks in brackets.
func plain(title string) string {
	if i := strings.IndexAny(title, "（("); i > 0 {
		title = title[:i]
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n\u3000*＊", r) {
			return -1
		}
		return r
	}, strings.TrimRight(title, "：:"))
}

package importer

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"hallkiosk/app/guide"
)

// Bounds of tables.
const (
	maxColumns = 300
	maxRows    = 200_000
	maxValues  = 10_000_000 // cells, empty ones too
	maxCell    = 32_767     // characters: what Excel itself allows
)

// A sheet is one table.
type sheet struct {
	name string // "" in CSV
	rows [][]string
	// place is where a cell stands; row and column count from 0, a column of -1 is
	// the whole row.
	place func(row, column int) string
	// remarks are what was odd about cells, without place and field.
	remarks map[[2]int][]guide.Problem
}

func (s *sheet) at(row, column int) string {
	if row < len(s.rows) && column >= 0 && column < len(s.rows[row]) {
		return s.rows[row][column]
	}
	return ""
}

// tables are the sheets of one file while they are read.
type tables struct {
	reading *reading
	titles  *titles
	byID    map[string]*draft
	byName  map[string]*draft
}

// layout is what the columns of a sheet are.
type layout struct {
	sheet   *sheet
	header  int
	columns []columnAt // nil column = none
	id      int        // its index; -1 = none
	name    int
	matter  int // columns of the guide itself, beyond those that name it
	parts   []int
}

// sheets reads the sheets of a file.
func (r *reading) sheets(name string, all []*sheet) error {
	t := &tables{reading: r, titles: newTitles(r.options.Mapping), byID: map[string]*draft{}, byName: map[string]*draft{}}
	var layouts []*layout
	for _, s := range all {
		if want := t.titles.mapping.Sheets; s.name != "" && len(want) > 0 && !slices.Contains(want, s.name) {
			continue
		}
		t.head(s)
		if slices.Contains(ownSheets, s.name) {
			continue
		}
		if l := t.layout(s); l != nil {
			layouts = append(layouts, l)
		}
	}
	if len(layouts) == 0 {
		return r.syntax(name, &syntaxError{message: "没有认出标题行：没有“事项名称”“编码”这样的标题。",
			cure: "标题用常见的名称，或写一个映射文件；文字是乱码的，另存为 UTF-8 编码。用 guides template 可以得到模板。"})
	}
	// Sheets that only name the guide are about its parts, once another has the guides.
	var main, details []*layout
	for _, l := range layouts {
		if l.name < 0 || len(l.parts) > 0 && l.matter == 0 {
			details = append(details, l)
		} else {
			main = append(main, l)
		}
	}
	if len(main) == 0 {
		for _, l := range details {
			if l.name >= 0 {
				main = append(main, l)
			}
		}
		details = slices.DeleteFunc(details, func(l *layout) bool { return l.name >= 0 })
	}
	for _, l := range main {
		if err := t.matters(l); err != nil {
			return err
		}
	}
	for _, l := range details {
		t.details(l)
	}
	for _, d := range r.guides {
		d.charge()
	}
	return nil
}

// head takes what is said of the whole catalogue, in rows above the titles that begin
// with #, and leaves those rows empty.
func (t *tables) head(s *sheet) {
	d := &draft{place: func(row, column int) string { return s.place(row, column) }}
	for i, row := range s.rows {
		if i > 2000 || len(row) < 2 || !strings.HasPrefix(row[0], "#") {
			if blank(row) && i < 100 {
				continue
			}
			break
		}
		value, _ := tidy(row[1], true)
		switch row[0] {
		case "#示例":
			t.reading.head.Sample = value == "是"
		case "#来源":
			t.reading.head.Source = value
		case "#常用说法":
			n := &node{kind: listNode, items: []*node{{kind: textNode, text: value, line: i}}}
			t.reading.synonyms(&decoder{draft: d}, n)
		}
		s.rows[i] = nil
	}
	t.reading.loose = append(t.reading.loose, d.problems...)
}

func blank(row []string) bool {
	return !slices.ContainsFunc(row, func(s string) bool { return strings.TrimSpace(s) != "" })
}

// layout finds the row of titles and what they mean; nil when there is none.
func (t *tables) layout(s *sheet) *layout {
	const look = 20
	best, header := 0, -1
	for i, row := range s.rows[:min(len(s.rows), look)] {
		known := 0
		for _, title := range row[:min(len(row), maxColumns)] {
			if _, ok := t.titles.byTitle[plain(title)]; ok {
				known++
			}
		}
		if known > best {
			best, header = known, i
		}
	}
	if given := t.titles.mapping.Header; given > 0 && given <= len(s.rows) {
		header, best = given-1, 1
	}
	if best == 0 || best == 1 && t.titles.mapping.Header == 0 {
		if s.name != "" && slices.ContainsFunc(s.rows, func(r []string) bool { return !blank(r) }) {
			t.reading.problem(guide.Problem{Place: s.place(0, -1), Rule: "没有导入的工作表", Field: "工作表", Warning: true,
				Message: fmt.Sprintf("工作表“%s”里没有认出标题行，没有导入。", short(s.name)), Cure: "要导入的，标题用常见的名称，或写映射文件；不用的不用管。"})
		}
		return nil
	}
	l := &layout{sheet: s, header: header, id: -1, name: -1}
	seen := map[string]bool{}
	for i, title := range s.rows[header] {
		if i >= maxColumns {
			break
		}
		c := t.titles.byTitle[plain(title)]
		switch {
		case c.column == nil:
			t.lost(s, header, i, title)
		case seen[c.column.key]:
			t.reading.problem(guide.Problem{Place: s.place(header, i), Rule: "两列是同一栏目", Field: short(title), Warning: true,
				Message: fmt.Sprintf("“%s”和前面一列是同一栏目，没有导入。", short(title)), Cure: "删掉一列，或用映射文件写明各是什么。"})
			c = columnAt{}
		default:
			seen[c.column.key] = true
			t.sort(l, i, c)
		}
		l.columns = append(l.columns, c)
	}
	if l.name < 0 && l.id < 0 {
		t.reading.problem(guide.Problem{Place: s.place(header, -1), Rule: "没有导入的工作表", Field: "工作表", Warning: true,
			Message: "标题里既没有编码也没有事项名称，没有导入。", Cure: "加上“编码”一列。"})
		return nil
	}
	return l
}

// ownSheets are sheets of the template that hold nothing to read.
var ownSheets = []string{"填写说明", "目录"}

func (t *tables) sort(l *layout, i int, c columnAt) {
	switch {
	case c.column.key == "id":
		l.id = i
	case c.column.key == "name":
		l.name = i
	case c.part >= 0:
		if !slices.Contains(l.parts, c.part) {
			l.parts = append(l.parts, c.part)
		}
	case c.column.key != "department":
		l.matter++
	}
}

// lost reports a column that has no meaning, with the number of its values.
func (t *tables) lost(s *sheet, header, column int, title string) {
	n := 0
	for row := header + 1; row < len(s.rows); row++ {
		if strings.TrimSpace(s.at(row, column)) != "" {
			n++
		}
	}
	if n == 0 || t.titles.dropped[plain(title)] || plain(title) == "序号" {
		return
	}
	t.reading.problem(guide.Problem{Place: s.place(header, column), Rule: "没有导入的内容", Field: short(title), Warning: true,
		Message: fmt.Sprintf("“%s”这一列没有导入，共 %d 处：不认识这个标题。", short(title), n), Cure: "需要的，用映射文件写明是什么栏目；不需要的不用管。"})
}

// matters reads a sheet with a row for each guide, or several that continue it.
func (t *tables) matters(l *layout) error {
	var current *draft
	for row := l.header + 1; row < len(l.sheet.rows); row++ {
		if blank(l.sheet.rows[row]) {
			continue
		}
		id, name := t.plainCell(l, row, l.id), t.plainCell(l, row, l.name)
		again := current != nil && (id == "" || id == current.ID) && (name == "" || name == current.Name) && t.fillsPart(l, row)
		if !again {
			current = &draft{place: func(line, column int) string { return l.sheet.place(line, column) }, line: row, column: -1}
			if !t.reading.add(current) {
				return errTooManyGuides
			}
		}
		t.row(l, row, current, !again)
		if !again {
			t.named(l, current)
		}
	}
	return nil
}

// named gives a guide without a column of codes a code, and remembers it.
func (t *tables) named(l *layout, d *draft) {
	if l.id < 0 && d.Name != "" {
		d.ID = "x" + digest(d.Department, d.Name)
		d.problem(guide.Problem{Place: d.where("编码"), Rule: "编码由部门和名称算出", Field: "编码", Warning: true,
			Message: "表里没有编码一列，编码由部门和名称算出。", Cure: "加上“编码”一列，名称改了也还是同一事项。"})
	}
	if _, ok := t.byID[d.ID]; !ok && d.ID != "" {
		t.byID[d.ID] = d
	}
	if _, ok := t.byName[d.Name]; !ok && d.Name != "" {
		t.byName[d.Name] = d
	}
}

// fillsPart says whether a row has something of a guide's parts.
func (t *tables) fillsPart(l *layout, row int) bool {
	for i, c := range l.columns {
		if c.column != nil && c.part >= 0 && strings.TrimSpace(l.sheet.at(row, i)) != "" {
			return true
		}
	}
	return false
}

func (t *tables) plainCell(l *layout, row, column int) string {
	s, _ := tidy(l.sheet.at(row, column), true)
	return s
}

// details reads a sheet of parts, whose rows name the guide they belong to.
func (t *tables) details(l *layout) {
	var current *draft
	for row := l.header + 1; row < len(l.sheet.rows); row++ {
		if blank(l.sheet.rows[row]) {
			continue
		}
		id, name := t.plainCell(l, row, l.id), t.plainCell(l, row, l.name)
		d := t.byID[id]
		if l.id < 0 || id == "" && name != "" {
			d = t.byName[name]
		}
		if id == "" && name == "" {
			d = current
		}
		if d == nil {
			t.reading.problem(guide.Problem{Place: l.sheet.place(row, max(l.id, l.name)), Rule: "找不到所属的事项", Guide: short(name + id), Field: l.sheet.name,
				Message: "这一行没有写明属于哪个事项，或那个事项不在表里。", Cure: "填上事项表里有的编码。"})
			continue
		}
		current = d
		t.row(l, row, d, false)
	}
}

// row takes the cells of a row into a guide; those of the guide itself only when it
// begins there.
func (t *tables) row(l *layout, row int, d *draft, begins bool) {
	for _, part := range l.parts {
		p := &t.titles.parts[part]
		filled := map[string]string{}
		for i, c := range l.columns {
			if c.column != nil && c.part == part {
				if s := strings.TrimSpace(l.sheet.at(row, i)); s != "" {
					filled[c.column.key] = s
				}
			}
		}
		if len(filled) == 0 || len(filled) == 1 && filled["material.required"] != "" {
			continue
		}
		p.add(&d.Guide, func(key string) string { return filled[key] })
		field := p.field
		if p.name == "material" {
			field = guide.MaterialField(len(d.Materials) - 1)
		}
		d.standsAt(field, l.sheet.place, row, -1)
		for i, c := range l.columns {
			if c.column != nil && c.part == part {
				t.cell(l, row, i, d, field)
			}
		}
	}
	// Units of limits after the limits they belong to.
	for _, units := range []bool{false, true} {
		for i, c := range l.columns {
			if c.column == nil || c.part >= 0 || strings.HasSuffix(c.column.key, ".unit") != units {
				continue
			}
			field := c.column.field()
			if !begins {
				t.repeated(l, row, i, d, field)
				continue
			}
			if strings.TrimSpace(l.sheet.at(row, i)) != "" {
				d.standsAt(field, l.sheet.place, row, i)
			}
			t.cell(l, row, i, d, field)
		}
	}
}

// repeated reports a value of the guide itself in a row that only continues it, unless
// it is what the guide has already: then it was a merged or a copied cell.
func (t *tables) repeated(l *layout, row, column int, d *draft, field string) {
	s := strings.TrimSpace(l.sheet.at(row, column))
	if key := l.columns[column].column.key; s == "" || key == "id" || key == "name" || key == "department" {
		return
	}
	if first := d.first[column]; d.sheet == l.sheet && first == s {
		return
	}
	d.problem(guide.Problem{Place: l.sheet.place(row, column), Rule: "续行里的内容", Field: field, Warning: true,
		Message: fmt.Sprintf("“%s”写在续行里，和第一行不同，没有导入。", short(s)), Cure: "事项自己的栏目写在它的第一行。"})
}

// cell takes one cell into a guide.
func (t *tables) cell(l *layout, row, column int, d *draft, field string) {
	raw := l.sheet.at(row, column)
	c := l.columns[column]
	if c.part < 0 {
		if d.first == nil {
			d.first, d.sheet = map[int]string{}, l.sheet
		}
		d.first[column] = strings.TrimSpace(raw)
	}
	place := l.sheet.place(row, column)
	for _, p := range l.sheet.remarks[[2]int{row, column}] {
		p.Place, p.Field = place, field
		d.problem(p)
	}
	if strings.TrimSpace(raw) == "" {
		return
	}
	v := &cell{draft: d, guide: &d.Guide, field: field, place: place}
	if n := utf8.RuneCountInString(raw); n > maxCell {
		v.wrong("单元格太长", fmt.Sprintf("这一格有 %d 个字，最多 %d 个。", n, maxCell), "缩短，或分到几格。")
		return
	}
	if values, ok := t.titles.mapping.Values[c.column.key]; ok {
		if meant, ok := values[strings.TrimSpace(raw)]; ok {
			raw = meant
		}
	}
	if strings.TrimSpace(raw) == "" {
		return
	}
	entries := []string{raw}
	if c.column.list {
		entries = t.split(raw, c.column.long)
	}
	for _, s := range entries {
		s, remarks := tidy(s, !c.column.many)
		for _, p := range remarks {
			p.Place, p.Field = place, field
			d.problem(p)
		}
		if s == "" {
			continue
		}
		v.text = s
		v.lines = append(v.lines, s)
	}
	if v.text == "" {
		return
	}
	c.column.set(v)
}

// split takes a list apart: at line breaks when it has any, else at separators.
func (t *tables) split(s string, long bool) []string {
	s = breaks.ReplaceAllString(s, "\n")
	if strings.ContainsAny(s, "\n") || long {
		return strings.Split(strings.ReplaceAll(s, "\r", "\n"), "\n")
	}
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(t.titles.mapping.Separators, r) })
}

// charge compares what a table says of charges at all with the charges it lists.
func (d *draft) charge() {
	switch {
	case d.charged == nil:
	case *d.charged && len(d.Fee.Items) == 0:
		d.problem(guide.Problem{Place: d.where("收费"), Rule: "收费项目不全", Field: "收费", Message: "写了收费，却没有收费项目和标准。", Cure: "写明收费项目、标准和依据。"})
	case !*d.charged && len(d.Fee.Items) > 0:
		d.problem(guide.Problem{Place: d.where("收费"), Rule: "是否收费矛盾", Field: "收费", Message: "写了不收费，却列了收费项目。", Cure: "两处改成一致。"})
	}
	d.first, d.sheet = nil, nil // only needed while the sheets are read
}

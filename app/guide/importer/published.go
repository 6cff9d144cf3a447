package importer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"hallkiosk/app/guide"
)

// departments reads a published list of departments and items.
func (r *reading) departments(name string, root *node) error {
	place := lined(name)
	ids := map[string]bool{}
	lost := newLosses()
	for _, dep := range root.items {
		department, _ := tidy(texted(dep, "department"), true)
		lost.keys(dep, "department", "items")
		groups, _ := dep.get("items")
		if department == "" || groups == nil || groups.kind != listNode {
			r.problem(guide.Problem{Place: place(dep.line, 0), Rule: "写法不对", Field: "部门", Message: "没有部门名称，或没有事项。", Cure: "写上 department 和 items。"})
		}
		if groups == nil {
			continue
		}
		for _, group := range groups.items {
			heading, _ := tidy(texted(group, "main_item"), true)
			lost.keys(group, "main_item", "sub_items")
			items, _ := group.get("sub_items")
			if items == nil || items.kind != listNode {
				r.problem(guide.Problem{Place: place(group.line, 0), Rule: "写法不对", Field: "事项", Message: "这一组没有事项。", Cure: "写上 sub_items。"})
				continue
			}
			for _, item := range items.items {
				lost.keys(item, "name", "link")
				if !r.add(listed(item, department, heading, place, ids)) {
					return errTooManyGuides
				}
			}
		}
	}
	r.loose = append(r.loose, lost.problems(name)...)
	return nil
}

// listed makes a guide of an item of the list.
func listed(item *node, department, heading string, place func(line, column int) string, ids map[string]bool) *draft {
	d := &draft{place: place, line: item.line}
	d.Name = d.tidied("名称", texted(item, "name"))
	d.Department = department
	if heading != "" && heading != "未分类" && heading != d.Name {
		d.Aliases = []string{heading}
	}
	link := d.tidied("网办地址", texted(item, "link"))
	d.OnlineURL = link
	made := "x" + digest(department, d.Name)
	if u, err := url.Parse(link); err == nil && link != "" {
		d.ID = u.Query().Get("itemCode")
		if n, ok := guide.NatureOf(twoDigits(u.Query().Get("taskType"))); ok {
			d.Nature = n
		}
	}
	if !codeShape.MatchString(d.ID) || ids[d.ID] {
		reason := "网址里没有能用的事项编码"
		if ids[d.ID] {
			reason = "事项编码和前面的一项相同"
		}
		d.problem(guide.Problem{Place: place(item.line, 0), Rule: "编码由部门和名称算出", Field: "编码", Warning: true,
			Message: reason + "，编码由部门和名称算出。", Cure: "在来源里补上或改正编码。"})
		d.ID = made
	}
	ids[d.ID] = true
	return d
}

var codeShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func twoDigits(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:10])
}

// publishedLines says whether a file has a guide of the portal's shape on its first
// line.
func publishedLines(data []byte) bool {
	first, rest, more := bytes.Cut(bytes.TrimLeft(data, " \r\n\t"), []byte("\n"))
	return more && len(bytes.TrimSpace(rest)) > 0 && bytes.HasPrefix(first, []byte("{")) && bytes.Contains(first, []byte(`"TASK_NAME"`)) && bytes.HasSuffix(bytes.TrimSpace(first), []byte("}"))
}

// portal reads guides of a portal, one a line. A line that is no JSON is refused
// alone.
func (r *reading) portal(name string, data []byte) error {
	place := lined(name)
	var items []*node
	n := 0
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		n++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if len(items) > MaxGuides {
			return errTooManyGuides
		}
		root, err := parseJSON(line, n)
		if err != nil || root.kind != tableNode {
			d := &draft{place: place, line: n, unusable: true}
			d.problem(guide.Problem{Place: place(n, 0), Rule: "不是 JSON", Guide: fmt.Sprintf("第 %d 行", n), Field: "文件", Message: "这一行不是完整的 JSON。", Cure: "从原来的系统重新导出。"})
			if !r.add(d) {
				return errTooManyGuides
			}
			continue
		}
		items = append(items, root)
	}
	return r.portalItems(name, items)
}

// portalKeys are the keys of the portal's shape that a guide has a place for, or
// that only repeat others.
var portalKeys = []string{
	"_id", "TASK_CODE", "TASK_NAME", "subTaskName", "TASK_TYPE", "TASK_TYPE_TEXT", "matter_type", "DEPT_NAME", "CATAID", "CATANAME",
	"matter_name", "subCatalogName", "parentCatalogName", "parentCatalogId", "matter_short", "matter_daily", "matter_code",
	"matter_level", "district", "visit_number", "LIMIT_SCENE_NUM", "co_department", "handle_location", "handle_time",
	"handle_time_limit", "accept_standard", "consult_phone", "complain_phone", "courier_service", "online_book", "online_book_addr", "URL",
	"theme_category", "service_object_name", "material_intro",
}

func (r *reading) portalItems(name string, items []*node) error {
	place := lined(name)
	lost := newLosses()
	for _, item := range items {
		lost.keys(item, portalKeys...)
		if !r.add(portalGuide(item, place)) {
			return errTooManyGuides
		}
	}
	r.loose = append(r.loose, lost.problems(name)...)
	return nil
}

// portalGuide makes a guide of one object of the portal's shape.
func portalGuide(n *node, place func(line, column int) string) *draft {
	d := &draft{place: place, line: n.line}
	text := func(key, field string) string {
		s := texted(n, key)
		if s == "无" || s == "null" {
			return ""
		}
		return d.tidied(field, s)
	}
	d.ID = text("TASK_CODE", "编码")
	d.Name = text("TASK_NAME", "名称")
	d.Department = text("DEPT_NAME", "部门")
	if kind := text("TASK_TYPE_TEXT", "事项类型"); kind != "" {
		if nature, ok := guide.NatureOf(kind); ok {
			d.Nature = nature
		} else {
			d.Nature = guide.Nature(kind)
		}
	}
	for _, key := range []string{"CATAID", "matter_code"} {
		if code := text(key, "其他编码"); code != "" && code != d.ID {
			d.Codes = append(d.Codes, code)
		}
	}
	for _, key := range []string{"matter_short", "matter_daily", "matter_name", "CATANAME"} {
		for _, alias := range words(text(key, "别名")) {
			d.Aliases = appendNew(d.Aliases, strings.TrimSpace(alias), d.Name)
		}
	}
	if level, ok := guide.LevelOf(text("matter_level", "行使层级")); ok {
		d.Level = level
	}
	if s := text("visit_number", "到现场次数"); s != "" {
		d.number("到现场次数", s, func(v int) { d.Visits = &v })
	}
	if s := text("co_department", "联办机构"); s != "" {
		d.Partners = []string{s} // 省级司法（受理,审核）、市级司法（受理）: brackets have the same separators
	}
	d.Place = strings.TrimPrefix(text("handle_location", "办理地点"), "办理地点：")
	if d.Place != "" && d.Place != "无线下办理窗口" {
		d.Channels = append(d.Channels, guide.AtWindow)
	}
	d.limit("法定时限", text("handle_time", "法定时限"), &d.Legal)
	d.limit("承诺时限", text("handle_time_limit", "承诺时限"), &d.Promised)
	if s, remarks := tidy(texted(n, "accept_standard"), false); s != "" && s != "无" {
		d.remark("受理条件", remarks)
		d.Conditions = strings.Split(s, "\n")
	}
	d.Phone, d.Complaint = text("consult_phone", "咨询电话"), text("complain_phone", "监督电话")
	d.Courier = text("courier_service", "可快递") == "是"
	d.Bookable = text("online_book", "可预约") == "是"
	d.OnlineURL = text("URL", "网办地址")
	if d.OnlineURL != "" {
		d.Channels = append(d.Channels, guide.Online)
	}
	d.Themes = d.entries("主题", n, "theme_category")
	for _, s := range d.entries("服务对象", n, "service_object_name") {
		p := guide.Institution
		switch {
		case s == "自然人":
			p = guide.Individual
		case strings.Contains(s, "企业"):
			p = guide.Firm
		}
		d.For = appendNew(d.For, p, "")
	}
	for _, s := range d.entries("材料", n, "material_intro") {
		d.Materials = append(d.Materials, guide.Material{Name: s})
	}
	return d
}

// tidied is a text on one line; what was odd about it is reported.
func (d *draft) tidied(field, s string) string {
	s, remarks := tidy(s, true)
	d.remark(field, remarks)
	return s
}

func (d *draft) remark(field string, remarks []guide.Problem) {
	for _, p := range remarks {
		p.Field, p.Place = field, d.where(field)
		d.problem(p)
	}
}

func (d *draft) limit(field, s string, to *guide.Limit) {
	l, ok := guide.ParseLimit(s)
	if !ok {
		d.problem(guide.Problem{Place: d.where(field), Rule: "时限看不懂", Field: field,
			Message: fmt.Sprintf("“%s”看不懂。", short(s)), Cure: "写成例如 5个工作日、当场办结，说明另写一栏。"})
		return
	}
	*to = l
}

func (d *draft) number(field, s string, set func(int)) {
	var v int
	if _, err := fmt.Sscanf(s, "%d", &v); err != nil || fmt.Sprint(v) != s {
		d.problem(guide.Problem{Place: d.where(field), Rule: "不是整数", Field: field,
			Message: fmt.Sprintf("“%s”不是整数。", short(s)), Cure: "只写数字，或留空。"})
		return
	}
	set(v)
}

// losses counts the values that a guide has no place for.
type losses struct {
	count map[string]int
	order []string
}

func newLosses() *losses { return &losses{count: map[string]int{}} }

// keys counts the fields of n other than those known that say something.
func (l *losses) keys(n *node, known ...string) {
	for _, f := range n.fields {
		skip := f.value.kind == nullNode || f.value.kind == textNode && (f.value.text == "" || f.value.text == "无")
		for _, k := range known {
			skip = skip || k == f.key
		}
		if skip {
			continue
		}
		if l.count[f.key] == 0 {
			if len(l.order) == 100 {
				continue // a file of nothing but unknown keys
			}
			l.order = append(l.order, f.key)
		}
		l.count[f.key]++
	}
}

func (l *losses) problems(name string) []guide.Problem {
	var out []guide.Problem
	for _, key := range l.order {
		out = append(out, guide.Problem{Place: name, Rule: "没有导入的内容", Field: short(key), Warning: true,
			Message: fmt.Sprintf("“%s”没有导入，共 %d 处：办事指南里没有放它的地方。", short(key), l.count[key]), Cure: "不需要的不用管；需要的，导入后手工补到相应的栏目。"})
	}
	return out
}

// texted is the text of a field, also of one that is a number.
func texted(n *node, key string) string {
	v, ok := n.get(key)
	if !ok || v.kind != textNode && v.kind != numberNode {
		return ""
	}
	return strings.TrimSpace(v.text)
}

// entries are the tidied texts of a list, or the one text in its place.
func (d *draft) entries(field string, n *node, key string) []string {
	v, ok := n.get(key)
	if !ok {
		return nil
	}
	items := v.items
	if v.kind == textNode {
		items = []*node{v}
	}
	var out []string
	for _, item := range items {
		if s := d.tidied(field, item.text); item.kind == textNode && s != "" && s != "无" {
			out = append(out, s)
		}
	}
	return out
}

// words splits a list of short words.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("、，,;；|\n", r) })
}

func appendNew[T ~string](list []T, s, not T) []T {
	if s == "" || s == not {
		return list
	}
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

package guide

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Longest texts, in characters (GB/T 39046-2020, table 4, where it names one).
const (
	maxName     = 200
	longName    = 80 // more lines than a list shows
	maxCode     = 64 // the table says 24; real codes are longer
	maxMaterial = 200
	maxBasis    = 1000
	maxAnswer   = 1000
	maxPlace    = 100
	maxHours    = 150
	maxText     = 4000 // any other
)

// Problem is something wrong with a guide.
type Problem struct {
	// Place is where the guide was read: file and line, or sheet and cell; empty for
	// a catalogue that was not read from a file.
	Place string
	// Rule is the rule that is broken, in Chinese and the same for all its problems:
	// 承诺时限长于法定时限.
	Rule    string
	Guide   string // Guide.Name, or its ID where it has none
	Field   string // in Chinese, as people know it: 承诺时限
	Message string // what is wrong
	Cure    string // what to do about it
	// Warning is set when the guide can be used nonetheless.
	Warning bool
}

// String is the problem on one line: 文件:行: 错误：《…》承诺时限：… 办法：…
func (p Problem) String() string {
	var b strings.Builder
	if p.Place != "" {
		b.WriteString(p.Place + ": ")
	}
	if p.Warning {
		b.WriteString("提醒：")
	} else {
		b.WriteString("错误：")
	}
	if p.Guide != "" {
		b.WriteString("《" + p.Guide + "》")
	}
	if p.Field != "" {
		b.WriteString(p.Field + "：")
	}
	b.WriteString(p.Message)
	if p.Cure != "" {
		b.WriteString("办法：" + p.Cure)
	}
	return b.String()
}

// Known is what a catalogue is checked against besides itself. The zero value
// checks nothing of the kind.
type Known struct {
	// Businesses are the Business.IDs of the hall; nil = any.
	Businesses []string
	// Place says where a field of a guide was read, by the guide's index and
	// Problem.Field; nil = unknown.
	Place func(guide int, field string) string
	// Today is the date against which 更新日期 is old; zero = not looked at.
	Today time.Time
}

// Check returns everything wrong with a catalogue, guide by guide. Guides with
// errors must not be shown; those with warnings may.
func Check(c *Catalogue, known Known) []Problem {
	var found []Problem
	CheckEach(c, known, func(_ int, p Problem) { found = append(found, p) })
	return found
}

// CheckEach is Check for those who must know which guide, by its index, a problem
// belongs to.
func CheckEach(c *Catalogue, known Known, report func(guide int, p Problem)) {
	k := &checker{known: known, report: report}
	ids, names := map[string]int{}, map[string]int{}
	for i := range c.Guides {
		g := &c.Guides[i]
		k.at, k.guide = i, g
		k.check()
		if first, ok := ids[g.ID]; ok && g.ID != "" {
			k.err("编码重复", "编码", fmt.Sprintf("和《%s》的编码重复。", c.Guides[first].Name), "每个事项用自己的编码；确是同一事项的，删掉一条。")
		} else {
			ids[g.ID] = i
		}
		key := g.Department + "\x00" + g.Name
		if first, ok := names[key]; ok && g.Name != "" {
			k.warn("名称重复", "名称", fmt.Sprintf("同一部门有两条同名事项（另一条编码 %s）。", c.Guides[first].ID), "在名称里写明区别，或删掉一条。")
		} else {
			names[key] = i
		}
	}
}

type checker struct {
	known  Known
	at     int
	guide  *Guide
	report func(guide int, p Problem)
}

func (k *checker) err(rule, field, message, cure string)  { k.add(rule, field, message, cure, false) }
func (k *checker) warn(rule, field, message, cure string) { k.add(rule, field, message, cure, true) }

func (k *checker) add(rule, field, message, cure string, warning bool) {
	p := Problem{Rule: rule, Guide: k.guide.Name, Field: field, Message: message, Cure: cure, Warning: warning}
	if p.Guide == "" {
		p.Guide = k.guide.ID
	}
	if k.known.Place != nil {
		p.Place = k.known.Place(k.at, field)
	}
	k.report(k.at, p)
}

var idShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func (k *checker) check() {
	g := k.guide
	switch {
	case g.ID == "":
		k.err("没有编码", "编码", "没有编码。", "写上实施编码；没有的，自编一个英文字母和数字的编号。")
	case !idShape.MatchString(g.ID) || len(g.ID) > maxCode:
		k.err("编码写法", "编码", "编码只能用英文字母、数字、点、横线和下划线，最长 64 个字符。", "改成这样的编码。")
	}
	if strings.TrimSpace(g.Name) == "" {
		k.err("没有名称", "名称", "没有名称。", "写上事项名称。")
	}
	if n := utf8.RuneCountInString(g.Name); n > longName && n <= maxName {
		k.warn("名称太长", "名称", fmt.Sprintf("有 %d 个字，屏幕上要分好几行。", n), "能缩短的缩短，并写一个常用的别名。")
	}
	k.length("名称", g.Name, maxName)
	if !BracketsMatch(g.Name) {
		k.warn("括号不成对", "名称", "括号不成对，或全角半角混用。", "补上另一半，都用全角括号。")
	}
	if g.Department == "" {
		k.err("没有部门", "部门", "没有写部门。", "写上实施主体的名称。")
	}
	k.codes()
	k.texts()
	if g.Elsewhere != nil {
		k.elsewhere()
		return // the rest is that place's to say
	}
	k.limits()
	k.materials()
	k.forms()
	k.conditions()
	k.steps()
	k.fee()
	k.contact()
}

// BracketsMatch reports whether each bracket of a name is closed by its own kind, full
// or half width.
func BracketsMatch(s string) bool {
	const open, shut = "（(【[《“", "）)】]》”"
	opens, shuts := []rune(open), []rune(shut)
	var stack []int
	for _, r := range s {
		if i := slices.Index(opens, r); i >= 0 {
			stack = append(stack, i)
		} else if i := slices.Index(shuts, r); i >= 0 {
			if len(stack) == 0 || stack[len(stack)-1] != i {
				return false
			}
			stack = stack[:len(stack)-1]
		}
	}
	return len(stack) == 0
}

// codes looks at values of which there is only a handful.
func (k *checker) codes() {
	g := k.guide
	if g.Nature != "" && g.Nature.Name() == "" {
		k.err("事项类型不认识", "事项类型", fmt.Sprintf("不认识“%s”。", g.Nature), "用 01 许可、05 给付、07 确认、08 奖励、09 裁决、10 其他、20 公共服务。")
	}
	if g.Kind != "" && g.Kind.Name() == "" {
		k.err("办件类型不认识", "办件类型", fmt.Sprintf("不认识“%s”。", g.Kind), "用 即办件、承诺件、联办件、上报件。")
	}
	if g.Level != "" && g.Level.Name() == "" {
		k.err("行使层级不认识", "行使层级", fmt.Sprintf("不认识“%s”。", g.Level), "用 1 国家级、2 省级、3 市级、4 县级、5 镇街级、6 村社区级。")
	}
	for _, p := range g.For {
		if p.Name() == "" {
			k.err("服务对象不认识", "服务对象", fmt.Sprintf("不认识“%s”。", p), "用 自然人、企业、其他组织。")
		}
	}
	for _, c := range g.Channels {
		if c.Name() == "" {
			k.err("办理形式不认识", "办理形式", fmt.Sprintf("不认识“%s”。", c), "用 窗口、网上、移动端、快递、自助终端、其他。")
		}
	}
	if g.DepartmentCode != "" && !creditCode.MatchString(g.DepartmentCode) {
		k.warn("实施主体编码写法", "实施主体编码", "不是 18 位统一社会信用代码。", "写成 18 位的代码，或留空。")
	}
	if g.Visits != nil && (*g.Visits < 0 || *g.Visits > 20) {
		k.err("到现场次数不正确", "到现场次数", fmt.Sprintf("写的是 %d 次。", *g.Visits), "写 0 到 20 的数，或留空。")
	}
	if !(g.Rank >= 0 && g.Rank <= 1) { // so written, it holds for what is no number too
		k.err("常用程度不正确", "常用程度", "应是 0 到 1 的数。", "最常办的写 1，不知道的不写。")
	}
}

// creditCode is the shape of GB 32100 codes; their check character is not looked at.
var creditCode = regexp.MustCompile(`^[0-9A-HJ-NPQRTUWXY]{18}$`)

func (k *checker) length(field, s string, most int) {
	if n := utf8.RuneCountInString(s); n > most {
		k.err("文字太长", field, fmt.Sprintf("有 %d 个字，最多 %d 个。", n, most), "缩短。")
	}
}

// texts looks for what cannot be shown, in every text of the guide.
func (k *checker) texts() {
	g := k.guide
	v := reflect.ValueOf(g).Elem()
	for i := range v.NumField() {
		field := FieldName(v.Type().Field(i).Tag.Get("toml"))
		var seen unreadable
		eachText(v.Field(i), func(s string) { seen.look(s) })
		k.tell(field, seen)
	}
	for _, s := range g.Basis {
		k.length("设定依据", s, maxBasis)
	}
	for _, q := range g.FAQ {
		k.length("常见问题", q.Answer, maxAnswer)
		if q.Question == "" || q.Answer == "" {
			k.err("问答不全", "常见问题", "有问题没有答案，或有答案没有问题。", "写全，或删掉这一条。")
		}
	}
	if n := utf8.RuneCountInString(g.Place); n > maxPlace {
		k.warn("文字偏长", "办理地点", fmt.Sprintf("有 %d 个字，超过 %d 个，小票上放不下。", n, maxPlace), "缩短。")
	}
	if n := utf8.RuneCountInString(g.Hours); n > maxHours {
		k.warn("文字偏长", "办理时间", fmt.Sprintf("有 %d 个字，超过 %d 个，小票上放不下。", n, maxHours), "缩短。")
	}
}

// unreadable is what a text has that cannot be shown.
type unreadable struct{ broken, private, garbled, control, markup, long bool }

func (u *unreadable) look(s string) {
	if !utf8.ValidString(s) {
		u.broken = true
		return
	}
	for _, r := range s {
		switch {
		case r == unicode.ReplacementChar:
			u.garbled = true
		case unicode.Is(unicode.Co, r):
			u.private = true
		case unicode.IsControl(r) && r != '\n' && r != '\t', r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF:
			u.control = true
		}
	}
	u.markup = u.markup || strings.ContainsAny(s, "<&") && markup.MatchString(s)
	u.long = u.long || utf8.RuneCountInString(s) > maxText
}

func (k *checker) tell(field string, u unreadable) {
	if u.broken {
		k.err("编码错误", field, "含有不是文字的内容（编码错误）。", "按 UTF-8 或 GB18030 重新保存文件。")
	}
	if u.garbled {
		k.warn("乱码", field, "含有乱码“\ufffd”，原来的字已经丢了。", "找到原文重新输入。")
	}
	if u.private {
		k.warn("自造字", field, "含有自造字，别的机器上显示不出来。", "换成 GB 18030 里的字。")
	}
	if u.control {
		k.err("控制字符", field, "含有控制字符。", "删掉后重新输入。")
	}
	if u.markup {
		k.warn("网页标签", field, "含有网页标签，会原样显示出来。", "只留文字。")
	}
	if u.long {
		k.err("文字太长", field, fmt.Sprintf("有一段超过 %d 个字。", maxText), "缩短，或分成几段。")
	}
}

// eachText calls do with every text in a value.
func eachText(v reflect.Value, do func(string)) {
	switch v.Kind() {
	case reflect.String:
		do(v.String())
	case reflect.Slice:
		for i := range v.Len() {
			eachText(v.Index(i), do)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachText(v.Field(i), do)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			eachText(v.Elem(), do)
		}
	}
}

var markup = regexp.MustCompile(`(?i)</?(p|br|div|span|font|table|tbody|tr|td|th|ul|ol|li|h[1-6]|a|b|i|u|em|strong|img|script|style|o:p)\b[^<>]*>|&(nbsp|lt|gt|amp|quot|ldquo|rdquo|#\d{1,7}|#x[0-9a-f]{1,6});`)

// fieldNames are the names of a guide's fields as people know them, by their keys.
var fieldNames = map[string]string{
	"id": "编码", "name": "名称", "name_en": "英文名称", "aliases": "别名", "summary": "一句话说明", "summary_en": "英文说明",
	"codes": "其他编码", "nature": "事项类型", "kind": "办件类型", "level": "行使层级", "department": "部门",
	"department_code": "实施主体编码", "partners": "联办机构", "themes": "主题", "for": "服务对象", "life_events": "人生事件",
	"basis": "设定依据", "conditions": "受理条件", "materials": "材料", "steps": "流程", "legal": "法定时限", "promised": "承诺时限",
	"fee": "收费", "result": "办理结果", "result_sample": "结果样本", "quota": "数量限制", "intermediary": "中介服务",
	"special": "特别程序", "forms": "表格", "faq": "常见问题", "business": "取号业务", "place": "办理地点", "hours": "办理时间",
	"phone": "咨询电话", "complaint": "监督电话", "online_url": "网办地址", "scope": "通办范围", "channels": "办理形式",
	"visits": "到现场次数", "bookable": "可预约", "pay_online": "可网上支付", "courier": "可快递", "elsewhere": "不在本厅",
	"updated": "更新日期", "rank": "常用程度",
}

// FieldName is the name of a field of [Guide] as people know it and problems give it,
// by the field's key in files: 承诺时限 for promised. It is the key itself for an
// unknown one.
func FieldName(key string) string {
	if name, ok := fieldNames[key]; ok {
		return name
	}
	return key
}

func (k *checker) elsewhere() {
	e := k.guide.Elsewhere
	if e.Unit == "" || e.Address == "" && e.Phone == "" {
		k.err("没写到哪里办", "不在本厅", "没有写明到哪里办。", "写上承办单位和地址或电话。")
	}
	if e.Phone != "" && !phoneShape.MatchString(e.Phone) {
		k.warn("电话写法", "不在本厅", fmt.Sprintf("“%s”不像电话号码。", e.Phone), "只写号码。")
	}
	if k.guide.Business != "" {
		k.err("不在本厅却能取号", "取号业务", "不在本厅办的事项写了取号业务。", "删掉取号业务，或删掉“不在本厅”各栏。")
	}
}

func (k *checker) forms() {
	seen := map[string]bool{}
	for i, f := range k.guide.Forms {
		field := fmt.Sprintf("表格第%d份", i+1)
		if f.ID == "" || f.Name == "" {
			k.err("表格不全", field, "没有编号或名称。", "写上编号和名称。")
		}
		if seen[f.ID] {
			k.err("表格编号重复", field, fmt.Sprintf("编号 %s 用了两次。", f.ID), "每份表格用自己的编号。")
		}
		seen[f.ID] = true
		if slices.ContainsFunc(f.Fields, func(f FormField) bool { return f.Name == "" }) {
			k.err("表格不全", field, "有填写项没有名称。", "写上栏目名称。")
		}
	}
}

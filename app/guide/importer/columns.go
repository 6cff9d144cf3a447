package importer

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hallkiosk/app/guide"
)

// A column is a field of a guide, or of one of its parts, as a column of a table.
type column struct {
	key   string // in mapping files: promised, material.name
	title string // as it is written
	also  string // other usual titles, separated by blanks
	help  string // for the template
	width float64
	// choices are what a drop-down offers.
	choices []string
	// list columns hold one entry a line; long ones are not split at 、 and the like.
	list, long bool
	many       bool // may have line breaks
	get        func(g *guide.Guide, row int) string
	set        func(c *cell)
}

// field is the name of the column in problems.
func (c *column) field() string {
	key, _, _ := strings.Cut(c.key, ".")
	return guide.FieldName(key)
}

// A part is what a guide has several of, with a sheet of its own in workbooks.
type part struct {
	name    string // prefix of its keys
	sheet   string
	also    string
	field   string // guide.Problem.Field, unless each is named on its own
	columns []column
	count   func(g *guide.Guide) int
	// add begins another one; has says which columns of the row are filled.
	add func(g *guide.Guide, text func(key string) string)
}

// cell is a cell on its way into a guide.
type cell struct {
	draft *draft
	guide *guide.Guide
	text  string
	lines []string // of list columns
	field string
	place string
}

func (c *cell) wrong(rule, message, cure string) {
	c.draft.problem(guide.Problem{Place: c.place, Rule: rule, Field: c.field, Message: message, Cure: cure})
}

func (c *cell) number(set func(int)) {
	s := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(c.text, "份"), "次"), ".0")
	v, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || v < -1_000_000 || v > 1_000_000 {
		c.wrong("不是整数", fmt.Sprintf("“%s”不是整数。", short(c.text)), "只写数字，或留空。")
		return
	}
	set(v)
}

func (c *cell) yes(set func(bool)) {
	switch strings.ToLower(c.text) {
	case "是", "√", "✓", "y", "yes", "true", "1", "有", "支持", "可以", "必要", "必备", "收费":
		set(true)
	case "否", "×", "x", "n", "no", "false", "0", "无", "不支持", "不可以", "非必要", "非必备", "不收费", "免费", "/", "-":
		set(false)
	default:
		c.wrong("不是“是”或“否”", fmt.Sprintf("“%s”看不懂。", short(c.text)), "写“是”或“否”。")
	}
}

func (c *cell) limit(to *guide.Limit) {
	l, ok := guide.ParseLimit(c.text)
	if !ok {
		c.wrong("时限看不懂", fmt.Sprintf("“%s”看不懂。", short(c.text)), "写成例如 5个工作日、当场办结；起算和不计入的另写一栏。")
		return
	}
	*to = l
}

var slashDate = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?$`)

// day reads a date, also the number of days since 1900 that Excel keeps.
func day(s string) string {
	if m := slashDate.FindStringSubmatch(s); m != nil {
		month, _ := strconv.Atoi(m[2])
		date, _ := strconv.Atoi(m[3])
		return fmt.Sprintf("%s-%02d-%02d", m[1], month, date)
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && n > 30_000 && n < 80_000 {
		return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n)).Format(time.DateOnly)
	}
	return s // the check says what is wrong with it
}

// text is a column of one text of the guide.
func text(key, title, also string, width float64, of func(g *guide.Guide) *string) column {
	return column{key: key, title: title, also: also, width: width,
		get: func(g *guide.Guide, _ int) string { return *of(g) },
		set: func(c *cell) { *of(c.guide) = c.text }}
}

// entries is a column of a list of texts.
func entries(key, title, also string, width float64, of func(g *guide.Guide) *[]string) column {
	return column{key: key, title: title, also: also, width: width, list: true,
		get: func(g *guide.Guide, _ int) string { return joinLines(*of(g)) },
		set: func(c *cell) { *of(c.guide) = append(*of(c.guide), c.lines...) }}
}

// joinLines writes a list so that it is read back as the same: one entry a line, and
// a single entry with a break behind it when it would be split otherwise.
func joinLines(list []string) string {
	if len(list) == 1 && strings.ContainsAny(list[0], defaultSeparators) {
		return list[0] + "\n"
	}
	return strings.Join(list, "\n")
}

// elsewhere is a column of a text of Guide.Elsewhere.
func elsewhere(key, title, also string, width float64, of func(e *guide.Elsewhere) *string) column {
	return column{key: key, title: title, also: also, width: width, many: true,
		get: func(g *guide.Guide, _ int) string {
			if g.Elsewhere == nil {
				return ""
			}
			return *of(g.Elsewhere)
		},
		set: func(c *cell) {
			if c.guide.Elsewhere == nil {
				c.guide.Elsewhere = &guide.Elsewhere{}
			}
			*of(c.guide.Elsewhere) = c.text
		}}
}

// yesNo is a column of yes and no; no is written as nothing.
func yesNo(key, title, also string, of func(g *guide.Guide) *bool) column {
	return column{key: key, title: title, also: also, width: 10, choices: []string{"是", "否"},
		get: func(g *guide.Guide, _ int) string {
			if *of(g) {
				return "是"
			}
			return ""
		},
		set: func(c *cell) { c.yes(func(v bool) { *of(c.guide) = v }) }}
}

// limits are the columns of a time limit.
func limits(key, title, also string, of func(g *guide.Guide) *guide.Limit) []column {
	return []column{
		{key: key, title: title, also: also, width: 14, help: "例如 5个工作日、20天、2小时、当场办结",
			get: func(g *guide.Guide, _ int) string {
				if of(g).Unit == "" {
					return ""
				}
				return of(g).String()
			},
			set: func(c *cell) {
				start, note := of(c.guide).Start, of(c.guide).Note
				c.limit(of(c.guide))
				if start != "" {
					of(c.guide).Start = start
				}
				if note != "" {
					of(c.guide).Note = note
				}
			}},
		{key: key + ".unit", title: "", also: title + "单位", set: func(c *cell) {
			l, ok := guide.ParseLimit("1" + c.text)
			if !ok {
				c.wrong("时限看不懂", fmt.Sprintf("“%s”不是时限的单位。", short(c.text)), "写工作日、天、小时、分钟或个月。")
				return
			}
			if of(c.guide).Number > 0 {
				of(c.guide).Unit = l.Unit
			}
		}},
		{key: key + ".start", title: title + "起算", width: 16, help: "例如 自受理之日起",
			get: func(g *guide.Guide, _ int) string { return of(g).Start },
			set: func(c *cell) { of(c.guide).Start = c.text }},
		{key: key + ".note", title: title + "说明", width: 20, many: true, help: "哪些时间不计入",
			get: func(g *guide.Guide, _ int) string { return of(g).Note },
			set: func(c *cell) { of(c.guide).Note = c.text }},
	}
}

// long marks a column whose lists are split at line breaks only.
func long(c column) column { c.long, c.many = true, true; return c }

// many marks a column whose texts may have line breaks.
func many(c column) column { c.many = true; return c }

// helped gives a column its explanation in the template.
func helped(c column, help string) column { c.help = help; return c }

// coded is a column of a handful, written as its Chinese name.
func coded[T ~string](key, title, also string, choices []T, of func(g *guide.Guide) *T, name func(T) string) column {
	c := column{key: key, title: title, also: also, width: 12,
		get: func(g *guide.Guide, _ int) string {
			if n := name(*of(g)); n != "" {
				return n
			}
			return string(*of(g))
		},
		set: func(c *cell) { *of(c.guide) = T(codeOf(key, c.text)) }}
	for _, v := range choices {
		c.choices = append(c.choices, name(v))
	}
	return c
}

// codes is a column of several such values.
func codes[T ~string](key, title, also string, all []T, of func(g *guide.Guide) *[]T, name func(T) string) column {
	names := make([]string, len(all))
	for i, v := range all {
		names[i] = name(v)
	}
	return column{key: key, title: title, also: also, width: 14, list: true, help: "可以写几个，用顿号隔开：" + strings.Join(names, "、"),
		get: func(g *guide.Guide, _ int) string {
			var out []string
			for _, v := range *of(g) {
				if n := name(v); n != "" {
					out = append(out, n)
				} else {
					out = append(out, string(v))
				}
			}
			return joinLines(out)
		},
		set: func(c *cell) {
			for _, s := range c.lines {
				*of(c.guide) = appendNew(*of(c.guide), T(codeOf(key, s)), "")
			}
		}}
}

// codeOf is the value that a word stands for, or the word itself, which the check
// then refuses.
func codeOf(key, s string) string {
	if v, ok := usualValues[key][s]; ok {
		return v
	}
	switch key {
	case "nature":
		if n, ok := guide.NatureOf(twoDigits(s)); ok {
			return string(n)
		}
	case "level":
		if l, ok := guide.LevelOf(s); ok {
			return string(l)
		}
	}
	return s
}

// usualValues are the words halls use, besides those the product writes.
var usualValues = map[string]map[string]string{
	"kind": {
		"即办件": "on-the-spot", "即办": "on-the-spot", "1": "on-the-spot", "承诺件": "promise", "承诺": "promise", "2": "promise",
		"联办件": "joint", "联办": "joint", "上报件": "upward", "上报": "upward",
	},
	"nature": {
		"许可": "01", "给付": "05", "确认": "07", "奖励": "08", "裁决": "09", "其他": "10", "其他权力": "10", "其他类": "10", "其他行政权力类": "10",
		"行政许可类": "01", "行政确认类": "07", "服务": "20",
	},
	"level": {"国家": "1", "区级": "4", "县（区）级": "4", "区县级": "4", "乡镇级": "5", "街道级": "5", "乡级": "5", "镇（街道）级": "5", "村级": "6", "社区级": "6", "村（社区）级": "6"},
	"for": {
		"自然人": "person", "个人": "person", "群众": "person", "企业": "firm", "企业法人": "firm", "非法人企业": "firm", "法人": "firm", "个体工商户": "firm",
		"其他组织": "other", "事业法人": "other", "事业单位": "other", "社会组织": "other", "社会组织法人": "other", "行政机关": "other", "其他": "other",
	},
	"channels": {
		"窗口办理": "window", "窗口": "window", "现场办理": "window", "1": "window", "网上办理": "online", "网上": "online", "2": "online",
		"移动端办理": "mobile", "移动端": "mobile", "手机": "mobile", "3": "mobile", "快递申请": "post", "快递": "post", "邮寄": "post", "4": "post",
		"自助终端办理": "self-service", "自助终端": "self-service", "其他": "other", "9": "other",
	},
}

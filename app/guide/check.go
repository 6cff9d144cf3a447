package guide

import (
	"fmt"
	"net/url"
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
	maxCode     = 64 // the table says 24; real codes are longer
	maxMaterial = 200
	maxBasis    = 1000
	maxAnswer   = 1000
)

// Problem is something wrong with a guide.
type Problem struct {
	// Place is where the guide was read: file and line, or sheet and row; empty for
	// a catalogue that was not read from a file.
	Place   string
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
	// Place says where a guide was read, by its index; nil = unknown.
	Place func(guide int) string
	// Today is the date against which 更新日期 is old; zero = not looked at.
	Today time.Time
}

// Check returns everything wrong with a catalogue, guide by guide. Guides with
// errors must not be shown; those with warnings may.
func Check(c *Catalogue, known Known) []Problem {
	k := &checker{known: known}
	ids, names := map[string]int{}, map[string]int{}
	for i := range c.Guides {
		g := &c.Guides[i]
		k.at, k.guide = i, g
		k.check()
		if first, ok := ids[g.ID]; ok && g.ID != "" {
			k.err("编码", fmt.Sprintf("和《%s》的编码重复。", c.Guides[first].Name), "每个事项用自己的编码；确是同一事项的，删掉一条。")
		} else {
			ids[g.ID] = i
		}
		key := g.Department + "\x00" + g.Name
		if first, ok := names[key]; ok && g.Name != "" {
			k.warn("名称", fmt.Sprintf("同一部门有两条同名事项（另一条编码 %s）。", c.Guides[first].ID), "在名称里写明区别，或删掉一条。")
		} else {
			names[key] = i
		}
	}
	return k.found
}

type checker struct {
	known Known
	at    int
	guide *Guide
	found []Problem
}

func (k *checker) err(field, message, cure string)  { k.add(field, message, cure, false) }
func (k *checker) warn(field, message, cure string) { k.add(field, message, cure, true) }

func (k *checker) add(field, message, cure string, warning bool) {
	p := Problem{Guide: k.guide.Name, Field: field, Message: message, Cure: cure, Warning: warning}
	if p.Guide == "" {
		p.Guide = k.guide.ID
	}
	if k.known.Place != nil {
		p.Place = k.known.Place(k.at)
	}
	k.found = append(k.found, p)
}

var idShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func (k *checker) check() {
	g := k.guide
	switch {
	case g.ID == "":
		k.err("编码", "没有编码。", "写上实施编码；没有的，自编一个英文字母和数字的编号。")
	case !idShape.MatchString(g.ID) || len(g.ID) > maxCode:
		k.err("编码", "编码只能用英文字母、数字、点、横线和下划线，最长 64 个字符。", "改成这样的编码。")
	}
	if strings.TrimSpace(g.Name) == "" {
		k.err("名称", "没有名称。", "写上事项名称。")
	}
	k.length("名称", g.Name, maxName)
	if g.Department == "" {
		k.err("部门", "没有写部门。", "写上实施主体的名称。")
	}
	if g.Nature != "" && g.Nature.Name() == "" {
		k.err("事项类型", fmt.Sprintf("不认识“%s”。", g.Nature), "用 01 许可、05 给付、07 确认、08 奖励、09 裁决、10 其他、20 公共服务。")
	}
	if g.Kind != "" && g.Kind.Name() == "" {
		k.err("办件类型", fmt.Sprintf("不认识“%s”。", g.Kind), "用 即办件、承诺件、联办件、上报件。")
	}
	k.texts()
	if g.Elsewhere != nil {
		if g.Elsewhere.Unit == "" || g.Elsewhere.Address == "" && g.Elsewhere.Phone == "" {
			k.err("不在本厅", "没有写明到哪里办。", "写上承办单位和地址或电话。")
		}
		return // the rest is that place's to say
	}
	k.limits()
	k.materials()
	k.conditions()
	k.steps()
	k.fee()
	k.contact()
}

func (k *checker) length(field, s string, most int) {
	if n := utf8.RuneCountInString(s); n > most {
		k.err(field, fmt.Sprintf("有 %d 个字，最多 %d 个。", n, most), "缩短。")
	}
}

// texts looks for what cannot be shown in any field people read.
func (k *checker) texts() {
	g := k.guide
	look := func(field, s string) {
		if !utf8.ValidString(s) {
			k.err(field, "含有不是文字的内容（编码错误）。", "按 UTF-8 或 GB18030 重新保存文件。")
			return
		}
		var private, control bool
		for _, r := range s {
			private = private || unicode.Is(unicode.Co, r) || r == unicode.ReplacementChar
			control = control || unicode.IsControl(r) && r != '\n' && r != '\t'
		}
		if private {
			k.warn(field, "含有自造字或乱码，别的机器上显示不出来。", "换成 GB 18030 里的字。")
		}
		if control {
			k.err(field, "含有控制字符。", "删掉后重新输入。")
		}
		if markup.MatchString(s) {
			k.warn(field, "含有网页标签，会原样显示出来。", "只留文字。")
		}
	}
	look("名称", g.Name)
	look("一句话说明", g.Summary)
	for _, m := range g.Materials {
		look("材料", m.Name+m.Note+m.From+m.When)
	}
	for _, s := range g.Conditions {
		look("受理条件", s)
	}
	for _, s := range g.Basis {
		look("设定依据", s)
		k.length("设定依据", s, maxBasis)
	}
	for _, q := range g.FAQ {
		look("常见问题", q.Question+q.Answer)
		k.length("常见问题", q.Answer, maxAnswer)
	}
}

var markup = regexp.MustCompile(`(?i)</?(p|br|div|span|font|table|tr|td|a|b|strong|img|script|style)\b[^>]*>|&(nbsp|lt|gt|amp|quot|#\d+);`)

func (k *checker) limits() {
	g := k.guide
	for _, l := range []struct {
		field string
		Limit
	}{{"法定时限", g.Legal}, {"承诺时限", g.Promised}} {
		if l.IsZero() {
			continue
		}
		if _, ok := unitNames[l.Unit]; !ok || l.Number < 0 || l.Number > 10000 {
			k.err(l.field, "数量或单位不正确。", "写成例如 5 个工作日。")
			return
		}
	}
	if !g.Legal.IsZero() && !g.Promised.IsZero() && g.Promised.days() > g.Legal.days()+0.01 {
		k.err("承诺时限", fmt.Sprintf("承诺 %s，比法定 %s 还长。", g.Promised, g.Legal), "承诺时限不得超过法定时限。")
	}
	if g.Kind == OnTheSpot && !g.Promised.IsZero() && g.Promised.days() > 1.4 {
		k.err("承诺时限", fmt.Sprintf("即办件却承诺 %s。", g.Promised), "当天办不完的，办件类型改为承诺件。")
	}
	if g.Kind == Promise && g.Promised.IsZero() {
		k.err("承诺时限", "承诺件没有写承诺时限。", "写明几个工作日。")
	}
	visit := slices.ContainsFunc(g.Steps, func(s Step) bool { return strings.Contains(s.Name+s.Text, "现场勘") }) ||
		strings.Contains(g.Promised.Note, "现场勘")
	if visit && !g.Promised.IsZero() && g.Promised.days() < 5 && !strings.Contains(g.Promised.Note, "不计") {
		k.warn("承诺时限", fmt.Sprintf("要现场勘查，却只承诺 %s。", g.Promised), "写明勘查时间是否计入，或改承诺时限。")
	}
}

var (
	catchAll  = regexp.MustCompile(`(其他|其它|有关|相关)(有关|相关|所需|必要)?的?(材料|资料|证明|文件)(等)?$|法律.{0,6}法规.{0,8}规定的其他|要求提供的其他`)
	inName    = regexp.MustCompile(`原件|复印件|一式[一二两三四五六七八九十\d]+份`)
	anyDigits = regexp.MustCompile(`[一二两三四五六七八九十\d]+份`)
)

func (k *checker) materials() {
	g := k.guide
	if len(g.Materials) == 0 && g.Elsewhere == nil {
		k.warn("材料", "没有材料清单。", "列出材料；确实不用带材料的，写一条“无需材料”的说明。")
	}
	seen := map[string]bool{}
	forms := map[string]bool{}
	for _, f := range g.Forms {
		forms[f.ID] = true
	}
	for i, m := range g.Materials {
		field := fmt.Sprintf("材料第%d项", i+1)
		name := strings.TrimSpace(m.Name)
		if name == "" {
			k.err(field, "没有名称。", "写上材料名称。")
			continue
		}
		k.length(field, name, maxMaterial)
		if catchAll.MatchString(name) {
			k.err(field, fmt.Sprintf("“%s”没说清是什么。", name), "写明是哪几样；不得要求清单以外的材料。")
		}
		if seen[name] {
			k.warn(field, fmt.Sprintf("“%s”列了两次。", name), "合并成一项，写明份数。")
		}
		seen[name] = true
		if m.Originals < 0 || m.Copies < 0 || m.Originals > 99 || m.Copies > 99 {
			k.err(field, "份数不正确。", "填 0 到 99。")
		}
		if m.Waived == "" && m.Originals+m.Copies == 0 {
			if inName.MatchString(name) || anyDigits.MatchString(name) {
				k.warn(field, fmt.Sprintf("份数写在名称“%s”里。", name), "填到原件份数、复印件份数两栏。")
			} else {
				k.warn(field, fmt.Sprintf("“%s”没有写要几份。", name), "填上原件份数或复印件份数。")
			}
		}
		if m.Optional && m.When == "" {
			k.warn(field, fmt.Sprintf("“%s”不是必备，却没写什么情况下要。", name), "写明什么情况需要。")
		}
		if m.Form != "" && !forms[m.Form] {
			k.err(field, fmt.Sprintf("表格 %s 不在表格清单里。", m.Form), "补上这份表格，或改编号。")
		}
	}
}

var proofNames = regexp.MustCompile(`(身份证|户口簿|户口本|营业执照|结婚证|离婚证|毕业证|学位证|不动产权证|驾驶证|行驶证|出生医学证明|无犯罪记录证明|社会保障卡|残疾人证|居住证)`)

func (k *checker) conditions() {
	g := k.guide
	all := strings.Join(g.Conditions, "\n")
	var names []string
	for _, m := range g.Materials {
		names = append(names, m.Name+m.Note)
	}
	listed := strings.Join(names, "\n")
	told := map[string]bool{}
	for _, proof := range proofNames.FindAllString(all, -1) {
		if told[proof] || len(g.Materials) == 0 {
			continue
		}
		told[proof] = true
		if !strings.Contains(listed, strings.TrimSuffix(strings.TrimSuffix(proof, "本"), "簿")) {
			k.warn("受理条件", fmt.Sprintf("提到“%s”，材料清单里却没有。", proof), "要交的写进材料清单；不交的，从条件里删去。")
		}
	}
	if strings.Contains(all, "提供以下材料") || strings.Contains(all, "提交下列材料") {
		k.warn("受理条件", "材料写在受理条件里。", "移到材料清单。")
	}
	everything := all + listed + g.Summary
	for _, s := range g.Steps {
		everything += s.Text
	}
	if (strings.Contains(everything, "本人到场") || strings.Contains(everything, "须本人")) && (strings.Contains(everything, "可代办") || strings.Contains(everything, "可以代办")) {
		k.warn("受理条件", "又要本人到场，又说可以代办。", "只留一种说法，或写明什么情况可以代办。")
	}
	if strings.Contains(everything, "年满18") && strings.Contains(everything, "监护人代") {
		k.warn("受理条件", "又要年满 18 岁，又说监护人代办。", "写明未成年人怎么办。")
	}
}

func (k *checker) steps() {
	g := k.guide
	if len(g.Steps) == 0 {
		return
	}
	names := ""
	days := 0
	for _, s := range g.Steps {
		names += s.Name + "、"
		days += s.Days
	}
	var lacks []string
	for _, need := range []string{"受理", "审", "办结", "送达"} {
		words := map[string][]string{"受理": {"受理", "收件", "申请"}, "审": {"审"}, "办结": {"办结", "决定", "发证", "制证", "办理"}, "送达": {"送达", "领取", "发放", "取"}}[need]
		if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(names, w) }) {
			lacks = append(lacks, strings.TrimSuffix(need, "、"))
		}
	}
	if len(lacks) > 0 && g.Kind != OnTheSpot {
		k.warn("流程", "缺少环节："+strings.Join(lacks, "、")+"。", "补上受理、审核、办结、送达各环节。")
	}
	if days > 0 && (g.Promised.Unit == WorkingDays || g.Promised.Unit == Days) && g.Promised.Number > 0 && days != g.Promised.Number {
		k.warn("流程", fmt.Sprintf("各环节合计 %d 天，承诺却是 %s。", days, g.Promised), "改成一致。")
	}
}

func (k *checker) fee() {
	g := k.guide
	if len(g.Fee.Items) > 0 && g.Fee.Basis == "" {
		k.err("收费", "收费却没有写依据。", "写上收费依据；没有依据的不得收费。")
	}
	for _, f := range g.Fee.Items {
		if f.Name == "" || f.Standard == "" {
			k.err("收费", "收费项目或标准没有写全。", "写成例如 工本费，20元/证。")
		}
	}
}

var phoneShape = regexp.MustCompile(`^[0-9+() （）\-—转,，、;；/或 ]{3,80}$`)

func (k *checker) contact() {
	g := k.guide
	if g.Phone == "" {
		k.warn("咨询电话", "没有咨询电话。", "写上有人接听的电话。")
	} else if !phoneShape.MatchString(g.Phone) {
		k.warn("咨询电话", fmt.Sprintf("“%s”不像电话号码。", g.Phone), "只写号码。")
	}
	if g.Complaint == "" {
		k.warn("监督电话", "没有监督电话。", "写上监督投诉电话。")
	}
	if g.OnlineURL != "" {
		u, err := url.Parse(g.OnlineURL)
		switch {
		case err != nil || u.Host == "":
			k.warn("网办地址", "不是网址。", "写成 https:// 开头的网址，或留空。")
		case u.Scheme != "https":
			k.warn("网办地址", "不是 https 网址。", "换成 https 网址。")
		}
	}
	if g.Business != "" && k.known.Businesses != nil && !slices.Contains(k.known.Businesses, g.Business) {
		k.err("取号业务", fmt.Sprintf("本大厅没有业务 %s。", g.Business), "改成大厅文件里的业务编号，或留空。")
	}
	if g.Updated != "" {
		day, err := time.Parse("2006-01-02", g.Updated)
		switch {
		case err != nil:
			k.err("更新日期", fmt.Sprintf("“%s”不是日期。", g.Updated), "写成 2026-11-22 的样子。")
		case !k.known.Today.IsZero() && day.After(k.known.Today):
			k.warn("更新日期", "在今天以后。", "写实际更新的日期。")
		case !k.known.Today.IsZero() && k.known.Today.Sub(day) > 2*365*24*time.Hour:
			k.warn("更新日期", "已经两年没有更新。", "核对一遍，改成今天的日期。")
		}
	}
}

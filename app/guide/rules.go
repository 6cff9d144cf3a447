package guide

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

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
			k.err("时限写法", l.field, "数量或单位不正确。", "写成例如 5 个工作日。")
			return
		}
	}
	if !g.Legal.IsZero() && !g.Promised.IsZero() && g.Promised.days() > g.Legal.days()+0.01 {
		k.err("承诺时限长于法定时限", "承诺时限", fmt.Sprintf("承诺 %s，比法定 %s 还长。", g.Promised, g.Legal), "承诺时限不得超过法定时限。")
	}
	if g.Kind == OnTheSpot && !g.Promised.IsZero() && g.Promised.days() > 1.4 {
		k.err("即办件当天办不完", "承诺时限", fmt.Sprintf("即办件却承诺 %s。", g.Promised), "当天办不完的，办件类型改为承诺件。")
	}
	if g.Kind == Promise && g.Promised.IsZero() {
		k.err("承诺件没有承诺时限", "承诺时限", "承诺件没有写承诺时限。", "写明几个工作日。")
	}
	visit := slices.ContainsFunc(g.Steps, func(s Step) bool { return strings.Contains(s.Name+s.Text, "现场勘") }) ||
		strings.Contains(g.Promised.Note, "现场勘")
	if visit && !g.Promised.IsZero() && g.Promised.days() < 5 && !strings.Contains(g.Promised.Note, "不计") {
		k.warn("现场勘查时限太短", "承诺时限", fmt.Sprintf("要现场勘查，却只承诺 %s。", g.Promised), "写明勘查时间是否计入，或改承诺时限。")
	}
}

var (
	vague     = regexp.MustCompile(`(其他|其它|有关|相关)(有关|相关|所需|必要)?的?(材料|资料|证明|文件)(等)?$`)
	catchAll  = regexp.MustCompile(`^[^一-龥]*(其他|其它|有关|相关)(有关|相关|所需|必要)?的?(材料|资料|证明|文件)(等)?$|法律.{0,6}法规.{0,8}规定的其他|(要求|需要|应当)提交?提?供?的其他|与.{0,12}有关的其?他?(材料|资料|证明|文件)$`)
	inName    = regexp.MustCompile(`原件|复印件|一式[一二两三四五六七八九十\d]+份`)
	anyDigits = regexp.MustCompile(`[一二两三四五六七八九十\d]+份`)
)

// MaterialField is the Problem.Field of a material, by its index: 材料第1项.
func MaterialField(i int) string { return fmt.Sprintf("材料第%d项", i+1) }

func (k *checker) materials() {
	g := k.guide
	if len(g.Materials) == 0 && g.Elsewhere == nil {
		k.warn("没有材料清单", "材料", "没有材料清单。", "列出材料；确实不用带材料的，写一条“无需材料”的说明。")
	}
	seen := map[string]bool{}
	forms := map[string]bool{}
	for _, f := range g.Forms {
		forms[f.ID] = true
	}
	for i, m := range g.Materials {
		field := MaterialField(i)
		name := strings.TrimSpace(m.Name)
		if name == "" {
			k.err("材料没有名称", field, "没有名称。", "写上材料名称。")
			continue
		}
		k.length(field, name, maxMaterial)
		if !catchAll.MatchString(name) && vague.MatchString(name) {
			k.warn("材料说得含糊", field, fmt.Sprintf("“%s”可能说不清是哪几样。", name), "写明是哪几样，或在说明里列出来。")
		}
		if catchAll.MatchString(name) {
			k.err("兜底材料", field, fmt.Sprintf("“%s”没说清是什么。", name), "写明是哪几样；不得要求清单以外的材料。")
		}
		if seen[name] {
			k.warn("材料重复", field, fmt.Sprintf("“%s”列了两次。", name), "合并成一项，写明份数。")
		}
		seen[name] = true
		if m.Originals < 0 || m.Copies < 0 || m.Originals > 99 || m.Copies > 99 {
			k.err("材料份数", field, "份数不正确。", "填 0 到 99。")
		}
		if m.Waived == "" && m.Originals+m.Copies == 0 {
			if inName.MatchString(name) || anyDigits.MatchString(name) {
				k.warn("份数写在材料名称里", field, fmt.Sprintf("份数写在名称“%s”里。", name), "填到原件份数、复印件份数两栏。")
			} else {
				k.warn("材料没有份数", field, fmt.Sprintf("“%s”没有写要几份。", name), "填上原件份数或复印件份数。")
			}
		}
		if m.Optional && m.When == "" {
			k.warn("非必备材料没写情形", field, fmt.Sprintf("“%s”不是必备，却没写什么情况下要。", name), "写明什么情况需要。")
		}
		if m.Form != "" && !forms[m.Form] {
			k.err("材料的表格不存在", field, fmt.Sprintf("表格 %s 不在表格清单里。", m.Form), "补上这份表格，或改编号。")
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
			k.warn("条件提到的材料不在清单", "受理条件", fmt.Sprintf("提到“%s”，材料清单里却没有。", proof), "要交的写进材料清单；不交的，从条件里删去。")
		}
	}
	if strings.Contains(all, "提供以下材料") || strings.Contains(all, "提交下列材料") {
		k.warn("材料写在受理条件里", "受理条件", "材料写在受理条件里。", "移到材料清单。")
	}
	everything := all + listed + g.Summary
	for _, s := range g.Steps {
		everything += s.Text
	}
	if (strings.Contains(everything, "本人到场") || strings.Contains(everything, "须本人")) && (strings.Contains(everything, "可代办") || strings.Contains(everything, "可以代办")) {
		k.warn("本人到场和代办矛盾", "受理条件", "又要本人到场，又说可以代办。", "只留一种说法，或写明什么情况可以代办。")
	}
	if strings.Contains(everything, "年满18") && strings.Contains(everything, "监护人代") {
		k.warn("年满18岁和监护人代办矛盾", "受理条件", "又要年满 18 岁，又说监护人代办。", "写明未成年人怎么办。")
	}
}

func (k *checker) steps() {
	g := k.guide
	if len(g.Steps) == 0 {
		return
	}
	names := ""
	days := 0
	for i, s := range g.Steps {
		names += s.Name + "、"
		days += s.Days
		if s.Name == "" || s.Days < 0 || s.Days > 10000 {
			k.err("环节不全", "流程", fmt.Sprintf("第 %d 个环节没有名称，或天数不正确。", i+1), "写上名称；天数写整数，不知道的留空。")
		}
	}
	var lacks []string
	for _, need := range []string{"受理", "审", "办结", "送达"} {
		words := map[string][]string{"受理": {"受理", "收件", "申请"}, "审": {"审"}, "办结": {"办结", "决定", "发证", "制证", "办理"}, "送达": {"送达", "领取", "发放", "取"}}[need]
		if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(names, w) }) {
			lacks = append(lacks, strings.TrimSuffix(need, "、"))
		}
	}
	if len(lacks) > 0 && g.Kind != OnTheSpot {
		k.warn("流程缺少环节", "流程", "缺少环节："+strings.Join(lacks, "、")+"。", "补上受理、审核、办结、送达各环节。")
	}
	if days > 0 && (g.Promised.Unit == WorkingDays || g.Promised.Unit == Days) && g.Promised.Number > 0 && days != g.Promised.Number {
		k.warn("环节天数和承诺不符", "流程", fmt.Sprintf("各环节合计 %d 天，承诺却是 %s。", days, g.Promised), "改成一致。")
	}
}

func (k *checker) fee() {
	g := k.guide
	if len(g.Fee.Items) > 0 && g.Fee.Basis == "" {
		k.err("收费没有依据", "收费", "收费却没有写依据。", "写上收费依据；没有依据的不得收费。")
	}
	for _, f := range g.Fee.Items {
		if f.Name == "" || f.Standard == "" {
			k.err("收费项目不全", "收费", "收费项目或标准没有写全。", "写成例如 工本费，20元/证。")
		}
	}
}

var phoneShape = regexp.MustCompile(`^[0-9+() （）\-—转,，、;；/或 ]{3,80}$`)

// address is the shape of a web address. Package net/url is not for packages that the
// terminal's session uses: nothing there reaches the network.
var address = regexp.MustCompile(`^(?i)([a-z]{1,10})://[^/\s?#]+([/?#]\S*)?$`)

func (k *checker) contact() {
	g := k.guide
	if g.Phone == "" {
		k.warn("没有咨询电话", "咨询电话", "没有咨询电话。", "写上有人接听的电话。")
	} else if !phoneShape.MatchString(g.Phone) {
		k.warn("电话写法", "咨询电话", fmt.Sprintf("“%s”不像电话号码。", g.Phone), "只写号码。")
	}
	if g.Complaint == "" {
		k.warn("没有监督电话", "监督电话", "没有监督电话。", "写上监督投诉电话。")
	}
	if g.OnlineURL != "" {
		m := address.FindStringSubmatch(g.OnlineURL)
		switch {
		case m == nil:
			k.warn("网址写法", "网办地址", "不是网址。", "写成 https:// 开头的网址，或留空。")
		case !strings.EqualFold(m[1], "https"):
			k.warn("网址不是 https", "网办地址", "不是 https 网址。", "换成 https 网址。")
		}
	}
	if g.Business != "" && k.known.Businesses != nil && !slices.Contains(k.known.Businesses, g.Business) {
		k.err("取号业务不存在", "取号业务", fmt.Sprintf("本大厅没有业务 %s。", g.Business), "改成大厅文件里的业务编号，或留空。")
	}
	if g.Updated == "" {
		k.warn("没有更新日期", "更新日期", "没有更新日期。", "写上最近一次核对的日期。")
	} else {
		day, err := time.Parse("2006-01-02", g.Updated)
		switch {
		case err != nil:
			k.err("日期写法", "更新日期", fmt.Sprintf("“%s”不是日期。", g.Updated), "写成 2026-11-22 的样子。")
		case !k.known.Today.IsZero() && day.After(k.known.Today):
			k.warn("更新日期在今天以后", "更新日期", "在今天以后。", "写实际更新的日期。")
		case !k.known.Today.IsZero() && k.known.Today.Sub(day) > 2*365*24*time.Hour:
			k.warn("两年没有更新", "更新日期", "已经两年没有更新。", "核对一遍，改成今天的日期。")
		}
	}
}

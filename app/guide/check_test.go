package guide

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// good is a guide nothing is wrong with.
func good() Guide {
	return Guide{
		ID: "511100-0001", Name: "居住证办理", Department: "示例公安局", Nature: Service, Kind: Promise,
		Summary: "外地人在本地住满半年，可以办居住证。", For: []Person{Individual},
		Conditions: []string{"在本地住满半年，有居民身份证。"},
		Materials: []Material{
			{Name: "居民身份证", Originals: 1},
			{Name: "居住证明", Originals: 1, Copies: 1, From: "房东或单位"},
			{Name: "近期照片", Optional: true, When: "系统里没有照片的", Copies: 1},
		},
		Steps: []Step{{Name: "受理", Days: 1}, {Name: "审核", Days: 3}, {Name: "办结", Days: 1}, {Name: "送达"}},
		Legal: Limit{Number: 15, Unit: Days}, Promised: Limit{Number: 5, Unit: WorkingDays},
		Fee:   Fee{Items: []FeeItem{{"工本费", "20元/证"}}, Basis: "示例依据〔2020〕1号"},
		Phone: "0826-5550100", Complaint: "0826-5550123", Updated: "2026-05-01", Business: "household",
	}
}

var checkedAgainst = Known{Businesses: []string{"household"}, Today: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}

func TestNothingWrongWithAGoodGuide(t *testing.T) {
	for _, p := range Check(&Catalogue{Guides: []Guide{good()}}, checkedAgainst) {
		t.Error(p)
	}
}

func TestEveryRuleFindsItsMistake(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(g *Guide)
		want  string // field: part of the message
		error bool
	}{
		"no id":           {func(g *Guide) { g.ID = "" }, "编码: 没有编码", true},
		"id in Chinese":   {func(g *Guide) { g.ID = "居住证" }, "编码: 只能用", true},
		"no name":         {func(g *Guide) { g.Name = " " }, "名称: 没有名称", true},
		"long name":       {func(g *Guide) { g.Name = strings.Repeat("证", 201) }, "名称: 有 201 个字", true},
		"no department":   {func(g *Guide) { g.Department = "" }, "部门: 没有写", true},
		"nature":          {func(g *Guide) { g.Nature = "99" }, "事项类型: 不认识", true},
		"kind":            {func(g *Guide) { g.Kind = "whatever" }, "办件类型: 不认识", true},
		"private use":     {func(g *Guide) { g.Materials[0].Note = "\uE000" }, "材料: 含有自造字", false},
		"control":         {func(g *Guide) { g.Summary = "a\x00b" }, "一句话说明: 含有控制字符", true},
		"not text":        {func(g *Guide) { g.Name = "\xff" }, "名称: 含有不是文字", true},
		"markup":          {func(g *Guide) { g.Conditions[0] += "<br/>" }, "受理条件: 含有网页标签", false},
		"nowhere else":    {func(g *Guide) { g.Elsewhere = &Elsewhere{Unit: "示例所"} }, "不在本厅: 没有写明", true},
		"unit":            {func(g *Guide) { g.Promised.Unit = "weeks" }, "承诺时限: 数量或单位", true},
		"promise > law":   {func(g *Guide) { g.Promised.Number = 20; g.Steps = nil }, "承诺时限: 承诺 20个工作日，比法定 15天 还长", true},
		"on the spot":     {func(g *Guide) { g.Kind = OnTheSpot }, "承诺时限: 即办件却承诺", true},
		"promise of what": {func(g *Guide) { g.Promised = Limit{} }, "承诺时限: 承诺件没有写", true},
		"site visit": {func(g *Guide) {
			g.Promised.Number, g.Steps = 3, []Step{{Name: "受理"}, {Name: "现场勘查"}, {Name: "审核"}, {Name: "办结"}, {Name: "送达"}}
		}, "承诺时限: 要现场勘查", false},
		"no materials":     {func(g *Guide) { g.Materials, g.Conditions = nil, nil }, "材料: 没有材料清单", false},
		"material unnamed": {func(g *Guide) { g.Materials[1].Name = "" }, "材料第2项: 没有名称", true},
		"catch-all":        {func(g *Guide) { g.Materials[1].Name = "其他有关材料" }, "材料第2项: “其他有关材料”没说清", true},
		"catch-all by law": {func(g *Guide) { g.Materials[1].Name = "法律、法规规定的其他材料" }, "材料第2项: “法律", true},
		"twice":            {func(g *Guide) { g.Materials[1].Name = "居民身份证" }, "材料第2项: “居民身份证”列了两次", false},
		"how many":         {func(g *Guide) { g.Materials[0].Originals = 0 }, "材料第1项: “居民身份证”没有写要几份", false},
		"count in name":    {func(g *Guide) { g.Materials[0] = Material{Name: "居民身份证原件两份"} }, "材料第1项: 份数写在名称", false},
		"too many":         {func(g *Guide) { g.Materials[0].Copies = 100 }, "材料第1项: 份数不正确", true},
		"optional when":    {func(g *Guide) { g.Materials[2].When = "" }, "材料第3项: “近期照片”不是必备", false},
		"form":             {func(g *Guide) { g.Materials[0].Form = "f9" }, "材料第1项: 表格 f9 不在", true},
		"condition":        {func(g *Guide) { g.Conditions[0] += "有户口簿。" }, "受理条件: 提到“户口簿”", false},
		"list in words":    {func(g *Guide) { g.Conditions[0] += "需提供以下材料：" }, "受理条件: 材料写在受理条件里", false},
		"in person or not": {func(g *Guide) { g.Conditions[0] += "须本人办理，也可代办。" }, "受理条件: 又要本人到场", false},
		"of age or not":    {func(g *Guide) { g.Conditions[0] += "年满18周岁，由监护人代为办理。" }, "受理条件: 又要年满", false},
		"steps":            {func(g *Guide) { g.Steps = g.Steps[1:3] }, "流程: 缺少环节：受理、送达", false},
		"days of steps":    {func(g *Guide) { g.Steps[1].Days = 9 }, "流程: 各环节合计 11 天", false},
		"fee without law":  {func(g *Guide) { g.Fee.Basis = "" }, "收费: 收费却没有写依据", true},
		"fee of what":      {func(g *Guide) { g.Fee.Items[0].Standard = "" }, "收费: 收费项目或标准", true},
		"no phone":         {func(g *Guide) { g.Phone = "" }, "咨询电话: 没有咨询电话", false},
		"phone":            {func(g *Guide) { g.Phone = "无" }, "咨询电话: “无”不像", false},
		"no complaint":     {func(g *Guide) { g.Complaint = "" }, "监督电话: 没有", false},
		"link":             {func(g *Guide) { g.OnlineURL = "办理地址" }, "网办地址: 不是网址", false},
		"http":             {func(g *Guide) { g.OnlineURL = "http://hall.example.cn/1" }, "网办地址: 不是 https", false},
		"business":         {func(g *Guide) { g.Business = "nothing" }, "取号业务: 本大厅没有业务 nothing", true},
		"date":             {func(g *Guide) { g.Updated = "去年" }, "更新日期: “去年”不是日期", true},
		"tomorrow":         {func(g *Guide) { g.Updated = "2026-11-23" }, "更新日期: 在今天以后", false},
		"old":              {func(g *Guide) { g.Updated = "2024-01-01" }, "更新日期: 已经两年没有更新", false},
		"no date":          {func(g *Guide) { g.Updated = "" }, "更新日期: 没有更新日期", false},
		"rather long name": {func(g *Guide) { g.Name = strings.Repeat("证", 81) }, "名称: 有 81 个字，屏幕上", false},
		"brackets":         {func(g *Guide) { g.Name = "居住证（办理)" }, "名称: 括号不成对", false},
		"garbled":          {func(g *Guide) { g.Place = "一�楼" }, "办理地点: 含有乱码", false},
		"no character":     {func(g *Guide) { g.Hours = "a￾" }, "办理时间: 含有控制字符", true},
		"markup in a form": {func(g *Guide) { g.Forms = []Form{{ID: "f", Name: "表&nbsp;"}} }, "表格: 含有网页标签", false},
		"private in a fee": {func(g *Guide) { g.Fee.Items[0].Name = "󰀁" }, "收费: 含有自造字", false},
		"endless text":     {func(g *Guide) { g.Summary = strings.Repeat("长", 4001) }, "一句话说明: 有一段超过", true},
		"long place":       {func(g *Guide) { g.Place = strings.Repeat("长", 101) }, "办理地点: 有 101 个字", false},
		"long hours":       {func(g *Guide) { g.Hours = strings.Repeat("长", 151) }, "办理时间: 有 151 个字", false},
		"level":            {func(g *Guide) { g.Level = "7" }, "行使层级: 不认识“7”", true},
		"for whom":         {func(g *Guide) { g.For = []Person{"cats"} }, "服务对象: 不认识", true},
		"channel":          {func(g *Guide) { g.Channels = []Channel{"fax"} }, "办理形式: 不认识", true},
		"credit code":      {func(g *Guide) { g.DepartmentCode = "123" }, "实施主体编码: 不是 18 位", false},
		"visits":           {func(g *Guide) { n := -1; g.Visits = &n }, "到现场次数: 写的是 -1", true},
		"rank":             {func(g *Guide) { g.Rank = 2 }, "常用程度: 应是 0 到 1", true},
		"rank of nothing":  {func(g *Guide) { g.Rank = float32(math.NaN()) }, "常用程度: 应是 0 到 1", true},
		"number elsewhere": {func(g *Guide) { g.Elsewhere = &Elsewhere{Unit: "示例所", Phone: "1234567"} }, "取号业务: 不在本厅办的", true},
		"phone elsewhere":  {func(g *Guide) { g.Business = ""; g.Elsewhere = &Elsewhere{Unit: "示例所", Phone: "问门卫"} }, "不在本厅: “问门卫”不像", false},
		"form unnamed":     {func(g *Guide) { g.Forms = []Form{{ID: "f"}} }, "表格第1份: 没有编号或名称", true},
		"form field":       {func(g *Guide) { g.Forms = []Form{{ID: "f", Name: "表", Fields: []FormField{{Sample: "x"}}}} }, "表格第1份: 有填写项没有名称", true},
		"form twice":       {func(g *Guide) { g.Forms = []Form{{ID: "f", Name: "表"}, {ID: "f", Name: "表"}} }, "表格第2份: 编号 f 用了两次", true},
		"question":         {func(g *Guide) { g.FAQ = []QA{{Question: "问"}} }, "常见问题: 有问题没有答案", true},
		"long answer":      {func(g *Guide) { g.FAQ = []QA{{"问", strings.Repeat("答", 1001)}} }, "常见问题: 有 1001 个字", true},
		"step unnamed":     {func(g *Guide) { g.Steps[0].Name = "" }, "流程: 第 1 个环节没有名称", true},
		"vague":            {func(g *Guide) { g.Materials[1].Name = "婚姻状况的有关材料" }, "材料第2项: “婚姻状况的有关材料”可能", false},
		"catch-all asked":  {func(g *Guide) { g.Materials[1].Name = "窗口要求提供的其他资料" }, "材料第2项: “窗口", true},
		"catch-all about":  {func(g *Guide) { g.Materials[1].Name = "与申请事项有关的其他材料" }, "材料第2项: “与申请", true},
		"long basis":       {func(g *Guide) { g.Basis = []string{strings.Repeat("法", 1001)} }, "设定依据: 有 1001 个字", true},
	} {
		g := good()
		c.spoil(&g)
		problems := Check(&Catalogue{Guides: []Guide{g}}, checkedAgainst)
		field, message, _ := strings.Cut(c.want, ": ")
		found := false
		for _, p := range problems {
			if p.Field == field && strings.Contains(p.Message, message) {
				found = true
				if p.Warning == c.error {
					t.Errorf("%s: warning %v: %s", name, p.Warning, p)
				}
				if p.Cure == "" || p.Rule == "" {
					t.Errorf("%s: no cure or rule: %+v", name, p)
				}
			}
		}
		if !found {
			t.Errorf("%s: not found; found %v", name, problems)
		}
	}
}

func TestDoubles(t *testing.T) {
	a, b, c := good(), good(), good()
	b.Name = "居住证签注"
	c.ID = "another"
	problems := Check(&Catalogue{Guides: []Guide{a, b, c}}, Known{Place: func(i int, _ string) string { return []string{"表:2", "表:3", "表:4"}[i] }})
	if len(problems) != 2 || problems[0].Place != "表:3" || problems[0].Warning || problems[1].Place != "表:4" || !problems[1].Warning {
		t.Errorf("%v", problems)
	}
	if s := problems[0].String(); !strings.HasPrefix(s, "表:3: 错误：《居住证签注》编码：和《居住证办理》的编码重复。办法：") {
		t.Error(s)
	}
}

func TestLimitInWords(t *testing.T) {
	for want, l := range map[string]Limit{"": {}, "当场办结": {Unit: WorkingDays}, "5个工作日": {Number: 5, Unit: WorkingDays}, "30分钟": {Number: 30, Unit: Minutes}} {
		if got := l.String(); got != want {
			t.Errorf("%+v: %q, want %q", l, got, want)
		}
	}
}

func TestRevision(t *testing.T) {
	a, b := &Catalogue{Guides: []Guide{good()}}, &Catalogue{Guides: []Guide{good()}}
	if a.Revision() != b.Revision() || len(a.Revision()) != 64 {
		t.Error("equal catalogues, other revisions")
	}
	b.Guides[0].Phone = "1"
	if a.Revision() == b.Revision() {
		t.Error("another phone, the same revision")
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("居住证", "材料原件一份", "须本人可代办<br>", "\uE000\xff", 3)
	f.Fuzz(func(t *testing.T, name, material, condition, note string, number int) {
		g := good()
		g.Name, g.Materials[0].Name, g.Conditions[0], g.Materials[1].Note, g.Promised.Number = name, material, condition, note, number
		for _, p := range Check(&Catalogue{Guides: []Guide{g}}, Known{}) {
			sound := utf8.ValidString(name) && utf8.ValidString(material) && utf8.ValidString(condition) && utf8.ValidString(note)
			if p.Message == "" || p.Cure == "" || sound && !utf8.ValidString(p.String()) {
				t.Errorf("%+v", p)
			}
		}
	})
}

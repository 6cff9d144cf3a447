package importer

import (
	"regexp"
	"strconv"
	"strings"

	"hallkiosk/app/guide"
)

// matterColumns are the columns of a guide itself, in the order in which they are
// written. Titles that real tables use stand beside ours.
func matterColumns() []column {
	type G = guide.Guide
	all := []column{
		helped(text("id", "编码", "实施编码 事项编码 实施清单编码 业务编码 办理项编码 TASK_CODE", 22, func(g *G) *string { return &g.ID }), "必填。实施编码；没有的自编，用英文字母和数字"),
		helped(text("name", "事项名称", "名称 办理项名称 业务办理项名称 实施清单名称 服务事项名称 事项", 34, func(g *G) *string { return &g.Name }), "必填"),
		text("name_en", "英文名称", "事项英文名称", 24, func(g *G) *string { return &g.NameEn }),
		helped(entries("aliases", "别名", "常用名称 俗称 简称 日常用语", 18, func(g *G) *[]string { return &g.Aliases }), "群众的叫法，用顿号隔开"),
		helped(many(text("summary", "一句话说明", "事项简介 简介 说明 事项说明", 34, func(g *G) *string { return &g.Summary })), "用平常的话说这是办什么的"),
		many(text("summary_en", "英文说明", "", 24, func(g *G) *string { return &g.SummaryEn })),
		entries("codes", "其他编码", "基本编码 基本目录编码", 18, func(g *G) *[]string { return &g.Codes }),
		coded("nature", "事项类型", "权力类型 事项性质", []guide.Nature{guide.Licence, guide.Benefit, guide.Confirmation, guide.Award, guide.Ruling, guide.OtherPower, guide.Service},
			func(g *G) *guide.Nature { return &g.Nature }, guide.Nature.Name),
		coded("kind", "办件类型", "件型", []guide.Kind{guide.OnTheSpot, guide.Promise, guide.Joint, guide.Upward}, func(g *G) *guide.Kind { return &g.Kind }, guide.Kind.Name),
		coded("level", "行使层级", "层级", []guide.Level{guide.National, guide.Provincial, guide.Municipal, guide.County, guide.Township, guide.Village},
			func(g *G) *guide.Level { return &g.Level }, guide.Level.Name),
		helped(text("department", "部门", "实施主体 实施主体名称 实施部门 主管部门 办理部门 承办单位 责任单位 部门名称 所属部门", 22, func(g *G) *string { return &g.Department }), "必填"),
		text("department_code", "实施主体编码", "统一社会信用代码", 20, func(g *G) *string { return &g.DepartmentCode }),
		long(entries("partners", "联办机构", "联办部门", 18, func(g *G) *[]string { return &g.Partners })),
		helped(entries("themes", "主题", "服务主题 主题分类 所属主题", 14, func(g *G) *[]string { return &g.Themes }), "例如 户籍、社会保障"),
		codes("for", "服务对象", "面向对象 办理对象", []guide.Person{guide.Individual, guide.Firm, guide.Institution}, func(g *G) *[]guide.Person { return &g.For }, guide.Person.Name),
		helped(entries("life_events", "人生事件", "生命周期 事件", 14, func(g *G) *[]string { return &g.LifeEvents }), "例如 生育、入学、退休"),
		helped(long(entries("basis", "设定依据", "法律依据 实施依据", 34, func(g *G) *[]string { return &g.Basis })), "一行一条"),
		helped(long(entries("conditions", "受理条件", "办理条件 申请条件 条件", 34, func(g *G) *[]string { return &g.Conditions })), "一行一条"),
		{key: "materials", also: "申请材料 所需材料 材料清单 申报材料", list: true, long: true, set: func(c *cell) {
			for _, s := range c.lines {
				c.guide.Materials = append(c.guide.Materials, guide.Material{Name: numbering.ReplaceAllString(s, "")})
			}
		}},
		{key: "steps", also: "办理流程 流程 办理环节 办事流程", list: true, long: true, set: func(c *cell) {
			for _, s := range c.lines {
				for name := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune("→>—➡", r) }) {
					if name = numbering.ReplaceAllString(strings.TrimSpace(name), ""); name != "" {
						c.guide.Steps = append(c.guide.Steps, guide.Step{Name: name})
					}
				}
			}
		}},
	}
	all = append(all, limits("legal", "法定时限", "法定办结时限 法定期限 法定办理时限", func(g *G) *guide.Limit { return &g.Legal })...)
	all = append(all, limits("promised", "承诺时限", "承诺办结时限 承诺期限 办理时限 承诺办理时限", func(g *G) *guide.Limit { return &g.Promised })...)
	return append(all,
		column{key: "fee.charged", also: "是否收费 收费情况", set: func(c *cell) { c.yes(func(v bool) { c.draft.charged = &v }) }},
		many(text("fee.basis", "收费依据", "", 22, func(g *G) *string { return &g.Fee.Basis })),
		many(text("fee.note", "收费减免", "收费说明 减免说明", 18, func(g *G) *string { return &g.Fee.Note })),
		text("result", "办理结果", "结果名称 审批结果 审批结果名称 办理结果名称", 18, func(g *G) *string { return &g.Result }),
		many(text("result_sample", "结果样本", "", 18, func(g *G) *string { return &g.ResultSample })),
		many(text("quota", "数量限制", "", 14, func(g *G) *string { return &g.Quota })),
		many(text("intermediary", "中介服务", "", 14, func(g *G) *string { return &g.Intermediary })),
		many(text("special", "特别程序", "特殊环节", 14, func(g *G) *string { return &g.Special })),
		helped(text("business", "取号业务", "业务编号", 14, func(g *G) *string { return &g.Business }), "大厅文件里的业务编号（businesses 的 id）；不取号的留空"),
		many(text("place", "办理地点", "受理地点 办公地址 窗口", 24, func(g *G) *string { return &g.Place })),
		many(text("hours", "办理时间", "受理时间 办公时间", 20, func(g *G) *string { return &g.Hours })),
		text("phone", "咨询电话", "咨询方式 联系电话 电话", 18, func(g *G) *string { return &g.Phone }),
		text("complaint", "监督电话", "投诉电话 监督投诉电话 监督投诉方式", 18, func(g *G) *string { return &g.Complaint }),
		text("online_url", "网办地址", "网上办理地址 在线办理地址 网址 链接", 24, func(g *G) *string { return &g.OnlineURL }),
		text("scope", "通办范围", "", 12, func(g *G) *string { return &g.Scope }),
		codes("channels", "办理形式", "办理方式 申请方式", []guide.Channel{guide.AtWindow, guide.Online, guide.Mobile, guide.ByCourier, guide.SelfService, guide.OtherWay},
			func(g *G) *[]guide.Channel { return &g.Channels }, guide.Channel.Name),
		column{key: "visits", title: "到现场次数", also: "到办事现场次数 跑动次数 最多跑几次", width: 10,
			get: func(g *G, _ int) string {
				if g.Visits == nil {
					return ""
				}
				return strconv.Itoa(*g.Visits)
			},
			set: func(c *cell) { c.number(func(v int) { c.guide.Visits = &v }) }},
		yesNo("bookable", "可预约", "是否支持预约 是否支持预约办理", func(g *G) *bool { return &g.Bookable }),
		yesNo("pay_online", "可网上支付", "是否支持网上支付", func(g *G) *bool { return &g.PayOnline }),
		yesNo("courier", "可快递", "是否支持物流快递 物流快递", func(g *G) *bool { return &g.Courier }),
		helped(elsewhere("elsewhere.unit", "不在本厅：承办单位", "承办地点单位", 20, func(e *guide.Elsewhere) *string { return &e.Unit }), "不在本大厅办的事项才填"),
		elsewhere("elsewhere.address", "不在本厅：地址", "", 24, func(e *guide.Elsewhere) *string { return &e.Address }),
		elsewhere("elsewhere.phone", "不在本厅：电话", "", 16, func(e *guide.Elsewhere) *string { return &e.Phone }),
		elsewhere("elsewhere.hours", "不在本厅：时间", "", 18, func(e *guide.Elsewhere) *string { return &e.Hours }),
		column{key: "updated", title: "更新日期", also: "更新时间 修订日期 版本日期", width: 12, help: "例如 2026-11-22",
			get: func(g *G, _ int) string { return g.Updated },
			set: func(c *cell) { c.guide.Updated = day(c.text) }},
		column{key: "rank", title: "常用程度", also: "", width: 10, help: "0 到 1；最常办的写 1，不知道的留空",
			get: func(g *G, _ int) string {
				if g.Rank == 0 {
					return ""
				}
				return strconv.FormatFloat(float64(g.Rank), 'g', -1, 32)
			},
			set: func(c *cell) {
				v, err := strconv.ParseFloat(c.text, 32)
				if err != nil || !(v >= 0 && v <= 1) {
					c.wrong("常用程度不正确", "“"+short(c.text)+"”不是 0 到 1 的数。", "最常办的写 1，不知道的留空。")
					return
				}
				c.guide.Rank = float32(v)
			}},
	)
}

// numbering is what stands before the entries of a list typed by hand.
var numbering = regexp.MustCompile(`^\s*(?:[（(]?\d{1,2}[)）]|\d{1,2}[.、．]|[①-⑳]|[一二三四五六七八九十]{1,2}、)\s*`)

// partText is a column of a text of one of a guide's parts, given its index.
func partText(key, title, also string, width float64, of func(g *guide.Guide, i int) *string) column {
	return column{key: key, title: title, also: also, width: width,
		get: func(g *guide.Guide, i int) string { return *of(g, i) },
		set: func(c *cell) { *of(c.guide, -1) = c.text }}
}

// partNumber is a column of a whole number, 0 written as nothing.
func partNumber(key, title, also string, of func(g *guide.Guide, i int) *int) column {
	return column{key: key, title: title, also: also, width: 10,
		get: func(g *guide.Guide, i int) string {
			if v := *of(g, i); v != 0 {
				return strconv.Itoa(v)
			}
			return ""
		},
		set: func(c *cell) { c.number(func(v int) { *of(c.guide, -1) = v }) }}
}

// at is the i-th of a list; the last for -1.
func at[T any](list []T, i int) *T {
	if i < 0 {
		i = len(list) - 1
	}
	return &list[i]
}

// parts are what guides have several of.
func parts() []part {
	type G = guide.Guide
	type M = guide.Material
	material := func(get func(m *M) *string) func(g *G, i int) *string {
		return func(g *G, i int) *string { return get(at(g.Materials, i)) }
	}
	return []part{
		{name: "material", sheet: "材料", also: "材料清单 申请材料 材料信息", field: "材料",
			count: func(g *G) int { return len(g.Materials) },
			add:   func(g *G, _ func(string) string) { g.Materials = append(g.Materials, M{}) },
			columns: []column{
				helped(partText("material.name", "材料名称", "申请材料名称", 30, material(func(m *M) *string { return &m.Name })), "必填"),
				partText("material.name_en", "材料英文名称", "", 20, material(func(m *M) *string { return &m.NameEn })),
				partNumber("material.originals", "原件份数", "原件 纸质材料份数 原件数量", func(g *G, i int) *int { return &at(g.Materials, i).Originals }),
				partNumber("material.copies", "复印件份数", "复印件 复印件数量", func(g *G, i int) *int { return &at(g.Materials, i).Copies }),
				{key: "material.required", title: "是否必备", also: "是否必要 必要性 材料必要性 是否必需", width: 10, choices: []string{"是", "否"}, help: "空着就是必备",
					get: func(g *G, i int) string {
						if g.Materials[i].Optional {
							return "否"
						}
						return "是"
					},
					set: func(c *cell) { c.yes(func(v bool) { at(c.guide.Materials, -1).Optional = !v }) }},
				helped(many(partText("material.when", "需要的情形", "适用情形", 20, material(func(m *M) *string { return &m.When }))), "不是必备的，写明什么情况要"),
				partText("material.from", "来源", "来源渠道 材料来源 出具机构 出具单位", 16, material(func(m *M) *string { return &m.From })),
				partText("material.issued", "出具时间", "", 14, material(func(m *M) *string { return &m.Issued })),
				many(partText("material.note", "材料说明", "填报须知 受理标准 办理说明 材料要求", 26, material(func(m *M) *string { return &m.Note }))),
				many(partText("material.sample", "样本说明", "", 18, material(func(m *M) *string { return &m.Sample }))),
				helped(partText("material.waived", "免提交", "", 12, material(func(m *M) *string { return &m.Waived })), "免提交或告知承诺；要交的留空"),
				helped(partText("material.form", "用哪份表格", "", 12, material(func(m *M) *string { return &m.Form })), "表格编号"),
			}},
		{name: "step", sheet: "流程", also: "办理流程 环节", field: "流程",
			count: func(g *G) int { return len(g.Steps) },
			add:   func(g *G, _ func(string) string) { g.Steps = append(g.Steps, guide.Step{}) },
			columns: []column{
				partText("step.name", "环节名称", "环节", 16, func(g *G, i int) *string { return &at(g.Steps, i).Name }),
				many(partText("step.text", "环节说明", "环节内容", 34, func(g *G, i int) *string { return &at(g.Steps, i).Text })),
				partNumber("step.days", "环节天数", "环节时限", func(g *G, i int) *int { return &at(g.Steps, i).Days }),
			}},
		{name: "charge", sheet: "收费", also: "收费标准", field: "收费",
			count: func(g *G) int { return len(g.Fee.Items) },
			add:   func(g *G, _ func(string) string) { g.Fee.Items = append(g.Fee.Items, guide.FeeItem{}) },
			columns: []column{
				partText("charge.name", "收费项目", "收费项目名称", 18, func(g *G, i int) *string { return &at(g.Fee.Items, i).Name }),
				many(partText("charge.standard", "收费标准", "", 24, func(g *G, i int) *string { return &at(g.Fee.Items, i).Standard })),
			}},
		{name: "form", sheet: "表格", also: "表单", field: "表格", count: formRows, add: addForm,
			columns: []column{
				partText("form.id", "表格编号", "", 14, func(g *G, i int) *string { f, _ := formRow(g, i); return &f.ID }),
				partText("form.name", "表格名称", "", 24, func(g *G, i int) *string { f, _ := formRow(g, i); return &f.Name }),
				partText("form.field", "填写项", "", 18, func(g *G, i int) *string { _, f := formRow(g, i); return &f.Name }),
				many(partText("form.sample", "填写示例", "示例", 18, func(g *G, i int) *string { _, f := formRow(g, i); return &f.Sample })),
				many(partText("form.help", "填写说明", "", 24, func(g *G, i int) *string { _, f := formRow(g, i); return &f.Help })),
			}},
		{name: "question", sheet: "常见问题", also: "问答", field: "常见问题",
			count: func(g *G) int { return len(g.FAQ) },
			add:   func(g *G, _ func(string) string) { g.FAQ = append(g.FAQ, guide.QA{}) },
			columns: []column{
				partText("question.question", "问题", "常见问题", 28, func(g *G, i int) *string { return &at(g.FAQ, i).Question }),
				many(partText("question.answer", "答案", "解答 回答", 44, func(g *G, i int) *string { return &at(g.FAQ, i).Answer })),
			}},
	}
}

// A form has a row for each of its fields, and one when it has none.
func formRows(g *guide.Guide) (n int) {
	for _, f := range g.Forms {
		n += max(1, len(f.Fields))
	}
	return n
}

// formRow returns the form and field of a row, of the last row for -1. What is said
// of a field that is not there goes nowhere.
func formRow(g *guide.Guide, row int) (*guide.Form, *guide.FormField) {
	i := len(g.Forms) - 1
	if row >= 0 {
		for i = 0; row >= max(1, len(g.Forms[i].Fields)); i++ {
			row -= max(1, len(g.Forms[i].Fields))
		}
	}
	f := &g.Forms[i]
	if len(f.Fields) == 0 {
		return f, &guide.FormField{}
	}
	return f, at(f.Fields, row)
}

// addForm begins another form, or another field of the one above when the row names
// the same or none.
func addForm(g *guide.Guide, text func(key string) string) {
	id, last := text("form.id"), len(g.Forms)-1
	if last < 0 || id != "" && id != g.Forms[last].ID {
		g.Forms = append(g.Forms, guide.Form{})
		last++
	}
	if text("form.field")+text("form.sample")+text("form.help") != "" {
		g.Forms[last].Fields = append(g.Forms[last].Fields, guide.FormField{})
	}
}

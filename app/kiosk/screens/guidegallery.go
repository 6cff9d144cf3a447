package screens

import (
	"fmt"

	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/session"
)

// galleryDepartments are departments of a county.
var galleryDepartments = [...][2]string{
	{"公安局", "Public Security"}, {"人力资源和社会保障局", "Human Resources and Social Security"},
	{"民政局", "Civil Affairs"}, {"医疗保障局", "Health Insurance"}, {"行政审批局", "Licences"},
	{"住房和城乡建设局", "Housing and Construction"}, {"税务局", "Taxes"}, {"残疾人联合会", "Disabled Persons’ Federation"},
	{"教育体育局", "Education and Sports"}, {"退役军人事务局", "Veterans’ Affairs"},
}

func (g *gallery) departments(n int) []session.Choice {
	out := make([]session.Choice, n)
	for i := range out {
		d := galleryDepartments[i%len(galleryDepartments)]
		out[i] = session.Choice{ID: fmt.Sprintf("d%d", i), Title: g.in(d[0], d[1]), Leads: true, Count: 1 + i*37%344, Waiting: -1}
		if i >= len(galleryDepartments) {
			out[i].Title += fmt.Sprintf(" %d", i/len(galleryDepartments)+1)
		}
	}
	return out
}

// guidePages adds the entrance and the lists.
func (g *gallery) guidePages() {
	all := []session.Way{session.ByDepartment, session.ByTheme, session.ByLifeEvent, session.ForPersons, session.ForFirms}
	most := 6
	if g.v.Assisted {
		most = 3
	}
	add := func(name string, e session.Guides) {
		v := g.view(session.PageGuides)
		v.Guides = &e
		g.add("guides-"+name, v)
	}
	add("all", session.Guides{Ways: all, Likely: g.items(most + 3)[3:], Total: 68, Sample: true})
	add("few", session.Guides{Ways: all[:2], Likely: g.items(2), Total: 12})
	add("long", session.Guides{Ways: all, Likely: g.items(most), Total: 1135})
	add("no-likely", session.Guides{Ways: all, Total: 1500})
	add("search-only", session.Guides{Total: 3})

	list := func(name string, way session.Way, path []string, choices []session.Choice, pages ...int) {
		g.pages(choices, pages, func(c session.Choose, page string) {
			c.Path = path
			v := g.view(session.PageList)
			v.List = &session.List{Way: way, Choose: c}
			g.add("list-"+name+page, v)
		})
	}
	list("departments", session.ByDepartment, nil, g.departments(10), 1, -1)
	list("departments-34", session.ByDepartment, nil, g.departments(34), 1, -1)
	list("themes", session.ByTheme, nil, g.departments(5), 1)
	list("life-events", session.ByLifeEvent, nil, g.departments(7), 1)
	path := []string{g.in("按部门找", "By department"), g.in("行政审批局", "Licences")}
	list("matters-344", session.ByDepartment, path, g.items(344), 1, -1)
	list("matters-1", session.ByDepartment, path, g.items(1), 1)
}

// pages gives the pages of a list that are asked for, 1-based, -1 the last, with
// the end of their names.
func (g *gallery) pages(choices []session.Choice, pages []int, f func(c session.Choose, page string)) {
	starts := g.drawing.Breaks(choices, g.v.Assisted, g.v.Language)
	for _, n := range pages {
		if n < 0 {
			n = len(starts)
		}
		from, to := starts[n-1], len(choices)
		if n < len(starts) {
			to = starts[n]
		}
		name := ""
		if n > 1 {
			name = fmt.Sprintf("-page%d", n)
		} else if n == len(starts) && len(pages) > 1 && pages[0] != n {
			continue
		}
		if n == 1 && len(starts) == 1 && len(pages) > 1 {
			pages = pages[:1]
		}
		f(session.Choose{Choices: choices[from:to], Number: n, Pages: len(starts), Total: len(choices)}, name)
		if len(starts) == 1 {
			return
		}
	}
}

func (g *gallery) searches() {
	add := func(name string, s session.Search, titles ...session.Found) {
		if len(titles) > 0 {
			choices := make([]session.Choice, len(titles))
			for i := range titles {
				choices[i] = titles[i].Choice
			}
			starts := g.drawing.Results(choices, g.v.Assisted, g.v.Language)
			to := len(titles)
			if len(starts) > 1 {
				to = starts[1]
			}
			s.Found, s.Number, s.Pages, s.Total = titles[:to], 1, len(starts), len(titles)
		}
		if s.Input == "" {
			s.Input = session.Letters
		}
		v := g.view(session.PageSearch)
		v.Search = &s
		g.add("search-"+name, v)
	}
	found := func(n int, marks [2]int) []session.Found {
		out := make([]session.Found, n)
		for i := range out {
			it := galleryItems[i%len(galleryItems)]
			out[i].Choice = session.Choice{ID: fmt.Sprintf("f%d", i), Title: g.in(it[0], it[1]), Waiting: -1, Item: true}
			if g.v.Language == session.Chinese {
				out[i].Marks = [][2]int{marks}
			}
		}
		return out
	}
	add("empty", session.Search{Handwriting: true})
	add("no-handwriting", session.Search{})
	add("one", session.Search{Text: "jzz", Handwriting: true}, found(1, [2]int{0, 3})...)
	long := found(17, [2]int{0, 2})
	long[1].Title, long[1].Marks = galleryLongItem, [][2]int{{2, 4}, {100, 104}}
	add("many", session.Search{Text: "居住", Handwriting: true}, long...)
	add("long-text", session.Search{Text: "liudongrenyuandanganzhua", Handwriting: true}, found(2, [2]int{2, 4})...)
	add("nothing", session.Search{Text: "zzzz", Nothing: true, Handwriting: true})
	add("digits", session.Search{Text: "5116", Input: session.Digits, Handwriting: true}, found(3, [2]int{})...)
	pad := session.Search{Input: session.Handwriting, Handwriting: true}
	add("write", pad)
	pad.Strokes = galleryStrokes()
	add("reading", pad)
	pad.Characters = []string{"大", "太", "犬", "丈", "天"}
	add("characters", pad)
	pad.Text = "户"
	add("characters-found", pad, found(9, [2]int{0, 1})...)
	pad.Strokes, pad.Characters = nil, nil
	add("written", pad, found(9, [2]int{0, 1})...)
	pad.Text, pad.Nothing = "龘", true
	add("write-nothing", pad)
}

// galleryStrokes are those of 大.
func galleryStrokes() []session.Stroke {
	return []session.Stroke{
		strokeOf(180, 250, 500, 230, 820, 240), strokeOf(500, 90, 490, 500, 180, 860), strokeOf(510, 480, 700, 700, 880, 850),
	}
}

// strokeOf is a stroke through the points given as x, y, x, y …
func strokeOf(xy ...int) session.Stroke {
	var s session.Stroke
	for i := 0; i+1 < len(xy); i += 2 {
		s = append(s, session.Point{X: xy[i], Y: xy[i+1]})
	}
	return s
}

// galleryMaterials are what people have to bring: name, count, and what is said
// about it.
var galleryMaterials = [...][4]string{
	{"居民身份证", "原件1份，复印件1份", "本人提供，复印件可以在大厅复印", "Resident identity card"},
	{"居住登记申请表", "原件1份", "在本大厅领取，或现场填写", "Application form for residence registration"},
	{"房屋租赁合同或者房屋产权证明", "复印件2份", "租房的带租赁合同，自己的房子带产权证", "Lease, or proof that you own the home"},
	{"近期免冠照片", "2张", "一寸，白底", "Recent photograph"},
	{"就业证明或者连续就读证明", "原件1份", "在本地工作的由单位出具，在读的由学校出具，自己经商的带营业执照复印件", "Proof of work or of study"},
}

func (g *gallery) materials(n int) []session.Block {
	out := make([]session.Block, n)
	for i := range out {
		m := galleryMaterials[i%len(galleryMaterials)]
		out[i] = session.Block{
			Kind: session.BlockMaterial, Index: i, Title: g.in(m[0], m[3]),
			Count: g.in(m[1], "1 original"), Text: g.in(m[2], "You can copy it in the hall"), Ticked: i%3 == 1,
		}
		switch i % 5 {
		case 1:
			out[i].Form = "f1"
		case 2:
			out[i].Optional = true
		case 3:
			out[i].Waived, out[i].Text = i > 5, ""
		}
	}
	return out
}

func (g *gallery) guides() {
	base := session.Guide{
		ID: "sample", Name: g.in("居住证办理", "Residence permit"),
		Summary:    g.in("在本地住满半年、有工作或者有住处的外地人，可以办居住证。", "For people from elsewhere who have lived here for half a year."),
		Department: g.in("公安局", "Public Security"),
		Kind:       g.in("承诺件", "Within days"), Limit: g.in("5个工作日", "5 working days"), Fee: g.in("不收费", "Free"),
		Sample: true,
		Tabs: []session.Tab{
			session.TabMaterials, session.TabSteps, session.TabWhere, session.TabConditions, session.TabFees, session.TabQuestions,
		},
		Tab: session.TabMaterials, Ready: 1, Needed: 4, Takes: true, Prints: true, Scans: true, Forms: 2, Plan: true,
	}
	add := func(name string, blocks []session.Block, pages []int, change func(*session.Guide)) {
		head := base
		if change != nil {
			change(&head)
		}
		starts := g.drawing.Folds(head, blocks, g.v.Assisted, g.v.Language)
		for _, n := range pages {
			if n < 0 {
				n = len(starts)
			}
			if n > len(starts) || n == 1 && pages[0] != 1 {
				continue
			}
			from, to := starts[n-1], len(blocks)
			if n < len(starts) {
				to = starts[n]
			}
			page := head
			page.Blocks, page.Number, page.Pages = blocks[from:to], n, len(starts)
			v := g.view(session.PageGuide)
			v.Guide = &page
			full := "guide-" + name
			if n > 1 {
				full += fmt.Sprintf("-page%d", n)
			}
			g.add(full, v)
			if len(starts) == 1 {
				break
			}
		}
	}
	one := []int{1}
	add("materials", g.materials(5), []int{1, -1}, nil)
	add("materials-1", g.materials(1), one, func(h *session.Guide) { h.Needed, h.Ready, h.Forms = 1, 0, 0 })
	add("materials-19", g.materials(19), []int{1, 2, -1}, func(h *session.Guide) { h.Needed = 15 })
	add("ready", g.materials(3), one, func(h *session.Guide) { h.Needed, h.Ready = 2, 2 })
	add("long-name", g.materials(5), []int{1, -1}, func(h *session.Guide) {
		h.Name, h.Summary = galleryLongItem, g.in(galleryLongText, "")
	})
	longer := g.materials(3)
	longer[0].Title, longer[0].Text = galleryLongItem, galleryLongText
	longer = append(longer[:1], append([]session.Block{{Kind: session.BlockMaterial, Continues: true, Text: galleryLongText}}, longer[1:]...)...)
	add("long-material", longer, []int{1, 2, -1}, nil)

	step := func(i int, zh, en, text, textEn string) session.Block {
		return session.Block{Kind: session.BlockStep, Step: i, Title: g.in(zh, en), Text: g.in(text, textEn)}
	}
	steps := []session.Block{
		step(1, "受理", "Hand in", "到窗口交材料，材料齐了当场收下，给您一张回执。", "Hand in your papers at the window."),
		step(2, "审核", "Check", "工作人员核对材料，需要时打电话问您。3个工作日。", "We check them. 3 working days."),
		step(3, "办理", "Make", "制作证件。2个工作日。", "We make the card. 2 working days."),
		step(4, "领取", "Collect", "带身份证和回执到窗口领取，也可以邮寄到家。", "Bring the receipt, or have it sent home."),
	}
	add("steps", steps, []int{1, -1}, func(h *session.Guide) { h.Tab = session.TabSteps })
	add("steps-long", append(steps[:1:1], session.Block{Kind: session.BlockStep, Step: 1, Continues: true, Text: galleryLongText}, steps[1]), []int{1, -1},
		func(h *session.Guide) { h.Tab = session.TabSteps })

	fact := func(zh, en, text, textEn string) session.Block {
		return session.Block{Kind: session.BlockFact, Title: g.in(zh, en), Text: g.in(text, textEn)}
	}
	add("where", []session.Block{
		fact("办理窗口", "Windows", "一楼 A 区，3、4 号窗口", "Floor 1, area A, windows 3 and 4"),
		fact("办理时间", "Hours", "周一到周五 8:30—12:00，14:00—17:30", "Monday to Friday 8:30–12:00, 14:00–17:30"),
		fact("咨询电话", "Phone", "0826-5550188", "0826-5550188"),
		fact("监督电话", "Complaints", "0826-5550123", "0826-5550123"),
	}, one, func(h *session.Guide) { h.Tab = session.TabWhere })
	add("conditions", []session.Block{
		{Kind: session.BlockHeading, Title: g.in("谁可以办", "Who can apply")},
		{Kind: session.BlockText, Text: g.in("离开户籍所在地，到本地居住半年以上。", "You have lived here for half a year.")},
		{Kind: session.BlockText, Text: g.in("有合法稳定就业、合法稳定住所、连续就读三个条件中的一个。", "You work, have a home, or study here.")},
		{Kind: session.BlockHeading, Title: g.in("依据", "Legal basis")},
		{Kind: session.BlockText, Text: g.in("《居住证暂行条例》（国务院令第663号）第二条、第九条、第十条。", "Interim Regulations on Residence Permits, articles 2, 9, 10.")},
		{Kind: session.BlockText, Text: g.in(galleryLongText, "Further rules of the province.")},
	}, []int{1, -1}, func(h *session.Guide) { h.Tab = session.TabConditions })
	add("fees", []session.Block{
		fact("法定时限", "By law", "15个工作日，自受理之日起", "15 working days from the day it is handed in"),
		fact("承诺时限", "Promised", "5个工作日", "5 working days"),
		fact("收费", "Fee", "首次申领不收费；换领、补领20元一张", "Free the first time; 20 yuan for a new card"),
	}, one, func(h *session.Guide) { h.Tab = session.TabFees })
	add("questions", []session.Block{
		{Kind: session.BlockQuestion, Title: g.in("可以请别人代办吗？", "Can somebody else apply for me?"), Text: g.in("可以。带上双方的身份证和您写的委托书。", "Yes, with both identity cards and your letter.")},
		{Kind: session.BlockQuestion, Title: g.in("孩子也要办吗？", "Do children need one?"), Text: g.in("未满十六岁的，由监护人代为申领。", "Parents apply for children under sixteen.")},
		{Kind: session.BlockQuestion, Title: g.in("居住证多久签注一次？", "How often is it renewed?"), Text: g.in("每年一次，到期前一个月内到窗口办。", "Once a year.")},
	}, []int{1, -1}, func(h *session.Guide) { h.Tab = session.TabQuestions })

	add("printing", g.materials(3), one, func(h *session.Guide) { h.Printing = session.GuidePrinting })
	add("printed", g.materials(3), one, func(h *session.Guide) { h.Printing = session.GuidePrinted })
	add("unprinted", g.materials(3), one, func(h *session.Guide) { h.Printing = session.GuideUnprinted })
	add("unprinted-no-scan", g.materials(3), one, func(h *session.Guide) { h.Printing, h.Scans = session.GuideUnprinted, false })
	add("barred", g.materials(2), one, func(h *session.Guide) { h.Barred = session.Closed })
	add("no-window", g.materials(2), one, func(h *session.Guide) { h.Barred = session.NoWindow })
	add("bare", nil, one, func(h *session.Guide) {
		*h = session.Guide{ID: "bare", Name: h.Name, Tabs: []session.Tab{session.TabConditions}, Tab: session.TabConditions}
	})
	away := func(h *session.Guide) {
		h.Takes, h.Plan = false, false
		h.Name = g.in("机动车驾驶证换证", "Renewing a driving licence")
		h.Elsewhere = &session.Elsewhere{
			Unit: g.in("示例市公安局交通警察支队车辆管理所", "Sample City Vehicle Office"), Address: g.in("示例市示例区平安大道 88 号", "88 Ping’an Avenue, Sample District"),
			Phone: "0826-5550166", Hours: g.in("周一到周六 9:00—17:00", "Monday to Saturday 9:00–17:00"),
		}
	}
	add("elsewhere", nil, one, func(h *session.Guide) { away(h); h.Tab = session.TabWhere })
	add("elsewhere-only", nil, one, func(h *session.Guide) { away(h); h.Tabs, h.Tab, h.Prints, h.Scans = nil, "", false, false })
	add("elsewhere-materials", g.materials(2), one, away)
}

// galleryLongText is a text of 120 characters, the longest a block holds.
const galleryLongText = "在本地工作的由用人单位出具就业证明并盖章，在读的由就读学校出具连续就读证明，自己经商的带营业执照复印件，租房居住的带经过登记备案的房屋租赁合同，住在亲友家的由亲友写明情况并提供房屋产权证明复印件，住单位宿舍的由单位出具住宿证明。"

func (g *gallery) formsAndPlans() {
	forms := make([]session.Choice, 3)
	for i, name := range [][2]string{{"居住登记申请表", "Residence application"}, {"委托书", "Letter of authority"}, {"住宿证明", "Proof of lodging"}} {
		forms[i] = session.Choice{ID: fmt.Sprintf("form%d", i), Title: g.in(name[0], name[1]), Waiting: -1, Item: true}
	}
	v := g.view(session.PageForms)
	v.Forms = &session.Forms{Guide: g.in("居住证办理", "Residence permit"), Choose: session.Choose{Choices: forms, Number: 1, Pages: 1, Total: 3}}
	g.add("forms-3", v)

	fields := []session.FormField{
		{Name: g.in("姓名", "Name"), Sample: "测试员", Help: g.in("和身份证上的一样", "Like your identity card")},
		{Name: g.in("性别", "Sex"), Sample: g.in("男", "Male")},
		{Name: g.in("公民身份号码", "ID number"), Sample: "11010519491231002X", Help: g.in("十八位，一位一格", "18 characters")},
		{Name: g.in("户籍地址", "Registered at"), Sample: g.in("示例省示例市示例县平安镇一村 3 组 12 号", "12 Group 3, Village 1, Ping’an"), Help: g.in("照户口簿上的写", "Like the household book")},
		{Name: g.in("现居住地址", "Living at"), Sample: g.in("示例区和平路 6 号 2 栋 301", "301, 6 Heping Road"), Help: g.in("写到门牌号", "Down to the door number")},
		{Name: g.in("居住事由", "Reason"), Sample: g.in("务工", "Work"), Help: g.in("务工、经商、就读、投亲，选一样写", "Work, trade, study, family")},
		{Name: g.in("联系电话", "Phone"), Sample: "13800000000"},
		{Name: g.in("工作单位", "Employer"), Sample: g.in("示例机械厂", "Sample Works"), Help: g.in("没有的写“无”", "Write “none” if you have none")},
		{Name: g.in("申请日期", "Date"), Sample: "2026-11-20"},
		{Name: g.in("申请人签名", "Signature"), Sample: "测试员", Help: g.in("到窗口当面签", "Sign at the window")},
	}
	form := func(name string, f session.Form) {
		v := g.view(session.PageForm)
		v.Form = &f
		g.add("form-"+name, v)
	}
	per := 10
	if g.v.Assisted {
		per = 5
	}
	form("full", session.Form{Name: g.in("居住登记申请表", "Residence application"), Fields: fields[:per], Number: 1, Pages: 10 / per, Sample: true})
	form("more", session.Form{Name: g.in("居住登记申请表", "Residence application"), Fields: fields[:per], Number: 2, Pages: 3})
	form("short", session.Form{Name: g.in("委托书", "Letter of authority"), Fields: fields[:3], Number: 1, Pages: 1})
	form("empty", session.Form{Name: g.in("委托书", "Letter of authority"), Number: 1, Pages: 1})

	plan := session.Plan{
		Title: g.in("居住证办理", "Residence permit"), Width: 40, Height: 26,
		Rooms: []session.PlanRoom{
			{Name: g.in("综合服务区", "General area"), X: 1, Y: 1, W: 24, H: 9, Kind: "area", Lit: true},
			{Name: g.in("社保医保区", "Insurance area"), X: 26, Y: 1, W: 13, H: 9, Kind: "area"},
			{Name: g.in("企业服务区", "Firms"), X: 1, Y: 17, W: 13, H: 8, Kind: "area"},
			{Name: g.in("咨询台", "Information"), X: 17, Y: 15, W: 6, H: 3, Kind: "desk"},
			{Name: g.in("大门", "Entrance"), X: 17, Y: 22, W: 7, H: 4, Kind: "entrance"},
			{Name: g.in("卫生间", "Toilets"), X: 34, Y: 20, W: 5, H: 5, Kind: "toilet"},
			{Name: g.in("电梯", "Lift"), X: 29, Y: 21, W: 4, H: 4, Kind: "lift"},
			{Name: g.in("楼梯", "Stairs"), X: 25, Y: 21, W: 3, H: 4, Kind: "stairs"},
		},
		Here: &session.PlanPoint{X: 20, Y: 20}, Place: g.in("一楼 A 区，3、4 号窗口", "Floor 1, area A, windows 3 and 4"),
	}
	for i := range 12 {
		w := session.PlanWindow{Name: fmt.Sprint(i + 1), At: session.PlanPoint{X: 3 + float64(i)*3, Y: 2}, Lit: i == 2 || i == 3}
		switch {
		case i >= 10:
			w.At = session.PlanPoint{X: 3 + float64(i-10)*4, Y: 23}
		case i >= 8:
			w.At.X = 29 + float64(i-8)*5
		}
		plan.Windows = append(plan.Windows, w)
	}
	add := func(name string, change func(*session.Plan)) {
		pl := plan
		pl.Rooms = append([]session.PlanRoom{}, plan.Rooms...)
		pl.Windows = append([]session.PlanWindow{}, plan.Windows...)
		change(&pl)
		v := g.view(session.PagePlan)
		v.Plan = &pl
		g.add("plan-"+name, v)
	}
	add("lit", func(*session.Plan) {})
	add("nothing-lit", func(p *session.Plan) {
		p.Title, p.Place, p.Here = "", "", nil
		for i := range p.Windows {
			p.Windows[i].Lit = false
		}
		p.Rooms[0].Lit = false
	})
	add("crowded", func(p *session.Plan) {
		// Forty windows side by side: what is lit must be there.
		p.Windows = nil
		for i := range 40 {
			p.Windows = append(p.Windows, session.PlanWindow{Name: fmt.Sprint(i + 1), At: session.PlanPoint{X: 1.5 + float64(i%20)*1.2, Y: 2 + float64(i/20)*6}, Lit: i == 22 || i == 23})
		}
	})
	add("narrow", func(p *session.Plan) {
		*p = session.Plan{Title: p.Title, Width: 12, Height: 30, Place: p.Place, Here: &session.PlanPoint{X: 6, Y: 28},
			Rooms: []session.PlanRoom{{Name: p.Rooms[0].Name, X: 1, Y: 1, W: 10, H: 20, Kind: "area", Lit: true}},
			Windows: []session.PlanWindow{
				{Name: "1", At: session.PlanPoint{X: 2, Y: 3}}, {Name: "2", At: session.PlanPoint{X: 2, Y: 8}, Lit: true}, {Name: "3", At: session.PlanPoint{X: 2, Y: 13}},
			}}
	})

	take := func(name string, t session.Takeaway) {
		v := g.view(session.PageTakeaway)
		t.Name = g.in("居住证办理", "Residence permit")
		if name == "long-name" {
			t.Name = galleryLongItem
		}
		v.Takeaway = &t
		g.add("takeaway-"+name, v)
	}
	// As long as addresses get: 60 characters behind the hall.
	qr := "https://hall.example.cn/h/demo/AQ3kT9bW2xPz7Lr0Vn5QmYc8Hd1GfJs6Ue4KiOaNtBwXyZ-_qR2vM9lC7pDh"
	take("code", session.Takeaway{QR: qr, Prints: true})
	take("long-name", session.Takeaway{QR: qr, Prints: true})
	take("making", session.Takeaway{Prints: true})
	take("away", session.Takeaway{Away: true, Prints: true})
	take("away-no-paper", session.Takeaway{Away: true})

	closed := g.view(session.PageGuides)
	closed.Top.Open = hall.OpenState{Kind: hall.Open}
	closed.CardLeft = true
	closed.Guides = &session.Guides{Ways: []session.Way{session.ByDepartment}, Total: 3}
	g.add("guides-card-left", closed)
}

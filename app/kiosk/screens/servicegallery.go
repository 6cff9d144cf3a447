package screens

import (
	"fmt"
	"strings"

	"hallkiosk/app/complaint"
	"hallkiosk/app/kiosk/internal/session"
)

// galleryStory is what somebody might write, with a sentence over and over.
func galleryStory(n int) string {
	const sentence = "昨天上午我来办居住证，等了一个半小时，窗口说材料不齐，又没有说清楚缺什么，让我再来一趟。"
	return string([]rune(strings.Repeat(sentence, n/len([]rune(sentence))+1))[:n])
}

// complaints adds the pages of complaints.
func (g *gallery) complaints() {
	kinds := []session.Choice{{ID: "progress", Title: g.in("查办理进展", "See the progress"), Subtitle: g.in("提交过的，凭查询码看办到哪一步", "Sent before? Use the code of your receipt"), Waiting: -1}}
	for _, k := range complaint.Kinds() {
		kinds = append(kinds, session.Choice{ID: "kind:" + string(k), Title: g.in(k.Name(), k.NameEn()), Subtitle: g.in(k.About(), k.AboutEn()), Waiting: -1})
	}
	g.pages(kinds, []int{1, -1}, func(c session.Choose, page string) {
		v := g.view(session.PageComplaint)
		v.Kinds = &session.Kinds{Choose: c}
		g.add("complaint-kinds"+page, v)
	})
	windows := []session.Choice{{ID: "window:", Title: g.in("不指明窗口", "No particular window"), Subtitle: g.in("和窗口没有关系，或者记不清了", "Not about a window, or not sure"), Waiting: -1}}
	for i := range 30 {
		windows = append(windows, session.Choice{
			ID: fmt.Sprintf("window:w%d", i+1), Title: g.in(fmt.Sprintf("%d 号窗口", i+1), fmt.Sprintf("Window %d", i+1)),
			Subtitle: g.in("户籍与证件区", "Residence and ID Documents"), Waiting: -1,
		})
	}
	g.pages(windows[:7], []int{1}, func(c session.Choose, page string) {
		v := g.view(session.PageConcerned)
		v.Concerned = &session.Concerned{Kind: g.in("态度粗暴", "Rudeness"), Choose: c}
		g.add("complaint-windows-6"+page, v)
	})
	g.pages(windows, []int{-1}, func(c session.Choose, page string) {
		v := g.view(session.PageConcerned)
		v.Concerned = &session.Concerned{Kind: g.in("态度粗暴", "Rudeness"), Choose: c}
		g.add("complaint-windows-30"+page, v)
	})
	marks := []string{"，", "。", " ", "？", "！", "、"}
	if g.v.Language == session.English {
		marks = []string{",", ".", " ", "?", "!", "’"}
	}
	words := func(name string, w session.Writing) {
		w.Most, w.Handwriting, w.Marks = complaint.MaxWords, true, marks
		v := g.view(session.PageWords)
		v.Words = &session.Words{Kind: g.in("态度粗暴", "Rudeness"), Writing: w}
		g.add("complaint-words-"+name, v)
	}
	words("empty", session.Writing{Input: session.Handwriting})
	words("letters-empty", session.Writing{Input: session.Letters})
	words("letters", session.Writing{Input: session.Letters, Text: "the lift to floor 2 does not work"})
	words("digits", session.Writing{Input: session.Digits, Text: galleryStory(20) + "13"})
	words("written", session.Writing{Input: session.Handwriting, Text: galleryStory(60)})
	words("stroke", session.Writing{Input: session.Handwriting, Text: galleryStory(8), Strokes: galleryStrokes()[:1]})
	words("characters", session.Writing{Input: session.Handwriting, Text: galleryStory(30), Strokes: galleryStrokes(), Characters: []string{"十", "什", "土", "士", "干"}})
	words("full", session.Writing{Input: session.Handwriting, Text: galleryStory(complaint.MaxWords)})

	contact := func(name, digits string, problem session.ContactProblem) {
		v := g.view(session.PageContact)
		v.Contact = &session.Contact{Digits: digits, Problem: problem}
		g.add("complaint-contact-"+name, v)
	}
	contact("empty", "", "")
	contact("mobile", "13800000000", "")
	contact("longest", "861380000000012", "")
	contact("short", "1380", session.ContactTooShort)

	filing := func(name string, f session.Filing) {
		v := g.view(session.PageFiling)
		v.Filing = &f
		g.add("complaint-filing-"+name, v)
	}
	kind := g.in("态度粗暴", "Rudeness")
	filing("anonymous", session.Filing{Kind: g.in("意见建议", "Suggestion"), Words: galleryStory(24)})
	filing("window", session.Filing{Kind: kind, Window: "3", Words: galleryStory(120), Contact: "138****0000"})
	filing("full", session.Filing{Kind: kind, Window: "3", Words: galleryStory(complaint.MaxWords), Contact: "138****0000", Failed: true})

	receipt := func(name string, r session.Receipt) {
		r.Code = "K7Q2M-8XW3D"
		v := g.view(session.PageReceipt)
		v.Bottom.Back = false
		v.Receipt = &r
		g.add("complaint-receipt-"+name, v)
	}
	qr := "https://hall.example.cn/complaint/demo/progress#K7Q2M8XW3D"
	receipt("printing", session.Receipt{QR: qr, Paper: session.GuidePrinting})
	receipt("printed", session.Receipt{QR: qr, Paper: session.GuidePrinted, CanPrint: true})
	receipt("unprinted-away", session.Receipt{QR: qr, Paper: session.GuideUnprinted, CanPrint: true, Away: true})
	receipt("no-printer", session.Receipt{QR: qr})
	receipt("no-qr", session.Receipt{Away: true})

	code := func(name, text string, in session.Input, problem session.CodeProblem) {
		v := g.view(session.PageCode)
		v.AskCode = &session.AskCode{Writing: session.Writing{Text: text, Most: complaint.CodeLength, Input: in}, Problem: problem}
		g.add("complaint-code-"+name, v)
	}
	code("empty", "", session.Letters, "")
	code("typed", "K7Q2M8XW3D", session.Digits, "")
	for _, p := range []session.CodeProblem{session.CodeMistyped, session.CodeUnknown, session.CodeTooMany, session.CodeAway} {
		code(string(p), "K7Q2M8XW3D", session.Letters, p)
	}
	g.reading("complaint-progress", session.PageProgress, kind, g.progress(), 1, -1)
}

// progress is a case that has been answered at length.
func (g *gallery) progress() []session.Block {
	blocks := []session.Block{
		{Kind: session.BlockText, Text: g.in("原定的日子已经过了，还没有办到，对不起。您可以打监督电话催办。", "We are late, and we are sorry. You may call the complaints line.")},
		{Kind: session.BlockHeading, Title: g.in("现在到了：反馈", "Now at: Answered")},
	}
	for _, s := range complaint.Way() {
		text := "2026-11-20 09:41"
		if s == complaint.Archived {
			text = g.in("还没到", "not yet")
		}
		blocks = append(blocks, session.Block{Kind: session.BlockFact, Title: g.in(s.Name(), s.NameEn()), Text: text})
	}
	return append(blocks,
		session.Block{Kind: session.BlockFact, Title: g.in("现在由谁办", "Handled by"), Text: g.in("公安局", "Public Security")},
		session.Block{Kind: session.BlockHeading, Title: g.in("给您的答复", "Our answer")},
		session.Block{Kind: session.BlockText, Text: galleryStory(110)},
		session.Block{Kind: session.BlockText, Text: galleryStory(90)},
	)
}

// reading adds pages of a text: the numbers given, 1-based, -1 the last.
func (g *gallery) reading(name string, page session.Page, title string, blocks []session.Block, pages ...int) {
	starts := g.drawing.Reads(blocks, false, g.v.Assisted, g.v.Language)
	for _, n := range pages {
		last := n < 0
		if last {
			n = len(starts)
		}
		if last && n == 1 && len(pages) > 1 {
			continue
		}
		to := len(blocks)
		if n < len(starts) {
			to = starts[n]
		}
		v := g.view(page)
		v.Reading = &session.Reading{Title: title, Blocks: blocks[starts[n-1]:to], Number: n, Pages: len(starts)}
		full := name
		if n > 1 {
			full += "-last"
		}
		g.add(full, v)
	}
}

// board adds the notice board.
func (g *gallery) board() {
	sections := [][3]string{
		{"公告", "Notice", ""}, {"服务承诺", "Our commitments", ""}, {"工作人员", "Our staff", ""},
		{"承诺时限", "Promised times", ""}, {"收费公示", "Charges", ""}, {"窗口和业务", "Windows", ""}, {"开放时间", "Opening hours", ""}, {"监督电话", "Complaints line", ""},
	}
	var choices []session.Choice
	for i, s := range sections {
		choices = append(choices, session.Choice{ID: fmt.Sprintf("public:%d", i), Title: g.in(s[0], s[1]), Waiting: -1})
	}
	choices[3].Subtitle = g.in("各个事项多久办好", "How long each matter takes")
	g.pages(choices, []int{1, -1}, func(c session.Choose, page string) {
		v := g.view(session.PagePublic)
		v.Public = &session.Public{Choose: c}
		g.add("board"+page, v)
	})
	g.pages(choices[:1], []int{1}, func(c session.Choose, page string) {
		v := g.view(session.PagePublic)
		v.Public = &session.Public{Choose: c}
		g.add("board-1"+page, v)
	})
	g.reading("board-notice", session.PageSection, g.in("公告", "Notice"), []session.Block{{Kind: session.BlockText, Text: galleryStory(60)}}, 1)
	var limits []session.Block
	for i := range 40 {
		it := galleryItems[i%len(galleryItems)]
		limits = append(limits, session.Block{Kind: session.BlockText, Text: g.in(it[0]+"：5 个工作日；法定 15 个工作日", it[1]+": 5 working days; by law 15 working days")})
	}
	g.reading("board-limits", session.PageSection, g.in("承诺时限", "Promised times"), limits, 1, -1)
}

// technician adds the technician's pages.
func (g *gallery) technician() {
	pin := func(name string, p session.PIN) {
		v := g.view(session.PagePIN)
		v.PIN = &p
		g.add("technician-pin-"+name, v)
	}
	pin("empty", session.PIN{})
	pin("typed", session.PIN{Typed: 6, Checking: true})
	pin("wrong", session.PIN{Wrong: true})
	pin("locked", session.PIN{Wrong: true, Minutes: 8})

	fact := func(name, text string) session.Block {
		return session.Block{Kind: session.BlockFact, Title: name, Text: text}
	}
	well := []session.Block{
		fact("打印机", "正常；/dev/serial/by-id/usb-EPSON_TM-T82III-if00-port0；04b8:0e28 TM-T82III"),
		fact("身份证阅读器", "正常；/dev/serial/by-id/usb-SDT_EX"),
		fact("网络和中心", "正常；最近一次通话 11-20 09:40:57"),
		fact("等待上报", "没有"),
		fact("断网取号", "可以；本机是 7 号段"),
		fact("时钟", "和中心一致；11-20 09:41:02，业务日 2026-11-20"),
		fact("硬盘", "正常；还能写 23 GB"),
		fact("程序", "1.0；一号机（t7）；大厅文件 3f2a9c11；指南 91 项"),
	}
	ill := append([]session.Block{
		fact("打印机", "【要处理】有故障；/dev/serial/by-id/usb-EPSON_TM-T82III-if00-port0；已打开 3 次。切刀卡住了。请关掉电源，取出卡住的纸，再打开电源。"),
		fact("网络和中心", "【要处理】连不上；最近一次通话 11-20 08:12:40。请检查网线、中心服务的电源和 terminal.toml 里的 centre 地址。取号照常。"),
		fact("等待上报", "【要处理】512 条，188 KB；最早的等了 26 小时。请尽快恢复网络，或者导出后交给中心。"),
	}, well[4:]...)
	machine := func(name string, blocks []session.Block, m session.MachineView, n int) {
		starts := g.drawing.Reads(blocks, true, g.v.Assisted, g.v.Language)
		if n < 0 {
			n = len(starts)
		}
		to := len(blocks)
		if n < len(starts) {
			to = starts[n]
		}
		m.Reading = session.Reading{Blocks: blocks[starts[n-1]:to], Number: n, Pages: len(starts)}
		v := g.view(session.PageMachine)
		v.Machine = &m
		g.add("technician-"+name, v)
	}
	machine("looking", nil, session.MachineView{}, 1)
	machine("well", well, session.MachineView{Prints: true, Result: "开机自检：各项正常，记录已经打印。", Good: true}, 1)
	machine("busy", well, session.MachineView{Prints: true, Busy: session.TaskPrint}, -1)
	machine("ill", ill, session.MachineView{Result: "收班自检：没有打出来。切刀卡住了。请关掉电源，取出卡住的纸，再打开电源。"}, 1)
	machine("ill-last", ill, session.MachineView{}, -1)
}

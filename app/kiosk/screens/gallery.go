package screens

import (
	"fmt"
	"time"

	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/session"
)

// Sample is a view under the name of its picture.
type Sample struct {
	Name string // home-closed: page first
	View session.View
}

// Variant is a mode in a language.
type Variant struct {
	Assisted bool
	Language session.Language
}

// Variants returns all variants.
func Variants() []Variant {
	return []Variant{
		{false, session.Chinese}, {false, session.English},
		{true, session.Chinese}, {true, session.English},
	}
}

// Name is the variant's name: normal-zh, assisted-en.
func (v Variant) Name() string {
	mode := "normal"
	if v.Assisted {
		mode = "assisted"
	}
	return mode + "-" + string(v.Language)
}

// Gallery returns a sample view of every page in every state, with an invented
// hall and invented people: what is looked at before anything ships, and what the
// layout tests measure. It fails like New.
func Gallery(p Panel, v Variant) ([]Sample, error) {
	d, err := Drawing(p)
	if err != nil {
		return nil, err
	}
	g := &gallery{v: v, drawing: d}
	g.homes()
	g.choices()
	g.identities()
	g.keypads()
	g.confirmations()
	g.results()
	g.messages()
	g.guidePages()
	g.searches()
	g.guides()
	g.formsAndPlans()
	g.ratings()
	g.complaints()
	g.board()
	g.technician()
	g.notices()
	return g.samples, nil
}

type gallery struct {
	v       Variant
	drawing session.Drawing
	samples []Sample
}

// galleryNow is a working Friday morning.
var galleryZone = time.FixedZone("Asia/Shanghai", 8*3600)

func at(day, hour, minute int) time.Time {
	return time.Date(2026, time.November, day, hour, minute, 0, 0, galleryZone)
}

// in picks the text of the variant's language.
func (g *gallery) in(zh, en string) string {
	if g.v.Language == session.English {
		return en
	}
	return zh
}

func (g *gallery) view(page session.Page) session.View {
	return session.View{
		Page: page, Language: g.v.Language, Assisted: g.v.Assisted,
		Top: session.Top{
			HallName: g.in("示例街道综合服务大厅", "Sample Street Service Hall"),
			Now:      at(20, 9, 41),
			Open:     hall.OpenState{Kind: hall.Open, Until: at(20, 12, 0), Next: at(20, 14, 0)},
		},
		Bottom: session.Bottom{Back: true, Home: true, HelpMinutes: -1, SupervisionPhone: "0826-5550123"},
	}
}

func (g *gallery) add(name string, v session.View) {
	g.samples = append(g.samples, Sample{name, v})
}

func (g *gallery) homes() {
	add := func(name string, h session.Home, change func(*session.View)) {
		v := g.view(session.PageHome)
		v.Bottom.Back, v.Bottom.Home = false, false
		v.Home = &h
		if change != nil {
			change(&v)
		}
		g.add("home-"+name, v)
	}
	add("open", session.Home{CanTake: true, CardHint: true, WaitingTotal: 23}, nil)
	add("guides", session.Home{CanTake: true, CardHint: true, HasGuides: true, WaitingTotal: 23}, nil)
	add("guides-all-notices", session.Home{CanTake: true, HasGuides: true, WaitingTotal: -1, Notices: []session.Notice{
		session.NoticePrinterFault, session.NoticeReaderAbsent, session.NoticeCentreAway,
	}}, nil)
	add("all-tiles", session.Home{CanTake: true, CardHint: true, HasGuides: true, HasRatings: true, HasComplaints: true, HasPublic: true, WaitingTotal: 23}, nil)
	add("all-tiles-all-notices", session.Home{CanTake: true, HasGuides: true, HasRatings: true, HasComplaints: true, HasPublic: true, WaitingTotal: -1, Notices: []session.Notice{
		session.NoticePrinterFault, session.NoticeReaderAbsent, session.NoticeCentreAway,
	}}, nil)
	add("guides-cannot-take", session.Home{HasGuides: true, WaitingTotal: -1}, nil)
	add("no-reader", session.Home{CanTake: true, WaitingTotal: 0, Notices: []session.Notice{session.NoticeReaderAbsent}}, nil)
	add("no-paper", session.Home{CanTake: true, CardHint: true, WaitingTotal: 4, Notices: []session.Notice{session.NoticePaperOut, session.NoticePaperLow}}, nil)
	add("all-notices", session.Home{CanTake: true, WaitingTotal: -1, Notices: []session.Notice{
		session.NoticePrinterFault, session.NoticeReaderAbsent, session.NoticeCentreAway,
	}}, nil)
	add("cannot-take", session.Home{WaitingTotal: -1}, nil)
	add("clock-unknown", session.Home{CanTake: true, CardHint: true, WaitingTotal: -1}, func(v *session.View) {
		v.Top.Now = time.Time{}
		v.Top.Open = hall.OpenState{Kind: hall.Open}
	})
	add("long-name", session.Home{CanTake: true, CardHint: true, WaitingTotal: 128}, func(v *session.View) {
		v.Top.HallName = g.in("示例市示例区政务服务和公共资源交易服务中心", "Sample District Government and Public Resources Service Centre")
		v.Bottom.HelpMinutes = 12
	})
}

// galleryBusinesses are what a sub-district hall handles.
var galleryBusinesses = [...][4]string{
	{"户籍证件", "Household and ID", "办身份证、居住证、户口", "ID cards, residence permits"},
	{"社会保险", "Social insurance", "参保、缴费、退休、查社保", "Join, pay, retire, look up"},
	{"医疗保险", "Health insurance", "参保、报销、异地就医备案", "Join, refunds, care elsewhere"},
	{"民政救助", "Civil affairs", "低保、临时救助、高龄津贴", "Allowances and aid"},
	{"婚姻登记", "Marriage", "结婚、离婚登记，补领证件", "Register, replace papers"},
	{"就业服务", "Work and jobs", "求职、失业登记、创业补贴", "Jobs, unemployment, grants"},
	{"残疾人服务", "Disability services", "残疾人证、辅助器具、补贴", "Certificates, devices, grants"},
	{"老年人优待", "Services for elders", "老年证、优待证、养老补贴", "Cards and allowances"},
	{"不动产登记", "Property registration", "过户、抵押、查档", "Transfer, mortgage, records"},
	{"个体工商登记", "Small businesses", "开店、变更、注销执照", "Open, change or close"},
	{"税务办理", "Taxes", "领发票、开证明、自然人办税", "Invoices, certificates"},
	{"综合咨询", "General enquiries", "不清楚找谁时先问这里", "If you are not sure"},
}

func (g *gallery) business(i int) session.Choice {
	b := galleryBusinesses[i%len(galleryBusinesses)]
	c := session.Choice{
		ID: fmt.Sprintf("b%d", i), Title: g.in(b[0], b[1]), Subtitle: g.in(b[2], b[3]), Waiting: i * 7 % 19,
	}
	if n := i / len(galleryBusinesses); n > 0 {
		c.Title += fmt.Sprintf(" %d", n+1)
	}
	return c
}

func (g *gallery) businesses(n int) []session.Choice {
	out := make([]session.Choice, n)
	for i := range out {
		out[i] = g.business(i)
	}
	return out
}

// galleryItems are matters, of the lengths that matters have.
var galleryItems = [...][2]string{
	{"居住证办理", "Residence permit"},
	{"居民身份证补领", "Replace an ID card"},
	{"户口迁移审批", "Moving a household registration"},
	{"城乡居民基本养老保险参保登记", "Joining the residents’ basic pension scheme"},
	{"最低生活保障金给付", "Subsistence allowance"},
	{"困难残疾人生活补贴和重度残疾人护理补贴", "Living and nursing allowances for people with disabilities"},
	{"食品小经营店备案", "Filing a small food shop"},
	{"临时救助金给付", "One-off aid"},
	{"个体工商户注销登记", "Closing a sole trader’s registration"},
	{"灵活就业人员社会保险补贴申领", "Insurance subsidy for flexible workers"},
	{"老年人优待证申领", "Senior citizen’s card"},
	{"公共租赁住房租金收缴", "Paying rent for public housing"},
	{"乡村建设规划许可证核发", "Rural building permit"},
	{"义务教育阶段学生学籍异动", "Changing school"},
	{"取水许可（新办、变更、延续、注销）", "Water abstraction licence (new, change, renew, close)"},
	{"法律援助申请", "Applying for legal aid"},
	{"流动人员人事档案接收和转递", "Receiving and forwarding personnel files"},
}

// galleryLongItem is a name of 110 characters, as long as the longest seen in a
// county's list of matters.
const galleryLongItem = "从事易燃易爆物品和腐蚀性物品以外的一般货物道路运输经营以及与之有关的仓储、装卸、搬运和货物配载信息服务业务的企业，其经营许可证所载单位名称、法定代表人、经营范围、经营地址和车辆数量发生改变时的变更登记审查和核发"

func (g *gallery) items(n int) []session.Choice {
	out := make([]session.Choice, n)
	for i := range out {
		it := galleryItems[i*5%len(galleryItems)]
		out[i] = session.Choice{ID: fmt.Sprintf("i%d", i), Title: g.in(it[0], it[1]), Waiting: -1, Item: true}
	}
	if n > 2 {
		out[2].Title = galleryLongItem
	}
	return out
}

// level adds pages of a level of choices: the numbers given, 1-based.
func (g *gallery) level(name string, path []string, choices []session.Choice, pages ...int) {
	starts := g.drawing.Breaks(choices, g.v.Assisted, g.v.Language)
	for _, n := range pages {
		if n < 0 {
			n = len(starts)
		}
		if n > len(starts) {
			continue
		}
		from, to := starts[n-1], len(choices)
		if n < len(starts) {
			to = starts[n]
		}
		v := g.view(session.PageChoose)
		v.Choose = &session.Choose{
			Path: path, Choices: choices[from:to], Number: n, Pages: len(starts), Total: len(choices),
		}
		full := "choose-" + name
		if n > 1 {
			full += fmt.Sprintf("-page%d", n)
		}
		g.add(full, v)
	}
}

func (g *gallery) choices() {
	g.level("1", nil, g.businesses(1), 1)
	g.level("5", nil, g.businesses(5), 1)
	g.level("10", nil, g.businesses(10), 1)
	g.level("12", nil, g.businesses(12), 1)
	g.level("40", nil, g.businesses(40), 1, 2, -1)

	groups := make([]session.Choice, 6)
	for i := range groups {
		groups[i] = g.business(i)
		groups[i].Subtitle, groups[i].Waiting, groups[i].Leads, groups[i].Count = "", -1, true, 3+i*4
	}
	g.level("groups", nil, groups, 1)
	g.level("in-group", []string{g.in("综合服务", "General services")}, g.businesses(4), 1)

	barred := g.businesses(6)
	barred[0].Barred, barred[0].Opens = session.Closed, at(20, 14, 0)
	barred[1].Barred = session.Paused
	barred[2].Barred = session.NoWindow
	barred[3].Barred, barred[3].Opens = session.Closed, at(23, 8, 30)
	barred[4].Waiting = -1
	barred[5].Barred = session.Closed
	g.level("barred", nil, barred, 1)

	path := []string{g.in("行政审批", "Licences"), g.in("综合窗口", "General counter")}
	g.level("items-344", path, g.items(344), 1, 2, -1)
	g.level("items-1", path, g.items(1), 1)
	long := g.items(3)
	g.level("items-long", path, long[2:], 1)
	v := g.view(session.PageChoose)
	v.Choose = &session.Choose{Number: 1, Pages: 1}
	g.add("choose-none", v)
}

func (g *gallery) identities() {
	base := session.Identify{Business: g.in("户籍证件", "Household and ID"), Reader: session.ReaderWaiting, CanType: true}
	add := func(name string, change func(*session.Identify)) {
		id := base
		change(&id)
		v := g.view(session.PageIdentify)
		v.Identify = &id
		g.add("identify-"+name, v)
	}
	add("waiting", func(id *session.Identify) { id.Item = g.in("居民身份证补领", "Replace an ID card") })
	add("long-item", func(id *session.Identify) { id.Item = galleryLongItem; id.CanSkip = true })
	add("reading", func(id *session.Identify) { id.Reader = session.ReaderReading })
	for _, f := range []session.CardFailure{session.CardMoved, session.CardUnknown, session.CardSuspect, session.CardLost, session.CardNoNumber} {
		add("failed-"+string(f), func(id *session.Identify) { id.Failure = f })
	}
	add("absent", func(id *session.Identify) { id.Reader = session.ReaderAbsent })
	add("absent-no-typing", func(id *session.Identify) { id.Reader, id.CanType = session.ReaderAbsent, false })
}

func (g *gallery) keypads() {
	add := func(name, digits string, problem session.NumberProblem) {
		v := g.view(session.PageTypeNumber)
		v.TypeNumber = &session.TypeNumber{Business: g.in("户籍证件", "Household and ID"), Digits: digits, Problem: problem}
		g.add("type-"+name, v)
	}
	add("empty", "", "")
	add("partly", "1101051949", "")
	add("complete", "11010519491231002X", "")
	add("too-short", "11010519491231002", session.NumberTooShort)
	add("bad-date", "110105194913310021", session.NumberBadDate)
	add("bad-check", "110105194912310021", session.NumberBadCheck)
	add("bad-chars", "1101051949123X0021", session.NumberBadChars)
}

func (g *gallery) confirmations() {
	base := session.Confirm{
		Business: g.in("户籍证件", "Household and ID"), For: g.in("办身份证、居住证、户口", "ID cards, residence permits"),
		HolderName: "测*员", HolderNumber: "110***********002X", Waiting: 4,
		Area: g.in("综合服务区", "General area"), Place: g.in("二楼 B 区", "Floor 2, B"), Windows: []string{"3", "4"},
	}
	add := func(name string, change func(*session.Confirm)) {
		c := base
		change(&c)
		v := g.view(session.PageConfirm)
		v.Confirm = &c
		g.add("confirm-"+name, v)
	}
	add("holder", func(*session.Confirm) {})
	add("typed", func(c *session.Confirm) { c.HolderName = ""; c.Waiting = 0 })
	add("nobody", func(c *session.Confirm) { c.HolderName, c.HolderNumber = "", ""; c.Windows = c.Windows[:1] })
	add("no-paper", func(c *session.Confirm) { c.NoPaper = true })
	add("no-window", func(c *session.Confirm) { c.Barred = session.NoWindow; c.Waiting = -1 })
	add("all", func(c *session.Confirm) {
		c.NoPaper, c.Barred, c.Item = true, session.NoWindow, galleryLongItem
		c.Windows = []string{"3", "4", "5", "6", "12"}
	})
	v := g.view(session.PageWorking)
	v.Working = &session.Working{Slow: true}
	g.add("working", v)
}

func (g *gallery) results() {
	base := session.Result{
		Label: "A023", Business: g.in("户籍证件", "Household and ID"),
		Area: g.in("综合服务区", "General area"), Place: g.in("二楼 B 区", "Floor 2, B"), Windows: []string{"3", "4"},
		Ahead: 4, QR: "https://hall.example.cn/t/k7Qm2xXb9RzWc41v", HolderName: "测*员", Paper: session.Printed, Seconds: 20,
	}
	add := func(name string, change func(*session.Result)) {
		r := base
		change(&r)
		v := g.view(session.PageResult)
		v.Bottom.Back = false
		v.Result = &r
		g.add("result-"+name, v)
	}
	add("printing", func(r *session.Result) { r.Paper, r.Seconds = session.Printing, -1 })
	add("printed", func(r *session.Result) { r.CanReprint = true })
	add("item", func(r *session.Result) { r.Item, r.Ahead = galleryLongItem, 0 })
	add("no-qr", func(r *session.Result) { r.QR, r.HolderName = "", "" })
	add("own", func(r *session.Result) { r.Own, r.Label, r.Ahead = true, "A7-03", -1 })
	add("existing", func(r *session.Result) { r.Existing, r.Paper, r.CanReprint = true, session.PaperAsked, true })
	add("existing-no-printer", func(r *session.Result) { r.Existing, r.Paper = true, session.PaperAsked })
	add("paper-out", func(r *session.Result) { r.Paper, r.Seconds = session.PaperNone, 30 })
	add("paper-fault", func(r *session.Result) { r.Paper, r.Label = session.PaperFault, "YA001" })
	add("paper-unknown", func(r *session.Result) { r.Paper, r.CanReprint = session.PaperUnknown, true })
	add("paper-out-no-qr", func(r *session.Result) { r.Paper, r.QR = session.PaperNone, "" })
	add("paper-out-own", func(r *session.Result) { r.Paper, r.Own, r.Label, r.Ahead = session.PaperNone, true, "AB12-07", -1 })
}

func (g *gallery) messages() {
	add := func(name string, m session.Message, change func(*session.View)) {
		v := g.view(session.PageMessage)
		v.Message = &m
		if change != nil {
			change(&v)
		}
		g.add("message-"+name, v)
	}
	closed := func(kind hall.OpenKind, now, until time.Time) func(*session.View) {
		return func(v *session.View) {
			v.Top.Now, v.Top.Open = now, hall.OpenState{Kind: kind, Until: until}
			v.Bottom.Back, v.Bottom.Home = false, false
		}
	}
	phone := "0826-5550188"
	add("lunch", session.Message{Kind: session.HallClosed, Opens: at(20, 14, 0), Phone: phone}, closed(hall.Break, at(20, 12, 20), at(20, 14, 0)))
	add("evening", session.Message{Kind: session.HallClosed, Opens: at(23, 8, 30), Phone: phone}, closed(hall.ClosedNow, at(20, 18, 5), at(23, 8, 30)))
	add("holiday", session.Message{Kind: session.HallClosed, Opens: at(23, 8, 30), Reason: g.in("系统升级", "maintenance"), Phone: phone}, closed(hall.ClosedDay, at(20, 10, 0), at(23, 8, 30)))
	add("closed-tiles", session.Message{Kind: session.HallClosed, Opens: at(23, 8, 30), Phone: phone, HasGuides: true, HasRatings: true, HasComplaints: true, HasPublic: true}, closed(hall.ClosedNow, at(20, 18, 5), at(23, 8, 30)))
	add("closed-unknown", session.Message{Kind: session.HallClosed}, closed(hall.ClosedDay, at(20, 10, 0), time.Time{}))
	add("out-of-order", session.Message{Kind: session.OutOfOrder, Phone: phone}, func(v *session.View) {
		v.Bottom.Back, v.Bottom.Home = false, false
		v.Top.Open = hall.OpenState{}
	})
	business := g.in("婚姻登记", "Marriage")
	add("business-closed", session.Message{Kind: session.BusinessClosed, Business: business, Opens: at(20, 14, 0)}, nil)
	add("business-closed-today", session.Message{Kind: session.BusinessClosed, Business: business}, nil)
	add("business-paused", session.Message{Kind: session.BusinessPaused, Business: business, Phone: phone}, nil)
	add("numbers-out", session.Message{Kind: session.NumbersOut, Business: business}, nil)
	add("no-card", session.Message{Kind: session.NoCard, Business: business, Phone: phone}, nil)
	add("not-taken", session.Message{Kind: session.NotTaken, Business: business, Retry: true}, nil)
}

func (g *gallery) notices() {
	sample := func(name string) session.View {
		for _, s := range g.samples {
			if s.Name == name {
				return s.View
			}
		}
		return g.view(session.PageHome)
	}
	idle := sample("choose-10")
	idle.Idle = &session.Idle{Seconds: 17}
	g.add("notice-idle", idle)

	left := sample("result-printed")
	left.CardLeft = true
	g.add("notice-card-left", left)

	home := sample("home-open")
	home.CardLeft = true
	g.add("notice-card-left-home", home)

	called := sample("message-no-card")
	called.Bottom.HelpMinutes = 0
	g.add("notice-help-called", called)

	waited := sample("identify-waiting")
	waited.Bottom.HelpMinutes = 3
	g.add("notice-help-minutes", waited)

	unsent := sample("choose-5")
	unsent.Bottom.HelpMinutes, unsent.Bottom.HelpUnsent = 0, true
	g.add("notice-help-unsent", unsent)
}

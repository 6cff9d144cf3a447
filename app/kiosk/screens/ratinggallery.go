package screens

import (
	"time"

	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/rating"
)

// galleryWords is as much as a rater may write.
const galleryWords = "窗口的同志很耐心，把要带的材料一样一样讲清楚了，还帮我复印。就是等的时候有点久，前面有三位办的是同一件事，要是能多开一个窗口就好了。另外二楼的指示牌字太小，老人家看不清楚，我上下跑了两趟才找到地方，希望能换成大一点的字，最好在电梯门口也放一个，谢谢大家，辛苦了，祝你们工作顺利，身体健康，万事如意。"

// ratings adds the pages of rating a service.
func (g *gallery) ratings() {
	find := func(name string, r session.Rate) {
		v := g.view(session.PageRate)
		v.Rate = &r
		g.add("rate-"+name, v)
	}
	find("card", session.Rate{Reader: session.ReaderWaiting})
	find("card-scanner", session.Rate{Reader: session.ReaderWaiting, Scanner: true})
	find("reading", session.Rate{Reader: session.ReaderReading, Scanner: true})
	find("misread", session.Rate{Reader: session.ReaderWaiting, Scanner: true, Misread: true})
	find("scanner-only", session.Rate{Reader: session.ReaderAbsent, Scanner: true})
	find("scanner-misread", session.Rate{Reader: session.ReaderAbsent, Scanner: true, Misread: true})
	for _, f := range []session.CardFailure{session.CardMoved, session.CardUnknown, session.CardSuspect, session.CardLost, session.CardNoNumber} {
		find("failed-"+string(f), session.Rate{Reader: session.ReaderWaiting, Scanner: true, Failure: f})
	}
	number := func(name, typed string, in session.Input, problem session.LabelProblem) {
		v := g.view(session.PageRateNumber)
		v.RateNumber = &session.RateNumber{
			Writing: session.Writing{Text: typed, Most: 9, Input: in}, Example: "A023", Problem: problem,
		}
		g.add("rate-number-"+name, v)
	}
	number("empty", "", session.Letters, "")
	number("digits", "A02", session.Digits, "")
	number("long", "ABC123456", session.Digits, "")
	number("no-letter", "023", session.Digits, session.LabelNoLetter)
	number("no-digits", "AB", session.Letters, session.LabelNoDigits)

	services := make([]session.Choice, 3)
	for i, s := range [...][2]string{{"A023　10:25 办完　3 号窗口", "A023, done at 10:25, window 3"}, {"C007　11:02 办完　5 号窗口", "C007, done at 11:02, window 5"}, {"A7-03　11:40 办完　12 号窗口", "A7-03, done at 11:40, window 12"}} {
		it := galleryItems[i*2]
		services[i] = session.Choice{ID: "service:" + letter(i), Title: g.in(it[0], it[1]), Subtitle: g.in(s[0], s[1]), Waiting: -1}
	}
	g.pages(services, []int{1, -1}, func(c session.Choose, page string) {
		v := g.view(session.PageServices)
		v.Services = &session.Services{Choose: c}
		g.add("rate-services"+page, v)
	})

	service := session.RatedService{
		Label: "A023", Business: g.in("居民身份证补领", "Replace an ID card"), Window: "3", Ended: time.Date(2026, 11, 20, 9, 25, 0, 0, galleryZone),
	}
	long := service
	long.Business = galleryLongItem
	level := func(name string, s session.RatedService) {
		v := g.view(session.PageLevel)
		v.Levels = &session.Levels{Service: s}
		g.add("rate-level"+name, v)
	}
	level("", service)
	level("-long", long)
	level("-unknown", session.RatedService{Label: "A7-03"})

	for _, l := range rating.Levels() {
		g.reasons(l)
	}
	send := func(name string, change func(*session.RateSend)) {
		s := session.RateSend{Service: service, Level: rating.Satisfied, Anonymous: true}
		change(&s)
		v := g.view(session.PageRateSend)
		v.RateSend = &s
		g.add("rate-send-"+name, v)
	}
	some := rating.ReasonsOf(rating.ReasonsVersion(), rating.Dissatisfied)
	send("least", func(*session.RateSend) {})
	send("named", func(s *session.RateSend) { s.Anonymous, s.Words = false, g.in("办得很快。", "Quick.") })
	full := func(s *session.RateSend) {
		s.Level, s.Words, s.Service = rating.VeryDissatisfied, galleryWords, long
		for _, r := range some {
			s.Reasons = append(s.Reasons, g.in(r.Text, r.TextEn))
		}
	}
	send("full", full)
	send("unsent", func(s *session.RateSend) { full(s); s.Unsent, s.Service = true, service })
	for name, in := range map[string]session.Input{"keys": session.Letters, "pad": session.Handwriting} {
		for size, text := range map[string]string{"empty": "", "full": galleryWords} {
			w := session.Writing{Text: text, Most: rating.MaxWords, Input: in, Handwriting: true, Marks: []string{"，", "。", "、", "？", "！"}}
			v := g.view(session.PageRateWords)
			v.RateWords = &session.RateWords{Level: rating.Satisfied, Writing: w}
			g.add("rate-words-"+name+"-"+size, v)
		}
	}
	thanks := func(name string, t session.Thanks) {
		v := g.view(session.PageThanks)
		v.Bottom.Back = false
		v.Thanks = &t
		g.add("rate-thanks-"+name, v)
	}
	thanks("good", session.Thanks{Level: rating.VerySatisfied, Anonymous: true, Seconds: 20})
	// As long as a real one: 56 characters of token.
	const outcome = "https://hall.example.cn/h/sample/FAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygp/rating"
	thanks("bad", session.Thanks{Level: rating.VeryDissatisfied, Anonymous: true, Days: 15, QR: outcome, Seconds: 20})
	thanks("bad-no-code", session.Thanks{Level: rating.VeryDissatisfied, Anonymous: true, Days: 15, Seconds: 20})
	thanks("more", session.Thanks{Level: rating.Dissatisfied, Days: 1, QR: outcome, More: 2, Seconds: -1})
	for _, k := range []session.MessageKind{session.RatingAway, session.RatingNothing, session.RatingTaken, session.RatingStands, session.RatingRefused} {
		v := g.view(session.PageMessage)
		v.Message = &session.Message{Kind: k, Retry: k == session.RatingAway || k == session.RatingNothing}
		if k == session.RatingNothing {
			v.Message.Business = "A023"
		}
		g.add("message-"+string(k), v)
	}
	for _, w := range []session.Work{session.WorkLooking, session.WorkSending} {
		v := g.view(session.PageWorking)
		v.Bottom.Back, v.Bottom.Home = false, false
		v.Working = &session.Working{Slow: true, What: w}
		g.add("working-"+string(w), v)
	}
}

// reasons adds the pages of the reasons of a level, some of them ticked.
func (g *gallery) reasons(l rating.Level) {
	reasons := rating.ReasonsOf(rating.ReasonsVersion(), l)
	choices := make([]session.Choice, len(reasons))
	for i, r := range reasons {
		choices[i] = session.Choice{Title: g.in(r.Text, r.TextEn), Waiting: -1, Item: true}
	}
	starts := g.drawing.Ticks(choices, g.v.Assisted, g.v.Language)
	for n, from := range starts {
		to := len(reasons)
		if n+1 < len(starts) {
			to = starts[n+1]
		}
		page := &session.Reasons{Level: l, Number: n + 1, Pages: len(starts)}
		for i, r := range reasons[from:to] {
			ticked := l.Bad() && i%3 == 1
			if ticked {
				page.Chosen++
			}
			page.Reasons = append(page.Reasons, session.ReasonChoice{Code: r.Code, Text: choices[from+i].Title, Ticked: ticked})
		}
		v := g.view(session.PageReasons)
		v.Reasons = page
		name := "rate-reasons-" + string(l)
		if n > 0 {
			name += "-page" + letter(n)
		}
		g.add(name, v)
	}
}

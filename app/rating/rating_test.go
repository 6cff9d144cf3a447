package rating

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var (
	served = time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("CST", 8*3600))
	china  = served.Location()
)

func demo(k Kind, l Level) Rating {
	r := Rating{Hall: "demo", Ticket: "019aa5c2-0000-7000-8000-000000000001", Kind: k, Answer: Answer{Level: l},
		Channel: ByCode, Business: "hukou", Window: "w1", Served: served, At: served.Add(time.Minute)}
	if k == Default {
		r.Channel = ""
	}
	return r
}

// The trap of the numbers: both directions, level by level.
func TestScales(t *testing.T) {
	for _, c := range []struct {
		level                Level
		name                 string
		stars, five, reverse int
		bad                  bool
	}{
		{VerySatisfied, "非常满意", 5, 5, 1, false},
		{Satisfied, "满意", 4, 4, 2, false},
		{BasicallySatisfied, "基本满意", 3, 3, 3, false},
		{Dissatisfied, "不满意", 2, 2, 4, true},
		{VeryDissatisfied, "非常不满意", 1, 1, 5, true},
	} {
		five, ok1 := FiveIsBest.Number(c.level)
		one, ok2 := OneIsBest.Number(c.level)
		if five != c.five || one != c.reverse || !ok1 || !ok2 || c.level.Stars() != c.stars || c.level.Name() != c.name || c.level.Bad() != c.bad || c.level.NameEn() == "" {
			t.Errorf("%s: %d %d, stars %d, %s, bad %v", c.level, five, one, c.level.Stars(), c.level.Name(), c.level.Bad())
		}
		for _, s := range []Scale{FiveIsBest, OneIsBest} {
			n, _ := s.Number(c.level)
			if back, ok := s.Level(n); back != c.level || !ok {
				t.Errorf("%s: %d reads as %q", s, n, back)
			}
		}
	}
	for _, s := range []Scale{FiveIsBest, OneIsBest, "", "5"} {
		if _, ok := s.Number("good"); ok {
			t.Errorf("%q has a number for what is no level", s)
		}
		for _, n := range []int{0, 6, -1} {
			if _, ok := s.Level(n); ok {
				t.Errorf("%q reads %d", s, n)
			}
		}
	}
	if _, ok := Scale("").Number(Satisfied); ok {
		t.Error("a scale that was not named has numbers")
	}
	if len(Levels()) != 5 || Level("").Valid() {
		t.Error("levels")
	}
}

func TestChannels(t *testing.T) {
	c := NationalChannels()
	if c[AtTerminal] != 5 || c[ByCode] != 3 || len(c) != 2 {
		t.Errorf("%v", c)
	}
}

// Forty reasons, eight for each level, the first three of each national; the codes of the
// scheme, in runs.
func TestReasons(t *testing.T) {
	v := ReasonsVersion()
	if v != "2020-08-27" || len(Reasons(v)) != 40 {
		t.Fatalf("version %s has %d reasons", v, len(Reasons(v)))
	}
	for level, first := range map[Level]int{VerySatisfied: 510, Satisfied: 406, BasicallySatisfied: 307, Dissatisfied: 207, VeryDissatisfied: 108} {
		list := ReasonsOf(v, level)
		if len(list) != 8 {
			t.Errorf("%s has %d reasons", level, len(list))
		}
		for i, r := range list {
			if r.Code != first+i || r.Core != (i < 3) || r.Level != level || r.Text == "" || r.TextEn == "" {
				t.Errorf("%s: %+v", level, r)
			}
		}
	}
	for code, text := range map[int]string{510: "一窗受理一次办结", 413: "服务态度较好", 311: "按办事指南要求的材料即可办理", 210: "同样内容的证明材料被要求多次提交", 115: "服务态度差效率低"} {
		if !slices.ContainsFunc(Reasons(v), func(r Reason) bool { return r.Code == code && r.Text == text }) {
			t.Errorf("%d is not %s", code, text)
		}
	}
	Reasons(v)[0].Text = "changed"
	if Reasons(v)[0].Text == "changed" || Reasons("1999") != nil || ReasonsOf("", Satisfied) != nil {
		t.Error("the reasons can be changed, or an unknown version has some")
	}
}

func TestParseReasons(t *testing.T) {
	const good = "[[versions]]\nversion = \"1\"\n[[versions.levels]]\nlevel = \"satisfied\"\nreasons = [{code = 401, text = \"a\", text_en = \"b\"}]\n"
	if s, err := parseReasons([]byte(good)); err != nil || len(s.sets["1"]) != 1 {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"no TOML": "[", "nothing": "", "unknown key": good + "x = 1\n", "twice": good + good,
		"no version": strings.ReplaceAll(good, `"1"`, `""`), "no level": strings.ReplaceAll(good, "satisfied", "fine"),
		"another level's code": strings.ReplaceAll(good, "401", "501"), "no text": strings.ReplaceAll(good, `"a"`, `""`),
		"a code twice": strings.ReplaceAll(good, "}]", "}, {code = 401, text = \"c\", text_en = \"d\"}]"),
		"no reasons":   strings.ReplaceAll(good, `{code = 401, text = "a", text_en = "b"}`, ""),
	} {
		if _, err := parseReasons([]byte(text)); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

func TestAnswers(t *testing.T) {
	v := ReasonsVersion()
	for name, c := range map[string]struct {
		answer Answer
		want   error
	}{
		"a level alone":          {Answer{Level: Satisfied}, nil},
		"reasons":                {Answer{Level: Dissatisfied, Version: v, Reasons: []int{214, 207, 214}}, nil},
		"words":                  {Answer{Level: VerySatisfied, Words: strings.Repeat("𠮷", 150)}, nil},
		"no level":               {Answer{}, ErrLevel},
		"a number":               {Answer{Level: "5"}, ErrLevel},
		"another level's reason": {Answer{Level: Satisfied, Version: v, Reasons: []int{207}}, ErrReason},
		"an unknown reason":      {Answer{Level: Satisfied, Version: v, Reasons: []int{499}}, ErrReason},
		"an unknown version":     {Answer{Level: Satisfied, Version: "x", Reasons: []int{406}}, ErrReason},
		"reasons of no version":  {Answer{Level: Satisfied, Reasons: []int{406}}, ErrReason},
		"too many words":         {Answer{Level: Satisfied, Words: strings.Repeat("字", 151)}, ErrWords},
	} {
		if err := c.answer.Clean().Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := (Answer{Level: Dissatisfied, Version: v, Reasons: []int{207, 207}}).Check(); !errors.Is(err, ErrReason) {
		t.Errorf("a reason twice: %v", err)
	}
	got := Answer{Level: Satisfied, Version: v, Words: " \u202e好\x00的\r\n\n谢谢\xff "}.Clean()
	if got.Words != "好的\n\n谢谢\uFFFD" || got.Version != "" || got.Reasons != nil {
		t.Errorf("cleaned: %#v", got)
	}
}

func TestRatings(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Rating)
		want   error
	}{
		"good":                   {func(*Rating) {}, nil},
		"at the very moment":     {func(r *Rating) { r.At = r.Served }, nil},
		"a default":              {func(r *Rating) { r.Kind, r.Channel = Default, "" }, nil},
		"before the service":     {func(r *Rating) { r.At = r.Served.Add(-time.Second) }, ErrTime},
		"not served":             {func(r *Rating) { r.Served = time.Time{} }, ErrTime},
		"no kind":                {func(r *Rating) { r.Kind = "" }, ErrKind},
		"no channel":             {func(r *Rating) { r.Channel = "" }, ErrChannel},
		"a default by somebody":  {func(r *Rating) { r.Kind = Default }, ErrChannel},
		"an answer that is none": {func(r *Rating) { r.Level = "" }, ErrLevel},
	} {
		r := demo(Active, Satisfied)
		c.change(&r)
		if err := r.Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestFigures(t *testing.T) {
	var f Figures
	if _, ok := f.Total.GoodRate(); ok {
		t.Error("a rate of nothing")
	}
	f.AddServices("hukou", "w1", 10)
	f.AddServices("idcard", "w2", 6)
	for _, r := range []Rating{demo(Active, VerySatisfied), demo(Active, BasicallySatisfied), demo(Active, Dissatisfied), demo(Active, VeryDissatisfied),
		demo(Supplement, VeryDissatisfied), demo(Default, BasicallySatisfied)} {
		f.AddRating(r)
	}
	f.AddFollowUp("hukou", "w1", true)
	f.AddFollowUp("hukou", "w1", false)
	f.AddFollowUp("hukou", "w1", true)
	f.AddFollowUp("hukou", "w1", true)
	rate := func(v float64, ok bool) float64 {
		if !ok {
			return -1
		}
		return v
	}
	for name, c := range map[string]struct {
		counts                         Counts
		active, good, followed         float64
		activeN, bad, defaults, supple int
	}{
		"total":    {f.Total, 0.25, 0.5, 0.75, 4, 2, 1, 1},
		"window":   {*f.Windows["w1"], 0.4, 0.5, 0.75, 4, 2, 1, 1},
		"business": {*f.Businesses["hukou"], 0.4, 0.5, 0.75, 4, 2, 1, 1},
		"unrated":  {*f.Windows["w2"], 0, -1, -1, 0, 0, 0, 0},
	} {
		k := c.counts
		if rate(k.ActiveRate()) != c.active || rate(k.GoodRate()) != c.good || rate(k.FollowedRate()) != c.followed ||
			k.Active() != c.activeN || k.Bad() != c.bad || k.Defaults != c.defaults || k.Supplements != c.supple {
			t.Errorf("%s: %+v", name, k)
		}
	}
	if v, ok := (Counts{Services: 1, Levels: map[Level]int{Satisfied: 2}}).ActiveRate(); v != 1 || !ok {
		t.Errorf("ratings of an earlier day's services make %v", v)
	}
}

func options() Options {
	return Options{Satisfaction: FiveIsBest, Location: china, AreaCode: "110105", AreaName: "示例区", DeptCode: "D1", DataSource: "hall",
		Service: func(Rating) Service {
			return Service{TaskCode: "T1", TaskName: "户口登记", Item: "出生登记", Department: "示例区公安分局", Accepted: served.Add(-time.Hour)}
		}}
}

func TestRecord(t *testing.T) {
	r := demo(Active, Dissatisfied)
	r.Version, r.Reasons, r.Words = ReasonsVersion(), []int{207, 214}, "等了太久"
	want := Record{AreaCode: "110105", AreaName: "示例区", DeptCode: "D1", TaskCode: "T1", TaskName: "户口登记", TaskHandleItem: "出生登记",
		ProjectNo: r.Ticket, ProStatus: "3", ProDepart: "示例区公安分局", Pf: "3", Satisfaction: "2", SatisfactionName: "不满意",
		EvalDetail: "207,214", WritingEvaluation: "等了太久", AssessTime: "2026-11-23 10:01:00", AssessNumber: "1", AcceptDate: "2026-11-23",
		DataSource: "hall", AnonymityFlag: "2", EvaluateType: "1", ServiceNumber: "1"}
	if got, err := options().Record(r); err != nil || got != want {
		t.Errorf("%v\n%+v\nwant\n%+v", err, got, want)
	}
	reverse := options()
	reverse.Satisfaction = OneIsBest
	if got, err := reverse.Record(r); err != nil || got.Satisfaction != "4" || got.SatisfactionName != "不满意" {
		t.Errorf("on the other scale: %+v, %v", got, err)
	}
	r.Anonymous, r.Kind, r.Channel = true, Supplement, AtTerminal
	got, err := options().Record(r)
	if err != nil || got.ProjectNo != "" || got.AssessTime != "2026-11-23 00:00:00" || got.AnonymityFlag != "1" || got.Pf != "5" || got.AssessNumber != "2" || got.EvaluateType != "2" {
		t.Errorf("anonymous: %+v, %v", got, err)
	}
	if data, err := json.Marshal(got); err != nil || strings.Contains(string(data), r.Ticket) {
		t.Errorf("an anonymous record leads to the ticket: %s, %v", data, err)
	}
	silent := demo(Default, BasicallySatisfied)
	if got, err := options().Record(silent); err != nil || got.Pf != "" || got.EvaluateType != "" {
		t.Errorf("a default: %+v, %v", got, err)
	}
	region := options()
	region.Channels = Channels{ByCode: 2, AtTerminal: 4, "": 7}
	if got, err := region.Record(silent); err != nil || got.Pf != "7" {
		t.Errorf("a default where it has a number: %+v, %v", got, err)
	}
	for name, change := range map[string]func(*Options, *Rating){
		"no scale":              func(o *Options, _ *Rating) { o.Satisfaction = "" },
		"no zone":               func(o *Options, _ *Rating) { o.Location = nil },
		"a channel of no table": func(o *Options, _ *Rating) { o.Channels = Channels{AtTerminal: 5} },
		"no level":              func(_ *Options, r *Rating) { r.Level = "" },
	} {
		o, r := options(), demo(Active, Satisfied)
		change(&o, &r)
		if _, err := o.Record(r); err == nil {
			t.Errorf("%s: reported", name)
		}
		if o.WriteCSV(&bytes.Buffer{}, []Rating{r}) == nil || o.WriteJSON(&bytes.Buffer{}, []Rating{r}) == nil {
			t.Errorf("%s: written", name)
		}
	}
}

func TestWrite(t *testing.T) {
	a, b := demo(Active, VerySatisfied), demo(Active, VeryDissatisfied)
	a.Words, b.Words = "=HYPERLINK(\"http://example.com\")", "第一行\n\"第二行\", <b>"
	var out bytes.Buffer
	if err := options().WriteCSV(&out, []Rating{a, b}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "\uFEFFareaCode,areaName,deptCode,taskCode,taskName,taskHandleItem,projectNo,proStatus,proDepart,proManager,pf,userName,userProp,certKey,satisfaction,satisfactionName,evalDetail,writingEvaluation,assessTime,assessNumber,promiseTime,acceptDate,dataSource,anonymityFlag,EVALUATETYPE,serviceNumber\r\n") {
		t.Errorf("first line: %.300s", out.String())
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\uFEFF"))).ReadAll()
	if err != nil || len(lines) != 3 || lines[1][17] != "'"+a.Words || lines[2][17] != b.Words || lines[1][14] != "5" || lines[2][14] != "1" {
		t.Errorf("%v\n%q", err, lines)
	}
	out.Reset()
	reverse := options()
	reverse.Satisfaction = OneIsBest
	if err := reverse.WriteJSON(&out, []Rating{a, b}); err != nil {
		t.Fatal(err)
	}
	var back struct {
		Satisfaction map[string]Level
		Pf           map[string]int
		Records      []Record
	}
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Satisfaction["1"] != VerySatisfied || back.Satisfaction["5"] != VeryDissatisfied || back.Pf["code"] != 3 ||
		len(back.Records) != 2 || back.Records[0].Satisfaction != "1" || back.Records[1].Satisfaction != "5" || back.Records[1].WritingEvaluation != b.Words {
		t.Errorf("%s", out.String())
	}
	out.Reset()
	if err := options().WriteJSON(&out, nil); err != nil || !strings.Contains(out.String(), `"records": []`) {
		t.Errorf("no ratings: %s, %v", out.String(), err)
	}
}

// What is cleaned stays as it is when cleaned again, and nothing a rater writes breaks
// the table.
func FuzzAnswer(f *testing.F) {
	f.Add("dissatisfied", "2020-08-27", 207, "等了太久")
	f.Add("", "", -1, "\xff\x00=1+1")
	f.Add("very-satisfied", "2020-08-27", 510, strings.Repeat("字", 151))
	f.Fuzz(func(t *testing.T, level, version string, code int, words string) {
		a := Answer{Level: Level(level), Version: version, Reasons: []int{code, code}, Words: words}.Clean()
		if b := a.Clean(); b.Words != a.Words || !slices.Equal(a.Reasons, b.Reasons) || b.Version != a.Version {
			t.Errorf("%#v, then %#v", a, b)
		}
		if !utf8.ValidString(a.Words) || strings.ContainsAny(a.Words, "\x00\r\u202e") {
			t.Errorf("kept %+q", a.Words)
		}
		if a.Check() != nil {
			return
		}
		r := demo(Active, a.Level)
		r.Answer = a
		var out bytes.Buffer
		if err := options().WriteCSV(&out, []Rating{r}); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(bytes.NewReader(out.Bytes()[3:])).ReadAll()
		if err != nil || len(lines) != 2 || strings.TrimPrefix(lines[1][17], "'") != strings.TrimPrefix(a.Words, "'") {
			t.Errorf("%v: %q", err, lines)
		}
	})
}

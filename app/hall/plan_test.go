package hall

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// planned is the valid file with both windows on a plan.
func planned() string {
	s := strings.Replace(valid, "id = \"w1\"\n", "id = \"w1\"\nat = [2, 1.5]\n", 1)
	s = strings.Replace(s, "id = \"w2\"\n", "id = \"w2\"\nat = [6, 1.5]\n", 1)
	return strings.TrimRight(s, "\n") + `

[plan]
width = 12.5
height = 8

[[plan.rooms]]
name = "等候区"
name_en = "Waiting"
box = [1, 2, 6, 4]
area = "a"

[[plan.rooms]]
name = "入口"
kind = "entrance"
box = [8, 7, 4.5, 1]

[[plan.kiosks]]
name = "一号机"
at = [9, 6]
`
}

func TestPlan(t *testing.T) {
	f, err := Parse("t.toml", []byte(planned()))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Warnings) > 0 {
		t.Error(f.Warnings)
	}
	p := f.Hall.Plan
	want := &Plan{Width: 12.5, Height: 8,
		Rooms: []PlanRoom{
			{Name: "等候区", NameEn: "Waiting", Kind: RoomArea, Box: Box{1, 2, 6, 4}, Area: "a"},
			{Name: "入口", Kind: RoomEntrance, Box: Box{8, 7, 4.5, 1}},
		},
		Kiosks: []PlanKiosk{{Name: "一号机", At: Point{9, 6}}},
	}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("plan\n got %+v\nwant %+v", p, want)
	}
	if at := f.Hall.Windows[0].At; at == nil || *at != (Point{2, 1.5}) {
		t.Errorf("window 1 is at %v", at)
	}
	if at, ok := p.Kiosk("一号机"); !ok || at != (Point{9, 6}) {
		t.Errorf("the terminal is at %v %v", at, ok)
	}
	if _, ok := p.Kiosk("二号机"); ok {
		t.Error("a terminal that is not on the plan has a place")
	}
	again, err := Parse("again.toml", Format(f.Hall))
	if err != nil || again.Hall.Revision() != f.Hall.Revision() {
		t.Errorf("written and read back it differs (%v):\n%s", err, Format(f.Hall))
	}
}

// Each case changes one place of the valid file and looks for its one problem.
func TestPlanProblems(t *testing.T) {
	for _, tc := range []struct {
		name, old, new string
		path           string
		message, cure  string
		warning        bool
	}{
		{"room outside", "box = [8, 7, 4.5, 1]", "box = [8, 7, 5, 1]", "plan.rooms[2].box", "“入口”伸到图外面了，平面图宽 12.5 米、高 8 米", "width", false},
		{"room left of it", "box = [8, 7, 4.5, 1]", "box = [-1, 7, 4.5, 1]", "plan.rooms[2].box", "图外面", "", false},
		{"room without size", "box = [8, 7, 4.5, 1]", "box = [8, 7, 0, 1]", "plan.rooms[2].box", "没有大小", "大于 0", false},
		{"room without a box", "box = [8, 7, 4.5, 1]\n", "", "plan.rooms[2].box", "没有大小", "box = [", false},
		{"three numbers", "box = [8, 7, 4.5, 1]", "box = [8, 7, 4.5]", "plan.rooms[2].box", "方括号里的 4 个数", "box = [2, 3.5, 6, 4]", false},
		{"words for numbers", "box = [8, 7, 4.5, 1]", `box = [8, 7, "x", 1]`, "plan.rooms[2].box[3]", "应是一个数", "不加引号", false},
		{"endless", "box = [8, 7, 4.5, 1]", "box = [8, 7, inf, 1]", "plan.rooms[2].box[3]", "不是一个可以用的数", "", false},
		{"unknown kind", `kind = "entrance"`, `kind = "entrence"`, "plan.rooms[2].kind", "没有“entrence”", "是不是想写“entrance”", false},
		{"kind like no other", `kind = "entrance"`, `kind = "z"`, "plan.rooms[2].kind", "没有“z”", "stairs", false},
		{"unknown area", "box = [1, 2, 6, 4]\narea = \"a\"", "box = [1, 2, 6, 4]\narea = \"aa\"", "plan.rooms[1].area", "区域“aa”不存在", "", false},
		{"nameless room", `name = "入口"`, `name = ""`, "plan.rooms[2].name", "没有写平面图上的名称", "", false},
		{"window outside", "at = [2, 1.5]", "at = [20, 1.5]", "windows[1].at", "窗口“1”的位置 [20, 1.5] 在平面图外面", "左上角", false},
		{"window forgotten", "at = [2, 1.5]\n", "", "plan", "找不到窗口“1”", "at = [x, y]", true},
		{"terminal outside", "at = [9, 6]", "at = [9, 60]", "plan.kiosks[1].at", "终端“一号机”", "", false},
		{"terminal twice", "at = [9, 6]", "at = [9, 6]\n[[plan.kiosks]]\nname = \"一号机\"\nat = [1, 1]", "plan.kiosks[2].name", "写了两次", "删去", false},
		{"terminal without a name", `name = "一号机"`, `name = " "`, "plan.kiosks[1].name", "没有写终端名称", "", false},
		{"millimetres", "width = 12.5", "width = 12500", "plan.width", "超过 500", "不是毫米", false},
		{"no height", "height = 8\n", "", "plan.height", "没有写高度", "米", false},
		{"no such key", "height = 8", "height = 8\nhight = 8", "plan.hight", "没有“hight”这个键", "height", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := strings.Replace(planned(), tc.old, tc.new, 1)
			if text == planned() {
				t.Fatal("nothing was changed")
			}
			f, err := Parse("t.toml", []byte(text))
			problems, _ := err.(Problems)
			if err == nil {
				problems = f.Warnings
			}
			if len(problems) != 1 {
				t.Fatalf("%d problems, want 1:\n%v", len(problems), problems)
			}
			p := problems[0]
			if p.Path != tc.path || !strings.Contains(p.Message, tc.message) || !strings.Contains(p.Cure, tc.cure) || p.Warning != tc.warning || p.Line == 0 {
				t.Errorf("%d %s %v: %s", p.Line, p.Path, p.Warning, p)
			}
		})
	}
	t.Run("a place without a plan", func(t *testing.T) {
		_, err := Parse("t.toml", []byte(strings.Replace(valid, "id = \"w1\"\n", "id = \"w1\"\nat = [2, 1.5]\n", 1)))
		if err == nil || !strings.Contains(err.Error(), "没有平面图") {
			t.Errorf("error %v", err)
		}
	})
}

func TestDemoPlan(t *testing.T) {
	h := readDemo(t)
	if h.Plan == nil || len(h.Plan.Kiosks) == 0 {
		t.Fatal("the demonstration hall has no plan, or no terminal on it")
	}
	for _, w := range h.Windows {
		if w.At == nil {
			t.Errorf("window %s is not on the plan", w.Name)
		}
	}
	for _, a := range h.Areas {
		if !slices.ContainsFunc(h.Plan.Rooms, func(r PlanRoom) bool { return r.Area == a.ID && r.NameEn != "" }) {
			t.Errorf("area %s is not on the plan in both languages", a.Name)
		}
	}
	before := h.Revision()
	c := h.clone()
	c.Plan.Rooms[0].Name, c.Windows[0].At[0] = "x", 1
	if h.Revision() != before {
		t.Error("a copy shares its plan with the hall")
	}
	if c.Revision() == before {
		t.Error("the plan does not count in the revision")
	}
}

func TestHoursInWords(t *testing.T) {
	day := []string{"08:30-12:00", "13:30-17:30"}
	always := map[string][]string{}
	for _, k := range weekKeys {
		always[k] = []string{"00:00-24:00"}
	}
	for _, tc := range []struct {
		week   map[string][]string
		zh, en []string
	}{
		{nil, nil, nil},
		{always, []string{"每天 全天"}, []string{"Every day all day"}},
		{map[string][]string{"mon": day, "tue": day, "wed": day, "sat": day[:1]},
			[]string{"星期一至星期三 08:30–12:00、13:30–17:30", "星期六 08:30–12:00"},
			[]string{"Mon–Wed 08:30–12:00, 13:30–17:30", "Sat 08:30–12:00"}},
	} {
		h := Hours{Week: tc.week}
		if zh, en := h.InWords(false), h.InWords(true); !slices.Equal(zh, tc.zh) || !slices.Equal(en, tc.en) {
			t.Errorf("%v: %q %q", tc.week, zh, en)
		}
	}
	h := readDemo(t)
	tax, _ := h.Business("tax")
	if !reflect.DeepEqual(h.HoursOf(tax), *tax.Hours) || !reflect.DeepEqual(h.HoursOf(nil), h.Hours) {
		t.Error("hours of a business")
	}
}

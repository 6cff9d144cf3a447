package hall

import (
	"fmt"
	"strings"
)

// maxPlan is more metres than a hall has: whoever writes more means millimetres.
const maxPlan = 500

// checkPlan reports everything wrong with the plan, and with windows that say
// where they are.
func (d *document) checkPlan(h *Hall) {
	p := h.Plan
	if p == nil {
		for i, w := range h.Windows {
			if w.At != nil {
				d.fail(element("windows", i+1)+".at", fmt.Sprintf("窗口“%s”写了位置 at，但大厅没有平面图。", w.Name),
					"写上 [plan] 部分，填 width 和 height（单位：米），或删去这一行。")
			}
		}
		return
	}
	sized := d.checkLength("plan.width", p.Width, "宽度 width") && d.checkLength("plan.height", p.Height, "高度 height")
	inside := func(path string, at Point, who string) {
		if sized && (at[0] < 0 || at[1] < 0 || at[0] > p.Width || at[1] > p.Height) {
			d.fail(path, fmt.Sprintf("%s的位置 [%g, %g] 在平面图外面，平面图宽 %g 米、高 %g 米。", who, at[0], at[1], p.Width, p.Height),
				"两个数是从左上角向右、向下量的米数，改到图里面。")
		}
	}
	for i := range p.Rooms {
		d.checkRoom(element("plan.rooms", i+1), &p.Rooms[i], h, sized)
	}
	var unplaced []string
	for i, w := range h.Windows {
		if w.At == nil {
			unplaced = append(unplaced, w.Name)
			continue
		}
		inside(element("windows", i+1)+".at", *w.At, fmt.Sprintf("窗口“%s”", w.Name))
	}
	if len(unplaced) > 0 {
		d.warn("plan", fmt.Sprintf("平面图上找不到窗口“%s”。", strings.Join(unplaced, "”“")),
			"在这些 [[windows]] 里写上 at = [x, y]，单位是米，从左上角向右、向下量。")
	}
	names := map[string]string{}
	for i, k := range p.Kiosks {
		path := element("plan.kiosks", i+1)
		d.checkName(path+".name", k.Name, longName, "终端名称")
		if first, ok := names[k.Name]; ok && k.Name != "" {
			d.fail(path+".name", fmt.Sprintf("终端“%s”在平面图上写了两次，另一个在第 %d 行。", k.Name, d.line(first)), "删去其中一个。")
		} else {
			names[k.Name] = path + ".name"
		}
		inside(path+".at", k.At, fmt.Sprintf("终端“%s”", k.Name))
	}
}

func (d *document) checkLength(path string, metres float64, what string) bool {
	switch {
	case d.spoilt(path):
		return false
	case metres <= 0:
		d.fail(path, fmt.Sprintf("平面图没有写%s，或不是正数。", what), "写大厅的尺寸，单位是米，例如 36。")
	case metres > maxPlan:
		d.fail(path, fmt.Sprintf("平面图的%s是 %g，超过 %d。", what, metres, maxPlan), "单位是米，不是毫米或厘米。")
	default:
		return true
	}
	return false
}

func (d *document) checkRoom(path string, r *PlanRoom, h *Hall, sized bool) {
	d.checkName(path+".name", r.Name, longName, "平面图上的名称")
	if r.Kind == "" {
		r.Kind = RoomOther
		if r.Area != "" {
			r.Kind = RoomArea
		}
	}
	known := false
	for _, k := range roomKinds {
		known = known || k == string(r.Kind)
	}
	if !known {
		cure := "可以写：" + strings.Join(roomKinds, "、") + "。"
		if n := nearest(string(r.Kind), roomKinds); n != "" {
			cure = fmt.Sprintf("是不是想写“%s”？", n)
		}
		d.fail(path+".kind", fmt.Sprintf("kind 没有“%s”这个值。", r.Kind), cure)
	}
	if r.Area != "" {
		d.checkArea(path+".area", r.Area, h, fmt.Sprintf("平面图上的“%s”", r.Name))
	}
	switch b := r.Box; {
	case d.spoilt(path + ".box"):
	case b[2] <= 0 || b[3] <= 0:
		d.fail(path+".box", fmt.Sprintf("平面图上的“%s”没有大小。", r.Name), "写成 box = [x, y, 宽, 高]，单位是米，宽和高都大于 0。")
	case sized && (b[0] < 0 || b[1] < 0 || b[0]+b[2] > h.Plan.Width+tolerance || b[1]+b[3] > h.Plan.Height+tolerance):
		d.fail(path+".box", fmt.Sprintf("平面图上的“%s”伸到图外面了，平面图宽 %g 米、高 %g 米。", r.Name, h.Plan.Width, h.Plan.Height),
			"改小它的宽和高，或改大 [plan] 的 width 和 height。")
	}
}

// tolerance forgives what adding decimal fractions does.
const tolerance = 1e-6

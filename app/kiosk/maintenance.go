package kiosk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/peripherals"
	"hallkiosk/app/kiosk/internal/session"
	"hallkiosk/app/kiosk/internal/slip"
	"hallkiosk/devices/escpos"
)

// Of the technician's PIN: after pinTries wrong ones no further is taken for pinWait,
// and twice as long after each further wrong one, up to pinWaitMost.
const (
	pinTries    = 5
	pinWait     = time.Minute
	pinWaitMost = time.Hour
)

// pinGuard checks the technician's PIN. The zero value has seen no wrong one.
type pinGuard struct {
	mu     sync.Mutex
	wrong  int
	locked time.Time // until then no PIN is looked at
}

// check reports whether the PIN is right, and how long no further one is looked at. A
// restart of the program ends a wait; whoever can restart it can read the hash anyway.
func (g *pinGuard) check(hash, pin string, now time.Time) (ok bool, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if wait := g.locked.Sub(now); wait > 0 {
		return false, wait
	}
	if hall.CheckPIN(hash, pin) {
		g.wrong = 0
		return true, 0
	}
	g.wrong++
	if g.wrong < pinTries {
		return false, 0
	}
	wait = min(pinWait<<min(g.wrong-pinTries, 10), pinWaitMost)
	g.locked = now.Add(wait)
	return false, wait
}

// carryOutMaintenance does what a technician wants done. It reports whether fx was
// about that.
func (t *Terminal) carryOutMaintenance(ctx context.Context, fx session.Effect) bool {
	switch fx := fx.(type) {
	case session.CheckPIN:
		t.spawn("check PIN", session.PINChecked{ID: fx.ID}, func() session.Event {
			ok, wait := t.pins.check(t.config.TechnicianPIN, fx.PIN, time.Now())
			t.log.Info("technician", "admitted", ok)
			return session.PINChecked{ID: fx.ID, OK: ok, Wait: wait}
		})
	case session.Inspect:
		failed := session.MachineInspected{ID: fx.ID, Report: session.Machine{Result: "没有做成，请再试一次，或查看日志。"}}
		t.spawn("inspect", failed, func() session.Event {
			return session.MachineInspected{ID: fx.ID, Report: t.inspect(ctx, fx.Task)}
		})
	default:
		return false
	}
	return true
}

// taskNames are how the tasks are called on paper.
var taskNames = map[session.Task]string{
	session.TaskPrint: "测试页", session.TaskOpening: "开机自检", session.TaskClosing: "收班自检",
}

// inspect looks at the machine and, if the task says so, tries its printer.
func (t *Terminal) inspect(ctx context.Context, task session.Task) session.Machine {
	m := session.Machine{Parts: t.parts()}
	name := taskNames[task]
	if name == "" {
		return m
	}
	paper := slip.Check{Title: name}
	if h := t.hall(); h != nil {
		paper.Hall = h.Name
	}
	if self, ok := t.uplink.Terminal(); ok {
		paper.Terminal = self.Name
	}
	paper.At, _, _ = t.uplink.Now()
	bad := 0
	for _, p := range m.Parts {
		mark := "正常"
		if !p.Well {
			mark, bad = "【注意】", bad+1
		}
		if task != session.TaskPrint {
			paper.Lines = append(paper.Lines, fmt.Sprintf("%s %s：%s", mark, p.Name, p.State))
		}
	}
	err := t.printer.Print(ctx, paper.Document(t.profile))
	m.Parts = t.parts() // printing may have found something
	switch {
	case err != nil:
		m.Result = name + "：没有打出来。" + printCure(err)
	case task == session.TaskPrint:
		m.Result, m.Good = "测试页已经打印。请看字是否清楚、纸是否切断、二维码能否扫出来。", true
	case bad > 0:
		m.Result = fmt.Sprintf("%s：有 %d 项要处理，记录已经打印。", name, bad)
	default:
		m.Result, m.Good = name+"：各项正常，记录已经打印。", true
	}
	t.log.Info("check by the technician", "task", string(task), "to do", bad, "printed", err == nil)
	return m
}

// printCure is what to do about a print that failed.
func printCure(err error) string {
	var fault *escpos.Fault
	switch {
	case errors.Is(err, peripherals.ErrNoPrinter):
		return "没有接好打印机。"
	case errors.As(err, &fault):
		return peripherals.HintOf(fault.Code).Chinese()
	}
	return "请检查打印机的电源和数据线。"
}

// parts are what a technician looks at, devices first.
func (t *Terminal) parts() []session.MachinePart {
	var parts []session.MachinePart
	for _, d := range t.Devices() {
		parts = append(parts, session.MachinePart{
			Name: d.Title(), State: d.StateWords(), Well: d.well(), Cure: d.Cure(),
			Detail: strings.Join(d.details(), "；"),
		})
	}
	parts = append(parts, t.centrePart(), t.outboxPart(), t.seriesPart(), t.clockPart())
	room := t.store.Room()
	disk := session.MachinePart{Name: "硬盘", State: "空间不足", Well: !room.Low, Cure: room.Advice}
	if disk.Well {
		disk.State = "正常"
	}
	if room.Free >= 0 {
		disk.Detail = "还能写 " + megabytes(room.Free)
	}
	return append(parts, disk, t.programPart())
}

func megabytes(n int64) string {
	if n >= 10<<30 {
		return strconv.FormatInt(n>>30, 10) + " GB"
	}
	return strconv.FormatInt(n>>20, 10) + " MB"
}

// stamp is a moment as a technician reads it, in the hall's zone.
func (t *Terminal) stamp(at time.Time) string {
	if h := t.hall(); h != nil {
		at = at.In(h.Location())
	}
	return at.Format("01-02 15:04:05")
}

func (t *Terminal) centrePart() session.MachinePart {
	s := t.uplink.State()
	p := session.MachinePart{Name: "网络和中心", State: "正常", Well: true}
	switch {
	case s.Away:
		p.State, p.Well, p.Cure = "连不上", false, "请检查网线、中心服务的电源和 terminal.toml 里的 centre 地址。取号照常。"
	case s.LastContact.IsZero():
		p.State, p.Well = "还没有连上过", false
	}
	if !s.LastContact.IsZero() {
		p.Detail = "最近一次通话 " + t.stamp(s.LastContact)
	}
	return p
}

func (t *Terminal) outboxPart() session.MachinePart {
	b := t.uplink.State().Offline
	p := session.MachinePart{Name: "等待上报", State: "没有", Well: b.Advice == "", Cure: b.Advice}
	if b.Items > 0 {
		p.State = fmt.Sprintf("%d 条，%d KB", b.Items, (b.Bytes+1023)>>10)
		p.Detail = "最早的等了 " + waited(b.Oldest)
	}
	if b.Dead > 0 {
		p.State += fmt.Sprintf("，中心拒收 %d 条", b.Dead)
	}
	return p
}

// waited is a duration as people say it.
func waited(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "不到 1 分钟"
	case d < time.Hour:
		return fmt.Sprintf("%d 分钟", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d 小时", int(d.Hours()))
	}
	return fmt.Sprintf("%d 天", int(d.Hours()/24))
}

func (t *Terminal) seriesPart() session.MachinePart {
	p := session.MachinePart{Name: "断网取号", State: "可以", Well: true}
	if problem := t.uplink.State().Problem; problem != nil {
		p.State, p.Well, p.Cure = "不可以", false, problemAdvice(problem)
		return p
	}
	slot, ok := t.uplink.Slot()
	if !ok {
		p.State, p.Well, p.Cure = "不可以", false, "本机还没有连上过中心：请先连上一次。"
		return p
	}
	p.Detail = fmt.Sprintf("本机是 %d 号段", slot)
	return p
}

func (t *Terminal) clockPart() session.MachinePart {
	now, day, sure := t.uplink.Now()
	p := session.MachinePart{Name: "时钟", State: "和中心一致", Well: sure, Detail: t.stamp(now)}
	if day != "" {
		p.Detail += "，业务日 " + day
	}
	if !sure {
		p.State, p.Cure = "还没有和中心对过", "连上中心后自动对时。"
	}
	return p
}

func (t *Terminal) programPart() session.MachinePart {
	p := session.MachinePart{Name: "程序", State: t.config.Version, Well: true}
	if p.State == "" {
		p.State = "没有版本号"
	}
	var parts []string
	if self, ok := t.uplink.Terminal(); ok {
		parts = append(parts, self.Name+"（"+self.ID+"）")
	}
	if c, ok := t.uplink.Catalogue(); ok {
		parts = append(parts, "大厅文件 "+c.Revision[:min(8, len(c.Revision))])
	}
	if g, ok := t.uplink.Guides(); ok {
		parts = append(parts, fmt.Sprintf("指南 %d 项", len(g.Guides)))
	}
	p.Detail = strings.Join(parts, "；")
	return p
}

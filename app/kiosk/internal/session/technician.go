package session

import "time"

// Pages of the technician.
const (
	PagePIN     Page = "pin"
	PageMachine Page = "machine" // how the terminal is
)

// Of the way to the technician's page: five touches of the upper left corner of the
// first page within three seconds, then the PIN. Nothing on the screen tells of it.
const (
	cornerTouches = 5
	cornerTime    = 3 * time.Second
	pinDigits     = 6
	idleMachine   = 5 * time.Minute
)

// Touches of the technician.
type (
	// CornerTouched is a touch of the upper left corner. At only has to grow from
	// touch to touch.
	CornerTouched struct{ At time.Time }
	// TaskPressed has the machine looked at, or tried out.
	TaskPressed struct{ Task Task }
)

// Answers to the technician.
type (
	// TechnicianChanged: this terminal has a technician's PIN, or has none and then
	// no technician's page.
	TechnicianChanged struct{ Known bool }
	// PINChecked answers CheckPIN. Wait is how long no further try is taken.
	PINChecked struct {
		ID   int
		OK   bool
		Wait time.Duration
	}
	// MachineInspected answers Inspect.
	MachineInspected struct {
		ID     int
		Report Machine
	}
)

// Effects of the technician.
type (
	// CheckPIN is answered by PINChecked.
	CheckPIN struct {
		ID  int
		PIN string
	}
	// Inspect carries out the task and is answered by MachineInspected.
	Inspect struct {
		ID   int
		Task Task
	}
)

// GoString and String keep the PIN out of logs.
func (c CheckPIN) GoString() string { return "session.CheckPIN" }
func (c CheckPIN) String() string   { return "PIN" }

// Task is what is done to the machine.
type Task string

// The tasks.
const (
	TaskLook    Task = "look"
	TaskPrint   Task = "test-print"
	TaskOpening Task = "opening-check" // 开机自检, before the hall opens
	TaskClosing Task = "closing-check" // 收班自检, after it has closed
)

func (t Task) valid() bool {
	switch t {
	case TaskLook, TaskPrint, TaskOpening, TaskClosing:
		return true
	}
	return false
}

// Machine is how a terminal is, in words for a technician, in Chinese. Nothing in it
// is personal.
type Machine struct {
	// Result is what came of a task other than looking; "" = none. Good says how.
	Result string
	Good   bool
	Parts  []MachinePart
}

// MachinePart is one thing a technician looks at.
type MachinePart struct {
	Name  string // 打印机
	State string // 正常
	Well  bool
	// Cure is what to do about it; Detail what else is known. May be empty.
	Cure, Detail string
}

// PIN asks for the technician's PIN.
type PIN struct {
	Typed    int // digits typed
	Wrong    bool
	Checking bool
	// Minutes no further try is taken, rounded up; 0 = now.
	Minutes int
}

// MachineView is the technician's page.
type MachineView struct {
	Reading
	// Busy is the task being carried out, "" = none.
	Busy   Task
	Result string // of the last task
	Good   bool
	Prints bool // there is a printer that is ready
}

// maintenance is how far a technician has got.
type maintenance struct {
	typed   string
	wrong   bool
	wait    time.Duration
	checked int // ID of CheckPIN; 0 = none is awaited
	task    Task
	asked   int // ID of Inspect; 0 = none is awaited
	report  Machine
	number  int
}

func inMaintenance(p Page) bool { return p == PagePIN || p == PageMachine }

// corner counts a touch of the corner, and opens the PIN page at the fifth in time.
func (s State) corner(e CornerTouched) (State, []Effect) {
	w := &s.world
	if s.Page != PageHome || !w.technician {
		return s, nil
	}
	var recent []time.Time
	for _, at := range w.corner {
		if d := e.At.Sub(at); d >= 0 && d < cornerTime {
			recent = append(recent, at)
		}
	}
	w.corner = append(recent, e.At)
	if len(w.corner) < cornerTouches {
		return s, nil
	}
	w.corner = nil
	s.visit.machine = maintenance{}
	s.show(PagePIN)
	return s, nil
}

// onMaintenance carries out a touch on the technician's pages.
func (s State) onMaintenance(e Event) (State, []Effect) {
	m := &s.visit.machine
	if _, ok := e.(BackPressed); ok {
		return s.end()
	}
	var effects []Effect
	switch s.Page {
	case PagePIN:
		effects = s.onPIN(e)
	case PageMachine:
		switch e := e.(type) {
		case PageTurned:
			m.number += e.By
			s.clampPage()
		case TaskPressed:
			if e.Task.valid() && m.asked == 0 && (e.Task != TaskPrint || s.world.devices.Printer) {
				effects = s.inspect(e.Task)
			}
		}
	}
	s.armIdle()
	return s, effects
}

func (s *State) onPIN(e Event) []Effect {
	m := &s.visit.machine
	if m.checked != 0 {
		return nil
	}
	switch e := e.(type) {
	case KeyPressed:
		if e.Key >= '0' && e.Key <= '9' && len(m.typed) < pinDigits {
			m.typed += string(e.Key)
		}
		m.wrong = false
	case DeletePressed:
		m.typed = e.from(m.typed)
	case NumberEntered:
		if m.typed == "" {
			return nil
		}
		m.checked = s.ask()
		return []Effect{CheckPIN{ID: m.checked, PIN: m.typed}}
	}
	return nil
}

func (s *State) inspect(t Task) []Effect {
	m := &s.visit.machine
	m.task, m.asked = t, s.ask()
	return []Effect{Inspect{ID: m.asked, Task: t}}
}

// maintained takes in an answer to the technician. One that nobody waits for any more
// does nothing.
func (s State) maintained(e Event) (State, []Effect) {
	m := &s.visit.machine
	switch e := e.(type) {
	case PINChecked:
		if s.Page != PagePIN || m.checked == 0 || e.ID != m.checked {
			break
		}
		m.checked, m.typed, m.wait = 0, "", e.Wait
		if m.wrong = !e.OK; m.wrong {
			break
		}
		s.visit.machine = maintenance{}
		s.show(PageMachine)
		return s, s.inspect(TaskLook)
	case MachineInspected:
		if s.Page == PageMachine && m.asked != 0 && e.ID == m.asked {
			if m.asked = 0; m.task == TaskLook && e.Report.Result == "" {
				e.Report.Result, e.Report.Good = m.report.Result, m.report.Good // looking again takes no result away
			}
			if m.task != TaskLook {
				m.number = 0 // what is wrong comes first
			}
			m.task, m.report = "", e.Report
			s.clampPage()
		}
	}
	return s, nil
}

// lookAgain has the machine looked at again, because something about it has changed.
func (s State) lookAgain() (State, []Effect) {
	if s.Page != PageMachine || s.visit.machine.asked != 0 {
		return s, nil
	}
	effects := s.inspect(TaskLook)
	return s, effects
}

func (s *State) viewMaintenance(view *View) {
	m := &s.visit.machine
	if s.Page == PagePIN {
		view.PIN = &PIN{
			Typed: len(m.typed), Wrong: m.wrong, Checking: m.checked != 0,
			Minutes: int((m.wait + time.Minute - 1) / time.Minute),
		}
		return
	}
	view.Machine = &MachineView{
		Reading: *s.reading("", machineBlocks(m.report), true, m.number), Busy: m.task,
		Result: m.report.Result, Good: m.report.Good, Prints: s.world.devices.Printer,
	}
	if m.task == TaskLook {
		view.Machine.Busy = "" // takes no time worth mentioning
	}
}

// machineBlocks are what a technician reads: what is wrong first.
func machineBlocks(m Machine) []Block {
	var l blockList
	for _, well := range []bool{false, true} {
		for _, p := range m.Parts {
			if p.Well != well {
				continue
			}
			mark := ""
			if !well {
				mark = "【要处理】"
			}
			text := joined(mark+p.State, p.Cure, "。")
			l.fact(p.Name, joined(text, p.Detail, "；"))
		}
	}
	return l
}

func (CornerTouched) event()     {}
func (TaskPressed) event()       {}
func (TechnicianChanged) event() {}
func (PINChecked) event()        {}
func (MachineInspected) event()  {}

func (CheckPIN) effect() {}
func (Inspect) effect()  {}

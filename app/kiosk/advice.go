package kiosk

import (
	"errors"

	"hallkiosk/app/kiosk/internal/uplink"
)

// Advice is what the technician should do about this terminal, in Chinese
// sentences, most urgent first; empty when all is well. Nothing in it is personal.
// Devices are not in it: session.View and the window consoles have them.
func (t *Terminal) Advice() []string {
	var all []string
	say := func(s string) {
		if s != "" {
			all = append(all, s)
		}
	}
	s := t.uplink.State()
	say(problemAdvice(s.Problem))
	say(t.store.Room().Advice)
	say(s.Offline.Advice)
	return all
}

// problemAdvice says why the terminal's own series is closed, and the cure.
func problemAdvice(problem error) string {
	switch {
	case problem == nil:
		return ""
	case errors.Is(problem, uplink.ErrCloned):
		return "本机的数据被复制过，断网时不能取号：请导出未上报的记录，重新登记本机，并清空数据目录。"
	case errors.Is(problem, uplink.ErrOtherTerminal):
		return "数据目录是另一台终端的，断网时不能取号：请换回本机的数据目录，或清空后重新登记。"
	case errors.Is(problem, uplink.ErrStoreReplaced):
		return "数据目录换过或恢复过，断网时不能取号：请重新登记本机，并清空数据目录。"
	}
	return "断网时不能取号，请查看日志。"
}

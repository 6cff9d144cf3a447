package peripherals

import "hallkiosk/devices/escpos"

// Hint is what a technician, or whoever is nearest, is to do about a device. The
// values are stable: screens and the window console may have words of their own.
type Hint string

// The hints. HintNone goes with a device that is well.
const (
	HintNone       Hint = ""
	HintPlugIn     Hint = "plug-in"
	HintPermission Hint = "permission"
	HintInUse      Hint = "in-use"
	HintWrongPort  Hint = "wrong-port"
	HintLoadPaper  Hint = "load-paper"
	HintPaperSoon  Hint = "paper-soon"
	HintCloseCover Hint = "close-cover"
	HintFreeCutter Hint = "free-cutter"
	HintWaitCool   Hint = "wait-cool"
	HintRestart    Hint = "restart-device"
	HintSwitchOn   Hint = "switch-on"
	// HintForget goes with a printer that holds the rest of a stopped job and
	// cannot be told to forget it: switched off and on before anything else, it
	// does. A presenter would take the old ticket back as well.
	HintForget Hint = "switch-off-first"
	// HintReturnCard goes with a reader on which somebody left a card.
	HintReturnCard Hint = "return-card"
)

// hints are by fault or warning.
var hints = map[string]Hint{
	"absent":             HintPlugIn,
	"denied":             HintPermission,
	"busy":               HintInUse,
	"not-serial":         HintWrongPort,
	"reader-error":       HintRestart,
	"paper-near-end":     HintPaperSoon,
	WarningCardLeft:      HintReturnCard,
	escpos.CodePaperOut:  HintLoadPaper,
	escpos.CodeCoverOpen: HintCloseCover,
	escpos.CodeCutter:    HintFreeCutter,
	escpos.CodeHeadHot:   HintWaitCool,
	escpos.CodeError:     HintRestart,
	escpos.CodeOffline:   HintSwitchOn,
}

// HintOf is what to do about a fault or a warning.
func HintOf(code string) Hint { return hints[code] }

func hintFor(c Condition) Hint {
	switch {
	case c.Residue:
		return HintForget
	case c.Fault != "":
		return hints[c.Fault]
	}
	return hints[c.Warning]
}

var sentences = map[Hint]string{
	HintPlugIn:     "找不到设备。请检查电源和数据线，插好后会自动恢复。",
	HintPermission: "没有权限打开设备。请把运行终端的用户加入相应的组，再重新登录。",
	HintInUse:      "设备正被别的程序占用。请先关掉那个程序。",
	HintWrongPort:  "设置的端口不是这个设备。请改成设备的固定名字。",
	HintLoadPaper:  "没有纸了。请装好纸，合上盖子。",
	HintPaperSoon:  "纸快用完了。请准备好新的纸卷。",
	HintCloseCover: "盖子没有合上。请合上盖子。",
	HintFreeCutter: "切刀卡住了。请关掉电源，取出卡住的纸，再打开电源。",
	HintWaitCool:   "打印头过热。请稍等，冷却后会自动恢复。",
	HintRestart:    "设备出错。请把设备关掉再打开；还不行，请联系维修。",
	HintSwitchOn:   "设备没有回应。请检查电源是否打开，线是否插好。",
	HintReturnCard: "读卡器上有一张没取走的身份证。请交还本人，或按失物登记保管。",
	HintForget:     "打印机里还有一张没打完的旧票。请先把打印机关掉再打开，然后装纸，旧票就不会再打出来。",
}

// Chinese is the hint as a sentence for a screen, "" for a device that is well.
func (h Hint) Chinese() string { return sentences[h] }

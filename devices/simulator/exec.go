package simulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const help = `cards
  card KEY              lay a card: %s
  lift                  take it away
  lift early            take it away in the middle of its next reading
reader
  reader sticky|refindable      is a card found again after it was read?
  reader slow|normal            readings take 2.2 s, or as usual
  reader silent|answer
  reader die|revive             it stops for good in the middle of its next answer
  reader wrong id N             its next N answers about its number are nonsense
  reader fail STATUS [N]        the next N readings end in a status such as 41, 0 never again
  reader fail find STATUS [N]   the same for finding; also select, status, reset
  reader bank|samv              the dialect it speaks
  reader unplug|plug
printer
  paper out|low|load|take
  paper out after N             it ends N bytes into what comes next
  paper roll MM                 a roll so long; 0 is without end
  cover open|close
  cutter error|clear            now
  cutter jam                    at the next cut
  head hot|cool|slow|normal
  printer silent|answer
  printer xoff on|off           does it stop the line before its buffer is full?
  printer buffer N              bytes
  printer epson|clone|custom|one-way
  printer unplug|plug
  show                          the last ticket as text
scanner
  scan TEXT
  scanner unplug|plug
  scanner free|honeywell|gm65   does it wait for a command of the program?
help`

// Exec carries out one line of the command language and returns what to show
// to the person who typed it; "help" lists the commands. Case of the command
// words and extra blanks do not matter. An error names the cure.
func (h *Hall) Exec(line string) (string, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return "", nil
	}
	// The text of a code keeps its case and blanks.
	if first := strings.ToLower(words[0]); first == "scan" {
		_, text, _ := strings.Cut(strings.TrimSpace(line), words[0])
		if text = strings.TrimSpace(text); text == "" {
			return "", fmt.Errorf("simulator: scan what? say scan TEXT")
		}
		if err := h.Scanner.Scan(text); err != nil {
			return "", err
		}
		return "scanned", nil
	}
	for i := range words {
		words[i] = strings.ToLower(words[i])
	}
	first, rest := words[0], words[1:]
	command := strings.Join(words, " ")
	switch first {
	case "help", "?":
		return h.help(), nil
	case "show":
		return h.show()
	case "card":
		if len(rest) != 1 {
			return "", fmt.Errorf("simulator: which card? use one of %s", keys())
		}
		if err := h.Reader.Lay(rest[0]); err != nil {
			return "", err
		}
		return "the card lies on the reader; say lift to take it away", nil
	case "paper":
		if n, isAfter := strings.CutPrefix(command, "paper out after "); isAfter {
			return h.paperOutAfter(n)
		}
		if n, is := strings.CutPrefix(command, "paper roll "); is {
			return h.number(n, "paper roll 80000", 1<<20, h.Printer.Roll)
		}
	case "reader":
		if len(rest) >= 2 && rest[0] == "fail" {
			return h.readerFail(rest[1:])
		}
		if n, is := strings.CutPrefix(command, "reader wrong id "); is {
			return h.number(n, "reader wrong id 3", 1000, h.Reader.WrongID)
		}
	case "printer":
		if n, is := strings.CutPrefix(command, "printer buffer "); is {
			return h.number(n, "printer buffer 4096", 1<<20, func(n int) {
				m := h.Printer.Model()
				m.Buffer = max(n, minBuffer)
				h.Printer.SetModel(m)
			})
		}
		if len(rest) == 1 && slices.Contains(Models(), rest[0]) {
			return "done", h.remodel(func(m *PrinterModel) { m.Model = rest[0] })
		}
	case "scanner":
		if len(rest) == 1 && slices.Contains(ScannerModels(), rest[0]) {
			return "done", h.Scanner.SetModel(rest[0])
		}
	}
	if known, err := h.simple(command); known {
		if err != nil {
			return "", err
		}
		return "done", nil
	}
	return "", fmt.Errorf("simulator: no command %q: say help for a list", command)
}

// simple carries out the commands that have neither argument nor answer.
func (h *Hall) simple(command string) (known bool, err error) {
	p, r, s := h.Printer, h.Reader, h.Scanner
	switch command {
	case "lift":
		r.Lift()
	case "lift early":
		r.LiftEarly()
	case "reader sticky":
		r.Sticky(true)
	case "reader refindable":
		r.Sticky(false)
	case "reader slow":
		r.Slow(true)
	case "reader normal":
		r.Slow(false)
	case "reader silent":
		r.Silent(true)
	case "reader answer":
		r.Silent(false)
	case "reader unplug":
		r.Unplug()
	case "reader plug":
		err = r.Replug()
	case "reader bank":
		r.Bank(true)
	case "reader samv":
		r.Bank(false)
	case "reader die":
		r.Die()
	case "reader revive":
		r.Revive()
	case "paper take":
		p.Take()
	case "head slow":
		p.Slow(true)
	case "head normal":
		p.Slow(false)
	case "printer xoff on":
		err = h.remodel(func(m *PrinterModel) { m.XOFF = true })
	case "printer xoff off":
		err = h.remodel(func(m *PrinterModel) { m.XOFF = false })
	case "paper out":
		p.PaperOut()
	case "paper low":
		p.PaperLow()
	case "paper load":
		p.PaperLoad()
	case "cover open":
		p.Cover(true)
	case "cover close":
		p.Cover(false)
	case "cutter error":
		p.CutterError(true)
	case "cutter clear":
		p.CutterError(false)
	case "cutter jam":
		p.CutterJam()
	case "head hot":
		p.Hot(true)
	case "head cool":
		p.Hot(false)
	case "printer silent":
		p.Silent(true)
	case "printer answer":
		p.Silent(false)
	case "printer unplug":
		p.Unplug()
	case "printer plug":
		err = p.Replug()
	case "scanner unplug":
		s.Unplug()
	case "scanner plug":
		err = s.Replug()
	default:
		return false, nil
	}
	return true, err
}

func (h *Hall) paperOutAfter(arg string) (string, error) {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 0 || n > 1<<20 {
		return "", fmt.Errorf("simulator: %q is no number of bytes: say paper out after 120", arg)
	}
	h.Printer.PaperOutAfter(n)
	return fmt.Sprintf("the paper ends within the next %d bytes", n), nil
}

// remodel changes something about the printer's model.
func (h *Hall) remodel(edit func(*PrinterModel)) error {
	m := h.Printer.Model()
	edit(&m)
	return h.Printer.SetModel(m)
}

// number carries out a command that ends in a number.
func (h *Hall) number(arg, example string, most int, do func(int)) (string, error) {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 0 || n > most {
		return "", fmt.Errorf("simulator: %q is no number from 0 to %d: say %s", arg, most, example)
	}
	do(n)
	return "done", nil
}

func (h *Hall) readerFail(args []string) (string, error) {
	command, what := uint16(0x3001), "readings end"
	if c := map[string]uint16{"find": 0x2001, "select": 0x2002, "read": 0x3001, "status": 0x11FF, "reset": 0x10FF}[args[0]]; c != 0 {
		if command = c; c != 0x3001 {
			what = "answers to " + args[0] + " are"
		}
		if args = args[1:]; len(args) == 0 {
			return "", fmt.Errorf("simulator: which status? say two hexadecimal digits such as 41")
		}
	}
	status, err := strconv.ParseUint(args[0], 16, 8)
	if err != nil {
		return "", fmt.Errorf("simulator: %q is no status: say two hexadecimal digits such as 41", args[0])
	}
	n := 1
	if len(args) > 1 {
		if n, err = strconv.Atoi(args[1]); err != nil || n < 0 || n > 1000 {
			return "", fmt.Errorf("simulator: %q is no count: say a number from 0 to 1000", args[1])
		}
	}
	if len(args) > 2 {
		return "", fmt.Errorf("simulator: too many words: say reader fail STATUS N")
	}
	h.Reader.Fail(command, byte(status), n)
	return fmt.Sprintf("the next %d %s %02X", n, strings.Replace(what, " end", " end in", 1), status), nil
}

// show is the last paper, or what is coming out.
func (h *Hall) show() (string, error) {
	papers := h.Printer.Papers()
	if len(papers) == 0 {
		return "no paper has come out yet", nil
	}
	return papers[len(papers)-1].String(), nil
}

func (h *Hall) help() string {
	var b strings.Builder
	fmt.Fprintf(&b, help, keys())
	b.WriteString("\n\ncards in detail\n")
	for _, p := range people() {
		fmt.Fprintf(&b, "  %-12s%s\n", p.key, p.about)
	}
	return b.String()
}

func keys() string {
	var all []string
	for _, p := range people() {
		all = append(all, p.key)
	}
	return strings.Join(all, ", ")
}

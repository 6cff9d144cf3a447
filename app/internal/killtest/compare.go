package killtest

import "fmt"

// Terminal is a terminal at the end: what it has said, and what it has kept.
type Terminal struct {
	ID   string // at the centre: t1
	Said []Took
	File TerminalFile
}

// Clerk is what the windows have been answered.
type Clerk struct {
	Called   map[string]int // by ticket: how often it was the answer to a call
	Finished map[string]bool
}

// Compare holds the files of a whole hall against each other and against what was
// said, when everything has been delivered. It returns what is wrong.
func Compare(centre CentralFile, terminals []Terminal, clerk Clerk) (wrong []string) {
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	held := map[string]string{} // id of a number somebody holds -> terminal
	for _, t := range terminals {
		wrong = append(wrong, t.File.Lost(t.Said)...)
		if t.File.Waiting > 0 || t.File.Dead > 0 {
			complain("%s: %d events are not delivered, %d given up", t.ID, t.File.Waiting, t.File.Dead)
		}
		if centre.Events[t.ID] != t.File.Last {
			complain("%s wrote %d events, the centre has %d", t.ID, t.File.Last, centre.Events[t.ID])
		}
		for id, own := range t.File.Tickets {
			has, there := centre.Tickets[id]
			switch own.State {
			case "issued":
				held[id] = t.ID
				if !there || has.State == "void" || has.Label != own.Label || has.Day != own.Day || has.Terminal != t.ID {
					complain("%s holds %s of %s (%s), the centre has %+v", t.ID, own.Label, own.Day, id, has)
				}
			case "refused", "abandoned":
				// A window may have been quicker than the word that nobody holds it.
				if there && has.State != "void" && has.State != "finished" {
					complain("%s: %s is %s, the centre has %+v", t.ID, id, own.State, has)
				}
			default:
				complain("%s: %s is still %s", t.ID, id, own.State)
			}
		}
	}
	labels := map[[2]string]string{}
	for id, has := range centre.Tickets {
		// What a window has finished can have been given up by its terminal too late.
		if has.State != "void" && has.State != "finished" && held[id] == "" {
			complain("the centre has %s (%s, %s), which nobody holds", has.Label, has.State, id)
		}
		at := [2]string{has.Day, has.Label}
		if labels[at] != "" {
			complain("%s of %s is the label of %s and of %s", has.Label, has.Day, labels[at], id)
		}
		labels[at] = id
		if n := centre.Calls[id].Now; n > 1 {
			complain("%s was called %d times", has.Label, n)
		}
	}
	for id, n := range clerk.Called {
		if all := centre.Calls[id].All; n > all {
			complain("%s (%s) was the answer to %d calls, the centre has %d", centre.Tickets[id].Label, id, n, all)
		}
	}
	for id := range clerk.Finished {
		if state := centre.Tickets[id].State; state != "finished" {
			complain("%s (%s) was finished, the centre has %q", centre.Tickets[id].Label, id, state)
		}
	}
	return wrong
}

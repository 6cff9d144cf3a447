package complaints

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/complaint"
)

// What the author thinks of the handling is told once, after the answer, and its words
// are kept as the complaint's own are.
func TestJudge(t *testing.T) {
	onBoth(t, func(f *fixture) {
		const opinion = "说清楚了，但是拖得太久"
		g := filing()
		r := f.file(g)
		judge := func(level complaint.Satisfaction, words string) (centralapi.ComplaintProgress, error) {
			t.Helper()
			return f.Judge(t.Context(), hallID, r.Code.Shown(), level, words, home)
		}
		for _, m := range []Move{
			{Action: complaint.Verify, Text: "属实", Class: complaint.Simple}, {Action: complaint.Investigate, Text: "查"}, {Action: complaint.Handle, Text: "办"}, {Action: complaint.Feedback, Text: "已经改正。"},
		} {
			if p, err := f.Progress(t.Context(), hallID, string(r.Code), home); err != nil || p.Judgeable || p.Satisfaction != "" {
				t.Errorf("before %s: %+v, %v", m.Action, p, err)
			}
			if _, err := judge(complaint.Satisfied, ""); code(err) != centralapi.CodeConflict {
				t.Errorf("before %s: %v", m.Action, err)
			}
			if err := f.do(g.ID, m); err != nil {
				t.Fatal(err)
			}
		}
		if p, err := f.Progress(t.Context(), hallID, string(r.Code), home); err != nil || !p.Judgeable || p.Satisfaction != "" {
			t.Errorf("answered: %+v, %v", p, err)
		}
		for name, try := range map[string]struct {
			level complaint.Satisfaction
			words string
		}{"no level": {"", ""}, "another level": {"five stars", ""}, "long": {complaint.Satisfied, strings.Repeat("长", complaint.MaxOpinion+1)}, "broken": {complaint.Satisfied, "\xff"}} {
			if _, err := judge(try.level, try.words); code(err) != centralapi.CodeInvalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		f.now = f.now.Add(time.Hour)
		for range 2 { // the second time changes nothing
			p, err := judge(complaint.Fairly, " "+opinion+"\n")
			if err != nil || p.Judgeable || p.Satisfaction != complaint.Fairly || p.State != complaint.Answered {
				t.Errorf("judged: %+v, %v", p, err)
			}
		}
		if _, err := judge(complaint.Satisfied, ""); code(err) != centralapi.CodeConflict {
			t.Errorf("another opinion: %v", err)
		}
		if p, err := f.Progress(t.Context(), hallID, string(r.Code), home); err != nil || p.Judgeable || p.Satisfaction != complaint.Fairly || strings.Contains(fmt.Sprint(p), opinion) {
			t.Errorf("afterwards: %+v, %v", p, err)
		}
		// Whoever handles it sees it, and that it was read is kept.
		c := f.open(handler, g.ID)
		if c.Opinion.Level != complaint.Fairly || c.Opinion.Words != opinion || c.Opinion.Unreadable || !c.Opinion.At.Equal(f.now) || c.Satisfaction != complaint.Fairly {
			t.Errorf("opinion %+v", c.Opinion)
		}
		if !slices.ContainsFunc(c.Openings, func(o Opening) bool { return o.Part == partOpinion && o.Name == "王处理" }) {
			t.Errorf("openings %+v", c.Openings)
		}
		if err := f.do(g.ID, Move{Action: complaint.Archive, Text: "结案"}); err != nil {
			t.Errorf("archived after that: %v", err)
		}

		// Counted, and found in the list by what they say.
		second := f.file(filing())
		list, _, err := f.List(t.Context(), hallID, handler, Filter{Satisfaction: complaint.Fairly})
		if err != nil || len(list) != 1 || list[0].ID != g.ID || list[0].Satisfaction != complaint.Fairly {
			t.Errorf("list %+v, %v", list, err)
		}
		if list, _, err := f.List(t.Context(), hallID, handler, Filter{Satisfaction: complaint.Dissatisfied}); err != nil || len(list) != 0 {
			t.Errorf("of the dissatisfied: %+v, %v", list, err)
		}
		if n, err := f.Opinions(t.Context(), hallID); err != nil || n != (Opinions{Fairly: 1}) {
			t.Errorf("counted %+v, %v", n, err)
		}

		// Nothing is to be judged about one that was withdrawn, and codes are not guessed here.
		if _, err := f.Withdraw(t.Context(), hallID, string(second.Code), home); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Judge(t.Context(), hallID, string(second.Code), complaint.Satisfied, "", home); code(err) != centralapi.CodeConflict {
			t.Errorf("withdrawn: %v", err)
		}
		guesses := map[centralapi.Code]int{}
		elsewhere := netip.MustParsePrefix("192.0.2.9/32")
		for range 30 {
			_, err := f.Judge(t.Context(), hallID, string(complaint.NewCode()), complaint.Satisfied, "", elsewhere)
			guesses[code(err)]++
		}
		if guesses[centralapi.CodeNotFound] != 10 || guesses[centralapi.CodeTooMany] != 20 {
			t.Errorf("guesses: %v", guesses)
		}

		// Without the key it says so; and it is in no file and no log.
		if c, err := f.desk(t.TempDir()).Case(t.Context(), hallID, handler, g.ID); err != nil || !c.Opinion.Unreadable || c.Opinion.Words != "" || c.Opinion.Level != complaint.Fairly {
			t.Errorf("without the key: %+v, %v", c.Opinion, err)
		}
		if strings.Contains(f.log.String(), opinion) {
			t.Error("the words are in the log")
		}
		files, err := filepath.Glob(filepath.Join(f.dir, "hall.db*"))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(data, []byte(opinion)) {
				t.Errorf("the words are in %s", filepath.Base(name))
			}
			found = found || bytes.Contains(data, []byte("已经改正")) // the search finds what is there
		}
		if f.store.Kind() == "sqlite" && !found {
			t.Error("the files were searched in vain")
		}
	})
}

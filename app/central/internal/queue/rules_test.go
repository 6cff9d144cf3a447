package queue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
)

// ruled is a hall whose businesses a and b grant classes.
func ruled() *hall.Hall {
	h := testHall(3)
	h.Businesses[0].Classes = []hall.Class{hall.Priority, hall.Appointment}
	h.Businesses[1].Classes = []hall.Class{hall.Priority}
	return h
}

func classed(business string, class centralapi.TicketClass) centralapi.TicketRequest {
	r := request(business)
	r.Class = class
	if class == centralapi.Priority {
		r.ClassReason = "老年人"
	}
	return r
}

// Every action in every state a ticket can be in, at the window it belongs to.
func TestStatesAndActions(t *testing.T) {
	type act = func(d *Desk, ctx context.Context, id string) (centralapi.Ticket, error)
	plain := func(do func(*Desk, context.Context, string, string, string) (centralapi.Ticket, error)) act {
		return func(d *Desk, ctx context.Context, id string) (centralapi.Ticket, error) {
			return do(d, ctx, hallID, "w1", id)
		}
	}
	acts := map[string]act{
		"recall": plain((*Desk).Recall), "start": plain((*Desk).Start), "finish": plain((*Desk).Finish), "no-show": plain((*Desk).NoShow),
		"hold": plain((*Desk).Hold), "resume": plain((*Desk).Resume), "return": plain((*Desk).Return), "re-enter": plain((*Desk).Reenter),
		"transfer": func(d *Desk, ctx context.Context, id string) (centralapi.Ticket, error) {
			return d.Transfer(ctx, hallID, "w1", id, TransferTo{Business: "b"})
		},
		"wrong": func(d *Desk, ctx context.Context, id string) (centralapi.Ticket, error) {
			return d.WrongMatter(ctx, hallID, "w1", id, TransferTo{}, "取错了")
		},
		"wrong, sent on": func(d *Desk, ctx context.Context, id string) (centralapi.Ticket, error) {
			return d.WrongMatter(ctx, hallID, "w1", id, TransferTo{Window: "w3"}, "取错了")
		},
		"class": func(d *Desk, ctx context.Context, id string) (centralapi.Ticket, error) {
			return d.Prioritise(ctx, hallID, "w1", id, centralapi.Priority, "急事")
		},
	}
	order := []string{"recall", "start", "no-show", "finish", "hold", "resume", "return", "re-enter", "transfer", "wrong", "wrong, sent on", "class"}
	states := []struct {
		name string
		way  []string // to get there from issued
	}{
		{"issued", nil}, {"called", []string{"call"}}, {"started", []string{"call", "start"}},
		{"held", []string{"call", "hold"}}, {"held after start", []string{"call", "start", "hold"}},
		{"no-show", []string{"call", "no-show"}}, {"came back", []string{"call", "no-show", "re-enter"}},
		{"missed twice", []string{"call", "no-show", "re-enter", "call", "no-show"}},
		{"finished", []string{"call", "finish"}}, {"cancelled", []string{"call", "wrong"}}, {"void", []string{"void"}},
	}
	// One letter for each action, in the order above: the state afterwards, . for a
	// refusal, = for done before.
	letters := map[byte]centralapi.TicketState{'i': centralapi.Issued, 'c': centralapi.Called, 's': centralapi.Started, 'h': centralapi.Held,
		'f': centralapi.Finished, 'n': centralapi.NoShow, 'x': centralapi.Cancelled}
	want := map[string]string{
		//                 rc st ns fi ho re rt en tr wr ws cl
		"issued":           ". . . . . . . . . . . i",
		"called":           "c s n f h = i . i x i .",
		"started":          ". = . f h . i . i x i .",
		"held":             ". . . . = c i . i x i .",
		"held after start": ". . . . = c i . i x i .",
		"no-show":          ". . = . . . . i . . . .",
		"came back":        ". . . . . . . = . . . i",
		"missed twice":     ". . = . . . . . . . . .",
		"finished":         ". . . = . . . . . . . .",
		"cancelled":        ". . . . . . . . . = . .",
		"void":             ". . . . . . . . . . . .",
	}
	h := ruled().AlwaysOpen()
	f := newFixtureWith(t, h)
	for _, s := range states {
		row := strings.Fields(want[s.name])
		if len(row) != len(order) {
			t.Fatalf("%s: %d expectations for %d actions", s.name, len(row), len(order))
		}
		for i, name := range order {
			t.Run(s.name+", "+name, func(t *testing.T) {
				f.t = t
				f.clock.add(24 * time.Hour) // a hall without anybody
				id := f.issue(request("a")).ID
				for _, step := range s.way {
					switch step {
					case "call":
						f.call("w1")
					case "void":
						f.deliver(f.t1, f.event(f.t1, centralapi.TicketAbandoned, centralapi.AbandonedTicket{ID: id, Reason: "crash"}))
					default:
						if _, err := acts[step](f.Desk, t.Context(), id); err != nil {
							t.Fatal(step, err)
						}
					}
				}
				f.clock.add(time.Minute)
				before, told := f.row(id), len(f.log(id))
				k, err := acts[name](f.Desk, t.Context(), id)
				after, added := f.row(id), len(f.log(id))-told
				switch letter := row[i][0]; letter {
				case '.':
					wantCode(t, err, centralapi.CodeConflict)
					if fmt.Sprint(before) != fmt.Sprint(after) || added != 0 {
						t.Errorf("refused, and changed from %+v to %+v", before, after)
					}
				case '=':
					if err != nil || k.State != before.State || fmt.Sprint(before) != fmt.Sprint(after) || added != 0 {
						t.Errorf("again: %+v, %v; from %+v to %+v", k, err, before, after)
					}
				default:
					if err != nil || k.State != letters[letter] || after.State != k.State || added != 1 {
						t.Errorf("%+v, %v; %d lines", k, err, added)
					}
					if waits := after.State == centralapi.Issued; waits && (after.Window != "" || after.Calls != 0 || !after.CalledAt.IsZero() || !after.EndedAt.IsZero()) {
						t.Errorf("waits, and still %+v", after)
					}
					if name != "re-enter" && (!after.PlaceAt.Equal(before.PlaceAt) || after.Seq != before.Seq || after.BackAt != before.BackAt) {
						t.Errorf("place changed from %+v to %+v", before, after)
					}
				}
				if !slices.Contains([]string{"issued", "came back"}, s.name) && name != "class" && name != "re-enter" {
					return
				}
				f.consistent(f.row(id).Day)
			})
		}
	}
	f.t = t
	f.rebuilt()
}

// rebuilt checks that the ledger gives the same rows.
func (f *fixture) rebuilt() {
	f.t.Helper()
	r, err := f.store.Rebuild(f.t.Context(), hallID, true)
	if err != nil || len(r.Differences) != 0 {
		f.t.Errorf("rebuild: %v, %+v", err, r)
	}
}

// labels calls until nobody waits, and finishes each.
func (f *fixture) labels(window string) (out []string) {
	f.t.Helper()
	for {
		k, ok, err := f.CallNext(f.t.Context(), hallID, window)
		if err != nil {
			f.t.Fatal(err)
		}
		if !ok {
			return out
		}
		out = append(out, k.Label)
		if _, err := f.Finish(f.t.Context(), hallID, window, k.ID); err != nil {
			f.t.Fatal(err)
		}
	}
}

func TestFairness(t *testing.T) {
	for name, tt := range map[string]struct {
		run   int
		taken string // o, p, a
		want  string
	}{
		"nobody of a class":       {0, "ooo", "A001 A002 A003"},
		"only of a class":         {0, "pap", "A001 A002 A003"},
		"three, then one":         {0, "ooppppappo", "A003 A004 A005 A001 A006 A007 A008 A002 A009 A010"},
		"one, then one":           {1, "oopppo", "A003 A001 A004 A002 A005 A006"},
		"kinds share their turns": {2, "opapa", "A002 A003 A001 A004 A005"},
	} {
		t.Run(name, func(t *testing.T) {
			h := ruled()
			h.Queue.PriorityRun = tt.run
			f := newFixtureWith(t, h)
			var ahead []int
			for _, kind := range tt.taken {
				f.issue(classed("a", map[rune]centralapi.TicketClass{'o': "", 'p': centralapi.Priority, 'a': centralapi.Appointment}[kind]))
			}
			c, err := f.Console(t.Context(), hallID, "w1")
			if err != nil {
				t.Fatal(err)
			}
			var shown []string
			for _, k := range c.Waiting {
				shown = append(shown, k.Label)
				p, err := f.Phone(t.Context(), hallID, k.ID)
				if err != nil || p.Ticket.ClassReason != "" {
					t.Errorf("phone %+v, %v", p.Ticket, err)
				}
				ahead = append(ahead, p.Ticket.Ahead)
			}
			for i, n := range ahead {
				if n != i {
					t.Errorf("%s is told %d are ahead, want %d", shown[i], n, i)
				}
			}
			got := f.labels("w1")
			if strings.Join(got, " ") != tt.want || !slices.Equal(got, shown) {
				t.Errorf("called %v, shown %v, want %s", got, shown, tt.want)
			}
			f.rebuilt()
		})
	}
}

// Who is answered with a place ahead is told the truth.
func TestAheadAtIssue(t *testing.T) {
	f := newFixtureWith(t, ruled())
	for i, tt := range []struct {
		class centralapi.TicketClass
		want  int
	}{{"", 0}, {"", 1}, {centralapi.Priority, 0}, {centralapi.Priority, 1}, {"", 4}, {centralapi.Appointment, 2}, {centralapi.Priority, 4}} {
		if k := f.issue(classed("a", tt.class)); k.Ahead != tt.want || k.Class != tt.class {
			t.Errorf("ticket %d: %d ahead, want %d; %+v", i+1, k.Ahead, tt.want, k)
		}
	}
}

func TestClassAtIssue(t *testing.T) {
	f := newFixtureWith(t, ruled())
	long := strings.Repeat("老", 61)
	for name, tt := range map[string]struct {
		business, class, reason string
		refused                 bool
	}{
		"granted":                      {"a", "priority", " 老年人 ", false},
		"appointment needs no reason":  {"a", "appointment", "", false},
		"priority needs one":           {"a", "priority", " ", true},
		"not granted by this business": {"b", "appointment", "", true},
		"no such class":                {"a", "vip", "x", true},
		"a reason for nothing":         {"a", "", "老年人", true},
		"a phone number":               {"a", "priority", "电话13800138000", true},
		"too long":                     {"a", "priority", long, true},
		"two lines":                    {"a", "priority", "老\n人", true},
	} {
		t.Run(name, func(t *testing.T) {
			f.t = t
			r := request(tt.business)
			r.Class, r.ClassReason = centralapi.TicketClass(tt.class), tt.reason
			k, err := f.Issue(t.Context(), hallID, f.t1, r)
			if tt.refused {
				wantCode(t, err, centralapi.CodeInvalid)
				return
			}
			if err != nil || k.Class != r.Class || k.ClassReason != strings.TrimSpace(tt.reason) {
				t.Errorf("%+v, %v", k, err)
			}
			again, err := f.Issue(t.Context(), hallID, f.t1, r)
			if err != nil || again.ID != k.ID {
				t.Errorf("again: %+v, %v", again, err)
			}
			r.Class = ""
			r.ClassReason = ""
			_, err = f.Issue(t.Context(), hallID, f.t1, r)
			wantCode(t, err, centralapi.CodeIDReused)
		})
	}
}

// A terminal's own numbers carry the class; one that is not granted does not, and
// counts all the same.
func TestClassOfATerminalsOwnNumber(t *testing.T) {
	f := newFixtureWith(t, ruled())
	good, bad := classed("a", centralapi.Priority), classed("b", centralapi.Appointment)
	receipt := f.deliver(f.t1, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, good, "A", 1)), f.event(f.t1, centralapi.TicketTaken, taken(f.t1, bad, "B", 1)))
	if len(receipt.Quarantined) != 0 {
		t.Fatalf("receipt %+v", receipt)
	}
	if k := f.row(good.ID); k.Class != centralapi.Priority || k.ClassReason != "老年人" {
		t.Errorf("granted: %+v", k)
	}
	if k := f.row(bad.ID); k.Class != centralapi.Ordinary || k.State != centralapi.Issued {
		t.Errorf("not granted: %+v", k)
	}
	f.rebuilt()
}

func TestCaps(t *testing.T) {
	h := ruled()
	h.Businesses[0].DailyCap = 3
	h.Businesses[1].Quotas = []hall.Quota{{Hours: "09:00-10:30", Most: 2}, {Hours: "10:30-12:00", Most: 1}}
	f := newFixtureWith(t, h)
	out := func(business string) {
		t.Helper()
		_, err := f.Issue(t.Context(), hallID, f.t1, request(business))
		wantCode(t, err, centralapi.CodeNumbersOut)
	}
	own := request("a") // a terminal's own number counts too
	f.deliver(f.t1, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, own, "A", 1)))
	mine := request("a")
	mine.Holder = person(1)
	f.issue(mine)
	gone := f.issue(request("a"))
	out("a")
	if again, err := f.Issue(t.Context(), hallID, f.t1, mine); err != nil || again.ID != mine.ID {
		t.Errorf("the same request again: %+v, %v", again, err)
	}
	held := request("a")
	held.Holder = person(1)
	if k, err := f.Issue(t.Context(), hallID, f.t1, held); err != nil || !k.Existing {
		t.Errorf("who has a number is told it: %+v, %v", k, err)
	}
	// A number nobody holds is given to somebody else.
	f.deliver(f.t1, f.event(f.t1, centralapi.TicketAbandoned, centralapi.AbandonedTicket{ID: gone.ID, Reason: "crash"}))
	f.issue(request("a"))
	out("a")

	f.issue(request("b"))
	f.issue(request("b"))
	out("b")
	f.issue(request("c")) // no limit
	f.clock.set(morning.Add(40 * time.Minute))
	f.issue(request("b"))
	out("b")
	f.clock.set(morning.Add(3 * time.Hour))
	f.issue(request("b")) // no quota at this time
	f.clock.set(morning.Add(24 * time.Hour))
	f.issue(request("a"))
	f.consistent("2026-11-23")
	f.rebuilt()
}

// Requests answered together share what is left.
func TestCapsWithinARound(t *testing.T) {
	h := testHall(3)
	h.Businesses[0].DailyCap = 5
	f := newFixtureWith(t, h)
	p := f.halls[hallID]
	b, _ := p.Business("a")
	var group []*issuing
	for range 8 {
		r := request("a")
		group = append(group, &issuing{p: p, from: f.t1, r: r, business: b, print: fingerprint(r), actor: "x", answered: make(chan struct{})})
	}
	f.settle(p, group)
	refused := 0
	for _, a := range group {
		if a.err != nil {
			wantCode(t, a.err, centralapi.CodeNumbersOut)
			refused++
		}
	}
	if refused != 3 {
		t.Errorf("%d refused of 8 for 5 numbers", refused)
	}
}

func TestHoldIsLimited(t *testing.T) {
	f := newFixture(t)
	for range 5 {
		f.issue(request("a"))
	}
	var held []string
	for range maxHeld {
		k := f.call("w1")
		if _, err := f.Hold(t.Context(), hallID, "w1", k.ID); err != nil {
			t.Fatal(err)
		}
		held = append(held, k.ID)
		f.clock.add(time.Second)
	}
	current := f.call("w1")
	_, err := f.Hold(t.Context(), hallID, "w1", current.ID)
	wantCode(t, err, centralapi.CodeConflict)
	_, err = f.Resume(t.Context(), hallID, "w1", held[0]) // somebody is at the window
	wantCode(t, err, centralapi.CodeConflict)
	_, err = f.Resume(t.Context(), hallID, "w2", held[0]) // it is another window's
	wantCode(t, err, centralapi.CodeConflict)
	c, err := f.Console(t.Context(), hallID, "w1")
	if err != nil || len(c.Held) != maxHeld || c.Held[0].ID != held[0] || c.Current.ID != current.ID {
		t.Errorf("console %+v, %v", c, err)
	}
	if _, err := f.Finish(t.Context(), hallID, "w1", current.ID); err != nil {
		t.Fatal(err)
	}
	k, err := f.Resume(t.Context(), hallID, "w1", held[0])
	if err != nil || k.State != centralapi.Called || k.Calls != 2 {
		t.Errorf("%+v, %v", k, err)
	}
	if b, err := f.Board(t.Context(), hallID); err != nil || b.Calls[0].Label != k.Label || b.Calls[0].Calls != 2 {
		t.Errorf("board %+v, %v", b, err)
	}
	f.rebuilt()
}

func TestTransfer(t *testing.T) {
	f := newFixtureWith(t, ruled())
	r := request("a")
	r.Holder = person(1)
	moved := f.issue(r)
	other := request("b")
	other.Holder = person(1)
	f.issue(other) // B001, of the same person
	f.issue(request("b"))
	f.call("w1")
	for name, tt := range map[string]struct {
		to   TransferTo
		want centralapi.Code
	}{
		"nowhere":            {TransferTo{}, centralapi.CodeInvalid},
		"where it is":        {TransferTo{Business: "a"}, centralapi.CodeInvalid},
		"to its own window":  {TransferTo{Window: "w1"}, centralapi.CodeInvalid},
		"no such business":   {TransferTo{Business: "z"}, centralapi.CodeUnknownBusiness},
		"no such window":     {TransferTo{Window: "w9"}, centralapi.CodeNotFound},
		"two for one person": {TransferTo{Business: "b"}, centralapi.CodeConflict},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.Transfer(t.Context(), hallID, "w1", moved.ID, tt.to)
			wantCode(t, err, tt.want)
		})
	}
	k, err := f.Transfer(t.Context(), hallID, "w1", moved.ID, TransferTo{Window: "w3"})
	if err != nil || k.ForWindow != "w3" || k.Business != "a" {
		t.Fatalf("%+v, %v", k, err)
	}
	if _, ok, err := f.CallNext(t.Context(), hallID, "w1"); ok || err != nil {
		t.Errorf("w1 calls what is w3's: %v, %v", ok, err)
	}
	if k := f.call("w3"); k.ID != moved.ID {
		t.Errorf("w3 calls %s first, want %s, which is older", k.Label, moved.Label)
	}
	// And on, to a business whose windows all may call it, at its old place.
	if _, err := f.Transfer(t.Context(), hallID, "w3", moved.ID, TransferTo{Business: "c"}); err != nil {
		t.Fatal(err)
	}
	if got := f.labels("w3"); strings.Join(got, " ") != "A001 B001 B002" {
		t.Errorf("called %v", got)
	}
	f.consistent("2026-11-23")
	f.rebuilt()
}

func TestComingBack(t *testing.T) {
	h := ruled()
	h.Queue.ComeBackBehind = 2
	f := newFixtureWith(t, h)
	for range 6 {
		f.issue(request("a"))
	}
	missed := func() centralapi.Ticket {
		t.Helper()
		k := f.call("w1")
		f.clock.add(time.Second)
		if _, err := f.NoShow(t.Context(), hallID, "w1", k.ID); err != nil {
			t.Fatal(err)
		}
		return k
	}
	back := func(window, id string) {
		t.Helper()
		f.clock.add(time.Second)
		if k, err := f.Reenter(t.Context(), hallID, window, id); err != nil || !k.CameBack {
			t.Fatal(k, err)
		}
	}
	one, two := missed(), missed()
	c, err := f.Console(t.Context(), hallID, "w2")
	if err != nil || len(c.Missed) != 2 || c.Missed[0].ID != two.ID {
		t.Errorf("missed %+v, %v", c.Missed, err)
	}
	_, err = f.Reenter(t.Context(), hallID, "w3", one.ID) // does not serve a
	wantCode(t, err, centralapi.CodeConflict)
	back("w2", one.ID) // behind A003 A004
	back("w1", two.ID) // behind A003 A004, and A001 who came back there before
	if c, _ = f.Console(t.Context(), hallID, "w2"); len(c.Missed) != 0 {
		t.Errorf("missed %+v", c.Missed)
	}
	f.issue(request("a"))
	if got := f.labels("w1"); strings.Join(got, " ") != "A003 A004 A001 A002 A005 A006 A007" {
		t.Errorf("called %v", got)
	}
	// Behind fewer than two: behind all.
	f.issue(request("a"))
	last := missed()
	f.issue(request("a"))
	back("w1", last.ID)
	f.issue(request("a"))
	if got := f.labels("w1"); strings.Join(got, " ") != "A009 A008 A010" {
		t.Errorf("called %v", got)
	}
	// Who has taken another number meanwhile has one too many.
	r := request("a")
	r.Holder = person(7)
	f.issue(r)
	gone := missed()
	r.ID = newID()
	f.issue(r)
	_, err = f.Reenter(t.Context(), hallID, "w1", gone.ID)
	wantCode(t, err, centralapi.CodeConflict)
	// Not on another day.
	f.clock.add(24 * time.Hour)
	_, err = f.Reenter(t.Context(), hallID, "w1", gone.ID)
	wantCode(t, err, centralapi.CodeConflict)
	f.rebuilt()
}

func TestWrongMatterAndReasons(t *testing.T) {
	f := newFixture(t)
	k := f.issue(request("a"))
	f.call("w1")
	for _, reason := range []string{"", "  ", "证件11010519491231002X", strings.Repeat("错", 61)} {
		_, err := f.WrongMatter(t.Context(), hallID, "w1", k.ID, TransferTo{}, reason)
		wantCode(t, err, centralapi.CodeInvalid)
		wantCode(t, f.CloseWindow(t.Context(), hallID, manager, "w1", reason), centralapi.CodeInvalid)
	}
	ended, err := f.WrongMatter(t.Context(), hallID, "w1", k.ID, TransferTo{}, "应到社保")
	if err != nil || ended.State != centralapi.Cancelled || ended.Reason != "wrong-matter" {
		t.Errorf("%+v, %v", ended, err)
	}
	if n, err := f.Numbers(t.Context(), hallID, "2026-11-23"); err != nil || n.Series[0].Cancelled != 1 {
		t.Errorf("numbers %+v, %v", n, err)
	}
	f.issue(request("a")) // its number is not used again
	f.consistent("2026-11-23")
}

// A ticket called under a number that is on no paper waits again, also when it was put
// on hold; one whose holder was there does not.
func TestSupersededWhileHeld(t *testing.T) {
	f := newFixture(t)
	for _, started := range []bool{false, true} {
		r := request("a")
		f.issue(r)
		f.call("w1")
		if started {
			if _, err := f.Start(t.Context(), hallID, "w1", r.ID); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.Hold(t.Context(), hallID, "w1", r.ID); err != nil {
			t.Fatal(err)
		}
		n := 1
		if started {
			n = 2
		}
		f.deliver(f.t1, f.event(f.t1, centralapi.TicketTaken, taken(f.t1, r, "A", n)))
		want := centralapi.Issued
		if started {
			want = centralapi.Held
		}
		if k := f.row(r.ID); k.State != want || !k.PlaceAt.Equal(k.IssuedAt) {
			t.Errorf("started %v: %+v", started, k)
		}
		f.labels("w1")
	}
	f.rebuilt()
}

//go:build unix

package ticketing

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
)

const (
	killDirEnv    = "TICKETING_TEST_KILL_DIR"
	killCentreEnv = "TICKETING_TEST_KILL_CENTRE"
	killLiarEnv   = "TICKETING_TEST_KILL_LIAR"
	// killsEnv asks for another number of kills than the usual one.
	killsEnv = "HALLKIOSK_TEST_KILLS"
)

// TestKill kills a process that issues tickets, with SIGKILL at random moments,
// its start and its recovery included, and compares what it acknowledged with
// what is in its file. (A kill says nothing about a power cut: the pages it wrote
// stay in the system's cache. That needs a test with a device underneath.)
func TestKill(t *testing.T) {
	if dir := os.Getenv(killDirEnv); dir != "" {
		issueForever(t, dir)
		return
	}
	t.Parallel()
	kills := 50
	if testing.Short() {
		kills = 10
	}
	if n, err := strconv.Atoi(os.Getenv(killsEnv)); err == nil {
		kills = n
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	k := newKiller(t, seed)
	// On a busy machine many processes die before their first ticket: some more
	// are killed then, so that enough tickets are at stake.
	did := 0
	for ; did < kills || len(k.acked) < kills && did < 5*kills; did++ {
		if problems := k.kill(false); len(problems) > 0 {
			t.Fatalf("seed %d, kill %d: %s", seed, did+1, strings.Join(problems, "\n"))
		}
	}
	t.Logf("%d kills, %d tickets acknowledged, %d requests at the centre", did, len(k.acked), k.centre.asks())
	if len(k.acked) < kills {
		t.Errorf("only %d tickets were acknowledged: the processes died too early to prove anything", len(k.acked))
	}
}

// TestKillFindsLiars is the control: a process that acknowledges a ticket just
// before it is durable must be found out by the same comparison.
func TestKillFindsLiars(t *testing.T) {
	t.Parallel()
	k := newKiller(t, 1)
	for range 50 {
		if problems := k.kill(true); len(problems) > 0 {
			t.Logf("found out after %d tickets: %s", len(k.acked), problems[0])
			return
		}
	}
	t.Errorf("a process that lies about %d tickets was not found out", len(k.acked))
}

type ack struct{ id, label string }

// killer owns the folder and the centre that the killed processes share.
type killer struct {
	t      *testing.T
	dir    string
	rand   *rand.Rand
	centre *centre
	url    string
	acked  []ack
}

func newKiller(t *testing.T, seed uint64) *killer {
	k := &killer{t: t, dir: t.TempDir(), rand: rand.New(rand.NewPCG(seed, 0)), centre: newCentre(well)}
	moods := rand.New(rand.NewPCG(seed, 1))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req centralapi.TicketRequest
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		k.centre.mu.Lock()
		k.centre.asked = append(k.centre.asked, req)
		mood := moods.IntN(6)
		k.centre.mu.Unlock()
		if mood == 0 { // answer lost
			_, _ = k.centre.process(req)
		}
		if mood < 3 { // not processed
			http.Error(w, "", http.StatusBadGateway)
			return
		}
		ticket, err := k.centre.process(req)
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		_ = json.NewEncoder(w).Encode(ticket)
	}))
	t.Cleanup(server.Close)
	k.url = server.URL
	return k
}

// kill starts a process, kills it, and compares.
func (k *killer) kill(liar bool) (problems []string) {
	k.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
	cmd.Env = append(os.Environ(), killDirEnv+"="+k.dir, killCentreEnv+"="+k.url)
	if liar {
		cmd.Env = append(cmd.Env, killLiarEnv+"=1")
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	time.Sleep(time.Duration(k.rand.IntN(250)) * time.Millisecond) // the moment is the test's subject
	_ = cmd.Process.Kill()
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		k.t.Fatalf("the process ended by itself: %v\n%s%s", err, out.String(), errs.String())
	}
	lines := bufio.NewScanner(&out)
	for lines.Scan() {
		// Only whole lines count, and only those of ours.
		if f := strings.Fields(lines.Text()); len(f) == 4 && f[0] == "ACK" && f[3] == "." {
			k.acked = append(k.acked, ack{f[1], f[2]})
		}
	}
	return k.compare()
}

// compare reads the file with eyes of its own.
func (k *killer) compare() (problems []string) {
	k.t.Helper()
	s, err := localstore.Open(context.Background(), k.dir, localstore.Options{})
	if err != nil {
		return []string{err.Error()}
	}
	defer s.Close()
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	labels, states := map[string]string{}, map[string]string{}
	err = s.Read(context.Background(), "test", func(tx *localstore.Tx) error {
		rows, err := tx.Query(`SELECT id, state, label FROM ticket`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, state, label string
			if err := rows.Scan(&id, &state, &label); err != nil {
				return err
			}
			states[id] = state
			if other := labels[label]; label != "" && other != "" {
				complain("%s is the label of %s and of %s", label, other, id)
			}
			labels[label] = id
		}
		return rows.Err()
	})
	if err != nil {
		return []string{err.Error()}
	}
	for _, a := range k.acked {
		if labels[a.label] != a.id || states[a.id] != stateIssued {
			complain("%s (%s) was acknowledged; the file says %q, state %q", a.label, a.id, labels[a.label], states[a.id])
		}
	}
	rows, err := outbox.New(s).Pending(context.Background(), 1<<20)
	if err != nil {
		return []string{err.Error()}
	}
	taken, given := map[string]bool{}, map[string]bool{}
	for i, r := range rows {
		if r.Event.Seq != int64(i+1) {
			complain("event %d has number %d", i+1, r.Event.Seq)
		}
		switch r.Event.Kind {
		case centralapi.TicketTaken:
			taken[body[centralapi.TakenTicket](k.t, r.Event).Label] = true
		case centralapi.TicketAbandoned:
			given[body[centralapi.AbandonedTicket](k.t, r.Event).ID] = true
		}
	}
	for label := range labels {
		if strings.Contains(label, "-") != taken[label] {
			complain("%s: own label without event, or the other way round", label)
		}
	}
	k.centre.mu.Lock()
	defer k.centre.mu.Unlock()
	for id := range k.centre.tickets {
		// What the centre made is held, replaced, given up, or still open here.
		if states[id] == "" || states[id] == stateAbandoned && !given[id] {
			complain("the centre made a ticket for %s, the file says %q", id, states[id])
		}
	}
	return problems
}

// issueForever is the process that is killed.
func issueForever(t *testing.T, dir string) {
	say := func(ticket Ticket) { fmt.Printf("ACK %s %s .\n", ticket.ID, ticket.Label) }
	place := newPlace()
	var wished string // the id last asked for
	o := localstore.Options{}
	if os.Getenv(killLiarEnv) != "" {
		n := 0
		o.Hook = func(what string, at localstore.Point) error {
			if what == "own number" && at == localstore.BeforeCommit {
				// Said too early.
				n++
				say(Ticket{ID: wished, Label: centralapi.Label("A", strconv.Itoa(place.slot), n)})
				time.Sleep(10 * time.Millisecond)
			}
			return nil
		}
	}
	s, err := localstore.Open(context.Background(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	var client Centre = webCentre(os.Getenv(killCentreEnv))
	if o.Hook != nil {
		// A liar knows its labels in advance: a slot of its own, and no centre.
		place.slot = 1000 + os.Getpid()
		client = centreFunc(func(_ context.Context, r centralapi.TicketRequest) (centralapi.Ticket, error) {
			wished = r.ID
			return centralapi.Ticket{}, centralapi.ErrUnreachable
		})
	}
	d := NewDesk(Config{Store: s, Outbox: outbox.New(s), Centre: client, Hall: place})
	r, err := d.Recover(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i, open := range r.Open {
		if i%2 == 0 {
			if err := d.Abandon(context.Background(), open.ID); err != nil {
				t.Fatal(err)
			}
			continue
		}
		ticket, err := d.Resume(context.Background(), open.ID)
		if err != nil {
			t.Fatal(err)
		}
		say(ticket)
	}
	for {
		ticket, err := d.Issue(context.Background(), household)
		if err != nil {
			t.Fatal(err)
		}
		say(ticket)
		if err := d.Printed(context.Background(), ticket.ID, PrintConfirmed, false); err != nil {
			t.Fatal(err)
		}
	}
}

// webCentre is the centre at an address.
type webCentre string

func (w webCentre) IssueTicket(ctx context.Context, r centralapi.TicketRequest) (t centralapi.Ticket, err error) {
	data, err := json.Marshal(r)
	if err != nil {
		return t, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, string(w), bytes.NewReader(data))
	if err != nil {
		return t, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return t, err
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
		return t, json.NewDecoder(res.Body).Decode(&t)
	case http.StatusConflict:
		return t, centralapi.Refuse(centralapi.CodeAbandoned, "")
	}
	return t, centralapi.Refuse(centralapi.CodeUnavailable, "")
}

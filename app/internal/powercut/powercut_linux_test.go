package powercut

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"hallkiosk/app/internal/killtest"
)

const (
	// cutsEnv asks for another number of cuts, over all programs, than the small
	// one of a plain run.
	cutsEnv = "HALL_CUTS"
	// seedEnv makes the cuts of another run again. (What the programs wrote before
	// them is another recording.)
	seedEnv = "HALL_SEED"
)

func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestPowerCut cuts the power of the real programs, which must lose nothing, and
// of three controls, which must be seen to lose: plain SQLite as others set it.
func TestPowerCut(t *testing.T) {
	if missing() == "" {
		t.Setenv(killtest.ProgramEnv, killtest.Program(t)) // for the isolated process too
	}
	Isolate(t, func(t *testing.T, folder string) {
		program := killtest.Program(t)
		cuts := int(number(t, cutsEnv, 60))
		seed := number(t, seedEnv, uint64(time.Now().UnixNano()))
		t.Logf("seed %d", seed)
		trials := []struct {
			Trial
			// ghost is an acknowledgement that was never given, to see whether the
			// check of a real program sees anything. A control has none: it must lose.
			ghost string
		}{
			{centreTrial(program, folder), ackedLine{Ticket: "ghost", Label: "A999"}.String()},
			{terminalTrial(program, folder), `{"did":"took","id":"ghost","label":"A1-99","day":"2026-11-21"}`},
			{plain("SQLite WAL + NORMAL", "WAL", "NORMAL"), ""},
			{plain("SQLite DELETE + FULL", "DELETE", "FULL"), ""},
			{plain("SQLite WAL without fsync", "WAL", "OFF"), ""},
		}
		cut, losing := 0, 0
		for i, trial := range trials {
			share := (cuts + len(trials) - 1 - i) / len(trials)
			s := try(t, trial.Trial, trial.ghost, filepath.Join(folder, fmt.Sprint("trial", i)), share, seed)
			kind := "engine "
			if trial.ghost == "" {
				kind = "control"
			}
			t.Logf("%s %-36s %v", kind, trial.Name, s)
			cut += s.Cuts
			switch {
			case trial.ghost == "" && s.Losing == 0:
				t.Errorf("%s lost nothing in %d cuts, seed %d: this test sees nothing", trial.Name, s.Cuts, seed)
			case trial.ghost != "" && s.Losing > 0:
				losing += s.Losing
				t.Errorf("%s: %s", trial.Name, s.First)
			}
		}
		t.Logf("%d cuts, seed %d: %d of the real programs' lost something", cut, seed, losing)
	})
}

// cutsOfRecord is how often one recording is cut, before another is made: no two
// runs of a program meet the disk in the same order.
const cutsOfRecord = 100

// summary is the sum of all recordings of a trial.
type summary struct {
	Result
	records, acknowledged, writes, flushes int
	took                                   time.Duration
}

func (s summary) String() string {
	return fmt.Sprintf("%4d cuts (%3.0f/s) of %2d recordings with %4d acknowledgements, %5d writes, %5d flushes: %4d cuts lost something (%d %%), at most %d, damaged %d",
		s.Cuts, float64(s.Cuts)/s.took.Seconds(), s.records, s.acknowledged, s.writes, s.flushes, s.Losing, 100*s.Losing/max(s.Cuts, 1), s.Most, s.Damaged)
}

// try records and cuts one trial.
func try(t *testing.T, trial Trial, ghost, folder string, cuts int, seed uint64) (s summary) {
	t.Helper()
	begin := time.Now()
	for ; s.Cuts < cuts; s.records++ {
		at := filepath.Join(folder, fmt.Sprint("record", s.records))
		if err := os.MkdirAll(at, 0o700); err != nil {
			t.Fatal(err)
		}
		record, err := trial.Record(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		r, err := record.Cut(t.Context(), at, min(cutsOfRecord, cuts-s.Cuts), seed+uint64(s.Cuts))
		if err != nil {
			t.Fatal(err)
		}
		if ghost != "" && s.records == 0 {
			haunted := *record
			haunted.acks = append(slices.Clone(record.acks), ack{line: ghost})
			if r, err := haunted.Cut(t.Context(), at, 1, seed); err != nil || r.Losing != 1 || r.Lost != 1 || r.Damaged != 0 {
				t.Errorf("%s: the check does not see what is missing: %+v, %v", trial.Name, r, err)
			}
		}
		s.acknowledged += record.Acknowledged()
		s.flushes += record.Flushes()
		s.writes += record.Len() - record.Flushes()
		s.Cuts += r.Cuts
		s.Losing += r.Losing
		s.Lost += r.Lost
		s.Damaged += r.Damaged
		s.Most = max(s.Most, r.Most)
		if s.First == "" {
			s.First = r.First
		}
	}
	s.took = time.Since(begin)
	return s
}

package queue

import (
	"reflect"
	"strings"
	"sync"
	"testing"

	"hallkiosk/app/centralapi"
)

func TestEnrolment(t *testing.T) {
	f := newFixture(t)
	if f.t1.Slot != 1 || f.t2.Slot != 2 || f.t1.ID == f.t2.ID || f.t1.HolderSecret != f.t2.HolderSecret || len(f.t1.HolderSecret) != 64 {
		t.Errorf("terminals %+v, %+v", f.t1, f.t2)
	}
	own := strings.Repeat("k", 40)
	third, err := f.EnsureTerminal(t.Context(), hallID, "演示终端", own)
	if err != nil || third.Slot != 3 {
		t.Fatalf("%+v, %v", third, err)
	}
	if again, err := f.EnsureTerminal(t.Context(), hallID, "演示终端", own); err != nil || !reflect.DeepEqual(again, third) {
		t.Errorf("enrolled again: %+v, %v", again, err)
	}
	if got, err := f.TerminalOf(t.Context(), hallID, own); err != nil || !reflect.DeepEqual(got, third) {
		t.Errorf("by token: %+v, %v", got, err)
	}
	for _, token := range []string{"", own + "k", own[1:], strings.ToUpper(own)} {
		_, err := f.TerminalOf(t.Context(), hallID, token)
		wantCode(t, err, centralapi.CodeUnauthorized)
	}
	_, err = f.EnsureTerminal(t.Context(), hallID, "短", "short")
	wantCode(t, err, centralapi.CodeInvalid)
	_, err = f.EnsureTerminal(t.Context(), hallID, " ", own+"x")
	wantCode(t, err, centralapi.CodeInvalid)
}

func TestConcurrentEnrolmentGivesEachItsSlot(t *testing.T) {
	f := newFixture(t)
	var mu sync.Mutex
	slots := map[int]bool{1: true, 2: true}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, k, err := f.EnrolTerminal(t.Context(), hallID, "终端")
			mu.Lock()
			defer mu.Unlock()
			if err != nil || slots[k.Slot] {
				t.Errorf("slot %d given twice, or %v", k.Slot, err)
			}
			slots[k.Slot] = true
		})
	}
	wg.Wait()
}

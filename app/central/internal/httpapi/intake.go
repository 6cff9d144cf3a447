package httpapi

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"hallkiosk/app/centralapi"
)

const (
	// batchesPerHall is how many batches of events of one hall are in work at a
	// time. The store takes them in one after the other; the next ones being
	// decoded meanwhile keep it busy.
	batchesPerHall = 4
	// batchesWaiting is how many more of a hall may wait for their turn, each with
	// up to 256 KiB, and intakePatience how long.
	batchesWaiting = 64
	intakePatience = 500 * time.Millisecond
	// batchesInAll bounds what transactions of all halls' events can take from
	// everything else.
	batchesInAll = 32
)

// intake lets a few batches of events in at a time; see newIntake. Safe for
// concurrent use.
type intake struct {
	mu     sync.Mutex
	byHall map[string]*hallIntake
	all    chan struct{}
}

type hallIntake struct {
	working chan struct{}
	inside  int // working or waiting
}

func newIntake() *intake {
	return &intake{byHall: map[string]*hallIntake{}, all: make(chan struct{}, batchesInAll)}
}

// room refuses a batch when so many of its hall wait already that it is not worth
// reading.
func (i *intake) room(hall string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if h := i.byHall[hall]; h != nil && h.inside >= batchesPerHall+batchesWaiting {
		return putOff()
	}
	return nil
}

// putOff is the refusal of a batch, with the time to wait: terminals come back
// spread over some seconds.
func putOff() error {
	wait := time.Second + rand.N(2*time.Second)
	return centralapi.Refuse(centralapi.CodeTooMany, "正在接收积压的数据，请稍后再报。").After(wait)
}

// enter lets a batch of the hall in when it is its turn; leave ends it. A batch
// whose turn does not come soon is put off.
func (i *intake) enter(ctx context.Context, hall string) (leave func(), err error) {
	i.mu.Lock()
	h := i.byHall[hall]
	if h == nil {
		h = &hallIntake{working: make(chan struct{}, batchesPerHall)}
		i.byHall[hall] = h
	}
	if h.inside >= batchesPerHall+batchesWaiting {
		i.mu.Unlock()
		return nil, putOff()
	}
	h.inside++
	i.mu.Unlock()
	out := func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		if h.inside--; h.inside == 0 {
			delete(i.byHall, hall)
		}
	}
	late := time.NewTimer(intakePatience)
	defer late.Stop()
	// The hall's turn first: a hall that waits for it must not keep others from
	// theirs.
	for _, turn := range []chan struct{}{h.working, i.all} {
		select {
		case turn <- struct{}{}:
			continue
		case <-late.C:
			err = putOff()
		case <-ctx.Done():
			err = ctx.Err()
		}
		if turn == i.all {
			<-h.working
		}
		out()
		return nil, err
	}
	return func() { <-i.all; <-h.working; out() }, nil
}

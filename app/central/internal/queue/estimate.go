package queue

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

const (
	// enoughFinished is how many tickets of a business must be finished today before
	// anything is said about the next ones.
	enoughFinished = 3
	// paceLife is how long the median of the service times is taken for granted. It
	// moves slowly, and reading a day's tickets at every look would not be free.
	paceLife = 30 * time.Second
)

// pace is how long a ticket keeps a window busy today, by business. The zero value is
// ready and safe for concurrent use.
type pace struct {
	mu     sync.Mutex
	day    string
	read   time.Time // by the desk's clock
	median map[string]time.Duration
}

// paceOf returns the median service times of a business day; businesses that have too
// few finished tickets are missing. The map must not be changed.
func (d *Desk) paceOf(ctx context.Context, p *place, day string) (map[string]time.Duration, error) {
	p.pace.mu.Lock()
	defer p.pace.mu.Unlock() // the others would ask the same
	now := d.now()
	if p.pace.day == day && now.Sub(p.pace.read).Abs() < paceLife {
		return p.pace.median, nil
	}
	median := map[string]time.Duration{}
	err := d.read(ctx, func(tx *store.Tx) error {
		times, err := tx.ServiceTimes(p.ID, day)
		for business, list := range times {
			if len(list) >= enoughFinished {
				slices.Sort(list)
				median[business] = (list[(len(list)-1)/2] + list[len(list)/2]) / 2
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p.pace.day, p.pace.read, p.pace.median = day, now, median
	return median, nil
}

// estimate is how long somebody of a business waits who has so many people before him
// while so many windows serve it: median × ahead ÷ windows. A window that serves
// other businesses too makes it longer, which is not reckoned with: nobody knows whom
// it calls next. ok is false when it cannot be told.
func estimate(median map[string]time.Duration, business string, ahead, windows int) (wait time.Duration, ok bool) {
	each, ok := median[business]
	if !ok || windows < 1 {
		return 0, false
	}
	return each * time.Duration(ahead) / time.Duration(windows), true
}

// estimateMinutes is estimate as the contract has it.
func estimateMinutes(median map[string]time.Duration, business string, ahead, windows int) int {
	wait, ok := estimate(median, business, ahead, windows)
	if !ok {
		return centralapi.EstimateUnknown
	}
	return int(math.Ceil(wait.Minutes()))
}

package store

import (
	"errors"
	"fmt"
)

// The least room the data folder's disk must have: a day of a busy hall is a few
// megabytes, so both leave weeks to react.
const (
	leastFree    = 200_000_000 // bytes
	leastPercent = 5
)

func (s *sqliteEngine) checkRoom() error {
	free, total, err := s.freeSpace(s.dir)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return nil
	case err != nil:
		return fmt.Errorf("store: free space of the data folder: %w", err)
	case free <= leastFree || free <= total/100*leastPercent:
		return fmt.Errorf("%w: %d of %d MB are free; more than %d MB and %d %% are needed: make room",
			ErrLittleRoom, free/1e6, total/1e6, leastFree/1_000_000, leastPercent)
	}
	return nil
}

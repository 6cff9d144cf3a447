package queue

import (
	"context"
	"encoding/json"
	"fmt"

	"hallkiosk/app/central/internal/live"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/centralapi"
)

// Changes returns what has changed in a hall after a position; see [live.Feed].
func (d *Desk) Changes(ctx context.Context, hallID string, position, known int64) (items []live.Item, cursor int64, reset bool, err error) {
	p, err := d.place(hallID)
	if err != nil {
		return nil, 0, false, err
	}
	return d.feed.After(ctx, p.ID, position, known)
}

// ledger reads changes for the feed. What they leave out of the ledger (who did
// it, why, which event it came from, what exactly changed) is nobody's business
// who stands in the hall.
func (d *Desk) ledger(ctx context.Context, hallID string, after int64, limit int) (items []live.Item, cursor int64, err error) {
	p, err := d.place(hallID)
	if err != nil {
		return nil, 0, err
	}
	err = d.read(ctx, func(tx *store.Tx) error {
		if cursor, err = tx.Cursor(p.ID); err != nil {
			return err
		}
		entries, err := tx.LogSince(p.ID, after, limit)
		if err != nil {
			return err
		}
		items = make([]live.Item, len(entries))
		for i, e := range entries {
			data, err := json.Marshal(centralapi.Change{N: e.N, At: e.At.In(p.loc), Action: e.Action,
				Label: e.Label, Business: e.Business, Window: e.Window, To: e.To})
			if err != nil {
				return fmt.Errorf("queue: change %d: %w", e.N, err)
			}
			items[i] = live.Item{N: e.N, JSON: data}
			cursor = max(cursor, e.N)
		}
		return nil
	})
	return items, cursor, err
}

// follow passes on what the store says has been committed, here or by another
// process on the same database, until the store is closed.
func (d *Desk) follow() {
	for c := range d.store.Changes() {
		if d.halls[c.Hall] != nil {
			d.hub.Publish(c.Hall, c.Cursor)
		}
	}
}

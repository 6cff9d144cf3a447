package uplink

import (
	"context"
	"fmt"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/internal/localstore"
)

const (
	// missesEvery is how often the centre is told what was not found.
	missesEvery = time.Hour
	// mostMisses is how many different texts wait at a terminal at most; more are not
	// counted. Somebody who plays with the keyboard must not fill the disk.
	mostMisses = 1000
)

// SearchMissed counts a text that somebody looked for among the guides and did not
// find, and has the centre told once an hour. Texts that could hold something
// personal ([centralapi.MissedText]) are not counted. It needs no contact.
func (u *Uplink) SearchMissed(ctx context.Context, text string) error {
	text, ok := centralapi.MissedText(text)
	if !ok {
		return nil
	}
	at, day, _ := u.Now()
	if day == "" {
		day = at.Format(hall.DateLayout)
	}
	return u.config.Store.Write(ctx, "search missed", func(tx *localstore.Tx) error {
		_, err := tx.Exec(`INSERT INTO search_miss (day, text, count)
			SELECT ?1, ?2, 1 WHERE (SELECT count(*) FROM search_miss) < ?3
				OR EXISTS (SELECT 1 FROM search_miss WHERE day = ?1 AND text = ?2)
			ON CONFLICT (day, text) DO UPDATE SET count = count + 1`, day, text, mostMisses)
		return err
	})
}

// tellMisses moves what was counted into the outbox, an event for each hundred texts
// of a day. Only while the centre answers: until then one row a text is enough, and
// the outbox stays free for what matters more.
func (u *Uplink) tellMisses(ctx context.Context) error {
	if !u.misses.due() {
		return nil
	}
	for {
		var told bool
		err := u.config.Store.Write(ctx, "tell misses", func(tx *localstore.Tx) (err error) {
			told, err = u.tellSome(tx)
			return err
		})
		if err != nil {
			return fmt.Errorf("uplink: searches without result: %w", err)
		}
		if !told {
			u.misses.succeeded(missesEvery)
			return nil
		}
	}
}

// tellSome makes one event of the oldest day's texts; told is false when there are
// none.
func (u *Uplink) tellSome(tx *localstore.Tx) (told bool, err error) {
	rows, err := tx.Query(`SELECT day, text, count FROM search_miss
		WHERE day = (SELECT min(day) FROM search_miss) ORDER BY text LIMIT ?`, centralapi.MaxMissed)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var b centralapi.MissedSearches
	for rows.Next() {
		var s centralapi.MissedSearch
		if err := rows.Scan(&b.Day, &s.Text, &s.Count); err != nil {
			return false, err
		}
		b.Searches = append(b.Searches, s)
	}
	if err := rows.Err(); err != nil || len(b.Searches) == 0 {
		return false, err
	}
	if _, err := tx.Exec(`DELETE FROM search_miss WHERE day = ? AND text <= ?`, b.Day, b.Searches[len(b.Searches)-1].Text); err != nil {
		return false, err
	}
	_, err = u.config.Outbox.Add(tx, centralapi.SearchMissed, b)
	return err == nil, err
}

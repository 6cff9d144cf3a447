package uplink

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/kiosk/internal/localstore"
)

// guidesTimeout is how long a download of guides may take: half a megabyte over a
// line of 64 kbit/s.
const guidesTimeout = 2 * time.Minute

// guides is what is known of the hall's guides. revision is the centre's name of
// catalogue, which is not the catalogue's own when the centre is newer than this
// program and counts fields that are lost here.
type guides struct {
	catalogue *guide.Catalogue
	revision  string
}

// fetched is the end of a download.
type fetched struct {
	guides
	changed bool
	kept    []byte // catalogue as it is to be kept
	err     error
}

// Guides returns the hall's last good guides, which must not be changed; ok is false
// before the first, and without Config.GuidesChanged.
func (u *Uplink) Guides() (c *guide.Catalogue, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.guides.catalogue, u.guides.catalogue != nil
}

// wantGuides begins a download when the centre has other guides than this terminal.
// It goes on beside the conversation, because it may take minutes on a poor line, and
// what it brings is received by Run.
func (u *Uplink) wantGuides(ctx context.Context, s centralapi.Status) {
	u.mu.Lock()
	have := u.guides
	u.mu.Unlock()
	if u.config.GuidesChanged == nil || s.GuidesRevision == "" || s.GuidesRevision == have.revision || u.fetching || !u.fetches.due() {
		return
	}
	u.fetching = true
	u.fetchers.Go(func() {
		ask, cancel := context.WithTimeout(ctx, guidesTimeout)
		defer cancel()
		f := fetched{guides: guides{have.catalogue, s.GuidesRevision}}
		c, changed, err := u.config.Centre.Guides(ask, have.catalogue)
		if f.err = err; err == nil && changed {
			f.catalogue, f.changed = c, true
			f.kept, f.err = packGuides(c)
		}
		u.fetched <- f // there is room: one download at a time
	})
}

// receiveGuides keeps what a download has brought. Until that is done the old guides
// are in use, and whatever fails leaves them so.
func (u *Uplink) receiveGuides(ctx context.Context, f fetched) {
	u.fetching = false
	err := f.err
	if err == nil && f.changed {
		err = u.config.Store.Write(ctx, "guides", func(tx *localstore.Tx) error {
			if _, err := tx.Exec(`DELETE FROM guides`); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO guides (hall, revision, body) VALUES (?, ?, ?)`, u.config.Hall, f.revision, f.kept)
			return err
		})
	}
	if err != nil {
		if u.fetches.failures == 0 && ctx.Err() == nil {
			u.log.Warn("new guides could not be fetched; the old ones go on", "error", err)
		}
		u.fetches.failed(u.backoff(u.fetches.failures, err))
		return
	}
	u.fetches.succeeded(0)
	u.mu.Lock()
	u.guides = f.guides
	u.mu.Unlock()
	if f.changed {
		u.log.Info("new guides", "revision", f.revision, "guides", len(f.catalogue.Guides))
		u.config.GuidesChanged(f.catalogue)
	}
}

// loadGuides reads the guides that are kept. What cannot be read counts as never
// heard: the centre sends it again.
func (u *Uplink) loadGuides(ctx context.Context) error {
	var g guides
	var body []byte
	err := u.config.Store.Read(ctx, "guides", func(tx *localstore.Tx) error {
		return tx.QueryRow(`SELECT revision, body FROM guides WHERE hall = ?`, u.config.Hall).Scan(&g.revision, &body)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("uplink: what is known: %w", err)
	}
	if g.catalogue, err = unpackGuides(body); err != nil {
		u.log.Warn("what was kept cannot be read", "subject", "guides", "error", err)
		return nil
	}
	u.guides = g
	return nil
}

func packGuides(c *guide.Catalogue) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if err := errors.Join(json.NewEncoder(w).Encode(c), w.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func unpackGuides(body []byte) (*guide.Catalogue, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	// To its end, where the check sum is.
	data, err := io.ReadAll(io.LimitReader(r, 2*centralapi.MaxGuides))
	if err != nil {
		return nil, err
	}
	var c *guide.Catalogue
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, err
	}
	if c == nil {
		return nil, errors.New("no catalogue")
	}
	return c, nil
}

package central

import (
	"fmt"

	"hallkiosk/app/central/internal/complaints"
	"hallkiosk/app/central/internal/httpapi"
	"hallkiosk/app/central/internal/pages"
	"hallkiosk/app/central/internal/sealed"
	"hallkiosk/app/central/internal/store"
)

// The desk is what both faces of the service expect of it.
var (
	_ httpapi.Complaints = (*complaints.Desk)(nil)
	_ pages.Complaints   = (*complaints.Desk)(nil)
)

// newComplaints returns the complaints desk, or nil where none are taken: several
// services on one PostgreSQL must have the same key, so it has to be given.
func newComplaints(c Config, data *store.Store) (*complaints.Desk, error) {
	var keys *sealed.Keys
	var err error
	switch {
	case c.SealKeyFile != "":
		keys, err = sealed.Read(c.SealKeyFile)
	case c.DataDir != "":
		keys, err = sealed.EnsureIn(c.DataDir)
	default:
		c.Logger.Warn("central: no complaints are taken: no key file is given to seal them with")
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("complaints: %w", err)
	}
	return complaints.New(complaints.Config{Store: data, Halls: c.Halls, Keys: keys, Now: c.Now, Logger: c.Logger})
}

package uplink

import (
	"context"

	"hallkiosk/app/centralapi"
	"hallkiosk/app/kiosk/internal/localstore"
)

// FileComplaint writes down a complaint, whose personal parts are sealed already, and
// has the centre told. When it returns nil the complaint is durable, whether the centre
// answers or not; the centre knows it by its ID, so that it is one case however often
// it is delivered.
func (u *Uplink) FileComplaint(ctx context.Context, c centralapi.Complaint) error {
	return u.config.Store.Write(ctx, "complaint filed", func(tx *localstore.Tx) error {
		_, err := u.config.Outbox.Add(tx, centralapi.ComplaintFiled, c)
		return err
	})
}

// sealKeyID names the key a terminal seals with; empty when it has none.
func sealKeyID(t centralapi.Terminal) string {
	if t.SealKey == nil {
		return ""
	}
	return t.SealKey.ID
}

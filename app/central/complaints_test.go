//go:build unix

package central_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	kinds "hallkiosk/app/complaint"
	"hallkiosk/app/internal/postgrestest"
)

// A complaint that a terminal has taken reaches the centre with everything that is
// wired, and its author sees it; the key is made once and stays.
func TestComplaintThroughTheService(t *testing.T) {
	d := startDemo(t)
	self, err := d.terminal.Terminal(t.Context())
	if err != nil || self.SealKey == nil {
		t.Fatalf("no key: %+v, %v", self.SealKey, err)
	}
	status, err := d.terminal.Status(t.Context())
	if err != nil || status.SealKey != self.SealKey.ID {
		t.Errorf("status names %q, %v", status.SealKey, err)
	}
	c := centralapi.Complaint{ID: uuid.Must(uuid.NewV7()).String(), Code: kinds.NewCode(), Kind: kinds.Fee}
	if c.Words, err = self.SealKey.Seal(centralapi.SealFor("demo", c.ID, centralapi.PartWords), "没有公示"); err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	token, err := d.terminal.Rotate(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := d.terminal.DeliverEvents(t.Context(), centralapi.EventBatch{Terminal: self.ID, Incarnation: token, MonotonicNow: 5000, BootID: "b",
		Events: []centralapi.Event{{ID: uuid.Must(uuid.NewV7()).String(), Seq: 1, Kind: centralapi.ComplaintFiled, Monotonic: 1000, BootID: "b", Wall: time.Now(), Body: body}}})
	if err != nil || receipt.AckedThrough != 1 || len(receipt.Quarantined) != 0 {
		t.Fatalf("receipt %+v, %v", receipt, err)
	}
	if p, err := d.terminal.ComplaintProgress(t.Context(), c.Code.Shown()); err != nil || p.State != kinds.Registered || p.Kind != kinds.Fee {
		t.Errorf("progress %+v, %v", p, err)
	}
	if p, err := d.terminal.WithdrawComplaint(t.Context(), c.Code.Shown()); err != nil || p.State != kinds.Withdrawn {
		t.Errorf("withdrawn %+v, %v", p, err)
	}
	if _, err := d.terminal.ComplaintProgress(t.Context(), string(kinds.NewCode())); !centralapi.HasCode(err, centralapi.CodeNotFound) {
		t.Errorf("an unknown code: %v", err)
	}
	if info, err := os.Stat(filepath.Join(d.config.DataDir, "seal.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file %v, %v", info, err)
	}
}

// Several services on one PostgreSQL need the same key; without one they take no
// complaints, and show no way to them.
func TestComplaintsNeedAKeyOnPostgres(t *testing.T) {
	f := startDemo(t) // its key file
	c := central.Config{Database: postgrestest.Start(t), Halls: f.config.Halls}
	asks := func(c central.Config) (status int, page string) {
		t.Helper()
		s, err := central.New(c)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for _, path := range []string{"/complaint/demo", "/"} {
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://centre.test"+path, nil))
			if path == "/" {
				return status, w.Body.String()
			}
			status = w.Code
		}
		return 0, ""
	}
	if status, page := asks(c); status != http.StatusNotFound || strings.Contains(page, "投诉") {
		t.Errorf("without a key: %d", status)
	}
	c.SealKeyFile = filepath.Join(f.config.DataDir, "seal.key")
	if status, page := asks(c); status != http.StatusOK || !strings.Contains(page, "投诉") {
		t.Errorf("with a key: %d", status)
	}
	c.SealKeyFile += ".none"
	if s, err := central.New(c); err == nil {
		s.Close()
		t.Error("a key file that is not there is no mistake")
	}
}

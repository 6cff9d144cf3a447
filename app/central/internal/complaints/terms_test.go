package complaints

import (
	"testing"
	"time"

	"hallkiosk/app/central/internal/sealed"
	"hallkiosk/app/central/internal/store"
	"hallkiosk/app/complaint"
	"hallkiosk/app/hall"
)

// The deadlines and holidays of each hall are its own; what its file does not say is the
// default.
func TestTermsOfEachHall(t *testing.T) {
	data, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	keys, err := sealed.EnsureIn(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("CST", 8*3600))
	made := func(id string, own hall.Complaints, days ...hall.Holiday) *hall.Hall {
		return &hall.Hall{ID: id, Name: "测试大厅", TimeZone: "Asia/Shanghai", Windows: []hall.Window{{ID: "w3", Name: "3"}}, Complaints: own, Holidays: days}
	}
	halls := []*hall.Hall{made("plain", hall.Complaints{}), made("slow", hall.Complaints{ClassifyDays: 4, ExtensionDays: 3}),
		made("away", hall.Complaints{}, hall.Holiday{Name: "x", From: "2026-11-24", To: "2026-11-25"})}
	d, err := New(Config{Store: data, Halls: halls, Keys: keys, Now: func() time.Time { return monday }})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]struct {
		due       string
		extension int
	}{"plain": {"2026-11-25", 15}, "slow": {"2026-11-27", 3}, "away": {"2026-11-27", 15}} {
		r, err := d.File(t.Context(), id, filing(), home)
		if err != nil || r.Due != want.due || d.MaxExtension(id) != want.extension {
			t.Errorf("%s: due %s, extension %d, %v; want %+v", id, r.Due, d.MaxExtension(id), err, want)
		}
	}
	d, err = New(Config{Store: data, Halls: halls, Keys: keys, Terms: complaint.Terms{Classify: 1}, Now: func() time.Time { return monday }})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := d.File(t.Context(), "slow", filing(), home); err != nil || r.Due != "2026-11-24" {
		t.Errorf("terms for all halls: due %s, %v", r.Due, err)
	}
	if _, err := New(Config{Store: data, Keys: keys, Halls: []*hall.Hall{made("wrong", hall.Complaints{}, hall.Holiday{Name: "x", From: "x", To: "x"})}}); err == nil {
		t.Error("a holiday that is none")
	}
}

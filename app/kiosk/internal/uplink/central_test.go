package uplink_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
	"hallkiosk/app/handoff"
	"hallkiosk/app/kiosk/internal/localstore"
	"hallkiosk/app/kiosk/internal/outbox"
	"hallkiosk/app/kiosk/internal/uplink"
	"hallkiosk/assets"
	guides "hallkiosk/assets/guides/demo"
)

// The real centre and the real client: the demonstration's guides arrive, a change
// comes as a delta, what was not found is counted, the keys sign, and without the
// centre everything is still there.
func TestGuidesFromTheCentre(t *testing.T) {
	ctx := t.Context()
	f, err := hall.Parse("demo.toml", assets.DemoHall)
	if err != nil {
		t.Fatal(err)
	}
	service, err := central.New(central.Config{DataDir: t.TempDir(), Halls: []*hall.Hall{f.Hall}, RequestRate: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	var mu sync.Mutex
	var downloads []string // the revisions asked from
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/guides") {
			mu.Lock()
			downloads = append(downloads, r.URL.Query().Get("since"))
			mu.Unlock()
		}
		service.Handler().ServeHTTP(w, r)
	}))
	defer server.Close()
	hallID := f.Hall.ID
	token, _, err := service.EnrolTerminal(ctx, hallID, "一号机")
	if err != nil {
		t.Fatal(err)
	}
	first, err := guides.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.ImportGuides(ctx, hallID, first); err != nil {
		t.Fatal(err)
	}

	dir := t.TempDir()
	start := func() (u *uplink.Uplink, changed chan *guide.Catalogue, stop func()) {
		t.Helper()
		s, err := localstore.Open(ctx, dir, localstore.Options{Ballast: -1})
		if err != nil {
			t.Fatal(err)
		}
		client, err := centralapi.NewClient(centralapi.ClientConfig{BaseURL: server.URL, Hall: hallID, Token: token})
		if err != nil {
			t.Fatal(err)
		}
		changed = make(chan *guide.Catalogue, 10)
		u, err = uplink.New(ctx, uplink.Config{Store: s, Outbox: outbox.New(s), Centre: client, Hall: hallID,
			Every: 10 * time.Millisecond, Cap: 10 * time.Millisecond, GuidesChanged: func(c *guide.Catalogue) { changed <- c }})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		running, cancel := context.WithCancel(ctx)
		go func() { ended <- u.Run(running) }()
		return u, changed, func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			client.Close()
			s.Close()
		}
	}
	next := func(changed chan *guide.Catalogue) *guide.Catalogue {
		t.Helper()
		select {
		case c := <-changed:
			return c
		case <-time.After(20 * time.Second):
			t.Fatal("no guides have come")
			return nil
		}
	}
	u, changed, stop := start()
	if got := next(changed); !reflect.DeepEqual(got, first) {
		t.Error("the guides that arrive are not those that were imported")
	}
	second, err := guides.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	second.Guides[3].Summary = "改过的说明。"
	if _, err := service.ImportGuides(ctx, hallID, second); err != nil {
		t.Fatal(err)
	}
	if got := next(changed); !reflect.DeepEqual(got, second) {
		t.Error("the change does not arrive as it was imported")
	}
	for _, text := range []string{"没有的事", "没有的事", "身份证110105"} {
		if err := u.SearchMissed(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	terminal, _ := u.Terminal()
	ring := handoff.Ring{Hall: hallID, Keys: terminal.HandoffKeys}
	if _, err := ring.Sign(handoff.ForGuide(&second.Guides[3], []int{0}, handoff.Chinese, time.Now()), time.Now()); err != nil {
		t.Errorf("the terminal cannot sign: %v", err)
	}
	stop()

	u, _, stop = start() // tells what was counted
	defer func() { stop() }()
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		misses, err := service.GuideMisses(ctx, hallID, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(misses) == 1 && misses[0].Text == "没有的事" && misses[0].Count == 2 {
			break
		}
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("counted at the centre: %+v", misses)
		}
	}
	mu.Lock()
	if len(downloads) != 2 || downloads[0] != "" || downloads[1] != first.Revision() {
		t.Errorf("downloads from %q", downloads)
	}
	mu.Unlock()
	stop()
	server.Close()
	u, _, stop = start()
	if got, ok := u.Guides(); !ok || !reflect.DeepEqual(got, second) {
		t.Error("without the centre the guides are gone")
	}
}

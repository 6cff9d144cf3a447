package central_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/centralapi"
	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
	"hallkiosk/app/internal/postgrestest"
)

func guides(version, n int) *guide.Catalogue {
	c := &guide.Catalogue{Sample: true}
	for i := range n {
		c.Guides = append(c.Guides, guide.Guide{ID: fmt.Sprintf("g%d", i+1), Name: fmt.Sprintf("事项%d", i+1), Department: "示例部门",
			Summary: strings.Repeat(fmt.Sprintf("第%d项的说明。", i+1), 50), Updated: "2026-11-01", Business: "a",
			Materials: []guide.Material{{Name: "居民身份证", Originals: 1}}})
	}
	c.Guides[0].Summary = fmt.Sprintf("第 %d 版。", version)
	return c
}

// An operator imports guides beside the service that runs, or with the data itself:
// a large catalogue goes through the socket, and one with errors comes back with every
// problem and changes nothing.
func TestOperatorImportsGuides(t *testing.T) {
	ctx := t.Context()
	config := central.Config{DataDir: t.TempDir(), Halls: []*hall.Hall{testHall(1)}}
	s := run(t, config)
	c := client(t, s.Service, "")
	if _, err := c.Status(ctx); err != nil {
		t.Fatal(err)
	}
	check := func(admin central.Admin, version int) {
		t.Helper()
		if got, err := admin.Guides(ctx, "test"); err != nil || version == 1 && len(got.Guides) != 0 {
			t.Errorf("before: %v", err)
		}
		want := guides(version, 3000) // some 3 MB
		revision, err := admin.ImportGuides(ctx, "test", want)
		if err != nil || revision != want.Revision() {
			t.Fatalf("import: %s, %v", revision, err)
		}
		wrong := guides(version+100, 3)
		wrong.Guides[1].ID, wrong.Guides[2].Name = "g1", ""
		_, err = admin.ImportGuides(ctx, "test", wrong)
		refused, ok := errors.AsType[*central.GuidesRefused](err)
		if !ok || len(refused.Problems) < 2 || !strings.Contains(err.Error(), "g1") && !strings.Contains(err.Error(), "编码") {
			t.Errorf("guides with errors: %v", err)
		}
		if got, err := admin.Guides(ctx, "test"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("in use: %v", err)
		}
		if _, err := admin.ImportGuides(ctx, "nowhere", want); err == nil {
			t.Error("guides of an unknown hall are imported")
		}
		if misses, err := admin.GuideMisses(ctx, "test", 7); err != nil || len(misses) != 0 {
			t.Errorf("misses: %v, %v", misses, err)
		}
		if r, err := admin.Rebuild(ctx, "test", true); err != nil || len(r.Differences) != 0 {
			t.Errorf("rebuild: %+v, %v", r, err)
		}
	}
	admin, end, err := central.OpenAdmin(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := admin.(*central.Remote); !ok {
		t.Fatalf("%T beside a running service", admin)
	}
	check(admin, 1)
	if got, changed, err := c.Guides(ctx, nil); err != nil || !changed || !reflect.DeepEqual(got, guides(1, 3000)) {
		t.Errorf("a terminal fetches: %v, %v", changed, err)
	}

	token, _, err := admin.EnrolTerminal(ctx, "test", "一号机")
	if err != nil {
		t.Fatal(err)
	}
	terminal := client(t, s.Service, token)
	first, err := terminal.Terminal(ctx)
	if err != nil || len(first.HandoffKeys) != 1 {
		t.Fatalf("keys %v, %v", first.HandoffKeys, err)
	}
	id, err := admin.RotateHandoff(ctx, "test", true)
	if err != nil || id == first.HandoffKeys[0].ID {
		t.Errorf("new key %d, %v", id, err)
	}
	if now, err := terminal.Terminal(ctx); err != nil || len(now.HandoffKeys) != 1 || now.HandoffKeys[0].ID != id {
		t.Errorf("after revoking: %v, %v", now.HandoffKeys, err)
	}
	if now, err := terminal.Status(ctx); err != nil || now.HandoffKey == nil || *now.HandoffKey != id {
		t.Errorf("status: %+v, %v", now, err)
	}
	end()
	if err := errors.Join(s.stop(), s.Close()); err != nil {
		t.Fatal(err)
	}
	admin, end, err = central.OpenAdmin(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	check(admin, 2)
}

// What one service imports, the other one on the same database tells within two
// seconds, guides and keys; and what terminals report at either is counted together.
func TestReplicasShareGuides(t *testing.T) {
	url := postgrestest.Start(t)
	ctx := t.Context()
	var services []*central.Service
	var clients []*centralapi.Client
	var token string
	for i := range 2 {
		s := run(t, central.Config{Database: url, Halls: []*hall.Hall{testHall(1)}})
		if i == 0 {
			var err error
			if token, _, err = s.EnrolTerminal(ctx, "test", "一号机"); err != nil {
				t.Fatal(err)
			}
		}
		services = append(services, s.Service)
		clients = append(clients, client(t, s.Service, token))
	}
	have := guides(1, 200)
	if _, err := services[0].ImportGuides(ctx, "test", have); err != nil {
		t.Fatal(err)
	}
	for n, c := range []*guide.Catalogue{have, guides(2, 200), guides(3, 200)} {
		if _, err := services[n%2].ImportGuides(ctx, "test", c); err != nil {
			t.Fatal(err)
		}
		imported := time.Now()
		for {
			s, err := clients[1-n%2].Status(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if s.GuidesRevision == c.Revision() {
				break
			}
			if time.Since(imported) > 30*time.Second {
				t.Fatalf("%d: the other service still tells %q", n, s.GuidesRevision)
			}
			time.Sleep(20 * time.Millisecond) // below the limit on requests
		}
		t.Logf("seen at the other service after %v", time.Since(imported).Round(time.Millisecond))
		got, _, err := clients[1-n%2].Guides(ctx, have)
		if n == 0 {
			continue // it has these
		}
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%d: fetched at the other service: %v", n, err)
		}
	}
	a, errA := clients[0].Terminal(ctx)
	b, errB := clients[1].Terminal(ctx)
	if len(a.HandoffKeys) != 1 || len(b.HandoffKeys) != 1 || a.HandoffKeys[0].String() != b.HandoffKeys[0].String() || errA != nil || errB != nil {
		t.Errorf("keys %v and %v, %v, %v", a.HandoffKeys, b.HandoffKeys, errA, errB)
	}
	if r, err := services[0].Rebuild(ctx, "test", true); err != nil || len(r.Differences) != 0 {
		t.Errorf("rebuild: %+v, %v", r, err)
	}
}

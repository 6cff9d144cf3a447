package central_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"hallkiosk/app/central"
	"hallkiosk/app/hall"
	"hallkiosk/app/internal/postgrestest"
)

// An operator works beside the service that has the data, or with the data itself
// when none has.
func TestOperatorBesideTheService(t *testing.T) {
	ctx := t.Context()
	for name, dir := range map[string]string{
		"short path": t.TempDir(),
		"long path":  filepath.Join(t.TempDir(), strings.Repeat("资料", 20), strings.Repeat("d", 80)),
	} {
		t.Run(name, func(t *testing.T) {
			if name == "long path" && runtime.GOOS != "linux" {
				t.Skip("only Linux reaches a socket by a folder's file descriptor")
			}
			config := central.Config{DataDir: dir, Halls: []*hall.Hall{testHall(1)}}
			s := run(t, config)
			if _, err := client(t, s.Service, "").Status(ctx); err != nil { // Run serves, so the socket is there or soon
				t.Fatal(err)
			}
			admin, end, err := central.OpenAdmin(ctx, config)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := admin.(*central.Remote); !ok {
				t.Fatalf("%T beside a running service", admin)
			}
			token, slot, err := admin.EnrolTerminal(ctx, "test", "一号机")
			if err != nil || slot != 1 {
				t.Fatalf("enrol: slot %d, %v", slot, err)
			}
			// The token opens at once, though the service had not known it.
			if k, err := client(t, s.Service, token).IssueTicket(ctx, request("a")); err != nil || k.Label != "A001" {
				t.Errorf("issue: %+v, %v", k, err)
			}
			if _, _, err := admin.EnrolTerminal(ctx, "nowhere", "二号机"); err == nil {
				t.Error("a terminal of an unknown hall is enrolled")
			}
			if r, err := admin.Rebuild(ctx, "test", true); err != nil || r.Entries != 2 || len(r.Differences) != 0 || r.Replaced {
				t.Errorf("rebuild -check: %+v, %v", r, err)
			}
			if r, err := admin.Rebuild(ctx, "test", false); err != nil || len(r.Differences) != 0 {
				t.Errorf("rebuild: %+v, %v", r, err)
			}
			if _, err := admin.Rebuild(ctx, "nowhere", true); err == nil {
				t.Error("an unknown hall is rebuilt")
			}
			copied := t.TempDir()
			if err := admin.Backup(ctx, filepath.Join(copied, "hall.db")); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{"admin", filepath.Join("admin", "admin.sock")} {
				info, err := os.Stat(filepath.Join(dir, path))
				if err != nil || info.Mode().Perm()&0o077 != 0 {
					t.Errorf("%s is open to others: %v, %v", path, info, err)
				}
			}
			end()
			if err := s.stop(); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := central.Dial(ctx, dir); err == nil {
				t.Error("a service that has ended answers")
			}
			// Without a service: the same, by opening the data. The copy is whole.
			for _, d := range []string{dir, copied} {
				c := config
				c.DataDir = d
				admin, end, err := central.OpenAdmin(ctx, c)
				if err != nil {
					t.Fatal(err)
				}
				if _, ok := admin.(*central.Service); !ok {
					t.Errorf("%T without a service", admin)
				}
				if r, err := admin.Rebuild(ctx, "test", true); err != nil || r.Entries != 2 || len(r.Differences) != 0 {
					t.Errorf("rebuild: %+v, %v", r, err)
				}
				end()
			}
		})
	}
}

func TestConfigNamesOneDatabase(t *testing.T) {
	halls := []*hall.Hall{testHall(1)}
	for _, c := range []central.Config{{Halls: halls}, {DataDir: t.TempDir(), Database: "postgres://x/y", Halls: halls}, {DataDir: t.TempDir()}} {
		if s, err := central.New(c); err == nil {
			s.Close()
			t.Errorf("%+v is accepted", c)
		}
	}
	const secret = "SECRET7391"
	_, err := central.New(central.Config{Database: "postgres://user:" + secret + "@127.0.0.1:1/none?connect_timeout=1", Halls: halls})
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("an address nobody answers at: %v", err)
	}
}

func TestPostgresBackupNamesTheTool(t *testing.T) {
	c := central.Config{Database: postgrestest.Start(t), Halls: []*hall.Hall{testHall(1)}}
	err := central.Backup(t.Context(), c, filepath.Join(t.TempDir(), "x"))
	if err == nil || errors.Is(err, central.ErrInUse) || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("error %v", err)
	}
}

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hallkiosk/app/central"
	"hallkiosk/app/hall"
)

// A backup says which key is not in it, and copies it when it is told to: for its user
// only, and never over another.
func TestBackupAndTheKeys(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	f, err := hall.ReadFile(filepath.FromSlash("../assets/halls/demo.toml"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := central.New(central.Config{DataDir: data, Halls: []*hall.Hall{f.Hall}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(data, "seal.key")
	want, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.Fields(string(want))
	backup := func(args ...string) (code int, out, stderr string) {
		t.Helper()
		code, out, stderr = call(t, "", append([]string{"backup", "-data", data}, args...)...)
		if strings.Contains(out+stderr, secret[len(secret)-1]) {
			t.Error("the key is printed")
		}
		return code, out, stderr
	}
	exists := func(name string) bool {
		_, err := os.Stat(name)
		return err == nil
	}

	plain := filepath.Join(dir, "plain.db")
	code, out, stderr := backup(plain)
	if code != 0 || out != plain+" written\n" || !strings.Contains(stderr, "备份里没有打开投诉内容的钥匙 "+key) ||
		!strings.Contains(stderr, "The key of complaints, "+key+", is not in this backup") || !strings.Contains(stderr, "-with-keys") {
		t.Errorf("without keys: exit code %d, %q, %q", code, out, stderr)
	}
	if exists(plain + ".seal.key") {
		t.Error("the key is copied though nobody asked for it")
	}
	if copied, err := os.ReadFile(plain); err != nil || bytes.Contains(copied, []byte(secret[len(secret)-1])) {
		t.Errorf("the copy of the database holds the key (%v)", err)
	}

	both := filepath.Join(dir, "both.db")
	code, out, stderr = backup("-with-keys", both)
	if code != 0 || out != both+" written\n"+both+".seal.key written\n" || !strings.Contains(stderr, "分开保管") || !strings.Contains(stderr, "apart from the backup") {
		t.Errorf("with keys: exit code %d, %q, %q", code, out, stderr)
	}
	got, err := os.ReadFile(both + ".seal.key")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the copied key is another one: %v", err)
	}
	if info, err := os.Stat(both + ".seal.key"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copied key: %v, %v", info, err)
	}
	// What was copied opens the service of the copied database.
	restored := filepath.Join(dir, "restored")
	if err := os.Mkdir(restored, 0o700); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{both: "hall.db", both + ".seal.key": "seal.key"} {
		if err := os.Rename(from, filepath.Join(restored, to)); err != nil {
			t.Fatal(err)
		}
	}
	if s, err = central.New(central.Config{DataDir: restored, Halls: []*hall.Hall{f.Hall}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	// A key that is there is not written over, and the copy of the database is not made.
	other := filepath.Join(dir, "other.db")
	if err := os.WriteFile(other+".seal.key", []byte("another hall's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := backup("-with-keys", other); code != 1 || exists(other) || stderr == "" {
		t.Errorf("over another key: exit code %d, %q", code, stderr)
	}
	if got, err := os.ReadFile(other + ".seal.key"); err != nil || string(got) != "another hall's" {
		t.Errorf("another key is now %q, %v", got, err)
	}
	// A copy that fails leaves no key behind.
	if code, _, _ := backup("-with-keys", plain); code != 1 || exists(plain+".seal.key") {
		t.Errorf("over another copy: exit code %d, a key is left: %v", code, exists(plain+".seal.key"))
	}
	// Without a key file there is nothing to warn of, and nothing to copy.
	if err := os.Rename(key, filepath.Join(dir, "elsewhere.key")); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := backup("-with-keys", filepath.Join(dir, "third.db")); code != 1 || !strings.Contains(stderr, "-seal-key") {
		t.Errorf("no key: exit code %d, %q", code, stderr)
	}
	if code, _, stderr := backup(filepath.Join(dir, "third.db")); code != 0 || stderr != "" {
		t.Errorf("no key: exit code %d, %q", code, stderr)
	}
	if code, _, stderr := backup("-with-keys", "-seal-key", filepath.Join(dir, "elsewhere.key"), filepath.Join(dir, "fourth.db")); code != 0 || !exists(filepath.Join(dir, "fourth.db.seal.key")) {
		t.Errorf("a key elsewhere: exit code %d, %q", code, stderr)
	}
}

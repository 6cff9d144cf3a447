package sealed

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hallkiosk/app/centralapi"
)

func ensure(t *testing.T, dir string) *Keys {
	t.Helper()
	k, err := EnsureIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

const place = "demo/01900000-0000-7000-8000-000000000001/words"

func seal(t *testing.T, k *Keys, text string) centralapi.Sealed {
	t.Helper()
	s, err := k.Public().Seal(place, text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRoundTrip(t *testing.T) {
	k := ensure(t, t.TempDir())
	for _, text := range []string{"", "说话难听", strings.Repeat("𠮷", 1000), strings.Repeat("<", 1000), "\"\\\n\x00"} {
		s := seal(t, k, text)
		if got, err := k.Open(s, place); got != text || err != nil {
			t.Errorf("%d bytes: %d, %v", len(text), len(got), err)
		}
		if len(s) > centralapi.MaxSealed {
			t.Errorf("%d bytes are sealed to %d", len(text), len(s))
		}
		if text != "" && strings.Contains(string(s), text) || seal(t, k, text) == s {
			t.Error("sealed to something that can be read or recognised")
		}
	}
}

func TestWhatCannotBeOpened(t *testing.T) {
	k, other := ensure(t, t.TempDir()), ensure(t, t.TempDir())
	s := seal(t, k, "测试员")
	if _, err := other.Open(s, place); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("another key: %v", err)
	}
	// The other's key under this id.
	_, box, _ := seal(t, other, "测试员").Split()
	forged := centralapi.Sealed("s1." + k.Public().ID + "." + base64.RawURLEncoding.EncodeToString(box))
	if _, err := k.Open(forged, place); !errors.Is(err, ErrBroken) {
		t.Errorf("sealed with another key: %v", err)
	}
	if _, err := k.Open(s, strings.Replace(place, "words", "contact", 1)); !errors.Is(err, ErrBroken) {
		t.Errorf("moved: %v", err)
	}
	_, box, err := s.Split()
	if err != nil {
		t.Fatal(err)
	}
	for i := range box { // every single byte counts
		bad := append([]byte(nil), box...)
		bad[i] ^= 1
		if text, err := k.Open(centralapi.Sealed("s1."+k.Public().ID+"."+base64.RawURLEncoding.EncodeToString(bad)), place); !errors.Is(err, ErrBroken) || text != "" {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	for _, bad := range []centralapi.Sealed{"", "s1", "s1..", "s2." + s[3:], s + "=", s[:len(s)-1], s[:30], centralapi.Sealed("s1.x." + strings.Repeat("A", centralapi.MaxSealed))} {
		if _, err := k.Open(bad, place); err == nil {
			t.Errorf("%.40q is opened", string(bad))
		}
	}
	if _, err := (centralapi.SealKey{ID: "x", Public: []byte("short")}).Seal(place, "x"); err == nil {
		t.Error("sealed with no key")
	}
}

func TestKeyFile(t *testing.T) {
	dir := t.TempDir()
	k := ensure(t, dir)
	path := filepath.Join(dir, FileName)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	if again := ensure(t, dir); again.Public().ID != k.Public().ID {
		t.Error("another key at the second start")
	}
	old := seal(t, k, "从前")
	// A new key at the top: it seals, the old one opens what it has sealed.
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	fresh := ensure(t, elsewhere)
	more, err := os.ReadFile(filepath.Join(elsewhere, FileName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(more, data...), 0o600); err != nil {
		t.Fatal(err)
	}
	both := ensure(t, dir)
	if both.Public().ID != fresh.Public().ID {
		t.Error("the newest key does not seal")
	}
	for _, s := range []centralapi.Sealed{old, seal(t, both, "从前")} {
		if text, err := both.Open(s, place); text != "从前" || err != nil {
			t.Errorf("%q, %v", text, err)
		}
	}
	_, secret, _ := strings.Cut(strings.Split(string(data), "\n")[1], " ")
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", k, k, k)} {
		if strings.Contains(text, secret) {
			t.Errorf("the key is in %s", text)
		}
	}
	for name, text := range map[string]string{
		"empty":      "",
		"no key":     "# nothing\n\n",
		"no base64":  "0123 ???\n",
		"short":      "0123 AAAA\n",
		"another id": "0123456789abcdef " + secret + "\n",
	} {
		p := filepath.Join(t.TempDir(), "k")
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(p); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := EnsureIn(dir); err == nil {
		t.Error("a key file that a group may read is used")
	}
	if _, err := Read(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// Two services that start at once on one folder have one key.
func TestOneKeyAmongMany(t *testing.T) {
	dir := t.TempDir()
	ids := make([]string, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			if k, err := EnsureIn(dir); err == nil {
				ids[i] = k.Public().ID
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("keys %v", ids)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

func FuzzOpen(f *testing.F) {
	private := make([]byte, 32)
	id, public, err := pair(private)
	if err != nil {
		f.Fatal(err)
	}
	k := &Keys{public: centralapi.SealKey{ID: id, Public: public}, private: map[string]*[32]byte{id: (*[32]byte)(private)}}
	good, err := k.Public().Seal(place, "说话难听")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{string(good), "s1." + id + ".AAAA", "s1.." + strings.Repeat("A", 100), "", "s1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := k.Open(centralapi.Sealed(text), place)
		if err == nil && got != "说话难听" {
			t.Errorf("%q is opened: %q", text, got)
		}
	})
}

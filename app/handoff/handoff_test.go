package handoff

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/skip2/go-qrcode"
	"pgregory.net/rapid"

	"hallkiosk/app/guide"
	"hallkiosk/app/hall"
)

var (
	moment   = time.Date(2026, 11, 23, 2, 30, 0, 0, time.UTC)
	ticketID = uuid.MustParse("019aa5c2-0000-7000-8000-000000000001")
)

// fixedKey is a key whose secret is the same in every run.
func fixedKey(id uint8, from time.Time) Key {
	return Key{ID: id, Secret: bytes.Repeat([]byte{id}, SecretSize), From: from, Until: from.Add(KeyLife)}
}

func demoRing() Ring {
	return Ring{Hall: "demo", Keys: []Key{fixedKey(7, moment.AddDate(0, 0, -3))}}
}

func demoGuide(materials int) *guide.Guide {
	g := &guide.Guide{ID: "511Z07001006-511602000000-000-11511301008778183N-1-00"}
	for i := range materials {
		g.Materials = append(g.Materials, guide.Material{Name: fmt.Sprintf("材料%d", i)})
	}
	return g
}

func ticketPass(t testing.TB) Pass {
	t.Helper()
	p, err := ForTicket(&hall.Hall{CutOver: 3}, ticketID.String(), Chinese, moment)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ratingPass(t testing.TB) Pass {
	t.Helper()
	p, err := ForRating(ticketID.String(), English, moment.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// passes are one of each kind and size.
func passes(t testing.TB) map[string]Pass {
	t.Helper()
	all := make([]int, MaxTicks)
	for i := range all {
		all[i] = i
	}
	return map[string]Pass{
		"guide, nothing ticked": ForGuide(demoGuide(19), nil, Chinese, moment),
		"guide, no materials":   ForGuide(demoGuide(0), nil, English, moment),
		"guide, some ticked":    ForGuide(demoGuide(19), []int{0, 7, 8, 18}, English, moment),
		"guide, all ticked":     ForGuide(demoGuide(MaxTicks), all, Chinese, moment),
		"ticket":                ticketPass(t),
		"rating":                ratingPass(t),
	}
}

func mustSign(t testing.TB, r Ring, p Pass, now time.Time) string {
	t.Helper()
	token, err := r.Sign(p, now)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestThereAndBack(t *testing.T) {
	r := demoRing()
	for name, p := range passes(t) {
		token := mustSign(t, r, p, moment)
		got, err := r.Open(token, moment)
		want := p
		want.Until = p.Until.UTC().Add(time.Hour - 1).Truncate(time.Hour)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
		if len(token) > MaxToken || strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("%s: %d characters: %s", name, len(token), token)
		}
		t.Logf("%-22s %d characters", name, len(token))
	}
	if len(mustSign(t, r, ratingPass(t), moment)) != MaxToken {
		t.Error("MaxToken is not the length of a rating")
	}
}

// The layout is on paper for thirty days: this token must open for ever.
func TestLayout(t *testing.T) {
	r := demoRing()
	p := ForGuide(demoGuide(19), []int{0, 7, 8, 18}, English, moment)
	const want = "EQcAIWMCBCGf_r4kpoEytYEBBF-pRFGQwANKnB6q3g"
	if got := mustSign(t, r, p, moment); got != want {
		t.Errorf("%s, want %s: addresses on paper no longer open", got, want)
	}
}

func TestTicks(t *testing.T) {
	p := ForGuide(demoGuide(3), []int{2, 0, -1, 3, 64}, Chinese, moment)
	for i, want := range []bool{true, false, true, false} {
		if p.Has(i) != want {
			t.Errorf("material %d: %v", i, p.Has(i))
		}
	}
	if p.Has(-1) || p.Has(64) || p.Has(1<<20) {
		t.Error("ticks outside the list")
	}
	p = ForGuide(demoGuide(100), []int{63, 64, 99}, Chinese, moment)
	if p.Ticked != 1<<63 {
		t.Errorf("ticked %x, want the first %d materials only", p.Ticked, MaxTicks)
	}
}

func TestListDigest(t *testing.T) {
	base := ListDigest(demoGuide(3).Materials)
	for name, change := range map[string]func([]guide.Material) []guide.Material{
		"one more":  func(m []guide.Material) []guide.Material { return append(m, guide.Material{Name: "x"}) },
		"one less":  func(m []guide.Material) []guide.Material { return m[:2] },
		"renamed":   func(m []guide.Material) []guide.Material { m[1].Name = "别的"; return m },
		"reordered": func(m []guide.Material) []guide.Material { m[0], m[1] = m[1], m[0]; return m },
		"joined":    func(m []guide.Material) []guide.Material { m[0].Name += m[1].Name; return append(m[:1], m[2]) },
	} {
		if ListDigest(change(demoGuide(3).Materials)) == base {
			t.Errorf("%s: the digest is the same", name)
		}
	}
	m := demoGuide(3).Materials
	m[1].Note, m[1].Copies = "彩色", 2
	if ListDigest(m) != base {
		t.Error("a note changes what the ticks mean")
	}
}

// Every bit of a token counts.
func TestTampering(t *testing.T) {
	r := demoRing()
	for name, p := range passes(t) {
		token := mustSign(t, r, p, moment)
		data, err := encoding.DecodeString(token)
		if err != nil {
			t.Fatal(err)
		}
		for bit := range 8 * len(data) {
			changed := bytes.Clone(data)
			changed[bit/8] ^= 1 << (bit % 8)
			_, err := r.Open(encoding.EncodeToString(changed), moment)
			want := ErrTampered
			if bit/8 == 1 {
				want = ErrUnknownKey
			}
			if !errors.Is(err, want) {
				t.Fatalf("%s: bit %d changed: %v, want %v", name, bit, err, want)
			}
		}
		for n := range token {
			if _, err := r.Open(token[:n], moment); err == nil {
				t.Errorf("%s: the first %d characters open", name, n)
			}
		}
		for _, other := range []string{token + "A", token + "=", token + "\n", token[:9] + "\r\n" + token[9:], " " + token, token[:9] + "+" + token[10:], token + token} {
			if _, err := r.Open(other, moment); !errors.Is(err, ErrTampered) {
				t.Errorf("%s: %q: %v", name, other, err)
			}
		}
	}
}

// A token has one spelling: no other last character means the same bytes.
func TestOneSpelling(t *testing.T) {
	r := demoRing()
	for name, p := range passes(t) {
		token := mustSign(t, r, p, moment)
		for c := byte(' '); c < 0x7f; c++ {
			other := token[:len(token)-1] + string(c)
			if _, err := r.Open(other, moment); other != token && err == nil {
				t.Errorf("%s: ends in %c as well as in %c", name, c, token[len(token)-1])
			}
		}
	}
}

func TestOtherHallsAndKeys(t *testing.T) {
	r := demoRing()
	token := mustSign(t, r, ticketPass(t), moment)
	if _, err := (Ring{Hall: "demo2", Keys: r.Keys}).Open(token, moment); !errors.Is(err, ErrTampered) {
		t.Errorf("the same keys in another hall: %v", err)
	}
	if _, err := (Ring{Hall: "demo", Keys: []Key{fixedKey(8, moment)}}).Open(token, moment); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("another key: %v", err)
	}
	same := fixedKey(8, moment)
	same.ID = 7
	if _, err := (Ring{Hall: "demo", Keys: []Key{same}}).Open(token, moment); !errors.Is(err, ErrTampered) {
		t.Errorf("another key of the same id: %v", err)
	}
	if _, err := (Ring{Hall: "demo", Keys: []Key{same, r.Keys[0]}}).Open(token, moment); err != nil {
		t.Errorf("two keys of one id: %v", err)
	}
	if _, err := (Ring{}).Open(token, moment); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("no keys: %v", err)
	}
	// A ring that was stored badly must not sign with a secret anybody can guess.
	empty := Ring{Hall: "demo", Keys: []Key{{ID: 7, From: moment, Until: moment.Add(KeyLife)}}}
	if _, err := empty.Sign(ticketPass(t), moment); !errors.Is(err, ErrNoKey) {
		t.Errorf("signing with an empty secret: %v", err)
	}
	if _, err := empty.Open(token, moment); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("opening with an empty secret: %v", err)
	}
}

func TestExpiry(t *testing.T) {
	r := demoRing()
	p := ForGuide(demoGuide(2), []int{1}, Chinese, moment)
	token := mustSign(t, r, p, moment)
	end := time.Date(2026, 12, 23, 3, 0, 0, 0, time.UTC)
	if _, err := r.Open(token, end.Add(-1)); err != nil {
		t.Errorf("in the last moment: %v", err)
	}
	got, err := r.Open(token, end)
	if !errors.Is(err, ErrExpired) || got.Guide != p.Guide || !got.Until.Equal(end) {
		t.Errorf("after it: %+v, %v", got, err)
	}

	day, err := ForTicket(&hall.Hall{CutOver: 3}, ticketID.String(), Chinese, moment)
	if want := time.Date(2026, 11, 24, 15, 0, 0, 0, hallZone()); err != nil || !day.Until.Equal(want) {
		t.Errorf("a ticket of Monday 10:30 ends %v, want %v (%v)", day.Until, want, err)
	}
	night, err := ForTicket(&hall.Hall{CutOver: 3}, ticketID.String(), Chinese, time.Date(2026, 11, 23, 2, 30, 0, 0, hallZone()))
	if want := time.Date(2026, 11, 23, 15, 0, 0, 0, hallZone()); err != nil || !night.Until.Equal(want) {
		t.Errorf("a ticket of Sunday's night ends %v, want %v (%v)", night.Until, want, err)
	}
}

func hallZone() *time.Location { return (&hall.Hall{}).Location() }

// A terminal that has not heard from the centre for long makes addresses that do
// not outlive its key.
func TestNoAddressOutlivesItsKey(t *testing.T) {
	r := demoRing()
	key := r.Keys[0]
	late := key.Until.Add(-10 * 24 * time.Hour)
	token := mustSign(t, r, ForGuide(demoGuide(1), nil, Chinese, late), late)
	p, err := r.Open(token, late)
	if err != nil || p.Until.After(key.Until) || key.Until.Sub(p.Until) >= time.Hour {
		t.Errorf("ends %v, its key %v: %v", p.Until, key.Until, err)
	}
	if _, err := r.Sign(ticketPass(t), key.Until); !errors.Is(err, ErrNoKey) {
		t.Errorf("signing with a key that is over: %v", err)
	}
}

func TestSignRefuses(t *testing.T) {
	r := demoRing()
	good := ticketPass(t)
	for name, change := range map[string]func(*Pass){
		"no end":         func(p *Pass) { p.Until = time.Time{} },
		"over already":   func(p *Pass) { p.Until = moment },
		"no kind":        func(p *Pass) { p.Kind = 0 },
		"unknown kind":   func(p *Pass) { p.Kind = 9 },
		"kind too large": func(p *Pass) { p.Kind = 17 },
		"no language":    func(p *Pass) { p.Language = "" },
		"unknown tongue": func(p *Pass) { p.Language = "zh-CN" },
	} {
		p := good
		change(&p)
		if token, err := r.Sign(p, moment); err == nil || errors.Is(err, ErrNoKey) {
			t.Errorf("%s: %q, %v", name, token, err)
		}
	}
	if _, err := ForTicket(&hall.Hall{}, "A023", Chinese, moment); err == nil {
		t.Error("a label passes for a UUID")
	}
	if _, err := ForRating("", Chinese, moment); err == nil {
		t.Error("nothing passes for a UUID")
	}
	if a, b := ratingPass(t), ratingPass(t); a.Nonce == b.Nonce {
		t.Error("two ratings share a nonce")
	}
}

func TestRotation(t *testing.T) {
	r, changed := Ring{Hall: "demo"}.Rotate(moment)
	if !changed || len(r.Keys) != 1 || len(r.Keys[0].Secret) != SecretSize {
		t.Fatalf("the first key: %v, %v", r, changed)
	}
	if again, changed := r.Rotate(moment.Add(Rotation - time.Second)); changed || len(again.Keys) != 1 {
		t.Errorf("too early: %v", again)
	}
	type made struct {
		token string
		until time.Time
	}
	var tokens []made
	now := moment
	behind := r // a terminal that hears of keys one rotation late
	for range 300 {
		next, _ := r.Rotate(now)
		for name, ring := range map[string]Ring{"current": next, "behind": behind} {
			token := mustSign(t, ring, ForGuide(demoGuide(1), nil, Chinese, now), now)
			tokens = append(tokens, made{token, now.Add(GuideLife - time.Hour)})
			if _, err := next.Open(token, now); err != nil {
				t.Fatalf("%s at %v: %v", name, now, err)
			}
		}
		behind, r = r, next
		for _, m := range tokens {
			if _, err := r.Open(m.token, now); now.Before(m.until) && err != nil {
				t.Fatalf("made to last until %v, at %v: %v", m.until, now, err)
			}
		}
		if len(r.Keys) > 4 {
			t.Fatalf("%d keys are kept", len(r.Keys))
		}
		ids := map[uint8]bool{}
		for _, k := range r.Keys {
			ids[k.ID] = true
		}
		if len(ids) != len(r.Keys) {
			t.Fatalf("ids are not unique: %v", r.Keys)
		}
		now = now.Add(Rotation)
	}
	old := r.Keys[len(r.Keys)-1].ID
	r, changed = r.Rotate(now.Add(2 * KeyLife))
	if !changed || len(r.Keys) != 1 || r.Keys[0].ID != old+1 {
		t.Errorf("after a long pause: %v, want one new key after %d", r.Keys, old)
	}
}

func TestSigningKey(t *testing.T) {
	early, now, soon := fixedKey(1, moment.Add(-Rotation)), fixedKey(2, moment), fixedKey(3, moment.Add(time.Minute))
	over := fixedKey(4, moment.Add(-KeyLife))
	for _, tc := range []struct {
		keys []Key
		want uint8
	}{
		{[]Key{early, now, soon}, 2},
		{[]Key{soon, now, early}, 2},
		{[]Key{soon}, 3}, // the terminal's clock is behind
		{[]Key{fixedKey(5, moment.Add(time.Hour)), soon}, 3},
		{[]Key{over, early}, 1},
		{[]Key{over}, 0},
	} {
		k, ok := Ring{Keys: tc.keys}.signing(moment)
		if k.ID != tc.want || ok != (tc.want != 0) {
			t.Errorf("%v: key %d, %v; want %d", tc.keys, k.ID, ok, tc.want)
		}
	}
}

func TestSecretsStayInside(t *testing.T) {
	k := fixedKey(65, moment) // secret AAAA…
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("key", "key", k)
	for _, text := range []string{fmt.Sprint(k), fmt.Sprintf("%v %+v %#v", k, k, k), fmt.Sprintf("%v %+v %#v", demoRing(), Ring{Keys: []Key{k}}, Ring{Keys: []Key{k}}), log.String()} {
		if strings.Contains(text, "AAAA") || strings.Contains(text, "65 65") || strings.Contains(text, "0x41, 0x41") || text == "" {
			t.Errorf("the secret shows: %s", text)
		}
	}
	data, err := json.Marshal(Ring{Hall: "demo", Keys: []Key{k}})
	if err != nil {
		t.Fatal(err)
	}
	var back Ring
	if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(back.Keys[0].Secret, k.Secret) || !back.Keys[0].Until.Equal(k.Until) {
		t.Errorf("through JSON: %+v, %v", back, err)
	}
}

// qrVersions are the longest addresses there is reason to expect.
func TestQRVersions(t *testing.T) {
	longest := mustSign(t, demoRing(), ratingPass(t), moment)
	for _, tc := range []struct {
		base, hall string
		version    int // at most
	}{
		{"http://192.168.1.10:7080", "demo", 6},
		{"https://hall.example.cn", "demo", 6},
		{"https://zwfw.chongqing-wulong.example.gov.cn/dating", "wulong-zhengwu", 8},
		{"https://zhengwufuwuzhongxin.guanganshi-guanganqu.example.gov.cn:18443/zizhuzhongduan", strings.Repeat("h", 40), 10},
	} {
		for name, p := range passes(t) {
			token := mustSign(t, demoRing(), p, moment)
			address := Address(tc.base, tc.hall, token)
			code, err := qrcode.New(address, qrcode.Medium)
			if err != nil {
				t.Fatal(err)
			}
			if code.VersionNumber > tc.version || code.VersionNumber > 10 {
				t.Errorf("%s: %d characters: version %d, want at most %d: %s", name, len(address), code.VersionNumber, tc.version, address)
			}
		}
		code, err := qrcode.New(Address(tc.base, tc.hall, longest), qrcode.Medium)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d characters: version %d", len(Address(tc.base, tc.hall, longest)), code.VersionNumber)
	}
}

func TestAddress(t *testing.T) {
	for _, base := range []string{"https://hall.example.cn", "https://hall.example.cn/"} {
		if got := Address(base, "demo", "abc"); got != "https://hall.example.cn/h/demo/abc" {
			t.Error(got)
		}
	}
}

func TestProperties(t *testing.T) {
	r := demoRing()
	rapid.Check(t, func(t *rapid.T) {
		p := Pass{Kind: rapid.SampledFrom([]Kind{Guide, Ticket, Rating}).Draw(t, "kind"), Language: rapid.SampledFrom([]string{Chinese, English}).Draw(t, "language"),
			Until: epoch.Add(time.Duration(rapid.IntRange(7848, 1<<20).Draw(t, "hours")) * time.Hour)}
		switch p.Kind {
		case Guide:
			copy(p.Guide[:], rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "guide"))
			p.List, p.Ticked = rapid.Uint16().Draw(t, "list"), rapid.Uint64().Draw(t, "ticked")
		case Rating:
			copy(p.Nonce[:], rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "nonce"))
			fallthrough
		case Ticket:
			copy(p.Ticket[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "ticket"))
		}
		token, err := r.Sign(p, moment)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Open(token, moment)
		want := p
		if last := r.Keys[0].Until.Truncate(time.Hour); want.Until.After(last) {
			want.Until = last
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v, %v; want %+v", got, err, want)
		}
		data, _ := encoding.DecodeString(token)
		bits := rapid.SliceOfNDistinct(rapid.IntRange(0, 8*len(data)-1), 1, 12, rapid.ID[int]).Draw(t, "bits")
		for _, bit := range bits {
			data[bit/8] ^= 1 << (bit % 8)
		}
		if p, err := r.Open(encoding.EncodeToString(data), moment); err == nil {
			t.Fatalf("bits %v changed: %+v", bits, p)
		}
	})
}

// FuzzOpen: nothing but our own tokens opens, and what opens signs to itself.
func FuzzOpen(f *testing.F) {
	r := demoRing()
	for _, p := range passes(f) {
		f.Add(mustSign(f, r, p, moment))
	}
	f.Add("")
	f.Add("EQcAIYM")
	f.Add(strings.Repeat("A", MaxToken))
	f.Add("EQcAIWMCBCGf_r4kpoEytYEBBF-pRFGQwANKnB6q\n3g")
	f.Fuzz(func(t *testing.T, token string) {
		p, err := r.Open(token, moment)
		if err != nil {
			if !errors.Is(err, ErrTampered) && !errors.Is(err, ErrExpired) && !errors.Is(err, ErrUnknownKey) {
				t.Fatal(err)
			}
			return
		}
		if again := mustSign(t, r, p, moment); again != token {
			t.Errorf("%q opens as what signs to %q", token, again)
		}
	})
}

// FuzzPayload reads payloads behind a good tag, where the fuzzer gets by itself
// never: what is read writes the same bytes.
func FuzzPayload(f *testing.F) {
	for _, p := range passes(f) {
		data, err := p.payload()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(p.Kind), data)
	}
	f.Add(byte(1), []byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, kind byte, data []byte) {
		p, err := parsePayload(Kind(kind), data)
		if err != nil {
			return
		}
		if again, err := p.payload(); err != nil || !bytes.Equal(again, data) {
			t.Errorf("%x read as %+v writes %x, %v", data, p, again, err)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	r, p := demoRing(), ForGuide(demoGuide(19), []int{1, 18}, Chinese, moment)
	for b.Loop() {
		if _, err := r.Sign(p, moment); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	r := demoRing()
	token := mustSign(b, r, ForGuide(demoGuide(19), []int{1, 18}, Chinese, moment), moment)
	for b.Loop() {
		if _, err := r.Open(token, moment); err != nil {
			b.Fatal(err)
		}
	}
}

package samv

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

var today = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

// block writes texts at byte offsets.
func block(fields map[int]string) []byte {
	b := bytes.Repeat([]byte{' ', 0}, BlockSize/2)
	for offset, text := range fields {
		for i, u := range utf16.Encode([]rune(text)) {
			b[offset+2*i], b[offset+2*i+1] = byte(u), byte(u>>8)
		}
	}
	return b
}

// The synthetic card that an outside client was tried with.
func synthetic() map[int]string {
	return map[int]string{
		0: "测试员", 30: "1", 32: "01", 36: "19491231", 52: "北京市测试区样例路1号",
		122: "11010519491231002X", 158: "测试市公安局样例分局", 188: "20200101", 204: "长期",
	}
}

func with(fields map[int]string, offset int, text string) map[int]string {
	fields[offset] = text
	return fields
}

func TestParseCard(t *testing.T) {
	c, err := ParseCard(block(synthetic()), today)
	want := Card{Kind: Citizen, Name: "测试员", Sex: "男", Nation: "汉", NationCode: "01", Birth: "19491231",
		Address: "北京市测试区样例路1号", Number: "11010519491231002X", NumberOK: true,
		Issuer: "测试市公安局样例分局", ValidFrom: "20200101", LongTerm: true}
	if err != nil || c != want {
		t.Fatalf("%s, %v", c, err)
	}
	for _, o := range []struct {
		name string
		edit map[int]string
		ok   func(Card) bool
	}{
		{"NUL padding", with(synthetic(), 0, "测试\x00\x00"), func(c Card) bool { return c.Name == "测试" }},
		{"blanks around", with(synthetic(), 0, "　测试 "), func(c Card) bool { return c.Name == "测试" }},
		{"name of 15", with(synthetic(), 0, "阿卜杜拉样例买买提提提提样例"), func(c Card) bool { return len([]rune(c.Name)) == 14 }},
		{"private use", with(synthetic(), 0, "王\uE2A5"), func(c Card) bool { return c.PrivateUse && c.Name == "王\uE2A5" }},
		{"private use in the address", with(synthetic(), 52, "\uF8FF"), func(c Card) bool { return c.PrivateUse }},
		{"half a surrogate pair", with(synthetic(), 0, "李"), func(c Card) bool { return !c.PrivateUse }},
		{"wrong check digit", with(synthetic(), 122, "110105194912310020"), func(c Card) bool { return !c.NumberOK && c.Number != "" }},
		{"17 digits", with(synthetic(), 122, "11010519491231002 "), func(c Card) bool { return !c.NumberOK }},
		{"unknown nation", with(synthetic(), 32, "57"), func(c Card) bool { return c.Nation == "" && c.NationCode == "57" }},
		{"nation 46", with(synthetic(), 32, "46"), func(c Card) bool { return c.Nation == "德昂" }},
		{"nation 56", with(synthetic(), 32, "56"), func(c Card) bool { return c.Nation == "基诺" }},
		{"nation 97", with(synthetic(), 32, "97"), func(c Card) bool { return c.Nation == "其他" }},
		{"nation 98", with(synthetic(), 32, "98"), func(c Card) bool { return c.Nation == "外国血统中国籍人士" }},
		{"nation 0x", with(synthetic(), 32, "0x"), func(c Card) bool { return c.Nation == "" }},
		{"sex 9", with(synthetic(), 30, "9"), func(c Card) bool { return c.Sex == "未说明" }},
		{"sex 0", with(synthetic(), 30, "0"), func(c Card) bool { return c.Sex == "未知" }},
		{"sex 3", with(synthetic(), 30, "3"), func(c Card) bool { return c.Sex == "" }},
		{"no such birthday", with(synthetic(), 36, "19490230"), func(c Card) bool { return c.Birth == "" }},
		{"an end", with(synthetic(), 204, "20400229"), func(c Card) bool { return !c.LongTerm && c.ValidTo == "20400229" }},
		{"neither end nor 长期", with(synthetic(), 204, "永久"), func(c Card) bool { return !c.LongTerm && c.ValidTo == "" }},
		{"permit", with(synthetic(), 248, "J"), func(c Card) bool { return c.Kind == Permit && c.Nation == "" && c.NationCode == "" }},
		// The Y card has other meanings at the citizen's offsets.
		{"Y is not read as a citizen", with(with(synthetic(), 52, "SAMPLE"), 248, "Y"),
			func(c Card) bool { return c.Kind == Foreigner2023 && c.Address == "" && c.EnglishName == "SAMPLE" }},
		{"Y without Chinese name", with(with(with(synthetic(), 0, "       "), 52, "SAMPLE, A"), 248, "Y"),
			func(c Card) bool { return c.Name == "SAMPLE, A" }},
		{"I with a number of another shape", map[int]string{0: "SAMPLE", 122: "XX0110088010101", 248: "I"},
			func(c Card) bool { return c.Kind == Foreigner2017 && c.Name == "SAMPLE" && !c.NumberOK }},
	} {
		c, err := ParseCard(block(o.edit), today)
		if err != nil || !o.ok(c) {
			t.Errorf("%s: %s, %v", o.name, c, err)
		}
	}
	broken := block(synthetic())
	broken[2], broken[3] = 0x00, 0xD8 // half a surrogate pair in the name
	if c, err := ParseCard(broken, today); err != nil || c.Name != "测\uFFFD员" {
		t.Errorf("half a surrogate pair: %s, %v", c, err)
	}
}

func TestParseCardRefuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":       nil,
		"short":         make([]byte, 255),
		"long":          make([]byte, 257),
		"all zero":      make([]byte, 256),
		"all FF":        bytes.Repeat([]byte{0xFF}, 256),
		"no name":       block(with(synthetic(), 0, "   ")),
		"no number":     block(with(synthetic(), 122, strings.Repeat(" ", 18))),
		"unknown flag":  block(with(synthetic(), 248, "Z")),
		"citizen, as I": block(map[int]string{248: "I"}),
	} {
		c, err := ParseCard(b, today)
		if !errors.Is(err, ErrBlock) || c != (Card{}) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "110105") {
			t.Errorf("%s: the error repeats the number", name)
		}
	}
}

// However a card is printed, by value, by pointer, in other values, with any
// verb: no name, number or address.
func TestCardIsMasked(t *testing.T) {
	c, err := ParseCard(block(synthetic()), today)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, v := range []any{c, &c, []Card{c}, map[string]Card{"x": c}, struct{ C Card }{c}, struct{ C *Card }{&c},
		Event{Kind: CardRead, Card: &c}, &Event{Card: &c}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		out.Write(b)
	}
	// fmt cannot call methods of unexported fields: a pointer there is printed
	// as an address, as long as the verb fits.
	fmt.Fprintf(&out, "%v %+v %#v\n", hidden{&c}, hidden{&c}, hidden{&c})
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("x", "card", c, "pointer", &c, "event", Event{Card: &c})
	log = slog.New(slog.NewTextHandler(&out, nil))
	log.Info("x", "card", c, "pointer", &c, "event", Event{Card: &c})
	fmt.Fprint(&out, fmt.Errorf("reading: %v", c))
	text := out.String()
	for _, secret := range []string{"测试员", "11010519491231002X", "19491231", "样例路", "e6b58be8af95", "313130313035"} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
			t.Errorf("%q is in what was printed", secret)
		}
	}
	if s := c.String(); s != "citizen card of 测*员, 110***********002X" {
		t.Errorf("String: %s", s)
	}
}

// hidden keeps a card as programs should: unexported, by pointer.
type hidden struct{ card *Card }

func TestStatusWords(t *testing.T) {
	seen := map[string]bool{}
	for i := range 256 {
		s := Status(i).String()
		if s == "" || seen[s] || !strings.HasSuffix(s, fmt.Sprintf("(%02X)", i)) {
			t.Errorf("%02X: %q", i, s)
		}
		seen[s] = true
	}
	err := fmt.Errorf("reading: %w", StatusReadFailed)
	if !errors.Is(err, StatusReadFailed) || errors.Is(err, StatusNoCard) {
		t.Error("errors.Is does not tell statuses apart")
	}
}

func FuzzParseCard(f *testing.F) {
	f.Add(block(synthetic()))
	f.Add(block(with(synthetic(), 248, "J")))
	f.Add(block(with(synthetic(), 248, "I")))
	f.Add(block(with(synthetic(), 248, "Y")))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCard(b, today)
		if err != nil {
			if c != (Card{}) || !errors.Is(err, ErrBlock) {
				t.Fatal(err)
			}
			return
		}
		if c.Name == "" || c.Number == "" || c.LongTerm && c.ValidTo != "" {
			t.Fatal("half a card")
		}
		for _, s := range []string{c.Name, c.Address, c.Number, c.Issuer, c.EnglishName, c.PassNumber} {
			if strings.HasPrefix(s, " ") || strings.HasSuffix(s, "\x00") {
				t.Fatal("padding is left")
			}
		}
		// A number too short to be masked in the middle is hidden whole.
		if n := len([]rune(c.Number)); n >= 8 && strings.Contains(c.String(), c.Number) {
			t.Fatal("the number shows")
		}
	})
}

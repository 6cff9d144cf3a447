package touch

import (
	"image/color"
	"math"
)

// Palette is the colours of one mode. Names say what a colour is for; what may
// stand on what is listed in [Palette.Pairs], and a test computes the contrast
// of every pair.
type Palette struct {
	Page, Card, Sunken  color.NRGBA // backgrounds: page, box, box that steps back
	Ink, InkSoft        color.NRGBA // text: main, secondary
	Border              color.NRGBA // of what can be pressed
	Hairline            color.NRGBA // of boxes that only hold something
	Blue, BluePressed   color.NRGBA // main action, header
	BluePale, BlueInk   color.NRGBA // box that informs, text and icons in blue
	Warm, WarmPressed   color.NRGBA // 请人帮忙 and what needs attention
	WarmPale, WarmInk   color.NRGBA // box that warns, its text
	GreenPale, GreenInk color.NRGBA // box that says it went well, its text
	OnFill              color.NRGBA // text on Blue and Warm
	Off, OffInk         color.NRGBA // cannot be pressed now
	QuietPressed        color.NRGBA // a white control under the finger
	Scrim               color.NRGBA // over a page while a notice lies on it
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}
}

// NormalPalette is calm: civic blue on a cool white, a warm brown-orange for
// people and warnings. Text stands at 4.5:1 or better.
func NormalPalette() Palette {
	return Palette{
		Page: rgb(0xF1F5FA), Card: rgb(0xFFFFFF), Sunken: rgb(0xE6ECF3),
		Ink: rgb(0x14243A), InkSoft: rgb(0x45566D),
		Border: rgb(0x7C8EA6), Hairline: rgb(0xD3DDE9),
		Blue: rgb(0x0B57A4), BluePressed: rgb(0x063A73),
		BluePale: rgb(0xE2EDF9), BlueInk: rgb(0x0B4F97),
		Warm: rgb(0xB04E0C), WarmPressed: rgb(0x7C3504),
		WarmPale: rgb(0xFFF1DE), WarmInk: rgb(0x7A3600),
		GreenPale: rgb(0xE3F3E8), GreenInk: rgb(0x17603A),
		OnFill: rgb(0xFFFFFF), Off: rgb(0xE6ECF3), OffInk: rgb(0x5B6A7E),
		QuietPressed: rgb(0xC9DDF4), Scrim: color.NRGBA{10, 24, 44, 150},
	}
}

// AssistedPalette is the same picture with text at 7:1 or better and borders and
// icons at 4.5:1 or better.
func AssistedPalette() Palette {
	return Palette{
		Page: rgb(0xF6F8FB), Card: rgb(0xFFFFFF), Sunken: rgb(0xEBEFF5),
		Ink: rgb(0x060F1C), InkSoft: rgb(0x27374B),
		Border: rgb(0x51637B), Hairline: rgb(0xC3CFDD),
		Blue: rgb(0x06407F), BluePressed: rgb(0x022650),
		BluePale: rgb(0xE6F0FB), BlueInk: rgb(0x053C78),
		Warm: rgb(0x863500), WarmPressed: rgb(0x552100),
		WarmPale: rgb(0xFFF4E4), WarmInk: rgb(0x602900),
		GreenPale: rgb(0xE8F6EC), GreenInk: rgb(0x0B4A29),
		OnFill: rgb(0xFFFFFF), Off: rgb(0xEBEFF5), OffInk: rgb(0x404E60),
		QuietPressed: rgb(0xC5DBF5), Scrim: color.NRGBA{6, 15, 28, 170},
	}
}

// Pair is a colour that stands on another.
type Pair struct {
	Name     string
	Fore, On color.NRGBA
	// Graphic pairs are borders and icons, which need less contrast than text.
	Graphic bool
}

// Pairs lists what stands on what.
func (p Palette) Pairs() []Pair {
	return []Pair{
		{"ink on page", p.Ink, p.Page, false},
		{"ink on card", p.Ink, p.Card, false},
		{"ink on sunken", p.Ink, p.Sunken, false},
		{"ink on pale blue", p.Ink, p.BluePale, false},
		{"ink on pressed", p.Ink, p.QuietPressed, false},
		{"soft ink on page", p.InkSoft, p.Page, false},
		{"soft ink on card", p.InkSoft, p.Card, false},
		{"soft ink on sunken", p.InkSoft, p.Sunken, false},
		{"soft ink on pale blue", p.InkSoft, p.BluePale, false},
		{"soft ink on pressed", p.InkSoft, p.QuietPressed, false},
		{"blue ink on page", p.BlueInk, p.Page, false},
		{"blue ink on card", p.BlueInk, p.Card, false},
		{"blue ink on pale blue", p.BlueInk, p.BluePale, false},
		{"blue ink on pressed", p.BlueInk, p.QuietPressed, false},
		{"warm ink on pale warm", p.WarmInk, p.WarmPale, false},
		{"warm ink on card", p.WarmInk, p.Card, false},
		{"warm ink on sunken", p.WarmInk, p.Sunken, false},
		{"warm ink on pressed", p.WarmInk, p.QuietPressed, false},
		{"green ink on pale green", p.GreenInk, p.GreenPale, false},
		{"green ink on card", p.GreenInk, p.Card, false},
		{"green ink on pressed", p.GreenInk, p.QuietPressed, false},
		{"on blue", p.OnFill, p.Blue, false},
		{"on pressed blue", p.OnFill, p.BluePressed, false},
		{"on warm", p.OnFill, p.Warm, false},
		{"on pressed warm", p.OnFill, p.WarmPressed, false},
		{"off", p.OffInk, p.Off, false},
		{"border on page", p.Border, p.Page, true},
		{"border on card", p.Border, p.Card, true},
		{"blue on page", p.Blue, p.Page, true},
		{"warm on page", p.Warm, p.Page, true},
		{"warm on card", p.Warm, p.Card, true},
	}
}

// Contrast is the contrast ratio of two opaque colours, 1–21, by WCAG 2.1
// ("contrast ratio", "relative luminance").
func Contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	if la < lb {
		la, lb = lb, la
	}
	return (la + 0.05) / (lb + 0.05)
}

func luminance(c color.NRGBA) float64 {
	lin := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.03928 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.R) + 0.7152*lin(c.G) + 0.0722*lin(c.B)
}

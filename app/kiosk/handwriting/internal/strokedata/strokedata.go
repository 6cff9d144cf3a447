// Package strokedata reads the middle lines of characters' strokes from the npm
// package hanzi-writer-data, from which the recogniser's model is made and with
// which it is tried.
//
// The data come from Make Me a Hanzi, which drew them from fonts of Arphic
// Technology; they stand under the Arphic Public License. Nothing of them is kept
// here.
package strokedata

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"hallkiosk/app/kiosk/handwriting"
)

// Source is the package, and Integrity what npm's registry says of it (SHA-512).
const (
	Source    = "hanzi-writer-data@2.0.1"
	Integrity = "sha512-nbQwM+MaryGoq7pBMIZLCd3lFq03nXuJuwku1+6UbjL58uU+9OULVcMkoNvNuJSoIV7f1bbPRfD4D/LQa5S7qg=="
	archive   = "hanzi-writer-data-2.0.1.tgz"
)

// Fetch downloads the package with npm into dir, unless it lies there already, and
// returns its file. A file with another content than expected is an error.
func Fetch(ctx context.Context, dir string) (file string, err error) {
	file = filepath.Join(dir, archive)
	if err := check(file); err == nil {
		return file, nil
	}
	cmd := exec.CommandContext(ctx, "npm", "pack", Source, "--silent", "--ignore-scripts", "--pack-destination", dir)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("strokedata: npm pack %s: %w\n%s", Source, err, out)
	}
	if err := check(file); err != nil {
		return "", fmt.Errorf("strokedata: %w", err)
	}
	return file, nil
}

func check(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha512.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(h.Sum(nil)); got != Integrity {
		return fmt.Errorf("%s is not the package expected: %s, want %s", file, got, Integrity)
	}
	return nil
}

// Data is what a package holds.
type Data struct {
	Strokes map[rune][]handwriting.Stroke
	Licence []byte // ARPHICPL.TXT
}

// Read reads the characters that are wanted from the package's file.
func Read(file string, want func(rune) bool) (*Data, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("strokedata: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("strokedata: %s: %w", file, err)
	}
	d := &Data{Strokes: make(map[rune][]handwriting.Stroke)}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return d, nil
		}
		if err != nil {
			return nil, fmt.Errorf("strokedata: %s: %w", file, err)
		}
		base := filepath.Base(h.Name)
		if h.Name == "package/ARPHICPL.TXT" { // there are translations, too
			if d.Licence, err = io.ReadAll(t); err != nil {
				return nil, fmt.Errorf("strokedata: %s: %w", base, err)
			}
			continue
		}
		name, ok := strings.CutSuffix(base, ".json")
		r, n := utf8.DecodeRuneInString(name)
		if !ok || n != len(name) || !want(r) {
			continue
		}
		if d.Strokes[r], err = decode(t); err != nil {
			return nil, fmt.Errorf("strokedata: %s: %w", base, err)
		}
	}
}

// decode reads one character. Its places lie on a square of 1024, x from the left
// and y upwards, from 900 at the top to −124.
func decode(r io.Reader) ([]handwriting.Stroke, error) {
	var c struct {
		Medians [][][2]float64 `json:"medians"`
	}
	if err := json.NewDecoder(r).Decode(&c); err != nil {
		return nil, err
	}
	var out []handwriting.Stroke
	for _, m := range c.Medians {
		var s handwriting.Stroke
		for _, p := range m {
			s = append(s, handwriting.Point{X: int(p[0] * 1000 / 1024), Y: int((900 - p[1]) * 1000 / 1024)})
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, errors.New("no strokes")
	}
	return out, nil
}

// GB2312 says whether the character is one of the 6,763 of GB 2312-1980: all that
// names of matters are written with, and nearly all names of people and places.
func GB2312(r rune) bool {
	if r < 0x4E00 || r > 0x9FFF {
		return false
	}
	_, err := simplifiedchinese.HZGB2312.NewEncoder().String(string(r))
	return err == nil
}

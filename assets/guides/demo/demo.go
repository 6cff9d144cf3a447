// Package demo is the guide catalogue of the demonstration hall (assets/halls/demo.toml):
// made-up matters of invented departments, written by hand, one file a department,
// behind one that says what the catalogue is.
//
// The demonstration, the gallery of screens and tests show it, and it is an example
// of the format for halls that write their own. Nobody may be sent anywhere on its
// strength: Catalogue.Sample is set, so that screens and paper say 示例. Laws are
// named where they really are the basis of such a matter; limits, materials and
// fees follow common practice but no particular place's rules. Nothing in it was
// copied from published guides.
package demo

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"

	"github.com/BurntSushi/toml"

	"hallkiosk/app/guide"
)

//go:embed *.toml
var files embed.FS

// TOML is the whole catalogue as one file in the product's own format.
func TOML() []byte {
	names, err := fs.Glob(files, "*.toml")
	if err != nil {
		panic("demo: " + err.Error()) // only a bad pattern
	}
	var b bytes.Buffer
	for _, name := range names { // in order of name, which is that of the departments
		text, err := files.ReadFile(name)
		if err != nil {
			panic("demo: " + err.Error()) // it is compiled in
		}
		b.WriteByte('\n')
		b.Write(text)
	}
	return b.Bytes()
}

// Catalogue reads the catalogue. Every call returns one of its own. An error is a
// mistake in the files, which the tests of this package find.
func Catalogue() (*guide.Catalogue, error) {
	c := new(guide.Catalogue)
	meta, err := toml.Decode(string(TOML()), c)
	if err != nil {
		return nil, fmt.Errorf("demo: guides: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("demo: guides: unknown field %s", unknown[0])
	}
	return c, nil
}

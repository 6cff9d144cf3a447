package hall

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
)

// File is a hall file that can be used.
type File struct {
	Name string // as given to Parse or ReadFile
	Hall *Hall
	// Warnings are oddities that do not stop the hall from working.
	Warnings Problems
}

// ReadFile reads a hall file. The error is [Problems] when the file could be
// read but not used, else it wraps what the operating system said.
func ReadFile(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("hall: read hall file: %w", err)
	}
	return Parse(path, data)
}

// Parse reads a hall file from memory; name stands in the problems it reports.
// The file is TOML in UTF-8, with or without a byte order mark, its keys those
// of [Hall]. Unless the syntax itself is broken, the error, always [Problems],
// holds everything that is wrong or odd at once.
func Parse(name string, data []byte) (*File, error) {
	// Windows' Notepad writes a byte order mark.
	d := newDocument(name, bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	h := &Hall{TimeZone: defaultZone, CutOver: defaultCutOver}
	if values, ok := d.read(); ok {
		d.decode(reflect.ValueOf(h).Elem(), values, "")
		d.check(h)
	}
	problems := d.sorted()
	if len(problems.Errors()) > 0 {
		return nil, problems
	}
	return &File{Name: name, Hall: h, Warnings: problems}, nil
}

// defaultCutOver is an hour at which no hall is open.
const defaultCutOver = 3

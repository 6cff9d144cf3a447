package importer

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"hallkiosk/app/guide"
)

// Format is a format that catalogues are written in.
type Format string

// The formats. All hold everything a catalogue does: written and read again, it has
// the same revision.
const (
	TOML  Format = "toml"
	JSON  Format = "json"
	Excel Format = "xlsx"
	CSV   Format = "csv" // UTF-8 with a byte order mark, which Excel needs
)

// ErrFormat means that a format is none of those above.
var ErrFormat = errors.New("importer: no such format")

// Write writes a catalogue.
func Write(w io.Writer, f Format, c *guide.Catalogue) error {
	var data []byte
	var err error
	switch f {
	case TOML:
		data = formatTOML(c)
	case JSON:
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err = e.Encode(c)
		data = b.Bytes()
	case Excel:
		data, err = formatExcel(c)
	case CSV:
		data, err = formatCSV(c)
	default:
		return fmt.Errorf("%w: %q; there are toml, json, xlsx and csv", ErrFormat, f)
	}
	if err == nil {
		_, err = w.Write(data)
	}
	if err != nil {
		return fmt.Errorf("importer: write %s: %w", f, err)
	}
	return nil
}

// formatTOML writes what people edit: parts of a guide on one line each, empty values
// left out. The encoders of the TOML libraries give every value a line.
func formatTOML(c *guide.Catalogue) []byte {
	var b bytes.Buffer
	if c.Sample {
		b.WriteString("sample = true\n")
	}
	if c.Source != "" {
		fmt.Fprintf(&b, "source = %s\n", quote(c.Source))
	}
	if len(c.Synonyms) > 0 {
		b.WriteString("synonyms = ")
		value(&b, reflect.ValueOf(c.Synonyms), true)
		b.WriteByte('\n')
	}
	for i := range c.Guides {
		b.WriteString("\n[[guides]]\n")
		v := reflect.ValueOf(&c.Guides[i]).Elem()
		for j := range v.NumField() {
			if f := v.Field(j); !empty(f) {
				fmt.Fprintf(&b, "%s = ", v.Type().Field(j).Tag.Get("toml"))
				value(&b, f, true)
				b.WriteByte('\n')
			}
		}
	}
	return b.Bytes()
}

func empty(v reflect.Value) bool {
	return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
}

// value writes a value; a list that is long, or one of tables, a line for each.
func value(b *bytes.Buffer, v reflect.Value, outer bool) {
	switch v.Kind() {
	case reflect.String:
		b.WriteString(quote(v.String()))
	case reflect.Int:
		b.WriteString(strconv.FormatInt(v.Int(), 10))
	case reflect.Float32:
		s := strconv.FormatFloat(v.Float(), 'f', -1, 32)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		b.WriteString(s)
	case reflect.Bool:
		b.WriteString(strconv.FormatBool(v.Bool()))
	case reflect.Pointer:
		value(b, v.Elem(), outer)
	case reflect.Struct:
		b.WriteByte('{')
		separator := " "
		for i := range v.NumField() {
			f := v.Field(i)
			if empty(f) {
				continue
			}
			b.WriteString(separator + v.Type().Field(i).Tag.Get("toml") + " = ")
			value(b, f, false)
			separator = ", "
		}
		b.WriteString(" }")
	case reflect.Slice:
		lines := outer && (v.Type().Elem().Kind() == reflect.Struct || width(v) > 80)
		b.WriteByte('[')
		for i := range v.Len() {
			switch {
			case lines:
				b.WriteString("\n  ")
			case i > 0:
				b.WriteString(", ")
			}
			value(b, v.Index(i), false)
			if lines {
				b.WriteByte(',')
			}
		}
		if lines {
			b.WriteByte('\n')
		}
		b.WriteByte(']')
	}
}

func width(v reflect.Value) (n int) {
	for i := range v.Len() {
		n += v.Index(i).Len() + 4
	}
	return n
}

// quote returns s as a TOML basic string (TOML 1.0, String).
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7F:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// headRows are the rows above the titles of a table: what is said of the catalogue.
func headRows(c *guide.Catalogue) (rows [][]string) {
	if c.Sample {
		rows = append(rows, []string{"#示例", "是"})
	}
	if c.Source != "" {
		rows = append(rows, []string{"#来源", c.Source})
	}
	for _, s := range c.Synonyms {
		rows = append(rows, []string{"#常用说法", s})
	}
	return rows
}

// titled are the columns that are written.
func titled(columns []column) (out []column) {
	for _, c := range columns {
		if c.title != "" && c.get != nil {
			out = append(out, c)
		}
	}
	return out
}

// formatCSV writes all columns in one table: the rows below a guide's first have its
// code alone and further parts.
func formatCSV(c *guide.Catalogue) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	for _, row := range headRows(c) {
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	matter, all := titled(matterColumns()), parts()
	var titles []string
	for _, c := range matter {
		titles = append(titles, c.title)
	}
	for i := range all {
		all[i].columns = titled(all[i].columns)
		for _, c := range all[i].columns {
			titles = append(titles, c.title)
		}
	}
	if err := w.Write(titles); err != nil {
		return nil, err
	}
	for i := range c.Guides {
		g := &c.Guides[i]
		rows := 1
		for _, p := range all {
			rows = max(rows, p.count(g))
		}
		for row := range rows {
			var cells []string
			for _, c := range matter {
				s := ""
				if row == 0 || c.key == "id" {
					s = c.get(g, 0)
				}
				cells = append(cells, harmless(s))
			}
			for _, p := range all {
				for _, c := range p.columns {
					s := ""
					if row < p.count(g) {
						s = c.get(g, row)
					}
					cells = append(cells, harmless(s))
				}
			}
			if err := w.Write(cells); err != nil {
				return nil, err
			}
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// harmless keeps a spreadsheet that opens a CSV from taking a text for a formula, and
// a long code for a number: a tab before it, which reading takes away again.
func harmless(s string) string {
	if s == "" {
		return s
	}
	digits := len(s) > 11 && strings.Trim(s, "0123456789") == ""
	if digits || strings.ContainsRune("=+-@", rune(s[0])) {
		return "\t" + s
	}
	return s
}

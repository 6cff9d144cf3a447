// Package importer reads catalogues of service guides from the files that halls
// have, and writes them again. `hallcentral guides` uses it, and whatever needs a
// catalogue that is in a file.
//
// # Formats
//
// The format is told by content, and by the extension where that leaves doubts:
//
//   - the product's own TOML and JSON (the keys of [guide.Catalogue]), strict;
//   - Excel workbooks (.xlsx) and CSV (UTF-8 with or without a byte order mark,
//     GB18030, UTF-16), by the titles of their columns: see [Mapping]. A workbook has
//     a sheet with a row for each matter, and sheets for materials, steps, charges,
//     forms and questions that name the matter's code; a CSV has all columns in one
//     table, where a row without a name continues the matter above. [Template] makes
//     a workbook to fill in;
//   - two shapes of published data: a list of departments and items with their links
//     (v-luobo/zwfw), and guides one JSON object a line, as a province's portal gives
//     them (Clarence-Kong/QABasedOnPolicyKnowledgeGraph).
//
// A folder stands for all such files in it.
//
// # What becomes of what is read
//
// Nothing is left out silently: every guide read is accepted, accepted with
// warnings, or refused, and [Counts] adds up; every [guide.Problem] has a place
// (file and line, or sheet and cell) and a cure; columns and keys that a guide has no
// place for are named with the number of their values. Refused guides are not in
// the catalogue, because nothing that [guide.Check] calls an error may be shown.
//
// Texts are tidied: blanks around them, carriage returns and invisible characters
// go, web markup goes with a warning. Characters of the private use area stay, with a
// warning, as nobody but the author knows what they were to be.
//
// Input is hostile until read: files are at most [MaxFile] bytes, workbooks are
// weighed before they are unpacked, trees and tables have bounds, and no input panics.
//
// Workbooks are read and written with excelize, the only maintained library for both
// with drop-downs (tealeg/xlsx is archived; parsing the XML by hand would save the
// memory of its tables, but cost the quirks it knows).
package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hallkiosk/app/guide"
)

// Bounds of what is read.
const (
	MaxFile   = 64 << 20 // bytes
	MaxGuides = 20_000
)

// Options says what the files do not. The zero value is usable.
type Options struct {
	// Mapping says what the columns of tables mean; nil = the usual titles.
	Mapping *Mapping
	// Businesses are the Business.IDs of the hall, for checking; nil = any.
	Businesses []string
	// Today is the date against which guides are old; zero = not looked at.
	Today time.Time
}

// Counts says what became of the guides of a file: Read = Accepted + Refused.
type Counts struct {
	Read     int
	Accepted int // those with warnings included
	Warned   int // accepted with warnings
	Refused  int
	// Rules are the problems by rule, errors first, then the most frequent.
	Rules []RuleCount
}

// RuleCount is how often one rule was broken.
type RuleCount struct {
	Rule    string // guide.Problem.Rule
	Warning bool
	Count   int
}

// Errors is the number of problems that are errors.
func (c Counts) Errors() int { return c.sum(false) }

// Warnings is the number of problems that are warnings.
func (c Counts) Warnings() int { return c.sum(true) }

func (c Counts) sum(warning bool) (n int) {
	for _, r := range c.Rules {
		if r.Warning == warning {
			n += r.Count
		}
	}
	return n
}

// Read reads a file, or every file of a folder as one catalogue. The catalogue holds
// the accepted guides in the order of the file. The error says why there is none at
// all: the file cannot be read, is too large, or is of no known format; problems
// that say where then still come with it.
func Read(file string, o Options) (*guide.Catalogue, []guide.Problem, Counts, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, nil, Counts{}, fmt.Errorf("importer: %w", err)
	}
	if info.IsDir() {
		return ReadFS(os.DirFS(file), ".", o)
	}
	data, err := readBounded(os.Open(file))
	if err != nil {
		return nil, nil, Counts{}, fmt.Errorf("importer: %s: %w", file, err)
	}
	return Parse(filepath.Base(file), data, o)
}

// ReadFS reads every file of a folder of a file system as one catalogue, in the
// order of their names. Files of other extensions than those of the formats are left
// alone.
func ReadFS(fsys fs.FS, dir string, o Options) (*guide.Catalogue, []guide.Problem, Counts, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, nil, Counts{}, fmt.Errorf("importer: %w", err)
	}
	r := newReading(o)
	files := 0
	for _, e := range entries {
		if e.IsDir() || !slices.Contains(extensions, strings.ToLower(path.Ext(e.Name()))) {
			continue
		}
		files++
		data, err := readBounded(fsys.Open(path.Join(dir, e.Name())))
		if err == nil {
			err = r.file(e.Name(), data)
		}
		if err != nil {
			return nil, r.problems(), Counts{}, fmt.Errorf("importer: %s: %w", e.Name(), err)
		}
	}
	if files == 0 {
		return nil, nil, Counts{}, fmt.Errorf("importer: %s: no file of guides in this folder", dir)
	}
	return r.finish()
}

// Parse reads a file that is in memory; name stands in the problems, and its
// extension helps to tell the format.
func Parse(name string, data []byte, o Options) (*guide.Catalogue, []guide.Problem, Counts, error) {
	r := newReading(o)
	if err := r.file(name, data); err != nil {
		return nil, r.problems(), Counts{}, fmt.Errorf("importer: %s: %w", name, err)
	}
	return r.finish()
}

var extensions = []string{".toml", ".json", ".jsonl", ".xlsx", ".csv"}

func readBounded(f fs.File, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err == nil && len(data) > MaxFile {
		err = fmt.Errorf("larger than %d MiB", MaxFile>>20)
	}
	return data, err
}

// reading is a catalogue while its files are read.
type reading struct {
	options Options
	head    guide.Catalogue // without its guides
	guides  []*draft
	loose   []guide.Problem // of no single guide
}

// draft is a guide while it is read.
type draft struct {
	guide.Guide
	place  func(line, column int) string
	line   int // where it begins
	column int // of tables; -1 = the whole row
	// fields is where fields stand that are not on the line the guide begins on.
	fields   []fieldPlace
	problems []guide.Problem
	unusable bool // nothing to check: only its problems count

	// Of tables: whether it says that something is charged, and the cells of its
	// first row, by column.
	charged *bool
	sheet   *sheet
	first   map[int]string
}

type fieldPlace struct {
	field        string // as Problem.Field
	place        func(line, column int) string
	line, column int
}

// where is where a field of the guide stands.
func (d *draft) where(field string) string {
	for _, f := range d.fields {
		if f.field == field {
			return f.place(f.line, f.column)
		}
	}
	if strings.HasPrefix(field, "材料第") {
		return d.where("材料")
	}
	return d.place(d.line, d.column)
}

// stands notes where a field begins.
func (d *draft) stands(field string, line, column int) {
	d.standsAt(field, d.place, line, column)
}

// standsAt is stands for a field in another sheet than the guide.
func (d *draft) standsAt(field string, place func(line, column int) string, line, column int) {
	d.fields = append(d.fields, fieldPlace{field, place, line, column})
}

// problem notes something wrong with the guide.
func (d *draft) problem(p guide.Problem) { d.problems = append(d.problems, p) }

func newReading(o Options) *reading { return &reading{options: o} }

// file reads one file into the catalogue.
func (r *reading) file(name string, data []byte) error {
	if len(data) > MaxFile {
		return fmt.Errorf("larger than %d MiB", MaxFile>>20)
	}
	return r.parse(name, data)
}

func (r *reading) problem(p guide.Problem) { r.loose = append(r.loose, p) }

// syntax is a problem of a file as a whole.
func (r *reading) syntax(name string, err error) error {
	s, ok := errors.AsType[*syntaxError](err)
	if !ok {
		return err
	}
	place := name
	if s.line > 0 {
		place = fmt.Sprintf("%s:%d", name, s.line)
	}
	r.problem(guide.Problem{Place: place, Rule: "文件读不懂", Field: "文件", Message: s.message, Cure: s.cure})
	return s
}

// lined makes places of files with lines.
func lined(name string) func(line, column int) string {
	return func(line, _ int) string {
		if line <= 0 {
			return name
		}
		return fmt.Sprintf("%s:%d", name, line)
	}
}

// add takes in a guide that was read; false when there are too many.
func (r *reading) add(d *draft) bool {
	r.guides = append(r.guides, d)
	return len(r.guides) <= MaxGuides
}

var errTooManyGuides = fmt.Errorf("more than %d guides", MaxGuides)

// finish checks the guides and sorts out those that cannot be used.
func (r *reading) finish() (*guide.Catalogue, []guide.Problem, Counts, error) {
	all := &guide.Catalogue{Sample: r.head.Sample, Source: r.head.Source, Synonyms: r.head.Synonyms}
	var usable []*draft
	for _, d := range r.guides {
		if !d.unusable {
			usable = append(usable, d)
			all.Guides = append(all.Guides, d.Guide)
		}
	}
	guide.CheckEach(all, guide.Known{
		Businesses: r.options.Businesses, Today: r.options.Today,
		Place: func(i int, field string) string { return usable[i].where(field) },
	}, func(i int, p guide.Problem) { usable[i].problem(p) })
	counts := Counts{Read: len(r.guides)}
	all.Guides = nil
	for _, d := range r.guides {
		bad := d.unusable
		for _, p := range d.problems {
			bad = bad || !p.Warning
		}
		switch {
		case bad:
			counts.Refused++
		case len(d.problems) > 0:
			counts.Warned++
			fallthrough
		default:
			counts.Accepted++
			all.Guides = append(all.Guides, d.Guide)
		}
	}
	problems := r.problems()
	counts.Rules = byRule(problems)
	return all, problems, counts, nil
}

// problems are all that were found: those of the files, then guide by guide.
func (r *reading) problems() []guide.Problem {
	out := slices.Clone(r.loose)
	for _, d := range r.guides {
		for _, p := range d.problems {
			if p.Guide == "" {
				p.Guide = d.Name
			}
			if p.Guide == "" {
				p.Guide = d.ID
			}
			out = append(out, p)
		}
	}
	return out
}

func byRule(problems []guide.Problem) []RuleCount {
	var out []RuleCount
	at := map[RuleCount]int{}
	for _, p := range problems {
		key := RuleCount{Rule: p.Rule, Warning: p.Warning}
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, key)
		}
		out[i].Count++
	}
	slices.SortStableFunc(out, func(a, b RuleCount) int {
		if a.Warning != b.Warning {
			if b.Warning {
				return -1
			}
			return 1
		}
		return b.Count - a.Count
	})
	return out
}

// short is a text that can stand in a message.
func short(s string) string {
	const most = 24
	s = strings.ToValidUTF8(s, "\ufffd")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// parse tells the format and reads the file.
func (r *reading) parse(name string, data []byte) error {
	extension := strings.ToLower(path.Ext(name))
	start := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\uFEFF")), " \t\r\n")
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return r.excel(name, data)
	case bytes.HasPrefix(data, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		return r.syntax(name, &syntaxError{message: "是旧版 Excel 文件（.xls），或加了密码。", cure: "去掉密码，另存为“Excel 工作簿（.xlsx）”。"})
	case extension == ".xlsx" || extension == ".xls":
		return r.syntax(name, &syntaxError{message: "不是 Excel 文件，或已经损坏。", cure: "用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”。"})
	case extension == ".csv":
		return r.csv(name, data)
	case extension == ".toml":
		return r.toml(name, data)
	case bytes.HasPrefix(start, []byte("{")) || bytes.HasPrefix(start, []byte("[{")) || extension == ".json" || extension == ".jsonl":
		return r.json(name, data)
	case len(start) == 0:
		return r.syntax(name, &syntaxError{message: "文件是空的。", cure: "换成有内容的文件。"})
	case bytes.HasPrefix(start, []byte("[")) || bytes.HasPrefix(start, []byte("#")) || bytes.Contains(data, []byte("[[guides]]")):
		return r.toml(name, data)
	}
	return r.csv(name, data)
}

package importer

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"hallkiosk/app/guide"
)

// Bounds of a workbook. Excelize turns every element of its XML into Go values, so
// elements are counted before it sees the file.
const (
	maxUnpacked = 256 << 20 // bytes
	maxElements = 5_000_000 // 5,000 guides that use every field have about three million
	maxParts    = 2_000     // files in the archive
	maxSheets   = 64
)

var errBroken = &syntaxError{message: "不是 Excel 文件，或已经损坏。", cure: "用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”。"}

// excel reads a workbook.
func (r *reading) excel(name string, data []byte) error {
	facts, err := weigh(data)
	if err != nil {
		return r.syntax(name, err)
	}
	sheets, err := openSheets(name, data, facts)
	if err != nil {
		return r.syntax(name, err)
	}
	return r.sheets(name, sheets)
}

// openSheets reads the sheets with excelize. What it cannot read is broken; it is
// known to panic on some broken files, which then are that, too.
func openSheets(name string, data []byte, facts map[string]*sheetFacts) (sheets []*sheet, err error) {
	defer func() {
		if p := recover(); p != nil {
			sheets, err = nil, errBroken
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked,
	})
	if err != nil {
		return nil, errBroken
	}
	defer book.Close()
	for _, title := range book.GetSheetList() {
		if len(sheets) == maxSheets {
			return nil, errTooMuch
		}
		rows, err := book.Rows(title)
		if err != nil {
			continue // a chart
		}
		s := &sheet{name: title, remarks: map[[2]int][]guide.Problem{}}
		s.place = func(row, column int) string {
			if column < 0 {
				return fmt.Sprintf("%s %s!%d", name, title, row+1)
			}
			return fmt.Sprintf("%s %s!%s%d", name, title, columnName(column), row+1)
		}
		for rows.Next() {
			cells, err := rows.Columns()
			if err != nil {
				rows.Close()
				return nil, errBroken
			}
			if len(s.rows) >= maxRows {
				if blank(cells) { // formatted and empty, as far down as there are rows
					continue
				}
				rows.Close()
				return nil, errTooMuch
			}
			s.rows = append(s.rows, cells[:min(len(cells), maxColumns):min(len(cells), maxColumns)])
		}
		if err := rows.Error(); err != nil {
			return nil, errBroken
		}
		if f := facts[title]; f != nil {
			s.resolve(f)
		}
		s.odd()
		sheets = append(sheets, s)
	}
	return sheets, nil
}

// sheetFacts is what excelize tells of a sheet only cell by cell.
type sheetFacts struct {
	formulas []string // cells
	merges   []string // ranges
}

// weigh counts what is in the archive and finds formulas and merged cells, without
// keeping anything else. Its error is a *syntaxError.
func weigh(data []byte) (map[string]*sheetFacts, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, errBroken
	}
	var size uint64
	names := map[string]string{} // sheet title by file
	elements := 0
	for _, f := range archive.File {
		// A reader of the archive refuses files that are longer than they say.
		size += min(f.UncompressedSize64, maxUnpacked+1) // no overflow
		if size > maxUnpacked || len(archive.File) > maxParts {
			return nil, errTooMuch
		}
	}
	files := map[string]*zip.File{}
	for _, f := range archive.File {
		files[strings.TrimPrefix(f.Name, "/")] = f
		n, err := countElements(f)
		if elements += n; err != nil || elements > maxElements {
			if err == nil {
				err = errTooMuch
			}
			return nil, err
		}
	}
	if err := sheetFiles(files, names); err != nil {
		return nil, err
	}
	out := map[string]*sheetFacts{}
	for file, title := range names {
		if f := files[file]; f != nil {
			facts, err := scanSheet(f)
			if err != nil {
				return nil, err
			}
			out[title] = facts
		}
	}
	return out, nil
}

func countElements(f *zip.File) (n int, err error) {
	in, err := f.Open()
	if err != nil {
		return 0, errBroken
	}
	defer in.Close()
	buffer := make([]byte, 64<<10)
	for {
		k, err := in.Read(buffer)
		if strings.HasSuffix(f.Name, ".xml") || strings.HasSuffix(f.Name, ".rels") {
			n += bytes.Count(buffer[:k], []byte{'<'})
		}
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, errBroken
		}
	}
}

// sheetFiles finds the file of every sheet (ECMA-376 part 1, 12.3.23 and part 2, 9.3).
func sheetFiles(files map[string]*zip.File, names map[string]string) error {
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		Relationship []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		}
	}
	for name, into := range map[string]any{"xl/workbook.xml": &book, "xl/_rels/workbook.xml.rels": &links} {
		f := files[name]
		if f == nil {
			return nil // no workbook as everybody writes them: excelize says what it is
		}
		in, err := f.Open()
		if err != nil {
			return errBroken
		}
		err = xml.NewDecoder(in).Decode(into)
		in.Close()
		if err != nil {
			return errBroken
		}
	}
	for _, s := range book.Sheets {
		for _, l := range links.Relationship {
			if l.ID != s.ID {
				continue
			}
			file := strings.TrimPrefix(l.Target, "/")
			if !strings.HasPrefix(l.Target, "/") {
				file = path.Join("xl", l.Target)
			}
			names[file] = s.Name
		}
	}
	return nil
}

// scanSheet reads the XML of a sheet for formulas and merged cells.
func scanSheet(f *zip.File) (*sheetFacts, error) {
	in, err := f.Open()
	if err != nil {
		return nil, errBroken
	}
	defer in.Close()
	facts := &sheetFacts{}
	d := xml.NewDecoder(in)
	d.Strict = false
	cell := ""
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return facts, nil
		}
		if err != nil {
			return nil, errBroken
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "c":
			cell = attribute(e, "r")
			if column, _, err := excelize.CellNameToCoordinates(cell); cell != "" && (err != nil || column > 702) {
				// Excelize would make every cell before it.
				return nil, &syntaxError{message: "列太多：最多到 ZZ 列。", cure: "把用不着的列删掉，另存一次。"}
			}
		case "f":
			facts.formulas = append(facts.formulas, cell)
		case "mergeCell":
			facts.merges = append(facts.merges, attribute(e, "ref"))
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// resolve gives every cell of a merged range of rows the value of the first, and
// remarks on formulas and on ranges of several columns.
func (s *sheet) resolve(f *sheetFacts) {
	for _, ref := range f.formulas {
		column, row, err := excelize.CellNameToCoordinates(ref)
		if err != nil {
			continue
		}
		at := [2]int{row - 1, column - 1}
		s.remarks[at] = append(s.remarks[at], guide.Problem{Rule: "公式", Warning: true,
			Message: "是公式，用了表格里存着的结果。", Cure: "复制后“选择性粘贴”成数值，免得结果过时。"})
	}
	filled := 0
	for _, ref := range f.merges {
		from, to, ok := strings.Cut(ref, ":")
		left, top, err := excelize.CellNameToCoordinates(from)
		right, bottom, err2 := excelize.CellNameToCoordinates(to)
		if !ok || err != nil || err2 != nil || right < left || bottom < top || top > len(s.rows) {
			continue
		}
		value := s.at(top-1, left-1)
		if right > left {
			at := [2]int{top - 1, left - 1}
			s.remarks[at] = append(s.remarks[at], guide.Problem{Rule: "合并的单元格", Warning: true,
				Message: fmt.Sprintf("%s 合并了几列，内容只算在第一列。", ref), Cure: "取消合并，每一格填自己的内容。"})
		}
		if value == "" || left > maxColumns {
			continue
		}
		for row := top; row < bottom && row < len(s.rows) && filled < maxNodes; row++ {
			for len(s.rows[row]) < left {
				s.rows[row] = append(s.rows[row], "")
			}
			s.rows[row][left-1] = value
			filled += left
		}
	}
}

var (
	lostDigits = regexp.MustCompile(`^\d(\.\d+)?E\+(\d+)$`)
	errorValue = regexp.MustCompile(`^#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)$`)
)

// odd remarks on values that are not what was typed.
func (s *sheet) odd() {
	for i, row := range s.rows {
		for j, v := range row {
			at := [2]int{i, j}
			switch {
			case len(v) > 6 && lostDigits.MatchString(v):
				if n, err := strconv.ParseFloat(v, 64); err == nil && n < 1e15 {
					s.rows[i][j] = strconv.FormatFloat(n, 'f', -1, 64)
					continue
				}
				s.remarks[at] = append(s.remarks[at], guide.Problem{Rule: "长数字变了样",
					Message: fmt.Sprintf("“%s”：表格把长数字当成数值，末几位已经丢了。", v), Cure: "这一列设成“文本”格式，重新输入。"})
			case len(v) > 3 && v[0] == '#' && errorValue.MatchString(v):
				s.remarks[at] = append(s.remarks[at], guide.Problem{Rule: "公式出错",
					Message: fmt.Sprintf("公式的结果是 %s。", v), Cure: "改好公式，或直接填内容。"})
				s.rows[i][j] = ""
			}
		}
	}
}

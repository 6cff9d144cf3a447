package importer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
)

// csv reads a table of comma, semicolon or tab separated values.
func (r *reading) csv(name string, data []byte) error {
	text, err := decodeText(data)
	if err != nil {
		return r.syntax(name, err)
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	in := csv.NewReader(bytes.NewReader(text))
	// Not lazy about quotes: one that is not closed would swallow the rows below.
	in.FieldsPerRecord = -1
	for _, other := range []rune{'\t', ';', '；'} {
		if bytes.Count(first, []byte(string(other))) > bytes.Count(first, []byte(string(in.Comma))) {
			in.Comma = other
		}
	}
	s := &sheet{}
	var lineOf []int
	values := 0
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line := 0
			if p, ok := errors.AsType[*csv.ParseError](err); ok {
				line = p.StartLine
			}
			return r.syntax(name, &syntaxError{line: line, message: "引号不成对。", cure: "文字里的双引号写成两个，整格用双引号括起来；或用 Excel 另存一次。"})
		}
		line, _ := in.FieldPos(0)
		if values += len(row); len(s.rows) >= maxRows || values > maxValues {
			return r.syntax(name, errTooMuch)
		}
		s.rows, lineOf = append(s.rows, row), append(lineOf, line)
	}
	s.place = func(row, column int) string {
		if row >= len(lineOf) {
			return name
		}
		if column < 0 {
			return fmt.Sprintf("%s:%d", name, lineOf[row])
		}
		return fmt.Sprintf("%s:%d:%s列", name, lineOf[row], columnName(column))
	}
	return r.sheets(name, []*sheet{s})
}

// columnName is a column as spreadsheets call it: A … Z, AA.
func columnName(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}

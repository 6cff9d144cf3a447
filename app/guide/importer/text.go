package importer

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// decodeText returns a file as UTF-8: from UTF-8 with or without a byte order mark,
// from UTF-16 with one, else from GB18030, in which Chinese spreadsheets save CSV.
func decodeText(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xEF\xBB\xBF")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		return fromUTF16(data)
	}
	if utf8.Valid(data) {
		return data, nil
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err == nil && !bytes.ContainsRune(text, utf8.RuneError) {
		return text, nil
	}
	bad, line := 0, 1
	for bad < len(data) {
		r, n := utf8.DecodeRune(data[bad:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		bad += n
	}
	return nil, &syntaxError{line: line, message: "既不是 UTF-8 也不是 GB18030 编码。", cure: "用 Excel、WPS 或记事本打开，另存为 UTF-8 编码（Excel 里选“CSV UTF-8”）。"}
}

func fromUTF16(data []byte) ([]byte, error) {
	big := data[0] == 0xFE
	if len(data)%2 != 0 {
		return nil, &syntaxError{message: "UTF-16 文件不完整。", cure: "重新导出一份，选 UTF-8 编码。"}
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i < len(data); i += 2 {
		a, b := uint16(data[i]), uint16(data[i+1])
		if big {
			units = append(units, a<<8|b)
		} else {
			units = append(units, b<<8|a)
		}
	}
	return []byte(string(utf16.Decode(units))), nil
}

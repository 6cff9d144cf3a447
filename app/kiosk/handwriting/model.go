package handwriting

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"unicode/utf8"
)

// The model file, all numbers little-endian: the eight bytes of magic; the length
// of a notice in bytes (4) and the notice, for people who open the file; how many
// characters there are (4); for each its code point (4) and its numbers (size
// bytes), in ascending order; the CRC-32 (IEEE) of everything before (4). Another
// way of making the numbers is another magic.
const (
	magic    = "hkhand01"
	record   = 4 + size
	mostRead = 100_000 // characters
)

// Template is a character as it is written well.
type Template struct {
	Char    rune
	Strokes []Stroke
}

// WriteModel writes the model of the characters, which ascend and of which each has
// ink. The notice says where they come from and under which licence.
func WriteModel(w io.Writer, notice string, templates []Template) error {
	var b bytes.Buffer
	b.WriteString(magic)
	number := func(v int) { b.Write(binary.LittleEndian.AppendUint32(nil, uint32(v))) }
	number(len(notice))
	b.WriteString(notice)
	number(len(templates))
	var k ink
	var q [size]int32
	for i, t := range templates {
		if i > 0 && t.Char <= templates[i-1].Char {
			return fmt.Errorf("handwriting: %q after %q: characters do not ascend", t.Char, templates[i-1].Char)
		}
		if !k.lay(t.Strokes) {
			return fmt.Errorf("handwriting: %q has no strokes", t.Char)
		}
		quantise(&k.cells, &q)
		number(int(t.Char))
		for _, v := range q {
			b.WriteByte(uint8(v))
		}
	}
	number(int(crc32.ChecksumIEEE(b.Bytes())))
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("handwriting: writing the model: %w", err)
	}
	return nil
}

// model is a model file, looked into where it lies.
type model struct {
	chars   []rune
	records []byte
	lengths []float32 // of the vectors
}

// at returns the numbers of the i-th character.
func (m *model) at(i int) []uint8 { return m.records[i*record+4 : (i+1)*record] }

func readModel(b []byte) (*model, error) {
	if len(b) < len(magic)+12 || string(b[:len(magic)]) != magic {
		return nil, errors.New("not a model of this version")
	}
	body, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if crc32.ChecksumIEEE(body) != sum {
		return nil, errors.New("damaged: the checksum is wrong")
	}
	rest := body[len(magic):]
	n := binary.LittleEndian.Uint32(rest)
	rest = rest[4:]
	if uint64(n)+4 > uint64(len(rest)) {
		return nil, errors.New("the notice is longer than the file")
	}
	rest = rest[n:]
	count := binary.LittleEndian.Uint32(rest)
	rest = rest[4:]
	if count == 0 || count > mostRead || len(rest) != int(count)*record {
		return nil, fmt.Errorf("%d characters in %d bytes", count, len(rest))
	}
	m := &model{chars: make([]rune, count), lengths: make([]float32, count), records: rest}
	for i := range m.chars {
		c := rune(binary.LittleEndian.Uint32(rest[i*record:]))
		if !utf8.ValidRune(c) || i > 0 && c <= m.chars[i-1] {
			return nil, fmt.Errorf("character %d is %#x: want ascending code points", i, uint32(c))
		}
		var length float64
		for _, v := range m.at(i) {
			length += float64(v) * float64(v)
		}
		m.chars[i], m.lengths[i] = c, float32(math.Sqrt(max(length, 1)))
	}
	return m, nil
}

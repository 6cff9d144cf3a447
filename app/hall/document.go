package hall

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// document is a hall file while it is being read: its values, where each stands
// in the file, and what was found wrong so far.
//
// Libraries compared for this: BurntSushi/toml names undecoded keys but not
// where they stand; go-toml's strict decoder knows positions of unknown keys but
// stops at the first value of a wrong type. Both would make people run the check
// once per mistake. So the values come from go-toml as plain maps (which also
// settles syntax, doubled keys and tables), the positions from its parser, and
// the step from maps to Hall, which must report everything, is written here.
type document struct {
	name     string
	problems Problems
	data     []byte
	lines    []int          // offset at which each line begins
	offsets  map[string]int // path → offset of its key, table header or element
	// malformed holds the paths whose values were refused while decoding: the
	// rules then say nothing more about them.
	malformed map[string]bool
}

// position is a place in a file, counted from 1.
type position struct{ line, column int }

func newDocument(name string, data []byte) *document {
	d := &document{
		name: name, data: data, lines: []int{0},
		offsets: map[string]int{}, malformed: map[string]bool{},
	}
	for i, c := range data {
		if c == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	return d
}

// at returns the place of an offset.
func (d *document) at(offset int) position {
	line := sort.Search(len(d.lines), func(i int) bool { return d.lines[i] > offset })
	column := utf8.RuneCount(d.data[d.lines[line-1]:offset]) + 1
	return position{line, column}
}

// place returns where path stands, or the nearest value around it that stands
// anywhere.
func (d *document) place(path string) position {
	for path != "" {
		if offset, ok := d.offsets[path]; ok {
			return d.at(offset)
		}
		path = parent(path)
	}
	return position{}
}

// line returns the line path stands on, 0 if unknown.
func (d *document) line(path string) int { return d.place(path).line }

func (d *document) add(path string, warning bool, message, cure string) {
	pos := d.place(path)
	d.problems = append(d.problems, Problem{
		File: d.name, Line: pos.line, Column: pos.column, Path: path,
		Message: message, Cure: cure, Warning: warning,
	})
}

// fail reports an error at path, unless it or what it stands in was refused
// already.
func (d *document) fail(path, message, cure string) {
	for p := path; p != ""; p = parent(p) {
		if d.malformed[p] {
			return
		}
	}
	d.add(path, false, message, cure)
}

// spoilt reports whether path or anything in it could not be decoded.
func (d *document) spoilt(path string) bool {
	for p := range d.malformed {
		if strings.HasPrefix(p, path) {
			return true
		}
	}
	return false
}

// warn reports something odd at path.
func (d *document) warn(path, message, cure string) { d.add(path, true, message, cure) }

// refuse reports a value that could not be decoded.
func (d *document) refuse(path, message, cure string) {
	d.fail(path, message, cure)
	d.malformed[path] = true
}

// sorted returns the problems in file order, those without a place last.
func (d *document) sorted() Problems {
	slices.SortStableFunc(d.problems, func(a, b Problem) int {
		if (a.Line == 0) != (b.Line == 0) {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return d.problems
}

// read returns the file as plain values, or false after reporting why it is no
// TOML at all.
func (d *document) read() (map[string]any, bool) {
	if !utf8.Valid(d.data) {
		offset := 0
		for r, n := rune(0), 0; offset < len(d.data); offset += n {
			if r, n = utf8.DecodeRune(d.data[offset:]); r == utf8.RuneError && n == 1 {
				break
			}
		}
		d.syntax(d.at(offset), "文件不是 UTF-8 编码。", "用记事本打开，“另存为”时编码选“UTF-8”。")
		return nil, false
	}
	values := map[string]any{}
	if err := toml.Unmarshal(d.data, &values); err != nil {
		pos := position{1, 1}
		if e, ok := errors.AsType[*toml.DecodeError](err); ok {
			pos.line, pos.column = e.Position()
		}
		message, cure := d.explain(pos.line, err.Error())
		d.syntax(pos, message, cure)
		return nil, false
	}
	d.locate()
	return values, true
}

func (d *document) syntax(pos position, message, cure string) {
	d.problems = append(d.problems, Problem{
		File: d.name, Line: pos.line, Column: pos.column, Message: message, Cure: cure,
	})
}

// explain says in Chinese what go-toml found wrong on a line.
func (d *document) explain(line int, reason string) (message, cure string) {
	if strings.Contains(reason, "already") || strings.Contains(reason, "redefine") {
		return "同一个键或同一个部分写了两次。", "删去其中一个；列表里的一项要用两层方括号，例如 [[windows]]。"
	}
	text := d.data[d.lines[line-1]:]
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	if strings.ContainsAny(string(text), "“”‘’＝，【】［］｛｝") {
		return "这一行的写法不对，其中有中文标点。", `引号、等号、逗号和方括号要用英文半角的：" = , [ ]。`
	}
	return "这一行的写法不对。", `看看是不是少了引号、等号、逗号或方括号；文字要写在英文双引号里，例如 name = "3"。`
}

// locate fills offsets from the syntax tree. The file has been accepted by
// toml.Unmarshal, so errors cannot occur here.
func (d *document) locate() {
	var p unstable.Parser
	p.Reset(d.data)
	counts := map[string]int{} // tables seen so far in each list of tables
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.KeyValue:
			d.locateKeyValue(e, table)
		case unstable.Table, unstable.ArrayTable:
			path, offset := "", 0
			for it := e.Key(); it.Next(); {
				n := it.Node()
				if path == "" {
					offset = int(n.Raw.Offset)
				}
				path = join(path, string(n.Data))
				if it.IsLast() && e.Kind == unstable.ArrayTable {
					counts[path]++
				}
				d.stands(path, offset)
				if c := counts[path]; c > 0 {
					path = element(path, c)
					d.stands(path, offset)
				}
			}
			table = path
		}
	}
}

// stands notes where a path is mentioned first.
func (d *document) stands(path string, offset int) {
	if _, ok := d.offsets[path]; !ok {
		d.offsets[path] = offset
	}
}

func (d *document) locateKeyValue(kv *unstable.Node, table string) {
	path := table
	for it := kv.Key(); it.Next(); {
		path = join(path, string(it.Node().Data))
		d.stands(path, int(it.Node().Raw.Offset))
	}
	d.locateValue(kv.Value(), path)
}

func (d *document) locateValue(v *unstable.Node, path string) {
	switch v.Kind {
	case unstable.Array:
		i := 0
		for it := v.Children(); it.Next(); {
			i++
			child := element(path, i)
			if n := it.Node(); n.Raw.Length > 0 { // nested lists have no range of their own
				d.offsets[child] = int(n.Raw.Offset)
			}
			d.locateValue(it.Node(), child)
		}
	case unstable.InlineTable:
		for it := v.Children(); it.Next(); {
			d.locateKeyValue(it.Node(), path)
		}
	}
}

// join appends a key to a path; element appends a list index, counted from 1.
func join(path, key string) string {
	if strings.ContainsAny(key, `.[]" `) || key == "" {
		key = strconv.Quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

func element(path string, n int) string { return fmt.Sprintf("%s[%d]", path, n) }

// decode fills target, a Hall or part of one, from a plain value; what does not
// fit is reported and left zero.
func (d *document) decode(target reflect.Value, value any, path string) {
	switch target.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		d.decode(target.Elem(), value, path)
	case reflect.Struct:
		table, ok := value.(map[string]any)
		if !ok {
			d.refuse(path, fmt.Sprintf("“%s”应是一个部分，里面再写各项。", last(path)),
				fmt.Sprintf("写成单独的一行 [%s]，下面每行写一项。", bare(path)))
			return
		}
		d.decodeStruct(target, table, path)
	case reflect.Map:
		table, ok := value.(map[string]any)
		if !ok {
			d.refuse(path, fmt.Sprintf("“%s”应是一个部分，里面再写各项。", last(path)),
				fmt.Sprintf("写成单独的一行 [%s]，下面每行写一项。", bare(path)))
			return
		}
		target.Set(reflect.MakeMap(target.Type()))
		for _, key := range slices.Sorted(maps.Keys(table)) {
			elem := reflect.New(target.Type().Elem()).Elem()
			d.decode(elem, table[key], join(path, key))
			target.SetMapIndex(reflect.ValueOf(key), elem)
		}
	case reflect.Slice:
		list, ok := value.([]any)
		if !ok {
			cure := fmt.Sprintf(`写在方括号里，例如 %s = ["…", "…"]。`, last(path))
			if target.Type().Elem().Kind() == reflect.Struct {
				cure = fmt.Sprintf("每一项以单独的一行 [[%s]] 开头，两层方括号。", bare(path))
			}
			d.refuse(path, fmt.Sprintf("“%s”应是一个列表。", last(path)), cure)
			return
		}
		target.Set(reflect.MakeSlice(target.Type(), len(list), len(list)))
		for i, v := range list {
			d.decode(target.Index(i), v, element(path, i+1))
		}
	case reflect.Array: // of numbers: a place or a box on the plan
		list, ok := value.([]any)
		if !ok || len(list) != target.Len() {
			d.refuse(path, fmt.Sprintf("“%s”应是方括号里的 %d 个数。", last(path), target.Len()),
				fmt.Sprintf("例如 %s = [%s]，单位是米。", last(path), strings.Join([]string{"2", "3.5", "6", "4"}[:target.Len()], ", ")))
			return
		}
		for i, v := range list {
			d.decode(target.Index(i), v, element(path, i+1))
		}
	case reflect.Float64:
		switch v := value.(type) {
		case int64:
			target.SetFloat(float64(v))
		case float64:
			if math.IsNaN(v) || math.IsInf(v, 0) {
				d.refuse(path, fmt.Sprintf("“%s”不是一个可以用的数。", last(path)), "写普通的数，例如 3.5。")
				return
			}
			target.SetFloat(v)
		default:
			d.refuse(path, fmt.Sprintf("“%s”应是一个数。", last(path)), fmt.Sprintf("不加引号，例如 %s = 3.5。", last(path)))
		}
	case reflect.Int:
		n, ok := value.(int64)
		if !ok {
			d.refuse(path, fmt.Sprintf("“%s”应是一个整数。", last(path)),
				fmt.Sprintf("不加引号，例如 %s = 3。", last(path)))
			return
		}
		target.SetInt(n)
	case reflect.String:
		switch v := value.(type) {
		case string:
			target.SetString(v)
		case toml.LocalDate: // date = 2026-10-01 without quotes means the same
			target.SetString(v.String())
		default:
			d.refuse(path, fmt.Sprintf("“%s”应是写在引号里的文字。", last(path)), `加上英文双引号，例如 "3"。`)
		}
	}
}

func (d *document) decodeStruct(target reflect.Value, table map[string]any, path string) {
	fields := map[string]int{}
	var known []string
	for i := range target.NumField() {
		key := target.Type().Field(i).Tag.Get("toml")
		fields[key] = i
		known = append(known, key)
	}
	for _, key := range slices.Sorted(maps.Keys(table)) {
		child := join(path, key)
		i, ok := fields[key]
		if !ok {
			cure := "删去这一行，或改成这里可以用的键：" + strings.Join(known, "、") + "。"
			if n := nearest(key, known); n != "" {
				cure = fmt.Sprintf("是不是想写“%s”？", n)
			}
			d.fail(child, fmt.Sprintf("没有“%s”这个键。", key), cure)
			continue
		}
		d.decode(target.Field(i), table[key], child)
	}
}

// parent returns the path of what path stands in, "" for a top-level key.
func parent(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}

// last returns the last key of a path without an index.
func last(path string) string {
	path = bare(path)
	return path[strings.LastIndexByte(path, '.')+1:]
}

// bare returns a path as it stands in a table header: without indices.
func bare(path string) string {
	var b strings.Builder
	depth := 0
	for _, r := range path {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// A node is a value of a TOML or JSON file together with the line it stands on.
//
// Compared for this: BurntSushi/toml names undecoded keys without their lines;
// go-toml's strict decoder has lines but stops at the first value of a wrong type,
// encoding/json has neither. Whoever writes five hundred guides wants all mistakes
// at once, so the syntax comes from go-toml's parser and encoding/json's tokens,
// and the step from values to guides is [decoder].
type node struct {
	kind   nodeKind
	line   int
	text   string // of texts, dates and numbers as written
	yes    bool   // of booleans
	fields []field
	index  map[string]int // of fields, when there are many
	items  []*node
}

type field struct {
	key   string
	line  int
	value *node
}

type nodeKind uint8

const (
	nullNode nodeKind = iota
	textNode
	dateNode
	numberNode
	boolNode
	listNode
	tableNode
)

// Bounds of what is built in memory, far above any catalogue: 5,000 guides that use
// every field there is have about 600,000 values.
const (
	maxNodes = 2_000_000
	maxDepth = 24
)

// syntaxError is a file that is not what its format says.
type syntaxError struct {
	line    int // 0 = unknown
	message string
	cure    string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.message) }

var (
	errTooMuch = &syntaxError{message: "内容太多，或层次太深。", cure: "分成几个文件，放在一个文件夹里，整个文件夹一起读。"}
)

func (n *node) get(key string) (*node, bool) {
	i, ok := n.at(key)
	if !ok {
		return nil, false
	}
	return n.fields[i].value, true
}

func (n *node) at(key string) (int, bool) {
	if n.index != nil {
		i, ok := n.index[key]
		return i, ok
	}
	for i := range n.fields {
		if n.fields[i].key == key {
			return i, true
		}
	}
	return 0, false
}

func (n *node) put(key string, line int, value *node) {
	n.fields = append(n.fields, field{key, line, value})
	switch {
	case n.index != nil:
		n.index[key] = len(n.fields) - 1
	case len(n.fields) > 32:
		n.index = make(map[string]int, 2*len(n.fields))
		for i := range n.fields {
			n.index[n.fields[i].key] = i
		}
	}
}

// lines counts lines while a file is read from front to back.
type lines struct {
	data   []byte
	offset int
	line   int
}

func (l *lines) at(offset int) int {
	if offset < l.offset {
		return 1 + bytes.Count(l.data[:offset], []byte{'\n'})
	}
	l.line += bytes.Count(l.data[l.offset:offset], []byte{'\n'})
	l.offset = offset
	return l.line + 1
}

// parseTOML builds the tree of a TOML file.
func parseTOML(data []byte) (*node, error) {
	b := tomlBuilder{lines: lines{data: data}}
	b.parser.Reset(data)
	root := &node{kind: tableNode, line: 1}
	table := root
	for b.parser.NextExpression() {
		e := b.parser.Expression()
		var err error
		switch e.Kind {
		case unstable.KeyValue:
			err = b.keyValue(table, e, 0)
		case unstable.Table, unstable.ArrayTable:
			table, err = b.header(root, e)
		}
		if err != nil {
			return nil, err
		}
	}
	if b.parser.Error() == nil && b.count <= maxNodes {
		// What the syntax alone does not show: values and tables written twice.
		var values map[string]any
		err := toml.Unmarshal(data, &values)
		if err == nil {
			return root, nil
		}
	}
	return nil, explainTOML(data)
}

// explainTOML says in Chinese what go-toml finds wrong.
func explainTOML(data []byte) error {
	var values map[string]any
	err := toml.Unmarshal(data, &values)
	e := &syntaxError{line: 1, message: "这一行的写法不对。",
		cure: `看看是不是少了引号、等号、逗号或方括号；文字要写在英文双引号里。`}
	if d, ok := errors.AsType[*toml.DecodeError](err); ok {
		e.line, _ = d.Position()
	}
	var text string
	if all := bytes.SplitN(data, []byte{'\n'}, e.line+1); e.line >= 1 && e.line <= len(all) {
		text = string(all[e.line-1])
	}
	switch {
	case err != nil && (strings.Contains(err.Error(), "already") || strings.Contains(err.Error(), "redefine")):
		e.message, e.cure = "同一个键或同一个部分写了两次。", "删去其中一个；列表里的一项要用两层方括号，例如 [[guides]]。"
	case strings.ContainsAny(text, "“”‘’＝，【】［］｛｝"):
		e.message, e.cure = "这一行的写法不对，其中有中文标点。", `引号、等号、逗号和方括号要用英文半角的：" = , [ ]。`
	}
	return e
}

type tomlBuilder struct {
	parser unstable.Parser
	lines  lines
	count  int
}

func (b *tomlBuilder) node(kind nodeKind, line int) (*node, error) {
	if b.count++; b.count > maxNodes {
		return nil, errTooMuch
	}
	return &node{kind: kind, line: line}, nil
}

// header walks to the table that a [header] or [[header]] opens.
func (b *tomlBuilder) header(root *node, e *unstable.Node) (*node, error) {
	at := root
	for it := e.Key(); it.Next(); {
		key := string(it.Node().Data)
		line := b.lines.at(int(it.Node().Raw.Offset))
		last := it.IsLast()
		next, ok := at.get(key)
		if !ok {
			kind := tableNode
			if last && e.Kind == unstable.ArrayTable {
				kind = listNode
			}
			made, err := b.node(kind, line)
			if err != nil {
				return nil, err
			}
			at.put(key, line, made)
			next = made
		}
		if next.kind == listNode {
			if last && e.Kind == unstable.ArrayTable {
				made, err := b.node(tableNode, line)
				if err != nil {
					return nil, err
				}
				next.items = append(next.items, made)
			}
			if len(next.items) == 0 {
				return nil, explainTOML(b.lines.data)
			}
			next = next.items[len(next.items)-1]
		}
		if next.kind != tableNode {
			return nil, explainTOML(b.lines.data)
		}
		at = next
	}
	return at, nil
}

func (b *tomlBuilder) keyValue(table *node, kv *unstable.Node, depth int) error {
	at := table
	for it := kv.Key(); it.Next(); {
		key := string(it.Node().Data)
		line := b.lines.at(int(it.Node().Raw.Offset))
		next, ok := at.get(key)
		if it.IsLast() {
			if ok {
				return &syntaxError{line: line, message: fmt.Sprintf("“%s”写了两次。", short(key)), cure: "删去其中一个；列表里的一项要用两层方括号，例如 [[guides]]。"}
			}
			value, err := b.value(kv.Value(), line, depth)
			if err != nil {
				return err
			}
			at.put(key, line, value)
			return nil
		}
		if !ok {
			made, err := b.node(tableNode, line)
			if err != nil {
				return err
			}
			at.put(key, line, made)
			next = made
		}
		if next.kind != tableNode {
			return explainTOML(b.lines.data)
		}
		at = next
	}
	return nil
}

func (b *tomlBuilder) value(v *unstable.Node, line, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errTooMuch
	}
	if v.Raw.Length > 0 {
		line = b.lines.at(int(v.Raw.Offset))
	}
	n, err := b.node(nullNode, line)
	if err != nil {
		return nil, err
	}
	switch v.Kind {
	case unstable.String:
		n.kind, n.text = textNode, string(v.Data)
	case unstable.Bool:
		n.kind, n.yes = boolNode, string(v.Data) == "true"
	case unstable.Integer, unstable.Float:
		n.kind, n.text = numberNode, strings.ReplaceAll(string(v.Data), "_", "")
	case unstable.LocalDate, unstable.LocalDateTime, unstable.DateTime, unstable.LocalTime:
		n.kind, n.text = dateNode, string(v.Data)
	case unstable.Array:
		n.kind = listNode
		for it := v.Children(); it.Next(); {
			item, err := b.value(it.Node(), line, depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
	case unstable.InlineTable:
		n.kind = tableNode
		for it := v.Children(); it.Next(); {
			if it.Node().Kind != unstable.KeyValue {
				continue
			}
			if err := b.keyValue(n, it.Node(), depth+1); err != nil {
				return nil, err
			}
		}
	}
	return n, nil
}

// parseJSON builds the tree of one JSON value. firstLine is the line it begins on.
func parseJSON(data []byte, firstLine int) (*node, error) {
	b := jsonBuilder{decoder: json.NewDecoder(bytes.NewReader(data)), lines: lines{data: data}, first: firstLine}
	b.decoder.UseNumber()
	root, err := b.value(0)
	if err == nil {
		if _, more := b.decoder.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one value")
		}
	}
	if err == nil {
		return root, nil
	}
	if s, ok := errors.AsType[*syntaxError](err); ok {
		return nil, s
	}
	return nil, &syntaxError{line: b.line(), message: "不是完整的 JSON。", cure: "从原来的系统重新导出一份，不要手工改动引号、逗号和括号。"}
}

type jsonBuilder struct {
	decoder *json.Decoder
	lines   lines
	first   int
	count   int
}

func (b *jsonBuilder) line() int {
	return b.first - 1 + b.lines.at(min(int(b.decoder.InputOffset()), len(b.lines.data)))
}

func (b *jsonBuilder) value(depth int) (*node, error) {
	t, err := b.decoder.Token()
	if err != nil {
		return nil, err
	}
	if b.count++; b.count > maxNodes || depth > maxDepth {
		return nil, errTooMuch
	}
	n := &node{line: b.line()}
	switch v := t.(type) {
	case string:
		n.kind, n.text = textNode, v
	case json.Number:
		n.kind, n.text = numberNode, v.String()
	case bool:
		n.kind, n.yes = boolNode, v
	case json.Delim:
		n.kind = listNode
		if v == '{' {
			n.kind = tableNode
		}
		for b.decoder.More() {
			if err := b.member(n, depth); err != nil {
				return nil, err
			}
		}
		if _, err := b.decoder.Token(); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func (b *jsonBuilder) member(n *node, depth int) error {
	if n.kind == listNode {
		item, err := b.value(depth + 1)
		n.items = append(n.items, item)
		return err
	}
	t, err := b.decoder.Token()
	if err != nil {
		return err
	}
	key, _ := t.(string)
	line := b.line()
	value, err := b.value(depth + 1)
	if err != nil {
		return err
	}
	if _, twice := n.at(key); twice {
		return &syntaxError{line: line, message: fmt.Sprintf("“%s”写了两次。", short(key)), cure: "删去其中一个。"}
	}
	n.put(key, line, value)
	return nil
}

// integer is the value of a whole number.
func (n *node) integer() (int, bool) {
	if n.kind != numberNode {
		return 0, false
	}
	v, err := strconv.ParseInt(n.text, 0, 32)
	return int(v), err == nil
}

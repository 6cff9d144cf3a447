package importer

import (
	"reflect"
	"strings"

	"hallkiosk/app/guide"
	"hallkiosk/app/guide/search"
)

// synonyms takes the catalogue's own everyday words, each of which must be a rule
// that search understands.
func (r *reading) synonyms(d *decoder, n *node) {
	if n.kind != listNode {
		var v []string
		d.decode(reflect.ValueOf(&v).Elem(), n, "synonyms", "")
		return
	}
	for _, item := range n.items {
		var v string
		d.decode(reflect.ValueOf(&v).Elem(), item, "synonyms", "常用说法")
		if v == "" {
			continue
		}
		if _, err := search.ParseSynonyms(strings.NewReader(v)); err != nil {
			d.report(item.line, guide.Problem{Rule: "常用说法写法", Field: "常用说法", Warning: true,
				Message: "“" + short(v) + "”看不懂，没有导入。", Cure: "写成：身份证丢了 = 居民身份证 补领 | 居民身份证 挂失。"})
			continue
		}
		r.head.Synonyms = append(r.head.Synonyms, v)
	}
}

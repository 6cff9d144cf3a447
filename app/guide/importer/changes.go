package importer

import (
	"fmt"
	"slices"

	"hallkiosk/app/guide"
)

// Change is what differs in one field between two states of a guide.
type Change struct {
	Field string // as the columns of tables are called: 承诺时限, 材料《居民身份证》复印件份数
	Was   string // "" = it was not there
	Is    string // "" = it is gone
}

// Changes are the differences between two states of a guide, field by field. They are
// empty for guides of the same hash.
func Changes(was, is *guide.Guide) []Change {
	var out []Change
	for _, c := range titled(matterColumns()) {
		if a, b := c.get(was, 0), c.get(is, 0); a != b {
			out = append(out, Change{c.title, a, b})
		}
	}
	for _, p := range parts() {
		out = append(out, partChanges(p, was, is)...)
	}
	if len(out) == 0 && was.Hash() != is.Hash() {
		out = append(out, Change{Field: "其他内容", Was: "（有）", Is: "（有改动）"})
	}
	return out
}

// partChanges compares what guides have several of; each is known by its name, and
// equal names by their order.
func partChanges(p part, was, is *guide.Guide) (out []Change) {
	columns := titled(p.columns)
	type row struct {
		name  string
		cells []string
	}
	rows := func(g *guide.Guide) (all []row) {
		seen := map[string]int{}
		for i := range p.count(g) {
			r := row{cells: cells(columns, g, i)}
			r.name = r.cells[0]
			if p.name == "form" { // rows are fields
				r.name += "·" + r.cells[2]
			}
			if seen[r.name]++; seen[r.name] > 1 {
				r.name = fmt.Sprintf("%s（%d）", r.name, seen[r.name])
			}
			all = append(all, r)
		}
		return all
	}
	before, after := rows(was), rows(is)
	renamed := map[string]bool{}
	find := func(all []row, name string) int {
		return slices.IndexFunc(all, func(r row) bool { return r.name == name })
	}
	var common []string
	for k, b := range before {
		i := find(after, b.name)
		switch {
		case i >= 0:
			common = append(common, b.name)
		case k < len(after) && len(before) == len(after) && find(before, after[k].name) < 0:
			i = k // in its place: it has got another name
			common = append(common, after[k].name)
			renamed[after[k].name] = true
		default:
			out = append(out, Change{Field: p.sheet, Was: b.name})
			continue
		}
		for j, c := range columns {
			if c.key == "form.name" && k > 0 && before[k-1].cells[0] == b.cells[0] {
				continue // every row of a form has it
			}
			if b.cells[j] != after[i].cells[j] {
				out = append(out, Change{fmt.Sprintf("%s《%s》%s", p.sheet, b.name, c.title), b.cells[j], after[i].cells[j]})
			}
		}
	}
	var order []string
	for _, a := range after {
		if find(before, a.name) < 0 && !renamed[a.name] {
			out = append(out, Change{Field: p.sheet, Is: a.name})
			continue
		}
		order = append(order, a.name)
	}
	if !slices.Equal(common, order) {
		out = append(out, Change{Field: p.sheet + "的次序", Was: fmt.Sprint(common), Is: fmt.Sprint(order)})
	}
	return out
}

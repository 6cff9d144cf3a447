package session

import (
	"slices"

	"hallkiosk/app/hall"
)

// A menu is the tree of what can be chosen: groups lead to businesses, a
// business with items leads to its items.
type menu struct {
	root  *node
	nodes map[string]*node
}

type node struct {
	id       string
	parent   *node
	children []*node
	business *hall.Business // nil for a group
	item     *hall.Item
	group    string // group heading, Chinese
	groupEn  string
}

// leads is true for a node that opens another level.
func (n *node) leads() bool { return len(n.children) > 0 }

// title is what stands on the node's tile.
func (n *node) title(l Language) string {
	switch {
	case n.item != nil:
		return pick(l, n.item.Name, n.item.NameEn)
	case n.business != nil:
		return pick(l, n.business.Name, n.business.NameEn)
	default:
		return pick(l, n.group, n.groupEn)
	}
}

// pick falls back to Chinese where the hall has no English words.
func pick(l Language, zh, en string) string {
	if l == English && en != "" {
		return en
	}
	return zh
}

// newMenu builds the tree of a hall. Businesses come in the order of the hall
// file; a group stands where its first business stands. A group of one business
// is left out: it would be a touch for nothing.
func newMenu(h *hall.Hall) *menu {
	m := &menu{root: &node{}, nodes: map[string]*node{}}
	if h == nil {
		return m
	}
	size := map[string]int{}
	for i := range h.Businesses {
		size[h.Businesses[i].Group]++
	}
	groups := map[string]*node{}
	for i := range h.Businesses {
		b := &h.Businesses[i]
		parent := m.root
		if b.Group != "" && size[b.Group] > 1 && len(size) > 1 {
			g := groups[b.Group]
			if g == nil {
				g = &node{id: "group:" + b.Group, parent: m.root, group: b.Group, groupEn: b.GroupEn}
				groups[b.Group] = g
				m.add(g)
			}
			parent = g
		}
		n := &node{id: "business:" + b.ID, parent: parent, business: b}
		m.add(n)
		for j := range b.Items {
			it := &b.Items[j]
			m.add(&node{id: "item:" + it.ID, parent: n, business: b, item: it})
		}
	}
	return m
}

func (m *menu) add(n *node) {
	n.parent.children = append(n.parent.children, n)
	m.nodes[n.id] = n
}

// path are the titles from the first level down to n.
func (n *node) path(l Language) []string {
	var p []string
	for ; n != nil && n.parent != nil; n = n.parent {
		p = append(p, n.title(l))
	}
	slices.Reverse(p)
	return p
}

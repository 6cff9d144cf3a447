package touch

import (
	"math"
	"strings"
)

// KeyLayout is a set of keys.
type KeyLayout int

// The layouts.
const (
	LetterKeys KeyLayout = iota // a–z for pinyin, initials and English
	DigitKeys                   // 0–9
)

// Keyboard types what somebody is looking for. For document numbers there is
// [Keypad].
type Keyboard struct {
	Layout KeyLayout
	// Labels of the keys in the page's language. Without SpaceLabel there is no
	// space bar: pinyin needs none.
	ClearLabel, DeleteLabel, SpaceLabel string
	// Empty greys what has nothing to take back.
	Empty bool
	// Press takes a lower-case letter, a digit or a space.
	Press func(rune)
	// Delete takes back the last character, or all.
	Delete func(all bool)
}

// Sizes of keys in millimetres of the panel, normal and assisted (长辈版), with the
// gap between two: the lower bounds of the project's accessibility list. Unlike
// other controls, keys do not grow with the panel: hands do not either, and the
// width has to hold ten.
const (
	keyNormal, keyGapNormal     = 15.0, 2.0
	keyAssisted, keyGapAssisted = 20.0, 3.0
)

// keyMin returns the least side of a key and the least gap in pixels.
func (m *Metrics) keyMin() (side, gap float32) {
	s, g := keyNormal, keyGapNormal
	if m.Assisted {
		s, g = keyAssisted, keyGapAssisted
	}
	mm := m.Panel.PxPerMM()
	return float32(math.Ceil(s * mm)), float32(math.Ceil(g * mm))
}

// qwerty are the rows of the letters as on a computer: ten, nine and seven keys.
var qwerty = [...]string{"qwertyuiop", "asdfghjkl", "zxcvbnm"}

// letterGroups are the nine keys of the letters where ten do not fit side by side.
// A touch on a group shows its letters, a second one types one of them.
var letterGroups = [...]string{"abc", "def", "ghi", "jkl", "mno", "pqr", "stu", "vwx", "yz"}

// groupColumns and groupRows are the grid of the nine keys; beside it stands a
// column with delete and clear. groupWide is the width of a key in millimetres of
// the size table: that of MNO as large as other text.
const (
	groupColumns, groupRows = 3, 3
	groupWide               = 23.6
)

// qwertyFits says whether ten keys and their gaps fit the width.
func (m *Metrics) qwertyFits(width float32) bool {
	side, gap := m.keyMin()
	return 10*side+9*gap <= width
}

// keyGap is the gap between n keys in the width: the mode's, or less where keys
// would become too small for it.
func (m *Metrics) keyGap(n int, width float32) float32 {
	side, gap := m.keyMin()
	if float32(n)*side+float32(n-1)*m.Gap <= width {
		return m.Gap
	}
	return gap
}

// CutKeyboard cuts the place for the keyboard, in any layout, off r: the lower
// part with all of the width, or the right-hand side on landscape panels whose
// width does not hold ten keys of the mode; these have no height to spare either.
func (m *Metrics) CutKeyboard(r *Rect, k Keyboard) Rect {
	side, _ := m.keyMin()
	if !m.qwertyFits(r.W) {
		if r.H > r.W {
			return r.CutBottom(groupRows*m.Target + (groupRows-1)*m.Gap)
		}
		return r.CutRight(groupColumns*(m.MM(groupWide)+m.Gap) + m.Target)
	}
	gap := m.keyGap(10, r.W)
	key := (r.W - 9*gap) / 10
	// Keys a little higher than wide are hit more surely; more would be a waste.
	high := max(side, min(m.Target, whole(key*1.25)))
	rows := k.rows()
	return r.CutBottom(float32(rows)*high + float32(rows-1)*m.Gap)
}

// rows is how many rows the keys fill.
func (k Keyboard) rows() int {
	if k.SpaceLabel != "" {
		return len(qwerty) + 1
	}
	return len(qwerty)
}

// Keyboard draws the keys into r, which [Metrics.CutKeyboard] measures.
//
// Letters stand as on a computer where ten keys of the mode's size fit the width:
// at least 15 mm a side, 20 mm in assisted mode, with gaps of 2 and 3 mm. That is
// so on every reference panel but the smallest, of 217 mm, in assisted mode (ten
// keys and their gaps need 227). There nine keys carry three letters each: a touch
// on a key shows its letters, a second one types. Multi-tap, as on old telephones,
// was left out because it needs haste; keys for three letters that the search has
// to guess from, because the field would not show what was typed. Without
// [Frame.Again] nothing can be shown in between, and the letters stand as on a
// computer, on keys that are narrower than the mode's but still over 16 mm.
func (f *Frame) Keyboard(r Rect, k Keyboard) {
	switch {
	case k.Layout == DigitKeys:
		f.digitKeys(r, k)
	case f.M.qwertyFits(r.W) || f.Again == nil:
		f.qwertyKeys(r, k)
	default:
		f.groupKeys(r, k)
	}
}

// letterKey draws the key of one character.
func (f *Frame) letterKey(r Rect, c rune, k Keyboard) {
	b := Button{Label: strings.ToUpper(string(c)), Size: f.M.Title}
	f.Button(r, b, Press{Name: "key." + string(c), Key: true, Tap: func() { k.Press(c) }})
}

// editKeys draws delete and clear, each into its place.
func (f *Frame) editKeys(del, all Rect, k Keyboard) {
	back := Press{Name: "key.delete", Key: true}
	clear := Press{Name: "key.clear", Key: true}
	if !k.Empty {
		back.Tap = func() { k.Delete(false) }
		clear.Tap = func() { k.Delete(true) }
	}
	b := Button{Label: k.DeleteLabel, Icon: IconDelete}
	if f.ButtonWidth(b) > del.W {
		b.Label = "" // the icon is on every keyboard
	}
	f.Button(del, b, back)
	f.Button(all, Button{Label: k.ClearLabel}, clear)
}

// qwertyKeys draws ten, nine and seven letters. Clear and delete take what the
// last row leaves, left and right, as on telephones.
func (f *Frame) qwertyKeys(r Rect, k Keyboard) {
	gap := f.M.keyGap(10, r.W)
	rows := r.Rows(k.rows(), min(f.M.Gap, whole(r.H*0.06)))
	unit := (r.W - 9*gap) / 10
	for y, letters := range qwerty {
		row := rows[y]
		indent := float32(10-len(letters)) / 2 * (unit + gap)
		for x, c := range letters {
			left := whole(row.X + indent + float32(x)*(unit+gap))
			right := whole(row.X + indent + float32(x)*(unit+gap) + unit)
			f.letterKey(Rect{left, row.Y, right - left, row.H}, c, k)
		}
	}
	last := rows[len(qwerty)-1]
	ends := whole(1.5*(unit+gap) - gap)
	all := last.CutLeft(ends)
	f.editKeys(last.CutRight(ends), all, k)
	if k.SpaceLabel != "" {
		f.spaceKey(rows[len(rows)-1], k)
	}
}

func (f *Frame) spaceKey(r Rect, k Keyboard) {
	f.Button(r, Button{Label: k.SpaceLabel}, Press{Name: "key.space", Key: true, Tap: func() { k.Press(' ') }})
}

// digitKeys draws the digits as on a telephone, with a column for 0, delete and
// clear, so that they need no more rows than the letters.
func (f *Frame) digitKeys(r Rect, k Keyboard) {
	gap := f.M.Gap
	grid := r.Rows(3, min(gap, whole(r.H*0.06)))
	// Keys much wider than high would only lie further apart.
	most := 4*whole(grid[0].H*2) + 3*gap
	for y, digits := range []string{"123", "456", "789"} {
		cells := grid[y].Center(min(r.W, most), grid[y].H).Columns(4, gap)
		for x, c := range digits {
			f.digitKey(cells[x], c, k)
		}
		grid[y] = cells[3]
	}
	f.digitKey(grid[0], '0', k)
	f.editKeys(grid[1], grid[2], k)
}

func (f *Frame) digitKey(r Rect, c rune, k Keyboard) {
	f.Button(r, Button{Label: string(c), Size: f.M.Question}, Press{Name: "key." + string(c), Key: true, Tap: func() { k.Press(c) }})
}

// groupState is what the nine keys remember between two touches.
type groupState struct {
	open int  // the group whose letters are shown, counted from 1; 0 = none
	used bool // in this drawing
}

// drop closes the group when the keys are gone.
func (g *groupState) drop() {
	if !g.used {
		g.open = 0
	}
	g.used = false
}

// groupKeys draws three by three keys and the column beside them. The letters of
// a group that was touched stand in for the row above it, where the hand does not
// hide them (for the upper row: the one below). Keys are named after their places,
// so that the second touch of a shaking hand is held back though it is another
// key by now: on the open group it would close it, on a letter open a group.
func (f *Frame) groupKeys(r Rect, k Keyboard) {
	f.groups.used = true
	rows := r.Rows(groupRows, f.M.Gap)
	var cells []Rect
	for y := range rows {
		edit := rows[y].CutRight(f.M.Target)
		rows[y].CutRight(f.M.Gap)
		cells = append(cells, rows[y].Columns(groupColumns, f.M.Gap)...)
		rows[y] = edit
	}
	f.editKeys(rows[0], rows[1], k)
	if k.SpaceLabel != "" {
		f.spaceKey(rows[2], k)
	}
	open, letters, row := f.groups.open-1, "", 0
	if open >= 0 {
		letters = letterGroups[open]
		row = 1
		if open/groupColumns == 1 {
			row = 0
		}
	}
	for i, group := range letterGroups {
		b := Button{Label: strings.ToUpper(group)}
		p := Press{Name: "key.group" + itoa(i), Job: group, Key: true}
		x := i - row*groupColumns // in the row of the letters
		switch {
		case open < 0:
			p.Tap = func() { f.openGroup(i + 1) }
		case i == open:
			b.Held = true
			p.Tap = func() { f.openGroup(0) }
		case x >= 0 && x < groupColumns:
			if x >= len(letters) {
				f.Box(cells[i], Look{Fill: f.M.Colors.Sunken, Radius: f.M.Radius})
				continue
			}
			c := rune(letters[x])
			b.Label, b.Size, b.Kind, p.Job = strings.ToUpper(string(c)), f.M.Question, Primary, string(c)
			p.Tap = func() { f.groups.open = 0; k.Press(c); f.Again() }
		}
		f.Button(cells[i], b, p)
	}
}

func (f *Frame) openGroup(open int) {
	f.groups.open = open
	f.Again()
}

package touch

import "strconv"

func itoa(n int) string { return strconv.Itoa(n) }

// Keypad types document numbers: digits and X.
type Keypad struct {
	Delete, Clear, Done string // labels
	// Plain leaves out the X of document numbers.
	Plain bool
	// Empty greys what has nothing to take back.
	Empty  bool
	Key    func(rune)
	Back   func(all bool)
	Finish func()
}

// Keypad draws four columns and four rows into r: the digits as on a telephone,
// and a wider column with delete, clear and a tall done.
func (f *Frame) Keypad(r Rect, k Keypad) {
	gap := f.M.Gap
	side := r.CutRight(whole((r.W - 3*gap) * 0.32))
	r.CutRight(gap)
	keys := [][]rune{{'1', '2', '3'}, {'4', '5', '6'}, {'7', '8', '9'}, {'X', '0'}}
	if k.Plain {
		keys[3] = []rune{'0'}
	}
	rows := r.Rows(4, gap)
	for y, row := range keys {
		cells := rows[y].Columns(3, gap)
		for x, c := range row {
			place := cells[x]
			if c == '0' {
				place.W = cells[2].Right() - place.X
			}
			f.Button(place, Button{Label: string(c), Size: f.M.Question}, Press{
				Name: "key." + string(c), Key: true, Tap: func() { k.Key(c) },
			})
		}
	}
	right := side.Rows(4, gap)
	back := Press{Name: "key.delete", Key: true}
	clear := Press{Name: "key.clear", Key: true}
	if !k.Empty {
		back.Tap = func() { k.Back(false) }
		clear.Tap = func() { k.Back(true) }
	}
	del := Button{Label: k.Delete, Icon: IconDelete}
	if f.ButtonWidth(del) > right[0].W {
		del.Label = "" // the icon is on every keyboard
	}
	f.Button(right[0], del, back)
	f.Button(right[1], Button{Label: k.Clear}, clear)
	done := right[2]
	done.H = right[3].Bottom() - done.Y
	f.Button(done, Button{Label: k.Done, Kind: Primary, Size: f.M.Title}, Press{Name: "type.done", Tap: k.Finish})
}

// DigitGroups are how a citizen identity number of 18 characters is read: place,
// date of birth, sequence and check digit (GB 11643-1999, 4.1).
var digitGroups = [...]int{6, 8, 4}

// Digits draws what has been typed, each character in its own place and in groups,
// so that it can be compared with a card. Characters are separate objects: the
// whole number stands in none of them, nor in Fyne's caches of texts. On a narrow
// place the last group goes to a second row. mark, if not negative, is the first
// of n characters to look at again.
func (f *Frame) Digits(r Rect, digits string, mark, n int) {
	m := f.M
	size, oneRow := f.digitSize(r.W)
	cell, gap := float32(int(size*0.72)), whole(size*0.5)
	if oneRow {
		f.digitRow(r.Center(18*cell+2*gap, r.H), digits, 0, digitGroups[:], size, cell, gap, mark, n)
		return
	}
	rows := r.Rows(2, m.MM(1.2))
	cell = min(float32(int((r.W-gap)/14)), whole(size*0.8))
	size = min(size, float32(int(cell/0.66)))
	f.digitRow(rows[0], digits, 0, digitGroups[:2], size, cell, gap, mark, n)
	f.digitRow(rows[1], digits, 14, digitGroups[2:], size, cell, gap, mark, n)
}

// digitSize is how large the digits can be in the width: one row of them between
// the title's and the question's size, else two rows of the title's.
func (f *Frame) digitSize(width float32) (size float32, oneRow bool) {
	size = min(f.M.Question, float32(int(width/(18*0.72+2*0.5+0.1))))
	if size < f.M.Title {
		return f.M.Title, false
	}
	return size, true
}

// DigitsHeight is the height Digits needs in the width.
func (f *Frame) DigitsHeight(width float32) float32 {
	size, oneRow := f.digitSize(width)
	h := whole(size * 1.4)
	if oneRow {
		return h
	}
	return 2*h + f.M.MM(1.2)
}

func (f *Frame) digitRow(r Rect, digits string, from int, groups []int, size, cell, gap float32, mark, n int) {
	c := f.M.Colors
	i := from
	for _, group := range groups {
		for range group {
			place := r.CutLeft(cell)
			line := Look{Fill: c.Border}
			ink := c.Ink
			if i == len(digits) {
				line.Fill = c.Blue // here the next one goes
			}
			if mark >= 0 && i >= mark && i < mark+n {
				line.Fill, ink = c.Warm, c.WarmInk
			}
			if i < len(digits) {
				f.Text(place, digits[i:i+1], Style{Size: size, Bold: true, Color: ink, Align: Middle, Center: true})
			}
			under := place.CutBottom(max(3, f.M.MM(0.6)))
			f.Box(under.Inset(max(1, whole(cell*0.1)), 0), line)
			i++
		}
		r.CutLeft(gap)
	}
}

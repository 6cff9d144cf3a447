package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Query says what to look for and among which matters.
type Query struct {
	Text string
	// Department and Tags must be those of a matter; empty = any. All tags are
	// required.
	Department string
	Tags       []string
	// Limit is how many results are wanted; 0 = 50.
	Limit int
}

// Result is a matter found.
type Result struct {
	// Index is its place among the documents the index was made of.
	Index int
	ID    string
	// Score falls along the results; its unit is of no meaning.
	Score float32
	// Marks are the parts of the name that were found, in runes, half open.
	Marks [][2]int
}

const (
	candidates = 120 // that are compared closely
	// Least share of what a query says that a title must have: of short queries more,
	// for half of two syllables is another word.
	leastOfShort = 0.6
	leastOfLong  = 0.34
	shortQuery   = 4 // units
	// What it adds that a title begins with the query, or is nothing but the query.
	beginBonus = 0.12
	wholeBonus = 0.3
	// Below this score of the best result, letters may hold a slip: a title that has
	// all syllables in a row scores more.
	wellEnough = 0.95
)

// Search returns the matters a query can mean, the likeliest first. An empty query
// finds nothing: what to show then is not a question of searching.
func (x *Index) Search(q Query) []Result {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	if found := x.byCode(q); found != nil {
		return found
	}
	ways := x.understand(q.Text)
	out := x.find(q, ways)
	if len(out) == 0 || out[0].Score < wellEnough {
		if slips := x.slips(letters(q.Text)); len(slips) > 0 {
			out = x.find(q, append(ways, slips...))
		}
	}
	return out
}

// find returns the matters that any of the ways to read a query means.
func (x *Index) find(q Query, ways []reading) []Result {
	if len(ways) == 0 {
		return nil
	}
	w := x.work.Get().(*work)
	defer x.work.Put(w)
	for _, way := range ways {
		w.touched = x.collect(way, w.scores, w.touched)
	}
	likeliest := w.likeliest(max(candidates, q.Limit), func(n uint32) bool { return x.docs[n].passes(q) })
	defer w.clear()
	var out []Result
	m := &w.matcher
	for _, n := range likeliest {
		score, marks := m.compare(x, &x.docs[n], ways)
		if score == 0 {
			continue
		}
		out = append(out, Result{Index: int(n), ID: x.docs[n].id, Score: score + 0.15*x.docs[n].rank, Marks: marks})
	}
	slices.SortStableFunc(out, func(a, b Result) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(len(x.docs[a.Index].titles[0].units), len(x.docs[b.Index].titles[0].units)),
			cmp.Compare(a.Index, b.Index))
	})
	return out[:min(len(out), q.Limit)]
}

// work is the memory of one search; the next one uses it again.
type work struct {
	scores  []float32 // of every matter
	touched []uint32  // matters that have a score
	best    []uint32  // heap, the least likely first
	matcher matcher
}

func (w *work) clear() {
	for _, n := range w.touched {
		w.scores[n] = 0
	}
	w.touched, w.best = w.touched[:0], w.best[:0]
}

// likeliest returns the n matters with the highest scores of those that pass, the
// highest first.
func (w *work) likeliest(n int, pass func(uint32) bool) []uint32 {
	h := w.best[:0]
	for _, d := range w.touched {
		if len(h) == n && !w.less(h[0], d) || !pass(d) {
			continue
		}
		if len(h) < n {
			h = append(h, d)
			for i := len(h) - 1; i > 0 && w.less(h[i], h[(i-1)/2]); i = (i - 1) / 2 {
				h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
			}
			continue
		}
		h[0] = d
		for i := 0; ; {
			least := i
			for child := 2*i + 1; child <= 2*i+2 && child < n; child++ {
				if w.less(h[child], h[least]) {
					least = child
				}
			}
			if least == i {
				break
			}
			h[i], h[least] = h[least], h[i]
			i = least
		}
	}
	w.best = h
	slices.SortFunc(h, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(w.scores[b], w.scores[a]), cmp.Compare(a, b))
	})
	return h
}

// less says that a is less likely than b.
func (w *work) less(a, b uint32) bool {
	return w.scores[a] < w.scores[b] || w.scores[a] == w.scores[b] && a > b
}

func (d *document) passes(q Query) bool {
	if q.Department != "" && d.department != q.Department {
		return false
	}
	for _, t := range q.Tags {
		if !slices.Contains(d.tags, t) {
			return false
		}
	}
	return true
}

// byCode finds matters by a number of at least four digits.
func (x *Index) byCode(q Query) []Result {
	code := strings.ToUpper(strings.Map(func(r rune) rune {
		if r = fold(r); unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, q.Text))
	digits := 0
	for _, r := range code {
		if r > unicode.MaxASCII {
			return nil
		}
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if digits < 4 || digits*2 < len(code) {
		return nil
	}
	var out []Result
	for i := range x.docs {
		d := &x.docs[i]
		if !d.passes(q) {
			continue
		}
		for _, c := range d.codes {
			if at := strings.Index(strings.ReplaceAll(strings.ToUpper(c), "-", ""), code); at >= 0 {
				out = append(out, Result{Index: i, ID: d.id, Score: 2 - float32(min(at, 50))/50})
				break
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Result) int { return cmp.Compare(b.Score, a.Score) })
	return out[:min(len(out), q.Limit)]
}

// collect adds to the scores of all matters what they have in common with a way to
// read the query. It returns the matters touched so far.
func (x *Index) collect(way reading, scores []float32, touched []uint32) []uint32 {
	add := func(t token, weight float32) {
		list := x.postings[t]
		if len(list) == 0 {
			return
		}
		w := way.weight * weight * x.rarity(t)
		for _, n := range list {
			if scores[n] == 0 {
				touched = append(touched, n)
			}
			scores[n] += w
		}
	}
	for i, w := range way.wants {
		var next want
		follows := i+1 < len(way.wants)
		if follows {
			next = way.wants[i+1]
		}
		switch {
		case w.word != "":
			for _, t := range x.wordsFrom(w.word) {
				add(t, 2)
			}
			continue
		case w.han != 0:
			add(hanOne|token(w.han), 0.6)
			if follows && next.han != 0 {
				add(pair(hanTwo, w.han, next.han), 2)
				add(pair(hanOther, w.han, next.han), 0.7)
				// A wrong character of the right sound.
				for _, a := range x.sounds.of[w.han] {
					for _, b := range x.sounds.of[next.han] {
						add(sound(soundTwo, x.sounds.loose[a], x.sounds.loose[b]), 0.6)
					}
				}
			}
		case w.sound != 0:
			if follows && next.sound != 0 {
				add(sound(soundTwo, x.sounds.loose[w.sound], x.sounds.loose[next.sound]), 2)
			} else if len(way.wants) == 1 || !follows {
				add(sound(soundOne, x.sounds.loose[w.sound], 0), 0.6)
			}
		}
		// Initials, as far as letters were typed.
		a, b, c := x.initial(w), byte(0), byte(0)
		if follows {
			b = x.initial(next)
			if i+2 < len(way.wants) {
				c = x.initial(way.wants[i+2])
			}
		}
		typed := w.prefix != "" || follows && next.prefix != ""
		switch {
		case !typed || a == 0:
		case b != 0 && c != 0:
			add(initials(initialThree, a, b, c), 1.5)
			add(initials(initialTwo, a, b, 0), 0.4)
		case b != 0:
			add(initials(initialTwo, a, b, 0), 0.9)
		case len(way.wants) == 1:
			add(initials(initialOne, a, 0, 0), 0.5)
		}
	}
	return touched
}

// initial is the letter a unit of the query begins with, 0 if that is not one.
func (x *Index) initial(w want) byte {
	switch {
	case w.prefix != "":
		return w.prefix[0]
	case w.sound != 0:
		return x.sounds.initialOf(w.sound)
	case w.han != 0 && len(x.sounds.of[w.han]) > 0:
		return x.sounds.initialOf(x.sounds.of[w.han][0])
	}
	return 0
}

// matcher compares queries with titles; it keeps its memory from one to the next.
type matcher struct {
	fit  []float32 // [want][unit]
	used []bool    // units of the title taken by an earlier chunk
	done []bool    // wants found
}

// compare says how well a matter fits, 0 to about 1.6, and what of its name to
// mark.
func (m *matcher) compare(x *Index, d *document, ways []reading) (best float32, marks [][2]int) {
	for _, w := range ways {
		for k := range d.titles {
			t := &d.titles[k]
			weight := w.weight
			if t.alias {
				weight *= 0.96
			}
			score, found := m.align(x, t, w.wants, best/weight)
			score *= weight
			if t.alias {
				found = nil
			}
			if score > best {
				best, marks = score, found
			}
		}
	}
	return best, marks
}

// align covers the query with pieces of the title, the longest first: characters
// that stand together in both are worth more than the same ones apart. The score is
// 0 if it cannot be more than beat.
func (m *matcher) align(x *Index, t *title, wants []want, beat float32) (score float32, marks [][2]int) {
	nw, nu := len(wants), len(t.units)
	if nu == 0 || nw == 0 {
		return 0, nil
	}
	m.fit = grow(m.fit, nw*nu)
	m.used, m.done = growTo(m.used, nu), growTo(m.done, nw)
	var total, most float32 // most is what the sum is if all that is there stands together
	for i, w := range wants {
		total += w.weight
		var best float32
		for k := range t.units {
			f := x.fit(w, &t.units[k])
			m.fit[i*nu+k] = f
			best = max(best, f)
		}
		most += w.weight * best
	}
	least := float32(leastOfLong)
	if nw <= shortQuery {
		least = leastOfShort
	}
	if share := most / total; share < least || share*(1+wholeBonus)+beginBonus <= beat {
		return 0, nil
	}
	var sum, reach float32
	pieces, torn := 0, 0
	first := nu
	for {
		// The heaviest run of units that follow each other in both.
		var bestWeight float32
		bi, bk, bn := 0, 0, 0
		for i := range nw {
			for k := range nu {
				var weight float32
				n := 0
				for i+n < nw && k+n < nu && !m.done[i+n] && !m.used[k+n] && m.fit[(i+n)*nu+k+n] > 0 {
					weight += wants[i+n].weight * m.fit[(i+n)*nu+k+n]
					n++
				}
				// A single character of something longer says little by itself.
				if n == 1 && wants[i].word == "" && (!wants[i].gap && i > 0 || i+1 < nw && !wants[i+1].gap) {
					weight *= 0.45
				}
				if n > 0 && (weight > bestWeight || weight == bestWeight && k < bk) {
					bestWeight, bi, bk, bn = weight, i, k, n
				}
			}
		}
		if bn == 0 {
			break
		}
		for n := range bn {
			m.done[bi+n], m.used[bk+n] = true, true
		}
		marks = append(marks, [2]int{int(t.units[bk].at), int(t.units[bk+bn-1].end)})
		sum += bestWeight
		reach += float32(bn)
		first = min(first, bk)
		pieces++
		if bi > 0 && !wants[bi].gap {
			torn++ // what was said in one breath stands apart
		}
	}
	score = sum / total
	if torn > 0 {
		if short, mark, ok := m.shortened(t, wants); ok && short > sum {
			score, marks, pieces, torn, reach = short/total, mark, 1, 0, float32(nw)
		}
	}
	if score < least {
		return 0, nil
	}
	score *= 1 - 0.06*float32(min(torn, 4))
	if pieces == 1 && first == 0 {
		score += beginBonus // the title begins with it
	}
	// Of titles that contain the whole query, the one with the least besides.
	score += wholeBonus * score * float32(math.Sqrt(float64(reach/float32(max(nu, nw)))))
	slices.SortFunc(marks, func(a, b [2]int) int { return a[0] - b[0] })
	return score, marks
}

// shortened says how well the query is a short form of a part of the title: 社保卡
// for 社会保障卡, its characters in order and never far apart.
func (m *matcher) shortened(t *title, wants []want) (weight float32, marks [][2]int, ok bool) {
	nw, nu := len(wants), len(t.units)
	for start := range nu {
		if m.fit[start] < 0.7 {
			continue
		}
		sum, at := wants[0].weight*m.fit[start], start
		found := [][2]int{{int(t.units[start].at), int(t.units[start].end)}}
		i := 1
		for ; i < nw; i++ {
			k := at + 1
			for k < nu && k <= at+3 && m.fit[i*nu+k] < 0.7 {
				k++
			}
			if k == nu || k > at+3 {
				break
			}
			sum += wants[i].weight * m.fit[i*nu+k]
			at = k
			found = append(found, [2]int{int(t.units[k].at), int(t.units[k].end)})
		}
		span := at - start + 1
		if i < nw || span > 2*nw+1 {
			continue
		}
		// The less is left out, the likelier.
		sum *= 0.7 + 0.25*float32(nw)/float32(span)
		if sum > weight {
			weight, marks, ok = sum, found, true
		}
	}
	return weight, marks, ok
}

// fit is how well a unit of a title is what a unit of the query asks for: 1 for
// exactly, 0 for not at all.
func (x *Index) fit(w want, u *unit) float32 {
	switch {
	case w.word != "":
		switch {
		case u.word == 0:
			return 0
		case x.words[u.word-1] == w.word:
			return 1
		case strings.HasPrefix(x.words[u.word-1], w.word):
			return 0.9
		}
		return 0
	case u.word != 0:
		return 0
	case w.han != 0:
		if w.han == u.han {
			return 1
		}
		return 0.55 * x.sameSound(x.sounds.of[w.han], u.readings())
	case w.sound != 0:
		return 0.95 * x.sameSound([]syllable{w.sound}, u.readings())
	}
	for _, r := range u.readings() {
		if strings.HasPrefix(x.sounds.names[r], w.prefix) {
			return 0.8
		}
	}
	return 0
}

// sameSound is 1 for a common reading, less for one that is only alike.
func (x *Index) sameSound(a, b []syllable) float32 {
	var best float32
	for _, r := range a {
		for _, s := range b {
			switch {
			case r == s:
				return 1
			case x.sounds.loose[r] == x.sounds.loose[s]:
				best = 0.78
			}
		}
	}
	return best
}

func grow(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

// growTo returns n times false.
func growTo(s []bool, n int) []bool {
	if cap(s) < n {
		return make([]bool, n)
	}
	s = s[:n]
	clear(s)
	return s
}

package session

import (
	"slices"
	"unicode"
)

// Writing is a field that somebody writes in, with keys or with a finger.
type Writing struct {
	Text string
	// Most is how many characters it holds.
	Most  int
	Input Input
	// Handwriting is false where the program or machine has none: no such button.
	Handwriting bool
	// Strokes on the pad, and the characters they may be, likeliest first, at most 5.
	Strokes    []Stroke
	Characters []string
	// Marks can be chosen like characters while nothing is on the pad: punctuation
	// marks and the space, which no key has. The likeliest come first.
	Marks []string
}

// writing is such a field while it is being written in.
type writing struct {
	text       string
	input      Input
	strokes    []Stroke
	characters []string
	asked      int // ID of the newest Recognise; 0 = none is awaited
}

// rule says what a field takes.
type rule struct {
	most  int // characters
	admit func(r rune, first bool) bool
	marks []string
}

// anyText takes everything that leaves ink, and spaces that are not the first.
func anyText(r rune, first bool) bool { return unicode.IsPrint(r) && (r != ' ' || !first) }

// words is the rule of a field for sentences in the language.
func words(most int, l Language) rule {
	marks := []string{"，", "。", " ", "？", "！", "、"}
	if l == English {
		marks = []string{",", ".", " ", "?", "!", "’"}
	}
	return rule{most: most, admit: anyText, marks: marks}
}

// write carries out a touch on a field; known is false for one that is none. It does
// not change w.
func (s *State) write(w writing, e Event, rule rule) (next writing, effects []Effect, known bool) {
	switch e := e.(type) {
	case KeyPressed:
		w.add(string(e.Key), rule)
	case CharacterChosen:
		if slices.Contains(w.characters, e.Text) || len(w.strokes) == 0 && slices.Contains(rule.marks, e.Text) {
			w.add(e.Text, rule)
			w.wipe()
		}
	case DeletePressed:
		w.text = e.from(w.text)
	case InputChosen:
		if e.Input == Letters || e.Input == Digits || e.Input == Handwriting && s.world.drawing.Handwriting {
			w.input = e.Input
			w.wipe()
		}
	case StrokeDrawn:
		if w.input == Handwriting && len(w.strokes) < maxStrokes {
			if stroke := tidy(e.Stroke); len(stroke) > 0 {
				effects = s.drawn(&w, append(slices.Clip(w.strokes), stroke))
			}
		}
	case StrokesCleared:
		switch {
		case e.All, len(w.strokes) < 2:
			w.wipe()
		default:
			effects = s.drawn(&w, w.strokes[:len(w.strokes)-1])
		}
	default:
		return w, nil, false
	}
	return w, effects, true
}

func (w *writing) add(text string, rule rule) {
	all := []rune(w.text)
	for _, r := range text {
		if len(all) < rule.most && rule.admit(r, len(all) == 0) {
			all = append(all, r)
		}
	}
	w.text = string(all)
}

// wipe empties the pad.
func (w *writing) wipe() { w.strokes, w.characters, w.asked = nil, nil, 0 }

// drawn asks what the strokes are. Candidates for fewer of them stay meanwhile:
// they would flicker otherwise.
func (s *State) drawn(w *writing, strokes []Stroke) []Effect {
	w.strokes, w.asked = strokes, s.ask()
	return []Effect{Recognise{ID: w.asked, Strokes: strokes}}
}

// recognised takes in what strokes may be. An answer that nobody waits for any more
// does nothing.
func (w *writing) recognised(e Recognised) {
	if w.asked != 0 && e.ID == w.asked {
		w.asked = 0
		w.characters = slices.Clone(e.Characters[:min(len(e.Characters), maxCharacters)])
	}
}

// tidy is a stroke within the pad and of bearable length.
func tidy(stroke Stroke) Stroke {
	stroke = slices.Clone(stroke[:min(len(stroke), maxPoints)])
	for i, p := range stroke {
		stroke[i] = Point{min(max(p.X, 0), padSize), min(max(p.Y, 0), padSize)}
	}
	return stroke
}

// newWriting is an empty field: Chinese is written with a finger where that can be
// read, and everything else typed.
func (s *State) newWriting() writing {
	if s.Language == Chinese && s.world.drawing.Handwriting {
		return writing{input: Handwriting}
	}
	return writing{input: Letters}
}

func (s *State) viewWriting(w writing, rule rule) Writing {
	return Writing{
		Text: w.text, Most: rule.most, Input: w.input, Handwriting: s.world.drawing.Handwriting,
		Strokes: w.strokes, Characters: w.characters, Marks: rule.marks,
	}
}

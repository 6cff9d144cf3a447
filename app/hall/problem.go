package hall

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a hall file. Its texts are for the people who
// edit hall files, in Chinese.
type Problem struct {
	File string // name or path as given to Parse or ReadFile
	// Line and Column count from 1, columns in characters; 0 if the problem has
	// no place, such as a missing section.
	Line, Column int
	// Path is the value meant, with lists counted from 1: businesses[3].prefix.
	Path    string
	Message string // what is wrong, one sentence
	Cure    string // what to do about it, one sentence
	// Warning is set when the file can be used nonetheless.
	Warning bool
}

// String returns the problem on one line: 文件:行: 错误：… 办法：…
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.Warning {
		b.WriteString(": 提醒：")
	} else {
		b.WriteString(": 错误：")
	}
	b.WriteString(p.Message)
	if p.Cure != "" {
		b.WriteString(" 办法：")
		b.WriteString(p.Cure)
	}
	return b.String()
}

// Problems is everything wrong with a hall file, in file order. As an error it
// always holds at least one problem that is not a warning.
type Problems []Problem

// Error returns one line per problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Errors returns the problems that are not warnings.
func (ps Problems) Errors() Problems {
	return slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool { return p.Warning })
}

// Warnings returns the problems that are warnings.
func (ps Problems) Warnings() Problems {
	return slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool { return !p.Warning })
}

// nearest returns the candidate most like word, or "" if none is close enough
// to be a slip of the finger.
func nearest(word string, candidates []string) string {
	best, bestDistance := "", max(2, len(word)/3)+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), c); d < bestDistance && d < len(c) {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance is the Levenshtein distance in bytes; keys are ASCII.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

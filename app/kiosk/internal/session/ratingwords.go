package session

import (
	"strings"
	"time"
)

// ratingWords are the words between the facts of a service in a list.
type ratingWords struct{ ended, window, list string }

var (
	chineseRating = ratingWords{ended: "%s 办完", window: "%s 号窗口", list: "　"}
	englishRating = ratingWords{ended: "done at %s", window: "window %s", list: ", "}
)

func ratingWordsIn(l Language) ratingWords {
	if l == English {
		return englishRating
	}
	return chineseRating
}

// when says which service it was: A023　10:25 办完　3 号窗口.
func (w ratingWords) when(label string, ended time.Time, window string) string {
	parts := []string{label}
	if !ended.IsZero() {
		parts = append(parts, strings.Replace(w.ended, "%s", ended.Format("15:04"), 1))
	}
	if window != "" {
		parts = append(parts, strings.Replace(w.window, "%s", window, 1))
	}
	return strings.Join(parts, w.list)
}

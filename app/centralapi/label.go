package centralapi

import "fmt"

// Label returns what is printed and called for a number: in the hall's own
// series (series empty) A001, in a terminal's series A7-01, where 7 is its slot.
// Numbers grow a digit rather than begin again: A999 is followed by A1000.
// number is 1 and up.
func Label(prefix, series string, number int) string {
	if series == "" {
		return fmt.Sprintf("%s%03d", prefix, number)
	}
	return fmt.Sprintf("%s%s-%02d", prefix, series, number)
}

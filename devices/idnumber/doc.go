// Package idnumber checks Chinese ID numbers and masks numbers and names.
//
// It is a package of its own, apart from the card reader, because a number
// typed on the screen is checked by the same rules as one from a chip, and
// because programs without a reader must mask too. The kiosk's session, its
// screens and slips and the reader's driver use it. It never stores, logs or
// repeats a number: no error of this package contains one.
//
// The rules are those of GB 11643-1999 (number of 18 characters: region, date
// of birth, sequence, check character by ISO 7064 MOD 11-2), used unchanged by
// the residence permits of Hong Kong, Macao and Taiwan residents (regions 81,
// 82, 83) and, behind a leading 9, by the foreigners' permanent residence card
// of 2023. The card of 2017 has a number of its own kind with the check digit of
// travel documents (ICAO Doc 9303), which package mrz uses too.
package idnumber

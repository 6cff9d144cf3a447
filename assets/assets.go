// Package assets holds the files that are compiled into the programs: fonts,
// wording, the web files of the central service and the demonstration hall.
//
// One variable per use: a program carries only what it names, so the static
// central service does not carry the fonts. Licences stand beside the files.
package assets

import "embed"

// FontRegular and FontBold are OpenType/CFF subsets of Noto Sans CJK SC
// (SIL Open Font License 1.1, fonts/OFL.txt): Latin, symbols and all Han
// characters the face has, 30,726 glyphs.
var (
	//go:embed fonts/NotoSansCJKsc-Regular.subset.otf
	FontRegular []byte
	//go:embed fonts/NotoSansCJKsc-Bold.subset.otf
	FontBold []byte
)

// Translations holds what citizens read, one TOML file per program and
// language: kiosk.zh.toml, kiosk.en.toml.
//
//go:embed translations/*.toml
var Translations embed.FS

// Web holds style sheets, scripts and templates of the central service's pages.
//
//go:embed web
var Web embed.FS

// Voice holds the recordings TV boards announce numbers with, voice/NAME.mp3;
// licence in voice/README.md.
//
//go:embed voice/*.mp3
var Voice embed.FS

// DemoHall is the hall file of the demonstration hall.
//
//go:embed halls/demo.toml
var DemoHall []byte

// GuideSynonyms is the product's list of everyday words for official ones, in the
// format of search.ParseSynonyms; halls add to it in their catalogues.
//
//go:embed guides/synonyms.txt
var GuideSynonyms string

package touch

import (
	"bytes"
	"fmt"
	"image/color"
	"regexp"
	"strconv"

	"fyne.io/fyne/v2"

	"hallkiosk/assets/icons"
)

// Icon names a picture of one colour in assets/icons, without ".svg".
type Icon string

// The icons.
const (
	NoIcon       Icon = ""
	IconBack     Icon = "back"
	IconHome     Icon = "home"
	IconHelp     Icon = "help" // a person who speaks
	IconPeople   Icon = "people"
	IconPerson   Icon = "person"
	IconClock    Icon = "clock"
	IconPhone    Icon = "phone"
	IconPrinter  Icon = "printer"
	IconTicket   Icon = "ticket"
	IconCard     Icon = "card"
	IconKeypad   Icon = "keypad"
	IconPrevious Icon = "previous"
	IconNext     Icon = "next"
	IconWarning  Icon = "warning"
	IconInfo     Icon = "info"
	IconPause    Icon = "pause"
	IconWindow   Icon = "window"
	IconShield   Icon = "shield"
	IconCamera   Icon = "camera"
	IconDelete   Icon = "delete"
	IconDoor     Icon = "door"
	IconList     Icon = "list"
	IconRetry    Icon = "retry"
	IconLarge    Icon = "large" // a letter that grows
	IconNetwork  Icon = "network"
)

// PictureCard shows an ID card being laid on the reader, 3:2, in its own colours.
const PictureCard Icon = "card-on-reader"

// PictureNumber shows where on an ID card the number stands, 480:304.
const PictureNumber Icon = "card-number"

// strokeWidth and viewBox find the numbers in our own files.
var (
	strokeWidth = regexp.MustCompile(`stroke-width="([0-9.]+)"`)
	viewBox     = regexp.MustCompile(`viewBox="0 0 ([0-9]+) `)
)

// resource returns the icon in the colour, for the width in pixels. A picture with
// colours of its own contains no currentColor and keeps them. Stroke widths are
// written for the width: Fyne's SVG renderer scales shapes but not strokes.
func (i Icon) resource(c color.NRGBA, width float32) (fyne.Resource, error) {
	svg, err := icons.Files.ReadFile(string(i) + ".svg")
	if err != nil {
		return nil, fmt.Errorf("touch: icon %s: %w", i, err)
	}
	hex := fmt.Sprintf("%02x%02x%02x", c.R, c.G, c.B)
	svg = bytes.ReplaceAll(svg, []byte("currentColor"), []byte("#"+hex))
	box := viewBox.FindSubmatch(svg)
	if box == nil {
		return nil, fmt.Errorf("touch: icon %s: no viewBox", i)
	}
	units, err := strconv.ParseFloat(string(box[1]), 32)
	if err != nil {
		return nil, fmt.Errorf("touch: icon %s: %w", i, err)
	}
	svg = strokeWidth.ReplaceAllFunc(svg, func(m []byte) []byte {
		w, _ := strconv.ParseFloat(string(strokeWidth.FindSubmatch(m)[1]), 32) // digits only
		return fmt.Appendf(nil, `stroke-width="%.3f"`, w*float64(width)/units)
	})
	return fyne.NewStaticResource(fmt.Sprintf("%s-%s-%.0f.svg", i, hex, width), svg), nil
}

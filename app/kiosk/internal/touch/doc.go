// Package touch provides the widgets that fingers press and eyes read on the
// terminal: wrapped text, buttons, tiles, lines, a keypad, a keyboard, a pad to
// write on, a pager, a QR code, the header and the footer of every page.
//
// The screens of the terminal use it; it knows nothing of halls, tickets or
// sessions, holds no rules and sends no events: a control calls the function it
// was given. It never imports fyne/v2/app, so everything in it runs and is
// tested without a display.
//
// # Millimetres
//
// A [Panel] is a screen's size in millimetres and pixels. [NewMetrics] turns the
// two size tables, normal and assisted (长辈版), into pixels of that panel. Fyne's
// scale is 1 on the terminal, so Fyne's units are pixels.
//
// # Drawing
//
// A page is drawn by a function that names everything on it, from back to front,
// on a [Frame]: boxes, texts, pictures, controls. The frame keeps the objects of
// the last drawing and gives them out again, and touches only those whose place
// or content differs: drawing a page again with another minute in its header
// repaints one text. Compared were: building a tree per view (easy, but every
// tick rebuilt everything and, on software rendering, cost a full upload of the
// page's textures), and stock containers with data bindings (no wrapped Chinese
// text, hover that stays lit on touch panels, one font parse per style).
//
// Two controls change between two drawings by themselves: the pad, whose ink has to
// follow the finger, paints the tiles of its sheet under it; the nine keys of a
// narrow keyboard ask for the page to be drawn again ([Frame.Again]).
//
// # Text
//
// Fyne's own wrapping knows spaces only. [Face.Wrap] breaks by Unicode's line
// breaking rules (UAX 14, github.com/go-text/typesetting/segmenter) and measures
// with the advances of the bundled fonts, so it needs no driver and may be used
// from any goroutine. Text is never cut: what does not fit in width goes to
// another line, and callers ask for the height before they place it. The one
// exception is [Face.Elide], which shows that something is missing.
package touch

//go:build !headless

package main

import "hallkiosk/assets"

// simulatorFont is the font for pictures of printed papers.
func simulatorFont() (regular, bold []byte) { return assets.FontRegular, assets.FontBold }

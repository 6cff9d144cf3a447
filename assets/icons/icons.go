// Package icons holds the pictures of the terminal's pages as SVG files: icons
// of one colour, written as currentColor, and a few larger pictures with colours
// of their own. All are drawn for this project.
//
// Package touch of the terminal gives the icons their colour and draws them.
package icons

import "embed"

// Files are the SVG files, at the root of the file system: back.svg.
//
//go:embed *.svg
var Files embed.FS

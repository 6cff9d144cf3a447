//go:build handwriting

package handwriting

import _ "embed"

//go:embed strokes.model
var embedded []byte

//go:build !handwriting

package handwriting

// embedded is the model the program carries: none.
var embedded []byte

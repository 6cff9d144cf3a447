//go:build headless

package main

// simulatorFont is none: the central service carries no fonts.
func simulatorFont() (regular, bold []byte) { return nil, nil }

//go:build headless

package main

// The static build has no screen: it is the central service.
const (
	programName    = "hallcentral"
	defaultCommand = "serve"
)

func screenCommands() []command { return nil }

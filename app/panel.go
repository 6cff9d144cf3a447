//go:build !headless

package main

import (
	"fmt"
	"strings"

	"hallkiosk/app/kiosk/screens"
)

// panelDefault is the panel most terminals have.
const panelDefault = "21.5-portrait"

// panelByName finds a reference panel, or reads a size such as
// "476x268mm 1920x1080".
func panelByName(name string) (screens.Panel, error) {
	var names []string
	for _, p := range screens.ReferencePanels() {
		if p.Name == name {
			return p.Panel, nil
		}
		names = append(names, p.Name)
	}
	var p screens.Panel
	if n, err := fmt.Sscanf(name, "%gx%gmm %dx%d", &p.WidthMM, &p.HeightMM, &p.WidthPx, &p.HeightPx); err != nil || n != 4 {
		return p, fmt.Errorf("no panel %q; there are %s, or give its visible size like 476x268mm 1920x1080", name, strings.Join(names, ", "))
	}
	return p, p.Validate()
}

//go:build ignore

// Command mkmodel makes the model of package handwriting: strokes.model and the
// licence that has to go with it, in the folder it is run in. It downloads 13 MB
// with npm the first time; -dir keeps them for the next.
package main

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"slices"

	"hallkiosk/app/kiosk/handwriting"
	"hallkiosk/app/kiosk/handwriting/internal/strokedata"
)

// notice is required by the Arphic Public License, section 2 a.
const notice = `Strokes of Chinese characters as 512 numbers each, for a recogniser of handwriting.
Derived by mkmodel from the middle lines of strokes in ` + strokedata.Source + `
(Make Me a Hanzi, from the fonts AR PL KaitiM GB and AR PL UKai, Copyright (C) 1999
Arphic Technology Co., Ltd.) in November 2026. This file stands under the Arphic Public License,
ARPHICPL.TXT, which has to accompany it. No warranty.
`

func main() {
	dir := flag.String("dir", "", "folder the package is kept in; empty = a temporary one")
	flag.Parse()
	if err := run(context.Background(), *dir); err != nil {
		fmt.Fprintln(os.Stderr, "mkmodel:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string) error {
	if dir == "" {
		temp, err := os.MkdirTemp("", "mkmodel")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temp)
		dir = temp
	}
	file, err := strokedata.Fetch(ctx, dir)
	if err != nil {
		return err
	}
	data, err := strokedata.Read(file, strokedata.GB2312)
	if err != nil {
		return err
	}
	var templates []handwriting.Template
	for c, s := range data.Strokes {
		templates = append(templates, handwriting.Template{Char: c, Strokes: s})
	}
	slices.SortFunc(templates, func(a, b handwriting.Template) int { return cmp.Compare(a.Char, b.Char) })
	var model bytes.Buffer
	if err := handwriting.WriteModel(&model, notice, templates); err != nil {
		return err
	}
	if err := os.WriteFile("strokes.model", model.Bytes(), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile("ARPHICPL.TXT", data.Licence, 0o644); err != nil {
		return err
	}
	fmt.Printf("strokes.model: %d characters, %d bytes\n", len(templates), model.Len())
	return nil
}

//go:build !headless

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	fynetest "fyne.io/fyne/v2/test"

	"hallkiosk/app/guide"
	"hallkiosk/app/guide/importer"
	"hallkiosk/app/guide/search"
	"hallkiosk/app/hall"
	"hallkiosk/app/kiosk/screens"
	"hallkiosk/assets"
)

// galleryOptions say which pictures runGallery makes; an empty list means all.
type galleryOptions struct {
	out                             string
	hall                            *hall.Hall // nil = the invented hall of the samples
	guides                          *guide.Catalogue
	index                           *search.Index // of guides
	panels, pages, modes, languages []string
}

// samples returns the pages to draw on the panel.
func (o galleryOptions) samples(panel screens.Panel, variant screens.Variant) ([]screens.Sample, error) {
	if o.guides != nil {
		return screens.CatalogueGallery(o.guides, galleryFinder{o.index}, panel, variant)
	}
	if o.hall != nil {
		return screens.HallGallery(o.hall, panel, variant)
	}
	return screens.Gallery(panel, variant)
}

// galleryFinder is a search index as the pages ask it.
type galleryFinder struct{ index *search.Index }

// Find implements screens.Finder.
func (f galleryFinder) Find(text string, limit int) []screens.Match {
	var matches []screens.Match
	for _, r := range f.index.Search(search.Query{Text: text, Limit: limit}) {
		matches = append(matches, screens.Match{Guide: r.Index, Marks: r.Marks})
	}
	return matches
}

// has says whether a page of that name is wanted.
func (o galleryOptions) has(name string) bool {
	return len(o.pages) == 0 || slices.ContainsFunc(o.pages, func(p string) bool { return strings.HasPrefix(name, p) })
}

// runGallery writes a picture of every page in every state, for every reference
// panel, mode and language: DIR/<panel>/<mode>-<language>/<page>.png. It needs no
// display. With a hall file it draws that hall's pages that are hardest to draw,
// with a file of guides those of the guides.
func runGallery(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	opts, err := galleryFlags(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	memory := fynetest.NewApp() // an app that draws into memory
	defer memory.Quit()
	memory.Settings().SetTheme(screens.Theme())

	written := 0
	for _, panel := range screens.ReferencePanels() {
		if !wanted(opts.panels, panel.Name) {
			continue
		}
		for _, variant := range screens.Variants() {
			mode, language, _ := strings.Cut(variant.Name(), "-")
			if !wanted(opts.modes, mode) || !wanted(opts.languages, language) {
				continue
			}
			dir := filepath.Join(opts.out, panel.Name, variant.Name())
			n, err := writeVariant(ctx, dir, panel.Panel, variant, opts)
			if err != nil {
				return err
			}
			written += n
		}
	}
	if written == 0 {
		return errors.New("gallery: no page of that name: names are those of the pictures, or their beginnings")
	}
	fmt.Fprintf(stdout, "gallery: %d pictures in %s\n", written, opts.out)
	return nil
}

func galleryFlags(args []string, stderr io.Writer) (galleryOptions, error) {
	var panels []string
	for _, p := range screens.ReferencePanels() {
		panels = append(panels, p.Name)
	}
	fs := flag.NewFlagSet("gallery", flag.ContinueOnError)
	fs.SetOutput(stderr)
	out := fs.String("out", "gallery", "`folder` the pictures are written to")
	panel := fs.String("panel", "", "only these `panels`, separated by commas: "+strings.Join(panels, ", "))
	page := fs.String("page", "", "only pages whose names begin with one of these `words`: home, choose-40")
	mode := fs.String("mode", "", "only this `mode`: normal or assisted")
	lang := fs.String("lang", "", "only this `language`: zh or en")
	hallFile := fs.String("hall", "", "hall `file` whose longest lists and names are drawn instead of the samples")
	guideFile := fs.String("guides", "", "`file` of guides whose longest lists, names and guides are drawn instead of the samples")
	if err := fs.Parse(args); err != nil {
		return galleryOptions{}, err
	}
	if fs.NArg() > 0 {
		return galleryOptions{}, fmt.Errorf("gallery: what is %q? Options come with a name, see gallery -h", fs.Arg(0))
	}
	opts := galleryOptions{
		out: *out, panels: commaList(*panel), pages: commaList(*page),
		modes: commaList(*mode), languages: commaList(*lang),
	}
	for _, check := range []struct {
		name         string
		given, known []string
	}{
		{"panel", opts.panels, panels},
		{"mode", opts.modes, []string{"normal", "assisted"}},
		{"lang", opts.languages, []string{"zh", "en"}},
	} {
		for _, s := range check.given {
			if !slices.Contains(check.known, s) {
				return opts, fmt.Errorf("gallery: -%s %s: want one of %s", check.name, s, strings.Join(check.known, ", "))
			}
		}
	}
	if *hallFile != "" {
		file, err := hall.ReadFile(*hallFile)
		if err != nil {
			return opts, fmt.Errorf("gallery: %w", err)
		}
		opts.hall = file.Hall
	}
	if *guideFile != "" {
		catalogue, _, counts, err := importer.Read(*guideFile, importer.Options{})
		if err != nil {
			return opts, fmt.Errorf("gallery: %w", err)
		}
		if counts.Accepted == 0 {
			return opts, fmt.Errorf("gallery: %s: no guide that can be shown; see hallcentral guides check", *guideFile)
		}
		synonyms, err := search.ParseSynonyms(strings.NewReader(assets.GuideSynonyms))
		if err != nil {
			return opts, fmt.Errorf("gallery: %w", err)
		}
		opts.guides = catalogue
		opts.index, _ = search.ForCatalogue(catalogue, synonyms)
	}
	return opts, nil
}

func writeVariant(ctx context.Context, dir string, panel screens.Panel, variant screens.Variant, opts galleryOptions) (int, error) {
	samples, err := opts.samples(panel, variant)
	if err != nil {
		return 0, fmt.Errorf("gallery: %w", err)
	}
	canvas := software.NewCanvas()
	canvas.SetPadded(false)
	canvas.Resize(fyne.NewSize(float32(panel.WidthPx), float32(panel.HeightPx)))
	// Nobody touches a picture, and there is one goroutine: no events, no hand-over.
	show, err := screens.New(canvas, screens.Options{Panel: panel, Post: func(f func()) { f() }, Send: screens.Ignore})
	if err != nil {
		return 0, fmt.Errorf("gallery: %w", err)
	}
	written := 0
	for _, s := range samples {
		if err := ctx.Err(); err != nil {
			return written, err
		}
		if !opts.has(s.Name) {
			continue
		}
		show.Show(s.View)
		if err := writePicture(filepath.Join(dir, s.Name+".png"), canvas); err != nil {
			return written, fmt.Errorf("gallery: %w", err)
		}
		written++
	}
	return written, nil
}

func writePicture(name string, canvas fyne.Canvas) (err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, canvas.Capture())
}

func wanted(list []string, name string) bool { return len(list) == 0 || slices.Contains(list, name) }

func commaList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

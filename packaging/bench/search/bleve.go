package main

import (
	"fmt"
	"strconv"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/lang/cjk"
	"github.com/blevesearch/bleve/v2/mapping"

	"hallkiosk/app/guide/search"
)

// bleveEngine is bleve's index in memory with its CJK analyser: pairs of characters,
// names worth ten times, aliases eight times the rest, as for FTS5.
type bleveEngine struct{ index bleve.Index }

func newBleve(docs []search.Document) (*bleveEngine, error) {
	m := bleve.NewIndexMapping()
	m.DefaultAnalyzer = cjk.AnalyzerName
	text := mapping.NewTextFieldMapping()
	text.Analyzer = cjk.AnalyzerName
	text.Store, text.IncludeTermVectors, text.IncludeInAll = false, false, false
	guide := mapping.NewDocumentMapping()
	for _, field := range []string{"name", "aliases", "more", "codes"} {
		guide.AddFieldMappingsAt(field, text)
	}
	m.DefaultMapping = guide
	index, err := bleve.NewMemOnly(m)
	if err != nil {
		return nil, fmt.Errorf("bleve: %w", err)
	}
	batch := index.NewBatch()
	for i, d := range docs {
		err := batch.Index(strconv.Itoa(i), map[string]any{
			"name":    d.Name,
			"aliases": append(append([]string{}, d.Aliases...), d.English),
			"more":    append(append([]string{d.Department}, d.Tags...), d.Words...),
			"codes":   d.Codes,
		})
		if err != nil {
			return nil, fmt.Errorf("bleve: %w", err)
		}
		if batch.Size() >= 1000 || i == len(docs)-1 {
			if err := index.Batch(batch); err != nil {
				return nil, fmt.Errorf("bleve: %w", err)
			}
			batch.Reset()
		}
	}
	return &bleveEngine{index}, nil
}

// Find implements judged.Engine.
func (b *bleveEngine) Find(text string, n int) ([]int, error) {
	any := bleve.NewDisjunctionQuery()
	for _, f := range []struct {
		field string
		boost float64
	}{{"name", 10}, {"aliases", 8}, {"codes", 5}, {"more", 1}} {
		q := bleve.NewMatchQuery(text)
		q.SetField(f.field)
		q.SetBoost(f.boost)
		any.AddQuery(q)
	}
	res, err := b.index.Search(bleve.NewSearchRequestOptions(any, n, 0, false))
	if err != nil {
		return nil, err
	}
	var out []int
	for _, hit := range res.Hits {
		i, err := strconv.Atoi(hit.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, nil
}

func (b *bleveEngine) Close() error { return b.index.Close() }

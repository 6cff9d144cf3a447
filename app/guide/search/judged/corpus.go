package judged

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"hallkiosk/app/guide/search"
	"hallkiosk/assets/guides/demo"
)

// The catalogues the list is about.
const (
	CorpusGuangan   = "guangan"   // 1,135 items of a county hall, v-luobo/zwfw (Apache-2.0)
	CorpusGuangdong = "guangdong" // 1,500 guides of a province, Clarence-Kong/QABasedOnPolicyKnowledgeGraph (MIT)
	CorpusSample    = "sample"    // the product's own sample catalogue
)

// Corpus is a catalogue as far as it is searched.
type Corpus struct {
	Name string
	Docs []search.Document
}

// Catalogues returns the sample catalogue and the public data sets that are on this
// machine; missing names those that are not.
func Catalogues() (found []Corpus, missing []string, err error) {
	c, err := demo.Catalogue()
	if err != nil {
		return nil, nil, fmt.Errorf("judged: sample catalogue: %w", err)
	}
	found, missing, err = dataSets()
	return append([]Corpus{{CorpusSample, search.Documents(c)}}, found...), missing, err
}

// dataSets reads the two public catalogues. They lie in a folder shared/data beside
// the repository on machines that have them; missing names those that do not.
func dataSets() (found []Corpus, missing []string, err error) {
	for _, set := range []struct {
		name, file string
		read       func(path string) ([]search.Document, error)
	}{
		{CorpusGuangan, "items-guangan.json", readItems},
		{CorpusGuangdong, "guides-guangdong-1500.jsonl", readGuides},
	} {
		path, err := beside(set.file)
		if errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, set.name)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		docs, err := set.read(path)
		if err != nil {
			return nil, nil, fmt.Errorf("judged: %s: %w", set.file, err)
		}
		found = append(found, Corpus{set.name, docs})
	}
	return found, missing, nil
}

// beside looks for a data file in shared/data of the folders above.
func beside(file string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		path := filepath.Join(dir, "shared", "data", file)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fs.ErrNotExist
		}
		dir = up
	}
}

// readItems reads departments of groups of items; a link carries an item's code.
func readItems(path string) ([]search.Document, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var departments []struct {
		Department string `json:"department"`
		Items      []struct {
			Items []struct{ Name, Link string } `json:"sub_items"`
		} `json:"items"`
	}
	if err := json.Unmarshal(raw, &departments); err != nil {
		return nil, err
	}
	var docs []search.Document
	for _, d := range departments {
		for _, group := range d.Items {
			for _, it := range group.Items {
				doc := search.Document{ID: fmt.Sprint(len(docs)), Name: it.Name, Department: d.Department}
				if u, err := url.Parse(it.Link); err == nil && u.Query().Get("itemCode") != "" {
					doc.Codes = []string{u.Query().Get("itemCode")}
				}
				docs = append(docs, doc)
			}
		}
	}
	return docs, nil
}

// readGuides reads one guide a line.
func readGuides(path string) ([]search.Document, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var docs []search.Document
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var g struct {
			Name       string   `json:"TASK_NAME"`
			Department string   `json:"DEPT_NAME"`
			Code       string   `json:"TASK_CODE"`
			Catalogue  string   `json:"CATAID"`
			Themes     []string `json:"theme_category"`
		}
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			return nil, err
		}
		docs = append(docs, search.Document{
			ID: fmt.Sprint(len(docs)), Name: g.Name, Department: g.Department, Tags: g.Themes,
			Codes: []string{g.Code, g.Catalogue},
		})
	}
	return docs, lines.Err()
}

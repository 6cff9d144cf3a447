package judged

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"hallkiosk/app/guide/search"
)

// FTS5 is a full-text table of SQLite with its trigram tokenizer, asked as well as
// it can be: every run of characters as its trigrams, any of which may be there,
// ranked by bm25 with the name counting most. Trigrams cannot find fewer than three
// characters; those, and what finds nothing, are looked up as pairs of characters
// with LIKE, the shortest name first. Noise words are taken out as the product does.
type FTS5 struct {
	db *sql.DB
	// Everyday are the product's everyday words; nil = without. They are no part of
	// what FTS5 offers: with them one sees what pinyin and ranking are worth.
	Everyday *Everydays
}

// NewFTS5 makes the table of a catalogue, in memory.
func NewFTS5(docs []search.Document) (*FTS5, error) {
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		return nil, fmt.Errorf("judged: fts5: %w", err)
	}
	db.SetMaxOpenConns(1) // a database in memory belongs to its connection
	f := &FTS5{db: db}
	if err := f.fill(docs); err != nil {
		db.Close()
		return nil, fmt.Errorf("judged: fts5: %w", err)
	}
	return f, nil
}

func (f *FTS5) fill(docs []search.Document) error {
	if _, err := f.db.Exec(`CREATE VIRTUAL TABLE guide USING fts5(name, aliases, more, codes, tokenize = 'trigram')`); err != nil {
		return err
	}
	tx, err := f.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, err := tx.Prepare(`INSERT INTO guide (rowid, name, aliases, more, codes) VALUES (?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	for i, d := range docs {
		aliases := strings.Join(append(slices.Clone(d.Aliases), d.English), " ")
		more := strings.Join(slices.Concat([]string{d.Department}, d.Tags, d.Words), " ")
		if _, err := insert.Exec(i+1, d.Name, aliases, more, strings.Join(d.Codes, " ")); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Close frees the table.
func (f *FTS5) Close() error { return f.db.Close() }

// Find implements [Engine].
func (f *FTS5) Find(text string, n int) ([]int, error) {
	texts := []string{bare(text)}
	if f.Everyday != nil {
		texts = append(texts, f.Everyday.Official(texts[0])...)
	}
	var grams, pairs []string
	for _, t := range texts {
		for run := range strings.FieldsFuncSeq(t, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			grams = append(grams, windows(run, 3)...)
			if len(run) > 1 { // bytes: one Chinese character, two letters
				pairs = append(pairs, windows(run, min(2, utf8.RuneCountInString(run)))...)
			}
		}
	}
	if len(grams) > 0 {
		var match strings.Builder
		for i, g := range grams {
			if i > 0 {
				match.WriteString(" OR ")
			}
			match.WriteString(`"` + g + `"`)
		}
		found, err := f.rows(`SELECT rowid FROM guide WHERE guide MATCH ? ORDER BY bm25(guide, 10, 8, 1, 5), length(name) LIMIT ?`, match.String(), n)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	if len(pairs) == 0 {
		return nil, nil
	}
	var where strings.Builder
	var args []any
	for i, p := range pairs {
		if i > 0 {
			where.WriteString(" + ")
		}
		where.WriteString("(name LIKE ?) * 2 + (aliases LIKE ?)")
		args = append(args, "%"+p+"%", "%"+p+"%")
	}
	return f.rows(`SELECT id FROM (SELECT rowid AS id, length(name) AS long, `+where.String()+` AS hits FROM guide)
		WHERE hits > 0 ORDER BY hits DESC, long LIMIT ?`, append(args, n)...)
}

func (f *FTS5) rows(query string, args ...any) ([]int, error) {
	rows, err := f.db.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []int
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id-1)
	}
	return out, rows.Err()
}

// windows are all runs of n characters, none of a shorter text.
func windows(s string, n int) []string {
	rs := []rune(s)
	var out []string
	for i := 0; i+n <= len(rs); i++ {
		out = append(out, string(rs[i:i+n]))
	}
	return out
}

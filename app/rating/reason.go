package rating

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/BurntSushi/toml"
)

//go:embed reasons.toml
var reasonsFile []byte

// Reason is one of the fixed reasons of a level.
type Reason struct {
	Code   int    `toml:"code"` // 510
	Text   string `toml:"text"` // 一窗受理一次办结
	TextEn string `toml:"text_en"`
	Core   bool   `toml:"core"` // of the national core; others are extensions
	Level  Level  `toml:"-"`
}

// reasonSets are the reasons of each version, the oldest first.
type reasonSets struct {
	names []string
	sets  map[string][]Reason
}

var builtinReasons = sync.OnceValue(func() *reasonSets {
	s, err := parseReasons(reasonsFile)
	if err != nil {
		panic(err) // compiled in, and read by the tests
	}
	return s
})

// ReasonsVersion returns the version to offer now, such as 2020-08-27.
func ReasonsVersion() string {
	names := builtinReasons().names
	return names[len(names)-1]
}

// Reasons returns the reasons of a version in the order in which they are shown: by
// level from the best, the national core first. It is nil for a version that is not
// known. The caller may change the slice.
func Reasons(version string) []Reason { return slices.Clone(builtinReasons().sets[version]) }

// ReasonsOf returns the reasons of one level of a version.
func ReasonsOf(version string, l Level) []Reason {
	return slices.DeleteFunc(Reasons(version), func(r Reason) bool { return r.Level != l })
}

func parseReasons(data []byte) (*reasonSets, error) {
	var file struct {
		Versions []struct {
			Version string `toml:"version"`
			Levels  []struct {
				Level   Level    `toml:"level"`
				Reasons []Reason `toml:"reasons"`
			} `toml:"levels"`
		} `toml:"versions"`
	}
	meta, err := toml.NewDecoder(bytes.NewReader(data)).Decode(&file)
	if err != nil {
		return nil, fmt.Errorf("rating: reasons: %w", err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return nil, fmt.Errorf("rating: reasons: unknown key %s", extra[0])
	}
	if len(file.Versions) == 0 {
		return nil, errors.New("rating: reasons: no version")
	}
	out := &reasonSets{sets: map[string][]Reason{}}
	for _, v := range file.Versions {
		if v.Version == "" || out.sets[v.Version] != nil {
			return nil, fmt.Errorf("rating: reasons: version %q is empty or there twice", v.Version)
		}
		var set []Reason
		codes := map[int]bool{}
		for _, l := range v.Levels {
			if !l.Level.Valid() {
				return nil, fmt.Errorf("rating: reasons: version %s: no level %q", v.Version, l.Level)
			}
			for _, r := range l.Reasons {
				if r.Code/100 != l.Level.Stars() || codes[r.Code] || r.Text == "" || r.TextEn == "" {
					return nil, fmt.Errorf("rating: reasons: version %s: %d does not fit %s, is there twice or has no text", v.Version, r.Code, l.Level)
				}
				codes[r.Code], r.Level = true, l.Level
				set = append(set, r)
			}
		}
		if len(set) == 0 {
			return nil, fmt.Errorf("rating: reasons: version %s has none", v.Version)
		}
		out.sets[v.Version] = set
		out.names = append(out.names, v.Version)
	}
	return out, nil
}

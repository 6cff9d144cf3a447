package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"hallkiosk/app/hall"
)

// The names of recordings, without their kind of file. Digits and letters are named
// by themselves, a window's own recording by [windowWord].
const (
	wordChime  = "chime"
	wordPlease = "please" // 请
	wordCalled = "called" // 号到
	wordWindow = "window" // 号窗口办理, after a number
	wordScreen = "screen" // 号请看大屏幕, for windows that cannot be spoken
	wordTen    = "ten"    // 十
)

// windowWord names the recording of one window, with all that follows 号到:
// 综合窗口办理.
func windowWord(id string) string { return "window-" + id }

// phrase returns the recordings that announce a number: 请 A 零 二 三 号到 三 号窗口办理.
// Digits of the number are said one by one, as everywhere in such halls; a window's
// number as a number, as people call it. It is nil for a label with anything but
// letters and digits in it: half a number said aloud would send the wrong person.
func (v *voice) phrase(h *hall.Hall, label, window string) []string {
	words := []string{wordPlease}
	for _, r := range strings.ToLower(label) {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') || !v.has(string(r)) {
			return nil
		}
		words = append(words, string(r))
	}
	if len(words) == 1 {
		return nil
	}
	for _, w := range h.Windows {
		if own := windowWord(w.ID); w.Name == window && v.has(own) {
			return append(words, wordCalled, own)
		}
	}
	if said := windowNumber(window); said != nil {
		return append(append(append(words, wordCalled), said...), wordWindow)
	}
	return append(words, wordScreen)
}

// windowNumber reads a window's name: 3 三, 12 十二, 20 二十, 105 一零五, A2 A 二. It is
// nil for names that are words.
func windowNumber(name string) []string {
	letters := strings.TrimRight(name, "0123456789")
	digits := name[len(letters):]
	var words []string
	for _, r := range strings.ToLower(strings.ReplaceAll(letters, "-", "")) {
		if r < 'a' || r > 'z' {
			return nil
		}
		words = append(words, string(r))
	}
	if n, err := strconv.Atoi(digits); err == nil && n >= 10 && n <= 99 && digits[0] != '0' {
		if n >= 20 {
			words = append(words, strconv.Itoa(n/10))
		}
		words = append(words, wordTen)
		if n%10 > 0 {
			words = append(words, strconv.Itoa(n%10))
		}
		return words
	}
	for _, r := range digits {
		words = append(words, string(r))
	}
	return words
}

// soundTypes are the kinds of recordings served; browsers play them all.
var soundTypes = map[string]string{
	".mp3":  "audio/mpeg",
	".ogg":  "audio/ogg",
	".opus": "audio/ogg",
	".wav":  "audio/wav",
	".m4a":  "audio/mp4",
}

// largestSound bounds a recording: a minute of what a recorder makes.
const largestSound = 6 << 20

// voice serves the recordings under /voice/. Like the web files they carry a digest
// in their addresses; they are read once, when the service starts.
type voice struct {
	sounds map[string]sound // by name without kind
	list   string           // name=file?v=digest, for the page
}

type sound struct {
	file, kind, digest string
	data               []byte
}

// newVoice reads the recordings that come with the program, which must be there, and
// over them those of a hall's own, of which it logs what it cannot use. own may be nil.
func newVoice(bundled, own fs.FS, log *slog.Logger) *voice {
	v := &voice{sounds: map[string]sound{}}
	bundled, err := fs.Sub(bundled, "voice")
	if err == nil {
		err = v.read(bundled, func(string, error) {})
	}
	if err != nil {
		panic("pages: " + err.Error()) // compiled in
	}
	if own != nil {
		err := v.read(own, func(name string, err error) {
			log.Warn("pages: a recording is not used", "file", name, "err", err)
		})
		if err != nil {
			log.Error("pages: the folder of recordings is not used", "err", err)
		}
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(v.sounds)) {
		list = append(list, name+"="+v.sounds[name].file+"?v="+v.sounds[name].digest)
	}
	v.list = strings.Join(list, " ")
	return v
}

func (v *voice) read(files fs.FS, bad func(name string, err error)) error {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		file := e.Name()
		kind := path.Ext(file)
		name := strings.TrimSuffix(file, kind)
		if soundTypes[kind] == "" || e.IsDir() || !plainName(name) {
			continue // a licence, a recorder's project
		}
		info, err := fs.Stat(files, file)
		if err == nil && info.Size() > largestSound {
			err = fs.ErrInvalid
		}
		var data []byte
		if err == nil {
			data, err = fs.ReadFile(files, file)
		}
		if err == nil && len(data) == 0 {
			err = fs.ErrInvalid
		}
		if err != nil {
			bad(file, err)
			continue
		}
		sum := sha256.Sum256(data)
		v.sounds[name] = sound{file, soundTypes[kind], hex.EncodeToString(sum[:6]), data}
	}
	return nil
}

// plainName says whether a name can stand in an address and a list as it is.
func plainName(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == ""
}

func (v *voice) has(name string) bool { return v.sounds[name].data != nil }

// ServeHTTP serves one recording.
func (v *voice) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	s := v.sounds[strings.TrimSuffix(file, path.Ext(file))]
	if s.data == nil || s.file != file {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", s.kind)
	h.Set("Content-Length", strconv.Itoa(len(s.data)))
	if r.URL.Query().Get("v") == s.digest {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Write(s.data)
}

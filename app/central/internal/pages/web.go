package pages

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// webFiles serves style sheet, scripts and icon under /web/. Their addresses
// carry a digest of their content, so browsers may keep them for ever and still
// see the next version at once.
type webFiles struct {
	files   fs.FS
	content map[string][]byte
	digest  map[string]string
	version string // digest over everything, templates included
}

// contentTypes are the kinds served; templates are not among them.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// newWebFiles reads the files, which are compiled in: trouble is a mistake of
// ours and panics.
func newWebFiles(files fs.FS) *webFiles {
	w := &webFiles{files: files, content: map[string][]byte{}, digest: map[string]string{}}
	names, err := fs.Glob(files, "*.*")
	if err != nil {
		panic("pages: " + err.Error())
	}
	all := sha256.New()
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			panic("pages: " + err.Error())
		}
		all.Write(data)
		if contentTypes[path.Ext(name)] != "" {
			sum := sha256.Sum256(data)
			w.content[name], w.digest[name] = data, hex.EncodeToString(sum[:6])
		}
	}
	w.version = hex.EncodeToString(all.Sum(nil)[:6])
	return w
}

// parseTemplates reads the templates. Their function web gives the address of a
// file; keyOf and minorOf make buttons of the console.
func (w *webFiles) parseTemplates() *template.Template {
	funcs := template.FuncMap{"keyOf": keyOf, "minorOf": minorOf, "upper": strings.ToUpper, "web": func(name string) (string, error) {
		if w.digest[name] == "" {
			return "", fmt.Errorf("pages: no file %s", name)
		}
		return "/web/" + name + "?v=" + w.digest[name], nil
	}}
	return template.Must(template.New("").Funcs(funcs).ParseFS(w.files, "*.html"))
}

// ServeHTTP serves one file.
func (w *webFiles) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	data, ok := w.content[name]
	if !ok {
		http.NotFound(rw, r)
		return
	}
	rw.Header().Set("Content-Type", contentTypes[path.Ext(name)])
	if r.URL.Query().Get("v") == w.digest[name] {
		rw.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	rw.Write(data)
}

func (s *site) execute(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	err := s.templates.ExecuteTemplate(&b, name, data)
	return b.Bytes(), err
}

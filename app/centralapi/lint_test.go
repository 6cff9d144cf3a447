package centralapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const restyPath = "github.com/go-resty/resty/v2"

// forbiddenCalls are resty's ways to send a request twice or half.
var forbiddenCalls = map[string]string{
	"SetRetryCount":               "the durable outbox owns retries; resty would repeat POSTs",
	"AddRetryCondition":           "the durable outbox owns retries",
	"AddRetryAfterErrorCondition": "the durable outbox owns retries",
	"SetDebug":                    "debug output prints bodies",
	"SetFileReader":               "bodies are bytes",
	"SetMultipartField":           "bodies are bytes",
	"SetFormData":                 "bodies are JSON",
}

// lint returns what a file of this package does wrong with resty.
func lint(fset *token.FileSet, file *ast.File) []string {
	var wrong []string
	// Variables declared in the file as []byte; SetBody takes nothing else.
	bytesVars := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && isBytes(v.Type) {
			for _, name := range v.Names {
				bytesVars[name.Name] = true
			}
		}
		return true
	})
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		at := fset.Position(sel.Sel.Pos()).String()
		if why, bad := forbiddenCalls[sel.Sel.Name]; bad {
			wrong = append(wrong, at+": "+sel.Sel.Name+": "+why)
		}
		if sel.Sel.Name == "SetBody" {
			if name, ok := call.Args[0].(*ast.Ident); !ok || !bytesVars[name.Name] {
				wrong = append(wrong, at+": SetBody: the argument must be a variable declared as []byte: a Reader is sent empty when repeated")
			}
		}
		return true
	})
	return wrong
}

func isBytes(t ast.Expr) bool {
	a, ok := t.(*ast.ArrayType)
	if !ok || a.Len != nil {
		return false
	}
	e, ok := a.Elt.(*ast.Ident)
	return ok && e.Name == "byte"
}

func TestRestyIsUsedSafely(t *testing.T) {
	fset := token.NewFileSet()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	setBodies := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(fset, name, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range lint(fset, file) {
			t.Error(w)
		}
		setBodies += strings.Count(string(src), ".SetBody(")
	}
	if setBodies == 0 {
		t.Error("no SetBody was found: the check has lost what it checks")
	}
}

func TestLintFindsWhatItForbids(t *testing.T) {
	for name, body := range map[string]string{
		"reader":         `r := strings.NewReader("x"); q.SetBody(r)`,
		"reader in line": `q.SetBody(strings.NewReader("x"))`,
		"struct":         `q.SetBody(TicketRequest{})`,
		"retry":          `c.SetRetryCount(3)`,
		"retry in chain": `resty.New().SetBaseURL("x").SetRetryCount(3)`,
		"debug":          `c.SetDebug(true)`,
	} {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "x.go", "package x\nfunc f() {\n"+body+"\n}", 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(lint(fset, file)) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
}

// The client is the only user of resty in the module.
func TestNobodyElseImportsResty(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	importers := 0
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "testdata" || d.Name() == "build") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return nil // the compiler says so louder
		}
		for _, i := range file.Imports {
			if p, _ := strconv.Unquote(i.Path.Value); p == restyPath {
				importers++
				if rel, _ := filepath.Rel(root, filepath.Dir(path)); rel != filepath.Join("app", "centralapi") {
					t.Errorf("%s imports resty: use centralapi.Client", path)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if importers == 0 {
		t.Error("not even the client imports resty: the check has lost what it checks")
	}
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fs.ErrNotExist
		}
		dir = parent
	}
}

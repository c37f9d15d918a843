package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/cite"
)

const (
	root   = "../.."
	module = "github.com/assay-gan/assay/"
)

// floor of each top-level part: an import goes down, never up or sideways. Parts of one floor do not know each other.
var floor = map[string]int{
	"cmd/assay": 7, "cmd/bench-peers": 7, "cmd/zoo-cards": 7, "cmd/conformance": 7, "cmd/created-equal": 7, "cmd/verdicts": 7, "cmd/scale": 7,
	"command":       6,
	"runners/queue": 5, "runners/serve": 5, "runners/audit": 5,
	"runners": 4,
	"zoo":     3, "featurizer": 3,
	"datasets": 2,
	"nn":       1, "metrics": 1, "reports": 1, "imaging": 1, "runners/search": 1, // draws of settings: it knows no model, and runners reads it
	"rng": 0, "threads": 0, "internal/kernel": 0, "internal/numeric": 0, "internal/cite": 0, "internal/suggest": 0, "internal/atomicfile": 0,
	"internal/tensorfile": 0, "internal/testutil": 0, "internal/inputfile": 0, "internal/fault": 0, "internal/machine": 0, "internal/program": 0, "internal/quote": 0, "internal/seal": 0, "internal/browsertest": 0, "internal/pdf": 0, "internal/crew": 0,
}

// downstairs are the imports between parts of one floor that the design allows all the same.
var downstairs = map[string][]string{
	"threads":             {"internal/kernel"},                          // it is the kernel's number, for everybody
	"rng":                 {"internal/kernel"},                          // eight counters at a time
	"internal/numeric":    {"internal/kernel", "rng", "internal/fault"}, // its linear algebra runs on the float64 kernels
	"internal/inputfile":  {"internal/machine", "internal/fault"},       // sizes are held against the machine's memory
	"internal/machine":    {"internal/fault"},                           // errors whose text is complete in itself
	"internal/program":    {"internal/inputfile"},                       // hashes of files named in command lines
	"internal/tensorfile": {"internal/inputfile", "internal/fault"},     // files that come from outside are opened in one way
}

// only says which parts alone may import a module.
var only = map[string][]string{
	"gorgonia.org/":            {"nn", "cmd/bench-peers/gorgonia.go"}, // the one is built on it, the other is measured against it
	"gopkg.in/yaml":            {"runners"},
	"github.com/parquet-go/":   {"internal/tensorfile", "reports/export"}, // read by the one, written by the other
	"github.com/spf13/cobra":   {"command"},
	"github.com/vbauerster/":   {"command"},
	"github.com/chromedp/":     {"internal/browsertest"},
	"github.com/mmcloughlin/":  {"internal/kernel"},
	"github.com/olekukonko/":   {"reports"},
	"github.com/nats-io/":      {"runners/queue"},
	"modernc.org/sqlite":       {"reports/index"},
	"math/rand":                {"rng"},
	"math/rand/v2":             {"rng"},
	"net/http":                 {"command", "featurizer/fetch.go", "runners/serve"}, // downloads happen when the user asks for one; the live page
	"go4.org/unsafe/assume-no": {"nn"},
}

// file is one parsed Go file of the module.
type file struct {
	path, part string
	test       bool
	ast        *ast.File
}

func parseAll(t *testing.T) (*token.FileSet, []file) {
	t.Helper()
	var files []file
	set := token.NewFileSet()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != root && elsewhere(p) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(d.Name(), ".go") {
			return nil
		}
		f, err := parser.ParseFile(set, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		files = append(files, file{path: rel, part: partOf(path.Dir(rel)), test: strings.HasSuffix(d.Name(), "_test.go"), ast: f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d Go files found below %s", len(files), root)
	}
	return set, files
}

// elsewhere says whether a folder holds no code of this module: hidden, data, what programs wrote, a module of its own.
func elsewhere(dir string) bool {
	name := filepath.Base(dir)
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil || strings.HasPrefix(name, ".") || name == "testdata" || name == "bin" || name == "runs"
}

// partOf is the innermost part that holds a folder: runners/queue and not runners.
func partOf(dir string) string {
	best := ""
	for part := range floor {
		if (dir == part || strings.HasPrefix(dir, part+"/")) && len(part) > len(best) {
			best = part
		}
	}
	return best
}

// Imports stand in groups, an empty line between: the standard library, other modules, this one.
func TestImportGroups(t *testing.T) {
	set, files := parseAll(t)
	for _, f := range files {
		was, line := -1, 0
		for _, spec := range f.ast.Imports {
			imp, _ := strconv.Unquote(spec.Path.Value)
			group := 0
			if host, _, _ := strings.Cut(imp, "/"); strings.HasPrefix(imp, module) {
				group = 2
			} else if strings.Contains(host, ".") {
				group = 1
			}
			first := spec.Pos()
			if spec.Doc != nil {
				first = spec.Doc.Pos()
			}
			apart := set.Position(first).Line > line+1
			if was >= 0 && (group < was || (group > was) != apart) {
				t.Errorf("%s: %s does not stand where it belongs: the standard library, other modules, this one, an empty line between groups", f.path, imp)
			}
			was, line = group, set.Position(spec.End()).Line
		}
	}
}

func TestImportsGoDown(t *testing.T) {
	_, files := parseAll(t)
	for _, f := range files {
		if f.part == "" {
			t.Errorf("%s belongs to no part of the house", f.path)
			continue
		}
		for _, spec := range f.ast.Imports {
			imp, _ := strconv.Unquote(spec.Path.Value)
			if rest, ok := strings.CutPrefix(imp, module); ok {
				to := partOf(rest)
				if to != f.part && floor[to] >= floor[f.part] && !slices.Contains(downstairs[f.part], to) && !f.test {
					t.Errorf("%s (floor %d) imports %s (floor %d)", f.path, floor[f.part], rest, floor[to])
				}
				continue
			}
			for prefix, owners := range only {
				standard := !strings.Contains(prefix, ".") // exact names: math/rand is not math/rand/v2
				hit := imp == prefix || !standard && strings.HasPrefix(imp, prefix)
				if hit && !f.test && !ownedBy(f.path, owners) {
					t.Errorf("%s imports %s, which is for %v alone", f.path, imp, owners)
				}
			}
		}
	}
}

func ownedBy(path string, owners []string) bool {
	return slices.ContainsFunc(owners, func(o string) bool { return path == o || strings.HasPrefix(path, o+"/") })
}

// forbidden calls, and the parts that may make them all the same.
var forbidden = map[string][]string{
	"os.Exit":     {"cmd/assay"},
	"fmt.Print":   {},
	"fmt.Printf":  {},
	"fmt.Println": {},
	"time.Now":    {"runners", "runners/queue", "runners/serve", "runners/audit", "command", "internal/kernel", "internal/testutil"}, // the kernel measures the machine's peak for `assay doctor`
	"log.Fatal":   {},
	"log.Fatalf":  {},
}

func TestLibrariesKeepQuiet(t *testing.T) {
	set, files := parseAll(t)
	for _, f := range files {
		if f.test || f.ast.Name.Name == "main" && f.part != "cmd/assay" { // generators and trainers are programs of their own
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok || pkg.Obj != nil {
				return true
			}
			name := pkg.Name + "." + sel.Sel.Name
			if allowed, bad := forbidden[name]; bad && !slices.Contains(allowed, f.part) {
				t.Errorf("%s: %s is not for %s", set.Position(call.Pos()), name, f.part)
			}
			return true
		})
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: no init functions", set.Position(fn.Pos()))
			}
		}
	}
}

// openers are the calls that read a file, and where each may stand: everything that comes from outside goes through internal/inputfile, which refuses what is no
// regular file and bounds what it unpacks to.
var openers = map[string][]string{
	"os.Open":         {"internal/inputfile", "internal/atomicfile", "runners/provenance.go"},                                                            // a folder to be synced; the program itself
	"os.ReadFile":     {"internal/machine", "internal/kernel/cache.go", "command/doctor.go", "zoo/zootest", "internal/testutil", "internal/browsertest"}, // the system's own files; what a test wrote, or compares
	"zip.OpenReader":  {},
	"zip.NewReader":   {"internal/inputfile"},
	"tar.NewReader":   {"internal/inputfile"},
	"gzip.NewReader":  {"internal/inputfile", "imaging/listing/open.go", "reports/vendorjs"}, // the first bytes alone; embedded
	"flate.NewReader": {},
	"zlib.NewReader":  {},
}

func TestInputsAreOpenedInOneWay(t *testing.T) {
	set, files := parseAll(t)
	seen := 0
	for _, f := range files {
		if f.test || f.ast.Name.Name == "main" { // the project's own programs read the project's own files
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok || pkg.Obj != nil {
				return true
			}
			allowed, opener := openers[pkg.Name+"."+sel.Sel.Name]
			if opener {
				seen++
			}
			if opener && !ownedBy(f.path, allowed) {
				t.Errorf("%s: %s.%s: open it by internal/inputfile", set.Position(n.Pos()), pkg.Name, sel.Sel.Name)
			}
			return true
		})
	}
	if seen < 5 {
		t.Errorf("only %d places open files: the test sees little", seen)
	}
}

var label = regexp.MustCompile(`\[([a-z]+(?:19|20)\d\d[a-z]?)\]`)

func TestSourcesResolve(t *testing.T) {
	set, files := parseAll(t)
	found := 0
	for _, f := range files {
		for _, g := range f.ast.Comments {
			for _, m := range label.FindAllStringSubmatch(g.Text(), -1) {
				found++
				if _, err := cite.Lookup(m[1]); err != nil {
					t.Errorf("%s: %v", set.Position(g.Pos()), err)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d sources are named in comments", found)
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	set, files := parseAll(t)
	for _, f := range files {
		if f.test || f.ast.Name.Name == "main" {
			continue
		}
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && !wellKnown[d.Name.Name] {
					t.Errorf("%s: %s has no doc comment", set.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if ts, ok := s.(*ast.TypeSpec); ok && ts.Name.IsExported() && d.Doc == nil && ts.Doc == nil {
						t.Errorf("%s: type %s has no doc comment", set.Position(ts.Pos()), ts.Name.Name)
					}
				}
			}
		}
	}
}

// wellKnown methods say what they do by their interface.
var wellKnown = map[string]bool{"String": true, "Error": true, "Unwrap": true, "Len": true, "Less": true, "Swap": true}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	if s, ok := t.(*ast.StarExpr); ok {
		t = s.X
	}
	if i, ok := t.(*ast.IndexExpr); ok {
		t = i.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}

// Whoever imports a package reads its documentation first: what it promises in doc.go, and how it is used in an example that the tests run.
func TestPublicPackagesAreDocumentedByExample(t *testing.T) {
	_, files := parseAll(t)
	doc, example, packages := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, f := range files {
		dir := path.Dir(f.path)
		if !public(dir) {
			continue
		}
		packages[dir] = true
		if path.Base(f.path) == "doc.go" && f.ast.Doc != nil {
			doc[dir] = true
		} else if f.ast.Doc != nil && !f.test {
			t.Errorf("%s has a package comment: it belongs in doc.go", f.path)
		}
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.test && strings.HasPrefix(fn.Name.Name, "Example") && says(f.ast, fn, "Output:") {
				example[dir] = true
			}
		}
	}
	for dir := range packages {
		if !doc[dir] {
			t.Errorf("%s has no doc.go with a package comment", dir)
		}
		if !example[dir] {
			t.Errorf("%s has no Example with its output", dir)
		}
	}
	if len(packages) < 15 {
		t.Errorf("only %d public packages found", len(packages))
	}
}

// says reports whether a comment inside a function begins with a word.
func says(f *ast.File, fn *ast.FuncDecl, word string) bool {
	return slices.ContainsFunc(f.Comments, func(c *ast.CommentGroup) bool {
		return fn.Pos() < c.Pos() && c.End() < fn.End() && strings.HasPrefix(c.Text(), word)
	})
}

func TestNothingLeftUnfinished(t *testing.T) {
	mark := regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)
	_, files := parseAll(t)
	for _, f := range files {
		if f.path == "cmd/assay/house_test.go" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, f.path))
		if err != nil {
			t.Fatal(err)
		}
		if m := mark.Find(text); m != nil {
			t.Errorf("%s: %s", f.path, m)
		}
	}
}

// What a build leaves beside the sources (go build ./cmd/conformance writes a program there) is easily committed with them.
func TestNoProgramsAmongTheSources(t *testing.T) {
	out, err := exec.Command("git", "-C", root, "ls-files", "-z").Output()
	if err != nil {
		t.Skip("no git, or no checkout: nothing is tracked here")
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		f, err := os.Open(filepath.Join(root, name))
		if err != nil {
			continue // removed and not yet committed
		}
		head := make([]byte, 4)
		n, _ := io.ReadFull(f, head)
		_ = f.Close()
		if b := string(head[:n]); b == "\x7fELF" || strings.HasPrefix(b, "MZ") || b == "\xcf\xfa\xed\xfe" {
			t.Errorf("%s is a compiled program: git rm it", name)
		}
	}
}

// A sentinel is for errors.Is: its words at the end of a complete sentence ("...: shapes do not fit") tell a reader nothing. fault.Of keeps them out of the text.
func TestNoSentinelTails(t *testing.T) {
	_, files := parseAll(t)
	for _, f := range files {
		if f.test || strings.HasPrefix(f.path, "examples") || f.part == "internal/fault" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			if fun, ok := call.Fun.(*ast.SelectorExpr); !ok || fun.Sel.Name != "Errorf" {
				return true
			}
			format, isText := call.Args[0].(*ast.BasicLit)
			if isText && strings.HasSuffix(format.Value, `: %w"`) && sentinel.MatchString(nameOf(call.Args[len(call.Args)-1])) {
				t.Errorf("%s: %s ends in the words of a sentinel: use fault.Of", f.path, format.Value)
			}
			return true
		})
	}
}

var sentinel = regexp.MustCompile(`^Err[A-Z]`)

// nameOf is the last name of an identifier or a selector; "" of anything else.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

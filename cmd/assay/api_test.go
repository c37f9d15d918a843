package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// public says whether an outsider can import a folder of the module.
func public(dir string) bool {
	return dir != "." && !strings.HasPrefix(dir, "cmd/") && !strings.Contains("/"+dir+"/", "/internal/")
}

// A public package is usable only if everything its exported names speak of can be named by the program that imports it.
func TestExportedAPIIsUsable(t *testing.T) {
	load := newLoader(t)
	checked := 0
	for _, dir := range load.publicDirs() {
		pkg, err := load.Import(module + dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, breach := range breaches(pkg) {
			t.Error(breach)
		}
		checked++
	}
	if checked < 15 {
		t.Errorf("only %d public packages found", checked)
	}
}

// The walk itself: every place where a type can hide is found in a package made for it.
func TestExportedAPIWalkFindsEveryPlace(t *testing.T) {
	const src = `package p
import "m/internal/x"
type hidden struct{ N int }
type iface interface{ M() }
type stuck interface{ M(x.T); own(hidden) }
type Alias = x.T
type Embeds struct{ x.T }
type Field struct{ F map[string][]*x.T; private x.T }
type Named []x.T
type Takes struct{}
func (Takes) Method(f func(x.T)) {}
func (Takes) private(x.T) {}
func Func(a ...x.T) {}
func Result() *hidden { return nil }
func Fine(i iface) (struct{ hidden }, error) { return struct{ hidden }{}, nil }
func Stuck(s stuck) {}
func Generic[T x.C]() {}
const Const = x.K
var Var chan x.T
type Promotes struct{ inner }
type inner struct{ G x.T }
type Holder struct{ H hidden }
`
	const inside = `package x
type T int
type C interface{ ~int }
const K T = 1
`
	set := token.NewFileSet()
	check := func(path, text string, imp types.Importer) *types.Package {
		f, err := parser.ParseFile(set, path+".go", text, 0)
		if err != nil {
			t.Fatal(err)
		}
		pkg, err := (&types.Config{Importer: imp, Error: func(error) {}}).Check(path, set, []*ast.File{f}, nil)
		if err != nil {
			t.Logf("%v", err)
		}
		return pkg
	}
	x := check("m/internal/x", inside, nil)
	got := breaches(check("m/p", src, importerFunc(func(string) (*types.Package, error) { return x, nil })))
	for _, want := range []string{"p.Alias", "p.Embeds.T", "p.Field.F", "p.Named", "p.Takes.Method", "p.Func", "p.Result", "p.Stuck.M", "p.Generic", "p.Const", "p.Var", "p.Promotes.inner.G", "p.Holder.H"} {
		if !slices.ContainsFunc(got, func(g string) bool { return strings.HasPrefix(g, want+" ") }) {
			t.Errorf("%s was not found among %q", want, got)
		}
	}
	for _, g := range got {
		if strings.Contains(g, "private") || strings.HasPrefix(g, "p.Fine ") {
			t.Errorf("found without need: %s", g)
		}
	}
}

type importerFunc func(string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

// loader reads the module's own packages from their sources, by files that `go test` sees this test open (so that its cached verdict dies with any of them), and all
// others from the compiler's export data. Bodies of functions say nothing about an API and are left out.
type loader struct {
	t       *testing.T
	set     *token.FileSet
	own     map[string]*types.Package
	foreign types.Importer
}

func newLoader(t *testing.T) *loader {
	t.Helper()
	set := token.NewFileSet()
	exports := exportFiles(t)
	return &loader{t: t, set: set, own: map[string]*types.Package{}, foreign: importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) {
		file, ok := exports[path]
		if !ok {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(file)
	})}
}

// exportFiles are the compiled packages that the module is built on, by import path.
func exportFiles(t *testing.T) map[string]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-f", "{{if not .Module}}{{.ImportPath}}={{.Export}}{{else if not .Module.Main}}{{.ImportPath}}={{.Export}}{{end}}", "./...")
	cmd.Dir = root
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, &errs)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, file, ok := strings.Cut(strings.TrimSpace(line), "="); ok && file != "" {
			files[path] = file
		}
	}
	return files
}

func (l *loader) Import(path string) (*types.Package, error) {
	dir, ok := strings.CutPrefix(path, module)
	if !ok {
		return l.foreign.Import(path)
	}
	if pkg := l.own[path]; pkg != nil {
		return pkg, nil
	}
	files, err := parseDir(l.set, filepath.Join(root, dir))
	if err != nil {
		return nil, err
	}
	pkg, err := (&types.Config{Importer: l, IgnoreFuncBodies: true}).Check(path, l.set, files, nil)
	l.own[path] = pkg
	return pkg, err
}

// parseDir reads the files of a folder that this machine's build takes, tests left out.
func parseDir(set *token.FileSet, dir string) ([]*ast.File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		if ok, err := build.Default.MatchFile(dir, e.Name()); err != nil || !ok {
			continue
		}
		f, err := parser.ParseFile(set, filepath.Join(dir, e.Name()), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// publicDirs are the folders of the module that hold a package an outsider can import.
func (l *loader) publicDirs() []string {
	l.t.Helper()
	var dirs []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		if p != root && elsewhere(p) {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(root, p)
		if rel = filepath.ToSlash(rel); err == nil && public(rel) {
			if files, _ := parseDir(token.NewFileSet(), p); len(files) > 0 {
				dirs = append(dirs, rel)
			}
		}
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return dirs
}

// breaches lists the places where the exported names of a package speak of a type that an outsider cannot name: one of an internal package, or an unexported one
// that is not an interface (which is met without a name).
func breaches(pkg *types.Package) []string {
	w := &walker{pkg: pkg, seen: map[*types.TypeName]bool{}}
	for _, name := range pkg.Scope().Names() {
		if obj := pkg.Scope().Lookup(name); obj.Exported() {
			w.object(pkg.Name()+"."+name, obj)
		}
	}
	return w.found
}

type walker struct {
	pkg   *types.Package
	found []string
	seen  map[*types.TypeName]bool // unexported types already walked: they may speak of themselves
}

func (w *walker) object(at string, obj types.Object) {
	name, ok := obj.(*types.TypeName)
	if !ok {
		w.typ(at, obj.Type())
		return
	}
	if name.IsAlias() {
		w.typ(at, types.Unalias(obj.Type()))
		return
	}
	named := obj.Type().(*types.Named)
	w.params(at, named.TypeParams())
	w.declared(at, named)
}

// declared walks what a type that is open to view is made of: its fields, elements and exported methods.
func (w *walker) declared(at string, named *types.Named) {
	for m := range named.Methods() {
		if m.Exported() {
			w.typ(at+"."+m.Name(), m.Type())
		}
	}
	if !named.Obj().Exported() && w.seen[named.Obj()] {
		return
	}
	w.seen[named.Obj()] = true
	if s, ok := named.Underlying().(*types.Struct); ok {
		w.fields(at, s)
		return
	}
	w.typ(at, named.Underlying())
}

// fields walks what of a struct an outsider sees. An embedded type that is unexported gives its exported fields and methods all the same.
func (w *walker) fields(at string, s *types.Struct) {
	for f := range s.Fields() {
		hidden, local := types.Unalias(deref(f.Type())).(*types.Named)
		switch {
		case f.Embedded() && !f.Exported() && local && hidden.Obj().Pkg() == w.pkg:
			w.declared(at+"."+f.Name(), hidden)
		case f.Exported():
			w.typ(at+"."+f.Name(), f.Type())
		}
	}
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func (w *walker) params(at string, list *types.TypeParamList) {
	for p := range list.TypeParams() {
		w.typ(at, p.Constraint())
	}
}

// typ walks a type as an exported name speaks of it.
func (w *walker) typ(at string, t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		w.typ(at, types.Unalias(t))
	case *types.Named:
		w.named(at, t)
		for a := range t.TypeArgs().Types() {
			w.typ(at, a)
		}
	case *types.Signature:
		w.params(at, t.TypeParams())
		for v := range t.Params().Variables() {
			w.typ(at, v.Type())
		}
		for v := range t.Results().Variables() {
			w.typ(at, v.Type())
		}
	case *types.Struct:
		w.fields(at, t)
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			if m.Exported() {
				w.typ(at+"."+m.Name(), m.Type())
			}
		}
		for e := range t.EmbeddedTypes() {
			w.typ(at, e)
		}
	case *types.Union:
		for term := range t.Terms() {
			w.typ(at, term.Type())
		}
	case *types.Map:
		w.typ(at, t.Key())
		w.typ(at, t.Elem())
	case interface{ Elem() types.Type }: // pointers, slices, arrays, channels
		w.typ(at, t.Elem())
	}
}

func (w *walker) named(at string, t *types.Named) {
	obj := t.Obj()
	pkg := obj.Pkg()
	switch {
	case pkg == nil: // error
	case strings.Contains("/"+pkg.Path()+"/", "/internal/"):
		w.found = append(w.found, fmt.Sprintf("%s speaks of %s.%s, a type of an internal package", at, pkg.Path(), obj.Name()))
	case pkg == w.pkg && !obj.Exported() && !types.IsInterface(t):
		w.found = append(w.found, fmt.Sprintf("%s speaks of %s, which is not exported", at, obj.Name()))
	case pkg == w.pkg && !obj.Exported() && !w.seen[obj]: // an interface is met without its name, if its methods can be written
		w.seen[obj] = true
		w.typ(at, t.Underlying())
	}
}

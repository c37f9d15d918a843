package command

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	aFlag = regexp.MustCompile(`(^|[^-\w])--[a-z]`)
	// A whole command, as in "make one by assay gate --write", or one of another tool, is no flag of who knows what.
	aCommand = regexp.MustCompile(`(assay [a-z ]+|tar) --[a-z]+`)
	aField   = regexp.MustCompile(`\b(ScoreRequest|SanityRequest|DataRequest|ScoreKeys|Feeding|Run|Statistics|Options|Env|Pair)\.[A-Z]\w*`)
)

// Texts of the library name fields and never flags, and the command has a flag for every field that they name.
func TestLibraryTextsNameFields(t *testing.T) {
	named := false
	for _, dir := range []string{"runners", "zoo", "featurizer", "datasets", "metrics", "reports", "nn", "imaging", "rng", "internal"} {
		err := filepath.WalkDir(filepath.Join("..", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, filepath.Join("kernel", "gen")) {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				if aFlag.MatchString(aCommand.ReplaceAllString(text, "")) {
					t.Errorf("%s names a flag of the command: %q", files.Position(lit.Pos()), text)
				}
				if aField.MatchString(text) {
					named = true
					if told := wording.Replace(text); aField.MatchString(told) {
						t.Errorf("%s: the command has no words for the field in %q", files.Position(lit.Pos()), text)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !named {
		t.Error("no text names a field: the test looks at the wrong place")
	}
}

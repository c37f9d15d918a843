package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// The code that docs/LIBRARY.md shows is code that the tests run: each block stands, but for its indentation, in an example of a package or in examples/external.
func TestLibraryPageIsDocumentedByCodeThatRuns(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "LIBRARY.md"))
	if err != nil {
		t.Fatal(err)
	}
	var running []string
	for _, pattern := range []string{"*/example_test.go", "*/*/example_test.go", "examples/external/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			running = append(running, unindented(string(text)))
		}
	}
	blocks := goBlock.FindAllStringSubmatch(string(page), -1)
	if len(blocks) < 5 {
		t.Fatalf("only %d blocks of Go in docs/LIBRARY.md", len(blocks))
	}
	all := strings.Join(running, "\n")
	for _, b := range blocks {
		if !strings.Contains(all, unindented(b[1])) {
			t.Errorf("no example holds the lines\n%s", b[1])
		}
	}
}

func unindented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}

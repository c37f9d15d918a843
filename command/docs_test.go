package command

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// block is a fenced block of a page that is carried out, in order, in one fresh folder for each page: below a line <!-- test --> the commands of an sh block are run, below
// <!-- file: NAME --> the block is written to a file of that name.
var block = regexp.MustCompile("(?m)^<!-- (?:test|file: ([a-z0-9-]+\\.yaml)) -->\n+```(?:sh|yaml)\n((?:.*\n)*?)```")

// TestCommandsInTheDocs runs every marked command of README.md, CONTRIBUTING.md and docs/. In a marked block each line is a command of assay, perhaps after
// "$ "; a trailing comment is allowed, and says the exit code where it is not 0: # exit 1. `bin/assay` counts as assay.
func TestCommandsInTheDocs(t *testing.T) {
	if testing.Short() {
		t.Skip("runs whole commands")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages = append(pages, filepath.Join(root, "README.md"), filepath.Join(root, "CONTRIBUTING.md"))
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			continue
		}
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Chdir(t.TempDir())
			for _, m := range block.FindAllStringSubmatch(string(text), -1) {
				if m[1] != "" {
					if err := os.WriteFile(m[1], []byte(m[2]), 0o600); err != nil {
						t.Fatal(err)
					}
					continue
				}
				for _, line := range strings.Split(strings.TrimSpace(m[2]), "\n") {
					runLine(t, line)
				}
			}
		})
	}
}

func runLine(t *testing.T, line string) {
	t.Helper()
	line, comment, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "$ "), " #")
	words := docWords(line)
	if len(words) == 0 {
		return
	}
	if words[0] != "assay" && words[0] != "bin/assay" {
		t.Errorf("a marked block holds %q: only commands of assay can be tested", line)
		return
	}
	want := 0
	if m := exitComment.FindStringSubmatch(comment); m != nil {
		want, _ = strconv.Atoi(m[1]) // digits
	}
	if r := assay(words[1:]...); r.code != want {
		t.Errorf("%s\nexit code %d, want %d, %s", line, r.code, want, r.err)
	}
}

var exitComment = regexp.MustCompile(`\bexit (\d+)`)

// The test above must be able to fail: the pattern finds what it should in a page made for it.
func TestDocsPattern(t *testing.T) {
	page := "text\n\n<!-- file: a-1.yaml -->\n```yaml\nname: a\n```\n\n<!-- test -->\n```sh\n$ assay version  # note\nassay list models\n```\n\n```sh\nmake\n```\n"
	m := block.FindAllStringSubmatch(page, -1)
	if len(m) != 2 || m[0][1] != "a-1.yaml" || m[0][2] != "name: a\n" || m[1][1] != "" || m[1][2] != "$ assay version  # note\nassay list models\n" {
		t.Errorf("found %q", m)
	}
}

// docWords splits a line as a shell does that knows double quotes alone.
func docWords(line string) []string {
	var words []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}

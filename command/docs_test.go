package command

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/runners"
)

// block is a fenced block of a page that is carried out, in order, in one fresh folder for each page: below a line <!-- test --> the commands of an sh block are run, below
// <!-- file: NAME --> the block is written to a file of that name. A block below <!-- output --> is what the last command before it printed, to the byte; below
// <!-- output: words --> but for its numbers, which are those of the machine that wrote the page; with ", 9 lines" the first nine of it are shown. UPDATE_GOLDEN=1 writes outputs again.
var block = regexp.MustCompile("(?m)^<!-- (test|output(?:: words)?(?:, [0-9]+ lines)?|file: [a-z0-9-]+\\.yaml) -->\n+```(?:sh|yaml|text)\n((?:.*\n)*?)```")

// TestCommandsInTheDocs runs every marked command of README.md, CONTRIBUTING.md and docs/. In a marked block each line is a command of assay, perhaps after
// "$ ", or several with && between them; a trailing comment is allowed, and says the exit code where it is not 0: # exit 1. `bin/assay` counts as assay. Where a page speaks of folders real/ and fake/, they are there (see pictures).
func TestCommandsInTheDocs(t *testing.T) {
	if testing.Short() {
		t.Skip("runs whole commands")
	}
	t.Setenv("COLUMNS", "80")
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
		name := filepath.Base(page)
		if filepath.Dir(page) == root {
			name = "root-" + name
		}
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if strings.Contains(string(text), " real/ ") && block.Match(text) {
				pictures(t, ".", 500)
			}
			out := runPage(t, string(text))
			if out != string(text) && testutil.UpdateGolden() {
				if err := os.WriteFile(page, []byte(out), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// runPage carries out the blocks of a page and returns the page with the outputs that there were.
func runPage(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	last, at := "", 0
	for _, m := range block.FindAllStringSubmatchIndex(text, -1) {
		kind, body := text[m[2]:m[3]], text[m[4]:m[5]]
		switch file, isFile := strings.CutPrefix(kind, "file: "); {
		case isFile:
			if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
		case kind == "test":
			for _, line := range strings.Split(strings.TrimSpace(strings.ReplaceAll(body, "\\\n", " ")), "\n") {
				for one := range strings.SplitSeq(line, " && ") {
					last = runLine(t, one)
				}
			}
		default:
			same := func(s string) string { return s }
			if strings.Contains(kind, "words") {
				same = wordsOnly
				if runners.Origin("").Kernel != writtenOn { // what training came to is another thing there: the form of the first line is not
					same = func(s string) string { return wordsOnly(strings.SplitN(s, "\n", 2)[0]) }
				}
			}
			if got := shownLines(last, kind); same(got) != same(body) {
				if !testutil.UpdateGolden() {
					t.Errorf("the page shows\n%s\nthe command printed\n%s\nUPDATE_GOLDEN=1 writes it", body, got)
				}
				out.WriteString(text[at:m[4]] + got)
				at = m[5]
			}
		}
	}
	return out.String() + text[at:]
}

var (
	digits = regexp.MustCompile(`[-+]?[0-9][0-9.,]*(?:e[-+][0-9]+)?`)
	blanks = regexp.MustCompile(`[ ─]+|\b(?:avx0|neon|generic)\b`)
)

// writtenOn is the kernel set of the machine that wrote the pages.
const writtenOn = "avx512"

// wordsOnly is a text without its numbers, and without what makes columns of their widths.
func wordsOnly(s string) string { return blanks.ReplaceAllString(digits.ReplaceAllString(s, "0"), " ") }

// shownLines is the text that a page shows of an output: all of it or its first lines, without blanks at the ends of lines, which no page keeps.
func shownLines(s, kind string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	if m := digits.FindString(kind); m != "" {
		if n, _ := strconv.Atoi(m); n < len(lines) { // digits
			lines = append(lines[:n:n], "...")
		}
	}
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// pictures writes what a newcomer has: real/ and fake/, two folders of n pictures each. The fake ones are glyphs that a generator might have drawn: as real as the others, but soft.
func pictures(t *testing.T, dir string, n int) {
	t.Helper()
	made, size := filepath.Join(dir, "made"), strconv.Itoa(n)
	if r := assay("data", "glyphs", "--out", made, "--train-n", size, "--test-n", size, "--hold-n", "1"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	for folder, split := range map[string]string{"real": "test", "fake": "train"} {
		files, err := filepath.Glob(filepath.Join(made, split, "*", "*.png"))
		if err != nil || len(files) != n {
			t.Fatal(len(files), err)
		}
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		for i, f := range files {
			m, _, err := imaging.DecodeFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if folder == "fake" {
				soften(m)
			}
			var b bytes.Buffer
			if err := imaging.EncodePNG(&b, m); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, folder, fmt.Sprintf("%05d.png", i)), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.RemoveAll(made); err != nil {
		t.Fatal(err)
	}
}

// soften puts the mean of each pixel, twice, and its two neighbours of the row in the pixel's place.
func soften(m *imaging.Image) {
	for y := range m.H {
		row := m.Pix[y*m.W*m.C : (y+1)*m.W*m.C]
		old := slices.Clone(row)
		for i := m.C; i+m.C < len(row); i++ {
			row[i] = uint8((int(old[i-m.C]) + 2*int(old[i]) + int(old[i+m.C])) / 4)
		}
	}
}

// runLine carries out a command and returns what it printed.
func runLine(t *testing.T, line string) string {
	t.Helper()
	line, comment, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "$ "), " #")
	words := docWords(line)
	if len(words) == 0 {
		return ""
	}
	if words[0] != "assay" && words[0] != "bin/assay" {
		t.Errorf("a marked block holds %q: only commands of assay can be tested", line)
		return ""
	}
	want := 0
	if m := exitComment.FindStringSubmatch(comment); m != nil {
		want, _ = strconv.Atoi(m[1]) // digits
	}
	r := assay(words[1:]...)
	if r.code != want {
		t.Errorf("%s\nexit code %d, want %d, %s", line, r.code, want, r.err)
	}
	return r.out
}

var exitComment = regexp.MustCompile(`\bexit (\d+)`)

// The test above must be able to fail: the pattern finds what it should in a page made for it, an output is held to what was printed, and one of words to its words.
func TestDocsPattern(t *testing.T) {
	page := "text\n\n<!-- file: a-1.yaml -->\n```yaml\nname: a\n```\n\n<!-- test -->\n```sh\n$ assay version  # note\nassay list models\n```\n\n```sh\nmake\n```\n<!-- output: words -->\n```text\nx\n```\n"
	m := block.FindAllStringSubmatch(page, -1)
	if len(m) != 3 || m[0][1] != "file: a-1.yaml" || m[0][2] != "name: a\n" || m[1][1] != "test" || m[1][2] != "$ assay version  # note\nassay list models\n" || m[2][1] != "output: words" {
		t.Errorf("found %q", m)
	}
	if got := shownLines("a \nb\nc\n", "output: words, 2 lines"); got != "a\nb\n...\n" {
		t.Errorf("shown %q", got)
	}
	if a, b := wordsOnly("fd  0.5 [0.4, 1e-05]\n"), wordsOnly("fd 12 [3.25, 7]\n"); a != b || a == wordsOnly("kid 12 [3.25, 7]\n") {
		t.Errorf("%q, %q", a, b)
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

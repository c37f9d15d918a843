package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/rng"
)

// A newcomer reads README from its first line to the first table of their own two folders, and types what stands there. The rates are those of an adult who reads English prose
// and types commands that he copies by eye; both are on the slow side of what is published (238 words a minute, 40 words of 5 characters).
const (
	wordsAMinute      = 200
	charactersAMinute = 150
	mostMinutes       = 5
)

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// newcomer returns what a newcomer reads of README, and types: the lines of its first two blocks of commands, without their comments.
func newcomer(t *testing.T) (words int, lines []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := shellBlock.FindAllSubmatchIndex(text, 3)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of commands", len(blocks))
	}
	for _, b := range blocks[:2] {
		for line := range strings.Lines(string(text[b[2]:b[3]])) {
			command, _, _ := strings.Cut(line, " #")
			lines = append(lines, strings.TrimSpace(command))
		}
	}
	read := regexp.MustCompile(`(?s)<!--.*?-->`).ReplaceAllString(string(text[:blocks[2][0]]), "") // with the table, up to the next commands
	return len(strings.FieldsFunc(read, func(r rune) bool { return !strings.ContainsRune("'-.%", r) && !letter(r) })), lines
}

func letter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r > 0x7f && !strings.ContainsRune("─│┌┐└┘├┤┬┴┼", r)
}

// The path takes less than five minutes of reading and typing; docs/INSTALL.md says how many, and docs/newcomer.sh is the path as a script, with the very commands of README.
func TestDocsNewcomer(t *testing.T) {
	words, lines := newcomer(t)
	typed := 0
	for _, l := range lines {
		typed += len(l) + 1
	}
	minutes := float64(words)/wordsAMinute + float64(typed)/charactersAMinute
	if minutes >= mostMinutes {
		t.Errorf("%d words and %d characters are %.1f minutes: README's first screen is too long", words, typed, minutes)
	}
	splice(t, "docs/INSTALL.md", "newcomer", fmt.Sprintf("From `git clone` to a table of your own two folders, README asks for %d words of reading and %d characters of typing: about %.1f minutes at %d words and %d characters a minute, beside what the build takes. "+
		"[newcomer.sh](newcomer.sh) is that path as a script, which a test carries out without a network.", words, typed, math.Ceil(10*minutes)/10, wordsAMinute, charactersAMinute))
	script := "#!/bin/sh\n# The newcomer's path: what README says from its first line to the first table, in a folder that holds real/ and fake/. Written by `make docs`; a test carries it out.\nset -eu\n" + strings.Join(lines, "\n") + "\n"
	file := filepath.Join(root, "docs", "newcomer.sh")
	if have, err := os.ReadFile(file); err == nil && string(have) == script {
		return
	}
	if !testutil.UpdateGolden() {
		t.Fatal("docs/newcomer.sh is stale: run make docs")
	}
	if err := os.WriteFile(file, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
}

// The script works: it clones what is committed here in the place of the address, builds it from the modules that are there, and scores two folders of pictures.
func TestNewcomersScript(t *testing.T) {
	if testing.Short() {
		t.Skip("clones and builds")
	}
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "git", "-C", here, "rev-parse", "HEAD").CombinedOutput(); err != nil {
		t.Skipf("no clone to clone: %v: %s", err, out)
	}
	script, err := filepath.Abs(filepath.Join(root, "docs", "newcomer.sh"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	const n = 120
	for folder, soft := range map[string]float64{"real": 0.6, "fake": 3} {
		discs(t, filepath.Join(dir, folder), n, soft)
	}
	c := exec.CommandContext(t.Context(), "sh", script)
	c.Dir = dir
	c.Env = append(os.Environ(), "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url."+here+".insteadOf", "GIT_CONFIG_VALUE_0=https://github.com/assay-gan/assay", "GOPROXY=off", "ASSAY_CACHE=off", "COLUMNS=80")
	var errors strings.Builder
	c.Stderr = &errors
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, errors.String())
	}
	for _, want := range []string{`(?i)\bfd\b.*\d`, `(?i)precision.*\d`, `(?i)recall.*\d`, `\b120\b`} {
		if !regexp.MustCompile(want).Match(out) {
			t.Errorf("the table lacks %s:\n%s", want, out)
		}
	}
}

// discs writes n pictures of a disc somewhere, of some size and colour, whose edge is so many pixels soft.
func discs(t *testing.T, dir string, n int, soft float64) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	const size = 24
	s := rng.Stream(1, "discs", dir[len(dir)-4:])
	for i := range n {
		x, y, r, shade := 8+8*s.Float64(), 8+8*s.Float64(), 3+4*s.Float64(), 80+100*s.Float64()
		m := image.NewRGBA(image.Rect(0, 0, size, size))
		for py := range size {
			for px := range size {
				inside := 1 / (1 + math.Exp((math.Hypot(float64(px)-x, float64(py)-y)-r)/soft))
				m.SetRGBA(px, py, color.RGBA{uint8(shade * inside), uint8(200 * inside), 40, 255})
			}
		}
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%03d.png", i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, m); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

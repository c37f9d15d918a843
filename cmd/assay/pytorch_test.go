package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/assay-gan/assay/command"
)

var testedBlock = regexp.MustCompile("(?s)<!-- test -->\n+```sh\n(.*?)```")

// pythonWithTorch puts a python3 that has torch on the path: the one there, or the one that ASSAY_PYTHON names. The test is skipped where there is none.
func pythonWithTorch(t *testing.T) {
	t.Helper()
	if own := os.Getenv("ASSAY_PYTHON"); own != "" {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "python3"), []byte("#!/bin/sh\nexec '"+own+"' \"$@\"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	t.Setenv("OMP_NUM_THREADS", "1")
	t.Setenv("PYTHONDONTWRITEBYTECODE", "1")
	if out, err := exec.Command("python3", "-c", "import numpy, torch").CombinedOutput(); err != nil {
		t.Skipf("no python3 with numpy and torch (ASSAY_PYTHON names another): %v: %s", err, out)
	}
}

// words splits a line at blanks outside of double quotes.
func words(line string) (out []string) {
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			out = append(out, part)
			continue
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}

// The example in PyTorch does what its page says: the same version passes as identical, the worse one is a regression, and the page's texts are the program's.
func TestPyTorchExample(t *testing.T) {
	if testing.Short() {
		t.Skip("trains networks in PyTorch")
	}
	pythonWithTorch(t)
	page, err := os.ReadFile(filepath.Join(root, "examples", "pytorch", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := testedBlock.FindStringSubmatch(string(page))
	if block == nil {
		t.Fatal("the page has no tested block")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "examples", "pytorch"))); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	var gates []string
	for line := range strings.Lines(block[1]) {
		typed, note, _ := strings.Cut(line, "#")
		want := 0
		_, _ = fmt.Sscanf(note, " exit code %d", &want)
		argv := words(typed)
		if len(argv) == 0 {
			continue
		}
		var out, errs bytes.Buffer
		code := 0
		if argv[0] == "assay" {
			code = command.Run(context.Background(), &out, &errs, argv[1:])
		} else {
			c := exec.Command(argv[0], argv[1:]...)
			c.Stderr = &errs
			if err := c.Run(); err != nil {
				code = c.ProcessState.ExitCode()
			}
		}
		if code != want {
			t.Fatalf("%s: exit code %d, want %d\n%s%s", line, code, want, &out, &errs)
		}
		if argv[0] == "assay" && argv[1] == "gate" && argv[2] == "--baseline" {
			gates = append(gates, out.String())
		}
	}
	if len(gates) != 2 {
		t.Fatalf("%d gates, want 2", len(gates))
	}
	for i, claims := range [][]string{
		{"identical     to the bit: dcgan on glyphs: fd (glyphnet)", "PASS  all 2 checks identical to the bit"},
		{"REGRESSION    dcgan on glyphs: fd (glyphnet)", "FAIL  1 of 2 checks worse"},
	} {
		for _, claim := range claims {
			if !strings.Contains(gates[i], claim) || !strings.Contains(string(page), claim) {
				t.Errorf("%q must stand in the page and in\n%s", claim, gates[i])
			}
		}
	}
}

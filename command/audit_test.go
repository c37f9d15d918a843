package command

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever is wrong with an audit is one line that names it.
func TestAuditRefusesBadInput(t *testing.T) {
	out := t.TempDir()
	for want, args := range map[string][]string{
		"say what to audit":        {"audit"},
		"bring their own data":     {"audit", "--sanity", "--featurizer", "none"},
		"unknown metric \"fdi\"":   {"audit", "--sanity", "--metrics", "fdi"},
		"unknown check":            {"audit", "--sanity", "--checks", "torus"},
		"cannot be put to":         {"audit", "--sanity", "--metrics", "is"},
		"of the published checks":  {"audit", "x.npy", "--featurizer", "none", "--thin", "2"},
		"by --featurizer":          {"audit", "x.npy"},
		"unknown featurizer":       {"audit", "x.npy", "--featurizer", "pixel"},
		"unknown disturbance":      {"audit", "x.npy", "--featurizer", "none", "--disturbances", "jpg"},
		"no such file":             {"audit", filepath.Join(out, "x.npy"), "--featurizer", "none"},
		"--format jsonl is of the": {"audit", "x.npy", "--featurizer", "none", "--format", "jsonl"},
	} {
		var stdout, stderr bytes.Buffer
		code := Run(t.Context(), &stdout, &stderr, append(args, "--out", out, "--quiet"))
		if line := stderr.String(); code == 0 || stdout.Len() > 0 || !strings.Contains(line, want) || strings.Count(line, "\n") != 1 {
			t.Errorf("%v: %d %q %q, want %q", args, code, stdout.String(), line, want)
		}
	}
}

func TestSpecsAreTakenApart(t *testing.T) {
	for list, want := range map[string]string{"none": "none", "glyphnet,pca(64,pixels)": "glyphnet|pca(64,pixels)", "a(b(c,d),e), f": "a(b(c,d),e)|f", "exec:python3 f.py a,b": "exec:python3 f.py a,b", "": ""} {
		if got := strings.Join(specs(list), "|"); got != want {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
}

func TestFolded(t *testing.T) {
	if got := hanging("one two three four", 9); got != "one two\n  three\n  four" {
		t.Errorf("%q", got)
	}
}

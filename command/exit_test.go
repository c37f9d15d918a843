package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/runners"
)

// A fault of the program is one line, with a file that a maintainer can use, and never a stack trace in the user's face.
func TestPanicIsOneLine(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var out, stderr bytes.Buffer
	kit := runners.DefaultKit()
	kit.Models = append(kit.Models, nil) // completion asks it for its name
	code := RunKit(t.Context(), &out, &stderr, []string{"list", "models"}, kit)
	line := stderr.String()
	m := regexp.MustCompile(`^assay: internal error: .*; please report it with (\S+)\n$`).FindStringSubmatch(line)
	if code != exitInternal || m == nil {
		t.Fatalf("code %d, %q", code, line)
	}
	report, err := os.ReadFile(m[1])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"command: assay list models\n", "panic: ", "command/manners.go:"} {
		if !strings.Contains(string(report), want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "nothere"))
	stderr.Reset()
	if code := RunKit(t.Context(), &out, &stderr, []string{"list", "models"}, kit); code != exitInternal || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("without a folder for the report: code %d, %q", code, stderr.String())
	}
}

func TestExitCode(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	boom := errors.New("boom")
	for _, c := range []struct {
		ctx  context.Context
		err  error
		want int
	}{
		{t.Context(), nil, 0},
		{t.Context(), boom, 2},
		{t.Context(), fmt.Errorf("more: %w", usage(boom)), 2},
		{t.Context(), found(nil), 1},
		{t.Context(), &exit{exitInconclusive, nil}, 3},
		{stopped, boom, 130},
		{stopped, usage(boom), 2}, // what was wrong stays wrong
		{stopped, nil, 0},         // it was done before the interrupt came
	} {
		if got := exitCode(c.ctx, c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
}

// What --fail-on asks for: a finding is 1, and what cannot be judged is no pass.
func TestFailOn(t *testing.T) {
	verdict := func(w metrics.Word, findings ...metrics.Word) (v metrics.Verdict) {
		v.Word = w
		for _, f := range findings {
			v.Findings = append(v.Findings, metrics.Finding{Word: f})
		}
		return v
	}
	for _, c := range []struct {
		failOn string
		v      metrics.Verdict
		want   int
	}{
		{"", verdict(metrics.Collapsed, metrics.Collapsed), 0},
		{"any", verdict(metrics.Healthy), 0},
		{"any", verdict(metrics.Collapsed, metrics.Collapsed), 1},
		{"blurred", verdict(metrics.Collapsed, metrics.Collapsed, metrics.Blurred), 1},
		{"memorised", verdict(metrics.Collapsed, metrics.Collapsed), 0},
		{"collapsed", verdict(metrics.Unclear), 3},
		{"any", verdict(metrics.Unclear), 3},
		{"unclear", verdict(metrics.Unclear), 3},
		{"", verdict(metrics.Unclear), 0},
	} {
		f := modesFlags{}
		if c.failOn != "" {
			f.failOn = strings.Split(c.failOn, ",")
		}
		if got := exitCode(t.Context(), f.judged(c.v)); got != c.want {
			t.Errorf("--fail-on %q, %s: %d, want %d", c.failOn, c.v.Word, got, c.want)
		}
	}
}

// Help and docs hold the one table.
func TestExitCodesAreDocumented(t *testing.T) {
	if r := assay("help", "exit-codes"); r.code != 0 || !strings.Contains(r.out, exitCodes) {
		t.Errorf("help exit-codes: %d, %s%s", r.code, r.out, r.err)
	}
	page, err := os.ReadFile(filepath.Join(here, "..", "docs", "CI.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "```text\n"+exitCodes+"\n```") {
		t.Errorf("docs/CI.md has another table than:\n%s", exitCodes)
	}
	for _, code := range []int{exitOK, exitFinding, exitUsage, exitInconclusive, exitInternal, exitInterrupted} {
		if !regexp.MustCompile(fmt.Sprintf(`(?m)^%d `, code)).MatchString(exitCodes) {
			t.Errorf("%d is not in the table", code)
		}
	}
}

// The help of a command has what codes mean for it alone, from the one table.
func TestHelpHasOwnExitCodes(t *testing.T) {
	for args, want := range map[string]string{
		"gate":     "\n  1    a regression\n  3    too few runs to tell\n",
		"modes":    "\n  1    a verdict that --fail-on names\n  3    too little to judge by with --fail-on\n",
		"train":    "\n  1    an alarm that --stop-on names\n",
		"selftest": "\n  1    a wrong golden value\n",
		"bench":    "\n  2    a run whose cells all failed\n",
		"score":    "",
	} {
		r := assay(args, "--help")
		_, own, found := strings.Cut(r.out, "\nExit codes beside those of every command (assay help exit-codes):")
		if found != (want != "") || own != want {
			t.Errorf("%s: %q, want %q", args, own, want)
		}
	}
}

// Where nothing is kept no folder is named: its name takes a hash of the program, most of the time of a small score.
func TestOnlyKeptFeaturesHaveAFolder(t *testing.T) {
	cache := t.TempDir()
	if got := (&inputFlags{featurizer: "none", cache: cache}).feeding(nil).Cache; got != "" {
		t.Errorf("features as they are are kept in %s", got)
	}
	for _, f := range []inputFlags{{featurizer: "pixels"}, {featurizer: "none", protocol: "clean-fid"}, {featurizer: "none", layer: "64"}} {
		f.cache = cache
		if got := f.feeding(nil).Cache; !strings.HasPrefix(got, cache) {
			t.Errorf("%+v: kept in %q", f, got)
		}
	}
}

// An interrupted pass over images says what is kept, whole batches; one that was stopped before it began says that it was.
func TestInterruptedPassSaysWhatIsKept(t *testing.T) {
	t.Chdir(t.TempDir())
	for cache, want := range map[string]string{
		"c":   "interrupted; whole batches of 7 images are kept (--batch): the same command goes on from there",
		"off": "interrupted; no features are kept without a cache: the same command begins again",
	} {
		if got := (&inputFlags{cache: cache, batch: 7}).interrupted().Error(); got != want {
			t.Errorf("cache %s: %s", cache, got)
		}
	}
	pictures(t, ".", 4)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, args := range []string{"score --real real/ --fake fake/ --featurizer pixels --metrics fd", "stats make real/ --featurizer pixels --out s.npz"} {
		var out, stderr bytes.Buffer
		if code := Run(stopped, &out, &stderr, strings.Fields(args)); code != exitInterrupted || stderr.String() != "assay: interrupted\n" || out.Len() > 0 {
			t.Errorf("%s: code %d, %q%q", args, code, out.String(), stderr.String())
		}
	}
}

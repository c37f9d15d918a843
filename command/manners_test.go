package command

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every variable of the environment that the code reads stands in the help topic, and none that it does not read.
func TestEnvironmentIsWhole(t *testing.T) {
	read := regexp.MustCompile(`os\.(?:Getenv|LookupEnv)\("([A-Z_]+)"\)|Var += "(ASSAY_[A-Z_]+)"|SilenceVar = "([A-Z_]+)"`)
	found := map[string]bool{}
	for _, part := range []string{"command", "runners", "featurizer", "datasets", "imaging", "metrics", "nn", "zoo", "reports", "threads", "internal/kernel", "internal/program"} {
		err := filepath.WalkDir(filepath.Join("..", part), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			b, err := os.ReadFile(path)
			for _, m := range read.FindAllSubmatch(b, -1) {
				found[string(bytes.Join(m[1:], nil))] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	listed := map[string]bool{}
	for _, name := range regexp.MustCompile(`(?m)^([A-Z_]+)(?:, ([A-Z_]+))?  `).FindAllStringSubmatch(environment, -1) {
		listed[name[1]] = true
		if name[2] != "" {
			listed[name[2]] = true
		}
	}
	for name := range found {
		if !listed[name] {
			t.Errorf("%s is read and not in assay help environment", name)
		}
	}
	for name := range listed {
		if !found[name] {
			t.Errorf("%s is in assay help environment and read nowhere", name)
		}
	}
	if r := assay("help", "environment"); r.code != exitOK || !strings.Contains(r.out, environment) {
		t.Errorf("%d %s", r.code, r.out)
	}
}

// Every command is in a group, and the version is there as people ask for it.
func TestHelpIsGrouped(t *testing.T) {
	r := assay("help")
	for _, g := range groups {
		if !strings.Contains(r.out, g.title+"\n") {
			t.Errorf("no group %q", g.title)
		}
		for _, c := range strings.Fields(g.commands) {
			if !strings.Contains(r.out, "\n  "+c+" ") {
				t.Errorf("no command %s", c)
			}
		}
	}
	if strings.Contains(r.out, "Additional Commands") {
		t.Errorf("a command is in no group:\n%s", r.out)
	}
	if v := assay("--version"); v.code != exitOK || !strings.HasPrefix(v.out, "assay ") || strings.Count(v.out, "\n") != 1 {
		t.Errorf("--version: %+v", v)
	}
}

func TestCompletion(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"score --metrics fd,k", "fd,kid\t"}, {"score --protocol t", "torch-fidelity\t"}, {"score --featurizer p", "pixels"}, {"bench d", "default"}, {"train v", "vae\t"},
		{"list m", "metrics"}, {"list models w", "wgan\t"}, {"list metrics k", "kid\t"}, {"list datasets r", "ring\t"}, {"list suites d", "default\n"},
		{"score --metrics a", "all\t"}, {"score --on-error s", "skip\n"}, {"list --color al", "always\n"}, {"modes --fail-on c", "collapsed"}, {"modes --dataset r", "ring\t"},
	} {
		if r := assay(append([]string{"__complete"}, strings.Fields(c.args)...)...); r.code != exitOK || !strings.Contains("\n"+r.out, "\n"+c.want) {
			t.Errorf("%s: %q lacks %q", c.args, r.out, c.want)
		}
	}
}

// Commands that take a run complete the folders that hold records, in runs and where the word stands; one that is given already is not offered again.
func TestCompletionOfRuns(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"runs/one-1a", "runs/one-2b", "here", "deep/er", "runs/a\nb"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "records.jsonl"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll("runs/empty", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"report", "status", "serve", "gate", "compare", "export", "history"} {
		for _, c := range []struct {
			given []string
			want  string
		}{
			{[]string{""}, "here\nruns/one-1a\nruns/one-2b\n:0\n"}, {[]string{"runs/"}, "runs/one-1a\nruns/one-2b\n:0\n"}, {[]string{"runs/one-2"}, "runs/one-2b\n:0\n"},
			{[]string{"deep/"}, "deep/er\n:0\n"}, {[]string{"here", "h"}, ":0\n"}, {[]string{"no/such"}, ":0\n"},
		} {
			r := assay(append([]string{"__complete", command}, c.given...)...)
			got := ""
			for line := range strings.Lines(r.out) {
				if !strings.Contains(line, "\t") { // the commands below it have a text
					got += line
				}
			}
			if r.code != exitOK || got != c.want {
				t.Errorf("%s %q: %q, want %q", command, c.given, got, c.want)
			}
		}
	}
}

// Colours are for verdicts on a terminal alone, and no name brings its own.
func TestColours(t *testing.T) {
	var b bytes.Buffer
	p := &painter{to: &b, on: true}
	in := "Verdict: collapsed (N fake 3)\ncollapsed   gan on ring 3/3\nhealthy\nthe collapsed one\n{\"verdict\": \"collapsed\"}\n"
	if n, err := p.Write([]byte(in)); n != len(in) || err != nil {
		t.Fatal(n, err)
	}
	want := "Verdict: \x1b[31mcollapsed\x1b[0m (N fake 3)\n\x1b[31mcollapsed\x1b[0m   gan on ring 3/3\n\x1b[32mhealthy\x1b[0m\nthe collapsed one\n{\"verdict\": \"collapsed\"}\n"
	if b.String() != want {
		t.Errorf("%q", b.String())
	}
	for _, c := range []struct {
		flag, no, term string
		screen, want   bool
	}{{"auto", "", "xterm", true, true}, {"auto", "", "xterm", false, false}, {"auto", "1", "xterm", true, false}, {"auto", "", "dumb", true, false}, {"always", "1", "dumb", false, true}, {"never", "", "xterm", true, false}} {
		t.Setenv("NO_COLOR", c.no)
		t.Setenv("TERM", c.term)
		if on, err := coloured(c.flag, c.screen); on != c.want || err != nil {
			t.Errorf("%+v: %v, %v", c, on, err)
		}
	}
	if r := assay("list", "suites", "--color", "red"); r.code != exitUsage || !strings.Contains(r.err, "auto, always, never") {
		t.Errorf("%+v", r)
	}
}

// Names that people type for metrics are understood.
func TestMetricAliases(t *testing.T) {
	t.Chdir(t.TempDir())
	saveRows(t, "a.npy", []int{60, 3}, normals(1, 180, 1, 0))
	for alias, want := range map[string]string{"precision": "precision ", "recall": "recall "} {
		if r := assay("score", "a.npy", "a.npy", "--metrics", alias, "--quiet"); r.code != exitOK || !strings.Contains(r.out, "\n"+want) {
			t.Errorf("%s: %d %s%s", alias, r.code, r.out, r.err)
		}
	}
}

package command

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// hostile are names as they come from outside: each does something in one of the places that names end up in.
var hostile = []string{
	"a\x1b]0;title\x07\x1b[31m", "b\u009b2Jc\x9b1m", "gnp.\u202egpj", "x\n::error::y\r", "=1+2", "@all", "<script>alert(1)</script>", `\input{/etc/passwd}`, "p|q", "[l](http://e.example)",
}

// hostileWords are those and what acts in documents alone, where it is written by a report.
var hostileWords = append(slices.Clone(hostile),
	"+cmd|'/C calc'!A0", "-1+cmd|x", `"><img src=x onerror=alert(1)>`, "`id`$(id)", `$x$\write18{id}%#&_{}~^`, `it's "so"`, "\t=1+3", strings.Repeat("long ", 30)+"<b>bold</b>")

// inert fails a test whose output does something on a terminal, or speaks to a CI system.
func inert(t *testing.T, what, out string) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Errorf("%s: not UTF-8: %q", what, out)
	}
	for line := range strings.Lines(out) {
		if strings.HasPrefix(strings.TrimSpace(line), "::error::y") && !strings.HasSuffix(what, "html") { // a page is no log
			t.Errorf("%s: a workflow command: %q", what, line)
		}
		for _, r := range strings.TrimSuffix(line, "\n") {
			if unicode.IsControl(r) && r != '\t' || r >= 0x202a && r <= 0x202e {
				t.Errorf("%s: %q acts in %.300q", what, r, line)
				break
			}
		}
	}
}

// Every command is called with every hostile name in the place of every argument and flag: whatever it answers, the name does nothing. The walk over the
// commands leaves none out.
func TestHostileNames(t *testing.T) {
	t.Chdir(t.TempDir())
	root := (&app{kit: runners.DefaultKit()}).root()
	for _, c := range root.Commands() {
		for _, name := range hostile {
			flags := map[string][]string{
				"score": {"--real", name, "--fake", name}, "explain": {"--real", name, "--fake", name}, "modes": {"--real", name, "--fake", name},
				"gate": {"--baseline", name}, "train": {"--dataset", name}, "report": {"--format", name}, "bench": {"--out", name, "--plan", "--no-probe"},
				"history": {"--format", name}, "fetch": {"--to", name + "/" + name},
			}[c.Name()]
			for _, args := range [][]string{{c.Name(), name}, append([]string{c.Name(), name}, flags...), append([]string{c.Name()}, flags...), {c.Name(), "--" + name}, {c.Name(), "--format", name}} {
				if len(args) == 1 || c.Name() == "selftest" || c.Name() == "doctor" && len(args) == 2 {
					continue // no name in it, and some take long
				}
				r := assay(args...)
				inert(t, strings.Join(args, " "), r.out+r.err)
				if r.code == exitInternal {
					t.Errorf("%q: %s", args, r.err)
				}
			}
		}
	}
	for _, name := range hostile {
		r := assay(name)
		inert(t, name, r.out+r.err)
	}
}

// hostileRun writes records whose every name is hostile.
func hostileRun(t *testing.T, path string, shift float64) {
	t.Helper()
	var recs []reports.Record
	for i, name := range hostileWords {
		name = strings.ToValidUTF8(name, "?")
		for seed := range uint64(8) {
			r := reports.Record{Cell: strings.Repeat("c", i+1) + string(rune('0'+seed)), Model: name, Dataset: name, Seed: seed, Step: 5, N: 100, Featurizer: name, Protocol: name, Reference: "test",
				Metric: "fd", Value: float64(i) + float64(seed)/8 + shift, Better: reports.Lower, Status: reports.Unreliable, Warnings: []string{name}, Unit: name,
				Settings: map[string]string{name: name}, Convention: map[string]string{name: name}, NoInterval: name,
				Provenance: reports.Provenance{Version: name, Kernel: name, CPU: name, DatasetHash: name, WeightsHash: name}}
			if seed == 7 {
				r = reports.Record{Cell: r.Cell, Model: name, Dataset: name, Seed: seed, Status: reports.Failed, Error: name + " failed", Warnings: []string{name}}
			}
			recs = append(recs, r)
		}
	}
	if _, err := reports.Append(t.Context(), path, recs, false); err != nil {
		t.Fatal(err)
	}
}

// Every output made of records does as it is told and not as the records say.
func TestHostileRecords(t *testing.T) {
	t.Chdir(t.TempDir())
	hostileRun(t, "a.jsonl", 0)
	hostileRun(t, "b.jsonl", 3)
	outputs := map[string]string{}
	run := func(args ...string) {
		t.Helper()
		r := assay(args...)
		if r.code == exitInternal || r.code == exitUsage {
			t.Errorf("%q: status %d: %s", args, r.code, r.err)
		}
		inert(t, strings.Join(args, " "), r.out+r.err)
		outputs[strings.Join(args, " ")] = r.out
	}
	for _, f := range reports.Files(reports.Formats()) {
		run("report", "a.jsonl", "--format", f.ID)
	}
	run("report", "a.jsonl", "--format", "tensorboard,mlflow", "--out", "folders")
	run("report", "a.jsonl", "--figures", "figures")
	hostileFigures(t, "figures")
	for _, f := range formatWords(t, "compare") {
		run("compare", "a.jsonl", "b.jsonl", "--format", f)
	}
	for _, f := range tableFormats {
		hostileScores(t, run, f)
	}
	run("gate", "--write", "base.jsonl", "a.jsonl")
	for _, f := range formatWords(t, "gate") {
		run("gate", "--baseline", "base.jsonl", "b.jsonl", "--format", f)
	}
	for _, f := range formatWords(t, "history") {
		run("history", "a.jsonl", "b.jsonl", "--format", f)
	}
	for what, out := range outputs {
		harmless(t, what, out)
	}
}

// hostileFigures reads the figures as files of their own: pictures are well-formed and hold no elements of the records', tables no formulas.
func hostileFigures(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 3 {
		t.Fatal(len(entries), err)
	}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		switch filepath.Ext(e.Name()) {
		case ".csv":
			harmless(t, e.Name()+" csv", string(content))
		case ".svg":
			harmless(t, e.Name()+" html", string(content))
			d := xml.NewDecoder(bytes.NewReader(content))
			for err == nil {
				_, err = d.Token()
			}
			if !errors.Is(err, io.EOF) {
				t.Errorf("%s: %v", e.Name(), err)
			}
		}
	}
}

// hostileScores calls the commands that read samples, with files, a model and a data set of every hostile name. Names with control characters are refused by
// records, which TestHostileNames sees.
func hostileScores(t *testing.T, run func(args ...string), format string) {
	t.Helper()
	name := func(i int) string {
		return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(hostileWords[i%len(hostileWords)], "?"), unicode.IsControl), " ")
	}
	file := func(i int) string {
		file := "./" + strings.ReplaceAll(name(i), "/", "_") + ".npy"
		r := splitmix(i + 1)
		saveRows(t, file, []int{40, 2}, r.normals(80, 1, 0))
		return file
	}
	for i := 0; i < len(hostileWords); i += 3 {
		real, fake, versus := file(i), file(i+1), file(i+2)
		run("score", "--real", real, "--fake", fake, "--versus", versus, "--metrics", "fd,prdc", "--format", format)
		run("score", "--real", real, "--fake", fake, "--metrics", "fd", "--model", name(i+1), "--dataset", name(i+2), "--append", "scores-"+format+".jsonl", "--seed", strconv.Itoa(i+1), "--format", format)
		run("modes", "--real", real, "--fake", fake, "--format", format)
	}
	run("report", "scores-"+format+".jsonl", "--format", "html")
}

// harmless fails a test whose output, of the format that ends its name, holds what acts there.
func harmless(t *testing.T, what, out string) {
	t.Helper()
	format := what[strings.LastIndexByte(what, ' ')+1:]
	never := map[string][]string{
		"html": {"<script>alert", "<img src=x", "<b>bold"}, "md": {"<script>alert", "<img src=x", "<b>bold", "@all", "](http://e.example", " p|q", " `id`"},
		"latex": {`\input`, `\write18`, "$x$", "%#&"},
	}
	never["markdown"] = never["md"]
	for _, bad := range never[format] {
		for line := range strings.Lines(out) {
			if strings.Contains(line, bad) && (format != "latex" || !strings.HasPrefix(line, "%")) {
				t.Errorf("%s: %q stands as it is: %.300s", what, bad, line)
			}
		}
	}
	switch format {
	case "json":
		if !json.Valid([]byte(out)) {
			t.Errorf("%s: no JSON", what)
		}
	case "csv":
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		for _, field := range slices.Concat(rows...) {
			if _, err := strconv.ParseFloat(field, 64); err != nil && field != "" && strings.ContainsRune("=+-@\t\r", rune(field[0])) {
				t.Errorf("%s: %q is a formula", what, field)
			}
		}
	}
}

// formatWords are the values that a command's --format takes.
func formatWords(t *testing.T, command string) []string {
	t.Helper()
	c, _, err := (&app{kit: runners.DefaultKit()}).root().Find([]string{command})
	if err != nil {
		t.Fatal(err)
	}
	_, list, ok := strings.Cut(c.Flags().Lookup("format").Usage, ": ")
	if !ok {
		t.Fatal(c.Flags().Lookup("format").Usage)
	}
	return strings.Split(list, ", ")
}

// A picture's own name, and a sentence, are shown by score and sample.
func TestHostileFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range hostile {
		name = strings.NewReplacer("/", "_", "\x9b", "_").Replace(name)
		if err := os.MkdirAll("d", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("d", name+".png"), []byte("no picture"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, more := range [][]string{nil, {"--on-error", "skip"}, {"--format", "json"}} {
		r := assay(append([]string{"score", "--real", "d", "--fake", "d", "--metrics", "fd", "--cache", "off"}, more...)...)
		inert(t, "score", r.out+r.err)
		for line := range strings.Lines(r.err) { // a name is said once
			if name, what, ok := strings.Cut(strings.TrimPrefix(line, "assay: warning: "), ": left out: "); ok && strings.HasPrefix(what, name) {
				t.Errorf("twice: %s", line)
			}
		}
		if r.code != exitUsage || strings.Count(r.err, "\n") > 60 {
			t.Errorf("status %d: %s", r.code, r.err)
		}
	}
}

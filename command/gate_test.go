package command

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/assay-gan/assay/reports"
)

// gateSuite is what an engineer with CI begins with: two models, two data sets, five seeds.
const gateSuite = `
name: pr
samples: 200
budget: 20
seeds: [1, 2, 3, 4, 5]
datasets: [{name: ring, train: 300, test: 200}, {name: grid, train: 300, test: 200}]
models: [{name: vae, settings: {width: 8, depth: 1}}, {name: gan-ns, settings: {width: 8, depth: 1}}]
featurizers: [none]
metrics: [fd, modes]
floor: false
`

func writeRecords(t *testing.T, file string, recs []reports.Record) {
	t.Helper()
	var b strings.Builder
	for _, r := range recs {
		line, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n", line)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The two recipes: a run against its own baseline passes as identical, and FD times 100 of one model in all five seeds is a regression. Then what an engineer
// does next: rules, another width, an update with its reason, a calibration.
func TestGateFromNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"pr.yaml": gateSuite, "narrow.yaml": strings.ReplaceAll(gateSuite, "width: 8", "width: 4"),
		"rules.yaml": "rules:\n  - {measure: fd, model: v*, margin: 200}\n", "wrong.yaml": "rules:\n  - {measure: fdd}\n", "typo.yaml": "rules:\n  - {metric: fd}\n", "list.yaml": "- {measure: fd}\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, run := range []string{"pr", "narrow"} {
		if r := assay("bench", "./"+run+".yaml", "--out", run, "--quiet"); r.code != 0 {
			t.Fatalf("%+v", r)
		}
	}
	recs, _, err := reports.ReadFile("pr/records.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	hundred := append([]reports.Record(nil), recs...)
	for i, r := range hundred {
		if r.Model == "vae" && r.Dataset == "ring" && r.Metric == "fd" {
			hundred[i].Value *= 100
		}
	}
	writeRecords(t, "hundred.jsonl", hundred)
	writeRecords(t, "three.jsonl", reports.Where(recs, func(r reports.Record) bool { return r.Seed <= 3 }))
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"gate --write b.jsonl pr", 0, "b.jsonl: 1"},
		{"gate --baseline b.jsonl pr", 0, "PASS  all 12 checks identical to the bit"},
		{"gate --baseline b.jsonl hundred.jsonl", exitFinding, "REGRESSION"},
		{"gate --baseline b.jsonl hundred.jsonl --rules rules.yaml", 0, "PASS"},
		{"gate --baseline b.jsonl pr --rules wrong.yaml", exitUsage, `wrong.yaml:2: unknown measure "fdd"`},
		{"gate --baseline b.jsonl pr --rules typo.yaml", exitUsage, `typo.yaml: line 2: rule: unknown key "metric"`},
		{"gate --baseline b.jsonl pr --rules list.yaml", exitUsage, `list.yaml: line 1: want a mapping with a list "rules"`},
		{"gate --write c.jsonl three.jsonl", exitUsage, "3 seeds, 8 checks: nothing can fail; gate 1 at most (assay gate --metrics) or run 5 seeds"},
		{"gate --baseline b.jsonl narrow", exitUsage, "width 8 -> 4"},
		{"gate --baseline b.jsonl narrow --across settings --format json", -1, `"name": "width"`},
		{"gate --baseline b.jsonl narrow --across data", exitUsage, "--across data: have settings"},
		{"gate --baseline b.jsonl", exitUsage, "gate needs one run folder or records file"},
		{"gate --baseline none.jsonl pr", exitUsage, "make one by assay gate --write FILE RUN"},
		{"gate --baseline b.jsonl --calibrate --nights 3 --runs 5", 0, "false alarms"},
		{"gate update --baseline b.jsonl narrow", exitUsage, "--reason is missing"},
		{"gate update --baseline b.jsonl --reason narrower narrow", 0, "b.jsonl: replaced"},
		{"gate --baseline b.jsonl narrow", 0, "narrower"},
	} {
		r := assay(strings.Fields(c.args)...)
		if c.code >= 0 && r.code != c.code || !strings.Contains(r.out+r.err, c.says) {
			t.Errorf("%s: %d, want %d and %q\n%s%s", c.args, r.code, c.code, c.says, r.out, r.err)
		}
	}
}

// Seeds are added only while the verdict is open: the same code is identical at the first look, and trains no more.
func TestGateRun(t *testing.T) {
	t.Chdir(t.TempDir())
	one := strings.NewReplacer(", {name: grid, train: 300, test: 200}", "", ", {name: gan-ns, settings: {width: 8, depth: 1}}", "").Replace(gateSuite)
	if err := os.WriteFile("pr.yaml", []byte(one), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"bench ./pr.yaml --out base --quiet", 0, ""},
		{"gate --write b.jsonl base --metrics fd", 0, ""},
		{"gate --baseline b.jsonl --run ./pr.yaml --out tonight --start 3", 0, "PASS  all 2 checks identical"},
		{"gate --baseline b.jsonl --run ./pr.yaml tonight", exitUsage, "makes its own run: leave out tonight"},
	} {
		if r := assay(strings.Fields(c.args)...); r.code != c.code || !strings.Contains(r.out+r.err, c.says) {
			t.Errorf("%s: %d, want %d and %q\n%s%s", c.args, r.code, c.code, c.says, r.out, r.err)
		}
	}
	recs, _, err := reports.ReadFile("tonight/records.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recs {
		if r.Seed > 3 {
			t.Fatalf("seed %d was run, three were enough", r.Seed)
		}
	}
}

package command

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-gan/assay/reports"
)

// saveScaling writes a network file that multiplies points of the plane by a factor.
func saveScaling(t testing.TB, path string, factor float32) {
	t.Helper()
	head, err := json.Marshal(map[string]any{
		"__metadata__": map[string]string{
			"format": "assay-net-1", "input": `{"shape": [2]}`, "layers": `[{"name": "scale", "op": "dense"}]`, "features": "scale",
		},
		"scale.weight": map[string]any{"dtype": "F32", "shape": []int{2, 2}, "data_offsets": []int{0, 16}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, v := range []any{uint64(len(head)), head, []float32{factor, 0, 0, factor}} {
		if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A suite takes the user's own encoders, as a network file and as a program; a network replaced under its name makes the finished cells stale.
func TestBenchWithOwnEncoders(t *testing.T) {
	t.Chdir(t.TempDir())
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ASSAY_TEST_ENCODER", "mean")
	suite := "name: own\nsamples: 200\nbudget: 2\ndatasets: [{name: ring, train: 500, test: 300, hold: 1}]\nmodels: [vae]\nmetrics: [fd]\n" +
		"featurizers: [none, \"net:own.safetensors\", \"exec:" + self + "\"]\n"
	if err := os.WriteFile("own.yaml", []byte(suite), 0o644); err != nil {
		t.Fatal(err)
	}
	bench := func() map[string]float64 {
		t.Helper()
		if r := assay("bench", "./own.yaml", "--quiet", "--out", "run", "--allow-exec"); r.code != 0 {
			t.Fatalf("status %d: %s", r.code, r.err)
		}
		recs, _, err := reports.ReadFile(filepath.Join("run", reports.RecordsFile))
		if err != nil {
			t.Fatal(err)
		}
		fd := map[string]float64{}
		for _, r := range recs {
			name, _, _ := strings.Cut(r.Featurizer, "(")
			if r.Metric == "fd" {
				fd[name] = r.Value
			}
		}
		return fd
	}
	if r := assay("bench", "./own.yaml", "--quiet", "--out", "run"); r.code != 2 && r.code != 1 || !strings.Contains(r.err, "own.yaml: line 7: ") || !strings.Contains(r.err, "own.safetensors") {
		t.Errorf("without the file: status %d, %s", r.code, r.err)
	}
	for _, factor := range []float64{1, 3} { // a distance of means and covariances grows with the square of the scale
		saveScaling(t, "own.safetensors", float32(factor))
		fd := bench()
		if want := factor * factor * fd["none"]; len(fd) != 3 || math.Abs(fd["net"]-want) > 1e-5*want {
			t.Errorf("factor %v: %v, want net %v", factor, fd, want)
		}
	}
}

// A suite from somebody else runs nothing unless it is allowed to, and says what it runs before it does.
func TestSuiteRunsNoProgramUnasked(t *testing.T) {
	t.Chdir(t.TempDir())
	const program = "#!/bin/sh\ntouch ran\nexec cat\n"
	if err := os.WriteFile("theirs.sh", []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	suite := "name: theirs\nsamples: 50\nbudget: 1\ndatasets: [{name: ring, train: 60, test: 60, hold: 1}]\nmodels: [vae]\nmetrics: [fd]\nfloor: false\n" +
		"featurizers: [\"exec:./theirs.sh\"]\n"
	if err := os.WriteFile("theirs.yaml", []byte(suite), 0o644); err != nil {
		t.Fatal(err)
	}
	bench := func(code int, ran bool, said string, more ...string) {
		t.Helper()
		r := assay(append([]string{"bench", "./theirs.yaml", "--out", "run"}, more...)...)
		_, err := os.Stat("ran")
		if r.code != code || (err == nil) != ran || !strings.Contains(r.out+r.err, said) {
			t.Errorf("%v: status %d, it ran: %v; want %d, %v, %q\n%s%s", more, r.code, err == nil, code, ran, said, r.out, r.err)
		}
	}
	bench(2, false, `line 8: "exec:./theirs.sh"; read it, then allow it by --allow-exec`)
	if _, err := os.Stat("run"); err == nil {
		t.Error("a refused suite left a folder")
	}
	bench(0, false, "runs a program", "--plan")
	bench(0, false, `"command": "exec:./theirs.sh"`, "--plan", "--allow-exec", "--format", "json")
	t.Setenv("ASSAY_ALLOW_EXEC", "0")
	bench(2, false, "--allow-exec")
	t.Setenv("ASSAY_ALLOW_EXEC", "1")
	bench(0, true, `the suite runs a program: "exec:./theirs.sh"`)
	if err := os.Remove("ran"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ASSAY_ALLOW_EXEC", "")
	for _, args := range [][]string{{"report", "run"}, {"list", "suites"}, {"list", "featurizers"}, {"bench", "./theirs.yaml", "--plan"}} {
		if r := assay(args...); r.code != 0 {
			t.Errorf("%v: status %d: %s", args, r.code, r.err)
		}
	}
	if _, err := os.Stat("ran"); err == nil {
		t.Error("report, list or --plan ran the program")
	}
	bench(2, false, "--allow-exec")                    // nor does a finished run, which hashes what it measures with
	bench(0, true, "exec:./theirs.sh", "--allow-exec") // whose version nobody stated: it may be another one by now
	for _, want := range []bool{true, false} {
		if err := errors.Join(os.Remove("ran"), os.WriteFile("theirs.yaml", []byte(strings.Replace(suite, "exec:", "exec@1:", 1)), 0o644)); want && err != nil {
			t.Fatal(err)
		}
		bench(0, want, map[bool]string{true: "exec@1:./theirs.sh", false: "finished before"}[want], "--allow-exec", "--out", "versioned")
	}
}

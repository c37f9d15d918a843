package command

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/kernel"
)

// Shards, merged in any order, are byte for byte the file of one pass.
func TestStatsShards(t *testing.T) {
	t.Chdir(t.TempDir())
	saveGolden(t, "x.npy", 2100, 3, 1, 2, 5)
	ok(t, "stats make x.npy --out whole.npz")
	var shards [4]string
	for i := range shards {
		shards[i] = fmt.Sprintf("part-%d.npz", i+1)
		ok(t, fmt.Sprintf("stats make x.npy --shard %d/4 --out %s", i+1, shards[i]))
	}
	ok(t, fmt.Sprintf("stats merge %s %s %s %s --out merged.npz", shards[2], shards[0], shards[3], shards[1]))
	whole, err := os.ReadFile("whole.npz")
	if err != nil {
		t.Fatal(err)
	}
	merged, err := os.ReadFile("merged.npz")
	if err != nil || string(merged) != string(whole) {
		t.Errorf("merged shards differ from one pass: %d and %d bytes, %v", len(merged), len(whole), err)
	}
	for args, want := range map[string]string{
		"stats merge part-1.npz part-2.npz part-3.npz --out y.npz": "the shards hold 1536 of 2100 samples: some are missing",
		"stats merge part-1.npz part-2.npz part-4.npz --out y.npz": " missing",
		"stats merge part-1.npz part-1.npz --out y.npz":            "part-1.npz: shard 1/4: rows ",
		"stats show part-1.npz:x":                                  "no such file",
	} {
		if r := assay(strings.Fields(args)...); r.code != 2 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, strings.Split(want, ":")[0]) {
			t.Errorf("%s: status %d, %s", args, r.code, r.err)
		}
	}
	if _, err := os.Stat("y.npz"); err == nil {
		t.Error("a refused merge wrote its file")
	}
	saveGolden(t, "other.npy", 2100, 3, 2, 2, 5)
	ok(t, "stats make other.npy --shard 2/4 --out other.npz")
	if r := assay(fields("stats merge part-1.npz other.npz --out y.npz")...); r.code != 2 || !strings.Contains(r.err, "source: other.npy against x.npy") {
		t.Errorf("shards of two sets: status %d, %s", r.code, r.err)
	}
	var line statsLine
	if err := json.Unmarshal([]byte(ok(t, "stats show whole.npz --format json")), &line); err != nil || line.N != 2100 || math.Abs(line.Mean-5) > 0.1 || math.Abs(line.Trace-12) > 1 {
		t.Errorf("show: %+v, %v", line, err) // means 5, variances 4 by construction
	}
	shown := ok(t, "stats show part-2.npz --format json")
	golden(t, "stats-show.txt", strings.ReplaceAll(shown, `"kernel": "`+kernel.Name()+`"`, `"kernel": "ANY"`))
}

// Statistics on one side, or both, give the distance that the samples give.
func TestScoreAgainstStatistics(t *testing.T) {
	t.Chdir(t.TempDir())
	saveFolder(t, "real", pixelsOf(1, 70, 4, 4, 3), 70, 4, 4, 3)
	saveFolder(t, "fake", pixelsOf(2, 75, 4, 4, 3), 75, 4, 4, 3)
	clean := "--protocol clean-fid " + quick
	want := *scoreOf(t, fields("--real real --fake fake "+clean)...).Metrics["fd"].Value
	ok(t, "stats make real --out real.npz --batch 7 "+clean)
	ok(t, "stats make fake --out fake.npz "+clean)
	for _, args := range []string{"--real real.npz --fake fake ", "--real real --fake fake.npz ", "--real real.npz --fake fake.npz "} {
		if v := *scoreOf(t, fields(args+clean)...).Metrics["fd"].Value; !near(&v, want) {
			t.Errorf("%s: fd is %v, of the images %v", args, v, want)
		}
	}
	refused := "score --real real.npz --fake fake --n 5 --protocol pytorch-fid " + quick
	r := assay(fields(refused)...)
	if r.code != 2 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "protocol: clean-fid against pytorch-fid") || !strings.Contains(r.err, "--force") {
		t.Errorf("another protocol: status %d, %s", r.code, r.err)
	}
	if r = assay(fields(refused + "--force")...); r.code != 0 || !strings.Contains(r.err, "compared by force") {
		t.Errorf("by force: status %d, %s", r.code, r.err)
	}
	s, err := featurizer.ReadStatistics("real.npz")
	if err != nil {
		t.Fatal(err)
	}
	z := featurizer.NPZ{"mu": featurizer.Float64Array([]int{64}, s.Mean), "sigma": featurizer.Float64Array([]int{64, 64}, nil)}
	cov := make([]float64, 64*64)
	for i := range cov {
		cov[i] = s.Cov.At(i/64, i%64)
	}
	z["sigma"] = featurizer.Float64Array([]int{64, 64}, cov)
	if err := z.Save("foreign.npz"); err != nil { // as another tool writes it: no N, no provenance
		t.Fatal(err)
	}
	r = assay(fields("score --real foreign.npz --real-n 70 --fake fake --format json " + clean)...)
	var got scored
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || !near(got.Metrics["fd"].Value, want) || !strings.Contains(r.err, "the featurizer of one side is not recorded") {
		t.Errorf("statistics of another tool: status %d, %s %v, want %v", r.code, r.err, got.Metrics["fd"].Value, want)
	}
}

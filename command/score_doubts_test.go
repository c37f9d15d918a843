package command

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-gan/assay/featurizer"
)

// saveRows writes a float64 array of rows.
func saveRows(t *testing.T, path string, shape []int, v []float64) {
	t.Helper()
	var b bytes.Buffer
	if err := featurizer.Float64Array(shape, v).WriteNPY(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func normals(seed uint64, n int, scale, shift float64) []float64 {
	s := splitmix(seed)
	return s.normals(n, scale, shift)
}

// Every value with a direction comes with an interval or a reason, and beside it what real samples score against real ones.
func TestScoreCarriesItsDoubts(t *testing.T) {
	t.Chdir(t.TempDir())
	saveRows(t, "A.npy", []int{300, 4}, normals(1, 1200, 1, 0))
	saveRows(t, "B.npy", []int{300, 4}, normals(2, 1200, 1.2, .3))
	var s struct {
		Metrics map[string]struct {
			Better     string
			Status     string
			Interval   *struct{ Lo, Hi float64 }
			NoInterval string `json:"no_interval"`
			Floor      *struct {
				Value float64
				Rows  [2]int
			} `json:"real_vs_real"`
		}
	}
	r := assay("score", "--real", "A.npy", "--fake", "B.npy", "--featurizer", "none", "--metrics", "all", "--set", "swd.directions=20", "--set", "mind.directions=20",
		"--set", "kid.subsets=4", "--set", "prd.repeats=1", "--format", "json")
	if err := json.Unmarshal([]byte(r.out), &s); err != nil || r.code != 0 {
		t.Fatalf("status %d, %s, %v", r.code, r.err, err)
	}
	if len(s.Metrics) < 40 {
		t.Errorf("only %d values", len(s.Metrics))
	}
	for name, v := range s.Metrics {
		if v.Status == "failed" {
			continue
		}
		if v.Better != "none" && v.Interval == nil && v.NoInterval == "" {
			t.Errorf("%s has neither an interval nor a reason", name)
		}
		if v.Floor == nil || v.Floor.Rows != [2]int{150, 150} {
			t.Errorf("%s has no real-versus-real value: %+v", name, v.Floor)
		}
	}
	if fd := s.Metrics["fd"]; fd.Interval.Lo < fd.Floor.Value/2 {
		t.Errorf("fd of shifted fakes %+v does not stand out from real against real %+v", fd.Interval, fd.Floor)
	}
	if r := assay("score", "--real", "A.npy", "--fake", "B.npy", "--featurizer", "none", "--floor=false"); strings.Contains(r.out, "real half vs half") || r.code != 0 {
		t.Errorf("--floor=false: %d %s", r.code, r.out)
	}
}

// The better of two models is found, paired by the reference, and equal ones are not told apart.
func TestScoreVersus(t *testing.T) {
	t.Chdir(t.TempDir())
	saveRows(t, "A.npy", []int{300, 4}, normals(1, 1200, 1, 0))
	saveRows(t, "B.npy", []int{300, 4}, normals(2, 1200, 1, .6))
	saveRows(t, "C.npy", []int{300, 4}, normals(3, 1200, 1, .1))
	saveRows(t, "D.npy", []int{300, 4}, normals(4, 1200, 1, .1))
	for other, want := range map[string]string{"C.npy": "versus", "D.npy": ""} {
		fake := "B.npy"
		if want == "" {
			fake = "C.npy"
		}
		var s struct {
			Versus struct {
				Differences []scoreDifference
				LeftOut     map[string]string `json:"left_out"`
			}
		}
		r := assay("score", "--real", "A.npy", "--fake", fake, "--versus", other, "--featurizer", "none", "--metrics", "fd,kid_full", "--set", "fd.interval=none", "--format", "json")
		if err := json.Unmarshal([]byte(r.out), &s); err != nil || r.code != 0 || len(s.Versus.Differences) != 2 {
			t.Fatalf("status %d, %s, %v, %s", r.code, r.err, err, r.out)
		}
		for _, d := range s.Versus.Differences {
			if d.Better != want || math.Abs(d.Fake-d.Versus-d.Difference) > 1e-12 || d.Interval == nil {
				t.Errorf("%s against %s: %+v, want better %q", fake, other, d, want)
			}
		}
	}
	r := assay("score", "--real", "A.npy", "--fake", "B.npy", "--versus", "C.npy", "--featurizer", "none", "--metrics", "fd")
	if !strings.Contains(r.out, "Fake against versus") || r.code != 0 {
		t.Errorf("no table: %d %s %s", r.code, r.out, r.err)
	}
	r = assay("score", "--real", "A.npy", "--fake", "B.npy", "--versus", "C.npy", "--featurizer", "none", "--metrics", "fd,prdc", "--format", "csv")
	lines, err := csv.NewReader(strings.NewReader(r.out)).ReadAll() // refuses a second table, whose lines are shorter
	if err != nil || len(lines) != 10 || lines[0][23] != "versus" || lines[1][23] == "" || lines[2][23] != "" || lines[4][23] == "" {
		t.Fatalf("%v: %q %s", err, lines, r.err)
	}
	var n [4]float64 // versus, difference, its lower and upper end
	for i := range n {
		if n[i], err = strconv.ParseFloat(lines[1][23+i], 64); err != nil {
			t.Errorf("%s: %v", lines[0][23+i], err)
		}
	}
	if fake, err := strconv.ParseFloat(lines[1][1], 64); err != nil || math.Abs(fake-n[0]-n[1]) > 1e-12 || n[2] >= n[1] || n[3] <= n[1] || n[0] == fake {
		t.Errorf("%v, fd %v: versus, difference, ends %v", err, fake, n)
	}
}

// What nobody should hand in: a one-line error that names the matter, or a stated result; never a panic.
func TestScoreBadInput(t *testing.T) {
	t.Chdir(t.TempDir())
	good, bad := normals(1, 400, 1, 0), normals(2, 400, 1, 0)
	saveRows(t, "A.npy", []int{100, 4}, good)
	saveRows(t, "B.npy", []int{100, 4}, bad)
	saveRows(t, "flat.npy", []int{400}, good)
	saveRows(t, "cube.npy", []int{10, 10, 4}, good)
	saveRows(t, "one.npy", []int{1, 4}, good[:4])
	saveRows(t, "wide.npy", []int{80, 5}, good)
	saveRows(t, "empty.npy", []int{0, 4}, nil)
	constant := make([]float64, 400)
	saveRows(t, "constant.npy", []int{100, 4}, constant)
	bad[4*37+2] = math.NaN()
	saveRows(t, "nan.npy", []int{100, 4}, bad)
	bad[4*37+2] = math.Inf(1)
	saveRows(t, "inf.npy", []int{100, 4}, bad)
	for _, c := range []struct{ args, want string }{
		{"--real A.npy --fake flat.npy", "flat.npy"},
		{"--real A.npy --fake one.npy", "at least 2"},
		{"--real A.npy --fake empty.npy", "empty.npy"},
		{"--real A.npy --fake wide.npy", "5"},
		{"--real A.npy --fake nan.npy", "row 37"},
		{"--real A.npy --fake inf.npy", "row 37"},
		{"--real A.npy --fake A.npy --metrics prdc --set prdc.k=100", "lower k"},
		{"--logits A.npy --metrics is --set is.splits=200", "is.splits"},
		{"--real A.npy --fake B.npy --metrics kid --set kid.sampling=consecutive", "kid.subsets"},
		{"--real A.npy --fake A.npy --metrics ndb --set ndb.k=101", "ndb.k"},
	} {
		args := append([]string{"score", "--featurizer", "none"}, fields(c.args)...)
		r := assay(args...)
		if r.code == 0 || strings.Count(strings.TrimSpace(r.err), "\n") != 0 || !strings.Contains(r.err, c.want) || strings.Contains(r.err, "panic") {
			t.Errorf("score %s: status %d, %q", c.args, r.code, r.err)
		}
	}
	for _, c := range []struct{ args, metric, status string }{
		{"--real A.npy --fake A.npy --metrics fd", "fd", "degenerate"},
		{"--real constant.npy --fake constant.npy --metrics fd", "fd", "degenerate"},
		{"--real A.npy --fake constant.npy --metrics fd", "fd", "ok"},
		{"--real A.npy --fake constant.npy --metrics kid_full", "kid_full", "ok"},
	} {
		s := scoreOf(t, append([]string{"--featurizer", "none"}, fields(c.args)...)...)
		v := s.Metrics[c.metric]
		if v.Value == nil || v.Status != c.status || v.Status != "ok" && *v.Value != 0 || len(v.Warnings) == 0 {
			t.Errorf("score %s: %+v", c.args, v)
		}
	}
	s := scoreOf(t, "--real", "constant.npy", "--fake", "A.npy", "--featurizer", "none", "--metrics", "all", "--set", "swd.directions=20", "--set", "mind.directions=20")
	for name, v := range s.Metrics {
		if v.Value == nil && v.Error == "" {
			t.Errorf("constant reals: %s has no value and does not say why", name)
		}
	}
}

package runners

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
)

func writeArray(t *testing.T, path string, a *featurizer.Array) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(path, func(w io.Writer) error { return a.WriteNPY(w) }); err != nil {
		t.Fatal(err)
	}
}

// ringSet is the data set that the suites below name.
func ringSet(t *testing.T) *datasets.Set {
	t.Helper()
	d, err := fakeKit().Dataset("ring")
	if err != nil {
		t.Fatal(err)
	}
	set, err := d.Load(t.Context(), datasets.Options{Seed: 1, Train: 500, Test: 300, Hold: 1})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// asReal are the samples that the floor's real row of a seed holds.
func asReal(set *datasets.Set, seed uint64, n int) *datasets.Samples {
	return set.Train.Select(rng.Stream(seed, "real", "ring").Perm(set.Train.Len())[:n])
}

func writePoints(t *testing.T, path string, s *datasets.Samples) {
	t.Helper()
	writeArray(t, path, featurizer.Float32Array([]int{s.Len(), s.Dim()}, s.Data))
}

// found are the values of one model's records by seed and step.
func found(s *Summary, model, metric string) map[string]float64 {
	out := map[string]float64{}
	for _, r := range s.Records {
		if r.Model == model && r.Metric == metric && r.Error == "" {
			out[fmt.Sprintf("seed %d step %d", r.Seed, r.Step)] = r.Value
		}
	}
	return out
}

const ownRing = ring + "seeds: [1, 2]\n"

// The floor's rows are the yardstick: samples that lie in files get the very values that the same samples get as the real row, and so do those of a program.
func TestOwnSamplesAreMeasuredAsTheSameSamplesElsewhere(t *testing.T) {
	t.Chdir(t.TempDir())
	set := ringSet(t)
	for seed := uint64(1); seed <= 2; seed++ {
		writePoints(t, fmt.Sprintf("out/seed-%d.npy", seed), asReal(set, seed, 200))
		writePoints(t, fmt.Sprintf("by-set/ring/%d/x.npy", seed), asReal(set, seed, 200))
	}
	if err := os.WriteFile("gen.sh", []byte("if [ \"$1\" = 200 ]; then cat out/seed-$2.npy; fi\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p := mustPlan(t, ownRing+`models:
- {samples: "out/seed-{seed}.npy", as: files}
- {samples: "by-set/{dataset}/{seed}/x.npy", as: deep}
- {exec: "sh gen.sh {n} {seed}", as: printed}
- {exec: "cp out/seed-{seed}.npy {out}/anything.npy", as: written}
`)
	s := mustRun(t, p, Options{Dir: t.TempDir(), AllowExec: true})
	want := found(s, Real, "gap")
	if len(want) != 2 {
		t.Fatalf("the floor has %v", want)
	}
	for _, model := range []string{"files", "deep", "printed", "written"} {
		if d := cmp.Diff(want, found(s, model, "gap")); d != "" {
			t.Errorf("%s (-real +own):\n%s", model, d)
		}
	}
	for _, r := range s.Records {
		if own := r.Model != Real && r.Model != Perfect; own != (r.Provenance.SamplesHash != "") {
			t.Errorf("%s: samples hash %q", r.Model, r.Provenance.SamplesHash)
		}
	}
}

// A finished cell stands while the contents do, wherever they lie, and goes with them. A program's stands if it has a version.
func TestOwnCellsAreKeptByContent(t *testing.T) {
	t.Chdir(t.TempDir())
	set := ringSet(t)
	for seed := uint64(1); seed <= 2; seed++ {
		writePoints(t, fmt.Sprintf("a/%d.npy", seed), asReal(set, seed, 200))
	}
	suite := func(dir, exec string) *Plan {
		return mustPlan(t, ownRing+"floor: false\nmodels:\n- {samples: \""+dir+"/{seed}.npy\", as: mine}\n"+exec)
	}
	const versioned = "- {exec: \"cat {dataset}.npy\", version: 1, as: printed}\n"
	writePoints(t, "ring.npy", asReal(set, 9, 200))
	out := t.TempDir()
	mustRun(t, suite("a", versioned), Options{Dir: out, AllowExec: true})
	if err := os.Rename("a", "b"); err != nil {
		t.Fatal(err)
	}
	if s := mustRun(t, suite("b", versioned), Options{Dir: out, AllowExec: true}); s.Ran != 0 {
		t.Errorf("the same files in another place: %d cells ran", s.Ran)
	}
	was := suite("b", "")
	writePoints(t, "b/2.npy", asReal(set, 3, 200))
	now := suite("b", "")
	if was.Cells[0].Hash != now.Cells[0].Hash || was.Cells[1].Hash == now.Cells[1].Hash || was.Cells[1].SettingsID != now.Cells[1].SettingsID {
		t.Errorf("cells %v and %v: want the second one's hash to change, and no settings", was.Cells, now.Cells)
	}
	if s := mustRun(t, suite("b", versioned), Options{Dir: out, AllowExec: true}); s.Ran != 1 {
		t.Errorf("one file changed: %d cells ran", s.Ran)
	}
	if s := mustRun(t, suite("b", strings.Replace(versioned, "version: 1", "version: 2", 1)), Options{Dir: out, AllowExec: true}); s.Ran != 1 {
		t.Errorf("another version: %d cells ran", s.Ran)
	}
	bare := strings.Replace(versioned, "version: 1, ", "", 1)
	for range 2 {
		if s := mustRun(t, suite("b", bare), Options{Dir: out, AllowExec: true}); s.Ran != 1 {
			t.Errorf("a program without a version: %d cells ran, want 1 each time", s.Ran)
		}
	}
}

// Samples at steps of a training are one cell with a record a step; reports take the last.
func TestOwnSteps(t *testing.T) {
	t.Chdir(t.TempDir())
	set := ringSet(t)
	for i, step := range []string{"step-0900", "step-1000", "step-20"} {
		for seed := uint64(1); seed <= 2; seed++ {
			writePoints(t, fmt.Sprintf("out/%d/%s/x-%s.npy", seed, step, strings.TrimPrefix(step, "step-")), asReal(set, seed+uint64(10*i), 200))
		}
	}
	if err := os.MkdirAll("out/1/step-last", 0o755); err != nil { // no number, no step
		t.Fatal(err)
	}
	p := mustPlan(t, ownRing+"floor: false\nmodels: {samples: \"out/{seed}/step-{step}/x-{step}.npy\", as: mine}\n")
	dir := t.TempDir()
	s := mustRun(t, p, Options{Dir: dir})
	direct := mustPlan(t, ring+"seeds: [1, 2, 11, 12, 21, 22]\nmodels: quick\n")
	real := found(mustRun(t, direct, Options{Dir: t.TempDir()}), Real, "gap")
	want := map[string]float64{}
	for seed := 1; seed <= 2; seed++ {
		for i, step := range []int{900, 1000, 20} {
			want[fmt.Sprintf("seed %d step %d", seed, step)] = real[fmt.Sprintf("seed %d step 0", seed+10*i)]
		}
	}
	if d := cmp.Diff(want, found(s, "mine", "gap")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for _, r := range reports.Final(s.Records) {
		if r.Step != 1000 {
			t.Errorf("the last step is %d", r.Step)
		}
	}
	a, _ := reports.ReadArtifacts(dir, p.Cells[0].Hash)
	if a.Curves == nil || len(a.Curves.Series) != 1 || !slices.Equal(a.Curves.Series[0].Steps, []int{20, 900, 1000}) {
		t.Errorf("curves %+v", a.Curves)
	}
	if err := os.RemoveAll("out/2/step-1000"); err != nil {
		t.Fatal(err)
	}
	_, err := suiteOf(ownRing + "models: {samples: \"out/{seed}/step-{step}\", as: mine}\n")
	if err == nil || !strings.Contains(err.Error(), "images") {
		t.Errorf("folders without images: %v", err)
	}
	_, err = suiteOf(ownRing + "models: {samples: \"out/{seed}/step-{step}/x-{step}.npy\", as: mine}\n")
	if err == nil || !strings.Contains(err.Error(), "seed 2 has the steps [20 900], but seed 1 has [20 900 1000]") {
		t.Errorf("an unfinished run: %v", err)
	}
}

// More samples than asked for are drawn from, fewer are said.
func TestOwnSamplesOfOtherNumbers(t *testing.T) {
	t.Chdir(t.TempDir())
	set := ringSet(t)
	writePoints(t, "many.npy", set.Train)
	writePoints(t, "few.npy", set.Train.Slice(0, 150))
	p := mustPlan(t, ownRing+"floor: false\nmodels:\n- {samples: many.npy, as: many}\n- {samples: few.npy, as: few}\n")
	if len(p.Cells) != 2 {
		t.Errorf("%d cells: samples without {seed} are one run each, however many seeds the suite has", len(p.Cells))
	}
	for _, r := range mustRun(t, p, Options{Dir: t.TempDir()}).Records {
		said := strings.Contains(strings.Join(r.Warnings, " "), "200 samples were asked for and 150 are there")
		if want := map[string]int{"many": 200, "few": 150}[r.Model]; r.N != want || said != (want == 150) {
			t.Errorf("%s: N %d, want %d; warnings %q", r.Model, r.N, want, r.Warnings)
		}
	}
}

func TestOwnPlanRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	writePoints(t, "out/1.npy", ringSet(t).Test)
	two := strings.Replace(ownRing, "datasets:\n", "datasets:\n- grid\n", 1)
	for _, c := range []struct{ name, suite, model, want string }{
		{"a file is missing", ownRing, `{samples: "out/{seed}.npy", as: mine}`, "s.yaml: line 9: model mine on data set ring: seed 2: out/2.npy is missing"},
		{"labels are missing", ownRing, `{samples: "out/1.npy", labels: "out/y.npy", as: mine}`, "line 9: model mine on data set ring: seed 1: labels: out/y.npy is missing"},
		{"no step", ownRing, `{samples: "out/x{step}.npy", as: mine}`, "seed 1: nothing is called out/x{step}.npy with a number for {step}"},
		{"no name", ownRing, `{samples: "out/1.npy"}`, `line 9: models: key "as" is missing: samples of your own need a name`},
		{"placeholder", ownRing, `{samples: "out/{sede}.npy", as: mine}`, `line 9: samples: unknown placeholder "sede", did you mean "seed"?`},
		{"step of a program", ownRing, `{exec: "sh gen {step}", as: mine}`, `line 9: exec: unknown placeholder "step"`},
		{"no such program", ownRing, `{exec: "pyton3 {n}", as: mine}`, `line 9: model mine: exec: "pyton3": executable file not found`},
		{"key", ownRing, `{sample: "out/1.npy", as: mine}`, `line 9: models: unknown key "sample", did you mean "samples"?`},
		{"both", ownRing, `{samples: "out/1.npy", exec: "gen", as: mine}`, "exclude one another"},
		{"settings", ownRing, `{samples: "out/1.npy", as: mine, settings: {lr: 1}}`, "settings, points, images, sequences and budget are of models of the zoo"},
		{"version of files", ownRing, `{samples: "out/1.npy", as: mine, version: 3}`, "version is a program's"},
		{"labels of a program", ownRing, `{exec: "gen", as: mine, labels: y.npy}`, "labels belong to samples"},
		{"nothing but labels", ownRing, `{labels: y.npy, as: mine}`, "belong to samples or exec"},
		{"range", ownRing, `{samples: "out/1.npy", as: mine, range: [1, 0]}`, "line 9: range: want the lowest and the highest value"},
		{"seeds of one file", ownRing, `{samples: "out/1.npy", as: mine, seeds: [1, 2]}`, `2 seeds, but "out/1.npy" has no {seed}`},
		{"of which set", two, `{samples: "out/1.npy", as: mine}`, `line 10: model mine: are the samples of grid? say so by datasets: grid, or put {dataset} into "out/1.npy"`},
		{"a name twice", ownRing, "{samples: \"out/1.npy\", as: mine}\n- {name: quick, as: mine}", "line 9: model mine: another model of the suite has that name (line 10)"},
		{"reserved", ownRing, `{samples: "out/1.npy", as: real}`, "is the name of a reference row"},
	} {
		_, err := suiteOf(c.suite + "models:\n- " + c.model + "\n")
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is\n  %v\nwant one line with\n  %s", c.name, err, c.want)
		}
	}
}

// What cannot be what it is said to be is a failed cell with the reason; the others go on.
func TestOwnCellsFailWithTheirReason(t *testing.T) {
	t.Chdir(t.TempDir())
	set := ringSet(t)
	writePoints(t, "good.npy", asReal(set, 1, 200))
	writeArray(t, "wide.npy", featurizer.Float32Array([]int{100, 3}, make([]float32, 300)))
	writeArray(t, "one.npy", featurizer.Float32Array([]int{1, 2}, make([]float32, 2)))
	for name, text := range map[string]string{"bad.npy": "no array", "talk.sh": "echo epoch 1 of 10", "dies.sh": "echo out of memory >&2; exit 3", "quiet.sh": "true"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := mustRun(t, mustPlan(t, ring+`floor: false
models:
- {samples: good.npy, as: good}
- {samples: wide.npy, as: wide}
- {samples: one.npy, as: one}
- {samples: bad.npy, as: bad}
- {exec: sh talk.sh, as: talk}
- {exec: sh dies.sh, as: dies}
- {exec: sh quiet.sh, as: quiet}
- {exec: "sh quiet.sh {out}", as: nothing}
- {exec: "cp wide.npy {out}", as: copied}
`), Options{Dir: t.TempDir(), AllowExec: true})
	want := map[string]string{
		"good": "", "wide": "wide.npy: samples of shape [3], and the data set's have [2]", "one": "one.npy holds 1 samples", "bad": "bad.npy",
		"talk": `printed "epoch ", which is no npy`, "dies": "exit status 3: out of memory", "quiet": "printed nothing", "nothing": "left nothing in {out}",
		"copied": "{out}/wide.npy: samples of shape [3]",
	}
	for _, r := range s.Records {
		if w := want[r.Model]; w == "" && r.Error != "" || !strings.Contains(r.Error, w) || strings.Contains(r.Error, os.TempDir()) {
			t.Errorf("%s: error %q, want %q", r.Model, r.Error, w)
		}
	}
}

// digits are samples of the glyphs, of the classes 3 and 7 alone, so that their folders' order is not the classes'.
func digits(t *testing.T) (*datasets.Set, *datasets.Samples) {
	t.Helper()
	set, err := datasets.Glyphs{}.Load(t.Context(), datasets.Options{Seed: 1, Train: 100, Test: 20, Hold: 1})
	if err != nil {
		t.Fatal(err)
	}
	var at []int
	for i := range set.Train.Len() {
		if l := set.Train.Label(i); l == 3 || l == 7 {
			at = append(at, i)
		}
	}
	slices.SortStableFunc(at, func(a, b int) int { return set.Train.Label(a) - set.Train.Label(b) })
	return set, set.Train.Select(at)
}

// Classes are the data set's, by name in folders and by number in arrays, and pixels are what they were.
func TestOwnSamplesWithClasses(t *testing.T) {
	t.Chdir(t.TempDir())
	set, want := digits(t)
	n := want.Len()
	pix := make([]byte, len(want.Data))
	labels := make([]float64, n)
	for i := range n {
		m, err := Picture(want, i)
		if err != nil {
			t.Fatal(err)
		}
		copy(pix[i*784:], m.Pix)
		labels[i] = float64(want.Label(i))
		for dir, m := range map[string]*imaging.Image{"grey": m, "colour": m.RGB()} {
			dir = filepath.Join(dir, fmt.Sprint(want.Label(i)))
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := imaging.SavePNG(filepath.Join(dir, fmt.Sprintf("%03d.png", i)), m); err != nil {
				t.Fatal(err)
			}
		}
	}
	images, y := &featurizer.Array{Shape: []int{n, 28, 28}, Type: "u1", Raw: pix}, featurizer.Float64Array([]int{n}, labels)
	writeArray(t, "x.npy", images)
	writeArray(t, "y.npy", y)
	for file, z := range map[string]featurizer.NPZ{"named.npz": {"images": images, "labels": y}, "adm.npz": {"arr_0": images, "arr_1": y}} {
		if err := z.Save(file); err != nil {
			t.Fatal(err)
		}
	}
	like := loaded{set, ""}
	c := Cell{Samples: n, References: []string{"test"}, Own: &Own{}}
	for _, at := range [][2]string{{"grey", ""}, {"colour", ""}, {"x.npy", "y.npy"}, {"named.npz:images", "named.npz:labels"}, {"adm.npz", ""}} {
		got, _, notes, err := ownSamples(context.Background(), c, like, OwnFile{Path: at[0], Labels: at[1]})
		if err != nil || len(notes) > 0 {
			t.Errorf("%v: %v, notes %q", at, err, notes)
			continue
		}
		if got.Hash() != want.Hash() {
			t.Errorf("%v: other samples or labels: %v, want %v", at, got.Labels, want.Labels)
		}
	}
	c.Samples = 5
	got, _, _, err := ownSamples(context.Background(), c, like, OwnFile{Path: "x.npy", Labels: "y.npy"})
	if err != nil || got.Len() != 5 {
		t.Fatal(got, err)
	}
	for i := range 5 { // each keeps its own label
		at := slices.IndexFunc(firstN(n), func(k int) bool { return slices.Equal(want.Row(k), got.Row(i)) })
		if at < 0 || want.Label(at) != got.Label(i) {
			t.Errorf("sample %d is row %d with label %d", i, at, got.Label(i))
		}
	}
}

func TestOwnImagesThatDoNotFit(t *testing.T) {
	t.Chdir(t.TempDir())
	set, want := digits(t)
	first, err := Picture(want, 0)
	if err != nil {
		t.Fatal(err)
	}
	red := first.RGB()
	red.Pix[0] = 200
	for name, m := range map[string]*imaging.Image{"red/a.png": red, "red/b.png": red, "small/a.png": {H: 2, W: 2, C: 1, Pix: []byte{1, 2, 3, 4}}, "small/b.png": first} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := imaging.SavePNG(name, m); err != nil {
			t.Fatal(err)
		}
	}
	writeArray(t, "y.npy", featurizer.Float64Array([]int{2}, []float64{3, 10}))
	writeArray(t, "y3.npy", featurizer.Float64Array([]int{3}, []float64{3, 1, 1}))
	writeArray(t, "x.npy", &featurizer.Array{Shape: []int{2, 28, 28}, Type: "u1", Raw: bytes.Repeat(first.Pix, 2)})
	for _, c := range []struct{ path, labels, want string }{
		{"red", "", "red/a.png is in colour, and the data set's images are grey"},
		{"small", "", "small/a.png is 2 x 2, and the data set's images are 28 x 28"},
		{"x.npy", "y.npy", "y.npy: label 1 is 10: the data set's classes are 0 to 9"},
		{"x.npy", "y3.npy", "y3.npy: 3 labels for 2 samples"},
	} {
		_, _, _, err := ownSamples(t.Context(), Cell{Samples: 2, References: []string{"test"}, Own: &Own{}}, loaded{set, ""}, OwnFile{Path: c.path, Labels: c.labels})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.path, err, c.want)
		}
	}
}

// A program of a suite runs when it is allowed and not before, and its time is the cell's.
func TestOwnProgramsRunWhenAllowed(t *testing.T) {
	t.Chdir(t.TempDir())
	writePoints(t, "x.npy", asReal(ringSet(t), 1, 200))
	if err := os.WriteFile("busy.sh", []byte("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; : > ran; cat x.npy\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p := mustPlan(t, ring+"floor: false\nmodels: {exec: sh busy.sh, as: live}\n")
	if len(p.Programs) != 1 || p.Programs[0].Command != "exec:sh busy.sh" || p.Programs[0].Line != 8 {
		t.Errorf("programs %+v", p.Programs)
	}
	if _, err := Run(t.Context(), fakeKit(), p, Options{Dir: t.TempDir()}); !errors.Is(err, ErrExec) || !strings.Contains(err.Error(), `line 8: "exec:sh busy.sh"`) {
		t.Errorf("not allowed: %v", err)
	}
	if _, err := os.Stat("ran"); err == nil {
		t.Error("it ran before it was allowed")
	}
	mustRun(t, p, Options{Dir: t.TempDir(), AllowExec: true})
	if _, err := os.Stat("ran"); err != nil {
		t.Error("it did not run")
	}
	if runtime.GOOS == "windows" {
		return
	}
	before := cpuSeconds()
	c := exec.Command("sh", "busy.sh")
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	its := c.ProcessState.UserTime() + c.ProcessState.SystemTime() // as the system counted it
	if counted := cpuSeconds() - before; counted < its.Seconds()-1e-6 {
		t.Errorf("%v s of processor time are counted, and the program alone took %v", counted, its)
	}
}

// Floats whose range does not show are refused with the key that states it, and the key is followed.
func TestOwnFloatImages(t *testing.T) {
	t.Chdir(t.TempDir())
	set, want := digits(t)
	shares := make([]float32, len(want.Data))
	for i, v := range want.Data {
		shares[i] = (v + 1) / 2
	}
	writeArray(t, "x.npy", featurizer.Float32Array([]int{want.Len(), 28, 28}, shares))
	c := Cell{Samples: want.Len(), References: []string{"test"}, Own: &Own{}}
	_, _, _, err := ownSamples(t.Context(), c, loaded{set, ""}, OwnFile{Path: "x.npy"})
	if err == nil || !strings.Contains(err.Error(), "state it in the suite, such as range: [0, 1]") {
		t.Fatalf("floats of 0 to 1: %v", err)
	}
	c.Own.Range = []float64{0, 1}
	got, _, _, err := ownSamples(t.Context(), c, loaded{set, ""}, OwnFile{Path: "x.npy"})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range want.Data {
		if math.Abs(float64(got.Data[i]-v)) > 1e-6 { // two roundings of float32
			t.Fatalf("value %d is %v, want %v", i, got.Data[i], v)
		}
	}
}

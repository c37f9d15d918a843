package runners

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/zoo"
)

const bigText = "name: big\nseeds: [1, 2]\nsamples: SAMPLES\nfeaturizers: [none]\nmetrics:\n- {name: wasserstein, set: {max: MAX}}\n" +
	"datasets:\n- {name: ring, train: TRAIN, test: 10000, hold: 1}\nmodels:\n- {name: gan-ns, points: {width: WIDTH, depth: DEPTH, batch: BATCH}}\n"

// bigSuite is a small suite with some of its numbers changed.
func bigSuite(t *testing.T, change ...string) *Plan {
	t.Helper()
	r := strings.NewReplacer(append(change, "SAMPLES", "200", "MAX", "100", "TRAIN", "500", "WIDTH", "16", "DEPTH", "2", "BATCH", "32")...)
	c, err := ParseConfig("big.yaml", []byte(r.Replace(bigText)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(DefaultKit(), c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Plans that no machine can hold are refused with the figure and the key, before anything is written or made; what the message advises fits.
func TestPlanBeyondMemory(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 29))
	if err := bigSuite(t).Affordable(t.Context(), DefaultKit()); err != nil {
		t.Fatalf("a small plan: %v", err)
	}
	for _, c := range []struct{ key, value, want string }{
		{"SAMPLES", "2147483647", "samples: 2147483647 of shape [2]: it needs 32 GiB of memory"},                // 2^31 rows of 2 x 4 + 8 bytes are 2^35
		{"TRAIN", "2147483647", "data set ring: 2147493648 samples of shape [2]: it needs 32 GiB of memory"},    // the same, and 10001 rows
		{"WIDTH", "8192", "model gan-ns on ring: with batch 32, width 8192, depth 2 it needs "},                 // two networks of 8192^2 weights and more
		{"DEPTH", "12\x00WIDTH\x002048", "model gan-ns on ring: with batch 32, width 2048, depth 12 it needs "}, // 22 layers of 2048^2
		{"BATCH", "65536\x00WIDTH\x00256", "model gan-ns on ring: with batch 65536, width 256, depth 2 it needs "},
		{"MAX", "10000000\x00SAMPLES\x0010000", "wasserstein: 10000 x 10000 distances: it needs 0.7451 GiB of memory"}, // 8e8 bytes
	} {
		dir := filepath.Join(t.TempDir(), "run")
		change := append([]string{c.key}, strings.Split(c.value, "\x00")...)
		p := bigSuite(t, change...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Run(t.Context(), DefaultKit(), p, Options{Dir: dir})
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
			continue
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 32<<20 {
			t.Errorf("%s: refused after taking %d MB", c.key, took>>20)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Error("a refused plan left a folder")
		}
		if advice := regexp.MustCompile(`(width|depth|batch) (\d+)(?: or .*)? would fit`).FindStringSubmatch(err.Error()); advice != nil {
			better := bigSuite(t, append([]string{strings.ToUpper(advice[1]), advice[2]}, change...)...)
			if err := better.Affordable(t.Context(), DefaultKit()); err != nil {
				t.Errorf("%q does not fit: %v", advice[0], err)
			}
		} else if strings.HasPrefix(c.want, "model") {
			t.Errorf("no advice: %v", err)
		}
	}
}

// What a plan says of its dearest cell is what the model says when it is built.
func TestDearest(t *testing.T) {
	p := bigSuite(t, "WIDTH", "64")
	n, known := p.Dearest(t.Context(), DefaultKit())
	if !known || n.Cell.Label != "gan-ns" {
		t.Fatalf("%v, %v", n.Cell.Title(), known)
	}
	if want := 200.0 * (2*4 + 8); n.Samples != want || n.Table != 8*100*100 {
		t.Errorf("samples %v, want %v; table %v", n.Samples, want, n.Table)
	}
	set, err := datasets.Ring{}.Load(t.Context(), datasets.Options{Train: 500, Test: 100})
	if err != nil {
		t.Fatal(err)
	}
	size, err := zoo.Measure(zoo.GAN{}, zoo.Config{Set: set, Settings: n.Cell.Settings})
	if err != nil || math.Abs(size.Bytes-n.Network) > 0.01*size.Bytes {
		t.Errorf("network %v on a sketch, %v on the data, %v", n.Network, size.Bytes, err)
	}
}

// Networks of one model are told apart by what changes their shapes, and taken for one where nothing does.
func TestNetworksAreMeasuredByTheirShapes(t *testing.T) {
	cell := bigSuite(t, "WIDTH", "64").Cells
	cell = slices.DeleteFunc(cell, func(c Cell) bool { return c.Label != "gan-ns" })
	k := costing{kit: DefaultKit()}
	of := func(change ...string) float64 {
		c := cell[0]
		c.Settings = maps.Clone(c.Settings)
		for i := 0; i < len(change); i += 2 {
			c.Settings[change[i]] = change[i+1]
		}
		n, err := k.need(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return n.Network
	}
	if of("width", "128") < 2*of() { // the middle layers have four times the weights
		t.Errorf("width 64 takes %v, width 128 %v", of(), of("width", "128"))
	}
	if of("ema", "0.9") <= of("ema", "0") {
		t.Error("an average of the weights takes nothing")
	}
	of("lr_g", "0.001")
	before := len(k.sizes.calls)
	for i := range 20 {
		of("lr_g", fmt.Sprintf("0.00%d", i+1))
	}
	if n := len(k.sizes.calls); n != before {
		t.Errorf("%d networks were measured for twenty rates", n-before)
	}
}

// Cells that do not fit side by side run one after the other.
func TestAtOnce(t *testing.T) {
	p := bigSuite(t, "WIDTH", "1024")
	k := costing{kit: DefaultKit()}
	n, _ := p.Dearest(t.Context(), DefaultKit())
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	for _, c := range []struct {
		cells float64 // that fit
		want  int
	}{{0.5, 1}, {1.5, 1}, {2.5, 2}, {100, 4}} {
		debug.SetMemoryLimit(int64(c.cells * n.Bytes()))
		heavy := slices.DeleteFunc(slices.Clone(p.Cells), func(c Cell) bool { return c.Label != "gan-ns" })
		if got := k.atOnce(t.Context(), append(heavy, heavy...), 4); got != c.want {
			t.Errorf("memory for %v cells: %d at once, want %d", c.cells, got, c.want)
		}
	}
}

// A sketch is like the data it stands for.
func TestSketches(t *testing.T) {
	k := costing{kit: DefaultKit()}
	tried := 0
	for _, d := range datasets.All() {
		info := d.Info()
		if info.Files != "" {
			continue
		}
		sketch, err := k.set(t.Context(), Cell{Dataset: info.ID})
		if err != nil {
			t.Fatal(err)
		}
		set, err := d.Load(t.Context(), datasets.Options{Train: 1500, Test: 200, Hold: 1})
		if err != nil {
			t.Fatal(err)
		}
		tried++
		classes := func(s *datasets.Set) int {
			if len(s.Train.Labels) == 0 {
				return 0
			}
			return slices.Max(s.Train.Labels) + 1
		}
		if !slices.Equal(sketch.Train.Shape, set.Train.Shape) || classes(sketch) != classes(set) || (sketch.Target == nil) != (set.Target == nil) || (sketch.Truth == nil) != (set.Truth == nil) {
			t.Errorf("%s: shape %v and %d classes, the data have %v and %d", info.ID, sketch.Train.Shape, classes(sketch), set.Train.Shape, classes(set))
		}
		if set.Vocabulary != nil && sketch.Vocabulary.Size != set.Vocabulary.Size {
			t.Errorf("%s: %d tokens, the data have %d", info.ID, sketch.Vocabulary.Size, set.Vocabulary.Size)
		}
	}
	if tried < 10 {
		t.Errorf("only %d data sets", tried)
	}
}

func TestTooManyCells(t *testing.T) {
	var seeds []string
	for i := range maxCells + 1 {
		seeds = append(seeds, fmt.Sprint(i))
	}
	c, err := ParseConfig("many.yaml", []byte("name: many\nseeds: ["+strings.Join(seeds, ",")+"]\nmodels: quick\ndatasets: ring\nfeaturizers: none\nmetrics: fd\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewPlan(fakeKit(), c); err == nil || !strings.Contains(err.Error(), "100001 seeds") || !strings.Contains(err.Error(), "many.yaml: line 3") {
		t.Errorf("error: %v", err)
	}
}

// Of draws that differ in nothing that decides a size one is measured, and the dearest is still the dearest of all: here every cell is measured by itself.
func TestDearestOfManyDraws(t *testing.T) {
	c, err := ParseConfig("many.yaml", []byte("name: many\nseeds: [1]\nsamples: 100\nbudget: {d_steps: 50}\nfeaturizers: [none]\nmetrics: [fd]\ndatasets: [{name: ring, train: 200, test: 100, hold: 100}, {name: polygons, train: 200, test: 100, hold: 100}]\n"+
		"models: [gan-ns, vae, {name: wgan-gp, settings: {width: 16}}]\nselect: fd\nsearch: {draws: 12, space: wide}\n"))
	if err != nil {
		t.Fatal(err)
	}
	kit := DefaultKit()
	p, err := NewPlan(kit, c)
	if err != nil {
		t.Fatal(err)
	}
	want, seen := Need{}, alikes{kit: kit}
	fresh := 0
	for i, c := range p.Cells {
		if seen.fresh(&p.Cells[i]) {
			fresh++
		}
		k := costing{kit: kit}
		if n, err := k.need(t.Context(), c); err == nil && !c.Untrained && n.Bytes() > want.Bytes() {
			want = n
		}
	}
	got, known := p.Dearest(t.Context(), kit)
	if !known || got.Cell.Hash != want.Cell.Hash || got.Bytes() != want.Bytes() {
		t.Errorf("the dearest is %s with %.0f bytes, want %s with %.0f", got.Cell.Title(), got.Bytes(), want.Cell.Title(), want.Bytes())
	}
	if fresh < 8 || fresh > len(p.Cells)/2 {
		t.Errorf("%d of %d cells are measured", fresh, len(p.Cells))
	}
	for i := range p.Cells { // names of many at once are those of each alone
		alone := p.Cells[i]
		if kit.name(&alone); alone.Hash != p.Cells[i].Hash || alone.SettingsID != p.Cells[i].SettingsID || alone.Trunk != p.Cells[i].Trunk || alone.Cost != p.Cells[i].Cost {
			t.Errorf("%s is called %s, alone %s", alone.Title(), p.Cells[i].Hash, alone.Hash)
		}
	}
}

package metrics

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/rng"
)

// plant is one world: a mixture of modes, a training set, held-out data, and samplers that fail in known ways.
type plant struct {
	modes *mat.Dense
	sigma float64
	train *mat.Dense
	src   *rng.Source
}

// draw samples n points: mode from shares (nil: equal), deviation scale*sigma.
func (w plant) draw(n int, shares []float64, scale float64) *mat.Dense {
	k, d := w.modes.Dims()
	x := mat.NewDense(n, d, nil)
	for i := range n {
		c := w.src.IntN(k)
		if shares != nil {
			u := w.src.Float64()
			for c = 0; c < k-1 && u >= shares[c]; c++ {
				u -= shares[c]
			}
		}
		for l := range d {
			x.Set(i, l, w.modes.At(c, l)+scale*w.sigma*w.src.Normal())
		}
	}
	return x
}

// onModes are equal shares of the first `some` modes out of every group of len(mask).
func onModes(mask ...float64) []float64 {
	sum := 0.0
	for _, m := range mask {
		sum += m
	}
	out := make([]float64, len(mask))
	for i, m := range mask {
		out[i] = m / sum
	}
	return out
}

// failures are the perfect generator and ten planted failures on eight modes, with the word each must get.
func failures() map[string]struct {
	word Word
	make func(w plant, n int) *mat.Dense
} {
	type f = struct {
		word Word
		make func(w plant, n int) *mat.Dense
	}
	drawn := func(word Word, scale float64, mask ...float64) f {
		return f{word, func(w plant, n int) *mat.Dense {
			if mask == nil {
				return w.draw(n, nil, scale)
			}
			return w.draw(n, onModes(mask...), scale)
		}}
	}
	copies := func(of int, noise float64) f {
		return f{Memorised, func(w plant, n int) *mat.Dense {
			_, d := w.train.Dims()
			x := mat.NewDense(n, d, nil)
			for i := range n {
				src := i % of
				if of < rows(w.train) {
					src = w.src.IntN(of)
				}
				for l := range d {
					x.Set(i, l, w.train.At(src, l)+noise*w.src.Normal())
				}
			}
			return x
		}}
	}
	return map[string]f{
		"perfect":                  drawn(Healthy, 1),
		"two modes dropped":        drawn(Dropped, 1, 1, 1, 1, 0, 1, 1, 0, 1),
		"four modes dropped":       drawn(Dropped, 1, 1, 0, 1, 0, 1, 0, 1, 0),
		"one mode":                 drawn(Collapsed, 1, 0, 0, 1, 0, 0, 0, 0, 0),
		"four modes at 2 %":        drawn(Imbalanced, 1, .23, .02, .23, .02, .23, .02, .23, .02),
		"modes a fifth as wide":    drawn(Shrunk, .2),
		"eight points":             drawn(Collapsed, 0),
		"modes twice as wide":      drawn(Blurred, 2),
		"copies of 200 rows":       copies(200, 0),
		"copies of all rows, 1e-4": copies(2000, 1e-4),
		"a tenth of bridges":       {Blurred, bridges},
	}
}

// bridges puts a tenth of the samples on straight lines between neighbouring modes.
func bridges(w plant, n int) *mat.Dense {
	x := w.draw(n, nil, 1)
	k, d := w.modes.Dims()
	for i := 0; i < n; i += 10 {
		a := w.src.IntN(k)
		u := w.src.Float64()
		for l := range d {
			x.Set(i, l, (1-u)*w.modes.At(a, l)+u*w.modes.At((a+1)%k, l)+w.sigma*w.src.Normal())
		}
	}
	return x
}

// world is the ring of eight in the plane, or eight modes at the ends of random directions in 16 dimensions.
func world(kind string, seed uint64, n int) plant {
	w := plant{modes: ringModes(8), sigma: .05, src: rng.Stream(seed, "plant", kind)}
	if kind == "space" {
		w.modes = mat.NewDense(8, 16, nil)
		w.modes.Apply(func(_, _ int, _ float64) float64 { return w.src.Normal() }, w.modes)
		w.sigma = .2
	}
	w.train = w.draw(n, nil, 1)
	return w
}

// Every planted failure gets its word and the perfect generator is healthy, on known modes and on features alone. ASSAY_LONG=1 takes 20 seeds of each
// failure and 200 of the perfect generator: no alarm among 200 bounds the false alarm rate at 1.5 % with 95 % confidence.
func TestVerdictOnPlantedFailures(t *testing.T) {
	const n = 2000
	seeds, plain := 1, 3
	if testutil.Long() {
		seeds, plain = 20, 200
	}
	routes := []string{"modes in ring", "features in ring", "features in space", "features without train in space"}
	if testing.Short() {
		routes = routes[:1]
	}
	for _, route := range routes {
		missed := map[string]map[Word]int{}
		for seed := range uint64(plain) {
			w := world(map[bool]string{true: "space", false: "ring"}[strings.HasSuffix(route, "space")], seed, n)
			held := w.draw(n, nil, 1)
			all := failures()
			for _, name := range slices.Sorted(maps.Keys(all)) {
				f := all[name]
				if f.word != Healthy && seed >= uint64(seeds) {
					continue
				}
				p := Pair{Train: w.train, Real: held, Fake: f.make(w, n), Seed: seed}
				if strings.HasPrefix(route, "modes") {
					p.Modes, p.Sigma = w.modes, w.sigma
				}
				if strings.Contains(route, "without train") {
					if p.Train = nil; f.word == Memorised {
						continue
					}
				}
				v, err := Judge(context.Background(), p, DefaultThresholds())
				if err != nil {
					t.Fatal(err)
				}
				if v.Word != f.word {
					if missed[name] == nil {
						missed[name] = map[Word]int{}
						t.Logf("%s, %s, seed %d: %s\nreadings %v", route, name, seed, v, v.Readings)
					}
					missed[name][v.Word]++
				}
			}
		}
		for name, as := range missed {
			t.Errorf("%s: %s judged %v in %d seeds", route, name, as, seeds)
		}
	}
}

// One cloud in 64 dimensions has no modes to drop. What goes wrong there is width and copying, and a cloud a fifth too narrow is no copy.
func TestVerdictOnOneCloud(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	w := plant{modes: mat.NewDense(1, 64, nil), sigma: 1, src: rng.Stream(4, "cloud")}
	w.train = w.draw(800, nil, 1)
	held := w.draw(800, nil, 1)
	cases := map[string]struct {
		fake *mat.Dense
		want Word
	}{
		"perfect": {w.draw(800, nil, 1), Healthy}, "a fifth too narrow": {w.draw(800, nil, .8), Healthy}, "a fifth as wide": {w.draw(800, nil, .2), Shrunk},
		"twice as wide": {w.draw(800, nil, 2), Blurred}, "copies": {failures()["copies of 200 rows"].make(w, 800), Memorised},
	}
	for name, c := range cases {
		v, err := Judge(context.Background(), Pair{Train: w.train, Real: held, Fake: c.fake}, DefaultThresholds())
		if err != nil || v.Word != c.want {
			t.Errorf("%s: %s, want %s (%v)\n%v", name, v, c.want, err, v.Readings)
		}
	}
}

func TestVerdictDoubtsItself(t *testing.T) {
	w := world("ring", 1, 400)
	few, err := Judge(context.Background(), Pair{Fake: w.draw(100, nil, 1), Modes: w.modes, Sigma: w.sigma}, DefaultThresholds())
	if err != nil || few.Word != Unclear || len(few.Warnings) == 0 {
		t.Errorf("100 fakes: %+v, %v", few, err)
	}
	// Memorisation cannot be judged against a held-out set that is the training set: it says so and does not cry wolf.
	same, err := Judge(context.Background(), Pair{Train: w.train, Real: w.train, Fake: w.draw(400, nil, 1), Modes: w.modes, Sigma: w.sigma}, DefaultThresholds())
	if err != nil || same.Word != Healthy || !strings.Contains(fmt.Sprint(same.Warnings), "held-out") {
		t.Errorf("real = train: %+v, %v", same, err)
	}
	if _, err := Judge(context.Background(), Pair{Fake: w.train}, DefaultThresholds()); err == nil {
		t.Error("neither modes nor real features: no error")
	}
	bad := mat.DenseCopyOf(w.train)
	bad.Set(3, 1, math.NaN())
	if _, err := Judge(context.Background(), Pair{Fake: bad, Modes: w.modes, Sigma: w.sigma}, DefaultThresholds()); err == nil {
		t.Error("NaN was judged")
	}
}

// Far from every mode the nearest one counts: a cloud over the whole ring is blurred, not without modes, and a clump outside the ring has collapsed, not dropped
// all eight.
func TestVerdictOffTheModes(t *testing.T) {
	const n = 2000
	modes := mat.NewDense(8, 2, nil)
	for k := range 8 {
		modes.SetRow(k, []float64{math.Cos(float64(k) * math.Pi / 4), math.Sin(float64(k) * math.Pi / 4)})
	}
	r := rng.Stream(1, "verdict off the modes")
	cloud, clump := mat.NewDense(n, 2, nil), mat.NewDense(n, 2, nil)
	for i := range n {
		cloud.SetRow(i, []float64{0.7 * r.Normal(), 0.7 * r.Normal()})
		clump.SetRow(i, []float64{1.5 + 0.002*r.Normal(), 0.01 * r.Normal()})
	}
	for word, fake := range map[Word]*mat.Dense{Blurred: cloud, Collapsed: clump} {
		v, err := Judge(context.Background(), Pair{Real: cloud, Fake: fake, Modes: modes, Sigma: 0.01, Seed: 1}, DefaultThresholds())
		if err != nil {
			t.Fatal(err)
		}
		if v.Word != word {
			t.Errorf("called %s, is %s: %+v", v.Word, word, v.Findings)
		}
	}
}

// A rare mode cannot be missed among few fakes: the features route says so, with the number that would decide, as the other does.
func TestVerdictOnRareClusters(t *testing.T) {
	w := world("ring", 9, 100)
	shares := onModes(13, 13, 13, 13, 13, 13, 13, 3)
	held := w.draw(3000, shares, 1)
	v, err := Judge(context.Background(), Pair{Real: held, Fake: w.draw(250, shares, 1)}, DefaultThresholds())
	if err != nil || v.Word != Unclear || v.DecidesAt < 600 || v.DecidesAt > 1200 || !strings.Contains(v.String(), "the rarest cluster") { // 25/(3/94) = 783 in the mean
		t.Errorf("a cluster of 3 %% among 250 fakes: %s, decides at %d, %v", v, v.DecidesAt, err)
	}
	if v, err = Judge(context.Background(), Pair{Real: held, Fake: w.draw(1500, shares, 1)}, DefaultThresholds()); err != nil || v.Word != Healthy {
		t.Errorf("1500 fakes: %s, %v", v, err)
	}
}

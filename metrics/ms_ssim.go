package metrics

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/rng"
)

// MSSSIM returns the mean multi-scale structural similarity of pairs of fakes of one class [odena2017, wang2003]: high within a class is low
// diversity. Classes are FakeLabels where given, else all fakes are one class. ms_ssim_real is the same over real images where they are given, the
// only yardstick there is. All pairs are used if there are at most Pairs, else random ones. Images below 64 pixels use fewer than five scales with the
// weights scaled to sum to 1, and below 11 pixels a smaller window. Values count from Lo up, as in SSIM. The interval is over pairs and allows for what
// pairs with an image in common share [aronow2015].
type MSSSIM struct{ Pairs int }

func (m *MSSSIM) settings() settings {
	return settings{intSetting("pairs", &m.Pairs, 1000, 1, "pairs compared at most")}
}

var _ Metric = MSSSIM{}

// With returns a copy with one option changed.
func (m MSSSIM) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m MSSSIM) Info() Info {
	return Info{ID: "ms_ssim", Domain: pixels(0), Title: "MS-SSIM within classes", Values: []string{"ms_ssim", "ms_ssim_real"}, Better: Lower, Ideal: 0, Lo: 0, Hi: 1,
		Needs: []Need{NeedImages}, Paper: "odena2017", Options: m.settings().options()}
}

// Compute implements Metric.
func (m MSSSIM) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	p = inOrder(p) // what is drawn must not depend on the order of files
	r := newResult(m.settings())
	r.convention("scales", "%d", scalesFor(p.FakeImages.H, p.FakeImages.W))
	for _, side := range []struct {
		name   string
		images *Images
		labels []int
		better Direction
	}{{"ms_ssim", p.FakeImages, p.FakeLabels, Lower}, {"ms_ssim_real", p.RealImages, p.RealLabels, None}} {
		if side.images == nil {
			continue
		}
		if err := checkImages(side.name, side.images, 2); err != nil {
			return Result{}, fmt.Errorf("ms_ssim: %w", err)
		}
		if side.labels != nil && len(side.labels) != side.images.N {
			return Result{}, fault.Of(ErrShape, "ms_ssim: %d labels for %d images", len(side.labels), side.images.N)
		}
		v, err := m.mean(ctx, side.name, side.images, side.labels, p.Seed, side.better)
		if err != nil {
			return Result{}, err
		}
		if v == nil {
			r.note("%s: no class has two images: draw more", side.name)
			continue
		}
		r.Values = append(r.Values, *v)
	}
	if len(r.Values) == 0 {
		r.Status = Failed
	}
	return r, nil
}

func (m MSSSIM) mean(ctx context.Context, name string, x *Images, labels []int, seed uint64, better Direction) (*Value, error) {
	pairs := classPairs(x.N, labels, m.Pairs, seed)
	if len(pairs) == 0 {
		return nil, nil
	}
	scores := make([]float64, len(pairs))
	kernel.Par((len(pairs)+15)/16, func(b int) {
		for t := b * 16; t < min(len(pairs), (b+1)*16) && ctx.Err() == nil; t++ {
			scores[t] = pairSSIM(x, pairs[t][0], x, pairs[t][1], true)
		}
	})
	mean, _ := meanSE(scores)
	v := value(name, mean, better).withinOr(around(mean, pairsSE(scores, pairs, mean), 0, 1, "normal, pairs that share an image"), "a single pair of images")
	return &v, ctx.Err()
}

// pairsSE is the standard error of a mean over pairs of rows that allows for what pairs with a row in common share [aronow2015]:
//
//	(sum_i (sum of deviations of the pairs that hold i)^2 - sum of squared deviations) / pairs^2
func pairsSE(scores []float64, pairs [][2]int, mean float64) float64 {
	if len(pairs) < 2 {
		return math.NaN()
	}
	row, own := map[int]float64{}, 0.0
	for t, p := range pairs {
		e := scores[t] - mean
		row[p[0]] += e
		row[p[1]] += e
		own += e * e
	}
	sum := 0.0
	for _, i := range slices.Sorted(maps.Keys(row)) {
		sum += row[i] * row[i]
	}
	return math.Sqrt(max(own, sum-own)) / float64(len(pairs))
}

// classPairs lists pairs of equal label: all of them if there are at most limit, else limit random ones.
func classPairs(n int, labels []int, limit int, seed uint64) [][2]int {
	label := func(i int) int {
		if labels == nil {
			return 0
		}
		return labels[i]
	}
	by, total := map[int][]int{}, 0
	for i := range n {
		total += len(by[label(i)])
		by[label(i)] = append(by[label(i)], i)
	}
	if total == 0 {
		return nil
	}
	var out [][2]int
	if total <= limit {
		for i := range n {
			for _, j := range by[label(i)] {
				if j < i {
					out = append(out, [2]int{j, i})
				}
			}
		}
		return out
	}
	src := rng.Stream(seed, "metrics", "ms_ssim")
	for len(out) < limit { // a random image, then a random other one of its class: classes weigh by their images
		i := src.IntN(n)
		mates := by[label(i)]
		if j := mates[src.IntN(len(mates))]; j != i {
			out = append(out, [2]int{i, j})
		}
	}
	return out
}

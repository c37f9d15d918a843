package metrics

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/internal/rng"
)

// MSSSIM returns the mean multi-scale structural similarity of pairs of fakes of one class [odena2017, wang2003]: high within a class is low
// diversity. Classes are FakeLabels where given, else all fakes are one class. ms_ssim_real is the same over real images where they are given, the
// only yardstick there is. All pairs are used if there are at most Pairs, else random ones. Images below 64 pixels use fewer than five scales with the
// weights scaled to sum to 1, and below 11 pixels a smaller window. The interval is over pairs, as if they were independent.
type MSSSIM struct{ Pairs int }

func (m *MSSSIM) settings() settings {
	return settings{intSetting("pairs", &m.Pairs, 1, "pairs compared at most")}
}

var _ Metric = MSSSIM{}

// With returns a copy with one option changed.
func (m MSSSIM) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m MSSSIM) Info() Info {
	return Info{ID: "ms_ssim", Title: "MS-SSIM within classes", Values: []string{"ms_ssim", "ms_ssim_real"}, Better: Lower, Ideal: 0, Lo: 0, Hi: 1,
		Needs: []Need{NeedImages}, Paper: "odena2017", Options: m.settings().options()}
}

// Compute implements Metric.
func (m MSSSIM) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
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
			return Result{}, fmt.Errorf("ms_ssim: %d labels for %d images: %w", len(side.labels), side.images.N, ErrShape)
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
	engine().Par((len(pairs)+15)/16, func(b int) {
		for t := b * 16; t < min(len(pairs), (b+1)*16) && ctx.Err() == nil; t++ {
			scores[t] = pairSSIM(x, pairs[t][0], x, pairs[t][1], true)
		}
	})
	mean, se := meanSE(scores)
	v := value(name, mean, better).within(around(mean, se, 0, 1, "normal over pairs"))
	return &v, ctx.Err()
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

// PSNR returns the mean peak signal-to-noise ratio of reconstructions in dB, and the pooled mean squared error over the squared range:
//
//	psnr = mean over samples of 10 log10(L^2 / MSE),  L = Hi - Lo
//
// Exact reconstructions have no finite ratio and are left out of the mean with a warning. The interval is over samples.
type PSNR struct{}

var _ Metric = PSNR{}

// With refuses every name: there are no options.
func (m PSNR) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m PSNR) Info() Info {
	return Info{ID: "psnr", Title: "peak signal-to-noise ratio", Values: []string{"psnr", "psnr_mse"}, Better: Higher, Ideal: math.Inf(1), Lo: math.Inf(-1),
		Hi: math.Inf(1), Needs: []Need{NeedTarget}, Paper: "wang2004"}
}

// Compute implements Metric.
func (m PSNR) Compute(_ context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	span := p.Target.Hi - p.Target.Lo
	var scores []float64
	mse := make([]float64, p.Target.N)
	for i := range mse {
		a, b := p.Target.At(i), p.Recon.At(i)
		for k := range a {
			d := (float64(a[k]) - float64(b[k])) / span
			mse[i] += d * d / float64(len(a))
		}
		if mse[i] > 0 {
			scores = append(scores, -10*math.Log10(mse[i]))
		}
	}
	r := newResult(nil)
	if len(scores) > 0 {
		mean, se := meanSE(scores)
		r.Values = append(r.Values, value("psnr", mean, Higher).in("dB").within(around(mean, se, math.Inf(-1), math.Inf(1), "normal")))
	}
	all, se := meanSE(mse)
	r.Values = append(r.Values, value("psnr_mse", all, Lower).within(around(all, se, 0, math.Inf(1), "normal")))
	r.convention("range", "%g", span)
	switch left := len(mse) - len(scores); {
	case len(scores) == 0:
		r.degenerate("all %d reconstructions are exact: the ratio is infinite", left)
	case left > 0:
		r.note("%d of %d reconstructions are exact, where the ratio is infinite; the mean leaves them out", left, len(mse))
	}
	return r, nil
}

// SSIM returns the mean structural similarity of reconstructions [wang2004]: 11 x 11 Gaussian window of deviation 1.5 without padding, constants .01 and
// .03 of the range, averaged over windows, channels and samples. At most 1. Images smaller than the window shrink it. The interval is over samples.
type SSIM struct{}

var _ Metric = SSIM{}

// With refuses every name: there are no options.
func (m SSIM) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m SSIM) Info() Info {
	return Info{ID: "ssim", Title: "structural similarity", Values: []string{"ssim"}, Better: Higher, Ideal: 1, Lo: -1, Hi: 1, Needs: []Need{NeedTarget},
		Paper: "wang2004"}
}

// Compute implements Metric.
func (m SSIM) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	scores := make([]float64, p.Target.N)
	engine().Par(len(scores), func(i int) {
		if ctx.Err() == nil {
			scores[i] = pairSSIM(p.Target, i, p.Recon, i, false)
		}
	})
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	mean, se := meanSE(scores)
	r := newResult(nil, value("ssim", mean, Higher).within(around(mean, se, -1, 1, "normal")))
	r.convention("range", "%g", p.Target.Hi-p.Target.Lo)
	r.convention("window", "%d", min(11, p.Target.H, p.Target.W))
	return r, nil
}

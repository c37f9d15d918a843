package metrics

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/internal/fault"
)

// Sharpness returns the mean Laplacian variance of the fakes over that of the reals [pechpacheco2000]: 1 is right, below 1 is blurred, above 1 is noisy or
// too hard-edged. Of every image, grey (the mean of its channels) and brought to [0, 1],
//
//	L(y, x) = g(y-1, x) + g(y+1, x) + g(y, x-1) + g(y, x+1) - 4 g(y, x)    inside the border
//	v       = mean (L - mean L)^2
//	sharpness = mean of v over fakes / mean of v over reals
//
// sharpness_fake and sharpness_real are the two means. It needs images of at least 3 x 3 on both sides. The interval is the delta method's for a ratio of
// independent means. A blurred generator reads below 1 whatever it draws, but so does one that draws smoother objects: compare within one data set only.
type Sharpness struct{}

var _ Metric = Sharpness{}

// With refuses every name: there are no options.
func (m Sharpness) With(option, v string) (Metric, error) { return with(&m, settings{}, option, v) }

// Info describes the metric.
func (m Sharpness) Info() Info {
	return Info{ID: "sharpness", Domain: pixels(0), Title: "Laplacian variance against the reals'", Values: []string{"sharpness", "sharpness_fake", "sharpness_real"}, Better: Near, Ideal: 1, Lo: 0,
		Hi: math.Inf(1), Needs: []Need{NeedImages}, Paper: "pechpacheco2000"}
}

// Compute implements Metric.
func (m Sharpness) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := Check(m.Info(), p); err != nil {
		return Result{}, err
	}
	r := newResult(nil)
	if p.RealImages == nil {
		r.Status = Failed
		r.note("sharpness is a ratio: give the real images beside the fakes")
		return r, nil
	}
	var mean, se [2]float64
	for i, side := range []struct {
		name   string
		images *Images
	}{{"fake images", p.FakeImages}, {"real images", p.RealImages}} {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		if err := checkImages(side.name, side.images, 2); err != nil {
			return Result{}, fmt.Errorf("sharpness: %w", err)
		}
		if side.images.H < 3 || side.images.W < 3 {
			return Result{}, fault.Of(ErrShape, "sharpness: %s of %d x %d have no inside, want at least 3 x 3", side.name, side.images.H, side.images.W)
		}
		mean[i], se[i] = meanSE(laplacianVariances(side.images))
	}
	if mean[1] == 0 {
		r.Status = Failed
		r.note("the real images are flat: there is no sharpness to compare with")
		return r, nil
	}
	ratio := mean[0] / mean[1]
	half := math.Hypot(se[0], ratio*se[1]) / mean[1]
	r.Values = append(r.Values, value("sharpness", ratio, Near).within(around(ratio, half, 0, math.Inf(1), "delta")),
		value("sharpness_fake", mean[0], None), value("sharpness_real", mean[1], None))
	r.convention("laplacian", "4 neighbours, inside the border")
	return r, nil
}

// laplacianVariances is v of every image.
func laplacianVariances(m *Images) []float64 {
	grey, out := make([]float64, m.H*m.W), make([]float64, m.N)
	lap := make([]float64, 0, (m.H-2)*(m.W-2))
	for i := range out {
		pix := m.At(i)
		for k := range grey {
			grey[k] = 0
			for c := range m.C {
				grey[k] += (float64(pix[k*m.C+c]) - m.Lo) / (m.Hi - m.Lo) / float64(m.C)
			}
		}
		lap = lap[:0]
		for y := 1; y < m.H-1; y++ {
			for k := y*m.W + 1; k < (y+1)*m.W-1; k++ {
				lap = append(lap, grey[k-m.W]+grey[k+m.W]+grey[k-1]+grey[k+1]-4*grey[k])
			}
		}
		mean, _ := meanSE(lap)
		for _, v := range lap {
			out[i] += (v - mean) * (v - mean) / float64(len(lap))
		}
	}
	return out
}

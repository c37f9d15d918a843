package datasets

import (
	"context"
	"math"
	"strconv"

	"github.com/assay-gan/assay/rng"
)

// levels are the 256 values of an 8-bit pixel in [-1, 1]: k/127.5 - 1.
var levels = func() (t [256]float32) {
	for k := range t {
		t[k] = float32(float64(k)/127.5 - 1)
	}
	return t
}()

// ink is the pixel value of a covered share in [0, 1], on the 256 levels that a PNG can hold.
func ink(share float64) float32 {
	return levels[uint8(math.Floor(255*min(max(share, 0), 1)+0.5))]
}

// render draws the splits of a synthetic image set in parallel. Sample i of a split has a stream of its own, so it depends on nothing but the seed
// and its place. draw fills one image and returns its label (-1 for none).
func render(ctx context.Context, info Info, o Options, domain string, draw func(dst []float32, src *rng.Source) (int, error)) (*Set, error) {
	n, err := sizes(info, o)
	if err != nil {
		return nil, err
	}
	set := &Set{Info: info}
	for _, s := range []struct {
		name string
		n    int
		to   **Samples
	}{{"train", n.Train, &set.Train}, {"test", n.Test, &set.Test}, {"hold", n.Hold, &set.Hold}} {
		out := &Samples{Shape: info.Shape}
		dim := out.Dim()
		out.Data = make([]float32, s.n*dim)
		if info.Classes != nil {
			out.Labels = make([]int, s.n)
		}
		err := parallel(ctx, s.n, func(lo, hi int) error {
			for i := lo; i < hi; i++ {
				label, err := draw(out.Data[i*dim:(i+1)*dim], rng.Stream(o.Seed, "dataset", info.ID, domain, s.name, strconv.Itoa(i)))
				if err != nil {
					return err
				}
				if out.Labels != nil {
					out.Labels[i] = label
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		*s.to = out
	}
	return set, nil
}

package metrics

import (
	"context"
	"math"

	"github.com/assay-gan/assay/internal/fault"
)

// Distances are squared distances from a known manifold of images and from a model's own: to the nearest image that the data could hold, for each fake, and from each
// held-out image to the nearest that the model was found to make. Ink runs from 0 to 1; squares are summed over the pixels.
type Distances struct {
	Fake     []float64
	Inverted []float64 // nil where the model has no latent vector to search
}

func checkDistances(d *Distances) error {
	if d == nil {
		return fault.Of(ErrMissing, "no distances from a manifold given")
	}
	if len(d.Fake) < 2 || len(d.Inverted) == 1 {
		return fault.Of(ErrTooFew, "distances of %d fakes and %d held-out samples, want at least 2 each", len(d.Fake), len(d.Inverted))
	}
	for _, side := range [][]float64{d.Fake, d.Inverted} {
		for i, v := range side {
			if !(v >= 0) || math.IsInf(v, 0) {
				return fault.Of(ErrValue, "the squared distance of sample %d is %v", i, v)
			}
		}
	}
	return nil
}

// Polygon returns precision and recall where the manifold of the data is known exactly, by no network [lucic2018]:
//
//	polygon_precision share of the fakes within Threshold of the manifold
//	polygon_recall    share of held-out samples within Threshold of a sample that the model was found to make, by descent through its generator
//	polygon_f1        2 / (1/precision + 1/recall); 0 where both are
//
// The search can miss what the model makes: recall is a lower bound. A model without a latent vector has precision alone. The threshold is of squared ink, summed over
// the pixels; the default is lower than the 0.75 that is remembered of the study, because an empty image is 0.62 from the smallest triangle.
// All in [0, 1]; intervals are Wilson's over samples.
type Polygon struct {
	Threshold float64 // 0 is the default, 0.5
}

var _ Metric = Polygon{}

func (m *Polygon) settings() settings {
	return settings{floatSetting("threshold", &m.Threshold, 0.5, 1e-9, 1e9, "greatest squared distance that counts as on the manifold")}
}

// With changes an option.
func (m Polygon) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m Polygon) Info() Info {
	return Info{ID: "polygon_precision", Domain: fixed("squared distances"), Title: "precision and recall on a known manifold", Values: []string{"polygon_precision", "polygon_recall", "polygon_f1"},
		Better: Higher, Ideal: 1, Lo: 0, Hi: 1, Needs: []Need{NeedDistances}, Paper: "lucic2018", Options: m.settings().options()}
}

// Compute implements Metric.
func (m Polygon) Compute(_ context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	near := func(d []float64) (n int) {
		for _, v := range d {
			if v <= m.Threshold {
				n++
			}
		}
		return n
	}
	d := p.Distances
	r := newResult(m.settings(), share("polygon_precision", near(d.Fake), len(d.Fake), Higher))
	if d.Inverted == nil {
		return r, nil
	}
	r.Values = append(r.Values, share("polygon_recall", near(d.Inverted), len(d.Inverted), Higher))
	a, b := r.Values[0].Value, r.Values[1].Value
	f1 := 0.0
	if a+b > 0 {
		f1 = 2 * a * b / (a + b)
	}
	r.Values = append(r.Values, value("polygon_f1", f1, Higher).withinOr(nil, "it joins two shares of different samples; theirs are given"))
	return r, nil
}

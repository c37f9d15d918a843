package metrics

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// MiFID returns the memorisation-informed Frechet distance [bai2021]: the Frechet distance divided by the memorisation distance
//
//	s = mean over fakes of min over real rows of 1 - |cos(fake, real)|
//
// where s is below Tau, and the plain distance otherwise. mifid_distance is s itself: near 0 the fakes point where real (training) rows do. The
// reference is Real, which for this metric should be the training set. A Frechet distance of 0 stays 0; s = 0 leaves mifid undefined. The name FID is
// kept for the published formula; the features decide what it measures.
type MiFID struct{ Tau float64 }

func (m *MiFID) settings() settings {
	return settings{floatSetting("tau", &m.Tau, 0.1, 0, 1, "memorisation distances from here on count as 1")}
}

var _ Metric = MiFID{}

// With returns a copy with one option changed.
func (m MiFID) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m MiFID) Info() Info {
	return Info{ID: "mifid", Domain: directions(2), Title: "memorisation-informed Frechet distance", Values: []string{"mifid", "mifid_distance"}, Better: Lower, Ideal: 0, Lo: 0,
		Hi: math.Inf(1), Needs: []Need{NeedFeatures}, Paper: "bai2021", Options: m.settings().options(), Table: FD{}.table}
}

// Compute implements Metric.
func (m MiFID) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	gaps, err := cosineGaps(ctx, p.Fake, p.Real)
	if err != nil {
		return Result{}, err
	}
	s, se := meanSE(gaps)
	fd, err := numeric.FrechetFeatures(p.Real, p.Fake, 1, numeric.RouteAuto)
	if err != nil {
		return Result{}, err
	}
	r := newResult(m.settings())
	_, d := p.Real.Dims()
	if least := min(rows(p.Real), rows(p.Fake)); least <= d {
		r.warn("%s; draw at least %d, better %d", singular(least, d), d+1, 10*d)
	}
	distance := value("mifid_distance", s, Higher).within(around(s, se, 0, 1, "normal, real fixed"))
	r.convention("distance", "%s", map[bool]string{true: "penalised", false: "plain"}[s < unZero(m.Tau)])
	switch {
	case s >= unZero(m.Tau):
		iv, why := m.interval(p, 1, 0)
		r.Values = append(r.Values, value("mifid", max(0, fd.Value), Lower).withinOr(iv, "%s", why), distance)
	case s > 0 || fd.Value <= 0:
		if fd.Value > 0 {
			fd.Value /= s
		}
		iv, why := m.interval(p, s, se)
		r.Values = append(r.Values, value("mifid", max(0, fd.Value), Lower).withinOr(iv, "%s", why), distance)
	default:
		r.Values = append(r.Values, distance)
		r.degenerate("every fake is parallel to a real row, so that mifid would divide by 0: see duplicates")
	}
	if z := zeroRows(p.Real) + zeroRows(p.Fake); z > 0 {
		r.warn("%d rows are 0 and have no direction; each counts as unlike all others", z)
	}
	return r, nil
}

// interval is the Frechet distance's over the memorisation distance s with its standard error.
func (m MiFID) interval(p Pair, s, se float64) (*Interval, string) {
	_, d := p.Real.Dims()
	if least := min(rows(p.Real), rows(p.Fake)); least <= d {
		return nil, singular(least, d)
	}
	if d > jackknifeLimit {
		return nil, fmt.Sprintf("more than %d features: fd and mifid_distance have one, of which mifid is the quotient", jackknifeLimit)
	}
	_, fd, err := FD{}.compute(p)
	if err != nil || fd.why != "" || fd.mid == 0 {
		return nil, cmp.Or(fd.why, "the Frechet distance has none")
	}
	if s == 0 {
		return nil, "the memorisation distance is 0"
	}
	mid := fd.mid / s
	half := z95 * math.Hypot(fd.se/s, mid*se/s)
	return &Interval{Lo: max(0, mid-half), Hi: max(0, mid+half), Level: confidence, Method: "bias-corrected normal, delta method", Centre: &mid}, ""
}

// cosineGaps is 1 - |cos| of every row of x to the most parallel row of y. On rows of length 1 the largest |cos| belongs to the nearest of y and -y.
func cosineGaps(ctx context.Context, x, y *mat.Dense) ([]float64, error) {
	u, _ := unitRows(x)
	v, _ := unitRows(y)
	out := make([]float64, rows(u))
	for _, sign := range []float64{1, -1} {
		if sign < 0 {
			u.Scale(-1, u)
		}
		nb, err := numeric.KNN(ctx, u, v, 1)
		if err != nil {
			return nil, err
		}
		for i, j := range nb.Index {
			cos := mat.Dot(mat.NewVecDense(len(u.RawRowView(i)), u.RawRowView(i)), mat.NewVecDense(len(v.RawRowView(int(j))), v.RawRowView(int(j))))
			out[i] = max(out[i], min(1, cos)) // never below 0: either sign is tried
		}
	}
	for i, c := range out {
		out[i] = 1 - c
	}
	return out, nil
}

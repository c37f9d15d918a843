package metrictest

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/metrics"
)

// The grid of a fixture that can be moved exactly: offsets and units are powers of two and features have few digits, so that moving them rounds nothing. Whatever a value
// moves by is the metric's own rounding.
const (
	featureGrid, pixelGrid = 0x1p-14, 0x1p-8
	farAway                = 0x1p20 // about a million times the spread
)

// OnGrid is the fixture with features and pixels of few binary digits.
func OnGrid(seed uint64) metrics.Pair {
	p := Fixture(seed)
	eachMatrix(&p, func(m *mat.Dense) {
		m.Apply(func(_, _ int, v float64) float64 { return math.Round(v/featureGrid) * featureGrid }, m)
	})
	eachImage(&p, func(m *metrics.Images) {
		for i, v := range m.Pix {
			m.Pix[i] = float32(math.Round(float64(v)/pixelGrid) * pixelGrid)
		}
	})
	return p
}

// Moved is p in another unit, unit times as small, and from another origin: features differ in it by column, pixels by one number with their range.
func Moved(p metrics.Pair, unit, offset float64) metrics.Pair {
	q := Clone(p)
	q.Sigma *= unit
	eachMatrix(&q, func(m *mat.Dense) {
		m.Apply(func(_, j int, v float64) float64 { return unit*v + offset*float64(j+1) }, m)
	})
	pixels := float32(max(-4, min(offset, 4)))
	eachImage(&q, func(m *metrics.Images) {
		for i, v := range m.Pix {
			m.Pix[i] = float32(unit)*v + pixels
		}
		m.Lo, m.Hi = unit*m.Lo+float64(pixels), unit*m.Hi+float64(pixels)
	})
	return q
}

// eachMatrix calls f for everything in feature space.
func eachMatrix(p *metrics.Pair, f func(*mat.Dense)) {
	for _, m := range []*mat.Dense{p.Real, p.Fake, p.Train, p.Modes, p.Path.A, p.Path.B, p.Path.Points} {
		f(m)
	}
}

func eachImage(p *metrics.Pair, f func(*metrics.Images)) {
	for _, m := range []*metrics.Images{p.RealImages, p.FakeImages, p.Target, p.Recon} {
		f(m)
	}
}

// domainLaw: a metric says on what input it is defined, and what it says of origin and unit holds to the rounding it states, far from 0 too. Where it says that the origin
// or the unit matters, it does.
func domainLaw(t *testing.T, m metrics.Metric) {
	d := m.Info().Domain
	if d.Input == "" || !(d.Rounding > 0) {
		t.Errorf("no domain: what input the metric is defined on, and how far rounding may move it: %+v", d)
	}
	p := OnGrid(1)
	want := compute(t, m, p).Values[0].Value
	for _, c := range []struct {
		what         string
		unit, offset float64
		holds        bool
	}{
		{"from an origin far away", 1, farAway, d.Shift},
		{"from an origin as far on the other side", 1, -farAway, d.Shift},
		{"in a unit 64 times as small", 64, 0, d.Scale},
		{"in a unit 64 times as large", 1. / 64, 0, d.Scale},
	} {
		if !c.holds {
			continue
		}
		scaled := want * math.Pow(c.unit, d.Power)
		got := compute(t, m, Moved(p, c.unit, c.offset)).Values[0].Value
		if math.Abs(got-scaled) > d.Rounding*math.Abs(scaled) {
			t.Errorf("%s: %v, want %v within %g of it (off by %.3g)", c.what, got, scaled, d.Rounding, got/scaled-1)
		}
	}
}

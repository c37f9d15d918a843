package metrics

import (
	"context"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/cite"
	"github.com/assay-gan/assay/internal/numeric/golden"
)

// fullPair fills every field from one matrix a side.
func fullPair(real, fake *mat.Dense) Pair {
	n, d := fake.Dims()
	pix := func(x *mat.Dense) *Images {
		m := &Images{N: rows(x), H: 1, W: 1, C: d, Lo: -1, Hi: 1}
		for i := range rows(x) {
			for _, v := range x.RawRowView(i) {
				m.Pix = append(m.Pix, float32(max(-1, min(1, v))))
			}
		}
		return m
	}
	labels := func(n int) []int {
		l := make([]int, n)
		for i := range l {
			l[i] = i % 2
		}
		return l
	}
	p := Pair{Real: real, Fake: fake, Train: real, RealProbs: softmaxed(real), FakeProbs: softmaxed(fake), RealLabels: labels(rows(real)), FakeLabels: labels(n),
		Modes: mat.NewDense(2, d, nil), Sigma: 1, RealImages: pix(real), FakeImages: pix(fake), Target: pix(fake), Recon: pix(fake)}
	p.Modes.Set(1, 0, 100)
	p.Terms = &LogTerms{PX: fake, PZ: fake, QZ: fake, Dim: 3}
	p.Path = &LatentPath{A: fake, B: fake, Eps: .1, Points: fake, Steps: n}
	return p
}

// Whatever the input, a metric gives finite values that its Info lists, or a status or an error that says why not; it never panics, and it leaves its input alone.
func TestDegenerateInputs(t *testing.T) {
	constant := mat.NewDense(30, 3, nil)
	constant.Apply(func(_, _ int, _ float64) float64 { return 2.5 }, constant)
	one := mat.NewDense(40, 1, nil)
	one.Apply(func(i, _ int, _ float64) float64 { return float64(i % 7) }, one)
	a := golden.Matrix(201, 60, 5, 1, 0)
	cases := map[string]Pair{
		"plain":      fullPair(a, golden.Matrix(202, 50, 5, 1.1, .2)),
		"identical":  fullPair(a, a),
		"constant":   fullPair(constant, constant),
		"zero":       fullPair(mat.NewDense(30, 3, nil), mat.NewDense(25, 3, nil)),
		"one column": fullPair(one, one),
		"two rows":   fullPair(golden.Matrix(203, 2, 4, 1, 0), golden.Matrix(204, 2, 4, 1, 0)),
		"three rows": fullPair(golden.Matrix(203, 3, 4, 1, 0), golden.Matrix(204, 3, 4, 1, 0)),
		"huge":       fullPair(golden.Matrix(205, 30, 3, 1e150, 0), golden.Matrix(206, 30, 3, 1e150, 0)),
		"tiny":       fullPair(golden.Matrix(205, 30, 3, 1e-160, 0), golden.Matrix(206, 30, 3, 1e-160, 0)),
		"far":        fullPair(a, golden.Matrix(207, 50, 5, 1, 1e6)),
		"wide":       fullPair(golden.Matrix(208, 20, 70, 1, 0), golden.Matrix(209, 20, 70, 1, 0)),
	}
	all := All()
	first := slices.IndexFunc(all, func(m Metric) bool { return m.Info().ID == "prdc" }) // distances have tests of their own
	for _, m := range all[first:] {
		info := m.Info()
		if _, err := cite.Lookup(info.Paper); err != nil {
			t.Errorf("%s: %v", info.ID, err)
		}
		for name, p := range cases {
			before := fullPair(mat.DenseCopyOf(p.Real), mat.DenseCopyOf(p.Fake))
			r, err := m.Compute(context.Background(), p)
			if err != nil {
				continue
			}
			if len(r.Values) == 0 && (r.Status == OK || r.Status == Unreliable) {
				t.Errorf("%s of %s: no values, status %s", info.ID, name, r.Status)
			}
			if r.Status != OK && len(r.Warnings) == 0 {
				t.Errorf("%s of %s: status %s without a reason", info.ID, name, r.Status)
			}
			for _, v := range r.Values {
				if v.Value-v.Value != 0 {
					t.Errorf("%s of %s: %s = %v", info.ID, name, v.Name, v.Value)
				}
				if i := v.Interval; i != nil && (math.IsNaN(i.Lo) || math.IsNaN(i.Hi) || i.Lo > i.Hi || v.Value < i.Lo-1e-9*math.Abs(v.Value)-exact || v.Value > i.Hi+1e-9*math.Abs(v.Value)+exact) {
					t.Errorf("%s of %s: %s = %v, interval %+v", info.ID, name, v.Name, v.Value, *i)
				}
				if !slices.Contains(info.Values, v.Name) {
					t.Errorf("%s: %s is not listed", info.ID, v.Name)
				}
			}
			if !mat.Equal(before.Real, p.Real) || !mat.Equal(before.Fake, p.Fake) || !slices.Equal(before.FakeImages.Pix, p.FakeImages.Pix) {
				t.Errorf("%s of %s changed its input", info.ID, name)
			}
		}
	}
	for name, p := range cases {
		if _, err := Judge(context.Background(), p, DefaultThresholds()); err != nil && name == "plain" {
			t.Errorf("verdict: %v", err)
		}
		p.Modes, p.Train = nil, nil
		if v, err := Judge(context.Background(), p, DefaultThresholds()); err == nil && v.Word != Unclear {
			t.Errorf("verdict of %s on a handful of rows is %s", name, v.Word)
		}
	}
}

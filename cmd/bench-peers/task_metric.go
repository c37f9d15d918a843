package main

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
)

// features are rows with a falling spectrum and neighbouring columns correlated, as a network's features have them; the fake side is a little off.
func features(side string, n, d int) *mat.Dense {
	r := rng.Stream(1, "features", side)
	x := mat.NewDense(n, d, nil)
	shift := 0.0
	if side == "fake" {
		shift = 0.1
	}
	z := make([]float32, d)
	for i := range n {
		r.FillNormal(z)
		row := x.RawRowView(i)
		for j := range row {
			v := float64(z[j]) + .5*float64(z[(j+1)%d]) + .25*float64(z[(j*7+3)%d])
			row[j] = (v + shift) / (1 + float64(j)/200)
		}
	}
	return x
}

// sides makes both sides and writes them for the peer.
func sides(a args, dir string) (re, fake *mat.Dense, err error) {
	n, d := a.int("n"), a.int("d")
	re, fake = features("real", n, d), features("fake", n, d)
	if err = writeNPY(dir, "real", re.RawMatrix().Data, n, d); err != nil {
		return nil, nil, err
	}
	return re, fake, writeNPY(dir, "fake", fake.RawMatrix().Data, n, d)
}

// numbers is a task with results.
type numbers struct {
	f   func() ([]float64, error)
	got []float64
}

func (t *numbers) values() []float64 { return t.got }

func (t *numbers) run() (err error) {
	t.got, err = t.f()
	return err
}

// openFrechet computes the Frechet distance from two means and covariances.
func openFrechet(a args, dir string) (task, error) {
	n, d := a.int("n"), a.int("d")
	muA, covA := numeric.MeanCov(features("real", n, d), 1)
	muB, covB := numeric.MeanCov(features("fake", n, d), 1)
	for name, mu := range map[string][]float64{"mu1": muA, "mu2": muB} {
		if err := writeNPY(dir, name, mu, d); err != nil {
			return nil, err
		}
	}
	for name, c := range map[string]*mat.SymDense{"sigma1": covA, "sigma2": covB} {
		full := mat.NewDense(d, d, nil)
		full.Copy(c)
		if err := writeNPY(dir, name, full.RawMatrix().Data, d, d); err != nil {
			return nil, err
		}
	}
	return &numbers{f: func() ([]float64, error) {
		f, err := numeric.FrechetStats(muA, covA, muB, covB, numeric.RouteAuto)
		return []float64{f.Value}, err
	}}, nil
}

// openCov computes mean and covariance.
func openCov(a args, dir string) (task, error) {
	x, _, err := sides(a, dir)
	return &numbers{f: func() ([]float64, error) {
		mu, c := numeric.MeanCov(x, 1)
		frobenius := 0.0
		for i := range mu {
			for j := range mu {
				frobenius += c.At(i, j) * c.At(i, j)
			}
		}
		return []float64{numeric.Sum(mu), math.Sqrt(frobenius)}, nil
	}}, err
}

// metric returns a metric of the catalog with options set.
func metric(id string, options ...string) (metrics.Metric, error) {
	m, err := metrics.Lookup(id)
	if err != nil {
		return nil, fmt.Errorf("metric %s: %w", id, errAbsent)
	}
	for i := 0; i+1 < len(options); i += 2 {
		if m, err = m.With(options[i], options[i+1]); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// score computes a metric and picks values by name.
func score(m metrics.Metric, p metrics.Pair, names ...string) ([]float64, error) {
	r, err := m.Compute(context.Background(), p)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(names))
	for i, name := range names {
		found := false
		for _, v := range r.Values {
			if v.Name == name {
				out[i], found = v.Value, true
			}
		}
		if !found {
			return nil, fmt.Errorf("no value %s", name)
		}
	}
	return out, nil
}

// openKID scores subsets. Which rows a subset has differs between tools, so one subset of everything is compared, on fewer rows, before timing.
func openKID(a args, dir string) (task, error) {
	re, fake, err := sides(a, dir)
	if err != nil {
		return nil, err
	}
	all := min(a.int("n"), 500)
	whole, err := metric("kid", "subsets", "1", "size", strconv.Itoa(all))
	if err != nil {
		return nil, err
	}
	d := a.int("d")
	some := metrics.Pair{Real: mat.DenseCopyOf(re.Slice(0, all, 0, d)), Fake: mat.DenseCopyOf(fake.Slice(0, all, 0, d))}
	v, err := score(whole, some, "kid")
	if err != nil {
		return nil, err
	}
	if err := writeNPY(dir, "whole", v, 1); err != nil {
		return nil, err
	}
	m, err := metric("kid", "subsets", strconv.Itoa(a.int("subsets")), "size", strconv.Itoa(a.int("size")))
	if err != nil {
		return nil, err
	}
	return &numbers{f: func() (_ []float64, err error) {
		_, err = score(m, metrics.Pair{Real: re, Fake: fake, Seed: 1}, "kid")
		return nil, err
	}}, nil
}

var prdcNames = []string{"precision", "recall", "density", "coverage"}

// openPRDC computes precision, recall, density and coverage, without intervals, which the peer has not.
func openPRDC(a args, dir string) (task, error) {
	re, fake, err := sides(a, dir)
	if err != nil {
		return nil, err
	}
	m, err := metric("prdc", "k", "5", "values", "precision,recall,density,coverage", "interval", "none")
	return &numbers{f: func() ([]float64, error) {
		return score(m, metrics.Pair{Real: re, Fake: fake}, prdcNames...)
	}}, err
}

// openBundle computes from features what torch-fidelity computes from them: Frechet distance, KID, precision and recall; with density and coverage. Intervals, which it has
// not, are left out on this side too.
func openBundle(a args, dir string) (task, error) {
	re, fake, err := sides(a, dir)
	if err != nil {
		return nil, err
	}
	fd, err := metric("fd", "interval", "none")
	if err != nil {
		return nil, err
	}
	kid, err := metric("kid", "subsets", strconv.Itoa(a.int("subsets")), "size", strconv.Itoa(a.int("size")))
	if err != nil {
		return nil, err
	}
	prdc, err := metric("prdc", "k", "5", "values", "precision,recall,density,coverage", "interval", "none")
	if err != nil {
		return nil, err
	}
	return &numbers{f: func() ([]float64, error) {
		p := metrics.Pair{Real: re, Fake: fake, Seed: 1}
		v, err := score(fd, p, "fd")
		if err != nil {
			return nil, err
		}
		if _, err = score(kid, p, "kid"); err != nil {
			return nil, err
		}
		more, err := score(prdc, p, prdcNames...)
		return append(v, more...), err
	}}, nil
}

// openFD computes the Frechet distance from the features of two sets.
func openFD(a args, dir string) (task, error) {
	re, fake, err := sides(a, dir)
	if err != nil {
		return nil, err
	}
	m, err := metric("fd", "interval", "none")
	return &numbers{f: func() ([]float64, error) { return score(m, metrics.Pair{Real: re, Fake: fake}, "fd") }}, err
}

// openKNN finds the 5th nearest other row of every row and averages the distances.
func openKNN(a args, dir string) (task, error) {
	re, _, failed := sides(a, dir)
	return &numbers{f: func() ([]float64, error) {
		r, err := numeric.Radii(context.Background(), re, 5)
		if err != nil {
			return nil, err
		}
		for i, v := range r {
			r[i] = math.Sqrt(v)
		}
		return []float64{numeric.Sum(r) / float64(len(r))}, nil
	}}, failed
}

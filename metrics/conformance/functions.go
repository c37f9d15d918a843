package conformance

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/internal/numeric/golden"
	"github.com/assay-gan/assay/metrics"
)

// function computes a part of a metric from the numbers of the case. A value such as "precision[250]" is an entry of a list.
func function(c Case) (float64, error) {
	name, at, err := entry(c.Value)
	if err != nil {
		return 0, err
	}
	var list []float64
	switch c.Function {
	case "generator":
		list = generator(name, at)
	case "frechet":
		list, err = frechetPart(c, name)
	case "prd_curve":
		list, err = curvePart(c, name)
	case "bins":
		first, second := counts(c.Inputs.Arrays["first"][0]), counts(c.Inputs.Arrays["second"][0])
		t := metrics.CompareBins(first, second, .05)
		list = map[string][]float64{"z": t.Z, "p": t.P, "different": {float64(t.Different)}, "js": {t.JS}}[name]
	case "vendi_kernel":
		list, err = vendiOf(c)
	case "finc":
		list, err = fincOf(c, name)
	case "pqmass":
		list, err = cellsOf(c, name)
	case "fjd", "cfid":
		list, err = conditionalOf(c)
	default:
		return 0, fmt.Errorf("no function %q", c.Function)
	}
	if err != nil {
		return 0, err
	}
	if at >= len(list) {
		return 0, fmt.Errorf("%s gives no value %q", c.Function, c.Value)
	}
	return list[at], nil
}

func entry(value string) (name string, at int, err error) {
	name, index, ok := strings.Cut(value, "[")
	if ok {
		at, err = strconv.Atoi(strings.TrimSuffix(index, "]"))
	}
	if err != nil || at < 0 {
		return "", 0, fmt.Errorf("value %q is no name[index]", value)
	}
	return name, at, nil
}

// generator is the first numbers of seed 1: the uniform and the normal ones (which the words decide).
func generator(name string, at int) []float64 {
	s := golden.New(1)
	var out []float64
	for range at + 1 {
		if name == "normal" {
			out = append(out, s.Normal())
		} else {
			out = append(out, s.Uniform())
		}
	}
	return out
}

func frechetPart(c Case, name string) ([]float64, error) {
	p, err := c.Inputs.pair()
	if err != nil {
		return nil, err
	}
	f, err := numeric.FrechetFeatures(p.Real, p.Fake, 1, numeric.RouteAuto)
	return map[string][]float64{"trace_real": {f.TraceA}, "trace_fake": {f.TraceB}, "trace_root": {f.TraceRoot}}[name], err
}

func curvePart(c Case, name string) ([]float64, error) {
	angles, err := strconv.Atoi(c.Options["angles"])
	if err != nil {
		return nil, fmt.Errorf("angles: %w", err)
	}
	fake, real := c.Inputs.Arrays["eval"][0], c.Inputs.Arrays["ref"][0]
	curve := metrics.PRDOf(fake, real, angles)
	switch name {
	case "precision":
		return curve.Precision, nil
	case "recall":
		return curve.Recall, nil
	}
	beta := map[string]float64{"f8": 8, "f1_8": 1. / 8}[name]
	best := 0.0
	for i, p := range curve.Precision {
		if r := curve.Recall[i]; beta*beta*p+r > 0 {
			best = math.Max(best, (1+beta*beta)*p*r/(beta*beta*p+r))
		}
	}
	return []float64{best}, nil
}

func vendiOf(c Case) ([]float64, error) {
	k := c.Inputs.Arrays["kernel"]
	sym := symmetric(k)
	sym.ScaleSym(1/float64(len(k)), sym)
	var e mat.EigenSym
	if !e.Factorize(sym, false) {
		return nil, fmt.Errorf("the eigenvalues did not converge")
	}
	return []float64{metrics.VendiOf(e.Values(nil), 1)}, nil
}

// fincOf is the novelty under given frequencies: the directions as they are, over sigma.
func fincOf(c Case, name string) ([]float64, error) {
	p, err := c.Inputs.pair()
	if err != nil {
		return nil, err
	}
	var number [2]float64
	for i, option := range []string{"sigma", "eta"} {
		if number[i], err = strconv.ParseFloat(c.Options[option], 64); err != nil {
			return nil, fmt.Errorf("%s: %w", option, err)
		}
	}
	w, err := golden.Set(c.Inputs.Directions)
	if err != nil {
		return nil, err
	}
	w.Scale(1/number[0], w)
	n, err := metrics.FourierNovelty(context.Background(), p.Fake, p.Real, w, number[1], 0)
	if err != nil || len(n.Values) == 0 {
		return nil, err
	}
	return map[string][]float64{"finc": {n.Total() * n.Entropy()}, "finc_novel": {n.Total()}, "finc_largest": n.Values[:1]}[name], nil
}

// cellsOf is the test of both sides in the cells of the directions as they are.
func cellsOf(c Case, name string) ([]float64, error) {
	p, err := c.Inputs.pair()
	if err != nil {
		return nil, err
	}
	refs, err := golden.Set(c.Inputs.Directions)
	if err != nil {
		return nil, err
	}
	t, err := metrics.TestCells(context.Background(), p.Real, p.Fake, refs)
	return map[string][]float64{"chi2": {t.Chi2}, "df": {float64(t.DF)}, "p": {t.Upper()}}[name], err
}

// conditionalOf is a distance given the last columns of both sides, or of the real side for both (same=true).
func conditionalOf(c Case) ([]float64, error) {
	p, err := c.Inputs.pair()
	if err != nil {
		return nil, err
	}
	k, err := strconv.Atoi(c.Options["conditions"])
	if err != nil {
		return nil, fmt.Errorf("conditions: %w", err)
	}
	split := func(x *mat.Dense) (features, conditions *mat.Dense) {
		n, d := x.Dims()
		return mat.DenseCopyOf(x.Slice(0, n, 0, d-k)), mat.DenseCopyOf(x.Slice(0, n, d-k, d))
	}
	var real, fake *mat.Dense
	p.Real, real = split(p.Real)
	if p.Fake, fake = split(p.Fake); c.Options["same"] == "true" {
		fake = real
	}
	if c.Function == "cfid" {
		v, failed := metrics.ConditionalDistance(p, real, fake)
		return []float64{v}, failed
	}
	alpha, err := strconv.ParseFloat(c.Options["alpha"], 64)
	if err != nil {
		return nil, fmt.Errorf("alpha: %w", err)
	}
	r, err := metrics.JointDistance(context.Background(), p, real, fake, alpha)
	if err != nil {
		return nil, err
	}
	return []float64{r.Values[0].Value}, nil
}

func counts(x []float64) []int {
	out := make([]int, len(x))
	for i, v := range x {
		out[i] = int(v)
	}
	return out
}

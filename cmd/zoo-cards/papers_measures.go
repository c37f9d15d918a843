package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
)

// Published numbers about measures themselves need no model, and some models are fitted and not trained: measure computes what is to be compared with them.

// The sizes of the papers' examples.
const (
	reluWidth, reluRows = 2048, 50_000
	parzenCentres       = 10_000
	measureRepeats      = 3
	parzenWidths        = 10 // from 0.1 to 1, evenly by their logarithms, as in the script that came with the adversarial nets [goodfellow2014]
)

// measure appends the records of the examples to a file, one repeat after the other; what is there already is not worked out again.
func measure(ctx context.Context, file, data string) error {
	done, _, err := reports.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	set, err := datasets.MNIST{}.Load(ctx, datasets.Options{Dir: data})
	if err != nil {
		return err
	}
	for _, work := range []struct {
		dataset string
		do      func(seed uint64) ([]reports.Record, error)
	}{
		{"mnist", func(seed uint64) ([]reports.Record, error) { return trueDigits(set, int(seed)-1) }},
		{"mnist-logit", func(seed uint64) ([]reports.Record, error) { return normalDigits(ctx, set, seed) }},
		{"same-normal", func(seed uint64) ([]reports.Record, error) { return sameLaw(ctx, 64, 10_000, seed) }},
		{"relu", func(seed uint64) ([]reports.Record, error) { return reluExample(reluWidth, reluRows, seed) }},
	} {
		for seed := uint64(1); seed <= measureRepeats; seed++ {
			there := slices.ContainsFunc(done, func(r reports.Record) bool { return r.Dataset == work.dataset && r.Seed == seed })
			if there || ctx.Err() != nil {
				continue
			}
			if err := appendTimed(ctx, file, seed, work.do); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// appendTimed appends the records of a repeat with what they took.
func appendTimed(ctx context.Context, file string, seed uint64, work func(uint64) ([]reports.Record, error)) error {
	from, used := time.Now(), processorTime()
	recs, err := work(seed)
	if err != nil {
		return err
	}
	cost := reports.Cost{WallSeconds: time.Since(from).Seconds(), CPUSeconds: processorTime() - used}
	for i := range recs {
		r := &recs[i]
		r.Seed, r.Better, r.Status, r.Cost = seed, reports.None, reports.OK, cost
		r.Cell = fmt.Sprintf("%s-%s-%d", r.Dataset, r.Model, seed)
		r.Provenance.Kernel = kernel.Name()
	}
	_, err = reports.Append(ctx, file, recs, false)
	return err
}

// reluExample is the example by which FID is shown to put two distributions into the wrong order [binkowski2018], in d dimensions with m samples:
//
//	P1 = relu(N(0, I)),  P2 = relu(N(1, 0.8 S + 0.2 I)), S = 4/d C C', C standard normal,  Q = relu(N(1, I))
//
// Q is known exactly. Records: fd of m samples of P1 and of P2, that of the samples of P2 less the bias, which estimates fd of the exact P2, and from the first seed fd of
// the exact P1.
func reluExample(d, m int, seed uint64) ([]reports.Record, error) {
	q := rectified(d, 1)
	first, err := relusOf(d, m, plain(d, rng.Stream(seed, "papers", "relu", "p1")))
	if err != nil {
		return nil, err
	}
	second, err := relusOf(d, m, mixed(d, seed))
	if err != nil {
		return nil, err
	}
	sides := []struct {
		model string
		p     metrics.Stats
	}{{"p1", first}, {"p2", second}, {"p1-exact", rectified(d, 0)}}
	if seed > 1 {
		sides = sides[:2] // the exact one is the same every time
	}
	var recs []reports.Record
	for _, c := range sides {
		r, err := metrics.FD{Interval: "none"}.Compute(context.Background(), metrics.Pair{RealStats: q, FakeStats: c.p})
		if err != nil {
			return nil, err
		}
		rec := reports.Record{Model: c.model, Dataset: "relu", Metric: "fd", Value: r.Values[0].Value, N: c.p.N}
		recs = append(recs, rec)
		if i := slices.IndexFunc(r.Values, func(v metrics.Value) bool { return v.Name == "fd_bias" }); c.model == "p2" && i >= 0 {
			rec.Model, rec.Value = "p2-corrected", rec.Value-r.Values[i].Value
			recs = append(recs, rec)
		}
	}
	return recs, nil
}

// exactRows is the count behind moments that are known: so many that nothing is left of sampling.
const exactRows = 1 << 50

// rectified is the exact mean and covariance of relu(N(mean, I)).
//
//	E x = mean Phi(mean) + phi(mean),   E x^2 = (mean^2 + 1) Phi(mean) + mean phi(mean)
func rectified(d int, mean float64) metrics.Stats {
	n := distuv.UnitNormal
	ex := mean*n.CDF(mean) + n.Prob(mean)
	variance := (mean*mean+1)*n.CDF(mean) + mean*n.Prob(mean) - ex*ex
	s := metrics.Stats{N: exactRows, Mean: make([]float64, d), Cov: mat.NewSymDense(d, nil)}
	for i := range d {
		s.Mean[i] = ex
		s.Cov.SetSym(i, i, variance)
	}
	return s
}

// relusOf is the mean and covariance of the positive parts of m rows.
func relusOf(d, m int, fill func(rows int) []float32) (metrics.Stats, error) {
	var moments metrics.Moments
	for done := 0; done < m; {
		rows := min(1000, m-done)
		x := mat.NewDense(rows, d, nil)
		out := x.RawMatrix().Data
		for i, v := range fill(rows) {
			out[i] = math.Max(0, float64(v))
		}
		if err := moments.Add(x); err != nil {
			return metrics.Stats{}, err
		}
		done += rows
	}
	return moments.Stats()
}

func plain(d int, src *rng.Source) func(rows int) []float32 {
	return func(rows int) []float32 {
		x := make([]float32, rows*d)
		src.FillNormal(x)
		return x
	}
}

// mixed draws rows of N(1, 0.8 S + 0.2 I): 1 + sqrt(0.8) 2/sqrt(d) C z + sqrt(0.2) z'.
func mixed(d int, seed uint64) func(rows int) []float32 {
	c := plain(d, rng.Stream(seed, "papers", "relu", "c"))(d)
	wide, own := float32(math.Sqrt(0.8)*2/math.Sqrt(float64(d))), float32(math.Sqrt(0.2))
	z, rest := plain(d, rng.Stream(seed, "papers", "relu", "p2")), plain(d, rng.Stream(seed, "papers", "relu", "p2 own"))
	return func(rows int) []float32 {
		x := make([]float32, rows*d)
		kernel.Gemm(false, true, rows, d, d, z(rows), d, c, d, x, d, kernel.Epilogue{})
		for i, e := range rest(rows) {
			x[i] = 1 + wide*x[i] + own*e
		}
		return x
	}
}

// sameLaw is density and coverage, of five neighbours, of two samples of n rows of one normal distribution in d dimensions.
func sameLaw(ctx context.Context, d, n int, seed uint64) ([]reports.Record, error) {
	sample := func(name string) *mat.Dense {
		src := rng.Stream(seed, "papers", "same", name)
		x := make([]float64, n*d)
		for i := range x {
			x[i] = src.Normal()
		}
		return mat.NewDense(n, d, x)
	}
	r, err := metrics.PRDC{K: 5, Interval: "none"}.Compute(ctx, metrics.Pair{Real: sample("real"), Fake: sample("fake")})
	if err != nil {
		return nil, err
	}
	var recs []reports.Record
	for _, v := range r.Values {
		if v.Name == "density" || v.Name == "coverage" {
			recs = append(recs, reports.Record{Model: v.Name, Dataset: "same-normal", Metric: v.Name, Value: v.Value, N: n, NReal: n})
		}
	}
	return recs, nil
}

// trueDigits is the Parzen window estimate of the data themselves, the row "true distribution" of [theis2016]: parzenCentres training images, those of a part of
// their own for each repeat, are taken for a model's samples; the window is the best on the last 10 000 training images, the value that of the test images in nats.
func trueDigits(set *datasets.Set, part int) ([]reports.Record, error) {
	train, test := unit(set.Train), unit(set.Test)
	d := set.Train.Dim()
	n := set.Train.Len()
	if (part+2)*parzenCentres > n {
		return nil, fmt.Errorf("part %d of %d training images: there are %d to take samples from", part, n, n/parzenCentres-1)
	}
	centres := train[part*parzenCentres*d : (part+1)*parzenCentres*d]
	value, width := parzen(centres, train[(n-parzenCentres)*d:], test, d)
	return []reports.Record{{Model: "true-distribution", Dataset: "mnist", Metric: "parzen", Unit: "nats", Value: value, N: parzenCentres, NReal: set.Test.Len(),
		Convention: map[string]string{"width": fmt.Sprintf("%.3f", width)}}}, nil
}

// unit brings pixels from [-1, 1] to [0, 1], the scale of the published values.
func unit(s *datasets.Samples) []float32 {
	x := make([]float32, 0, s.Len()*s.Dim())
	for i := range s.Len() {
		for _, v := range s.Row(i) {
			x = append(x, (v+1)/2)
		}
	}
	return x
}

// parzen gives the mean log-density of the test rows under equal Gaussian windows on the centres, with the width that is best for the rows to choose by.
//
//	log p(x) = log 1/n sum_i exp(-|x - c_i|^2 / 2 w^2) - d/2 log 2 pi w^2
func parzen(centres, choose, test []float32, d int) (value, width float64) {
	widths := make([]float64, parzenWidths)
	for i := range widths {
		widths[i] = math.Pow(10, -1+float64(i)/float64(parzenWidths-1))
	}
	best := 0
	on := windows(centres, choose, d, widths)
	for i := range on {
		if on[i] > on[best] {
			best = i
		}
	}
	return windows(centres, test, d, widths[best:best+1])[0], widths[best]
}

// windows is the mean log-density of rows for each width.
func windows(centres, rows []float32, d int, widths []float64) []float64 {
	const block = 500
	n, m := len(centres)/d, len(rows)/d
	lengths := squares(centres, d)
	sums := make([]float64, len(widths))
	inner := make([]float32, block*n)
	for from := 0; from < m; from += block {
		k := min(block, m-from)
		x := rows[from*d : (from+k)*d]
		kernel.Gemm(false, true, k, n, d, x, d, centres, d, inner, n, kernel.Epilogue{})
		for i, own := range squares(x, d) {
			for w, width := range widths {
				sums[w] += logMeanExp(inner[i*n:(i+1)*n], lengths, own, 2*width*width) - float64(d)/2*math.Log(2*math.Pi*width*width)
			}
		}
	}
	for w := range sums {
		sums[w] /= float64(m)
	}
	return sums
}

// logMeanExp is log 1/n sum exp(-(|x|^2 + |c|^2 - 2 x c) / scale).
func logMeanExp(inner []float32, lengths []float64, own, scale float64) float64 {
	top := math.Inf(-1)
	for i, v := range inner {
		top = math.Max(top, 2*float64(v)-lengths[i])
	}
	sum := 0.0
	for i, v := range inner {
		if e := (2*float64(v) - lengths[i] - top) / scale; e > -40 { // less adds nothing
			sum += math.Exp(e)
		}
	}
	return (top-own)/scale + math.Log(sum/float64(len(inner)))
}

func squares(x []float32, d int) []float64 {
	s := make([]float64, len(x)/d)
	for i := range s {
		for _, v := range x[i*d : (i+1)*d] {
			s[i] += float64(v) * float64(v)
		}
	}
	return s
}

package zoo

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/rng"
)

// fitRows bounds the training samples that a covariance is taken from unless another number is asked for: enough for the largest images at hand, and seconds instead of
// minutes.
const fitRows = "10000"

// GaussianFit draws from one normal distribution with the mean and covariance of the training data: what a Fréchet distance on raw values cannot tell from the data.
type GaussianFit struct{}

var _ Model = GaussianFit{}

// Info describes the control.
func (GaussianFit) Info() Info {
	return Info{ID: "gaussian-fit", Title: "Control: one normal distribution", Paper: "heusel2017", Family: Control, Kinds: allKinds,
		Settings: join(untrained(), []Setting{
			{Name: "rows", Default: fitRows, Lo: 2, Hi: 1e9, Integer: true, Doc: "training samples that mean and covariance are taken from, the first ones"},
		}), Objective: "none: x ~ N(mean, covariance of the data)"}
}

// Build fits. Values that never change make the covariance singular; a millionth of the mean variance on the diagonal mends that.
func (GaussianFit) Build(b *Builder) error {
	rows := min(b.Settings.Int("rows"), b.set.Train.Len())
	if d := float64(b.set.Train.Dim()); b.takes(8 * (float64(rows)*d + 3*d*d)) { // the rows, the covariance, its factor twice
		b.drawn(nil)
		return nil
	}
	x := b.matrix(rows)
	n, d := x.Dims()
	mean, cov := numeric.MeanCov(x, 0)
	if n < 2 {
		return fmt.Errorf("data set %s has %d training samples, a covariance needs 2", b.set.Info.ID, n)
	}
	ridge := 1e-6*mat.Trace(cov)/float64(d) + 1e-12
	for i := range d {
		cov.SetSym(i, i, cov.At(i, i)+ridge)
	}
	var chol mat.Cholesky
	if !chol.Factorize(cov) {
		return fmt.Errorf("data set %s: the covariance of its training data is not positive", b.set.Info.ID)
	}
	var lower mat.TriDense
	chol.LTo(&lower)
	b.drawn(func(row []float32, r *rng.Source) {
		z := make([]float64, d)
		for i := range z {
			z[i] = r.Normal()
		}
		for i := range row {
			v := mean[i]
			for j, l := range lower.RawTriangular().Data[i*lower.RawTriangular().Stride:][:i+1] {
				v += l * z[j]
			}
			row[i] = float32(v)
		}
		b.limit(row)
	})
	b.Likelihood(normalDensity(mean, lower.RawTriangular()))
	return nil
}

// normalDensity is log N(x; mean, L L^T) with the lower triangle L:
//
//	-1/2 (D log 2 pi + |y|^2) - sum log L_ii,   L y = x - mean
//
// Draws of images are cut to [-1, 1]; the density is that of the normal distribution before.
func normalDensity(mean []float64, l blas64.Triangular) Density {
	d := len(mean)
	constant := -0.5 * float64(d) * math.Log(2*math.Pi)
	for i := range d {
		constant -= math.Log(l.Data[i*l.Stride+i])
	}
	y := make([]float64, d)
	return exact(d, func(row []float32) float64 {
		square := 0.0
		for i, v := range row {
			y[i] = float64(v) - mean[i]
			line := l.Data[i*l.Stride:]
			for j := range i {
				y[i] -= line[j] * y[j]
			}
			y[i] /= line[i]
			square += y[i] * y[i]
		}
		return constant - 0.5*square
	})
}

// exact is a density that is computed sample by sample in closed form.
func exact(sites int, logp func(row []float32) float64) Density {
	return Density{Exact: true, Sites: sites, LogP: func(_ context.Context, e Evidence) error {
		for i, row := range e.Rows {
			e.Nats[i] = logp(row)
		}
		return nil
	}}
}

// matrix is the first training samples in float64.
func (b *Builder) matrix(most int) *mat.Dense {
	n, d := min(most, b.set.Train.Len()), b.set.Train.Dim()
	x := mat.NewDense(n, d, nil)
	for i := range n {
		for j, v := range b.set.Train.Row(i) {
			x.Set(i, j, float64(v))
		}
	}
	return x
}

// MixtureFit is the likelihood reference on points: a mixture of k round normal distributions fitted by expectation maximisation [dempster1977].
//
//	E: r_ik = w_k N(x_i; m_k, s_k^2 I) / sum    M: w_k = mean r_ik, m_k and s_k^2 the weighted mean and variance per coordinate
//
// Every round raises the likelihood or leaves it. The fit starts from the best of several k-means++ choices of centres [arthur2007].
type MixtureFit struct{}

var _ Model = MixtureFit{}

// Info describes the reference.
func (MixtureFit) Info() Info {
	return Info{ID: "em-gmm", Title: "Reference: normal mixture by expectation maximisation", Paper: "dempster1977", Family: Likelihood, Kinds: []datasets.Kind{datasets.Points},
		Objective: "-E log sum_k w_k N(x; m_k, s_k^2 I), by EM",
		Settings: join(untrained(), []Setting{
			{Name: "k", Default: "0", Lo: 0, Hi: 4096, Integer: true, Doc: "components; 0 takes as many as the truth or the classes have, else 8"},
			{Name: "rounds", Default: "50", Lo: 1, Hi: 1e5, Integer: true, Doc: "rounds of EM"},
			{Name: "restarts", Default: "10", Lo: 1, Hi: 1000, Integer: true, Doc: "choices of centres that the best is taken of, by likelihood after two rounds"},
		})}
}

// Updates are unknown: a step is one of expectation maximisation.
func (MixtureFit) Updates(Settings) (dSteps, gSteps int, known bool) { return 0, 0, false }

// Build fits.
func (MixtureFit) Build(b *Builder) error {
	if b.takes(8 * float64(b.set.Train.Len()) * float64(b.set.Train.Dim())) {
		b.drawn(nil)
		return nil
	}
	m, err := b.fitMixture()
	if err != nil {
		return err
	}
	b.drawn(func(row []float32, r *rng.Source) {
		k, u := 0, r.Float64()
		for ; k < len(m.weight)-1 && u >= m.weight[k]; k++ {
			u -= m.weight[k]
		}
		for i := range row {
			row[i] = float32(m.mean[k][i] + math.Sqrt(m.variance[k])*r.Normal())
		}
	})
	b.Likelihood(m.density())
	return nil
}

func (b *Builder) fitMixture() (*mixture, error) {
	k := b.Settings.Int("k")
	if k == 0 {
		switch {
		case b.set.Truth != nil:
			k = len(b.set.Truth.Modes)
		case b.Classes > 0:
			k = b.Classes
		default:
			k = 8
		}
	}
	x := b.matrix(b.set.Train.Len())
	if n, _ := x.Dims(); n < k {
		return nil, fault.Of(ErrSetting, "data set %s has %d training samples, fewer than k = %d", b.set.Info.ID, n, k)
	}
	r := rng.Stream(b.seed, "control", "em-gmm")
	var best *mixture
	top := math.Inf(-1)
	for range b.Settings.Int("restarts") {
		m := startMixture(x, k, r)
		m.round(x)
		m.round(x)
		if l := m.round(x); l > top {
			best, top = m, l
		}
	}
	for range b.Settings.Int("rounds") {
		best.round(x)
	}
	return best, nil
}

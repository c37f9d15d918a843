package metrics

import (
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
)

// Images are N samples of H x W x C numbers, row after row, channels last, with values from Lo to Hi. Points are images of H = W = 1.
type Images struct {
	N, H, W, C int
	Pix        []float32
	Lo, Hi     float64 // the range of a value: -1 and 1, 0 and 255

	// Load brings the numbers of sample i where Pix is nil, for targets and reconstructions that do not fit into memory. It is called concurrently and must return
	// H*W*C finite numbers; whoever gives it keeps its errors.
	Load func(i int) []float32
}

// At returns the numbers of sample i.
func (m *Images) At(i int) []float32 {
	if m.Load != nil {
		return m.Load(i)
	}
	s := m.H * m.W * m.C
	return m.Pix[i*s : (i+1)*s]
}

// LogTerms are natural logarithms of densities at K draws of the latent code for each of N samples: N x K.
type LogTerms struct {
	PX  *mat.Dense // log p(x | z)
	PZ  *mat.Dense // log p(z)
	QZ  *mat.Dense // log q(z | x), the density that drew z
	Dim int        // numbers in one sample, for bits per dimension
	// Offset is added to the log likelihood of a sample before it becomes bits per dimension: the log volume of one pixel step where the model
	// saw rescaled pixels (-Dim ln 127.5 for bytes mapped onto [-1, 1]).
	Offset float64
}

// LatentPath is what a generator makes along straight or spherical segments between pairs of latent codes.
type LatentPath struct {
	A, B *mat.Dense // features at t and at t + Eps of each segment: path length
	Eps  float64
	// Points holds the features at Steps equally spaced places of each segment, ends included: rows seg*Steps + step.
	Points *mat.Dense
	Steps  int
}

func checkImages(role string, m *Images, least int) error {
	if m == nil {
		return fault.Of(ErrMissing, "no %s given", role)
	}
	if m.H < 1 || m.W < 1 || m.C < 1 || m.Load == nil && len(m.Pix) != m.N*m.H*m.W*m.C {
		return fault.Of(ErrShape, "%s: %d numbers are not %d x %d x %d x %d", role, len(m.Pix), m.N, m.H, m.W, m.C)
	}
	if m.N < least {
		return fault.Of(ErrTooFew, "%s: %d given, want at least %d", role, m.N, least)
	}
	if !(m.Hi > m.Lo) || m.Hi-m.Lo > 1e30 {
		return fault.Of(ErrValue, "%s: the range from %v to %v is empty or infinite; set Lo and Hi", role, m.Lo, m.Hi)
	}
	for k, v := range m.Pix {
		if v-v != 0 {
			return fault.Of(ErrValue, "%s: sample %d holds %v", role, k/(m.H*m.W*m.C), v)
		}
	}
	return nil
}

func checkTargets(p Pair) error {
	if err := checkImages("targets", p.Target, 1); err != nil {
		return err
	}
	if err := checkImages("reconstructions", p.Recon, 1); err != nil {
		return err
	}
	a, b := p.Target, p.Recon
	if a.N != b.N || a.H != b.H || a.W != b.W || a.C != b.C {
		return fault.Of(ErrShape, "targets are %d x %d x %d x %d, reconstructions %d x %d x %d x %d", a.N, a.H, a.W, a.C, b.N, b.H, b.W, b.C)
	}
	if a.Lo != b.Lo || a.Hi != b.Hi {
		return fault.Of(ErrValue, "targets span [%v, %v], reconstructions [%v, %v]: bring both to one range", a.Lo, a.Hi, b.Lo, b.Hi)
	}
	return nil
}

func checkTerms(t *LogTerms) error {
	if t == nil {
		return fault.Of(ErrMissing, "no log density terms given")
	}
	for _, m := range []struct {
		role string
		m    *mat.Dense
	}{{"log p(x|z)", t.PX}, {"log p(z)", t.PZ}, {"log q(z|x)", t.QZ}} {
		if err := checkMatrix(m.role, m.m, 2); err != nil {
			return err
		}
		r, c := t.PX.Dims()
		if a, b := m.m.Dims(); a != r || b != c {
			return fault.Of(ErrShape, "%s is %d x %d, log p(x|z) is %d x %d", m.role, a, b, r, c)
		}
	}
	if t.Dim < 1 {
		return fault.Of(ErrValue, "the samples' dimension is %d, want at least 1", t.Dim)
	}
	return nil
}

func checkEnds(p *LatentPath) error {
	if p == nil {
		return fault.Of(ErrMissing, "no latent segments given")
	}
	if err := checkMatrix("features at t", p.A, 2); err != nil {
		return err
	}
	if err := checkMatrix("features at t + eps", p.B, 2); err != nil {
		return err
	}
	ra, ca := p.A.Dims()
	if rb, cb := p.B.Dims(); ra != rb || ca != cb {
		return fault.Of(ErrShape, "features at t are %d x %d, at t + eps %d x %d", ra, ca, rb, cb)
	}
	if !(p.Eps > 0) || p.Eps > 1 {
		return fault.Of(ErrValue, "the step eps is %v, want a number in (0, 1]", p.Eps)
	}
	return nil
}

func checkPath(p Pair) error {
	if p.Path == nil || p.Path.Points == nil {
		return fault.Of(ErrMissing, "no features along latent segments given")
	}
	if err := checkMatrix("real features", p.Real, 2); err != nil {
		return err
	}
	if err := checkMatrix("features along latent segments", p.Path.Points, 3); err != nil {
		return err
	}
	if n, _ := p.Path.Points.Dims(); p.Path.Steps < 3 || n%p.Path.Steps != 0 {
		return fault.Of(ErrShape, "%d rows in segments of %d steps: want whole segments of at least 3", n, p.Path.Steps)
	}
	return sameWidth("real", p.Real, "path", p.Path.Points)
}

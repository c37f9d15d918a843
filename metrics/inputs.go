package metrics

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
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
		return fmt.Errorf("no %s given: %w", role, ErrMissing)
	}
	if m.H < 1 || m.W < 1 || m.C < 1 || m.Load == nil && len(m.Pix) != m.N*m.H*m.W*m.C {
		return fmt.Errorf("%s: %d numbers are not %d x %d x %d x %d: %w", role, len(m.Pix), m.N, m.H, m.W, m.C, ErrShape)
	}
	if m.N < least {
		return fmt.Errorf("%s: %d given, want at least %d: %w", role, m.N, least, ErrTooFew)
	}
	if !(m.Hi > m.Lo) || m.Hi-m.Lo > 1e30 {
		return fmt.Errorf("%s: the range from %v to %v is empty or infinite; set Lo and Hi: %w", role, m.Lo, m.Hi, ErrValue)
	}
	for k, v := range m.Pix {
		if v-v != 0 {
			return fmt.Errorf("%s: sample %d holds %v: %w", role, k/(m.H*m.W*m.C), v, ErrValue)
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
		return fmt.Errorf("targets are %d x %d x %d x %d, reconstructions %d x %d x %d x %d: %w", a.N, a.H, a.W, a.C, b.N, b.H, b.W, b.C, ErrShape)
	}
	if a.Lo != b.Lo || a.Hi != b.Hi {
		return fmt.Errorf("targets span [%v, %v], reconstructions [%v, %v]: bring both to one range: %w", a.Lo, a.Hi, b.Lo, b.Hi, ErrValue)
	}
	return nil
}

func checkTerms(t *LogTerms) error {
	if t == nil {
		return fmt.Errorf("no log density terms given: %w", ErrMissing)
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
			return fmt.Errorf("%s is %d x %d, log p(x|z) is %d x %d: %w", m.role, a, b, r, c, ErrShape)
		}
	}
	if t.Dim < 1 {
		return fmt.Errorf("the samples' dimension is %d, want at least 1: %w", t.Dim, ErrValue)
	}
	return nil
}

func checkEnds(p *LatentPath) error {
	if p == nil {
		return fmt.Errorf("no latent segments given: %w", ErrMissing)
	}
	if err := checkMatrix("features at t", p.A, 2); err != nil {
		return err
	}
	if err := checkMatrix("features at t + eps", p.B, 2); err != nil {
		return err
	}
	ra, ca := p.A.Dims()
	if rb, cb := p.B.Dims(); ra != rb || ca != cb {
		return fmt.Errorf("features at t are %d x %d, at t + eps %d x %d: %w", ra, ca, rb, cb, ErrShape)
	}
	if !(p.Eps > 0) || p.Eps > 1 {
		return fmt.Errorf("the step eps is %v, want a number in (0, 1]: %w", p.Eps, ErrValue)
	}
	return nil
}

func checkPath(p Pair) error {
	if p.Path == nil || p.Path.Points == nil {
		return fmt.Errorf("no features along latent segments given: %w", ErrMissing)
	}
	if err := checkMatrix("real features", p.Real, 2); err != nil {
		return err
	}
	if err := checkMatrix("features along latent segments", p.Path.Points, 3); err != nil {
		return err
	}
	if n, _ := p.Path.Points.Dims(); p.Path.Steps < 3 || n%p.Path.Steps != 0 {
		return fmt.Errorf("%d rows in segments of %d steps: want whole segments of at least 3: %w", n, p.Path.Steps, ErrShape)
	}
	return sameWidth("real", p.Real, "path", p.Path.Points)
}

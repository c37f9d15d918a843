package featurizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/tensorfile"
	"github.com/assay-gan/assay/metrics"
)

// ErrFingerprint is wrapped by the refusal to compare statistics made in different ways.
var ErrFingerprint = errors.New("statistics made in different ways")

// Statistics are the first two moments of features with what they were made from. Files of other tools lack the provenance.
type Statistics struct {
	metrics.Stats                // N is 0 where the file does not say
	Spatial       *metrics.Stats // of sFID's layer; nil where the file has none
	Made          map[string]string
	Part          string        // which of the statistics of one file these are, "" where there is but one
	Others        []*Statistics // further statistics of the file, in other features; nil where a part was named
	Beside        []string      // other arrays of the file, which may hold the samples; not read
}

// The fields of Made that must agree before two statistics may be compared; the others, such as the data's hash, are for people.
var fingerprintFields = []string{"featurizer", "fingerprint", "protocol", "ddof"}

// statsKey is the array that makes our files self-describing; other tools ignore it.
const statsKey = "assay"

// ReadStatistics reads an npz archive with mu and sigma, as pytorch-fid, clean-fid and StyleGAN write it, with mu_s and sigma_s as the ADM
// evaluator writes it, one written by Save, or a pickle (.pkl) of EDM2's, which is read and never run, whose parts fid and fd_dinov2 are named as FILE.pkl:fid. Other arrays in it, such as the images themselves, are named in Beside and not read. It errors with ErrArray where
// the arrays are missing, or cannot be a mean and a covariance: not square, not symmetric, not positive semi-definite within rounding, not finite.
func ReadStatistics(path string) (*Statistics, error) {
	if IsPickle(path) {
		return readPickleStatistics(path)
	}
	z, err := tensorfile.OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = z.Close() }() // only read
	r := statsReader{path, z}
	s := &Statistics{Made: map[string]string{}}
	if s.Stats, err = r.moments("mu", "sigma"); err != nil {
		return nil, err
	}
	known := []string{"mu", "sigma", "mu_s", "sigma_s", statsKey}
	for _, name := range z.Names() {
		if !slices.Contains(known, name) {
			s.Beside = append(s.Beside, name)
		}
	}
	if r.has("mu_s") {
		spatial, err := r.moments("mu_s", "sigma_s")
		if err != nil {
			return nil, err
		}
		s.Spatial = &spatial
	}
	if r.has(statsKey) {
		if err := s.readHead(z); err != nil {
			return nil, fault.Of(ErrArray, "%s: provenance: corrupt: %w", path, err)
		}
	}
	return s, nil
}

// readHead reads what the file says of itself.
func (s *Statistics) readHead(z *tensorfile.Archive) error {
	a, err := z.Read(statsKey)
	if err != nil {
		return err
	}
	var head struct {
		N    int               `json:"n"`
		Made map[string]string `json:"made"`
	}
	if err := json.Unmarshal(a.Raw, &head); err != nil {
		return err
	}
	if head.N < 0 {
		return fmt.Errorf("n is %d", head.N)
	}
	s.N, s.Made = head.N, head.Made
	if s.Spatial != nil {
		s.Spatial.N = head.N
	}
	return nil
}

// statsReader reads the arrays of statistics and no others.
type statsReader struct {
	path string
	z    *tensorfile.Archive
}

func (r statsReader) has(name string) bool { return slices.Contains(r.z.Names(), name) }

func (r statsReader) moments(mu, sigma string) (metrics.Stats, error) {
	if !r.has(mu) || !r.has(sigma) {
		return metrics.Stats{}, fault.Of(ErrArray, "%s: no arrays %s and %s, have %s", r.path, mu, sigma, strings.Join(r.z.Names(), " "))
	}
	m, err := r.z.Read(mu)
	if err != nil {
		return metrics.Stats{}, err
	}
	mean := m.Float64s()
	for i, v := range mean {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return metrics.Stats{}, fault.Of(ErrArray, "%s: %s[%d] is %v", r.path, mu, i, v)
		}
	}
	square, shape, err := r.square(sigma, len(mean))
	if err != nil {
		return metrics.Stats{}, err
	}
	if square == nil {
		return metrics.Stats{}, fault.Of(ErrArray, "%s: %s of shape %v and %s of shape %v: want D and D x D", r.path, mu, m.Shape, sigma, shape)
	}
	cov, why := covariance(len(mean), square)
	if why != "" {
		return metrics.Stats{}, fault.Of(ErrArray, "%s: %s is no covariance: %s", r.path, sigma, why)
	}
	return metrics.Stats{Mean: mean, Cov: cov}, nil
}

// sigmaRows are read at once: the file's bytes and the numbers made of them need not lie in memory side by side.
const sigmaRows = 32

// square reads a d x d array, a few rows at a time; nil where the array has another shape.
func (r statsReader) square(name string, d int) (x []float64, shape []int, err error) {
	in, done, err := r.z.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = done.Close() }() // only read
	if shape = in.Shape; d < 1 || len(shape) != 2 || shape[0] != d || shape[1] != d {
		return nil, shape, nil
	}
	for {
		a, err := in.Next(sigmaRows)
		if err != nil {
			return nil, nil, err
		}
		if a == nil {
			return x, shape, nil
		}
		if x == nil { // only now: a shape alone may lie
			x = make([]float64, 0, d*d)
		}
		for i := range a.Len() {
			x = append(x, a.At(i))
		}
	}
}

// What rounding may do to a covariance that a tool summed in float32: how far mirrored entries may lie apart, as a part of the largest variance, and how far below 0
// an eigenvalue may lie, as a part of the sum of variances.
const (
	mirrorSlack = 1e-6
	eigenSlack  = 1e-6
)

// covariance takes a d x d array, row after row, for a covariance, or says why it can be none. The array becomes the matrix.
func covariance(d int, x []float64) (*mat.SymDense, string) {
	scale, trace := 0.0, 0.0
	for i := range d {
		v := x[i*d+i]
		if !(v >= 0) || math.IsInf(v, 0) { // also refuses NaN
			return nil, fmt.Sprintf("the variance [%d,%d] is %v", i, i, v)
		}
		scale, trace = max(scale, v), trace+v
	}
	sym := mat.NewSymDense(d, x)
	for i := range d {
		for j := i; j < d; j++ {
			a, b := x[i*d+j], x[j*d+i]
			if !(math.Abs(a-b) <= mirrorSlack*scale) {
				return nil, fmt.Sprintf("[%d,%d] is %v, its mirror %v", i, j, a, b)
			}
			if limit := math.Sqrt(x[i*d+i]*x[j*d+j]) + eigenSlack*trace; !(math.Abs(a) <= limit) {
				return nil, fmt.Sprintf("[%d,%d] is %v, more than the variances %v and %v allow", i, j, a, x[i*d+i], x[j*d+j])
			}
			sym.SetSym(i, j, (a+b)/2)
		}
	}
	if trace > 0 && !semidefinite(sym, eigenSlack*trace) {
		return nil, "it has an eigenvalue below 0 by more than rounding explains (an inverse, a difference or a part of a covariance?)"
	}
	return sym, ""
}

// semidefinite says whether no eigenvalue lies below -slack: a matrix that is lifted by more than its depth has a Cholesky factor. The factor is made in the triangle
// that the matrix does not use, because a second matrix would double the memory of reading one. The matrix comes back unchanged.
func semidefinite(m *mat.SymDense, slack float64) bool {
	raw := m.RawSymmetric()
	before := make([]float64, raw.N)
	for i := range raw.N {
		before[i] = raw.Data[i*raw.Stride+i]
		raw.Data[i*raw.Stride+i] += slack
	}
	mirror(raw)
	lower := raw
	lower.Uplo = blas.Lower
	_, ok := lapack64.Potrf(lower)
	for i, v := range before {
		raw.Data[i*raw.Stride+i] = v
	}
	mirror(raw)
	return ok
}

// mirror copies the upper triangle onto the lower one.
func mirror(m blas64.Symmetric) {
	for i := range m.N {
		for j := range i {
			m.Data[i*m.Stride+j] = m.Data[j*m.Stride+i]
		}
	}
}

// Split parts statistics of the two layers of BothLayers into those of the pooled features and Spatial; others stay as they are.
func (s *Statistics) Split() {
	made, ok := replaceLayer(s.Made, BothLayers, "2048")
	if !ok {
		return
	}
	pool, all := inceptionDims[tap2048], len(s.Mean)
	part := func(lo, hi int) metrics.Stats {
		return metrics.Stats{N: s.N, Mean: slices.Clone(s.Mean[lo:hi]), Cov: mat.NewSymDense(hi-lo, nil)}
	}
	first, second := part(0, pool), part(pool, all)
	for i := range all {
		for j := i; j < all; j++ {
			switch v := s.Cov.At(i, j); {
			case j < pool:
				first.Cov.SetSym(i, j, v)
			case i >= pool:
				second.Cov.SetSym(i-pool, j-pool, v)
			}
		}
	}
	s.Stats, s.Spatial, s.Made = first, &second, made
}

// SpatialMade is how the spatial part of statistics was made.
func SpatialMade(made map[string]string) map[string]string {
	made, _ = replaceLayer(made, "2048", "2023")
	return made
}

// replaceLayer names another layer of the network in a provenance; ok if the one was named that is to go.
func replaceLayer(made map[string]string, from, to string) (_ map[string]string, ok bool) {
	made = maps.Clone(made)
	for _, k := range []string{"featurizer", "fingerprint"} {
		if v := strings.Replace(made[k], ","+from+")", ","+to+")", 1); v != made[k] {
			made[k], ok = v, true
		}
	}
	return made, ok
}

// Save writes an npz archive that pytorch-fid, clean-fid and the ADM evaluator read, with N and the provenance in one more array.
func (s *Statistics) Save(path string) error {
	z := NPZ{}
	z.putMoments(s.Stats, "mu", "sigma")
	if s.Spatial != nil {
		z.putMoments(*s.Spatial, "mu_s", "sigma_s")
	}
	text, err := json.Marshal(map[string]any{"n": s.N, "made": s.Made})
	if err != nil {
		return err
	}
	z[statsKey] = &Array{Shape: []int{len(text)}, Type: "u1", Raw: text}
	return z.Save(path)
}

func (z NPZ) putMoments(s metrics.Stats, mu, sigma string) {
	d := len(s.Mean)
	x := make([]float64, d*d)
	for i := range d {
		for j := range d {
			x[i*d+j] = s.Cov.At(i, j)
		}
	}
	z[mu], z[sigma] = Float64Array([]int{d}, s.Mean), Float64Array([]int{d, d}, x)
}

// Comparable refuses two statistics made in different ways and names the fields; ones that either side does not know come back as warnings.
func (s *Statistics) Comparable(t *Statistics) (warnings []string, err error) {
	if len(s.Mean) != len(t.Mean) {
		return nil, fault.Of(ErrFingerprint, "%d features against %d: statistics made in different ways", len(s.Mean), len(t.Mean))
	}
	var differ []string
	for _, f := range fingerprintFields {
		a, b := s.Made[f], t.Made[f]
		switch {
		case a == "" || b == "":
			warnings = append(warnings, fmt.Sprintf("the %s of one side is not recorded: make sure that it is %q", f, a+b))
		case a != b:
			differ = append(differ, fmt.Sprintf("%s: %s against %s", f, a, b))
		}
	}
	if differ != nil {
		return nil, fault.Of(ErrFingerprint, "%s: statistics made in different ways", strings.Join(differ, "; "))
	}
	return warnings, nil
}

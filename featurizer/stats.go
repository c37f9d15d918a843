package featurizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/metrics"
)

// ErrFingerprint is wrapped by the refusal to compare statistics made in different ways.
var ErrFingerprint = errors.New("statistics made in different ways")

// Statistics are the first two moments of features with what they were made from. Files of other tools lack the provenance.
type Statistics struct {
	metrics.Stats                // N is 0 where the file does not say
	Spatial       *metrics.Stats // of sFID's layer; nil where the file has none
	Made          map[string]string
}

// The fields of Made that must agree before two statistics may be compared; the others, such as the data's hash, are for people.
var fingerprintFields = []string{"featurizer", "fingerprint", "protocol", "ddof"}

// statsKey is the array that makes our files self-describing; other tools ignore it.
const statsKey = "assay"

// ReadStatistics reads an npz archive with mu and sigma, as pytorch-fid, clean-fid and StyleGAN write it, with mu_s and sigma_s as the ADM
// evaluator writes it, or one written by Save. It errors with ErrArray where the arrays are missing, not square, not symmetric or not finite.
func ReadStatistics(path string) (*Statistics, error) {
	z, err := ReadNPZ(path)
	if err != nil {
		return nil, err
	}
	s := &Statistics{Made: map[string]string{}}
	if s.Stats, err = z.moments(path, "mu", "sigma"); err != nil {
		return nil, err
	}
	if z["mu_s"] != nil {
		spatial, err := z.moments(path, "mu_s", "sigma_s")
		if err != nil {
			return nil, err
		}
		s.Spatial = &spatial
	}
	if a := z[statsKey]; a != nil {
		var head struct {
			N    int               `json:"n"`
			Made map[string]string `json:"made"`
		}
		if err := json.Unmarshal(a.Raw, &head); err != nil || head.N < 0 {
			return nil, fmt.Errorf("%s: provenance: corrupt: %w", path, ErrArray)
		}
		s.N, s.Made = head.N, head.Made
		if s.Spatial != nil {
			s.Spatial.N = head.N
		}
	}
	return s, nil
}

func (z NPZ) moments(path, mu, sigma string) (metrics.Stats, error) {
	m, c := z[mu], z[sigma]
	if m == nil || c == nil {
		return metrics.Stats{}, fmt.Errorf("%s: no arrays %s and %s, have %s: %w", path, mu, sigma, strings.Join(slices.Sorted(maps.Keys(z)), " "), ErrArray)
	}
	d := m.Len()
	if d < 1 || len(c.Shape) != 2 || c.Shape[0] != d || c.Shape[1] != d {
		return metrics.Stats{}, fmt.Errorf("%s: %s of shape %v and %s of shape %v: want D and D x D: %w", path, mu, m.Shape, sigma, c.Shape, ErrArray)
	}
	x := c.Float64s()
	scale := 0.0
	for i := range d {
		scale = max(scale, math.Abs(x[i*d+i]))
	}
	sym := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			a, b := x[i*d+j], x[j*d+i]
			if !(math.Abs(a-b) <= 1e-6*scale) { // also refuses NaN
				return metrics.Stats{}, fmt.Errorf("%s: %s[%d,%d] is %v, its mirror %v: not a covariance: %w", path, sigma, i, j, a, b, ErrArray)
			}
			sym.SetSym(i, j, (a+b)/2)
		}
	}
	mean := m.Float64s()
	for i, v := range mean {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return metrics.Stats{}, fmt.Errorf("%s: %s[%d] is %v: %w", path, mu, i, v, ErrArray)
		}
	}
	return metrics.Stats{Mean: mean, Cov: sym}, nil
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
		return nil, fmt.Errorf("%d features against %d: %w", len(s.Mean), len(t.Mean), ErrFingerprint)
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
		return nil, fmt.Errorf("%s: %w", strings.Join(differ, "; "), ErrFingerprint)
	}
	return warnings, nil
}

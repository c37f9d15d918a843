package audit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/runners"
)

// DataRequest asks which metric can be trusted on the samples of Real.
type DataRequest struct {
	Real        *runners.Side
	Other       *runners.Side // for contamination; may be nil
	Featurizers []string      // specifications; runners.RawFeaturizer for points and features
	Metrics     []string      // ids; none means all that the samples can feed and whose cost is bearable
	Faults      []string      // ids; none means all that fit the samples
	N           int           // samples a side; 0 means an eighth of the samples, from 50 to 1000, so that modes can be dropped without repeats
	Seed        uint64
	Env         featurizer.Env
	Feeding     runners.Feeding
	Dir         string         // of finished pieces, "" for none
	Tell        func(Progress) // may be nil; never called twice at a time
}

// The plan of an audit of data.
const (
	leastRows   = 50   // in a set
	mostRows    = 1000 // unless the request says otherwise
	spareParts  = 8    // the part of the samples that makes a set: the strongest dropping leaves a fifth of the modes, and three sets are taken
	splits      = 12   // real against real at the full size
	repeats     = 2    // of every fault at every strength, at the full size
	powerNulls  = 8    // of real against real at every size
	powerSplits = 4    // of every fault at every size
	powerLevel  = 1    // the strength at which the sizes are compared: the second of four
	dataModes   = 10   // clusters that stand for modes where there are no labels
)

// sizesUpTo are the sizes at which bias, spread and sight are compared.
func sizesUpTo(n int) []int {
	var out []int
	for _, m := range []int{50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000} {
		if m < n {
			out = append(out, m)
		}
	}
	return append(out, n)
}

// material is the real samples in memory with all that faults ask of them.
type material struct {
	real, other *datasets.Samples
	mode        []int
	modes       int
	modesAre    string
	spread      []float64
	n           int
	faults      []Fault
	left        map[string]string
	content     string
}

// load reads the samples and refuses what cannot be audited.
func (q *DataRequest) load(ctx context.Context) (*material, error) {
	real, err := q.Real.Held(ctx, q.Feeding)
	if err != nil {
		return nil, err
	}
	m := &material{real: real, n: q.N}
	total := real.Len()
	if total < 3*leastRows {
		return nil, fmt.Errorf("%s holds %d samples: an audit splits them into a reference, clean fakes and a training set of at least %d each; give at least %d", q.Real.Path, total, leastRows, 3*leastRows)
	}
	if m.n == 0 {
		m.n = min(max(total/spareParts, leastRows), mostRows)
	}
	if m.n < leastRows || 3*m.n > total {
		return nil, fmt.Errorf("DataRequest.N %d of the %d samples in %s: want from %d to %d, as three sets are made of them", m.n, total, q.Real.Path, leastRows, total/3)
	}
	if q.Other != nil {
		if m.other, err = q.Other.Held(ctx, q.Feeding); err != nil {
			return nil, err
		}
		if !slices.Equal(m.other.Shape, real.Shape) {
			return nil, fmt.Errorf("%s holds samples of shape %v, %s of %v: contamination takes samples of one shape", q.Other.Path, m.other.Shape, q.Real.Path, real.Shape)
		}
	}
	if m.faults, m.left, err = chosenFaults(q.Faults, real, m.other); err != nil {
		return nil, err
	}
	m.spread = spreadOf(real)
	m.content = real.Hash()
	if m.other != nil {
		m.content += " " + m.other.Hash()
	}
	return m, m.findModes(ctx, q.Seed)
}

// spreadOf is the standard deviation of every number (ddof 0).
func spreadOf(s *datasets.Samples) []float64 {
	d, n := s.Dim(), float64(s.Len())
	mean, sq := make([]float64, d), make([]float64, d)
	for i, v := range s.Data {
		mean[i%d] += float64(v) / n
	}
	for i, v := range s.Data {
		sq[i%d] += (float64(v) - mean[i%d]) * (float64(v) - mean[i%d]) / n
	}
	for j := range sq {
		sq[j] = math.Sqrt(sq[j])
	}
	return sq
}

// findModes takes the labels, or clusters of the samples themselves: of what is dropped no metric and no feature space has been asked.
func (m *material) findModes(ctx context.Context, seed uint64) error {
	if l := m.real.Labels; l != nil && slices.Min(l) >= 0 && slices.Max(l) > slices.Min(l) {
		m.mode, m.modes, m.modesAre = l, slices.Max(l)+1, "classes"
		return nil
	}
	const rows = 2000
	x := denseOf(m.real)
	some := x
	if n := m.real.Len(); n > rows {
		some = numeric.Pick(x, rng.Stream(seed, "audit", "modes").Perm(n)[:rows])
	}
	k := min(dataModes, m.real.Len()/leastRows)
	c, err := numeric.KMeans{K: k, Init: 3, Iters: 30}.Fit(ctx, some, rng.Stream(seed, "audit", "clusters"))
	if err != nil {
		return fmt.Errorf("clusters of the real samples: %w", err)
	}
	m.mode, err = c.Nearest(ctx, x)
	m.modes, m.modesAre = k, "clusters"
	return err
}

func denseOf(s *datasets.Samples) *mat.Dense {
	x := mat.NewDense(s.Len(), s.Dim(), nil)
	for i, v := range s.Data {
		x.RawMatrix().Data[i] = float64(v)
	}
	return x
}

// parts are the samples of one split at a size, by their numbers.
type parts struct{ reference, clean, train, spare []int }

// split deals the samples at random; a smaller size takes the first ones of every set.
func (m *material) split(seed uint64, r, size int) parts {
	order := rng.Stream(seed, "audit", "split", fmt.Sprint(r)).Perm(m.real.Len())
	return parts{order[:size], order[m.n : m.n+size], order[2*m.n : 2*m.n+size], order[3*m.n:]}
}

// plant makes the fakes of a fault at a level over a split; nil faults are clean.
func (m *material) plant(seed uint64, f *Fault, level, r, size int) (*datasets.Samples, error) {
	at := m.split(seed, r, size)
	clean := m.real.Select(at.clean)
	if f == nil {
		return clean, nil
	}
	got, err := f.plant(planting{clean: clean, train: m.real.Select(at.train), spare: m.real.Select(at.spare), other: m.other, mode: chosen(m.mode, at.clean), spareMode: chosen(m.mode, at.spare),
		modes: m.modes, spread: m.spread, strength: f.Strengths[level], src: rng.Stream(seed, "audit", "plant", f.ID, fmt.Sprint(level), fmt.Sprint(r), fmt.Sprint(size))})
	if err != nil {
		return nil, fmt.Errorf("disturbance %s: %w", f.ID, err)
	}
	return got, nil
}

func chosen(v []int, at []int) []int {
	out := make([]int, len(at))
	for i, k := range at {
		out[i] = v[k]
	}
	return out
}

func joined(words []string) string { return strings.Join(words, ", ") }

// space is one featurizer with the features of all real samples.
type space struct {
	spec, id, fingerprint string
	f                     featurizer.Featurizer
	all                   *featurizer.Output
	real                  *datasets.Samples

	mu    sync.Mutex
	sides []side // the latest first
}

// side is what fakes of one split are held against. It stays for the jobs of the same split, so that what metrics find out about it alone is computed once.
type side struct {
	r, size int
	pair    metrics.Pair
}

// sidesKept is how many splits are remembered: jobs of few are in work at a time.
const sidesKept = 4

// against is the pair of a split at a size without its fakes.
func (s *space) against(r int, at parts) metrics.Pair {
	s.mu.Lock()
	defer s.mu.Unlock()
	is := func(o side) bool { return o.r == r && o.size == len(at.reference) }
	if i := slices.IndexFunc(s.sides, is); i >= 0 {
		return s.sides[i].pair
	}
	p := metrics.Pair{Real: numeric.Pick(s.all.Features, at.reference), Train: numeric.Pick(s.all.Features, at.train), RealProbs: numeric.Pick(s.all.Probs, at.reference),
		RealImages: runners.ImagesOf(s.real.Select(at.reference)), Shared: &metrics.Shared{}}
	if s.real.Labels != nil {
		p.RealLabels = chosen(s.real.Labels, at.reference)
	}
	p.Shared.Keep(p.Real, p.Train)
	s.sides = append([]side{{r, len(at.reference), p}}, s.sides[:min(len(s.sides), sidesKept-1)]...)
	return p
}

// open makes the featurizer and looks at every real sample once.
func (q *DataRequest) open(ctx context.Context, kit runners.Kit, m *material, spec string) (*space, error) {
	env := q.Env
	env.Reference = m.real
	f, err := kit.Featurizer(ctx, spec, env)
	if err != nil {
		return nil, err
	}
	s := &space{spec: spec, id: f.ID(), fingerprint: f.Fingerprint(), f: f, real: m.real}
	s.all, err = s.look(ctx, q, q.Real.Path, m.real)
	return s, err
}

// look puts samples through the featurizer, as a score would.
func (s *space) look(ctx context.Context, q *DataRequest, path string, x *datasets.Samples) (*featurizer.Output, error) {
	w := q.Feeding
	w.Progress = nil
	if path != q.Real.Path {
		w.Cache = "" // planted once, and kept as values
	}
	out, err := (&runners.Side{Path: path, Samples: x}).Featurize(ctx, s.f, w)
	switch {
	case errors.Is(err, featurizer.ErrShape) && len(x.Shape) == 1:
		return nil, fault.Of(featurizer.ErrShape, "%s holds rows of %d values and no images for %s: points and features take the featurizer none", path, x.Shape[0], s.id)
	case err != nil:
		return nil, fmt.Errorf("%s in %s: %w", path, s.id, err)
	}
	if out.Probs == nil && out.Logits != nil {
		out.Probs = numeric.SoftmaxRows(out.Logits)
	}
	return out, nil
}

// pair is what a metric sees of a split with the given fakes; nil fakes are the clean ones.
func (s *space) pair(r int, at parts, fake *featurizer.Output, x *datasets.Samples) metrics.Pair {
	p := s.against(r, at)
	p.Seed = uint64(r) + 1
	if fake == nil {
		p.Fake, p.FakeProbs, p.FakeLogits = numeric.Pick(s.all.Features, at.clean), numeric.Pick(s.all.Probs, at.clean), numeric.Pick(s.all.Logits, at.clean)
	} else {
		p.Fake, p.FakeProbs, p.FakeLogits = fake.Features, fake.Probs, fake.Logits
	}
	if s.real.Labels != nil {
		p.FakeLabels = x.Labels
	}
	p.FakeImages = runners.ImagesOf(x)
	return p
}

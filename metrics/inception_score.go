package metrics

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/rng"
)

// IS returns the Inception Score of a classifier's outputs for the fakes [salimans2016], its mean over splits, and the standard deviation over them:
//
//	exp(1/N sum_i KL(p(y|x_i) || p(y))),  p(y) = mean of p(y|x_i) over the split
//
// Given logits it works on log-softmax in float64, so that no epsilon is needed. Which classes and whether the last bias is in the logits is the
// caller's choice and changes the value (1008 classes without bias in the original). Splits: rows i N/S to (i+1) N/S (rule "cover", the original)
// or S blocks of N/S rows with the tail dropped ("truncate") or blocks of N/S rows rounded up, perhaps fewer than S ("chunk"). Unshuffled splits depend on the order of the samples. Between 1 and the number of
// classes. The interval is a jackknife over rows within each split: it holds for the score at this split size, which is biased in it.
type IS struct {
	Splits  int
	Rule    string // cover, truncate or chunk
	Shuffle bool
	DDof    int // of is_std
}

func (m *IS) settings() settings {
	return settings{
		intSetting("splits", &m.Splits, 1, 1, "splits averaged"),
		enumSetting("rule", &m.Rule, []string{"cover", "truncate", "chunk"}, "where a split ends"),
		boolSetting("shuffle", &m.Shuffle, "shuffle rows (from the seed) before splitting"),
		intSetting("ddof", &m.DDof, 0, 0, "divisor of the standard deviation: splits - ddof"),
	}
}

var _ Metric = IS{}

// With returns a copy with one option changed.
func (m IS) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m IS) Info() Info {
	return Info{ID: "is", Domain: classes(), Title: "Inception Score", Values: []string{"is", "is_std"}, Better: Higher, Ideal: math.Inf(1), Lo: 1, Hi: math.Inf(1),
		Needs: []Need{NeedProbs}, Paper: "salimans2016", Options: m.settings().options()}
}

// Compute implements Metric.
func (m IS) Compute(_ context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	lp := fakeLog(p)
	n, classes := lp.Dims()
	if m.Splits > n/2 {
		return Result{}, fault.Of(ErrTooFew, "is: %d splits of %d rows leave fewer than 2 rows each: set is.splits to at most %d", m.Splits, n, n/2)
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if m.Shuffle {
		order = rng.Stream(p.Seed, "metrics", "is").Perm(n)
	}
	size := (n + m.Splits - 1) / m.Splits
	if m.Rule == "chunk" { // of N/S rows rounded up: the last ones may have nothing left
		m.Splits = (n + size - 1) / size
	}
	scores, variance := make([]float64, m.Splits), 0.0
	for s := range m.Splits {
		lo, hi := s*n/m.Splits, (s+1)*n/m.Splits
		switch m.Rule {
		case "truncate":
			lo, hi = s*(n/m.Splits), (s+1)*(n/m.Splits)
		case "chunk":
			lo, hi = s*size, min((s+1)*size, n)
		}
		var se float64
		scores[s], se = inception(lp, order[lo:hi])
		variance += se * se
	}
	r := newResult(m.settings())
	mean, std := meanStd(scores, m.DDof)
	se := math.Sqrt(variance) / float64(m.Splits)
	r.Values = append(r.Values, value("is", mean, Higher).withinOr(around(mean, se, 1, float64(classes), "jackknife"), "splits of 2 rows: a jackknife needs more"))
	if m.Splits > m.DDof {
		r.Values = append(r.Values, value("is_std", std, None))
	} else {
		r.note("is_std is not defined for %d split(s) at ddof %d: raise is.splits", m.Splits, m.DDof)
	}
	r.convention("input", "%s", classInput(p))
	r.convention("classes", "%d", classes)
	if per := n / m.Splits; per < 5*classes {
		r.note("%d rows a split for %d classes: the score is biased at this size; compare at equal sizes or draw at least %d a split", per, classes, 5*classes)
	}
	if m.Splits > 1 && !m.Shuffle && sortedByClass(lp) {
		r.warn("the rows come sorted by class, so that each split sees few classes: set is.shuffle=true")
	}
	return r, nil
}

// inception is the score of the given rows and its jackknife error. Leaving one row out changes the marginal by that row alone, so that all n
// leave-one-out scores together cost as much as two passes.
func inception(lp *mat.Dense, order []int) (score, se float64) {
	sum, neg := marginal(lp, order)
	n := float64(len(order))
	total := 0.0
	for _, v := range neg {
		total += v
	}
	score = math.Exp(total/n + marginalEntropy(sum, nil, n))
	if len(order) < 3 {
		return score, math.NaN()
	}
	loo := make([]float64, len(order))
	for t, i := range order {
		loo[t] = math.Exp((total-neg[t])/(n-1) + marginalEntropy(sum, lp.RawRowView(i), n-1))
	}
	return max(1, score), jackknifeSE(loo)
}

func sortedByClass(lp *mat.Dense) bool {
	n, c := lp.Dims()
	changes, last := 0, -1
	seen := map[int]bool{}
	for i := range n {
		k := argmax(lp.RawRowView(i))
		if k != last {
			changes++
		}
		last = k
		seen[k] = true
	}
	return len(seen) > 1 && c > 1 && changes < 2*len(seen) && n > 10*len(seen)
}

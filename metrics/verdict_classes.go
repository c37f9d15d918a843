package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/numeric"
)

// classNeighbours vote on the class of a row.
const classNeighbours = 10

// leastOfClass is how many real rows a class needs to be judged by itself; smaller ones are judged together.
const leastOfClass = 20

// classes judges the shares of classes among the fakes by a classifier of the real rows: the votes of the nearest ones, each real row judged by the others.
// How the classifier errs on real rows is taken off [lipton2018]: with M(a, b) the mean vote for b of real rows of class a, and v the mean vote of the fakes,
//
//	v = M^T w
//
// gives the shares w, with standard errors from the rows of both sides.
func (j *judge) classes(p Pair) error {
	if p.RealLabels == nil {
		j.warn("classes were not looked at: the real samples have no labels")
		return nil
	}
	if len(p.RealLabels) != rows(p.Real) {
		return fault.Of(ErrShape, "%d real labels for %d real rows", len(p.RealLabels), rows(p.Real))
	}
	c := newClassing(p.RealLabels)
	if len(c.names) < 2 || rows(p.Real) < 2*leastOfClass {
		j.warn("shares of classes were not looked at: the real samples have fewer than two classes of %d", leastOfClass)
		return nil
	}
	if err := c.count(j.ctx, p); err != nil {
		return err
	}
	j.classShares(c, rows(p.Fake))
	j.asked(c, p)
	return nil
}

// classing is what a classifier of the real rows says of the fakes. Classes are numbered by their order here; names are the labels.
type classing struct {
	names       []string
	of          map[int]int // label to class
	own         []int       // class of each real row
	fair        []float64   // shares of the real rows
	votes       *mat.Dense  // of the fakes
	shares, se  []float64   // of the fakes; nil where the classifier cannot tell the classes apart
	right       float64     // share of real rows that get their own class by most votes
	sensitivity []float64   // standard error of a share that is 0
}

func newClassing(labels []int) *classing {
	c := &classing{of: map[int]int{}}
	count := map[int]int{}
	for _, l := range labels {
		count[l]++
	}
	var all []int
	for l := range count {
		all = append(all, l)
	}
	slices.Sort(all)
	rest := -1
	for _, l := range all {
		if count[l] >= leastOfClass {
			c.of[l] = len(c.names)
			c.names = append(c.names, fmt.Sprint(l))
		}
	}
	for _, l := range all {
		if count[l] >= leastOfClass {
			continue
		}
		if rest < 0 {
			rest = len(c.names)
			c.names = append(c.names, "the small ones together")
		}
		c.of[l] = rest
	}
	c.fair = make([]float64, len(c.names))
	for _, l := range labels {
		c.own = append(c.own, c.of[l])
		c.fair[c.of[l]]++
	}
	for a := range c.fair {
		c.fair[a] /= float64(len(labels))
	}
	return c
}

// count lets the real rows vote on each other and on the fakes, and corrects the shares.
func (c *classing) count(ctx context.Context, p Pair) error {
	k := min(classNeighbours, rows(p.Real)-1)
	nbR, err := p.Shared.nearest(ctx, p.Real, p.Real, k)
	if err != nil {
		return err
	}
	nbF, err := numeric.KNN(ctx, apart(p.Fake, p.Real), p.Real, k)
	if err != nil {
		return err
	}
	real := c.vote(nbR)
	c.votes = c.vote(nbF)
	m := len(c.names)
	table, sizes, right := mat.NewDense(m, m, nil), make([]float64, m), 0
	for i, a := range c.own {
		sizes[a]++
		row := real.RawRowView(i)
		for b, v := range row {
			table.Set(a, b, table.At(a, b)+v)
		}
		if most(row) == a {
			right++
		}
	}
	c.right = float64(right) / float64(len(c.own))
	for a := range m {
		for b := range m {
			table.Set(a, b, table.At(a, b)/sizes[a])
		}
	}
	var inverse mat.Dense
	if err := inverse.Inverse(table.T()); err != nil {
		return nil // the votes do not tell the classes apart: there are no shares
	}
	c.solve(&inverse, real, sizes)
	return nil
}

func (c *classing) vote(nb numeric.Neighbours) *mat.Dense {
	v := mat.NewDense(nb.N, len(c.names), nil)
	for i := range nb.N {
		row := v.RawRowView(i)
		for r := range nb.K {
			at, _ := nb.At(i, r)
			row[c.own[at]] += 1 / float64(nb.K)
		}
	}
	return v
}

// most is the class with most votes, the first of equals.
func most(row []float64) int { return slices.Index(row, slices.Max(row)) }

// solve finds the shares and their errors: every row of either side moves them by its corrected vote.
func (c *classing) solve(inverse, real *mat.Dense, sizes []float64) {
	m, n := len(c.names), float64(rows(c.votes))
	var w mat.Dense
	w.Mul(c.votes, inverse.T()) // corrected votes, a row each: their mean is the shares
	c.shares, c.se, c.sensitivity = make([]float64, m), make([]float64, m), make([]float64, m)
	col := make([]float64, rows(c.votes))
	for b := range m {
		mat.Col(col, b, &w)
		c.shares[b], c.se[b] = meanSE(col)
	}
	// Real rows of class a have corrected votes with mean 1 for a and 0 for others: their spread is the noise of the table.
	var r mat.Dense
	r.Mul(real, inverse.T())
	spread := mat.NewDense(m, m, nil) // variance of the corrected vote for b of rows of class a
	for i, a := range c.own {
		for b := range m {
			d := r.At(i, b)
			if a == b {
				d--
			}
			spread.Set(a, b, spread.At(a, b)+d*d/sizes[a])
		}
	}
	for b := range m {
		v, zero := c.se[b]*c.se[b], 0.
		for a := range m {
			share := max(0, c.shares[a])
			v += share * share * spread.At(a, b) / sizes[a]
			if a != b { // of a generator that lacks b and is right elsewhere
				zero += c.fair[a]*spread.At(a, b)/n + c.fair[a]*c.fair[a]*spread.At(a, b)/sizes[a]
			}
		}
		c.se[b], c.sensitivity[b] = math.Sqrt(v), math.Sqrt(zero)
	}
}

// classShares names the classes that are missing, or have surely less than half of their share.
func (j *judge) classShares(c *classing, n int) {
	j.read("classes_right", c.right, 1)
	if c.shares == nil {
		j.warn("shares of classes were not looked at: in these features the classes cannot be told apart; give a featurizer that tells them")
		return
	}
	z := normalQuantile(1 - j.t.Alpha/float64(len(c.names)))
	var lost, thin []string
	lostMass, thinMass, blind, least := 0., 0., 0., 1.
	for b, fair := range c.fair {
		part, upper := max(0, c.shares[b])/fair, (c.shares[b]+z*c.se[b])/fair
		seen := 2 * (z + normalQuantile(power)) * c.sensitivity[b] // share that it must have to be surely below half of it when missing
		if seen > fair {
			blind += fair
		} else {
			least = min(least, fair)
		}
		switch {
		case part <= j.t.Gone && upper < .5:
			lost, lostMass = append(lost, c.names[b]), lostMass+fair
		case upper < .5:
			thin, thinMass = append(thin, c.names[b]), thinMass+fair
		}
	}
	j.v.Classes = c.report()
	j.read("classes_lost", lostMass, 0)
	j.read("classes_thin", thinMass, 0)
	if len(lost) > 0 {
		j.find(Dropped, "classes_lost", lostMass, 0, j.t.Gone, "%d of %d classes are missing (%s), which is %v of the data; a classifier that is right on %v of held-out data gives them %v of the fakes",
			len(lost), len(c.names), some(lost), fraction(lostMass), fraction(c.right), fraction(c.sum(lost)))
	}
	if len(thin) > 0 {
		j.find(Imbalanced, "classes_thin", thinMass, 0, .5, "%d of %d classes have less than half of their share (%s): %v of the fakes, %v of the data", len(thin), len(c.names), some(thin), fraction(c.sum(thin)), fraction(thinMass))
	}
	kl, noise := c.divergence()
	j.read("classes_kl", kl, noise)
	if len(lost)+len(thin) == 0 && kl > j.t.KL+2*noise && !j.sharesMoved() {
		j.find(Imbalanced, "classes_kl", kl, noise, j.t.KL+2*noise, "shares of classes diverge by %.3g nats, a perfect generator by %.2g", kl, noise)
	}
	if blind > 0 {
		j.blindClasses(c, n, z, blind)
		return
	}
	j.sees(Dropped, "a class without samples", least, "of the data")
}

// blindClasses says that missing classes could not be seen, and the number of fakes at which they could, where there is one.
func (j *judge) blindClasses(c *classing, n int, z, blind float64) {
	worst := 0.
	for b, fair := range c.fair {
		worst = max(worst, 2*(z+normalQuantile(power))*c.sensitivity[b]/fair)
	}
	line := fmt.Sprintf("the lack of some classes (%v of the data) would not be seen with %d fakes in these features, where a classifier is right on %v of held-out data", fraction(blind), n, fraction(c.right))
	if c.right < .5 {
		j.warn("%s: give a featurizer that tells the classes apart", line)
		return
	}
	need := roundUp(float64(n) * worst * worst)
	j.doubt(need, "%s: draw about %d, and as many more real samples, or give a featurizer that tells the classes apart", line, need)
}

// roundUp is x as a whole number of two digits, not below x.
func roundUp(x float64) int {
	if !(x < 1e15) {
		return math.MaxInt
	}
	unit := math.Pow(10, math.Floor(math.Log10(max(x, 10)))-1)
	return int(math.Ceil(x/unit) * unit)
}

func (c *classing) sum(names []string) float64 {
	s := 0.
	for b, name := range c.names {
		if slices.Contains(names, name) {
			s += max(0, c.shares[b])
		}
	}
	return s
}

// divergence is that of the shares from the real ones, nats, and what their errors make of it in a perfect generator.
func (c *classing) divergence() (kl, noise float64) {
	sum := 0.
	for _, w := range c.shares {
		sum += max(0, w)
	}
	for b, w := range c.shares {
		if w > 0 {
			kl += w / sum * math.Log(w/sum/c.fair[b])
		}
		noise += c.se[b] * c.se[b] / c.fair[b] / 2
	}
	return max(0, kl), noise
}

// ClassShare is how many of the fakes are of a class, by a classifier of the real samples.
type ClassShare struct {
	Class string  `json:"class"`
	Share float64 `json:"share"` // of the fakes; below 0 by chance where there are none
	SE    float64 `json:"se"`    // standard error
	Fair  float64 `json:"fair"`  // share of the real samples
}

func (c *classing) report() (all []ClassShare) {
	for b, name := range c.names {
		all = append(all, ClassShare{name, c.shares[b], c.se[b], c.fair[b]})
	}
	return all
}

// asked asks whether fakes are of the class that their labels name, by most votes, beside how often real rows are.
func (j *judge) asked(c *classing, p Pair) {
	if len(p.FakeLabels) != rows(p.Fake) || j.v.Has(Dropped) || j.v.Has(Collapsed) {
		return
	}
	table := make([][]int, len(c.names))
	for a := range table {
		table[a] = make([]int, len(c.names))
	}
	hits := 0
	for i, l := range p.FakeLabels {
		a, known := c.of[l]
		if !known {
			return // labels of something else
		}
		at := most(c.votes.RawRowView(i))
		table[a][at]++
		if at == a {
			hits++
		}
	}
	n := len(p.FakeLabels)
	share := float64(hits) / float64(n)
	j.read("classes_as_asked", share, c.right)
	if limit := j.t.Order * c.right; wilson(float64(hits), float64(n)).Hi < limit {
		j.find(Permuted, "classes_as_asked", share, c.right, limit, "permuted classes: %v of the fakes are of the class that was asked for, %v of real samples are found to be of theirs: %s", fraction(share), fraction(c.right), where(table))
	}
}

func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

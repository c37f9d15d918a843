package metrics

import (
	"context"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// Where neighbours tell two classes apart without error the shares are the fakes' own. The real shares are 3 : 1, those of the fakes 1 : 3.
func TestClassSharesWithoutErrors(t *testing.T) {
	p := Pair{Real: mat.NewDense(80, 1, nil), Fake: mat.NewDense(40, 1, nil), RealLabels: make([]int, 80)}
	for i := range 80 {
		if i%4 == 3 {
			p.RealLabels[i] = 7
		}
		p.Real.Set(i, 0, float64(100*p.RealLabels[i])+float64(i)/80)
	}
	for i := range 40 {
		if i%4 != 0 {
			p.Fake.Set(i, 0, 700)
		}
	}
	c := newClassing(p.RealLabels)
	if err := c.count(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.names, []string{"0", "7"}) || c.right != 1 || math.Abs(c.shares[0]-.25) > 1e-12 || math.Abs(c.shares[1]-.75) > 1e-12 || c.fair[0] != .75 {
		t.Errorf("classes %v, right %v, shares %v of %v", c.names, c.right, c.shares, c.fair)
	}
	if want := math.Sqrt(.25 * .75 / 39); math.Abs(c.se[0]-want) > 1e-12 { // binomial
		t.Errorf("standard error %v, want %v", c.se[0], want)
	}
}

// The votes err: with two overlapping normal classes a nearest neighbour is often wrong, and what it counts is corrected to the truth.
func TestClassSharesAreCorrected(t *testing.T) {
	src := rng.Stream(6, "overlap")
	draw := func(n int, share float64) (*mat.Dense, []int) {
		x, l := mat.NewDense(n, 2, nil), make([]int, n)
		for i := range n {
			if src.Float64() < share {
				l[i] = 1
			}
			x.SetRow(i, []float64{1.5*float64(l[i]) + src.Normal(), src.Normal()})
		}
		return x, l
	}
	real, labels := draw(2000, .5)
	fake, _ := draw(2000, .9)
	c := newClassing(labels)
	if err := c.count(context.Background(), Pair{Real: real, Fake: fake, RealLabels: labels}); err != nil {
		t.Fatal(err)
	}
	raw := mat.Sum(c.votes.ColView(1)) / 2000
	if math.Abs(c.shares[1]-.9) > 3*c.se[1] || c.se[1] > .05 || raw > .8 {
		t.Errorf("share %v +- %v, votes alone %v; want 0.9", c.shares[1], c.se[1], raw)
	}
}

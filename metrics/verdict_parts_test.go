package metrics

import (
	"context"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// Golden values by scipy 1.16: hypergeom.sf(a - 1, n + m, a + b, n).
func TestMoreOftenIsFishersExactTest(t *testing.T) {
	for _, c := range []struct {
		a, n, b, m int
		want       float64
	}{{10, 1000, 0, 1000, 0.0009547325826708071}, {30, 300, 12, 500, 4.815819217614866e-06}, {250, 1000, 180, 1000, 8.439484331079573e-05}, {0, 10, 3, 10, 1}} {
		if got := moreOften(c.a, c.n, c.b, c.m); math.Abs(got-c.want) > 1e-9*c.want {
			t.Errorf("%d of %d against %d of %d: %v, want %v", c.a, c.n, c.b, c.m, got, c.want)
		}
	}
}

// The least count that Fisher's test takes (10, 158), and the rate at which scipy's binom.sf of it is 0.95, less the base.
func TestLeastExcess(t *testing.T) {
	for _, c := range []struct {
		b    int
		want float64
	}{{0, 0.01565257374960655}, {110, 0.07547156075601613}} {
		if got := leastExcess(c.b, 1000, 1000, 1e-3, .002); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("base of %d in 1000: %v, want %v", c.b, got, c.want)
		}
	}
	if got := leastExcess(0, 5, 5, 1e-3, 0); got != 1 { // 5 of 5 against none: p = 1/252
		t.Errorf("5 rows a side show nothing, have %v", got)
	}
}

func TestLooksOfKnownImages(t *testing.T) {
	const side = 64
	board, noise, dots := make([]float64, side*side), make([]float64, side*side), make([]float64, side*side)
	src := rng.Stream(2, "looks")
	for k := range board {
		board[k] = float64((k/side + k) % 2) // the finest checkerboard
		noise[k] = .5 + .1*src.Normal()
		if k/side%4 == 1 && k%side%4 == 1 {
			dots[k] = 1 // 16 x 16 of them, one in each block, none at the border
		}
	}
	// A coefficient of the checkerboard is 16 (0.5)/4 = 2 in band 6 and 0 elsewhere.
	if got, want := bandEnergies(board, side, side), [6]float64{5: 4}; got != want {
		t.Errorf("bands of the checkerboard: %v, want %v", got, want)
	}
	if got := noiseLevel(noise, side, side); math.Abs(got-.1) > .01 { // 1024 differences: 4 % of error at 1.2 standard errors
		t.Errorf("noise of 0.1 is read as %v", got)
	}
	if got, want := lonely(dots, side, side), 256./(62*62); got != want {
		t.Errorf("lonely pixels: %v, want %v", got, want)
	}
	if got := noiseLevel(board, side, side); math.Abs(got-1/.6745) > 1e-12 { // every difference is 2/2
		t.Errorf("the checkerboard's level is %v", got)
	}
}

// A shift around the image and a mirror change nothing; another image does.
func TestShiftlessDoesNotSeeShifts(t *testing.T) {
	src, m := rng.Stream(4, "shiftless"), &Images{N: 4, H: 12, W: 10, C: 1, Lo: 0, Hi: 1}
	for range 120 {
		m.Pix = append(m.Pix, src.Float32())
	}
	for y := range 12 {
		for x := range 10 {
			m.Pix = append(m.Pix, m.Pix[(y+11)%12*10+(x+3)%10])
		}
	}
	for y := range 12 {
		for x := range 10 {
			m.Pix = append(m.Pix, m.Pix[y*10+9-x])
		}
	}
	for range 120 {
		m.Pix = append(m.Pix, src.Float32())
	}
	x := shiftless(m)
	for i, same := range []bool{true, true, true, false} {
		d := 0.
		for k, v := range x.RawRowView(i) {
			d = max(d, math.Abs(v-x.At(0, k)))
		}
		if (d < 1e-9) != same {
			t.Errorf("image %d is %v away", i, d)
		}
	}
}

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

package metrics

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-gan/assay/rng"
)

// theMean is the mean of the fakes' first feature less that of the reals', with the interval of independent rows: a score whose cluster-robust variance is known.
type theMean struct{}

func (theMean) Info() Info {
	return Info{ID: "the_mean", Values: []string{"the_mean"}, Better: Near, Lo: math.Inf(-1), Hi: math.Inf(1), Needs: []Need{NeedFeatures}}
}
func (m theMean) With(string, string) (Metric, error) { return m, errors.New("no options") }
func (theMean) Compute(_ context.Context, p Pair) (Result, error) {
	a, sa := meanSE(mat.Col(nil, 0, p.Fake))
	b, sb := meanSE(mat.Col(nil, 0, p.Real))
	return newResult(nil, value("the_mean", a-b, Near).within(around(a-b, math.Hypot(sa, sb), math.Inf(-1), math.Inf(1), "normal"))), nil
}

// clustered is groups of one size whose share icc of the variance is between groups, dealt so that a group's rows do not lie together.
func clustered(groups, size int, icc float64, names ...string) (x *mat.Dense, of []int) {
	src := rng.Stream(7, names...)
	n := groups * size
	x, of = mat.NewDense(n, 1, nil), make([]int, n)
	centre := make([]float64, groups)
	for g := range centre {
		centre[g] = math.Sqrt(icc) * src.Normal()
	}
	for i := range n {
		of[i] = i % groups
		x.Set(i, 0, centre[of[i]]+math.Sqrt(1-icc)*src.Normal())
	}
	return x, of
}

// For a mean and groups of one size the jackknife's variance is that of the groups' means over their number, side by side, and Satterthwaite's degrees of freedom are Welch's.
func TestGroupedIntervalOfAMeanIsClusterRobust(t *testing.T) {
	p := Pair{Seed: 1}
	p.Real, p.RealGroups = clustered(13, 5, .5, "real")
	p.Fake, p.FakeGroups = clustered(9, 8, .3, "fake")
	r, err := InGroups(context.Background(), theMean{}, p)
	if err != nil {
		t.Fatal(err)
	}
	of := func(x *mat.Dense, of []int, groups int) (mean, v float64) {
		means := make([]float64, groups)
		for i, g := range of {
			means[g] += x.At(i, 0) * float64(groups) / float64(len(of))
		}
		mean, se := meanSE(means)
		return mean, se * se
	}
	mr, vr := of(p.Real, p.RealGroups, 13)
	mf, vf := of(p.Fake, p.FakeGroups, 9)
	df := (vr + vf) * (vr + vf) / (vr*vr/12 + vf*vf/8)
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(.975) * math.Sqrt(vr+vf)
	got := r.Values[0]
	if math.Abs(got.Interval.Lo-(mf-mr-half)) > 1e-12 || math.Abs(got.Interval.Hi-(mf-mr+half)) > 1e-12 || got.Interval.Method != "jackknife of whole groups" {
		t.Errorf("interval %+v, want %g +- %g", got.Interval, mf-mr, half)
	}
	if r.Convention["groups"] != "13 real, 9 fake" {
		t.Errorf("convention %v", r.Convention)
	}
}

// theSquare is the square of the fakes' mean, which is too great by the variance of the mean.
type theSquare struct{ theMean }

func (theSquare) Compute(_ context.Context, p Pair) (Result, error) {
	m, _ := meanSE(mat.Col(nil, 0, p.Fake))
	return newResult(nil, value("the_mean", m*m, Near).within(around(m*m, 1, math.Inf(-1), math.Inf(1), "normal"))), nil
}

// The jackknife's bias of a squared mean is the variance of the mean, here of the groups' means, and the interval lies around the value less it.
func TestGroupedIntervalIsLessItsBias(t *testing.T) {
	p := Pair{Seed: 1, Real: gaussian(20, 1, "real")}
	p.Fake, p.FakeGroups = clustered(9, 8, .3, "fake")
	r, err := InGroups(context.Background(), theSquare{}, p)
	if err != nil {
		t.Fatal(err)
	}
	means := make([]float64, 9)
	for i, g := range p.FakeGroups {
		means[g] += p.Fake.At(i, 0) / 8
	}
	m, se := meanSE(means)
	if got := r.Values[0]; math.Abs((got.Interval.Lo+got.Interval.Hi)/2-(m*m-se*se)) > 1e-12 || got.Value == m*m-se*se {
		t.Errorf("interval %+v around %g, want %g less %g", got.Interval, (got.Interval.Lo+got.Interval.Hi)/2, m*m, se*se)
	}
}

// Groups of one row are no groups: every metric says the same to the bit, and so does a comparison.
func TestGroupsOfOneChangeNothing(t *testing.T) {
	ctx := context.Background()
	p := Pair{Real: gaussian(90, 2, "real"), Fake: gaussian(80, 2, "fake"), Seed: 2}
	q := p
	for i := range 90 {
		q.RealGroups = append(q.RealGroups, 1000-7*i)
	}
	q.FakeGroups = q.RealGroups[:80]
	for _, m := range []Metric{PRDC{K: 3}, FD{}, KID{}, C2ST1NN{}, EnergyDistance{}, Duplicates{}} {
		want, err := m.Compute(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := InGroups(ctx, m, q); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%s (%v): %s", m.Info().ID, err, cmp.Diff(want, got))
		}
	}
	a, err := Compare(ctx, FD{}, p, p.Take(nil, identity(70), nil), 0)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := Compare(ctx, FD{}, q, q.Take(nil, identity(70), nil), 0); err != nil || cmp.Diff(a, b) != "" {
		t.Errorf("a comparison differs (%v): %s", err, cmp.Diff(a, b))
	}
}

// Rows that come three times say nothing new: with groups the intervals are about those of the single rows, without they are too narrow by the root of three.
func TestRowsThreeTimesAreNoMoreRows(t *testing.T) {
	ctx := context.Background()
	single := Pair{Real: gaussian(300, 1, "real"), Fake: gaussian(240, 1, "fake"), Seed: 1}
	thrice := func(x *mat.Dense) (*mat.Dense, []int) {
		y, of := mat.NewDense(3*rows(x), 1, nil), make([]int, 3*rows(x))
		for i := range of {
			of[i] = i / 3
			y.Set(i, 0, x.At(i/3, 0))
		}
		return y, of
	}
	var p Pair
	p.Real, p.RealGroups = thrice(single.Real)
	p.Fake, p.FakeGroups = thrice(single.Fake)
	width := func(r Result, err error) float64 {
		if err != nil {
			t.Fatal(err)
		}
		return r.Values[0].Interval.Hi - r.Values[0].Interval.Lo
	}
	want, with := width(theMean{}.Compute(ctx, single)), width(InGroups(ctx, theMean{}, p))
	p.RealGroups, p.FakeGroups = nil, nil
	without := width(theMean{}.Compute(ctx, p))
	if math.Abs(with/want-1) > .35 || math.Abs(without*math.Sqrt(3)/want-1) > .01 { // 20 lots a side: a spread of 16 %, and Student's t
		t.Errorf("width %g of single rows; three times %g with groups, %g without", want, with, without)
	}
}

// Of two sets of one law with a quarter of the variance between groups, intervals that know the groups cover the difference of 0 as stated; those that do not, miss it
// much of the time. 400 draws: a standard error of 1.1 %.
func TestGroupedIntervalsCover(t *testing.T) {
	hit, naive := 0, 0
	const draws = 400
	for s := range draws {
		p := Pair{Seed: uint64(s)}
		p.Real, p.RealGroups = clustered(12, 10, .25, "cover", "real", string(rune('a'+s%26)), strings.Repeat("i", s/26))
		p.Fake, p.FakeGroups = clustered(50, 4, .25, "cover", "fake", string(rune('a'+s%26)), strings.Repeat("i", s/26))
		covers := func(r Result, err error) int {
			if err != nil {
				t.Fatal(err)
			}
			if iv := r.Values[0].Interval; iv.Lo <= 0 && 0 <= iv.Hi {
				return 1
			}
			return 0
		}
		hit += covers(InGroups(context.Background(), theMean{}, p))
		naive += covers(theMean{}.Compute(context.Background(), p))
	}
	if share := float64(hit) / draws; share < .92 || share > .98 {
		t.Errorf("intervals of whole groups cover %g", share)
	}
	if share := float64(naive) / draws; share > .85 {
		t.Errorf("intervals of single rows cover %g: the groups are no clusters", share)
	}
}

// No group is divided, by halves, by comparisons, by the floor or by folds, and what is dealt does not depend on the numbers of the groups or the order of rows.
func TestGroupsStayWhole(t *testing.T) {
	x, of := clustered(11, 6, .5, "whole")
	order := canonical(x)
	at := dealtWhole(order, of, 4, 3, "test")
	for i := range of {
		for j := range of {
			if of[i] == of[j] && at[i] != at[j] {
				t.Fatalf("group %d is divided", of[i])
			}
		}
	}
	if n := tally(at, 4); slices.Min(n) != 12 || slices.Max(n) != 18 {
		t.Errorf("11 groups of 6 in 4 lots: %v", n)
	}
	back := identity(len(of))
	slices.Reverse(back)
	other := make([]int, len(of))
	for i := range other {
		other[i] = 500 - 3*of[back[i]]
	}
	moved := dealtWhole(canonical(pick(x, back)), other, 4, 3, "test")
	for i := range moved {
		if moved[i] != at[back[i]] {
			t.Fatal("the order of rows or the numbers of groups decide")
		}
	}
	p := Pair{Real: gaussian(120, 2, "real"), Fake: gaussian(120, 2, "fake"), Seed: 1}
	for i := range 120 {
		p.RealGroups = append(p.RealGroups, i/4)
	}
	p.FakeGroups = p.RealGroups
	for _, m := range []Metric{PRDC{K: 3}, C2ST1NN{}} {
		r, err := InGroups(context.Background(), m, p)
		if err != nil || r.Values[0].Interval == nil || r.Values[0].Interval.Method != "random halves, effective number of whole groups, mean at these N" {
			t.Errorf("%s: %+v, %v", m.Info().ID, r.Values[0].Interval, err)
		}
	}
	if r, err := Floor(context.Background(), FD{}, p); err != nil || r.Convention["rows"] != "60 and 60" || r.Convention["groups"] != "15 real, 15 fake" {
		t.Errorf("floor: %v, %v", r.Convention, err)
	}
}

func TestGroupsThatCannotBe(t *testing.T) {
	ctx := context.Background()
	p := Pair{Real: gaussian(60, 2, "real"), Fake: gaussian(60, 2, "fake")}
	p.FakeGroups = make([]int, 59)
	if _, err := InGroups(ctx, FD{}, p); !errors.Is(err, ErrShape) || !strings.Contains(err.Error(), "59 groups of 60 fake rows") {
		t.Errorf("another length: %v", err)
	}
	p.FakeGroups = make([]int, 60)
	if _, err := InGroups(ctx, FD{}, p); !errors.Is(err, ErrTooFew) || !strings.Contains(err.Error(), "one group") {
		t.Errorf("one group: %v", err)
	}
	if _, err := Compare(ctx, FD{}, p, p, 0); !errors.Is(err, ErrTooFew) {
		t.Errorf("a comparison of one group: %v", err)
	}
	p.FakeGroups[59] = 1 // two groups of 59 rows and of one: there are no halves to score
	r, err := InGroups(ctx, PRDC{K: 3}, p)
	if err != nil || r.Values[0].Interval != nil || !strings.Contains(r.Values[0].NoInterval, "groups are too few") {
		t.Errorf("halves of two unequal groups: %+v, %v", r.Values[0], err)
	}
}

package numeric

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/rng"
)

// lattice rounds to halves: most distances tie with others.
func lattice(x *mat.Dense) *mat.Dense {
	x.Apply(func(_, _ int, v float64) float64 { return math.Round(2*v) / 2 }, x)
	return x
}

// treeCases are hard for a tree: one dimension, ties everywhere, copies, all rows equal, a far offset where a difference keeps few digits, units near both ends of the range,
// a line in many dimensions, and a width at which a tree is about to stop paying.
func treeCases() map[string][2]*mat.Dense {
	dup := lattice(normal(400, 3, 0, 1, "tree", "dup"))
	for i := range 150 {
		dup.SetRow(i, dup.RawRowView(399))
	}
	line := mat.NewDense(300, 7, nil)
	for i := range 300 {
		line.Set(i, 4, math.Sqrt(float64(i)))
	}
	return map[string][2]*mat.Dense{
		"tree one":     {normal(300, 1, 0, 1, "tree", "a"), normal(220, 1, 0, 1, "tree", "b")},
		"tree plane":   {normal(400, 2, 0, 1, "tree", "a"), normal(320, 2, 0.3, 1, "tree", "b")},
		"tree lattice": {lattice(normal(500, 2, 0, 1, "tree", "a")), lattice(normal(420, 2, 0, 1, "tree", "b"))},
		"tree dup":     {dup, lattice(normal(200, 3, 0, 1, "tree", "d2"))},
		"tree equal":   {mat.NewDense(300, 5, nil), mat.NewDense(200, 5, nil)},
		"tree offset":  {normal(300, 3, 1e8, 1e-7, "tree", "a"), normal(320, 3, 1e8, 1e-7, "tree", "b")},
		"tree huge":    {normal(200, 4, 0, 1e150, "tree", "a"), normal(220, 4, 0, 1e152, "tree", "b")},
		"tree tiny":    {normal(200, 6, 0, 1e-160, "tree", "a"), normal(220, 6, 0, 1e-163, "tree", "b")},
		"tree line":    {line, line},
		"tree wide":    {normal(400, 16, 0, 1, "tree", "a"), normal(410, 16, 0, 1, "tree", "b")},
	}
}

// A box's distance must never exceed that of a row in it, not by a bit; and it must be as large as a box allows, else nothing is ruled out.
func TestGapIsBelowEveryDistance(t *testing.T) {
	for name, c := range treeCases() {
		tr := engine{trees: 1}.plant(c[1])
		n, _ := c[0].Dims()
		ruledOut := 0
		for i := range n {
			x := c[0].RawRowView(i)
			for at, nd := range tr.node {
				gap := tr.gap(x, int32(at))
				for p := nd.lo; p < nd.hi; p++ {
					if d := tr.distance(x, p); d < gap || d != SqDist(x, c[1].RawRowView(int(tr.rows[p]))) {
						t.Fatalf("%s: row %d is %g away, its box %g", name, tr.rows[p], d, gap)
					}
				}
				if gap > 0 {
					ruledOut++
				}
			}
		}
		if ruledOut == 0 && name != "tree equal" {
			t.Errorf("%s: no box is away from any row", name)
		}
	}
}

// Every row is in one leaf, leaves are small unless their rows are equal, and children halve their parent.
func TestTreeHoldsEveryRowOnce(t *testing.T) {
	for name, c := range treeCases() {
		tr := engine{trees: 1}.plant(c[0])
		seen := make([]int, tr.n)
		for at, nd := range tr.node {
			if nd.right != 0 {
				left, right := tr.node[at+1], tr.node[nd.right]
				if left.lo != nd.lo || left.hi != right.lo || right.hi != nd.hi || left.hi-left.lo != (nd.hi-nd.lo)/2 {
					t.Errorf("%s: node %d is not halved", name, at)
				}
				continue
			}
			if nd.hi-nd.lo > leafRows && !nd.equal {
				t.Errorf("%s: a leaf of %d rows", name, nd.hi-nd.lo)
			}
			for _, i := range tr.rows[nd.lo:nd.hi] {
				seen[i]++
			}
		}
		if slices.Min(seen) != 1 || slices.Max(seen) != 1 {
			t.Errorf("%s: some row is not in exactly one leaf", name)
		}
	}
}

// Trees and panels agree to the bit on rows of any shape, for one, two and seven threads.
func TestTreesAndPanelsAgree(t *testing.T) {
	defer kernel.SetThreads(kernel.Threads())
	ctx := context.Background()
	rapid.Check(t, func(rt *rapid.T) {
		kernel.SetThreads(rapid.SampledFrom([]int{1, 2, 7}).Draw(rt, "threads"))
		d := rapid.IntRange(1, treeWidth).Draw(rt, "d")
		grain := rapid.SampledFrom([]float64{0, 0.25, 1, 4}).Draw(rt, "grain")
		rows := func(name string) *mat.Dense {
			n := rapid.IntRange(2, 260).Draw(rt, name)
			x := normal(n, d, rapid.SampledFrom([]float64{0, 1e5}).Draw(rt, name+" shift"), 1, name, fmt.Sprint(n, d))
			if grain > 0 {
				x.Apply(func(_, _ int, v float64) float64 { return math.Round(v/grain) * grain }, x)
			}
			return x
		}
		a, b := rows("a"), rows("b")
		if rapid.Bool().Draw(rt, "self") {
			b = a
		}
		n, _ := a.Dims()
		m, _ := b.Dims()
		k := rapid.IntRange(1, min(n, m)-1).Draw(rt, "k")
		panels, trees := engine{trees: -1}, engine{trees: 1}
		want, _ := panels.knn(ctx, a, b, k)
		got, err := trees.knn(ctx, a, b, k)
		if err != nil || !slices.Equal(got.Index, want.Index) || !slices.Equal(got.D2, want.D2) {
			rt.Fatalf("neighbours differ (%v)", err)
		}
		r2 := want.D2[(n/2)*k+k-1]
		c1, f1, _ := panels.within(ctx, a, b, r2)
		c2, f2, err := trees.within(ctx, a, b, r2)
		if err != nil || !slices.Equal(c1, c2) || !slices.Equal(f1, f2) {
			rt.Fatalf("rows within a radius differ (%v)", err)
		}
		q := BallQuery{Real: a, Fake: b, Closed: rapid.Bool().Draw(rt, "closed"), Keep: make([]bool, n)}
		q.RealR, _ = panels.radii(ctx, a, min(k, n-1))
		q.FakeR, _ = panels.radii(ctx, b, min(k, m-1))
		for i := range q.Keep {
			q.Keep[i] = i%3 > 0
		}
		b1, _ := panels.balls(ctx, q)
		b2, err := trees.balls(ctx, q)
		if err != nil || !slices.Equal(b1.InReal, b2.InReal) || !slices.Equal(b1.InFake, b2.InFake) || !slices.Equal(b1.Covered, b2.Covered) || !slices.Equal(b1.Realism, b2.Realism) {
			rt.Fatalf("balls differ (%v)", err)
		}
	})
}

// A tree is for narrow rows of finite numbers: elsewhere the panels say what there is to say.
func TestTreeIsNotForEverything(t *testing.T) {
	for name, x := range map[string]*mat.Dense{"few rows": normal(20, 2, 0, 1), "wide rows": normal(300, treeWidth+1, 0, 1)} {
		if (engine{}).plant(x) != nil {
			t.Errorf("%s: a tree was made", name)
		}
	}
	x := normal(300, 2, 0, 1)
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		x.Set(7, 1, v)
		if (engine{trees: 1}).plant(x) != nil {
			t.Errorf("a tree of %v was made", v)
		}
		if _, ok, _ := (engine{trees: 1}).knnByTree(context.Background(), x, normal(300, 2, 0, 1), 1); ok {
			t.Errorf("a tree was asked for the neighbours of %v", v)
		}
	}
	// Boxes of evenly spread rows in 16 dimensions rule out too little to pay; in the plane they rule out nearly all.
	for d, want := range map[int]bool{2: true, 16: false} {
		x := normal(600, d, 0, 1)
		if _, ok, err := (engine{}).knnByTree(context.Background(), x, x, 5); ok != want || err != nil {
			t.Errorf("%d dimensions: by tree is %v, want %v (%v)", d, ok, want, err)
		}
	}
}

// The balls within the halves of many splits are those of the halves' rows alone.
func TestSplitsAreTheirHalves(t *testing.T) {
	const k, splits = 3, 2
	ctx := context.Background()
	cases := treeCases()
	cases["offset"] = hardCases()["offset"]
	delete(cases, "tree plane")
	delete(cases, "tree wide")
	for name, c := range cases {
		real, fake := c[0], c[1]
		n, _ := real.Dims()
		m, _ := fake.Dims()
		dealt := func(n int, name string) []uint64 {
			in, src := make([]uint64, n), rng.Stream(1, "halves", name)
			for i := range in {
				in[i] = uint64(src.IntN(1 << splits))
			}
			return in
		}
		for _, route := range []string{"products", "trees", "by itself"} {
			e := routes()[route]
			q := SplitQuery{Real: real, Fake: fake, Splits: splits, RealIn: dealt(n, "real"), FakeIn: dealt(m, "fake"), Closed: len(route)%2 == 0, Keep: make([]uint64, n)}
			nearReal, err := e.knn(ctx, real, real, 7)
			if err != nil {
				t.Fatal(err)
			}
			nearFake, _ := e.knn(ctx, fake, fake, 7)
			q.RealR, q.FakeR = e.splitRadii(real, nearReal, q.RealIn, splits, k), e.splitRadii(fake, nearFake, q.FakeIn, splits, k)
			for i := range q.Keep {
				q.Keep[i] = uint64(i*7) % 4
			}
			got, err := e.splitBalls(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			for split := range splits {
				for half := range uint64(2) {
					if why := sameHalf(q, got, split, half, k); why != "" {
						t.Fatalf("%s/%s split %d half %d: %s differ", name, route, split, half, why)
					}
				}
			}
		}
	}
}

// sameHalf says what of a half differs from what its rows alone give, directly.
func sameHalf(q SplitQuery, got SplitBalls, split int, half uint64, k int) string {
	rows := func(x *mat.Dense, in []uint64) (part *mat.Dense, at []int) {
		_, d := x.Dims()
		var data []float64
		for i, h := range in {
			if h>>split&1 == half {
				at, data = append(at, i), append(data, x.RawRowView(i)...)
			}
		}
		return mat.NewDense(len(at), d, data), at
	}
	real, atReal := rows(q.Real, q.RealIn)
	fake, atFake := rows(q.Fake, q.FakeIn)
	alone := engine{direct: 1 << 30, trees: -1}
	one := BallQuery{Real: real, Fake: fake, Closed: q.Closed, Keep: make([]bool, len(atReal))}
	one.RealR, _ = alone.radii(context.Background(), real, k)
	one.FakeR, _ = alone.radii(context.Background(), fake, k)
	for a, i := range atReal {
		one.Keep[a] = q.Keep[i]>>split&1 == 1
	}
	want, _ := alone.balls(context.Background(), one)
	for a, i := range atReal {
		switch {
		case one.RealR[a] != q.RealR[i*q.Splits+split]:
			return "radii of real rows"
		case want.InFake[a] != (got.InFake[i]>>split&1 == 1):
			return "real rows in fake balls"
		case want.Covered[a] != (got.Covered[i]>>split&1 == 1):
			return "covered rows"
		}
	}
	for a, j := range atFake {
		switch at := j*q.Splits + split; {
		case one.FakeR[a] != q.FakeR[at]:
			return "radii of fake rows"
		case want.InReal[a] != got.InReal[at]:
			return "real balls that hold a fake"
		case want.Realism[a] != got.Realism[at]:
			return "realism scores"
		}
	}
	return ""
}

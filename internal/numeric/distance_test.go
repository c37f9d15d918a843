package numeric

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

func normal(n, d int, shift, scale float64, names ...string) *mat.Dense {
	src := rng.Stream(1, names...)
	x := mat.NewDense(n, d, nil)
	x.Apply(func(_, _ int, _ float64) float64 { return shift + scale*src.Normal() }, x)
	return x
}

// routes are the engines whose results must be the same bits: by products, directly, with another order of products and one thread, by trees wherever they can be, and by
// whatever pays.
func routes() map[string]engine {
	backwards := func(m, n, k int, a, b, c []float32) {
		for i := range m {
			for j := range n {
				s := float32(0)
				for l := k - 1; l >= 0; l-- {
					s += a[i*k+l] * b[j*k+l]
				}
				c[i*n+j] = s
			}
		}
	}
	serial := func(n int, f func(int)) {
		for i := n - 1; i >= 0; i-- {
			f(i)
		}
	}
	return map[string]engine{"products": {direct: -1, trees: -1}, "direct": {direct: 1 << 30, trees: -1}, "backwards": {direct: -1, product: backwards, each: serial, trees: -1},
		"trees": {trees: 1}, "trees backwards": {trees: 1, each: serial}, "by itself": {}}
}

// naiveKNN sorts all distances of one row: the definition.
func naiveKNN(q, b *mat.Dense, i, k int, self bool) (idx []int, d2 []float64) {
	n, _ := b.Dims()
	all := make([]float64, n)
	for j := range n {
		all[j] = SqDist(q.RawRowView(i), b.RawRowView(j))
		if !self || i != j {
			idx = append(idx, j)
		}
	}
	sort.SliceStable(idx, func(s, t int) bool { return all[idx[s]] < all[idx[t]] })
	for _, j := range idx[:k] {
		d2 = append(d2, all[j])
	}
	return idx[:k], d2
}

// hard cases for a screening product: plain, a huge common offset, tiny gaps, exact duplicates, all rows equal, one far outlier, huge and tiny units.
func hardCases() map[string][2]*mat.Dense {
	dup := normal(700, 40, 0, 1, "dup")
	for i := 0; i < 700; i += 2 {
		dup.SetRow(i+1, dup.RawRowView(i))
	}
	out := normal(560, 33, 0, 1, "out")
	out.Set(77, 3, 1e7)
	cases := map[string][2]*mat.Dense{
		"plain":  {normal(600, 64, 0.5, 1, "a"), normal(1100, 64, 0, 1.2, "b")},
		"offset": {normal(300, 32, 1e6, 1, "a"), normal(530, 32, 1e6, 1, "b")},
		"close":  {normal(520, 30, 1, 1e-6, "a"), normal(513, 30, 1, 1e-6, "b")},
		"dup":    {dup, dup},
		"equal":  {mat.NewDense(200, 30, nil), mat.NewDense(300, 30, nil)},
		"out":    {out, normal(90, 33, 0, 1, "o2")},
		"huge":   {normal(64, 26, 0, 1e120, "h"), normal(70, 26, 0, 1e120, "h2")},
		"tiny":   {normal(64, 26, 0, 1e-120, "t"), normal(70, 26, 0, 1e-120, "t2")},
		"narrow": {normal(100, 2, 0, 1, "n"), normal(99, 2, 0, 1, "n2")},
	}
	for name, c := range treeCases() {
		cases[name] = c
	}
	return cases
}

func TestKNNIsTheDefinitionOnEveryRoute(t *testing.T) {
	for name, c := range hardCases() {
		for route, e := range routes() {
			for _, k := range []int{1, 5} {
				for _, self := range []bool{true, false} {
					base := c[1]
					if self {
						base = c[0]
					}
					nb, err := e.knn(context.Background(), c[0], base, k)
					if err != nil {
						t.Fatal(err)
					}
					n, _ := c[0].Dims()
					for i := 0; i < n; i += 7 {
						idx, d2 := naiveKNN(c[0], base, i, k, c[0] == base)
						for r := range k {
							if j, d := nb.At(i, r); j != idx[r] || d != d2[r] {
								t.Fatalf("%s/%s k=%d row %d: neighbour %d is (%d, %g), want (%d, %g)", name, route, k, i, r, j, d, idx[r], d2[r])
							}
						}
					}
				}
			}
		}
	}
}

func TestKNNRefusesWhatCannotBe(t *testing.T) {
	x, y := normal(5, 3, 0, 1), normal(4, 2, 0, 1)
	for _, c := range []struct {
		q, b *mat.Dense
		k    int
	}{{x, y, 1}, {x, x, 5}, {x, x, 0}, {y, normal(2, 2, 0, 1), 3}} {
		if _, err := KNN(context.Background(), c.q, c.b, c.k); err == nil {
			t.Errorf("k = %d was accepted", c.k)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := KNN(ctx, x, x, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestBallsAreTheDefinitionOnEveryRoute(t *testing.T) {
	const k = 3
	for name, c := range hardCases() {
		real, fake := c[0], c[1]
		n, _ := real.Dims()
		m, _ := fake.Dims()
		for _, closed := range []bool{false, true} {
			q := BallQuery{Real: real, Fake: fake, Closed: closed, Keep: make([]bool, n)}
			q.RealR, _ = engine{direct: 1 << 30, trees: -1}.radii(context.Background(), real, k)
			q.FakeR, _ = engine{direct: 1 << 30, trees: -1}.radii(context.Background(), fake, k)
			want := Balls{InReal: make([]int32, m), InFake: make([]bool, n), Covered: make([]bool, n), Realism: make([]float64, m)}
			in := func(d, r float64) bool { return d < r || closed && d == r }
			for i := range n {
				q.Keep[i] = i%2 == 0
				for j := range m {
					d := SqDist(real.RawRowView(i), fake.RawRowView(j))
					if in(d, q.RealR[i]) {
						want.InReal[j]++
						want.Covered[i] = true
					}
					want.InFake[i] = want.InFake[i] || in(d, q.FakeR[j])
					if q.Keep[i] && q.RealR[i] > 0 {
						want.Realism[j] = max(want.Realism[j], q.RealR[i]/d)
					}
				}
			}
			for route, e := range routes() {
				got, err := e.balls(context.Background(), q)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got.InReal, want.InReal) || !slices.Equal(got.InFake, want.InFake) || !slices.Equal(got.Covered, want.Covered) || !slices.Equal(got.Realism, want.Realism) {
					t.Errorf("%s/%s closed=%v differs from the definition", name, route, closed)
				}
			}
		}
	}
}

// The screening product's error must stay inside its stated bound, and the bound must not be so wide that nothing is screened.
func TestProductErrorIsWithinItsBound(t *testing.T) {
	e := engine{direct: -1, trees: -1}
	for _, d := range []int{1, 30, 700} {
		a, b := normal(40, d, 3, 1, "e"), normal(50, d, 2, 5, "f")
		pa, pb, scale := e.prepare(a, b)
		var mu sync.Mutex
		worst, seen := 0.0, 0
		err := e.sift(context.Background(), pa, pb, scale, sieve{
			limit: func(int) float64 { return math.Inf(1) },
			found: func(i, j int, d2, slack float64) {
				mu.Lock()
				defer mu.Unlock()
				seen++
				worst = max(worst, math.Abs(d2-SqDist(a.RawRowView(i), b.RawRowView(j)))/slack)
			},
		})
		if seen != 40*50 {
			t.Errorf("d = %d: %d pairs", d, seen)
		}
		if err != nil || worst > 1 || worst < 1e-4 {
			t.Errorf("d = %d: worst error is %.3g of its bound (%v)", d, worst, err)
		}
	}
}

func TestKMeans(t *testing.T) {
	// Four tight blobs at the corners of a square of side 10: the optimum is known.
	src := rng.Stream(3, "blobs")
	x := mat.NewDense(400, 2, nil)
	for i := range 400 {
		x.SetRow(i, []float64{float64(i%2)*10 + 0.1*src.Normal(), float64(i/2%2)*10 + 0.1*src.Normal()})
	}
	c, err := KMeans{K: 4, Init: 3}.Fit(context.Background(), x, rng.Stream(1, "kmeans"))
	if err != nil || !slices.Equal(c.Counts, []int{100, 100, 100, 100}) || c.Inertia > 400*2*0.1*0.1*1.2 {
		t.Errorf("counts %v, inertia %g, %v", c.Counts, c.Inertia, err)
	}
	again, _ := KMeans{K: 4, Init: 3}.fit(context.Background(), engine{each: func(n int, f func(int)) {
		for i := range n {
			f(i)
		}
	}}, x, rng.Stream(1, "kmeans"))
	if !mat.Equal(c.Centers, again.Centers) || !slices.Equal(c.Assign, again.Assign) {
		t.Error("the thread count changes the clusters")
	}
	// Every centre is the mean of its rows and every row is with its nearest centre: a fixed point of Lloyd's steps.
	for i, j := range c.Assign {
		for o := range 4 {
			if SqDist(x.RawRowView(i), c.Centers.RawRowView(o)) < SqDist(x.RawRowView(i), c.Centers.RawRowView(j)) {
				t.Fatalf("row %d is nearer to %d than to %d", i, o, j)
			}
		}
	}
	// As many clusters as distinct rows leave no inertia; more clusters than distinct rows end too.
	small := mat.NewDense(6, 1, []float64{1, 1, 5, 5, 9, 9})
	for _, k := range []int{3, 5, 6} {
		if c, err := (KMeans{K: k}).Fit(context.Background(), small, rng.Stream(1)); err != nil || c.Inertia != 0 {
			t.Errorf("k = %d: inertia %g, %v", k, c.Inertia, err)
		}
	}
	if _, err := (KMeans{K: 7}).Fit(context.Background(), small, rng.Stream(1)); err == nil {
		t.Error("7 clusters of 6 rows were accepted")
	}
}

func BenchmarkKNN(b *testing.B) {
	for _, s := range []struct{ n, d int }{{2000, 2}, {2000, 64}, {1000, 2048}} {
		x := normal(s.n, s.d, 0, 1)
		b.Run(fmt.Sprintf("n=%d,d=%d", s.n, s.d), func(b *testing.B) {
			for b.Loop() {
				if _, err := KNN(context.Background(), x, x, 5); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestWithinIsTheDefinitionOnEveryRoute(t *testing.T) {
	for name, c := range hardCases() {
		_, d2 := naiveKNN(c[0], c[1], 3, 4, c[0] == c[1])
		r2 := d2[3] // a radius that ties with a pair
		n, _ := c[0].Dims()
		m, _ := c[1].Dims()
		want, low := make([]int32, n), make([]int32, n)
		for i := range n {
			low[i] = -1
			for j := m - 1; j >= 0; j-- {
				if (c[0] != c[1] || i != j) && SqDist(c[0].RawRowView(i), c[1].RawRowView(j)) <= r2 {
					want[i]++
					low[i] = int32(j)
				}
			}
		}
		for route, e := range routes() {
			got, first, err := e.within(context.Background(), c[0], c[1], r2)
			if err != nil || !slices.Equal(got, want) || !slices.Equal(first, low) {
				t.Errorf("%s/%s differs from the definition (%v)", name, route, err)
			}
		}
	}
}

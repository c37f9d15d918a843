package numeric

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Random is what seeding needs of a stream of random numbers.
type Random interface {
	Float64() float64
	IntN(n int) int
}

// KMeans clusters rows by Lloyd's algorithm from k-means++ seeds [arthur2007]. Sums run over rows in order, ties go to the lower cluster index and
// an emptied cluster restarts at the row farthest from its centre: the result depends on the data and the stream alone.
type KMeans struct {
	K     int     // clusters
	Init  int     // restarts, the lowest inertia wins; 0 means 1
	Iters int     // Lloyd steps at most a restart; 0 means 100
	Tol   float64 // stop when the inertia falls by less than this share; 0 means 1e-6
}

// Clusters is what KMeans found.
type Clusters struct {
	Centers *mat.Dense // K x d
	Assign  []int      // of each row, the nearest centre
	Counts  []int      // rows in each cluster
	Inertia float64    // sum of squared distances to the centres
	Iters   int        // Lloyd steps of the winning restart
}

// Fit clusters the rows of x. Needs 1 <= K <= rows.
func (k KMeans) Fit(ctx context.Context, x *mat.Dense, src Random) (Clusters, error) {
	return k.fit(ctx, engine{}, x, src)
}

func (k KMeans) fit(ctx context.Context, e engine, x *mat.Dense, src Random) (Clusters, error) {
	n, _ := x.Dims()
	if k.K < 1 || k.K > n {
		return Clusters{}, fmt.Errorf("%d clusters of %d rows: need 1 to %d", k.K, n, n)
	}
	best := Clusters{Inertia: math.Inf(1)}
	for range max(1, k.Init) {
		c, err := k.lloyd(ctx, e, x, e.seeds(x, k.K, src))
		if err != nil {
			return Clusters{}, err
		}
		if best.Centers == nil || c.Inertia < best.Inertia {
			best = c
		}
	}
	return best, nil
}

func (k KMeans) lloyd(ctx context.Context, e engine, x, centers *mat.Dense) (Clusters, error) {
	iters, tol := k.Iters, k.Tol
	if iters == 0 {
		iters = 100
	}
	if tol == 0 {
		tol = 1e-6
	}
	c := Clusters{Centers: centers}
	for c.Iters = 0; ; c.Iters++ {
		before := c.Inertia
		d2, err := c.assign(ctx, e, x)
		if err != nil {
			return c, err
		}
		if c.Iters == iters || (c.Iters > 0 && before-c.Inertia <= tol*before) {
			return c, nil
		}
		c.move(x, d2)
	}
}

// assign gives each row to its nearest centre and returns the squared distances.
func (c *Clusters) assign(ctx context.Context, e engine, x *mat.Dense) ([]float64, error) {
	nb, err := e.nearestCentre(ctx, x, c.Centers, c.Assign)
	if err != nil {
		return nil, err
	}
	k, _ := c.Centers.Dims()
	c.Assign, c.Counts, c.Inertia = make([]int, nb.N), make([]int, k), 0
	for i, j := range nb.Index {
		c.Assign[i] = int(j)
		c.Counts[j]++
		c.Inertia += nb.D2[i]
	}
	return nb.D2, nil
}

// nearestCentre is KNN with k = 1, without its machinery where the work is small. from says which centre each row begins at, where that is known: it changes the work,
// never the result.
func (e engine) nearestCentre(ctx context.Context, x, centers *mat.Dense, from []int) (Neighbours, error) {
	n, d := x.Dims()
	k, _ := centers.Dims()
	if small := 1 << 25; n*k*d > small && d > 24 {
		return e.knn(ctx, x, mat.DenseCopyOf(centers), 1)
	}
	nb := Neighbours{N: n, K: 1, Index: make([]int32, n), D2: make([]float64, n)}
	apart := beyond(centers)
	e.par((n+tile-1)/tile, func(b int) {
		for i := b * tile; i < min(n, (b+1)*tile); i++ {
			at := 0
			if from != nil {
				at = from[i]
			}
			row := x.RawRowView(i)
			best := SqDist(row, centers.RawRowView(at))
			for c := range k {
				if c == at || apart[at*k+c] > best {
					continue
				}
				if v := sqDistUpTo(row, centers.RawRowView(c), best); v < best || v == best && c < at {
					best, at = v, c
				}
			}
			nb.D2[i], nb.Index[i] = best, int32(at)
		}
	})
	return nb, ctx.Err()
}

// beyond gives for each two centres a squared distance: a row that is nearer to the first than this is nearer to it than to the second [elkan2003]. It is a quarter of
// theirs, less what rounding could make of it, and 0 where squares lose digits.
func beyond(centers *mat.Dense) []float64 {
	const slack, lossy = 1 - 1e-9, 1e-290
	k, _ := centers.Dims()
	apart := make([]float64, k*k)
	for a := range k {
		for c := range a {
			if v := slack / 4 * SqDist(centers.RawRowView(a), centers.RawRowView(c)); v > lossy {
				apart[a*k+c], apart[c*k+a] = v, v
			}
		}
	}
	return apart
}

// sqDistUpTo is SqDist where that is at most limit, else some number above it: sums of squares only grow.
func sqDistUpTo(a, b []float64, limit float64) float64 {
	const stride = 16
	if len(a) < 2*stride {
		return SqDist(a, b)
	}
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	l := 0
	for ; l+4 <= len(a); l += 4 {
		d0, d1, d2, d3 := a[l]-b[l], a[l+1]-b[l+1], a[l+2]-b[l+2], a[l+3]-b[l+3]
		s0 += float64(d0 * d0)
		s1 += float64(d1 * d1)
		s2 += float64(d2 * d2)
		s3 += float64(d3 * d3)
		if l%stride == stride-4 {
			if v := (s0 + s1) + (s2 + s3); v > limit {
				return v
			}
		}
	}
	for ; l < len(a); l++ {
		d := a[l] - b[l]
		s0 += float64(d * d)
	}
	return (s0 + s1) + (s2 + s3)
}

// move puts every centre on the mean of its rows; the emptied ones on the rows farthest away, each row once.
func (c *Clusters) move(x *mat.Dense, d2 []float64) {
	k, d := c.Centers.Dims()
	sum := mat.NewDense(k, d, nil)
	for i, j := range c.Assign {
		dst := sum.RawRowView(j)
		for l, v := range x.RawRowView(i) {
			dst[l] += v
		}
	}
	for j := range k {
		dst := c.Centers.RawRowView(j)
		if c.Counts[j] == 0 {
			far := 0
			for i, v := range d2 {
				if v > d2[far] {
					far = i
				}
			}
			d2[far] = 0
			copy(dst, x.RawRowView(far))
			continue
		}
		for l, v := range sum.RawRowView(j) {
			dst[l] = v / float64(c.Counts[j])
		}
	}
}

// seeds draws k rows, each with probability proportional to its squared distance to the nearest one drawn before.
func (e engine) seeds(x *mat.Dense, k int, src Random) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(k, d, nil)
	near := make([]float64, n)
	for i := range near {
		near[i] = math.Inf(1)
	}
	pick := src.IntN(n)
	for c := range k {
		out.SetRow(c, x.RawRowView(pick))
		row := out.RawRowView(c)
		e.par((n+tile-1)/tile, func(b int) {
			for i := b * tile; i < min(n, (b+1)*tile); i++ {
				near[i] = min(near[i], SqDist(x.RawRowView(i), row))
			}
		})
		pick = draw(near, src)
	}
	return out
}

// draw returns an index with probability proportional to w, uniform when all are 0.
func draw(w []float64, src Random) int {
	total := 0.0
	for _, v := range w {
		total += v
	}
	if total == 0 {
		return src.IntN(len(w))
	}
	u := src.Float64() * total
	for i, v := range w {
		u -= v
		if u < 0 {
			return i
		}
	}
	last := len(w) - 1
	for last > 0 && w[last] == 0 { // rounding left u at 0: the last row that can be drawn
		last--
	}
	return last
}

// Nearest assigns new rows to the centres.
func (c Clusters) Nearest(ctx context.Context, x *mat.Dense) ([]int, error) {
	n := Clusters{Centers: c.Centers}
	_, err := n.assign(ctx, engine{}, x)
	return n.Assign, err
}

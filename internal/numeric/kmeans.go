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
	nb, err := e.nearestCentre(ctx, x, c.Centers)
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

// nearestCentre is KNN with k = 1, without its machinery where the work is small.
func (e engine) nearestCentre(ctx context.Context, x, centers *mat.Dense) (Neighbours, error) {
	n, d := x.Dims()
	k, _ := centers.Dims()
	if small := 1 << 25; n*k*d > small && d > 24 {
		return e.knn(ctx, x, mat.DenseCopyOf(centers), 1)
	}
	nb := Neighbours{N: n, K: 1, Index: make([]int32, n), D2: make([]float64, n)}
	e.par((n+tile-1)/tile, func(b int) {
		d2 := make([]float64, k)
		for i := b * tile; i < min(n, (b+1)*tile); i++ {
			distances(d2, x.RawRowView(i), centers.RawMatrix(), 0)
			nb.D2[i] = math.Inf(1)
			for c, v := range d2 {
				if v < nb.D2[i] {
					nb.D2[i], nb.Index[i] = v, int32(c)
				}
			}
		}
	})
	return nb, ctx.Err()
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

package kernel

// Convolutions of stride one with fewer multiplications, by Toom and Cook [lavin2016]: m neighbouring results of r taps are the coefficients of
// a product of polynomials, found from its values at P = m+r-1 points. Per axis, for taps g, image pieces d and results y:
//
//	y = A' (G g . B' d)      the forward product
//	d = B (G g . A y)        its adjoint in the image
//	g = G' (B' d . A y)      its adjoint in the taps
//
// with "." by elements, and in two dimensions one axis after the other. Tiles of fewer results use the first points of larger ones, in the order
// given, and share their transformed taps. There are two families:
//
//	fine: 0, infinity, 1, -1          up to four points; the relative error of a layer is at most twice that of the direct one
//	fast: 3/8, infinity, -5/4, 5/4, -3/8   up to five; a fifth to a third fewer products than fine, three times the error, still below 1e-6
//
// The usual 0, 1, -1, 2 and infinity have 1.5 times the error of these five per axis; they were found by a search for the least mean square.
// A NaN or an infinity in the image makes all results of its tiles NaN, up to three pixels beyond those that see it.
const (
	toomPoints = 5
	toomTaps   = 3
)

// toomMatrices are the transforms of a tile: rows of results by rows of operands. Those that end in T are transposed; b has further columns
// that add what earlier tiles left in the first r-1 results.
type toomMatrices struct {
	bT    [toomPoints + 1][]float32               // by points: P x P
	aT, a [toomTaps + 1][toomPoints + 1][]float32 // by taps and points: m x P, P x m
	b     [toomTaps + 1][toomPoints + 1][]float32 // P x (P + r-1)
	g     [toomTaps + 1][]float32                 // by taps: all points x r
	gT    [toomTaps + 1][toomPoints + 1][]float32 // r x P
}

var (
	toomFine = newToomMatrices([toomPoints]float64{0, 0, 1, -1, 2}) // the last one is not used
	toomFast = newToomMatrices([toomPoints]float64{0.375, 0, -1.25, 1.25, -0.375})
)

// newToomMatrices computes the transforms; the point at index 1 is infinity.
func newToomMatrices(points [toomPoints]float64) *toomMatrices {
	t := new(toomMatrices)
	power := func(p, i int) float64 { // of point p; that of infinity is found by the caller
		v := 1.0
		for range i {
			v *= points[p]
		}
		return v
	}
	for r := 2; r <= toomTaps; r++ {
		for p := range toomPoints {
			for i := range r {
				v := power(p, i)
				if p == 1 {
					v = 0
					if i == r-1 {
						v = 1
					}
				}
				t.g[r] = append(t.g[r], float32(v))
			}
		}
	}
	for n := 2; n <= toomPoints; n++ {
		for p := range n {
			t.bT[n] = append(t.bT[n], interpolation(points[:n], p)...)
		}
		for r := 2; r <= toomTaps && r <= n; r++ {
			m := n + 1 - r
			for i := range m {
				for p := range n {
					v := power(p, i)
					if p == 1 {
						v = 0
						if i == m-1 {
							v = 1
						}
					}
					t.aT[r][n] = append(t.aT[r][n], float32(v))
				}
			}
			t.a[r][n] = transposed(t.aT[r][n], m, n)
			t.gT[r][n] = transposed(t.g[r][:n*r], n, r)
			for i := range n {
				for p := range n {
					t.b[r][n] = append(t.b[r][n], t.bT[n][p*n+i])
				}
				for j := range r - 1 {
					v := float32(0)
					if i == j {
						v = 1
					}
					t.b[r][n] = append(t.b[r][n], v)
				}
			}
		}
	}
	return t
}

// interpolation is row p of B': the coefficients of the polynomial that is 1 at point p and 0 at the other finite ones; for infinity those of
// the polynomial that is 0 at all finite points.
func interpolation(points []float64, p int) []float32 {
	c := make([]float64, len(points))
	c[0] = 1
	degree, norm := 0, 1.0
	for q, x := range points {
		if q == p || q == 1 {
			continue
		}
		degree++
		for i := degree; i > 0; i-- {
			c[i] = c[i-1] - float64(x*c[i]) // rounded: no machine may fuse the two
		}
		c[0] *= -x
		if p != 1 {
			norm *= points[p] - x
		}
	}
	row := make([]float32, len(c))
	for i := range c {
		row[i] = float32(c[i] / norm)
	}
	return row
}

func transposed(x []float32, rows, cols int) []float32 {
	y := make([]float32, 0, len(x))
	for c := range cols {
		for r := range rows {
			y = append(y, x[r*cols+c])
		}
	}
	return y
}

// toomAxis cuts n results of r taps into tiles of at most some points, as even as they go, the larger ones first.
type toomAxis struct {
	n, r  int
	tiles int
	big   int // tiles of m results, the others have one less
	m     int
}

func newToomAxis(n, r, points int) toomAxis {
	most := points + 1 - r
	t := (n + most - 1) / most
	m := (n + t - 1) / t
	return toomAxis{n, r, t, n - t*(m-1), m}
}

// tile returns the first result of tile t and its points.
func (a *toomAxis) tile(t int) (start, points int) {
	if t < a.big {
		return t * a.m, a.m + a.r - 1
	}
	return a.big + t*(a.m-1), a.m + a.r - 2
}

// points is the number of points of the largest tile.
func (a *toomAxis) points() int { return a.m + a.r - 1 }

// count is the number of tiles, of the first t, that use point p.
func (a *toomAxis) count(t, p int) int {
	switch {
	case p < a.m+a.r-2:
		return t
	case p < a.m+a.r-1:
		return min(t, a.big)
	}
	return 0
}

// products is the number of multiplications per axis: what the n*r of the definition become.
func (a *toomAxis) products() int { return a.n + a.tiles*(a.r-1) }

// toomPlan is a convolution as a sum over the parities of its stride, each a convolution of stride one.
type toomPlan struct {
	y, x toomAxis
	par  int // parities
	by   *toomMatrices
}

// toomLeast is the saving below which transforms cost more than they save, toomMost the floats of one image's transforms that are still
// reasonable in training, where gradients hold those of whole images, toomWide the number of channels that keep the transforms' rows long.
const (
	toomLeast = 1.4
	toomMost  = 1 << 22
	toomWide  = 32
)

// toomOff makes every convolution direct: for tests and benchmarks that compare the two.
var toomOff bool

// toomPlan returns how the convolution is done with fewer multiplications, and whether it pays. The answer depends on one image alone, so that
// results do not change with the batch.
func (g *Conv) toomPlan(s *set) (p toomPlan, ok bool) {
	if toomOff || len(s.strided) == 0 || g.KH%g.SH != 0 || g.KW%g.SW != 0 || g.SH > 2 || g.SW > 2 {
		return p, false
	}
	ry, rx := g.KH/g.SH, g.KW/g.SW
	if ry < 2 || rx < 2 || ry > toomTaps || rx > toomTaps {
		return p, false
	}
	points, by := toomPoints-1, toomFine
	if g.Fast {
		points, by = toomPoints, toomFast
	}
	p = toomPlan{newToomAxis(g.OH, ry, points), newToomAxis(g.OW, rx, points), g.SH * g.SW, by}
	saved := float64(g.OH*g.OW*ry*rx) / float64(p.y.products()*p.x.products())
	frameH, frameW := (g.OH-1)*g.SH+g.KH, (g.OW-1)*g.SW+g.KW
	ok = saved >= toomLeast && g.C >= toomWide && g.K >= toomWide && max(g.C, g.K) <= len(zeroRow) &&
		frameH >= g.H+g.PH && frameW >= g.W+g.PW && (g.Fast || p.floats(max(g.C*p.par, g.K)) <= toomMost)
	return p, ok
}

// floats is the size of one image's transform to c channels.
func (p *toomPlan) floats(c int) int { return p.y.products() * p.x.products() * c }

// whole reports whether every tap of the filter has a weight. One without is a mask: a result must not depend in its last bits on pixels it is
// not to see, as it would by points.
func (g *Conv) whole(w []float32) bool {
	n := g.C * g.K
	for t := 0; t < len(w); t += n {
		i := t
		for i < t+n && w[i] == 0 {
			i++
		}
		if i == t+n {
			return false
		}
	}
	return true
}

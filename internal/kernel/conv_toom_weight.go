package kernel

const (
	toomWeightFloats = 1 << 20 // of the transforms that are held at a time, 16 MB; fixed, so that bits do not depend on threads
	toomWeightRows   = 112     // rows of an item of a point's product
)

// paysWeight reports whether there are pixels enough to make up for the sums at all points, which are as many as the points times the weights.
func (t *toomPlan) paysWeight(g *Conv) bool {
	return g.N*t.y.tiles*t.x.tiles >= 64
}

// toomWeight is GradWeight by a plan: transforms of image and gradient, at each point the product of the two over all tiles, and the
// way back from the points to the taps.
func (j *convJob) toomWeight(p toomPlan) {
	t := &j.toom
	t.toomPlan = p
	kk := p.par * j.C
	t.point = kk * j.K
	t.u = grow(&t.us, p.y.points()*p.x.points()*t.point)
	all := j.N * p.y.tiles
	most := max(1, toomWeightFloats/(p.floats(kk+j.K)/p.y.tiles))
	parts := (all + most - 1) / most
	most = (all + parts - 1) / parts
	t.rowsPer = rup(min(toomWeightRows, kk), j.s.mr)
	for u := 0; u < all; u += most {
		t.block = t.newBlock(u, min(all, u+most))
		t.v, t.z = grow(&t.vs, t.block.total*kk), grow(&t.zs, t.block.total*j.K)
		t.units = max(1, min(32, (t.block.u1-u)/(2*Threads())))
		j.onToom((t.block.u1-u+t.units-1)/t.units, (*convJob).toomBoth)
		j.onToom(p.y.points()*p.x.points()*((kk+t.rowsPer-1)/t.rowsPer), (*convJob).toomSum)
	}
	j.onToom(p.par*((j.C+j.toomLines()-1)/j.toomLines()), (*convJob).toomGather)
}

func (j *convJob) toomBoth(w *scratch, i int) {
	t := &j.toom
	strips := j.toomStrips(w)
	u0, u1 := t.itemUnits(i)
	for u := u0; u < u1; u++ {
		j.toomImage(w, &t.block, u, t.v, strips)
	}
	for u := u0; u < u1; u++ {
		j.toomGradient(w, &t.block, u, t.z, strips)
	}
}

// toomSum adds the tiles of the block to some rows of the sums at one point.
func (j *convJob) toomSum(w *scratch, item int) {
	s, t := j.s, &j.toom
	kk := t.par * j.C
	parts := (kk + t.rowsPer - 1) / t.rowsPer
	point, i0 := item/parts, item%parts*t.rowsPer
	p, q := point/t.x.points(), point%t.x.points()
	n, from, c := t.rows(&t.block, p, q), t.block.from[p][q], t.u[point*t.point:]
	pa := grow(&w.a, depth*s.mr)
	flags := 0
	if t.before(t.block.u0, p) > 0 {
		flags = tileAdd
	}
	for r := 0; r < n; r += depth {
		pk := min(depth, n-r)
		for i := i0; i < min(kk, i0+t.rowsPer); i += s.mr {
			tile := s.stridedTile(kk - i)
			a, ars, aps := &t.v[(from+r)*kk+i], 1, kk
			if j.K > 2*s.nr { // packed once for many panels of columns
				s.cpack(&pa[0], a, pk, kk, s.mr, min(s.mr, kk-i), s.mr)
				a, aps = &pa[0], s.mr
			}
			for k := 0; k < j.K; k += s.nr {
				for d := range tile.rows {
					w.part[d] = &w.trash[0]
					if i+d < kk {
						w.part[d] = &c[(i+d)*j.K+k]
					}
				}
				tile.gemm(pk, a, ars, aps, &t.z[(from+r)*j.K+k], j.K, &w.part, 0, min(s.nr, j.K-k), flags)
			}
		}
		flags = tileAdd
	}
}

// toomLines is the number of rows of taps that are gathered at a time.
func (j *convJob) toomLines() int { return max(1, 2*combinePiece/j.K) }

// toomGather brings some rows of all taps of one parity back from the points.
func (j *convJob) toomGather(w *scratch, item int) {
	s, t, l := j.s, &j.toom, &w.lin
	c := item / t.par * j.toomLines()
	par := item % t.par
	n := min(j.toomLines(), j.C-c) * j.K
	ny, nx := t.y.points(), t.x.points()
	half := grow(&w.a, ny*t.x.r*n)
	for p := range ny {
		for q := range nx {
			l.in[q] = &t.u[(p*nx+q)*t.point+(par*j.C+c)*j.K]
		}
		for x := range t.x.r {
			l.out[x] = &half[(p*t.x.r+x)*n]
		}
		w.combine(s, n, nx, t.x.r, t.by.gT[t.x.r][nx])
	}
	for x := range t.x.r {
		for p := range ny {
			l.in[p] = &half[(p*t.x.r+x)*n]
		}
		for y := range t.y.r {
			l.out[y] = &j.w[(((y*j.SH+par/j.SW)*j.KW+x*j.SW+par%j.SW)*j.C+c)*j.K]
		}
		w.combine(s, n, ny, t.y.r, t.by.gT[t.y.r][ny])
	}
}

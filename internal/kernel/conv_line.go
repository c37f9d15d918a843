package kernel

// Filters of one row or one column with fewer multiplications, by Toom and Cook along that line [lavin2016]; see toom.go for one step. Seven taps go in two steps,
// which keep the error of one large step, 2.9 times as large, away: results by pairs,
//
//	y[2j+e] = sum over a < 4, b < 2 of g[2a+b] x[2(j+a) + e+b]
//
// are those of 4 x 2 taps on the image whose row j is x[2j], x[2j+1], x[2j+2]. The outer step is over b and e with three points (0.652, infinity, -0.652), the inner
// one over a and j with six (0, infinity, 0.651, -0.651, 1.535, -1.535), both found by a search for the least mean square: 18 products for 6 results of 7 taps.
// Three taps take the inner step alone, with the points of toomFast.

// lineStep is one step: the transforms of tiles of up to n points, rows of results by rows of operands.
type lineStep struct {
	taps, points int
	bT, aT       [linePoints + 1][]float32 // by points: P x P, m x P
	g            [][]float64               // points x taps
}

const linePoints = 6

var (
	lineSingle = newLineStep([]float64{0}, 1)
	linePair   = newLineStep([]float64{0.652, 0, -0.652}, 2)
	lineThree  = newLineStep([]float64{0.375, 0, -1.25, 1.25, -0.375}, 3)
	lineFour   = newLineStep([]float64{0, 0, 0.651, -0.651, 1.535, -1.535}, 4)
)

// newLineStep computes the transforms; the point at index 1 is infinity.
func newLineStep(points []float64, taps int) *lineStep {
	t := &lineStep{taps: taps, points: len(points)}
	at := func(p, i, top int) float64 { // term i of a polynomial of degree top at point p
		if p == 1 {
			if i == top {
				return 1
			}
			return 0
		}
		v := 1.0
		for range i {
			v *= points[p]
		}
		return v
	}
	for p := range points {
		var row []float64
		for i := range taps {
			row = append(row, at(p, i, taps-1))
		}
		t.g = append(t.g, row)
	}
	for n := taps; n <= len(points); n++ {
		for p := range n {
			t.bT[n] = append(t.bT[n], interpolation(points[:n], p)...)
		}
		for i := range n + 1 - taps {
			for p := range n {
				t.aT[n] = append(t.aT[n], float32(at(p, i, n-taps)))
			}
		}
	}
	return t
}

// linePlan says how a line of results is cut: outer step, then tiles of the inner one over its groups of results.
type linePlan struct {
	outer, inner *lineStep
	axis         toomAxis // of the groups
	down         bool     // the filter is a column
	coef         []float32
}

// linePlan returns how the convolution is done along a line, and whether it pays. As for toomPlan the answer depends on one image alone.
func (g *Conv) linePlan(s *set) (p linePlan, ok bool) {
	if toomOff || !g.Fast || len(s.strided) == 0 || g.SH != 1 || g.SW != 1 || min(g.C, g.K) < toomWide || max(g.C, g.K) > len(zeroRow) {
		return p, false
	}
	n, r := g.OW, g.KW
	switch {
	case g.KH == 1 && g.PH == 0:
	case g.KW == 1 && g.PW == 0:
		p.down, n, r = true, g.OH, g.KH
	default:
		return p, false
	}
	switch r {
	case 3:
		p.outer, p.inner = lineSingle, lineThree
	case 7:
		p.outer, p.inner = linePair, lineFour
	default:
		return p, false
	}
	group := p.group()
	p.axis = newToomAxis((n+group-1)/group, p.inner.taps, p.inner.points)
	saved := float64(n*r) / float64(p.outer.points*p.axis.products())
	return p, saved >= toomLeast
}

// group is the number of results of the outer step.
func (p *linePlan) group() int { return p.outer.points + 1 - p.outer.taps }

// points is the number of products of a full tile.
func (p *linePlan) points() int { return p.outer.points * p.axis.points() }

// coefs are the transforms of the taps, outer point by outer point, inner points x taps. A tap that only fills up the last group is left out.
func (p *linePlan) coefs(taps int) []float32 {
	var c []float32
	for _, out := range p.outer.g {
		for _, in := range p.inner.g[:p.axis.points()] {
			for k := range taps {
				c = append(c, float32(out[k%p.outer.taps]*in[k/p.outer.taps]))
			}
		}
	}
	return c
}

// lineShape are the sizes of a line's work: signals of n pixels each step apart; each pixel is a strip of wide ones side by side, which are computed alike.
type lineShape struct {
	signals, n, out, pad, wide int
}

func (j *convJob) lineShape() lineShape {
	if j.line.down {
		return lineShape{j.N, j.H, j.OH, j.PH, j.W}
	}
	return lineShape{j.N * j.H, j.W, j.OW, j.PW, 1}
}

// lineWork is a convolution by linePlan at work; an item is some signals.
type lineWork struct {
	linePlan
	u     []float32 // transformed weights, point after point
	units int
}

// lineWeights packs and transforms the weights.
func (j *convJob) lineWeights(p linePlan) {
	j.line.linePlan = p
	j.line.coef = p.coefs(max(j.KH, j.KW))
	j.pb = grow(&j.store, p.points()*j.linePoint())
	j.line.u = j.pb
	parallel((j.K+j.s.nr-1)/j.s.nr, j.on(convLinePack))
}

// linePoint is the number of floats of the transformed weights at one point.
func (j *convJob) linePoint() int { return rup(j.K, j.s.nr) * j.C }

// lineTaps packs and transforms one panel of the filters.
func (j *convJob) lineTaps(w *scratch, panel int) {
	s, l, taps, points := j.s, &w.lin, max(j.KH, j.KW), j.line.axis.points()
	c := panel * s.nr
	for k := 0; k < j.C; k += toomChunk {
		n := min(toomChunk, j.C-k)
		raw := grow(&w.x, taps*n*s.nr)
		for t := range taps {
			s.cpack(&raw[t*n*s.nr], &j.w[(t*j.C+k)*j.K+c], n, j.K, s.nr, min(s.nr, j.K-c), s.nr)
		}
		for o := range j.line.outer.points {
			for t := range taps {
				l.in[t] = &raw[t*n*s.nr]
			}
			for p := range points {
				l.out[p] = &j.line.u[(o*points+p)*j.linePoint()+c*j.C+k*s.nr]
			}
			w.combine(s, n*s.nr, taps, points, j.line.coef[o*points*taps:])
		}
	}
}

// lineForward computes Forward from transformed weights.
func (j *convJob) lineForward() {
	v := j.lineShape()
	j.line.units = max(1, toomRowsLeast/(j.line.axis.tiles*v.wide))
	if th := helpers(); th > 1 {
		j.line.units = max(1, min(j.line.units, v.signals/(3*th)))
	}
	parallel((v.signals+j.line.units-1)/j.line.units, j.on(convLine))
}

// lineRows are where the rows of an item's tiles are: at an inner point tile after tile, in a tile signal after signal, in a signal the pixels of its strip.
func (j *convJob) lineItem(w *scratch, item int) {
	v, p := j.lineShape(), &j.line
	s0 := item * p.units
	n := min(p.units, v.signals-s0)
	rows := 0 // of a full point
	points := p.axis.points()
	rows = p.axis.tiles * n * v.wide
	a := grow(&w.x, (points*rows+j.s.mr)*j.C) // the last tile reads rows that are not there
	m := grow(&w.b, p.points()*rows*j.K)
	for o := range p.outer.points {
		for i := range n {
			j.lineImage(w, &v, o, s0+i, a[i*v.wide*j.C:], rows*j.C, n*v.wide*j.C)
		}
		for q := range points {
			if have := p.axis.count(p.axis.tiles, q) * n * v.wide; have > 0 {
				j.toomProduct(w, have, a[q*rows*j.C:], j.C, p.u[(o*points+q)*j.linePoint():], m[(o*points+q)*rows*j.K:], j.K, 1, j.K)
			}
		}
	}
	for i := range n {
		j.lineResult(w, &v, s0+i, m[i*v.wide*j.K:], rows*j.K, n*v.wide*j.K)
	}
}

// linePiece is the length of the pieces of a strip that go through both steps in the first-level cache.
const linePiece = 512

// lineImage transforms a signal at outer point o: tile t at inner point q goes to a[q*point + t*tile:].
func (j *convJob) lineImage(w *scratch, v *lineShape, o, signal int, a []float32, point, tile int) {
	p, l, s := &j.line, &w.lin, j.s
	strip := v.wide * j.C
	x := j.x[signal*v.n*strip:]
	group, span := p.group(), p.outer.points
	inputs := p.axis.n + p.inner.taps - 1
	half := grow(&w.a, inputs*linePieceOf(j.C))
	for c := 0; c < strip; c += linePieceOf(j.C) {
		n := min(linePieceOf(j.C), strip-c)
		at := func(i int) *float32 {
			if i -= v.pad; i < 0 || i >= v.n {
				return &zeroRow[0]
			}
			return &x[i*strip+c]
		}
		for k := range inputs {
			for q := range span {
				l.in[q] = at(k*group + q)
			}
			l.out[0] = &half[k*n]
			s.combine(n, span, 1, &l.in, &l.out, &p.outer.bT[span][o*span])
		}
		for t := range p.axis.tiles {
			k0, np := p.axis.tile(t)
			for q := range np {
				l.in[q] = &half[(k0+q)*n]
				l.out[q] = &a[q*point+t*tile+c]
			}
			s.combine(n, np, np, &l.in, &l.out, &p.inner.bT[np][0])
		}
	}
}

// linePieceOf is linePiece in whole pixels of c channels.
func linePieceOf(c int) int { return max(1, linePiece/c) * c }

// lineResult transforms the products of a signal back; tile t at inner point q of outer point o is at m[(o*points+q)*point + t*tile:].
func (j *convJob) lineResult(w *scratch, v *lineShape, signal int, m []float32, point, tile int) {
	p, l, s := &j.line, &w.lin, j.s
	strip, piece, span, group := v.wide*j.K, linePieceOf(j.K), p.outer.points, p.group()
	points := p.axis.points()
	half := grow(&w.a, (span*p.axis.n+group)*piece)
	for c := 0; c < strip; c += piece {
		n := min(piece, strip-c)
		for o := range span {
			for t := range p.axis.tiles {
				k0, np := p.axis.tile(t)
				for q := range np {
					l.in[q] = &m[(o*points+q)*point+t*tile+c]
				}
				mt := np + 1 - p.inner.taps
				for i := range mt {
					l.out[i] = &half[(o*p.axis.n+k0+i)*n]
				}
				s.combine(n, np, mt, &l.in, &l.out, &p.inner.aT[np][0])
			}
		}
		last := half[span*p.axis.n*piece:]
		for k := range p.axis.n {
			for o := range span {
				l.in[o] = &half[(o*p.axis.n+k)*n]
			}
			for e := range group {
				l.out[e] = &last[e*n]
			}
			s.combine(n, span, group, &l.in, &l.out, &p.outer.aT[span][0])
			for e := range min(group, v.out-k*group) {
				j.lineFinish(v, (signal*v.out+k*group+e)*v.wide+c/j.K, last[e*n:(e+1)*n])
			}
		}
	}
}

// lineFinish ends the pixels from number r on, whose sums are o.
func (j *convJob) lineFinish(v *lineShape, r int, o []float32) {
	if j.ldy == j.K {
		j.toomFinish(j.y[r*j.K:][:len(o)], o, j.K)
		return
	}
	for k := 0; k < len(o); k += j.K {
		j.toomFinish(j.y[(r+k/j.K)*j.ldy:][:j.K], o[k:k+j.K], j.K)
	}
}

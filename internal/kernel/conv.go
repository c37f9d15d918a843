package kernel

import (
	"fmt"
	"sync"
)

// Conv describes a 2-D convolution: images N x H x W x C, weights KH x KW x C x K, results N x OH x OW x K.
type Conv struct {
	N, H, W, C     int
	K, KH, KW      int
	SH, SW, PH, PW int
	OH, OW         int
	Fast           bool // saves more products where rounding of 1e-6 instead of 6e-7 does no harm: in features, not in training
}

// NewConv returns the description of a convolution of n images of h x w x c with k filters of kh x kw, strides sh, sw and
// zero padding ph, pw on both sides, or an error that says which size is impossible.
func NewConv(n, h, w, c, k, kh, kw, sh, sw, ph, pw int) (Conv, error) {
	if n < 0 || h < 1 || w < 1 || c < 1 || k < 1 || kh < 1 || kw < 1 {
		return Conv{}, fmt.Errorf("conv: %d images %dx%dx%d, %d filters %dx%d: every size must be at least 1", n, h, w, c, k, kh, kw)
	}
	if sh < 1 || sw < 1 || ph < 0 || pw < 0 {
		return Conv{}, fmt.Errorf("conv: stride %dx%d, padding %dx%d: strides start at 1, paddings at 0", sh, sw, ph, pw)
	}
	if h+2*ph < kh || w+2*pw < kw {
		return Conv{}, fmt.Errorf("conv: filter %dx%d is larger than the padded image %dx%d: lower the filter or raise the padding", kh, kw, h+2*ph, w+2*pw)
	}
	return Conv{n, h, w, c, k, kh, kw, sh, sw, ph, pw, (h+2*ph-kh)/sh + 1, (w+2*pw-kw)/sw + 1, false}, nil
}

func (g *Conv) in() int      { return g.N * g.H * g.W * g.C }
func (g *Conv) weights() int { return g.KH * g.KW * g.C * g.K }
func (g *Conv) out() int     { return g.N * g.OH * g.OW * g.K }

// convJob is one call of one of the three products; scratch that outlives an item lives here.
type convJob struct {
	Conv
	stage        int
	s            *set
	y, x, w      []float32 // by their roles in the forward product: result, image, weights
	ldy          int       // from pixel to pixel of the forward product's result, at least K
	e            Epilogue
	pb, store    []float32
	group, items int // images per item or depth block, items
	hp, wp       int // size of a padded image
	top, left    int
	phases       []phase
	blk          int
	tmp          []float32
	wins         []window
	rowsPer      int // rows of a block of a window
	toom         toomWork
	line         lineWork
	narrowCut    bool
}

const (
	convPack = iota
	convForward
	convPhasePack
	convPhases
	convCol
	convWeight
	convWeightBatch
	convWindows
	convTaps
	convWeightThin
	convPatches
	convCols
	convWeightPatches
	convNarrow
	convNarrowPhases
	convWeightNarrow
	convToom // and the stages of toomWork
	convLinePack
	convLine
)

var convJobs = sync.Pool{New: func() any { return new(convJob) }}

func (g Conv) job(y, x, w []float32, e Epilogue) *convJob {
	j := convJobs.Get().(*convJob)
	j.Conv, j.s, j.e = g, active, e
	j.y, j.x, j.w, j.ldy = y[:g.out()], x[:g.in()], w[:g.weights()], g.K
	return j
}

func (j *convJob) free() {
	j.y, j.x, j.w, j.e, j.pb = nil, nil, nil, Epilogue{}, nil
	convJobs.Put(j)
}

func (j *convJob) on(stage int) *convJob { j.stage = stage; return j }

func (j *convJob) run(i int) {
	w := scratches.Get().(*scratch)
	switch j.stage {
	case convToom:
		j.toom.run(j, w, i)
	case convLinePack:
		j.lineTaps(w, i)
	case convLine:
		j.lineItem(w, i)
	case convPack:
		c, kk := i*j.s.nr, j.KH*j.KW*j.C
		w.packB(j.s, j.pb[c*kk:], j.w, j.K, false, 0, kk, c, j.K)
	case convForward:
		j.forward(w, i)
	case convPhasePack:
		j.packPhase(w, &j.phases[i])
	case convPhases:
		j.phaseItem(w, i)
	case convCol:
		j.colItem(w, i)
	case convWindows:
		j.windowItem(w, i)
	case convWeightThin:
		j.thinItem(w, i)
	case convCols:
		j.colsItem(w, i)
	case convPatches:
		j.patchItem(w, i)
	case convWeightPatches:
		j.weightPatchItem(w, i)
	case convTaps:
		taps := j.KH * j.KW
		t0, t1 := i*taps/j.items, (i+1)*taps/j.items
		if j.tapsNarrow() {
			j.narrowTaps(w, t0, t1)
		} else {
			j.weightTaps(w, t0, t1)
		}
	case convWeight:
		kk := j.KH * j.KW * j.C
		k0, k1 := i*j.blk, min(kk, (i+1)*j.blk)
		j.weightRows(w, j.w[k0*j.K:], k0, k1, 0, j.N)
	case convNarrow:
		j.narrowItem(w, i)
	case convNarrowPhases:
		j.narrowPhaseItem(w, i)
	case convWeightNarrow:
		j.narrowRows(w, j.tmp[i*len(j.w):], i*j.blk, min(j.N, (i+1)*j.blk))
	case convWeightBatch:
		kk := j.KH * j.KW * j.C
		j.weightRows(w, j.tmp[i*kk*j.K:], 0, kk, i*j.blk, min(j.N, (i+1)*j.blk))
	}
	scratches.Put(w)
}

// groups sets how many images make about one block of rows of px pixels each.
func (j *convJob) groups(px int) int {
	j.group = max(1, j.s.rowsPerBlock()/max(px, 1))
	return (j.N + j.group - 1) / j.group
}

// padImages copies images [b0,b1) of an h x w x c tensor into hp x wp frames of zeros, at (top, left).
func padImages(dst, x []float32, b0, b1, h, w, c, top, left, hp, wp int) {
	row := wp * c
	for b := b0; b < b1; b++ {
		d := dst[(b-b0)*hp*row:]
		clear(d[:top*row])
		for y := 0; y < h; y++ {
			r := d[(top+y)*row : (top+y+1)*row]
			clear(r[:left*c])
			n := copy(r[left*c:], x[(b*h+y)*w*c:(b*h+y+1)*w*c])
			clear(r[left*c+n:])
		}
		clear(d[(top+h)*row : hp*row])
	}
}

// frame returns the size of an image padded so that every window of the forward product lies inside.
func (g *Conv) frame() (hp, wp int) {
	return max((g.OH-1)*g.SH+g.KH, g.H+g.PH), max((g.OW-1)*g.SW+g.KW, g.W+g.PW)
}

// Forward sets y = act(conv(x, w) + bias), y is N x OH x OW x K, x N x H x W x C, w KH x KW x C x K.
// It is an implicit matrix product: a few images at a time are padded into the cache and packed by row pointers.
func (g Conv) Forward(y, x, w []float32, e Epilogue) {
	j := g.job(y, x, w, e)
	if e.Bias != nil {
		j.e.Bias = e.Bias[:g.K]
	}
	p := g.plan(j.s, j.w)
	j.layOut(&p)
	j.forwardBy(p.route)
	j.free()
}

// forwardPlan is a route of the forward product and, of two of them, how it is gone.
type forwardPlan struct {
	route string
	toom  toomPlan
	line  linePlan
}

// plan chooses the route for weights w; nil stands for weights without a tap of zeros alone.
func (g *Conv) plan(s *set, w []float32) forwardPlan {
	var p forwardPlan
	var toom, line bool
	if p.toom, toom = g.toomPlan(s); !toom {
		p.line, line = g.linePlan(s)
	}
	if (toom || line) && w != nil && !g.whole(w) {
		toom, line = false, false
	}
	p.route = g.route(s, toom, line)
	return p
}

// layOut brings the weights into the form that a route of the forward product reads.
func (j *convJob) layOut(p *forwardPlan) {
	switch p.route {
	case RouteThin:
		j.packColumns()
	case RouteToom:
		j.toomWeights(p.toom)
	case RouteLine:
		j.lineWeights(p.line)
	default:
		j.packWeights()
	}
}

// forwardBy computes the forward product from weights that are laid out.
func (j *convJob) forwardBy(route string) {
	switch route {
	case RouteThin:
		j.forwardWindow(true)
		activateAll(j.y, j.e)
	case RouteToom:
		j.toomForward()
	case RouteLine:
		j.lineForward()
	case RoutePatches:
		j.hp, j.wp = j.frame()
		parallel(j.groups(j.OH*j.OW), j.on(convPatches))
	case RouteWindow, RouteRows:
		j.forwardPacked(route == RouteWindow)
	}
}

// forwardPacked computes the forward product through packed patches or, with the same bits, without.
func (j *convJob) forwardPacked(window bool) {
	j.hp, j.wp = j.frame()
	if _, ok := j.narrowForward(window); ok {
		j.narrowCut = window
		parallel(j.groups(j.OH*j.OW), j.on(convNarrow))
	} else if window {
		j.forwardWindow(false)
	} else {
		parallel(j.groups(j.OH*j.OW), j.on(convForward))
	}
}

// The routes of a forward convolution. Which one is taken follows from its sizes and the kernel set alone, so that one set gives the same bits on every machine.
// Of few filters the last two read patches where they lie instead of packing them, with the same bits.
const (
	RouteThin    = "thin"            // few filters: columns of products
	RouteToom    = "Toom-Cook"       // fewer multiplications [lavin2016]
	RouteLine    = "Toom-Cook, line" // the same along filters of one row or column, in features alone
	RoutePatches = "patches"         // patches are read where they lie
	RouteWindow  = "window"          // padding is read from a row of zeros
	RouteRows    = "im2col"          // rows of patches are packed
)

// Route says which way Forward takes with the kernel set in force, weights being finite.
func (g Conv) Route() string {
	return g.plan(active, nil).route
}

// route takes Toom-Cook where it may, toom or line.
func (g *Conv) route(s *set, toom, line bool) string {
	hp, wp := g.frame()
	switch {
	case g.K < thinCols && g.KW*g.C >= 8:
		return RouteThin
	case toom:
		return RouteToom
	case line:
		return RouteLine
	case g.patched(s):
		return RoutePatches
	case (g.PH != 0 || g.PW != 0 || hp != g.H || wp != g.W) && g.KW*g.C >= wideRun && g.C <= len(zeroRow):
		return RouteWindow
	}
	return RouteRows
}

func (j *convJob) forwardWindow(thin bool) {
	j.growWindows(1)
	v := &j.wins[0]
	*v = window{src: j.x, n: j.N, h: j.H, w: j.W, c: j.C, ny: j.OH, nx: j.OW, sy: j.SH, sx: j.SW, y0: -j.PH, x0: -j.PW,
		ty: j.KH, tx: j.KW, ys: v.ys, xs: v.xs, pb: j.pb, dst: j.y, cols: j.K, dimg: j.OH * j.OW * j.ldy, drow: j.OW * j.ldy, dcol: j.ldy, thin: thin}
	j.windows()
}

func (j *convJob) packWeights() {
	s, kk := j.s, j.KH*j.KW*j.C
	j.pb = grow(&j.store, rup(j.K, s.nr)*kk)
	parallel((j.K+s.nr-1)/s.nr, j.on(convPack))
}

func (j *convJob) forward(w *scratch, t int) {
	s, kk, px := j.s, j.KH*j.KW*j.C, j.OH*j.OW
	b0, b1 := t*j.group, min(j.N, (t+1)*j.group)
	xp := j.x[b0*j.H*j.W*j.C:]
	if j.PH != 0 || j.PW != 0 || j.hp != j.H || j.wp != j.W {
		xp = grow(&w.x, (b1-b0)*j.hp*j.wp*j.C)
		padImages(xp, j.x, b0, b1, j.H, j.W, j.C, j.PH, j.PW, j.hp, j.wp)
	}
	m, mb := (b1-b0)*px, s.rowsPerBlock()
	pa := grow(&w.a, rup(min(m, mb), s.mr)*min(depth, kk))
	w.crow, w.arow = growPtr(&w.crow, mb), growPtr(&w.arow, mb)
	b := block{pa: pa, pb: j.pb, bstride: kk, j1: j.K, n: j.K}
	for i0 := 0; i0 < m; i0 += mb {
		b.im = min(mb, m-i0)
		for i := range b.im {
			pix := i0 + i
			bi, r := pix/px, pix%px
			oy, ox := r/j.OW, r%j.OW
			w.crow[i] = &j.y[(b0*px+pix)*j.ldy]
			w.arow[i] = &xp[((bi*j.hp+oy*j.SH)*j.wp+ox*j.SW)*j.C]
		}
		w.runBlocks(s, &b, kk, j.KW*j.C, j.wp*j.C, &j.e)
	}
}

// runBlocks goes through the depth kk of an implicit product whose rows start at w.arow and consist of runs of length run,
// stride apart.
func (w *scratch) runBlocks(s *set, b *block, kk, run, stride int, e *Epilogue) {
	for b.p0 = 0; b.p0 < kk; b.p0 += depth {
		b.pk = min(depth, kk-b.p0)
		b.first, b.end = b.p0 == 0, b.p0+b.pk == kk
		for i := 0; i < b.im; i += s.mr {
			w.packRuns(s, b.pa[i*b.pk:], i, min(s.mr, b.im-i), b.p0, b.pk, run, stride)
		}
		w.macro(s, b, e)
	}
}

// packRuns packs depth [p0,p0+pk) of the rows w.arow[i:i+cnt] as one panel.
func (w *scratch) packRuns(s *set, dst []float32, i, cnt, p0, pk, run, stride int) {
	rows := &w.rows
	for q := cnt; q < s.mr; q++ {
		rows[q] = &zeroRow[0]
	}
	for p := p0; p < p0+pk; {
		ky, off := p/run, p%run
		l := min(run-off, p0+pk-p)
		o := ky*stride + off
		for q, r := range w.arow[i : i+cnt] {
			rows[q] = at(r, o)
		}
		s.tpackA(&dst[(p-p0)*s.mr], rows, l)
		p += l
	}
}

package kernel

import "sync"

// Epilogue says what happens to a product on its way to memory: c = act(a*b (+ c if Add) + bias).
type Epilogue struct {
	Bias  []float32 // one per column; nil for none
	Add   bool
	Act   Act
	Alpha float32 // slope of ActLeakyReLU below zero; 0 is ReLU
}

// GemmChain is the depth up to which an element of a product is one chain, to which Epilogue.Add adds last.
const GemmChain = depth

const (
	depth     = 256 // rows of a packed block of B that stay in the cache; also the length of one FMA chain
	blockRows = 200 // about as many rows of A are packed at a time
	splitK    = 4   // parts of a long reduction with few results: fixed, so that the bits do not depend on threads
)

// rowsPerBlock is blockRows in whole panels.
func (s *set) rowsPerBlock() int { return blockRows / s.mr * s.mr }

// gemmJob is one call of Gemm.
type gemmJob struct {
	stage            int
	s                *set
	ta, tb, tri      bool
	m, n, k          int
	a, b, c          []float32
	lda, ldb, ldc    int
	e                Epilogue
	g                grid
	pb               []float32 // all of op(B) packed, or what the stage needs
	mb, per          int       // rows, columns of an item of other stages
	kp               int       // depth of a part when the reduction is split
	store, partStore []float32
}

const (
	stagePackB = iota
	stageTiles
	stageSplit
	stageDots
	stageSums
	stagePackA
	stageColumns
)

var gemmJobs = sync.Pool{New: func() any { return new(gemmJob) }}

// Gemm sets c = act(op(a)*op(b) (+ c) + bias) for row-major matrices: op(a) is m x k, op(b) k x n, c m x n.
// ta says that a is stored k x m, tb that b is stored n x k; lda, ldb, ldc are the lengths of the stored rows.
// Each result is a fixed chain over k, whatever m, the thread count and the neighbours are.
func Gemm(ta, tb bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, e Epilogue) {
	if m <= 0 || n <= 0 {
		return
	}
	j := gemmJobs.Get().(*gemmJob)
	j.s, j.ta, j.tb, j.m, j.n, j.k, j.e = active, ta, tb, m, n, k, e
	j.a, j.lda = stored(a, ta, m, k, lda), lda
	j.b, j.ldb = stored(b, tb, k, n, ldb), ldb
	j.c, j.ldc = stored(c, false, m, n, ldc), ldc
	if e.Bias != nil {
		j.e.Bias = e.Bias[:n]
	}
	switch {
	case k <= 0:
		j.empty()
	case n < 8 && !ta:
		j.dots()
	case ta && n <= 3: // the weight gradient of a layer with one or two outputs
		j.mb = 4096
		parallel((m+j.mb-1)/j.mb, j.on(stageSums))
	case ta && !e.Add && m*n <= 1<<13 && k >= 2048: // a gradient of few weights over many rows
		j.split()
	case m <= smallBatch && n >= m && 4*k*n > cache.L2:
		j.few()
	default:
		j.full()
	}
	j.recycle()
}

// Syrk sets the upper triangle of c, diagonal included, to that of a*a^T for a of n x k. What it leaves below the diagonal is undefined. Each
// result has the bits that Gemm gives it.
func Syrk(n, k int, a []float32, lda int, c []float32, ldc int) {
	if n < 8 || k <= 0 {
		Gemm(false, true, n, n, k, a, lda, a, lda, c, ldc, Epilogue{})
		return
	}
	j := gemmJobs.Get().(*gemmJob)
	j.s, j.ta, j.tb, j.m, j.n, j.k, j.e, j.tri = active, false, true, n, n, k, Epilogue{}, true
	j.a, j.lda = stored(a, false, n, k, lda), lda
	j.b, j.ldb = j.a, lda
	j.c, j.ldc = stored(c, false, n, n, ldc), ldc
	j.full()
	j.recycle()
}

func (j *gemmJob) recycle() {
	j.a, j.b, j.c, j.e, j.pb, j.tri = nil, nil, nil, Epilogue{}, nil, false
	gemmJobs.Put(j)
}

// stored checks that a holds rows x cols (cols x rows if trans) with stride ld and returns exactly that part.
func stored(a []float32, trans bool, rows, cols, ld int) []float32 {
	if trans {
		rows, cols = cols, rows
	}
	if rows <= 0 || cols <= 0 {
		return nil
	}
	if ld < cols {
		panic("kernel: Gemm: row stride shorter than a row")
	}
	return a[:(rows-1)*ld+cols]
}

func (j *gemmJob) on(stage int) *gemmJob { j.stage = stage; return j }

// perRow sets how many rows an item has and returns the number of items.
func (j *gemmJob) perRow(rows int) int {
	j.mb = max(1, rows)
	return (j.m + j.mb - 1) / j.mb
}

func (j *gemmJob) run(i int) {
	switch j.stage {
	case stagePackB:
		w := scratches.Get().(*scratch)
		c := i * j.s.nr
		w.packB(j.s, j.pb[c*j.k:], j.b, j.ldb, j.tb, 0, j.k, c, j.n)
		scratches.Put(w)
	case stageTiles:
		j.item(i)
	case stageSplit:
		j.part(i)
	case stageDots:
		j.dotRows(i)
	case stageSums:
		j.sumRows(i)
	case stagePackA:
		j.packRows(i)
	case stageColumns:
		j.columns(i)
	}
}

// split cuts the reduction into splitK parts and adds their results in order.
func (j *gemmJob) split() {
	mn := j.m * j.n
	j.kp = rup((j.k+splitK-1)/splitK, 16)
	parts := (j.k + j.kp - 1) / j.kp
	j.pb = grow(&j.partStore, parts*mn)
	parallel(parts, j.on(stageSplit))
	for i := range j.m {
		r := j.c[i*j.ldc : i*j.ldc+j.n]
		copy(r, j.pb[i*j.n:i*j.n+j.n])
		for p := 1; p < parts; p++ {
			j.s.add(r, r, j.pb[p*mn+i*j.n:][:j.n])
		}
		j.finish(r)
	}
}

// part does part i of a split reduction by itself, block by block.
func (j *gemmJob) part(i int) {
	s := j.s
	w := scratches.Get().(*scratch)
	k0, k1 := i*j.kp, min(j.k, (i+1)*j.kp)
	out := j.pb[i*j.m*j.n:]
	none := Epilogue{}
	mb := s.rowsPerBlock()
	pa := grow(&w.a, rup(min(j.m, mb), s.mr)*depth)
	pb := grow(&w.b, rup(j.n, s.nr)*depth)
	w.crow = growPtr(&w.crow, mb)
	for p := k0; p < k1; p += depth {
		b := block{pk: min(depth, k1-p), pa: pa, pb: pb, j1: j.n, n: j.n, first: p == k0}
		b.bstride = b.pk
		for c := 0; c < j.n; c += s.nr {
			w.packB(s, pb[c*b.pk:], j.b, j.ldb, j.tb, p, b.pk, c, j.n)
		}
		for i0 := 0; i0 < j.m; i0 += mb {
			b.im = min(mb, j.m-i0)
			for r := range b.im {
				w.crow[r] = &out[(i0+r)*j.n]
			}
			w.packA(s, pa, j.a, j.lda, j.ta, i0, b.im, p, b.pk)
			w.macro(s, &b, &none)
		}
	}
	scratches.Put(w)
}

// finish applies the epilogue to a finished row of C.
func (j *gemmJob) finish(r []float32) {
	if j.e.Bias != nil {
		j.s.add(r, r, j.e.Bias)
	}
	activate(j.s, r, j.e.Act, j.e.Alpha)
}

func activate(s *set, y []float32, a Act, alpha float32) {
	switch {
	case a == ActLeakyReLU && alpha == 0:
		s.relu(y, y)
	case a == ActLeakyReLU:
		s.leaky(y, y, alpha)
	case a != ActNone:
		a.vector(s)(y, y)
	}
}

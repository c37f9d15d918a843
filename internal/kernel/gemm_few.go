package kernel

// smallBatch is the number of rows of C up to which a packed panel of B is used at once, while it is in the first-level cache: it serves so few rows that its
// way to the second-level cache and back would take a tenth of the time. It is the rule for layers of large weights and small batches.
const smallBatch = 64

// few packs all of A, then goes through B by groups of columns.
func (j *gemmJob) few() {
	s := j.s
	blocks := (j.k + depth - 1) / depth
	j.pb = grow(&j.store, blocks*j.blockOfA())
	j.do(stagePackA, blocks, j.m*j.k <= 1<<14)
	j.per = min(4, max(1, panels(j.n, s.nr)/(8*Threads()))) * s.nr
	j.do(stageColumns, panels(j.n, j.per), false)
}

// blockOfA is the room for a packed block of A. Packers write past the end of a panel, into the next one before its turn, and into the gap after the last.
func (j *gemmJob) blockOfA() int { return rup(j.m, j.s.mr)*depth + slack }

func (j *gemmJob) packRows(i int) {
	w := scratches.Get().(*scratch)
	p := i * depth
	w.packA(j.s, j.pb[i*j.blockOfA():], j.a, j.lda, j.ta, 0, j.m, p, min(depth, j.k-p))
	scratches.Put(w)
}

// columns multiplies all rows with one group of columns.
func (j *gemmJob) columns(t int) {
	s := j.s
	w := scratches.Get().(*scratch)
	w.crow = growPtr(&w.crow, j.m)[:j.m]
	for i := range j.m {
		w.crow[i] = &j.c[i*j.ldc]
	}
	b := block{im: j.m, n: j.n, pb: grow(&w.b, s.nr*min(depth, j.k))}
	for p := 0; p < j.k; p += depth {
		b.pk = min(depth, j.k-p)
		b.first, b.end = p == 0, p+b.pk == j.k
		b.pa = j.pb[p/depth*j.blockOfA():]
		for c := t * j.per; c < min(j.n, (t+1)*j.per); c += s.nr {
			w.packB(s, b.pb, j.b, j.ldb, j.tb, p, b.pk, c, j.n)
			b.j0, b.j1 = c, min(j.n, c+s.nr)
			w.macro(s, &b, &j.e)
		}
	}
	scratches.Put(w)
}

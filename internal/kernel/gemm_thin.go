package kernel

// empty is the product over no terms: zero before bias and activation.
func (j *gemmJob) empty() {
	for i := range j.m {
		r := j.c[i*j.ldc : i*j.ldc+j.n]
		if !j.e.Add {
			clear(r)
		}
		j.finish(r)
	}
}

// dots handles n < 8 with A by rows: each result is one scalar product, some rows at a time.
func (j *gemmJob) dots() {
	j.pb = grow(&j.store, j.n*j.k)
	for c := range j.n {
		for p := range j.k {
			if j.tb {
				j.pb[c*j.k+p] = j.b[c*j.ldb+p]
			} else {
				j.pb[c*j.k+p] = j.b[p*j.ldb+c]
			}
		}
	}
	parallel(j.perRow(rup(grain/2/(j.n*j.k)+1, j.s.thinRows)), j.on(stageDots))
}

func (j *gemmJob) dotRows(t int) {
	w := scratches.Get().(*scratch)
	s, i1 := j.s, min(j.m, (t+1)*j.mb)
	for i := t * j.mb; i < i1; i += s.thinRows {
		cnt := min(s.thinRows, i1-i)
		for q := range s.thinRows {
			w.rows[q] = &j.a[(i+min(q, cnt-1))*j.lda]
			w.part[q] = &j.c[(i+min(q, cnt-1))*j.ldc]
		}
		w.thin(s, 1, j.k, 0, 0, j.k, j.pb, cnt, j.n, &j.e)
		for r := i; r < i+cnt && j.e.Act != ActNone; r++ {
			activate(s, j.c[r*j.ldc:r*j.ldc+j.n], j.e.Act, j.e.Alpha)
		}
	}
	scratches.Put(w)
}

// thin computes cnt rows of n columns each, from w.rows to w.part, but for the activation. wt holds the columns, ldw apart; see set.thin.
func (w *scratch) thin(s *set, runs, k, xstride, wstride, ldw int, wt []float32, cnt, n int, e *Epilogue) {
	for c := 0; c < n; {
		g := min(3, n-c)
		if n-c == 4 { // two and two
			g = 2
		}
		s.thin[g-1](runs, k, xstride, wstride, ldw, &wt[c*ldw], &w.rows, &w.trash[0])
		for r, p := range w.part[:cnt] {
			o := floats(at(p, c), g)
			for q := range o {
				v := w.trash[q*s.thinRows+r]
				if e.Bias != nil {
					v += e.Bias[c+q]
				}
				if e.Add {
					v += o[q]
				}
				o[q] = v
			}
		}
		c += g
	}
}

// sumRows handles a transposed A and few columns: a column of C is a sum of the rows of A as stored.
func (j *gemmJob) sumRows(t int) {
	w := scratches.Get().(*scratch)
	i0, i1 := t*j.mb, min(j.m, (t+1)*j.mb)
	sum := grow(&w.a, i1-i0)
	for c := range j.n {
		clear(sum)
		for p := range j.k {
			v := p*j.ldb + c
			if j.tb {
				v = c*j.ldb + p
			}
			j.s.axpy(sum, j.a[p*j.lda+i0:p*j.lda+i1], j.b[v])
		}
		for i, v := range sum {
			o := (i0+i)*j.ldc + c
			if j.e.Bias != nil {
				v += j.e.Bias[c]
			}
			if j.e.Add {
				v += j.c[o]
			}
			j.c[o] = v
		}
	}
	if j.e.Act != ActNone {
		for i := i0; i < i1; i++ {
			activate(j.s, j.c[i*j.ldc:i*j.ldc+j.n], j.e.Act, j.e.Alpha)
		}
	}
	scratches.Put(w)
}

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

// dots handles n < 8 with A by rows: each result is one scalar product.
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
	parallel(j.perRow(grain/2/(j.n*j.k)+1), j.on(stageDots))
}

func (j *gemmJob) dotRows(t int) {
	for i := t * j.mb; i < min(j.m, (t+1)*j.mb); i++ {
		r := j.c[i*j.ldc : i*j.ldc+j.n]
		a := j.a[i*j.lda : i*j.lda+j.k]
		for c := range r {
			v := j.s.dot(a, j.pb[c*j.k:(c+1)*j.k])
			if j.e.Bias != nil {
				v += j.e.Bias[c]
			}
			if j.e.Add {
				v += r[c]
			}
			r[c] = v
		}
		activate(j.s, r, j.e.Act, j.e.Alpha)
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

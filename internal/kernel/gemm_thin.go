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

package kernel

import "sync"

// Sum returns the sum of x, added in float64 over fixed blocks of 32768 elements that are combined in order.
func Sum(x []float32) float64 {
	s := 0.0
	for ; len(x) > grain; x = x[grain:] {
		s += active.sum(x[:grain])
	}
	return s + active.sum(x)
}

// Dot returns the scalar product of a and b[:len(a)], float32 sums in a fixed order.
func Dot(a, b []float32) float32 { return active.dot(a, b[:len(a)]) }

// RowDot sets out[r] = a[r,:] . b[r,:] for matrices of rows x c.
func RowDot(rows, c int, out, a, b []float32) {
	runRows(rowJob{kind: rowDot, rows: rows, c: c, y: out[:rows], x: a[:rows*c], z: b[:rows*c]})
}

// RowSum sets out[r] to the sum of row r of the rows x c matrix x.
func RowSum(rows, c int, out, x []float32) {
	runRows(rowJob{kind: rowSum, rows: rows, c: c, y: out[:rows], x: x[:rows*c]})
}

// FirstNonFinite returns the index of the first NaN or infinity in x, -1 if there is none.
func FirstNonFinite(x []float32) int {
	const step = 4096
	for lo := 0; lo < len(x); lo += step {
		hi := min(len(x), lo+step)
		if active.finite(x[lo:hi]) {
			continue
		}
		for i, v := range x[lo:hi] {
			if v-v != 0 {
				return lo + i
			}
		}
	}
	return -1
}

// colBlock is the number of rows summed in float32 before float64 takes over.
const colBlock = 256

type colJob struct {
	rows, c   int
	x, y, tmp []float32
}

var colJobs = sync.Pool{New: func() any { return new(colJob) }}

func (j *colJob) run(i int) {
	r0, r1 := i*colBlock, min(j.rows, (i+1)*colBlock)
	x := j.x[r0*j.c : r1*j.c]
	t := j.tmp[2*j.c*i : 2*j.c*(i+1)]
	if j.y == nil {
		active.colSum(r1-r0, j.c, t[:j.c], x)
		return
	}
	active.colSums(r1-r0, j.c, t[:j.c], t[j.c:], x, j.y[r0*j.c:r1*j.c])
}

// ColSums sets, for each column of rows x c matrices, s = sum x and q = sum x*y (y = x gives the sum of squares).
// With y nil only s is set and q may be nil. Blocks of 256 rows are summed in float32 and combined in float64, in order.
func ColSums(rows, c int, s, q []float64, x, y []float32) {
	s, x = s[:c], x[:rows*c]
	if y != nil {
		y, q = y[:rows*c], q[:c]
	}
	clear(s)
	clear(q)
	if rows == 0 || c == 0 {
		return
	}
	nb := (rows + colBlock - 1) / colBlock
	j := colJobs.Get().(*colJob)
	*j = colJob{rows, c, x, y, grow(&j.tmp, 2*c*nb)}
	if rows*c <= grain {
		inline(nb, j)
	} else {
		parallel(nb, j)
	}
	for i := range nb {
		t := j.tmp[2*c*i : 2*c*(i+1)]
		for k := range s {
			s[k] += float64(t[k])
		}
		if y == nil {
			continue
		}
		for k := range q {
			q[k] += float64(t[c+k])
		}
	}
	j.x, j.y = nil, nil
	colJobs.Put(j)
}

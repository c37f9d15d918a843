package kernel

import "sync"

// LSTM is the elementwise part of a recurrent cell [hochreiter1997]: n rows of k units. Gates are rows of 4k numbers, i, f, o, g one after the other. Each
// operation is rounded by itself, so that the results have the bits of the cell written out in elementwise functions.
type LSTM struct{ N, K int }

type lstmStage uint8

const (
	lstmGates lstmStage = iota
	lstmGatesGrad
	lstmCell
	lstmCellGrad
)

// lstmJob is one call, cut by rows. The slices are those of the calls below, in their order.
type lstmJob struct {
	LSTM
	stage lstmStage
	per   int
	x     [8][]float32
}

var lstmJobs = sync.Pool{New: func() any { return new(lstmJob) }}

func (l LSTM) each(stage lstmStage, x [8][]float32) {
	if l.N <= 0 || l.K <= 0 {
		return
	}
	j := lstmJobs.Get().(*lstmJob)
	j.LSTM, j.stage, j.x = l, stage, x
	j.per = max(1, grain/4/(4*l.K))
	if l.N <= j.per || Threads() == 1 {
		j.per = l.N
		j.run(0)
	} else {
		parallel((l.N+j.per-1)/j.per, j)
	}
	j.x = [8][]float32{}
	lstmJobs.Put(j)
}

// Gates sets y = sigmoid of i, f and o and tanh of g. y may be x.
func (l LSTM) Gates(y, x []float32) { l.each(lstmGates, [8][]float32{l.gates(y), l.gates(x)}) }

// GatesGrad sets dx to the gradient of Gates' input from its result y and the gradient g of that. dx may be either.
func (l LSTM) GatesGrad(dx, y, g []float32) {
	l.each(lstmGatesGrad, [8][]float32{l.gates(dx), l.gates(y), l.gates(g)})
}

// Cell sets the new state c2 = f c + i g, t = tanh c2 and h = o t, from gates that Gates computed.
func (l LSTM) Cell(c2, h, t, gates, c []float32) {
	l.each(lstmCell, [8][]float32{l.units(c2), l.units(h), l.units(t), l.gates(gates), l.units(c)})
}

// CellGrad sets the gradients of Cell's gates and state from those of its results c2 and h, and the t that it left.
func (l LSTM) CellGrad(dgates, dc, gates, c, t, gc, gh []float32) {
	l.each(lstmCellGrad, [8][]float32{l.gates(dgates), l.units(dc), l.gates(gates), l.units(c), l.units(t), l.units(gc), l.units(gh)})
}

func (l LSTM) gates(x []float32) []float32 { return x[:4*l.N*l.K] }
func (l LSTM) units(x []float32) []float32 { return x[:l.N*l.K] }

func (j *lstmJob) run(i int) {
	s, k, x := active, j.K, &j.x
	r0, r1 := i*j.per, min(j.N, (i+1)*j.per)
	switch j.stage {
	case lstmGates:
		for r := 4 * k * r0; r < 4*k*r1; r += 4 * k {
			s.sigmoid(x[0][r:r+3*k], x[1][r:r+3*k])
			s.tanh(x[0][r+3*k:r+4*k], x[1][r+3*k:r+4*k])
		}
	case lstmGatesGrad:
		for r := 4 * k * r0; r < 4*k*r1; r += 4 * k {
			s.sigmoidGrad(x[0][r:r+3*k], x[1][r:r+3*k], x[2][r:r+3*k])
			s.tanhGrad(x[0][r+3*k:r+4*k], x[1][r+3*k:r+4*k], x[2][r+3*k:r+4*k])
		}
	case lstmCell:
		j.cell(s, r0, r1)
	case lstmCellGrad:
		j.cellGrad(s, r0, r1)
	}
}

// four cuts a row of gates.
func four(x []float32, r, k int) (i, f, o, g []float32) {
	x = x[4*k*r : 4*k*(r+1)]
	return x[:k], x[k : 2*k], x[2*k : 3*k], x[3*k:]
}

func (j *lstmJob) cell(s *set, r0, r1 int) {
	k := j.K
	c2, h, t, gates, c := j.x[0], j.x[1], j.x[2], j.x[3], j.x[4]
	for r := r0; r < r1; r++ {
		i, f, _, g := four(gates, r, k)
		s.lstmState(c2[r*k:(r+1)*k], f, c[r*k:], i, g)
	}
	s.tanh(t[r0*k:r1*k], c2[r0*k:r1*k])
	for r := r0; r < r1; r++ {
		_, _, o, _ := four(gates, r, k)
		s.mul(h[r*k:(r+1)*k], o, t[r*k:])
	}
}

func (j *lstmJob) cellGrad(s *set, r0, r1 int) {
	w := scratches.Get().(*scratch)
	k := j.K
	d := grow(&w.a, k)
	for r := r0; r < r1; r++ {
		at := func(n int) []float32 { return j.x[n][r*k : (r+1)*k] }
		i, f, o, g := four(j.x[2], r, k)
		di, df, do, dg := four(j.x[0], r, k)
		dc, c, t, gc, gh := at(1), at(3), at(4), at(5), at(6)
		s.lstmCarry(d, gc, t, o, gh)
		s.mul(do, t, gh)
		s.mulBoth(di, dg, d, g, i)
		s.mulBoth(df, dc, d, c, f)
	}
	scratches.Put(w)
}

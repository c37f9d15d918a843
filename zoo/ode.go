package zoo

import (
	"context"
	"fmt"
	"math"
)

// derivatives gives dy[i] = f(t[i], y[i]) for the rows of a batch, each at a time of its own. A row's result may not depend on the others.
type derivatives func(ctx context.Context, t []float64, y, dy [][]float64) error

// tableau is an explicit Runge-Kutta method: stage i is evaluated at t + c_i h from the stages before it, the step is y + h sum b_i k_i.
type tableau struct {
	name string
	c, b []float64
	a    [][]float64
}

func (m tableau) stages() int { return len(m.b) }

// The methods of fixed steps.
var fixedMethods = []tableau{
	{"euler", []float64{0}, []float64{1}, [][]float64{{}}},
	{"midpoint", []float64{0, 0.5}, []float64{0, 1}, [][]float64{{}, {0.5}}},
	{"heun", []float64{0, 1}, []float64{0.5, 0.5}, [][]float64{{}, {1}}},
	{"rk4", []float64{0, 0.5, 0.5, 1}, []float64{1. / 6, 1. / 3, 1. / 3, 1. / 6}, [][]float64{{}, {0.5}, {0, 0.5}, {0, 0, 1}}},
}

// dopri5 is the pair of orders five and four of [dormand1980]; the last stage is the first of the next step. dopriError is the difference of the two orders.
var (
	dopri5 = tableau{"dopri5", []float64{0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1},
		[]float64{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84, 0},
		[][]float64{{}, {1. / 5}, {3. / 40, 9. / 40}, {44. / 45, -56. / 15, 32. / 9}, {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
			{9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656}, {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}}}
	dopriError = []float64{71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40}
)

// solverNames are the words of the setting solver.
func solverNames() []string {
	var names []string
	for _, m := range fixedMethods {
		names = append(names, m.name)
	}
	return append(names, dopri5.name)
}

func fixedMethod(name string) (tableau, bool) {
	for _, m := range fixedMethods {
		if m.name == name {
			return m, true
		}
	}
	return tableau{}, false
}

// solving is a batch of rows on their way.
type solving struct {
	f     derivatives
	y     [][]float64 // the rows' states, moved in place
	t, at []float64   // the time of each row, and of its stage
	stage [][]float64
	k     [][][]float64
}

func newSolving(f derivatives, y [][]float64, t float64, stages int) *solving {
	s := &solving{f: f, y: y, t: make([]float64, len(y)), at: make([]float64, len(y)), stage: blankLike(y)}
	for i := range s.t {
		s.t[i] = t
	}
	for range stages {
		s.k = append(s.k, blankLike(y))
	}
	return s
}

func blankLike(y [][]float64) [][]float64 {
	out := make([][]float64, len(y))
	for i := range y {
		out[i] = make([]float64, len(y[i]))
	}
	return out
}

// evaluate fills stages from to the last of a step of length h[i] for each row.
func (s *solving) evaluate(ctx context.Context, m tableau, h []float64, from int) error {
	for j := from; j < m.stages(); j++ {
		for i, y := range s.y {
			s.at[i] = s.t[i] + m.c[j]*h[i]
			for v := range y {
				sum := y[v]
				for l, a := range m.a[j] {
					sum += h[i] * a * s.k[l][i][v]
				}
				s.stage[i][v] = sum
			}
		}
		if err := s.f(ctx, s.at, s.stage, s.k[j]); err != nil {
			return err
		}
	}
	return nil
}

// solveFixed moves the rows from t0 to t1 in equal steps.
func solveFixed(ctx context.Context, m tableau, f derivatives, y [][]float64, t0, t1 float64, steps int) error {
	s := newSolving(f, y, t0, m.stages())
	h := make([]float64, len(y))
	for n := range steps {
		for i := range h {
			s.t[i] = t0 + (t1-t0)*float64(n)/float64(steps)
			h[i] = t0 + (t1-t0)*float64(n+1)/float64(steps) - s.t[i]
		}
		if err := s.evaluate(ctx, m, h, 0); err != nil {
			return err
		}
		for i, row := range y {
			for v := range row {
				for j, b := range m.b {
					row[v] += h[i] * b * s.k[j][i][v]
				}
			}
		}
	}
	return nil
}

// The adaptive solver gives up on a row after so many steps: its field has no end, or the tolerance is beyond float32.
const maxAdaptive = 10_000

// solveAdaptive moves every row from t0 to t1 by dopri5 with steps of its own, whose error is at most tolerance (1 + |y|) in the root mean square of the values, and adds to
// evaluations what each row took. Rows do not feel each other: their paths are those they would take alone.
func solveAdaptive(ctx context.Context, f derivatives, y [][]float64, t0, t1, tolerance float64, evaluations []int) error {
	s := newSolving(f, y, t0, dopri5.stages())
	h, done, left := make([]float64, len(y)), make([]bool, len(y)), len(y)
	for i := range h {
		h[i] = (t1 - t0) / 50
		evaluations[i]++
	}
	if err := f(ctx, s.t, y, s.k[0]); err != nil {
		return err
	}
	for n := 0; left > 0; n++ {
		if n == maxAdaptive {
			return fmt.Errorf("the adaptive solver took %d steps and is not there: set tolerance higher than %g, or take a solver of fixed steps", n, tolerance)
		}
		for i := range h { // a row that is there waits
			if done[i] {
				h[i] = 0
			} else {
				evaluations[i] += dopri5.stages() - 1
			}
		}
		if err := s.evaluate(ctx, dopri5, h, 1); err != nil {
			return err
		}
		for i := range y {
			if done[i] {
				continue
			}
			if s.accept(i, &h[i], t1, tolerance) {
				done[i] = true
				left--
			}
		}
	}
	return nil
}

// accept takes a row's step if its error allows, chooses the next one, and says whether the row has arrived.
func (s *solving) accept(i int, h *float64, t1, tolerance float64) bool {
	last, sum := dopri5.stages()-1, 0.0
	for v, y := range s.y[i] {
		e := 0.0
		for j, b := range dopriError {
			e += b * s.k[j][i][v]
		}
		e *= *h / (tolerance * (1 + math.Max(math.Abs(y), math.Abs(s.stage[i][v]))))
		sum += e * e
	}
	size := math.Sqrt(sum / float64(len(s.y[i])))
	taken := size <= 1
	if taken {
		s.t[i] += *h
		copy(s.y[i], s.stage[i]) // the last stage stands where the step ends
		copy(s.k[0][i], s.k[last][i])
	}
	factor := 0.2
	if size-size == 0 {
		factor = min(5, max(0.2, 0.9*math.Pow(max(size, 1e-10), -0.2)))
	}
	*h *= factor
	rest := t1 - s.t[i]
	if math.Abs(rest) <= 1e-12*math.Max(1, math.Abs(t1)) {
		return true
	}
	if math.Abs(*h) > math.Abs(rest) {
		*h = rest
	}
	return false
}

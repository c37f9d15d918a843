package nn

import "math"

// Sinusoid returns [N, width]: the position embedding of each number of t [N] [vaswani2017], in the order of diffusion models' code [ho2020]:
//
//	cos(f_j t), j = 0 ... width/2 - 1, then sin(f_j t),   f_j = period^(-2j/width)
//
// It tells apart numbers that differ by about 1 or more, up to about the period. width is even.
func Sinusoid(t *Node, width int, period float64) *Node {
	if width < 2 || width%2 != 0 || !(period > 1) {
		misuse("sinusoid", "width %d and period %v, want an even width and a period above 1", width, period)
	}
	wantVector("sinusoid", t, sizeOf(t))
	return sinusoid(t, width, period, 0)
}

// sinusoid is the order-th derivative of the embedding.
func sinusoid(t *Node, width int, period float64, order int) *Node {
	n, half := sizeOf(t), width/2
	freq, scale := make([]float64, half), make([]float64, half)
	for j := range freq {
		freq[j] = math.Pow(period, -float64(j)/float64(half))
		scale[j] = math.Pow(freq[j], float64(order))
	}
	return apply(&Op{name: named("sinusoid(%d,%v,%d)", width, period, order), out: shape(n, width), wrt: yes[:1],
		eval: func(o []float32, in [][]float32) {
			turn := float64(order) * math.Pi / 2
			for i, v := range in[0][:n] {
				row := o[i*width : (i+1)*width]
				for j, f := range freq {
					sin, cos := math.Sincos(f*float64(v) + turn)
					row[j], row[half+j] = float32(scale[j]*cos), float32(scale[j]*sin)
				}
			}
		},
		diff: func(_, g *Node) []*Node { return []*Node{RowDot(g, sinusoid(t, width, period, order+1))} }}, t)
}

type timeEmbedding struct {
	in     int
	scale  float32
	hidden Layer
}

// Periods and units of TimeEmbedding: numbers in [0, 1] are read as up to a thousand steps, which the longest wave of 10 000 tells apart.
const (
	timePeriod = 10_000
	timeSteps  = 1000
)

// TimeEmbedding maps times [N], in units of the whole way, to [N, width]: the position embedding of a thousand times t, through a layer of width units, SiLU and another
// layer [ho2020]. width is even.
func TimeEmbedding(s *Scope, width int) Layer {
	return &timeEmbedding{width, timeSteps, Seq(Dense(s.Sub("fc1"), width, width), SiLU, Dense(s.Sub("fc2"), width, width))}
}

// Forward implements Layer.
func (l *timeEmbedding) Forward(t *Node, m Mode) *Node {
	return l.hidden.Forward(Sinusoid(Scale(t, l.scale), l.in, timePeriod), m)
}

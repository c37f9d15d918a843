package imaging

import (
	"math"
)

// axis holds, for every output position, the first source position and the weights of the ones from there on. All weights of one output are
// kept in float64 whatever the engine computes in; sum32 rounds them once.
type axis struct {
	in, out int
	first   []int
	weight  [][]float64
}

func newAxis(in, out int) axis {
	return axis{in: in, out: out, first: make([]int, out), weight: make([][]float64, out)}
}

// windows64 places a filter at the output's centre (i + 1/2) in/out, widened by in/out when shrinking, cut to the image and normalised. The
// limits are truncated after adding a half, which is how Pillow decides whether a source pixel on the edge of the window counts.
func windows64(f filter) func(in, out int) axis {
	return func(in, out int) axis {
		a := newAxis(in, out)
		scale := float64(in) / float64(out)
		wide := max(scale, 1)
		half := f.half * wide
		for i := range out {
			center := (float64(i) + 0.5) * scale
			lo := max(int(center-half+0.5), 0)
			hi := min(int(center+half+0.5), in)
			w, total := make([]float64, hi-lo), 0.0
			for j := range w {
				w[j] = f.at((float64(j+lo) - center + 0.5) * (1 / wide))
				total += w[j]
			}
			if total != 0 {
				for j := range w {
					w[j] /= total
				}
			}
			a.first[i], a.weight[i] = lo, w
		}
		return a
	}
}

// windows32 is windows64 with every step in float32, as PyTorch computes its antialiased weights.
func windows32(in, out int, f filter) axis {
	a := newAxis(in, out)
	scale := float32(in) / float32(out)
	wide := max(scale, 1)
	half := float32(f.half) * wide
	for i := range out {
		center := scale * (float32(i) + 0.5)
		lo := max(int(center-half+0.5), 0)
		hi := min(int(center+half+0.5), in)
		w, total := make([]float64, hi-lo), float32(0)
		for j := range w {
			v := float32(f.at(float64((float32(j+lo) - center + 0.5) * (1 / wide))))
			w[j] = float64(v)
			total += v
		}
		if total != 0 {
			for j := range w {
				w[j] = float64(float32(w[j]) / total)
			}
		}
		a.first[i], a.weight[i] = lo, w
	}
	return a
}

// halfPixelAxis interpolates at (i + 1/2) in/out - 1/2, clamped at 0, between the two neighbours.
func halfPixelAxis(in, out int) axis {
	a := newAxis(in, out)
	scale := float32(in) / float32(out)
	for i := range out {
		s := max(float32(scale*(float32(i)+0.5))-0.5, 0)
		lo := min(int(s), in-1)
		t := s - float32(lo)
		a.first[i] = lo
		if lo == in-1 {
			a.weight[i] = []float64{1}
			continue
		}
		a.weight[i] = []float64{float64(1 - t), float64(t)}
	}
	return a
}

// tfAxis keeps the lower neighbour and the fraction of i in/out: weight holds one number, the share of the upper neighbour.
func tfAxis(in, out int) axis {
	a := newAxis(in, out)
	scale := float32(in) / float32(out)
	for i := range out {
		s := float32(i) * scale
		a.first[i] = min(int(s), in-1)
		a.weight[i] = []float64{float64(s - float32(int(s)))}
	}
	return a
}

// cubicAxis is Keys' cubic with a = -3/4 at the unclamped (i + 1/2) in/out - 1/2; taps outside the image fall on the edge pixel.
func cubicAxis(in, out int) axis {
	const b = -0.75
	near := func(x float32) float32 { return float32(float32(float32((b+2)*x)-(b+3))*x*x) + 1 }
	far := func(x float32) float32 {
		return float32(float32(float32(float32(float32(b*x)-5*b)*x)+8*b)*x) - 4*b
	}
	a := newAxis(in, out)
	scale := float32(in) / float32(out)
	for i := range out {
		s := float32(scale*(float32(i)+0.5)) - 0.5
		base := int(math.Floor(float64(s)))
		t := s - float32(base)
		lo, hi := min(max(base-1, 0), in-1), min(max(base+2, 0), in-1)
		w := make([]float64, hi-lo+1)
		for j, v := range [4]float32{far(t + 1), near(t), near(1 - t), far(2 - t)} {
			at := min(max(base-1+j, 0), in-1) - lo
			w[at] = float64(float32(w[at]) + v)
		}
		a.first[i], a.weight[i] = lo, w
	}
	return a
}

func areaAxis(in, out int) axis {
	a := newAxis(in, out)
	for i := range out {
		lo, hi := i*in/out, ((i+1)*in+out-1)/out
		w := make([]float64, hi-lo)
		for j := range w {
			w[j] = float64(1 / float32(hi-lo))
		}
		a.first[i], a.weight[i] = lo, w
	}
	return a
}

func floorAxis(in, out int) axis {
	a := newAxis(in, out)
	scale := float32(in) / float32(out)
	for i := range out {
		a.first[i] = min(int(float32(i)*scale), in-1)
	}
	return a
}

// pillowNearestAxis adds the step up instead of multiplying: the round-off decides ties, so it is part of the result.
func pillowNearestAxis(in, out int) axis {
	a := newAxis(in, out)
	step := float64(in) / float64(out)
	at := step * 0.5
	for i := range out {
		a.first[i] = min(int(at), in-1)
		at += step
	}
	return a
}

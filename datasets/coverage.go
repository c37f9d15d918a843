package datasets

import "math"

// fillShape renders a shape white on black, every pixel the exact share of its area that the shape covers (winding numbers above 1 count once).
//
// Each edge adds, in every row it crosses, the signed area to its right: a cell gets the change of coverage against its left neighbour, and a running sum
// along the row gives the coverage. So the cost is that of the outline, not of the image.
func fillShape(dst []float32, size int, s shape) {
	stride := size + 2 // an edge at the right border writes one cell beyond it
	change := make([]float64, size*stride)
	for _, c := range s {
		for i := range c {
			edge(change, size, stride, c[i], c[(i+1)%len(c)])
		}
	}
	for y := range size {
		var sum float64
		for x := range size {
			sum += change[y*stride+x]
			dst[y*size+x] = ink(sum)
		}
	}
}

// edge adds one edge. Its parts beyond the image's borders are cut off exactly.
func edge(change []float64, size, stride int, p, q [2]float64) {
	sign := -1.0 // y down and positive area: the interior lies to the right of an edge that goes up
	if p[1] > q[1] {
		p, q, sign = q, p, 1.0
	}
	if !(q[1] > p[1]) {
		return
	}
	limit := float64(size)
	slope := (q[0] - p[0]) / (q[1] - p[1])
	top, bottom := max(p[1], 0), min(q[1], limit)
	for y := int(top); float64(y) < bottom; y++ {
		y0, y1 := max(top, float64(y)), min(bottom, float64(y+1))
		xa, xb := p[0]+(y0-p[1])*slope, p[0]+(y1-p[1])*slope
		row, height, lo, hi := change[y*stride:(y+1)*stride], sign*(y1-y0), min(xa, xb), max(xa, xb)
		if lo < 0 { // what lies left of the image covers whole rows of it
			left := height
			if hi > 0 {
				left *= -lo / (hi - lo)
			}
			row[0] += left
			height, lo = height-left, 0
		}
		if hi > limit { // what lies right of it covers nothing
			if lo >= limit {
				continue
			}
			height, hi = height*(limit-lo)/(hi-lo), limit
		}
		if hi > 0 {
			across(row, height, lo, hi)
		}
	}
}

// across spreads the height of one edge over the cells it passes between lo and hi.
func across(row []float64, height, lo, hi float64) {
	first := int(lo)
	if hi <= float64(first+1) {
		share := (lo+hi)/2 - float64(first)
		row[first] += height * (1 - share)
		row[first+1] += height * share
		return
	}
	for x := first; float64(x) < hi; x++ {
		a, b := math.Max(lo, float64(x)), math.Min(hi, float64(x+1))
		part := height * (b - a) / (hi - lo)
		share := (a+b)/2 - float64(x)
		row[x] += part * (1 - share)
		row[x+1] += part * share
	}
}

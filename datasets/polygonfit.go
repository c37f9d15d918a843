package datasets

import (
	"math"
	"slices"
)

// polygonFit finds the polygon nearest to an image: what is left is the image's distance from all that the set could draw [lucic2018]. Its pixels are exact shares of
// area, of which the set's 8 x 8 sub-pixels are a rounding.
type polygonFit struct {
	size, n  int     // edge of the image; vertices
	minAngle float64 // in radians
	target   []float64

	pix  []float64
	jac  []float64 // size*size x 2n
	cuts []float64
}

// Weights of what a polygon of the set must not be, in the units of a pixel's ink: sharper than the least angle, smaller than polygonArea, outside of the image.
const (
	fitAngle, fitArea, fitOutside = 20, 10, 2
	fitSteps                      = 40 // of Levenberg and Marquardt, from each start
)

// distance is the squared distance of an image, values in [0, 1], from the nearest polygon: the least over the starts.
func (f *polygonFit) distance(target []float64) float64 {
	f.target = target
	best := math.Inf(1)
	for _, start := range f.starts() {
		if d := f.descend(start); d < best {
			best = d
		}
	}
	return best
}

// starts are polygons to begin from: the convex hull of the inked pixels, cut down to n corners, and regular shapes stretched to the moments of the ink.
func (f *polygonFit) starts() [][]float64 {
	var out [][]float64
	if hull := f.hull(); len(hull) == 2*f.n {
		out = append(out, hull)
	}
	sum, mx, my := 0.0, 0.0, 0.0
	for i, v := range f.target {
		sum, mx, my = sum+v, mx+v*(float64(i%f.size)+.5), my+v*(float64(i/f.size)+.5)
	}
	if sum < 1e-3 {
		sum, mx, my = 1, float64(f.size)/2, float64(f.size)/2
	} else {
		mx, my = mx/sum, my/sum
	}
	var xx, xy, yy float64
	for i, v := range f.target {
		dx, dy := float64(i%f.size)+.5-mx, float64(i/f.size)+.5-my
		xx, xy, yy = xx+v*dx*dx/sum, xy+v*dx*dy/sum, yy+v*dy*dy/sum
	}
	// A triangle's second moments are those of its corners over 12; others are near enough. The Cholesky factor stretches the unit circle to them.
	a := math.Sqrt(max(xx, .25))
	b := xy / a
	c := math.Sqrt(max(yy-b*b, .25))
	const turns = 4
	for k := range turns {
		p := make([]float64, 0, 2*f.n)
		for i := range f.n {
			t := 2 * math.Pi * (float64(i) + float64(k)/turns) / float64(f.n)
			u, v := 2*math.Cos(t), 2*math.Sin(t)
			p = append(p, mx+a*u, my+b*u+c*v)
		}
		out = append(out, p)
	}
	return out
}

// hull is the convex hull of the corners of pixels more than half inked, without the corners that add least.
func (f *polygonFit) hull() []float64 {
	type point = [2]float64
	var pts []point
	for i, v := range f.target {
		if v > .5 {
			pts = append(pts, point{float64(i%f.size) + .5, float64(i/f.size) + .5})
		}
	}
	slices.SortFunc(pts, func(a, b point) int {
		if a[0] != b[0] {
			return int(math.Copysign(1, a[0]-b[0]))
		}
		return int(math.Copysign(1, a[1]-b[1]))
	})
	cross := func(a, b, c point) float64 { return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0]) }
	var chain []point
	for _, turn := range []bool{false, true} { // lower, then upper
		low := len(chain)
		if turn {
			slices.Reverse(pts)
		}
		for _, p := range pts {
			for len(chain) >= low+2 && cross(chain[len(chain)-2], chain[len(chain)-1], p) <= 0 {
				chain = chain[:len(chain)-1]
			}
			chain = append(chain, p)
		}
		chain = chain[:max(0, len(chain)-1)]
	}
	for len(chain) > f.n {
		least, at := math.Inf(1), 0
		for i := range chain {
			a, b, c := chain[(i+len(chain)-1)%len(chain)], chain[i], chain[(i+1)%len(chain)]
			if area := math.Abs(cross(a, b, c)); area < least {
				least, at = area, i
			}
		}
		chain = slices.Delete(chain, at, at+1)
	}
	var flat []float64
	for _, p := range chain {
		flat = append(flat, p[0], p[1])
	}
	return flat
}

// descend takes Levenberg's and Marquardt's steps from a start and returns the squared distance of the image from the polygon where they end.
func (f *polygonFit) descend(p []float64) float64 {
	k := len(p)
	cost, grad, hess := f.normal(p)
	damp := 1e-2
	for range fitSteps {
		a := slices.Clone(hess)
		for i := range k {
			a[i*k+i] += damp*(hess[i*k+i]) + 1e-9
		}
		step := solve(a, grad)
		next := slices.Clone(p)
		for i := range next {
			next[i] -= max(-4, min(4, step[i])) // no further than a few pixels at a time
		}
		c, g, h := f.normal(next)
		if c < cost {
			gain := cost - c
			p, cost, grad, hess, damp = next, c, g, h, max(damp/5, 1e-9)
			if gain < 1e-7*(1+cost) {
				break
			}
		} else if damp *= 6; damp > 1e8 {
			break
		}
	}
	return f.squares(p)
}

// squares is the sum of squared differences of the pixels alone.
func (f *polygonFit) squares(p []float64) (sum float64) {
	f.render(p)
	for i, v := range f.pix {
		d := v - f.target[i]
		sum += d * d
	}
	return sum
}

// normal is the cost with its penalties, and the normal equations' right side and matrix.
func (f *polygonFit) normal(p []float64) (cost float64, grad, hess []float64) {
	k := len(p)
	grad, hess = make([]float64, k), make([]float64, k*k)
	f.render(p)
	add := func(r float64, row []float64) {
		cost += r * r
		for i, v := range row {
			if v == 0 {
				continue
			}
			grad[i] += r * v
			for j, w := range row {
				hess[i*k+j] += v * w
			}
		}
	}
	for i, v := range f.pix {
		add(v-f.target[i], f.jac[i*k:(i+1)*k])
	}
	const h = 1e-6
	row := make([]float64, k)
	for _, penalty := range f.penalties(p) {
		r := penalty(p)
		if r == 0 {
			continue
		}
		for i := range p {
			old := p[i]
			p[i] = old + h
			row[i] = (penalty(p) - r) / h
			p[i] = old
		}
		add(r, row)
	}
	return cost, grad, hess
}

// penalties are 0 for the set's polygons and grow with what is wrong.
func (f *polygonFit) penalties(p []float64) []func([]float64) float64 {
	n := len(p) / 2
	at := func(p []float64, i int) (float64, float64) { i = (i + n) % n; return p[2*i], p[2*i+1] }
	out := []func([]float64) float64{func(p []float64) float64 { return fitArea * max(0, polygonArea-math.Abs(signedArea(p))) / polygonArea }}
	for i := range n {
		out = append(out, func(p []float64) float64 { // the inner angle; a turn the wrong way is less than none
			ax, ay := at(p, i-1)
			bx, by := at(p, i)
			cx, cy := at(p, i+1)
			ux, uy, wx, wy := ax-bx, ay-by, cx-bx, cy-by
			angle := math.Atan2(math.Copysign(1, signedArea(p))*(wx*uy-wy*ux), wx*ux+wy*uy)
			return fitAngle * max(0, f.minAngle-angle)
		})
	}
	for i := range p {
		out = append(out, func(p []float64) float64 { return fitOutside * (max(0, -p[i]) + max(0, p[i]-float64(f.size))) })
	}
	return out
}

func signedArea(p []float64) (area float64) {
	n := len(p) / 2
	for i := range n {
		j := (i + 1) % n
		area += (p[2*i]*p[2*j+1] - p[2*j]*p[2*i+1]) / 2
	}
	return area
}

// render fills pix with the share of each pixel that the polygon covers, and jac with its derivatives by the coordinates of the vertices: an edge that moves outward by v
// adds v times the length of it that lies in the pixel.
func (f *polygonFit) render(p []float64) {
	k := len(p)
	if f.pix == nil {
		f.pix, f.jac = make([]float64, f.size*f.size), make([]float64, f.size*f.size*k)
	}
	clear(f.pix)
	clear(f.jac)
	sign := math.Copysign(1, signedArea(p))
	for i := range k / 2 {
		f.edge(p, i, (i+1)%(k/2), sign)
	}
	for y := range f.size {
		row, sum := f.pix[y*f.size:(y+1)*f.size], 0.0
		for x := range row { // what an edge leaves to its right is summed up
			sum += row[x]
			row[x] = sum
		}
	}
}

// edge adds one edge, cut where it leaves a pixel. Walking down an edge of a shape that lies to its right (in pixels, y down and positive area), what is right of it is covered.
func (f *polygonFit) edge(p []float64, i, j int, sign float64) {
	k := len(p)
	ax, ay, bx, by := p[2*i], p[2*i+1], p[2*j], p[2*j+1]
	f.cuts = append(f.cuts[:0], 0, 1)
	for _, axis := range [2][2]float64{{ax, bx}, {ay, by}} {
		lo, hi := min(axis[0], axis[1]), max(axis[0], axis[1])
		for g := max(0, math.Ceil(lo)); g <= min(hi, float64(f.size)); g++ {
			if d := axis[1] - axis[0]; d != 0 {
				f.cuts = append(f.cuts, min(1, max(0, (g-axis[0])/d)))
			}
		}
	}
	slices.Sort(f.cuts)
	dx, dy := bx-ax, by-ay
	for c := 1; c < len(f.cuts); c++ {
		t0, t1 := f.cuts[c-1], f.cuts[c]
		if t1-t0 < 1e-12 {
			continue
		}
		mid := (t0 + t1) / 2
		x, y := ax+mid*dx, ay+mid*dy
		if y < 0 || y >= float64(f.size) {
			continue
		}
		row, down := int(y)*f.size, -sign*(t1-t0)*dy
		switch {
		case x < 0:
			f.pix[row] += down
			continue
		case x >= float64(f.size):
			continue
		}
		col := int(x)
		f.pix[row+col] += down * (1 - (x - float64(col)))
		if col+1 < f.size {
			f.pix[row+col+1] += down * (x - float64(col))
		}
		// The outward normal times the length is (dy, -dx) for a positive area.
		second := (t1*t1 - t0*t0) / 2
		first := t1 - t0 - second
		at := f.jac[(row+col)*k : (row+col+1)*k]
		at[2*i] += sign * dy * first
		at[2*i+1] -= sign * dx * first
		at[2*j] += sign * dy * second
		at[2*j+1] -= sign * dx * second
	}
}

// solve is Gauss' elimination with pivots, in place; a singular column gives no step.
func solve(a, b []float64) []float64 {
	n := len(b)
	x := slices.Clone(b)
	for c := range n {
		pivot := c
		for r := c + 1; r < n; r++ {
			if math.Abs(a[r*n+c]) > math.Abs(a[pivot*n+c]) {
				pivot = r
			}
		}
		if a[pivot*n+c] == 0 {
			x[c] = 0
			continue
		}
		for k := range n {
			a[c*n+k], a[pivot*n+k] = a[pivot*n+k], a[c*n+k]
		}
		x[c], x[pivot] = x[pivot], x[c]
		for r := c + 1; r < n; r++ {
			m := a[r*n+c] / a[c*n+c]
			for k := c; k < n; k++ {
				a[r*n+k] -= m * a[c*n+k]
			}
			x[r] -= m * x[c]
		}
	}
	for c := n - 1; c >= 0; c-- {
		for k := c + 1; k < n; k++ {
			x[c] -= a[c*n+k] * x[k]
		}
		if a[c*n+c] != 0 {
			x[c] /= a[c*n+c]
		}
	}
	return x
}

// polygonDistance measures the squared distance of images, values in [-1, 1], from the polygons that the parameters allow, in ink from 0 to 1 summed over the pixels.
// Each call has memory of its own.
func polygonDistance(vertices int, minAngle float64) func([]float32) float64 {
	return func(sample []float32) float64 {
		f := &polygonFit{size: polygonSide, n: vertices, minAngle: minAngle}
		target := make([]float64, len(sample))
		for i, v := range sample {
			target[i] = (float64(v) + 1) / 2
		}
		return f.distance(target)
	}
}

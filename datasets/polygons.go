package datasets

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/assay-gan/assay/rng"
)

// polygonSide is the edge of the images in pixels; polygonSub the sub-pixels along each edge of a pixel.
const (
	polygonSide = 28
	polygonSub  = 8
	polygonArea = 2 // square pixels: anything smaller would leave next to no ink
)

// Polygons is grey-scale images of filled convex triangles, a set whose manifold is known exactly (2 coordinates a vertex, less 2 for the centring)
// [lucic2018]. Vertices are uniform in a square of 0.75 times the image; shapes with an angle under 20 degrees, an area under 2 square pixels or, once
// centred, a vertex outside of the image are drawn again; the centroid is moved to the middle of the image. White on black, 28 x 28, 65 grey levels
// from 8 x 8 sub-pixels.
type Polygons struct{}

var _ Dataset = Polygons{}

// Info describes the set.
func (Polygons) Info() Info {
	return Info{
		ID: "polygons", Title: "grey-scale convex polygons", Kind: Images, Shape: []int{polygonSide, polygonSide, 1},
		Paper: "lucic2018", License: "synthetic, no rights reserved", Sizes: Sizes{60_000, 10_000, 10_000},
		Params: []Param{
			{"vertices", 3, 3, 5, true, "corners of the polygon"},
			{"min_angle", 20, 0, 40, false, "smallest inner angle in degrees"},
			{"scale", 0.75, 0.2, 1, false, "edge of the square of the vertices, as a share of the image"},
		},
	}
}

// Load renders the splits.
func (g Polygons) Load(ctx context.Context, o Options) (*Set, error) {
	info := g.Info()
	p, err := resolve(info, o.Params)
	if err != nil {
		return nil, err
	}
	set, err := render(ctx, info, o, "", func(dst []float32, src *rng.Source) (_ int, err error) {
		v, err := drawPolygon(src, int(p["vertices"]), p["min_angle"]*math.Pi/180, p["scale"]*polygonSide)
		if err != nil {
			return -1, err
		}
		return -1, fillConvex(dst, polygonSide, v)
	})
	if err != nil {
		return nil, err
	}
	set.Distance = polygonDistance(int(p["vertices"]), p["min_angle"]*math.Pi/180)
	return set, nil
}

// RenderPolygon is the size x size image, values in [-1, 1], of a filled convex polygon whose vertices are in pixels (x to the right, y down, pixel
// (0,0) spans 0 to 1) in order around it, either way round. Each pixel is the share of its 8 x 8 sub-pixel centres that lie inside. It fails for
// fewer than 3 vertices, vertices that are not finite, a shape that is not convex, or an impossible size.
func RenderPolygon(vertices [][2]float64, size int) ([]float32, error) {
	if size < 1 || size > 4096 {
		return nil, refuse("polygon: image edge %d: allowed is 1 to 4096", size)
	}
	dst := make([]float32, size*size)
	if err := fillConvex(dst, size, vertices); err != nil {
		return nil, err
	}
	return dst, nil
}

// fillConvex renders into dst: every row of sub-pixels meets a convex shape in one interval.
func fillConvex(dst []float32, size int, v [][2]float64) error {
	if err := checkConvex(v); err != nil {
		return err
	}
	counts := make([]int, size)
	for y := range size {
		clear(counts)
		for s := range polygonSub {
			lo, hi := crossing(v, float64(y)+(float64(s)+0.5)/polygonSub)
			// Sub-pixel i has its centre at (i + 1/2)/8: those with lo <= centre < hi are inside.
			a := max(0, math.Ceil(lo*polygonSub-0.5))
			b := min(float64(size*polygonSub), math.Ceil(hi*polygonSub-0.5))
			for i := int(a); i < int(b); {
				end := min(int(b), (i/polygonSub+1)*polygonSub)
				counts[i/polygonSub] += end - i
				i = end
			}
		}
		for x, c := range counts {
			dst[y*size+x] = ink(float64(c) / (polygonSub * polygonSub))
		}
	}
	return nil
}

// crossing is the interval in which the horizontal line at y meets the polygon; empty (lo > hi) where it does not. A vertex on the line belongs to the
// edges below it only, so that stacked shapes share no sub-pixel.
func crossing(v [][2]float64, y float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for i, a := range v {
		b := v[(i+1)%len(v)]
		if (a[1] <= y) != (b[1] <= y) {
			x := a[0] + (y-a[1])/(b[1]-a[1])*(b[0]-a[0])
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	return lo, hi
}

func checkConvex(v [][2]float64) error {
	if len(v) < 3 {
		return refuse("polygon: %d vertices: at least 3 are wanted", len(v))
	}
	var left, right bool
	var turn float64
	for i := range v {
		for _, c := range v[i] {
			if math.IsNaN(c) || math.Abs(c) > 1e6 {
				return refuse("polygon: vertex %d is %v", i, v[i])
			}
		}
		a, b, c := v[i], v[(i+1)%len(v)], v[(i+2)%len(v)]
		u, w := [2]float64{b[0] - a[0], b[1] - a[1]}, [2]float64{c[0] - b[0], c[1] - b[1]}
		cross := u[0]*w[1] - u[1]*w[0]
		left, right = left || cross < 0, right || cross > 0
		turn += math.Abs(math.Atan2(cross, u[0]*w[0]+u[1]*w[1]))
	}
	// A star turns one way only but more than once around.
	if left && right || turn > 2*math.Pi+1e-6 {
		return refuse("polygon: the %d vertices do not go once around a convex shape", len(v))
	}
	return nil
}

// drawPolygon draws vertices until they make an acceptable shape, and centres it.
func drawPolygon(src *rng.Source, n int, minAngle, edge float64) ([][2]float64, error) {
	v := make([][2]float64, n)
	for range 100_000 {
		var middle [2]float64
		for i := range v {
			v[i] = [2]float64{src.Float64() * edge, src.Float64() * edge}
			middle[0] += v[i][0] / float64(n)
			middle[1] += v[i][1] / float64(n)
		}
		slices.SortFunc(v, func(a, b [2]float64) int {
			return cmp.Compare(math.Atan2(a[1]-middle[1], a[0]-middle[0]), math.Atan2(b[1]-middle[1], b[0]-middle[0]))
		})
		area, c := centroid(v)
		if area < polygonArea || checkConvex(v) != nil || smallestAngle(v) < minAngle {
			continue
		}
		inside := true
		for i := range v {
			for k := range 2 {
				v[i][k] += polygonSide/2 - c[k]
				inside = inside && v[i][k] >= 0 && v[i][k] <= polygonSide
			}
		}
		if inside {
			return v, nil
		}
	}
	return nil, refuse("polygons: 100000 draws of %d vertices gave no shape with all angles over %.3g degrees: lower min_angle", n, minAngle*180/math.Pi)
}

// centroid is the signed area and the centre of mass of a polygon.
func centroid(v [][2]float64) (area float64, c [2]float64) {
	for i, a := range v {
		b := v[(i+1)%len(v)]
		cross := a[0]*b[1] - a[1]*b[0]
		area += cross / 2
		c[0] += (a[0] + b[0]) * cross / 6
		c[1] += (a[1] + b[1]) * cross / 6
	}
	return area, [2]float64{c[0] / area, c[1] / area}
}

func smallestAngle(v [][2]float64) float64 {
	least := math.Inf(1)
	for i, b := range v {
		a, c := v[(i+len(v)-1)%len(v)], v[(i+1)%len(v)]
		u, w := [2]float64{a[0] - b[0], a[1] - b[1]}, [2]float64{c[0] - b[0], c[1] - b[1]}
		least = min(least, math.Abs(math.Atan2(u[0]*w[1]-u[1]*w[0], u[0]*w[0]+u[1]*w[1])))
	}
	return least
}

package datasets

import (
	"context"
	"math"
	"testing"

	"github.com/assay-gan/assay/rng"
)

// dotted fills pixels by a test of 32 x 32 points in each: shapes made without the renderer or the fit.
func dotted(inside func(x, y float64) bool) []float32 {
	const sub = 32
	out := make([]float32, polygonSide*polygonSide)
	for i := range out {
		n := 0
		for s := range sub * sub {
			if inside(float64(i%polygonSide)+(float64(s%sub)+.5)/sub, float64(i/polygonSide)+(float64(s/sub)+.5)/sub) {
				n++
			}
		}
		out[i] = 2*float32(n)/(sub*sub) - 1
	}
	return out
}

// betweenLines is the shape on the positive side of all lines a x + b y + c.
func betweenLines(lines ...[3]float64) func(x, y float64) bool {
	return func(x, y float64) bool {
		for _, l := range lines {
			if l[0]*x+l[1]*y+l[2] < 0 {
				return false
			}
		}
		return true
	}
}

func TestPolygonCoverIsArea(t *testing.T) {
	f := &polygonFit{size: polygonSide, n: 3}
	for _, p := range [][]float64{{4, 5, 20, 7, 9, 24}, {4, 5, 9, 24, 20, 7}, {3.3, 3.7, 3.9, 20.1, 25.2, 11.4}, {-5, 10, 14, -6, 40, 30}} {
		f.render(p)
		got := append([]float64(nil), f.pix...)
		side := func(i int, x, y float64) float64 {
			j := (i + 1) % 3
			return (p[2*j]-p[2*i])*(y-p[2*i+1]) - (p[2*j+1]-p[2*i+1])*(x-p[2*i])
		}
		s := math.Copysign(1, signedArea(p))
		want := dotted(func(x, y float64) bool { return s*side(0, x, y) >= 0 && s*side(1, x, y) >= 0 && s*side(2, x, y) >= 0 })
		for i := range want {
			if d := math.Abs(got[i] - (float64(want[i])+1)/2); d > 0.02 { // 1024 points in a pixel
				t.Fatalf("%v: pixel %d is covered by %v, points say %v", p, i, got[i], (want[i]+1)/2)
			}
		}
		// Derivatives by central differences; a pixel whose edge runs along a grid line has none, and these shapes have none such.
		jac := append([]float64(nil), f.jac...)
		for k := range p {
			const h = 1e-5
			old := p[k]
			p[k] = old + h
			f.render(p)
			up := append([]float64(nil), f.pix...)
			p[k] = old - h
			f.render(p)
			for i := range up {
				if d := (up[i] - f.pix[i]) / (2 * h); math.Abs(d-jac[i*len(p)+k]) > 1e-3 {
					t.Fatalf("%v: pixel %d by coordinate %d: %v, differences say %v", p, i, k, jac[i*len(p)+k], d)
				}
			}
			p[k] = old
		}
	}
}

// The set's own hold-out lies on the manifold, but for the rounding to sub-pixels; shapes that are no triangles of the set do not.
func TestPolygonDistanceKnowsPolygons(t *testing.T) {
	set, err := Polygons{}.Load(context.Background(), Options{Seed: 3, Train: 2, Test: 2, Hold: 300})
	if err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for i := range set.Hold.Len() {
		d := set.Distance(set.Hold.Row(i))
		worst = max(worst, d)
	}
	t.Logf("the farthest of 300 is %.3f away", worst)
	if worst > 0.25 { // half of the threshold that is used, 0.5
		t.Errorf("a polygon of the set is %v away from all polygons", worst)
	}
	triangle := [][3]float64{{0, -1, 22}, {1, 0.6, -19}, {-1, 0.6, 9}}
	if d := set.Distance(dotted(betweenLines(triangle...))); d > 0.1 {
		t.Errorf("a triangle painted by points is %v away", d)
	}
	disc := func(cx, cy, r float64) func(x, y float64) bool {
		return func(x, y float64) bool { return (x-cx)*(x-cx)+(y-cy)*(y-cy) < r*r }
	}
	square := betweenLines([3]float64{1, 0, -8}, [3]float64{-1, 0, 20}, [3]float64{0, 1, -8}, [3]float64{0, -1, 20})
	for name, shape := range map[string]func(x, y float64) bool{
		"a square":   square,
		"a disc":     disc(14, 14, 6),
		"a dent":     func(x, y float64) bool { return betweenLines(triangle...)(x, y) && !disc(14, 22, 3)(x, y) },
		"two shapes": func(x, y float64) bool { return disc(7, 7, 3)(x, y) || square(x-4, y+4) && x > 18 },
		"nothing":    func(x, y float64) bool { return false },
		"a line":     func(x, y float64) bool { return y > 14 && y < 15 && x > 5 && x < 20 },
		"everything": func(x, y float64) bool { return true },
		"a sliver":   betweenLines([3]float64{0, 1, -13.9}, [3]float64{0, -1, 14.3}, [3]float64{1, 0, -3}, [3]float64{-1, 0, 25}),
	} {
		if d := set.Distance(dotted(shape)); d < 0.5 {
			t.Errorf("%s is %v away from the triangles of the set", name, d)
		}
	}
	row := append([]float32(nil), set.Hold.Row(0)...)
	for i := range row {
		row[i] *= 0.7
	}
	if d := set.Distance(row); d < 0.5 {
		t.Errorf("a grey triangle on grey is %v away", d)
	}
	src := rng.Stream(1, "noise")
	for i := range row {
		row[i] = max(-1, min(1, set.Hold.Row(0)[i]+0.2*float32(src.Normal())))
	}
	if d := set.Distance(row); d < 0.5 {
		t.Errorf("a noisy triangle is %v away", d)
	}
}

func BenchmarkPolygonDistance(b *testing.B) {
	set, err := Polygons{}.Load(context.Background(), Options{Seed: 3, Train: 2, Test: 2, Hold: 100})
	if err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		set.Distance(set.Hold.Row(i % 100))
	}
}

package datasets_test

import (
	"math"
	"testing"

	"github.com/assay-gan/assay/datasets"
)

const (
	quadrature = 1e-6 // relative: the midpoint rule of the tests, 200 000 points along a curve
	plane      = 1e-6 // of a mass of 1: the trapezoid rule at half a sigma on a density blurred by it, whose error is below 1e-30, and float32 grid points
)

func loadLaw(t *testing.T, id string, params map[string]float64) datasets.Law {
	t.Helper()
	d, err := datasets.Lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.Load(t.Context(), datasets.Options{Train: 10, Test: 2, Hold: 2, Params: params})
	if err != nil {
		t.Fatal(err)
	}
	if s.Truth != nil || s.Distribution() != s.Law {
		t.Fatalf("%s: truth %v, law %v", id, s.Truth, s.Law)
	}
	return s.Law
}

// along is the density of one curve with noise by the midpoint rule over u uniform on [0, 1].
func along(x []float32, sigma float64, at func(u float64) (x, y float64)) float64 {
	const n = 200_000
	sum := 0.0
	for i := range n {
		a, b := at((float64(i) + 0.5) / n)
		dx, dy := float64(x[0])-a, float64(x[1])-b
		sum += math.Exp(-(dx*dx + dy*dy) / (2 * sigma * sigma))
	}
	return sum / n / (2 * math.Pi * sigma * sigma)
}

// TestCurvesDensity: the density of the sets of curves is the definition's, written down here a second time and integrated by another rule.
func TestCurvesDensity(t *testing.T) {
	moons := func(sigma float64) func(x []float32) float64 {
		return func(x []float32) float64 {
			return along(x, sigma, func(u float64) (a, b float64) { return math.Cos(math.Pi * u), math.Sin(math.Pi * u) })/2 +
				along(x, sigma, func(u float64) (a, b float64) { return 1 - math.Cos(math.Pi*u), 0.5 - math.Sin(math.Pi*u) })/2
		}
	}
	roll := func(x []float32) float64 {
		return along(x, 0.2, func(u float64) (a, b float64) {
			t := 1.5 * math.Pi * (1 + 2*u)
			return t * math.Cos(t) / 5, t * math.Sin(t) / 5
		})
	}
	spirals := func(x []float32) float64 {
		arm := func(sign float64) float64 {
			return along(x, 0.1, func(u float64) (a, b float64) {
				n := math.Sqrt(u) * 540 * 2 * math.Pi / 360
				return -sign * math.Cos(n) * n / 3, sign * math.Sin(n) * n / 3
			})
		}
		return arm(1)/2 + arm(-1)/2
	}
	for _, c := range []struct {
		id    string
		sigma float64
		want  func(x []float32) float64
		at    [][]float32
	}{
		{"moons", 0.1, moons(0.1), [][]float32{{0, 1}, {1, 0.1}, {0.5, 0.3}, {2.1, 0.6}, {-1.2, -0.1}}},
		{"moons", 0.02, moons(0.02), [][]float32{{0.01, 1.01}, {1.03, 0}}},
		{"swiss-roll", 0.2, roll, [][]float32{{0, 0}, {1, 1}, {-1.9, 0}, {0, 2.9}}},
		{"spirals", 0.1, spirals, [][]float32{{0, 0}, {0.3, 0.2}, {3.1, -0.1}, {-2, 1}}},
	} {
		law := loadLaw(t, c.id, map[string]float64{"sigma": c.sigma})
		for _, x := range c.at {
			want := c.want(x)
			if have := math.Exp(law.LogDensity(x)); math.Abs(have-want) > quadrature*want {
				t.Errorf("%s, sigma %v: density %.12g at %v, want %.12g", c.id, c.sigma, have, x, want)
			}
		}
		if far := law.LogDensity([]float32{1e4, 1e4}); math.IsInf(far, 0) || math.IsNaN(far) {
			t.Errorf("%s: log-density %v far away", c.id, far)
		}
	}
}

// TestCurvesIntegrate: the densities add up to 1 over the plane.
func TestCurvesIntegrate(t *testing.T) {
	for _, c := range []struct {
		id             string
		sigma          float64
		x0, x1, y0, y1 float64
	}{
		{"moons", 0.1, -2, 3, -1.5, 2}, {"swiss-roll", 0.2, -4.5, 4.5, -4.5, 4.5}, {"spirals", 0.1, -4.5, 4.5, -4.5, 4.5},
	} {
		law, h, sum := loadLaw(t, c.id, nil), c.sigma/2, 0.0
		for x := c.x0; x < c.x1; x += h {
			for y := c.y0; y < c.y1; y += h {
				sum += math.Exp(law.LogDensity([]float32{float32(x), float32(y)}))
			}
		}
		near(t, c.id, sum*h*h, 1, plane)
	}
}

// TestCheckerboard: 8 squares of side 2 have the density 1/32 inside and none outside; by default and at other numbers.
func TestCheckerboard(t *testing.T) {
	law := loadLaw(t, "checkerboard", nil)
	for _, c := range []struct {
		x    []float32
		want float64
	}{
		{[]float32{0.5, 0.5}, -math.Log(32)}, {[]float32{-0.5, -0.5}, -math.Log(32)}, {[]float32{3.9, -0.1}, -math.Log(32)}, {[]float32{3.9, -2.1}, math.Inf(-1)},
		{[]float32{3.9, 3.9}, -math.Log(32)}, {[]float32{-3.9, 1}, -math.Log(32)}, {[]float32{0.5, -0.5}, math.Inf(-1)}, {[]float32{4.5, 4.5}, math.Inf(-1)}, {[]float32{-4.1, 1}, math.Inf(-1)},
	} {
		if have := law.LogDensity(c.x); have != c.want {
			t.Errorf("log-density at %v is %v, want %v", c.x, have, c.want)
		}
	}
	near(t, "one square each way", loadLaw(t, "checkerboard", map[string]float64{"squares": 1, "side": 3}).LogDensity([]float32{1, 2}), -math.Log(18), algebra)
	set, err := datasets.Checkerboard{}.Load(t.Context(), datasets.Options{Seed: 3, Train: 800, Test: 2, Hold: 2})
	if err != nil {
		t.Fatal(err)
	}
	for i := range set.Train.Len() { // square k lies in column k/2, counted from the left
		x, k := set.Train.Row(i), set.Train.Label(i)
		if column := int(math.Floor(float64(x[0])/2)) + 2; column != k/2 {
			t.Fatalf("%v has label %d but lies in column %d", x, k, column)
		}
	}
	if set.Valid([]float32{1}) {
		t.Error("a number is no point of the plane")
	}
}

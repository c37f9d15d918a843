package reports

import (
	"fmt"
	"html/template"
	"math"
	"slices"
)

// scatters draws, for every toy model, its samples over circles of three standard deviations around the true modes.
func scatters(shown []Shown, names []string) []chart {
	var out []chart
	for _, s := range shown {
		if s.Scatter == nil {
			continue
		}
		out = append(out, chart{Title: s.Row, Model: s.Row, Caption: fmt.Sprintf("seed %d", s.Seed), Badge: s.Verdict,
			Static: scatter(s, colour(slices.Index(names, s.Row)))})
	}
	return out
}

// maxPoints is how many points a scatter draws, the first of the sample.
const maxPoints = 800

func scatter(s Shown, class string) template.HTML {
	const size, pad = 240, 6
	points, modes := s.Scatter.Points, s.Scatter.Modes
	if len(points) > maxPoints {
		points = points[:maxPoints]
	}
	reach, cx, cy := frame(modes, points, s.Scatter.Sigma)
	at := func(p [2]float64) (x, y float64) {
		half := (size - 2*pad) / 2.0
		return size/2 + (p[0]-cx)/reach*half, size/2 - (p[1]-cy)/reach*half
	}
	near := make([]int, len(modes))
	outside := 0
	var xs, ys []float64
	for _, p := range points {
		best := 0
		for m := range modes {
			if dist(p, modes[m]) < dist(p, modes[best]) {
				best = m
			}
		}
		if len(modes) > 0 && dist(p, modes[best]) <= 3*s.Scatter.Sigma {
			near[best]++
		}
		x, y := at(p)
		if x < 0 || x > size || y < 0 || y > size || math.IsNaN(x+y) {
			outside++
			continue
		}
		xs, ys = append(xs, x), append(ys, y)
	}
	pic := newSVG(size, size)
	pic.dots("points "+class, xs, ys)
	hit := 0
	for m, c := range modes {
		x, y := at(c)
		if near[m] > 0 {
			hit++
		}
		pic.circle("mode", x, y, max(3*s.Scatter.Sigma/reach*(size/2-pad), 2), fmt.Sprintf("mode %d: %d of %d samples within three standard deviations", m+1, near[m], len(points)))
	}
	if outside > 0 {
		pic.text("tick", 6, size-6, fmt.Sprintf("%d outside the frame", outside))
	}
	return pic.html(fmt.Sprintf("Samples of %s over the %d true modes of %s: %d modes are hit.", s.Row, len(modes), s.Dataset, hit))
}

// frame is a square around the modes with a quarter of air, so that the panels of one data set share it; without modes, around the points.
func frame(modes, points [][2]float64, sigma float64) (reach, cx, cy float64) {
	around := modes
	if len(around) == 0 {
		around = points
	}
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, p := range around {
		for i := range p {
			lo[i], hi[i] = min(lo[i], p[i]), max(hi[i], p[i])
		}
	}
	if len(around) == 0 {
		return 1, 0, 0
	}
	reach = max(hi[0]-lo[0], hi[1]-lo[1])/2*1.25 + 3*sigma
	return max(reach, 1e-9), (lo[0] + hi[0]) / 2, (lo[1] + hi[1]) / 2
}

func dist(a, b [2]float64) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }

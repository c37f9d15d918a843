package main

import (
	"bytes"
	"fmt"
	"math"

	"github.com/assay-gan/assay/reports"
)

const (
	side      = 260  // of the picture, in pixels
	mostShown = 1200 // points: more hide one another
)

// scatterSVG draws points over circles of three standard deviations around the modes, all to one scale. One path holds all points: a dot is a line of no length.
func scatterSVG(s *reports.Scatter) []byte {
	points := s.Points[:min(mostShown, len(s.Points))]
	frame := s.Modes
	if len(frame) == 0 {
		frame = points
	}
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, p := range frame {
		for i, v := range p {
			lo[i], hi[i] = min(lo[i], v), max(hi[i], v)
		}
	}
	x0, y0 := (lo[0]+hi[0])/2, (lo[1]+hi[1])/2
	reach := 1.3 * max((hi[0]-lo[0])/2, (hi[1]-lo[1])/2, 1e-9)
	at := func(v float64) int { return int(side/2*(1+v/reach)*10 + 0.5) }
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d"><rect width="100%%" height="100%%" fill="#fff"/>`, side, side, 10*side, 10*side)
	b.WriteString("\n")
	for _, m := range s.Modes {
		fmt.Fprintf(&b, `<circle cx="%d" cy="%d" r="%d" fill="none" stroke="#d55e00" stroke-width="10"/>`, at(m[0]-x0), at(y0-m[1]), max(30, int(3*s.Sigma/reach*side/2*10)))
	}
	b.WriteString("\n<path fill=\"none\" stroke=\"#0072b2\" stroke-opacity=\"0.5\" stroke-width=\"26\" stroke-linecap=\"round\" d=\"")
	for _, p := range points {
		if math.Abs(p[0]-x0) <= reach && math.Abs(p[1]-y0) <= reach {
			fmt.Fprintf(&b, "M%d %dh0", at(p[0]-x0), at(y0-p[1]))
		}
	}
	b.WriteString("\"/>\n</svg>\n")
	return b.Bytes()
}

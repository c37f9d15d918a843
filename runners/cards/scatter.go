package main

import (
	"bytes"
	"fmt"

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
	reach := 1e-9
	for _, p := range frame {
		reach = max(reach, abs(p[0]), abs(p[1]))
	}
	reach *= 1.3
	at := func(v float64) int { return int(side/2*(1+v/reach)*10 + 0.5) }
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d"><rect width="100%%" height="100%%" fill="#fff"/>`, side, side, 10*side, 10*side)
	b.WriteString("\n")
	for _, m := range s.Modes {
		fmt.Fprintf(&b, `<circle cx="%d" cy="%d" r="%d" fill="none" stroke="#d55e00" stroke-width="10"/>`, at(m[0]), at(-m[1]), max(30, int(3*s.Sigma/reach*side/2*10)))
	}
	b.WriteString("\n<path fill=\"none\" stroke=\"#0072b2\" stroke-opacity=\"0.5\" stroke-width=\"26\" stroke-linecap=\"round\" d=\"")
	for _, p := range points {
		if abs(p[0]) <= reach && abs(p[1]) <= reach {
			fmt.Fprintf(&b, "M%d %dh0", at(p[0]), at(-p[1]))
		}
	}
	b.WriteString("\"/>\n</svg>\n")
	return b.Bytes()
}

func abs(v float64) float64 { return max(v, -v) }

package featurizer

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/imaging"
)

// Check is one line of a conformance table.
type Check struct {
	Name      string
	Got, Want float64
	Tol       float64 // relative
	Problem   string  // the mistake that the value is known by, where it is wrong and known
}

// OK says whether the value lies within the tolerance.
func (c Check) OK() bool { return math.Abs(c.Got-c.Want) <= c.Tol*math.Abs(c.Want) }

// inceptionMistakes are the sums that usual mistakes give for the 2048 features of the first conformance image.
var inceptionMistakes = []struct {
	sum  float64
	name string
}{
	{3562.2403, "the pools are torchvision's: average in the last block, padding counted"},
	{3733.5894, "the average pools count the padding"},
	{3740.8371, "the last block pools by the mean instead of the maximum"},
	{3921.4162, "the eps of batch norm is 1e-5 instead of 1e-3"},
	{3870.9205, "images are scaled to x/127.5 - 1 instead of (x - 128)/128"},
}

// DiagnoseInception names the mistake behind a sum over the 2048 features of conformance image 0 under synthetic weights 0; "" where it is right
// or unknown. Other implementations can be held to it: see SyntheticInception and ConformanceImage.
func DiagnoseInception(sum float64) string {
	for _, m := range inceptionMistakes {
		if math.Abs(sum-m.sum) < 1e-4*m.sum {
			return m.name
		}
	}
	return ""
}

// ConformanceImage is image b of the conformance set at a size: pixel (37x + 61y + 101c + 7xy + 53b) mod 256.
func ConformanceImage(b, h, w int) *imaging.Image {
	m := &imaging.Image{H: h, W: w, C: 3, Pix: make([]uint8, h*w*3)}
	for y := range h {
		for x := range w {
			for c := range 3 {
				m.Pix[(y*w+x)*3+c] = uint8(37*x + 61*y + 101*c + 7*x*y + 53*b)
			}
		}
	}
	return m
}

// InceptionConformance runs the whole network with synthetic weights 0 on the first conformance image and compares the sums over its features with
// torch-fidelity's and pytorch-fid's own code [obukhov2020, seitzer2020]. It takes a few seconds.
func InceptionConformance(ctx context.Context) ([]Check, error) {
	const tol = 1e-5 // float32 sums in another order
	net, err := newInception(synthetic(0), quirks{}, inceptionStage[tap2048])
	if err != nil {
		return nil, err
	}
	var checks []Check
	for _, run := range []struct {
		protocol string
		side     int
		want     [4]float64 // sums over 64, 192, 768, 2048; 0 where not published
	}{
		{"torch-fidelity", 299, [4]float64{55.485755, 210.64969, 1017.7889, 3860.7013}},
		{"torch-fidelity", 32, [4]float64{19.146592, 93.312294, 488.02671, 1885.0715}},
		{"pytorch-fid", 299, [4]float64{55.653723, 0, 0, 3870.9205}},
		{"pytorch-fid", 32, [4]float64{19.208111, 0, 0, 1889.5666}},
	} {
		p, err := LookupProtocol(run.protocol)
		if err != nil {
			return nil, err
		}
		f := &Inception{net: net, prepare: planner{preprocess: preprocess{resampler: p.Resampler, unit: p.Range == RangeUnit, side: inceptionSide}}}
		x := make([]float32, inceptionSide*inceptionSide*3)
		if err := f.prepare.apply(x, ConformanceImage(0, run.side, run.side)); err != nil {
			return nil, err
		}
		var out inceptionOut
		for tap := range run.want {
			out.taps[tap] = make([]float64, inceptionDims[tap])
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		net.forward(x, 1, out)
		for tap, want := range run.want {
			if want == 0 {
				continue
			}
			c := Check{Name: fmt.Sprintf("inception %s %dx%d, sum of %d features", run.protocol, run.side, run.side, inceptionDims[tap]), Want: want, Tol: tol}
			for _, v := range out.taps[tap] {
				c.Got += v
			}
			if !c.OK() && tap == tap2048 {
				c.Problem = DiagnoseInception(c.Got)
			}
			checks = append(checks, c)
		}
	}
	return checks, nil
}

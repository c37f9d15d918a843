package zoo

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// pixelModels are the models of one pixel after the other, small.
var pixelModels = map[string]struct {
	model    Model
	settings map[string]string
}{
	"pixelrnn":           {PixelRNN{}, map[string]string{"width": "8", "batch": "5"}},
	"pixelrnn, reach 0":  {PixelRNN{}, map[string]string{"width": "8", "batch": "5", "reach": "0", "depth": "2", "rows": "2"}},
	"pixelcnn":           {PixelCNN{}, map[string]string{"width": "6", "batch": "5", "depth": "2", "reach": "2"}},
	"pixelcnn, relu":     {PixelCNN{}, map[string]string{"width": "6", "batch": "5", "depth": "1", "reach": "1", "gate": "relu"}},
	"pixelcnn, on means": {PixelCNN{}, map[string]string{"width": "6", "batch": "5", "depth": "2", "output": "rgb"}},
	"pixelrnn, on means": {PixelRNN{}, map[string]string{"width": "8", "batch": "5", "output": "rgb"}},
}

// dots are images of two colours, white in the given share of pixels that follow a white one, and half else.
func dots(h, w, n int) *datasets.Set {
	x := &datasets.Samples{Shape: []int{h, w, 1}, Data: make([]float32, n*h*w)}
	r := rng.Stream(1, "dots")
	for i := range x.Data {
		p := 0.5
		if i%(h*w) > 0 && x.Data[i-1] == 1 {
			p = 0.9
		}
		if x.Data[i] = -1; r.Float64() < p {
			x.Data[i] = 1
		}
	}
	return &datasets.Set{Info: datasets.Info{ID: "dots", Kind: datasets.Images, Shape: x.Shape}, Train: x}
}

// shaken moves every weight, so that nothing is at a zero where it starts.
func shaken(s *Session) *Session {
	r := rng.Stream(7, "shake")
	for _, p := range s.build.graph.Scope("").Params() {
		for i := range nn.Data(p) {
			nn.Data(p)[i] += 0.5 * float32(r.Normal())
		}
	}
	return s
}

// allImages are the 16 images of 2 x 2 pixels in two colours.
func allImages() *datasets.Samples {
	x := &datasets.Samples{Shape: []int{2, 2, 1}}
	for k := range 16 {
		for j := range 4 {
			x.Data = append(x.Data, float32(k>>j&1)*2-1)
		}
	}
	return x
}

// On 2 x 2 images of two colours the probabilities of all images sum to 1, samples fall on images as often as the probabilities say (4000 draws, chi-squared of 15 degrees of
// freedom at most 40, which it exceeds once in 2000), and a temperature of 1/2 squares each step's odds.
func TestPixelProbabilities(t *testing.T) {
	ctx := context.Background()
	for name, c := range pixelModels {
		if c.settings["output"] == "rgb" {
			continue
		}
		s := shaken(build(t, c.model, dots(2, 2, 8), c.settings))
		logp, exact, err := s.LogLikelihood(ctx, allImages())
		if err != nil || !exact {
			t.Fatal(name, exact, err)
		}
		total := 0.0
		for _, l := range logp {
			total += math.Exp(l)
		}
		near(t, name+": sum of all probabilities", total, 1, 1e-5)
		const n = 4000
		x, err := s.Sample(ctx, n, nil, 3)
		if err != nil {
			t.Fatal(err)
		}
		chi := 0.0
		for k, c := range census(x) {
			want := n * math.Exp(logp[k])
			chi += (c - want) * (c - want) / want
		}
		if chi > 40 {
			t.Errorf("%s: chi-squared %v of 15 degrees of freedom between samples and probabilities", name, chi)
		}
		if d, ok := s.Density(); !ok || !d.Exact || !d.Discrete || d.Sites != 4 {
			t.Errorf("%s: density %+v", name, d)
		}
	}
}

func census(x *datasets.Samples) []float64 {
	count := make([]float64, 16)
	for i := range x.Len() {
		k := 0
		for j, v := range x.Row(i) {
			if v > 0 {
				k |= 1 << j
			}
		}
		count[k]++
	}
	return count
}

// The likelihood of the pixels up to any place is a matter of these pixels alone: with one later pixel changed, what the model says of the earlier ones is the same to the
// bit; and an earlier one does matter.
func TestLaterPixelsDoNotMatter(t *testing.T) {
	for name, c := range pixelModels {
		s := shaken(build(t, c.model, dots(4, 3, 8), c.settings))
		x := s.set.Train.Slice(0, 1)
		before := perPixel(t, s, x.Row(0))
		moved := 0
		for at := range 12 {
			changed := slices.Clone(x.Row(0))
			changed[at] = -changed[at]
			after := perPixel(t, s, changed)
			if !slices.Equal(before[:at], after[:at]) {
				t.Errorf("%s: pixel %d changes what is said before it", name, at)
			}
			if at < 11 && !slices.Equal(before[at+1:], after[at+1:]) {
				moved++
			}
		}
		if moved != 11 {
			t.Errorf("%s: only %d of 11 pixels matter to what follows", name, moved)
		}
	}
}

// perPixel is log p of each pixel given those before, asked for the way samples are drawn.
func perPixel(t *testing.T, s *Session, image []float32) []float32 {
	t.Helper()
	switch d := s.build.sample.drawer.(type) {
	case *strip:
		var all []float32
		images := d.blankImages(1)
		d.read(images[0], image)
		d.forget()
		for at := range d.h * d.w {
			d.fill(images, at)
			if err := d.run(); err != nil {
				t.Fatal(err)
			}
			all = append(all, float32(d.logp(d.answerAt(0, 0), images[0][at:at+1])))
		}
		return all
	}
	if c, ok := s.build.sample.drawer.(*canvas); ok {
		var all []float32
		images := c.blankImages(1)
		c.read(images[0], image)
		for y := range c.h {
			if err := c.enter(images, y); err != nil {
				t.Fatal(err)
			}
			copy(rowOfBatch(c.row.sites, 0, c.b.Batch), images[0][y*c.w:(y+1)*c.w])
			if err := c.row.prog.Run(); err != nil {
				t.Fatal(err)
			}
			for x := range c.w {
				all = append(all, float32(c.logp(c.row.prog.Get(c.row.answer)[x*c.outputs():][:c.outputs()], images[0][y*c.w+x:][:1])))
			}
		}
		return all
	}
	t.Fatal("no way to look into this model")
	return nil
}

// Strip by strip or pixel by pixel, the likelihood is one.
func TestLikelihoodIsTheSumOfItsPixels(t *testing.T) {
	for name, c := range pixelModels {
		s := shaken(build(t, c.model, dots(4, 3, 8), c.settings))
		l, _, err := s.LogLikelihood(context.Background(), s.set.Train.Slice(0, 7))
		if err != nil {
			t.Fatal(err)
		}
		for i := range l {
			sum := 0.0
			for _, v := range perPixel(t, s, s.set.Train.Row(i)) {
				sum += float64(v)
			}
			near(t, name, l[i], sum, 1e-4)
		}
		known, _ := KnownRows(s.set.Train.Shape, 0.5) // the last six of twelve pixels
		parts, err := s.LogConditional(context.Background(), s.set.Train.Slice(0, 7), known)
		if err != nil {
			t.Fatal(err)
		}
		for i := range parts {
			sum := 0.0
			for _, v := range perPixel(t, s, s.set.Train.Row(i))[6:] {
				sum += float64(v)
			}
			near(t, name+", lower half", parts[i], sum, 1e-4)
		}
	}
}

// Samples and likelihoods depend on their number and the seed, not on the batch size; temperature 0 draws one image, whatever the seed.
func TestPixelDraws(t *testing.T) {
	ctx := context.Background()
	for name, c := range pixelModels {
		s := shaken(build(t, c.model, dots(4, 3, 8), c.settings))
		other := map[string]string{}
		for k, v := range c.settings {
			other[k] = v
		}
		other["batch"] = "3"
		s2 := shaken(build(t, c.model, dots(4, 3, 8), other))
		x, err := s.Sample(ctx, 7, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		y, err := s2.Sample(ctx, 7, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(x.Data, y.Data) {
			t.Errorf("%s: the batch size changes the samples", name)
		}
		if err := s.Set("temperature", "0"); err != nil {
			t.Fatal(err)
		}
		x, err = s.Sample(ctx, 2, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(x.Row(0), x.Row(1)) {
			t.Errorf("%s: two images at temperature 0", name)
		}
		if s.Set("width", "3") == nil || s.Set("temperature", "-1") == nil {
			t.Error("impossible changes were accepted")
		}
	}
}

// Of the images that agree with what is given, completions take each as often as its share of the probability says: the upper row of 2 x 2 known.
func TestCompletionsFollowTheModel(t *testing.T) {
	ctx := context.Background()
	for name, c := range pixelModels {
		if c.settings["output"] != "rgb" {
			t.Run(name, func(t *testing.T) { completions(ctx, t, shaken(build(t, c.model, dots(2, 2, 8), c.settings))) })
		}
	}
}

func completions(ctx context.Context, t *testing.T, s *Session) {
	t.Helper()
	all := allImages()
	logp, _, err := s.LogLikelihood(ctx, all)
	if err != nil {
		t.Fatal(err)
	}
	known, _ := KnownRows([]int{2, 2, 1}, 0.5)
	const given, n = 2, 2000 // pixels 0 and 1: black, white
	x, err := s.Complete(ctx, all.Slice(given, given+1), known, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	total, chi := 0.0, 0.0
	for k := given; k < 16; k += 4 {
		total += math.Exp(logp[k])
	}
	for k, c := range census(x) {
		if k%4 != given {
			if c > 0 {
				t.Errorf("%v completions changed what was given", c)
			}
			continue
		}
		want := n * math.Exp(logp[k]) / total
		chi += (c - want) * (c - want) / want
	}
	if chi > 16 { // three degrees of freedom: once in 1000
		t.Errorf("chi-squared %v", chi)
	}
}

// chooseBy: with p = 1/4, 3/4 a uniform number below 1/4 is the first; at temperature 1/2 the odds are 1 to 9; at 0 the likeliest.
func TestChooseBy(t *testing.T) {
	p := []float32{float32(math.Log(0.25)), float32(math.Log(0.75))}
	for _, c := range []struct {
		temperature, u float64
		want           int
	}{{1, 0.24, 0}, {1, 0.26, 1}, {0.5, 0.09, 0}, {0.5, 0.11, 1}, {0, 0.01, 1}, {100, 0.49, 0}, {1, 0.9999999, 1}} {
		if got := chooseBy(p, c.temperature, c.u); got != c.want {
			t.Errorf("temperature %v, u %v: %d, want %d", c.temperature, c.u, got, c.want)
		}
	}
}

// The palette: that of the data set, the colours there are, even levels, clusters; nearest colour and the first of equals.
func TestPalette(t *testing.T) {
	of := func(shape []int, data []float32, colors string, tokens *datasets.Tokens) *palette {
		t.Helper()
		set := &datasets.Set{Train: &datasets.Samples{Shape: shape, Data: data}, Tokens: tokens}
		p, err := (&Builder{Shape: shape, Settings: Settings{"colors": colors}, set: set, graph: nn.NewGraph(1)}).palette()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := of([]int{1, 2, 1}, []float32{0.5, -0.5, 0.5, 0.25}, "3", nil)
	if want := [][]float32{{-0.5}, {0.25}, {0.5}}; !slices.EqualFunc(p.colours, want, slices.Equal) {
		t.Errorf("three colours: %v", p.colours)
	}
	if p.index([]float32{0.3}) != 1 || p.index([]float32{9}) != 2 || p.exact([]float32{0.3}, 1) || !p.exact([]float32{0.25, 0.5}, 1) {
		t.Error("nearest colour")
	}
	p = of([]int{1, 2, 1}, []float32{0.5, -0.5, 0.5, 0.25, 0.1, 0.7}, "3", nil)
	if want := [][]float32{{-1}, {0}, {1}}; !slices.EqualFunc(p.colours, want, slices.Equal) {
		t.Errorf("three levels: %v", p.colours)
	}
	red, blue := []float32{1, -1, -1}, []float32{-1, -1, 1}
	near := slices.Concat(red, blue, []float32{0.9, -1, -1}, []float32{-1, -0.9, 1})
	p = of([]int{1, 2, 3}, near, "2", nil)
	if len(p.colours) != 2 || p.index(red) == p.index(blue) || p.index(red) != p.index([]float32{0.9, -1, -1}) {
		t.Errorf("two clusters: %v", p.colours)
	}
	p = of([]int{1, 2, 3}, near, "2", &datasets.Tokens{Palette: [][3]uint8{{0, 0, 0}, {255, 0, 0}, {255, 0, 0}}})
	if len(p.colours) != 3 || p.index(red) != 1 {
		t.Errorf("the set's own palette: %v", p.colours)
	}
}

package zoo

import (
	"context"
	"math"

	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// pixels is what models of one pixel after the other share: how an image becomes a row of sites, what the network says of a site, and how one is drawn [oord2016].
//
//	p(x) = prod_i p(x_i | x_1 .. x_{i-1}),   pixels from left to right, rows from top to bottom
//
// With output = palette a site is the place of a colour in the palette, and the network gives a softmax over them. With output = rgb a site is the colour itself, and the
// network gives its mean, by a sigmoid, under one learned variance: the regression that the lecture warns of, since between red and green lies brown.
type pixels struct {
	b        *Builder
	h, w     int
	channels int
	palette  *palette // nil with output = rgb
	logVar   *nn.Node // with output = rgb
}

func pixelSettings() []Setting {
	return []Setting{
		word("output", "palette", "what the network says of a pixel: probabilities of the palette's colours, or the mean of a normal distribution", "palette", "rgb"),
		{Name: "colors", Default: "32", Lo: 2, Hi: 65535, Integer: true, Doc: "most colours of the palette, for data that do not bring one"},
		{Name: "temperature", Default: "1", Lo: 0, Hi: 100, Drawing: true, Doc: "samples are drawn from p^(1/temperature), or means with so much of the noise; 0 takes the likeliest"},
	}
}

// sites are the numbers of one pixel.
func (p *pixels) sites() int {
	if p.palette != nil {
		return 1
	}
	return p.channels
}

// outputs are the numbers that the network gives for a pixel.
func (p *pixels) outputs() int {
	if p.palette != nil {
		return len(p.palette.colours)
	}
	return p.channels
}

func (b *Builder) pixels(s *nn.Scope) (*pixels, error) {
	p := &pixels{b: b, h: b.Shape[0], w: b.Shape[1], channels: b.Shape[2]}
	if b.Settings.Word("output") == "rgb" {
		p.logVar = s.Param("log_variance", nn.Const(-2), 1)
		return p, nil
	}
	var err error
	p.palette, err = b.palette()
	return p, err
}

// read turns an image into sites.
func (p *pixels) read(dst, image []float32) {
	if p.palette == nil {
		copy(dst, image)
		return
	}
	for i := range p.h * p.w {
		dst[i] = float32(p.palette.index(image[i*p.channels : (i+1)*p.channels]))
	}
}

// paint turns a site into the pixel of an image.
func (p *pixels) paint(image, site []float32) {
	if p.palette == nil {
		for j, v := range site {
			image[j] = min(1, max(-1, v))
		}
		return
	}
	copy(image, p.palette.colours[int(site[0])])
}

// loss is the mean of -log p over pixels: out [N, outputs] from the network, target [N*sites] the true ones.
func (p *pixels) loss(out, target *nn.Node) *nn.Node {
	if p.palette != nil {
		return nn.SoftmaxCrossEntropy(out, nn.OneHot(target, p.outputs()))
	}
	mean := p.mean(out)
	return nn.Mean(nn.GaussianNLL(mean, nn.Fill(nn.Sum(p.logVar), mean.Shape()...), nn.Reshape(target, mean.Shape()...)))
}

func (p *pixels) mean(out *nn.Node) *nn.Node { return nn.Affine(nn.Sigmoid(out), 2, -1) }

// answer is what programs give for a pixel: log-probabilities, or means.
func (p *pixels) answer(out *nn.Node) *nn.Node {
	if p.palette != nil {
		return nn.LogSoftmax(out)
	}
	return p.mean(out)
}

// logp is log p of a site under the network's answer.
func (p *pixels) logp(answer, site []float32) float64 {
	if p.palette != nil {
		return float64(answer[int(site[0])])
	}
	v := float64(nn.Data(p.logVar)[0])
	s := 0.0
	for j, x := range site {
		s -= 0.5 * (math.Log(2*math.Pi) + v + math.Pow(float64(x-answer[j]), 2)*math.Exp(-v))
	}
	return s
}

// choose draws a site from the network's answer at the temperature of the settings.
func (p *pixels) choose(site, answer []float32, r *rng.Source) {
	temperature := p.b.Settings.Float("temperature")
	if p.palette == nil {
		sd := temperature * math.Exp(0.5*float64(nn.Data(p.logVar)[0]))
		for j := range site {
			site[j] = answer[j] + float32(sd*r.Normal())
		}
		return
	}
	site[0] = float32(chooseBy(answer, temperature, r.Float64()))
}

// chooseBy gives the place where a uniform number falls among the probabilities exp(log p / temperature); at temperature 0 the likeliest, the first of equals.
func chooseBy(logp []float32, temperature, u float64) int {
	best := 0
	for k, v := range logp {
		if v > logp[best] {
			best = k
		}
	}
	if temperature == 0 {
		return best
	}
	weight := func(v float32) float64 { return math.Exp(float64(v-logp[best]) / temperature) }
	total := 0.0
	for _, v := range logp {
		total += weight(v)
	}
	u *= total
	for k, v := range logp {
		if u -= weight(v); u < 0 {
			return k
		}
	}
	return best // rounding left nothing over
}

// reading is the data as sites, made once.
type reading struct {
	data  []float32
	width int // of an image
}

func (p *pixels) readAll() *reading {
	x := p.b.set.Train
	r := &reading{width: p.h * p.w * p.sites()}
	if p.b.takes(4 * float64(x.Len()) * float64(r.width)) {
		return r
	}
	r.data = make([]float32, x.Len()*r.width)
	for i := range x.Len() {
		p.read(r.image(i), x.Row(i))
	}
	return r
}

func (r *reading) image(i int) []float32 { return r.data[i*r.width : (i+1)*r.width] }

// density is the exact likelihood that logP computes.
func (p *pixels) density(logP func(context.Context, Evidence) error) Density {
	d := Density{Exact: true, Parts: true, Sites: p.h * p.w, LogP: logP}
	if p.palette != nil {
		d.Discrete, d.Alphabet = true, p.outputs()
		d.Symbols = func(row []float32) []int {
			all := make([]int, p.h*p.w)
			for i := range all {
				all[i] = p.palette.index(row[i*p.channels : (i+1)*p.channels])
			}
			return all
		}
	}
	return d
}

// blankImages are images of sites to read into or draw on.
func (p *pixels) blankImages(n int) [][]float32 {
	images := make([][]float32, n)
	for i := range images {
		images[i] = make([]float32, p.h*p.w*p.sites())
	}
	return images
}

// hidden says which pixels a mask over values leaves to be drawn: those with any value unknown, all without a mask.
func (p *pixels) hidden(known []bool) []bool {
	h := make([]bool, p.h*p.w)
	for i := range h {
		if h[i] = known == nil; h[i] {
			continue
		}
		for _, k := range known[i*p.channels : (i+1)*p.channels] {
			h[i] = h[i] || !k
		}
	}
	return h
}

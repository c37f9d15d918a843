package featurizer

import (
	"math"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/suggest"
)

// imagePrep is a row of choices that brings an 8-bit image to a network's input: resize, crop, normalise to (x/255 - mean)/std.
type imagePrep struct {
	name, title string
	resampler   imaging.Resampler
	h, w, c     int  // the input; c is 1 or 3, images are converted
	short       int  // the shorter side becomes this, the other keeps the proportion (rounded down), then the centre is cropped; 0: resize to h x w
	bgr         bool // channels in Caffe's order
	open        bool // what a resampler overshoots beyond 0..255 stays
	scaled      bool // (x - 255 mean)/(255 std), which rounds otherwise than (x/255 - mean)/std
	mean, std   []float64
}

// The normalisations that public weights expect, of x/255, as red, green, blue.
var (
	imagenetMean = []float64{0.485, 0.456, 0.406}
	imagenetStd  = []float64{0.229, 0.224, 0.225}
	clipMean     = []float64{0.48145466, 0.4578275, 0.40821073}
	clipStd      = []float64{0.26862954, 0.26130258, 0.27577711}
)

// lookupPrep finds a row by name. The error lists the names.
func lookupPrep(rows []imagePrep, name string) (imagePrep, error) {
	var names []string
	for _, p := range rows {
		if p.name == name {
			return p, nil
		}
		names = append(names, p.name)
	}
	return imagePrep{}, suggest.Unknown("preparation", name, names)
}

// fitter applies a row and keeps one resampling plan per image size; safe for concurrent use.
type fitter struct {
	imagePrep
	plans planCache
}

// maxResized bounds the image between resize and crop: 64 million pixels.
const maxResized = 1 << 26

// resized is the size before the crop: torchvision's rule, the longer side is short*long/short rounded down.
func (p *imagePrep) resized(h, w int) (rh, rw int, err error) {
	if p.short == 0 {
		return p.h, p.w, nil
	}
	rh, rw = p.short, p.short
	if h > w {
		rh = p.short * h / w
	} else {
		rw = p.short * w / h
	}
	if rh > maxResized/rw {
		return 0, 0, fault.Of(ErrShape, "image of %d x %d: with the shorter side at %d it is over %d pixels: crop it first", h, w, p.short, maxResized)
	}
	return rh, rw, nil
}

// apply writes h x w x c normalised values to dst. Resamplers that overshoot are clipped to 0..255, unless the row is open.
func (p *fitter) apply(dst []float32, m *imaging.Image) error {
	m, err := m.Channels(p.c)
	if err != nil {
		return err
	}
	rh, rw, err := p.resized(m.H, m.W)
	if err != nil {
		return err
	}
	plan, err := p.plans.plan(p.resampler, m.H, m.W, rh, rw)
	if err != nil {
		return err
	}
	x, err := plan.Bytes(m)
	if err != nil {
		return err
	}
	top, left := cropStart(rh, p.h), cropStart(rw, p.w)
	for c := range p.c {
		from := c
		if p.bgr {
			from = p.c - 1 - c
		}
		mean, std, unit := float32(p.mean[c]), float32(p.std[c]), float32(255)
		if p.scaled {
			mean, std, unit = float32(255*p.mean[c]), float32(255*p.std[c]), 1
		}
		for y := range p.h {
			row := x[((top+y)*rw+left)*p.c+from:]
			out := dst[y*p.w*p.c+c:]
			for i := range p.w {
				v := row[i*p.c]
				if !p.open {
					v = min(max(v, 0), 255)
				}
				v /= unit
				out[i*p.c] = float32(v-mean) / std
			}
		}
	}
	return nil
}

// cropStart is where torchvision's centre crop begins: half of the rest, halves to the even neighbour.
func cropStart(size, crop int) int { return int(math.RoundToEven(float64(size-crop) / 2)) }

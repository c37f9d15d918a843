package audit

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/imaging"
)

// size is the height, width and channels of the images.
func (p planting) size() (h, w, c int) { return p.clean.Shape[0], p.clean.Shape[1], p.clean.Shape[2] }

// blur is a Gaussian one, rows then columns, edge pixels repeated.
func blur(p planting) (*datasets.Samples, error) {
	h, w, c := p.size()
	reach := int(math.Ceil(3 * p.strength))
	kernel, total := make([]float64, 2*reach+1), 0.0
	for k := range kernel {
		d := float64(k-reach) / p.strength
		kernel[k] = math.Exp(-d * d / 2)
		total += kernel[k]
	}
	half := make([]float32, h*w*c)
	for i := range p.clean.Len() {
		row := p.clean.Row(i)
		for at := range half {
			y, x, ch := at/(w*c), at/c%w, at%c
			sum := 0.0
			for k, v := range kernel {
				sum += v / total * float64(row[(y*w+min(w-1, max(0, x+k-reach)))*c+ch])
			}
			half[at] = float32(sum)
		}
		for at := range half {
			y, rest := at/(w*c), at%(w*c)
			sum := 0.0
			for k, v := range kernel {
				sum += v / total * float64(half[min(h-1, max(0, y+k-reach))*w*c+rest])
			}
			row[at] = float32(sum)
		}
	}
	return p.clean, nil
}

// rectangle blackens one of the image's own proportions at a random place.
func rectangle(p planting) (*datasets.Samples, error) {
	h, w, c := p.size()
	side := math.Sqrt(p.strength)
	rh, rw := max(1, int(math.Round(side*float64(h)))), max(1, int(math.Round(side*float64(w))))
	for i := range p.clean.Len() {
		top, left := p.src.IntN(h-rh+1), p.src.IntN(w-rw+1)
		row := p.clean.Row(i)
		for y := top; y < top+rh; y++ {
			for x := left * c; x < (left+rw)*c; x++ {
				row[y*w*c+x] = -1
			}
		}
	}
	return p.clean, nil
}

// swirl turns the image around its centre, by the full angle there and not at all at the rim.
func swirl(p planting) (*datasets.Samples, error) {
	h, w, c := p.size()
	rim := float64(min(h, w)) / 2
	source := make([]float32, h*w*c)
	for i := range p.clean.Len() {
		row := p.clean.Row(i)
		copy(source, row)
		for y := range h {
			for x := range w {
				dy, dx := float64(y)-float64(h-1)/2, float64(x)-float64(w-1)/2
				turn := p.strength * max(0, 1-math.Hypot(dx, dy)/rim)
				sin, cos := math.Sincos(turn)
				for ch := range c {
					row[(y*w+x)*c+ch] = between(source, h, w, c, cos*dy+sin*dx+float64(h-1)/2, cos*dx-sin*dy+float64(w-1)/2, ch)
				}
			}
		}
	}
	return p.clean, nil
}

// between is the bilinear value at a place, edge pixels repeated.
func between(pix []float32, h, w, c int, y, x float64, ch int) float32 {
	y, x = min(float64(h-1), max(0, y)), min(float64(w-1), max(0, x))
	y0, x0 := int(y), int(x)
	y1, x1 := min(h-1, y0+1), min(w-1, x0+1)
	fy, fx := float32(y-float64(y0)), float32(x-float64(x0))
	v := func(y, x int) float32 { return pix[(y*w+x)*c+ch] }
	return (1-fy)*((1-fx)*v(y0, x0)+fx*v(y0, x1)) + fy*((1-fx)*v(y1, x0)+fx*v(y1, x1))
}

// salt makes pixels black or white.
func salt(p planting) (*datasets.Samples, error) {
	_, _, c := p.size()
	for at := 0; at < len(p.clean.Data); at += c {
		if p.src.Float64() < p.strength {
			v := float32(2*p.src.IntN(2) - 1)
			for ch := range c {
				p.clean.Data[at+ch] = v
			}
		}
	}
	return p.clean, nil
}

// shifted writes an image moved by a pixel to the right, its left edge repeated.
func shifted(to, from []float32, w, c int) {
	for at := 0; at < len(from); at += w * c {
		copy(to[at:at+c], from[at:at+c])
		copy(to[at+c:at+w*c], from[at:at+(w-1)*c])
	}
}

// eachImage replaces every image by what f makes of its bytes.
func (p planting) eachImage(f func(m *imaging.Image) (*imaging.Image, error)) (*datasets.Samples, error) {
	h, w, c := p.size()
	for i := range p.clean.Len() {
		row := p.clean.Row(i)
		m, err := imaging.RoundHalfUp.Image(h, w, c, row)
		if err != nil {
			return nil, fmt.Errorf("image %d: %w", i, err)
		}
		if m, err = f(m); err != nil {
			return nil, fmt.Errorf("image %d: %w", i, err)
		}
		for j, v := range m.Pix {
			row[j] = float32(v)/127.5 - 1
		}
	}
	return p.clean, nil
}

// jpegged goes through a JPEG file of lower and lower quality.
func jpegged(p planting) (*datasets.Samples, error) {
	return p.eachImage(func(m *imaging.Image) (*imaging.Image, error) {
		var file bytes.Buffer
		if err := jpeg.Encode(&file, picture(m), &jpeg.Options{Quality: 100 - int(p.strength)}); err != nil {
			return nil, err
		}
		back, _, err := imaging.Decode(&file, "planted.jpg")
		if err != nil {
			return nil, err
		}
		return back.Channels(m.C)
	})
}

// picture is an image in Go's own form.
func picture(m *imaging.Image) image.Image {
	if m.C == 1 {
		return &image.Gray{Pix: m.Pix, Stride: m.W, Rect: image.Rect(0, 0, m.W, m.H)}
	}
	out := image.NewRGBA(image.Rect(0, 0, m.W, m.H))
	for at := range m.H * m.W {
		out.SetRGBA(at%m.W, at/m.W, color.RGBA{m.Pix[3*at], m.Pix[3*at+1], m.Pix[3*at+2], 255})
	}
	return out
}

// resampled is what becomes of images that are stored smaller and brought back by a resampler without antialiasing, as happens where two tools prepare the two sides.
func resampled(p planting) (*datasets.Samples, error) {
	h, w, _ := p.size()
	sh, sw := max(1, int(math.Round((1-p.strength)*float64(h)))), max(1, int(math.Round((1-p.strength)*float64(w))))
	down, err := imaging.TorchBilinear.Plan(h, w, sh, sw)
	if err != nil {
		return nil, err
	}
	up, err := imaging.PillowBicubic.Plan(sh, sw, h, w)
	if err != nil {
		return nil, err
	}
	return p.eachImage(func(m *imaging.Image) (*imaging.Image, error) {
		small, err := down.Image(m)
		if err != nil {
			return nil, err
		}
		return up.Image(small)
	})
}

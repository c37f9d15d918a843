package main

import (
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/rng"
)

// damage changes the pixels of fakes, and says whether it did.
func damage(fake *datasets.Samples, src *rng.Source, f fault) bool {
	h, w, c := fake.Shape[0], fake.Shape[1], fake.Shape[2]
	n, some := fake.Len(), int(math.Round(f.strength*float64(fake.Len())))
	switch f.name {
	case "copies shifted by a pixel":
		for i := range some {
			shift(fake.Row(i), h, w, c, src.IntN(4))
		}
	case "blur":
		for i := range n {
			blur(fake.Row(i), h, w, c, f.strength)
		}
	case "salt and pepper":
		for i := range n {
			row := fake.Row(i)
			for k := 0; k < len(row); k += c {
				if src.Float64() >= f.strength {
					continue
				}
				v := float32(2*src.IntN(2) - 1)
				for t := range c {
					row[k+t] = v
				}
			}
		}
	case "normal noise":
		for i := range n {
			for k, v := range fake.Row(i) {
				fake.Row(i)[k] = min(1, max(-1, v+float32(2*f.strength*src.Normal())))
			}
		}
	case "mean of two images":
		for i := range some {
			for k, v := range fake.Row(i) {
				fake.Row(i)[k] = (v + fake.Row((i + 1) % n)[k]) / 2
			}
		}
	case "inverted":
		for i := range some {
			for k, v := range fake.Row(i) {
				fake.Row(i)[k] = -v
			}
		}
	case "pure noise":
		for i := range some {
			src.FillUniform(fake.Row(i), -1, 1)
		}
	default:
		return false
	}
	return true
}

// shift moves an image by one pixel: up, down, left or right. The edge is repeated.
func shift(row []float32, h, w, c, way int) {
	old := append([]float32{}, row...)
	dy, dx := [][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}}[way][0], [][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}}[way][1]
	for y := range h {
		for x := range w {
			from := (min(h-1, max(0, y+dy))*w + min(w-1, max(0, x+dx))) * c
			copy(row[(y*w+x)*c:(y*w+x+1)*c], old[from:from+c])
		}
	}
}

// blur is normal with the standard deviation sigma, in pixels; the edge is repeated.
func blur(row []float32, h, w, c int, sigma float64) {
	reach := int(math.Ceil(4 * sigma))
	k, sum := make([]float64, 2*reach+1), 0.
	for i := range k {
		d := float64(i - reach)
		k[i] = math.Exp(-d * d / (2 * sigma * sigma))
		sum += k[i]
	}
	for _, way := range [][2]int{{1, 0}, {0, 1}} {
		old := append([]float32{}, row...)
		for y := range h {
			for x := range w {
				for t := range c {
					v := 0.
					for i, g := range k {
						yy, xx := min(h-1, max(0, y+way[0]*(i-reach))), min(w-1, max(0, x+way[1]*(i-reach)))
						v += g / sum * float64(old[(yy*w+xx)*c+t])
					}
					row[(y*w+x)*c+t] = float32(v)
				}
			}
		}
	}
}

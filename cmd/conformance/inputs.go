package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/tensorfile"
	"github.com/assay-gan/assay/rng"
)

// The images have a size that is neither the network's nor square: each resampler is at work on both axes.
const (
	height, width = 61, 83
	rows, columns = 700, 16 // of the feature tables
)

// files are what both sides read.
type files struct {
	Real    string `json:"real"`
	Fake    string `json:"fake"`
	Weights string `json:"weights"`
	X       string `json:"x"`
	Y       string `json:"y"`
	Images  string `json:"images"`
	Scratch string `json:"scratch"`
	N       int    `json:"n"`

	Peer    string `json:"peer"`    // who is asked
	Authors string `json:"authors"` // folder of cloned repositories
}

func writeInputs(dir string, n int) (files, error) {
	f := files{Real: filepath.Join(dir, "real"), Fake: filepath.Join(dir, "fake"), Weights: filepath.Join(dir, "weights.safetensors"),
		X: filepath.Join(dir, "x.npy"), Y: filepath.Join(dir, "y.npy"), Images: filepath.Join(dir, "images"), Scratch: filepath.Join(dir, "scratch"), N: n}
	for _, d := range []string{f.Real, f.Fake, f.Images, f.Scratch} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return f, err
		}
	}
	for _, side := range []struct {
		dir   string
		waves float64
	}{{f.Real, 1}, {f.Fake, 1.4}} {
		for i := range n {
			m, err := picture(rng.Stream(11, "conformance", filepath.Base(side.dir), fmt.Sprint(i)), side.waves)
			if err != nil {
				return f, err
			}
			if err := imaging.SavePNG(filepath.Join(side.dir, fmt.Sprintf("%04d.png", i)), m); err != nil {
				return f, err
			}
		}
	}
	if err := table(f.X, 0, "x"); err != nil {
		return f, err
	}
	return f, table(f.Y, 0.3, "y")
}

// picture is a sum of waves of random direction in each channel, with noise on it: edges, flat parts and colours of both sides differ in frequency alone.
func picture(s *rng.Source, waves float64) (*imaging.Image, error) {
	pix := make([]uint8, 0, height*width*3)
	var a, b, phase [3]float64
	for c := range a {
		a[c], b[c], phase[c] = waves*(0.05+0.2*s.Float64()), waves*(0.05+0.2*s.Float64()), 6*s.Float64()
	}
	for y := range height {
		for x := range width {
			for c := range a {
				v := 128 + 90*math.Sin(a[c]*float64(x)+b[c]*float64(y)+phase[c]) + 10*s.Normal()
				pix = append(pix, uint8(min(max(v, 0), 255)))
			}
		}
	}
	return imaging.FromPix(height, width, 3, pix)
}

// table writes normal features whose columns are correlated and of unequal scale.
func table(path string, shift float64, name string) error {
	s := rng.Stream(12, "conformance", name)
	x := make([]float64, 0, rows*columns)
	for range rows {
		common := s.Normal()
		for j := range columns {
			x = append(x, shift+0.6*common+(0.5+0.1*float64(j))*s.Normal())
		}
	}
	return atomicfile.Write(path, tensorfile.Float64Array([]int{rows, columns}, x).WriteNPY)
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/command"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/rng"
	"github.com/assay-gan/assay/runners"
)

// openFolder scores a folder of PNG files against another one, from the command line to the table: reading, resampling, the network with synthetic weights, the scores.
func openFolder(a args, dir string) (task, error) {
	n, side := a.int("n"), a.int("side")
	w, err := featurizer.SyntheticInception(0)
	if err != nil {
		return nil, err
	}
	for key, t := range w {
		if err := writeNPY(dir, "w."+key, t.Data, t.Shape...); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	if err := w.WriteSafetensors(&b, false); err != nil {
		return nil, err
	}
	weights := filepath.Join(dir, "weights.safetensors")
	if err := os.WriteFile(weights, b.Bytes(), 0o600); err != nil {
		return nil, err
	}
	for k, name := range []string{"real", "fake"} {
		if err := writePictures(filepath.Join(dir, name), n, side, float64(k)); err != nil {
			return nil, err
		}
	}
	line := []string{"score", "--real", filepath.Join(dir, "real"), "--fake", filepath.Join(dir, "fake"), "--weights", weights, "--cache", "off", "--floor=false", "--quiet", "--format", "json",
		"--protocol", a.str("protocol"), "--metrics", "fd,kid", "--set", "fd.interval=none", "--set", "kid.subsets=100", "--set", fmt.Sprintf("kid.size=%d", a.int("subset"))}
	return &numbers{f: func() ([]float64, error) {
		var out, errs bytes.Buffer
		if code := command.RunKit(context.Background(), &out, &errs, line, runners.DefaultKit()); code != 0 {
			return nil, fmt.Errorf("score: exit %d: %s", code, errs.String())
		}
		var r struct {
			Metrics map[string]struct{ Value float64 }
		}
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			return nil, err
		}
		if fd, ok := r.Metrics["fd"]; ok {
			return []float64{fd.Value}, nil
		}
		return nil, fmt.Errorf("no fd in %.200s", out.String())
	}}, nil
}

// writePictures draws n square images of coloured gradients with noise; the second side's are darker.
func writePictures(dir string, n, side int, shift float64) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	r := rng.Stream(1, "peers", filepath.Base(dir))
	for i := range n {
		var slope [3]float64
		for c := range slope {
			slope[c] = 3*r.Float64() + shift
		}
		pix := make([]uint8, 0, side*side*3)
		for y := range side {
			for x := range side {
				for c := range 3 {
					v := 40 + slope[c]*float64(x+(c+1)*y)/2 + 10*r.Normal()
					pix = append(pix, uint8(min(max(v, 0), 255)))
				}
			}
		}
		m, err := imaging.FromPix(side, side, 3, pix)
		if err != nil {
			return err
		}
		if err := imaging.SavePNG(filepath.Join(dir, fmt.Sprintf("%05d.png", i)), m); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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
		"--protocol", a.str("protocol"), "--metrics", a.str("metrics")}
	line = append(line, folderOptions[a.str("metrics")]...)
	if strings.Contains(a.str("metrics"), "kid") {
		line = append(line, "--set", fmt.Sprintf("kid.size=%d", a.int("subset")))
	}
	return &numbers{f: func() ([]float64, error) { return scoreLine(line, folderValues[a.str("metrics")]) }}, nil
}

// What the command line says besides, and what is compared: KID's subsets are drawn otherwise in every tool.
var (
	folderOptions = map[string][]string{
		"fd":     {"--set", "fd.interval=none"},
		"fd,kid": {"--set", "fd.interval=none", "--set", "kid.subsets=100"},
		"prdc":   {"--set", "prdc.k=5", "--set", "prdc.interval=none", "--set", "prdc.values=" + strings.Join(prdcNames, ",")},
	}
	folderValues = map[string][]string{"fd": {"fd"}, "fd,kid": {"fd"}, "prdc": prdcNames}
)

// scoreLine runs one command line and returns values of its table.
func scoreLine(line, names []string) ([]float64, error) {
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
	values := make([]float64, len(names))
	for i, name := range names {
		v, ok := r.Metrics[name]
		if !ok {
			return nil, fmt.Errorf("no %s in %.200s", name, out.String())
		}
		values[i] = v.Value
	}
	return values, nil
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

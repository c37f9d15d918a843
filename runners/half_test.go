package runners

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
)

// A set takes a role whole: whatever a metric may know of the samples that had the role before is gone, and what both comparisons share stays.
func TestRolesAreTakenWhole(t *testing.T) {
	shared := []string{"Train", "TrainImages", "Modes", "Sigma", "Seed", "Shared"}
	real := []string{"Real", "RealProbs", "RealLabels", "RealImages", "RealStats", "RealSentences", "RealGroups"}
	for name, c := range map[string]struct {
		take func(half, *metrics.Pair)
		keep []string
	}{
		"fake": {half.asFake, slices.Concat(shared, real)},
		"real": {half.asReal, slices.Concat(shared, []string{"Fake", "FakeProbs", "FakeLogits", "FakeLabels", "FakeImages", "FakeStats", "FakeSentences", "FakeGroups",
			"Target", "Recon", "Perceptual", "Answers", "Terms", "Likelihood", "Distances", "Path"})},
	} {
		var p metrics.Pair
		all := reflect.ValueOf(&p).Elem()
		for i := range all.NumField() {
			fill(all.Field(i))
		}
		c.take(half{}, &p)
		for i := range all.NumField() {
			if field := all.Type().Field(i).Name; all.Field(i).IsZero() == slices.Contains(c.keep, field) {
				t.Errorf("an empty set as %s: field %s is left behind, or taken from the other side", name, field)
			}
		}
	}
}

// fill gives a field any value but its zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.Struct:
		fill(v.Field(0))
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Uint64:
		v.SetUint(1)
	default:
		v.SetInt(1)
	}
}

// noisy is n grey images of 16 x 16 with noise of the given size on one ramp.
func noisy(t *testing.T, n int, size float64, seed uint64) *datasets.Samples {
	t.Helper()
	src := rng.Stream(seed, "noisy")
	data := make([]float32, 0, n*16*16)
	for range n {
		for i := range 16 * 16 {
			data = append(data, float32(math.Tanh(float64(i%16)/8-1+size*src.Normal())))
		}
	}
	s, err := datasets.NewSamples([]int{16, 16, 1}, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Metrics of the images themselves compare the second model's images: sharper ones by far cannot differ by exactly nothing.
func TestVersusComparesImages(t *testing.T) {
	side := func(size float64, seed uint64) *Side { return &Side{Path: "x", Samples: noisy(t, 40, size, seed)} }
	res, err := Score(context.Background(), DefaultKit(), ScoreRequest{
		Real: side(.1, 1), Fake: side(.1, 2), Versus: side(.5, 3), Featurizer: "pixels", Metrics: []string{"sharpness"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Differences) != 1 {
		t.Fatalf("%+v, left out %v", res.Differences, res.NoDifference)
	}
	for _, d := range res.Differences {
		if d.A.Values[0].Value == d.B.Values[0].Value {
			t.Errorf("%s: both models have %v", d.Metric, d.A.Values[0].Value)
		}
		if alone := d.B.Values[0].Value; alone != scoreOf(t, d.Metric, side(.1, 1), side(.5, 3)) {
			t.Errorf("%s: %v in the comparison is not the second model's own score", d.Metric, alone)
		}
	}
}

func scoreOf(t *testing.T, metric string, real, fake *Side) float64 {
	t.Helper()
	res, err := Score(context.Background(), DefaultKit(), ScoreRequest{Real: real, Fake: fake, Featurizer: "pixels", Metrics: []string{metric}})
	if err != nil {
		t.Fatal(err)
	}
	return res.Records[0].Value
}

// Between statistics the distance of means 0 and a, with equal covariances, is a^2.
func TestVersusComparesStatistics(t *testing.T) {
	side := func(mean float64) *Side {
		s := metrics.Stats{N: 100, Mean: []float64{mean, 0}, Cov: mat.NewSymDense(2, []float64{2, .5, .5, 1})}
		return &Side{Path: "stats", Stats: &featurizer.Statistics{Stats: s, Made: map[string]string{}}}
	}
	res, err := Score(context.Background(), DefaultKit(), ScoreRequest{Real: side(0), Fake: side(1), Versus: side(3), Featurizer: RawFeaturizer, Metrics: []string{"fd"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Differences) != 1 {
		t.Fatalf("left out %v", res.NoDifference)
	}
	if d := res.Differences[0]; math.Abs(d.A.Values[0].Value-1) > 1e-9 || math.Abs(d.B.Values[0].Value-9) > 1e-9 {
		t.Errorf("%v and %v, want 1 and 9", d.A.Values[0].Value, d.B.Values[0].Value)
	}
}

// A folder that mixes grey and coloured images is one set of coloured ones, for a featurizer that is fitted on the images too.
func TestGreyAmongColour(t *testing.T) {
	open := func() *Side {
		dir := t.TempDir()
		for i := range 6 {
			var m draw.Image = image.NewRGBA(image.Rect(0, 0, 8, 8))
			if i%2 == 0 {
				m = image.NewGray(image.Rect(0, 0, 8, 8))
			}
			for at := range 64 {
				m.Set(at%8, at/8, color.NRGBA{uint8(at * (i + 1)), uint8(at), uint8(9 * i), 255})
			}
			f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%d.png", i)))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(png.Encode(f, m), f.Close()); err != nil {
				t.Fatal(err)
			}
		}
		s, err := OpenSide(context.Background(), dir, 0, 0, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, f := range []string{"pixels", "pca(2,pixels)"} {
		if _, err := Score(context.Background(), DefaultKit(), ScoreRequest{Real: open(), Fake: open(), Featurizer: f, Metrics: []string{"energy"}}); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	s, err := open().samples(context.Background(), Feeding{})
	if err != nil || s.Shape[2] != 3 {
		t.Fatal(s, err)
	}
	if row := s.Row(0); row[3] != row[4] || row[3] != row[5] {
		t.Errorf("a grey pixel among coloured ones is %v", row[3:6])
	}
}

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/command"
	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/datasets/datasettest"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/featurizertest"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/metrics/metrictest"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo/zootest"
)

// The laws that everything that ships obeys hold for the parts of this module too.
func TestLaws(t *testing.T) {
	t.Run("model", func(t *testing.T) { zootest.Laws(t, softmaxGAN{}, sources) })
	t.Run("metric", func(t *testing.T) {
		for _, over := range []string{"max", "mean"} {
			metrictest.Laws(t, kolmogorov{Over: over}, sources)
		}
	})
	t.Run("dataset", func(t *testing.T) {
		datasettest.Laws(t, spirals{}, datasets.Options{Seed: 3, Train: 200, Test: 100, Hold: 50}, sources)
	})
	t.Run("featurizer", func(t *testing.T) {
		f := featurizertest.Family(t, polarMaker(), featurizer.Env{}, sources)
		set, err := spirals{}.Load(t.Context(), datasets.Options{Seed: 3, Train: 20, Test: 1, Hold: 1})
		if err != nil {
			t.Fatal(err)
		}
		featurizertest.Laws(t, f, set.Train)
	})
}

func TestKolmogorovOfKnownColumns(t *testing.T) {
	p := metrics.Pair{
		// First column: 1,2,3,4 against 3,4,5,6: at 2 half of the reals are passed and none of the fakes, so 1/2. Second column: equal but for one of four, so 1/4.
		Real: mat.NewDense(4, 2, []float64{1, 0, 2, 0, 3, 0, 4, 0}),
		Fake: mat.NewDense(4, 2, []float64{3, 0, 4, 0, 5, 0, 6, 7}),
	}
	for over, want := range map[string]float64{"max": 0.5, "mean": 0.375} {
		r, err := kolmogorov{Over: over}.Compute(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Values[0].Value; got != want {
			t.Errorf("%s: %v, want %v", over, got, want)
		}
	}
}

func TestPolarOfKnownPoints(t *testing.T) {
	s, err := datasets.NewSamples([]int{2}, []float32{3, 4, 0, -2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := polar{}.Featurize(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if want := mat.NewDense(2, 3, []float64{5, 0.6, 0.8, 2, 0, -1}); !mat.EqualApprox(out.Features, want, 1e-12) {
		t.Errorf("got %v, want %v", mat.Formatted(out.Features), mat.Formatted(want))
	}
}

func TestProgram(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"version"}, []string{"external-1.0"}},
		{[]string{"cite", "lin2017softmax"}, []string{"Lin, Min: Softmax GAN, 2017, arXiv:1704.06191"}},
		{[]string{"list", "metrics"}, []string{"Kolmogorov-Smirnov"}},
		{[]string{"bench", "own.yaml", "--quiet", "--out", dir}, []string{"softmax-gan"}},
		{[]string{"report", dir, "--format", "ranking"}, []string{"two-arms fd(polar): 1. ", "two-arms ks(none): 1. ", "two-arms fd(pca(2,polar)): 1. "}},
	} {
		var out, errs bytes.Buffer
		if code := command.RunKit(context.Background(), &out, &errs, c.args, kit()); code != 0 {
			t.Fatalf("%v: exit %d: %s", c.args, code, &errs)
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%v does not show %q:\n%s", c.args, want, &out)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "ranking.txt")); err != nil {
		t.Errorf("bench wrote no report of the own format: %v", err)
	}
	run, err := reports.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range run.Records {
		if r.Error != "" {
			t.Errorf("%s on %s failed: %s", r.Model, r.Dataset, r.Error)
		}
	}
}

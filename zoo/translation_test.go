package zoo_test

import (
	"context"
	"maps"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/zoo"
)

// long skips what takes more than some seconds.
func long(t *testing.T) {
	t.Helper()
	if !testutil.Long() {
		t.Skip("trains for minutes: set ASSAY_LONG=1")
	}
}

func load(t *testing.T, d datasets.Dataset, o datasets.Options) *datasets.Set {
	t.Helper()
	set, err := d.Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// overPaper is the settings over those of the preset "paper": a better default is no business of tests that set their lengths and sizes for it.
func overPaper(t *testing.T, m zoo.Model, set *datasets.Set, settings map[string]string) map[string]string {
	t.Helper()
	kind := datasets.Points
	if set.Train.IsImage() {
		kind = datasets.Images
	}
	given, err := zoo.Preset(m.Info(), kind, zoo.PresetPaper)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(given, settings)
	return given
}

// trainedOn trains a model of the catalog and returns its session.
func trainedOn(t *testing.T, model string, set *datasets.Set, settings map[string]string) *zoo.Session {
	t.Helper()
	return trainedWith(t, model, set, settings, 1)
}

func trainedWith(t *testing.T, model string, set *datasets.Set, settings map[string]string, seed uint64) *zoo.Session {
	t.Helper()
	m, err := zoo.Lookup(model)
	if err != nil {
		t.Fatal(err)
	}
	s, err := zoo.New(m, zoo.Config{Set: set, Seed: seed, Settings: overPaper(t, m, set, settings)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Train(context.Background(), zoo.TrainOptions{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func drawn(t *testing.T, s *zoo.Session, n int, labels []int) *datasets.Samples {
	t.Helper()
	x, err := s.Sample(context.Background(), n, labels, 1)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// validity is the share of the translations of the test split that are right answers, and how evenly they spread over them.
func validity(t *testing.T, set *datasets.Set, y *datasets.Samples) (valid, variety float64) {
	t.Helper()
	p := metrics.Pair{
		Answers: &metrics.Answers{N: y.Len(), Dim: y.Dim()},
		Recon:   &metrics.Images{N: y.Len(), H: 1, W: 1, C: y.Dim(), Pix: y.Data, Lo: -10, Hi: 10},
	}
	for i := range y.Len() {
		a := set.Target.Answers(i)
		p.Answers.K, p.Answers.Within = len(a.Right), append(p.Answers.Within, a.Within)
		for _, r := range a.Right {
			p.Answers.Right = append(p.Answers.Right, r...)
		}
	}
	r, err := metrics.JointValidity{}.Compute(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r.Values[0].Value, r.Values[1].Value
}

// A fork in the road. Regression takes the mean, which is on no branch; the conditional GAN and the conditional VAE take both.
func TestBranches(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	set := load(t, datasets.Branches{}, datasets.Options{Seed: 1, Train: 5000, Test: 1000, Hold: 1})
	for _, c := range []struct {
		model    string
		settings map[string]string
		lo, hi   float64 // of the share of right answers
		variety  float64 // at least
	}{
		{"regression", map[string]string{"steps": "1000", "loss": "l2"}, 0, .02, 0},
		{"cgan-pairs", map[string]string{"steps": "2500", "latent": "4"}, .8, 1, .9},
		{"cvae-pairs", map[string]string{"steps": "2500", "latent": "2"}, .8, 1, .9},
		{"pix2pix", map[string]string{"steps": "2500", "latent": "4"}, .8, 1, .4},
	} {
		t.Run(c.model, func(t *testing.T) {
			t.Parallel()
			c.settings["batch"], c.settings["width"], c.settings["depth"] = "64", "64", "2"
			valid, variety := validity(t, set, drawn(t, trainedOn(t, c.model, set, c.settings), 1000, nil))
			t.Logf("%.3f right, variety %.3f", valid, variety)
			if valid < c.lo || valid > c.hi || variety < c.variety {
				t.Errorf("%.3f right answers (want %g to %g), variety %.3f (want at least %g)", valid, c.lo, c.hi, variety, c.variety)
			}
		})
	}
}

// Outlines to hatched digits: every pixel inside is ink in half of the right answers. The L1 distance alone has no reason to choose one and takes none; with the
// discriminator most outputs are one of the four hatchings, from edge to edge. At the paper's lambda = 100 the distance still decides within so few steps.
func TestPix2PixBeatsTheDistanceAlone(t *testing.T) {
	long(t)
	set := load(t, datasets.Edges{}, datasets.Options{Seed: 1, Train: 4000, Test: 500, Hold: 1})
	train := func(adversarial string) float64 {
		s := trainedOn(t, "pix2pix", set, map[string]string{"steps": "600", "batch": "32", "width": "16", "lr_g": "1e-3", "lr_d": "1e-3", "lambda": "10", "adversarial": adversarial})
		valid, variety := validity(t, set, drawn(t, s, 500, nil))
		t.Logf("adversarial = %s: %.3f right, variety %.3f", adversarial, valid, variety)
		return valid
	}
	if with, alone := train("1"), train("0"); alone > 0.05 || with < 0.4 {
		t.Errorf("%.3f right with the discriminator, %.3f without", with, alone)
	}
}

// points are samples as a matrix.
func points(s *datasets.Samples) *mat.Dense {
	m := mat.NewDense(s.Len(), s.Dim(), nil)
	for i := range s.Len() {
		for j, v := range s.Row(i) {
			m.Set(i, j, float64(v))
		}
	}
	return m
}

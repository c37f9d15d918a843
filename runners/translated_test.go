package runners

import (
	"slices"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/zoo"
)

func loadedSet(t *testing.T, d datasets.Dataset) loaded {
	t.Helper()
	set, err := d.Load(t.Context(), datasets.Options{Seed: 3, Train: 20, Test: 12, Hold: 1})
	if err != nil {
		t.Fatal(err)
	}
	return loaded{set, set.Hash()}
}

// A cell's translations meet the true images of an unpaired set, the partners and all answers of a paired one, and the moved sources of a set of many domains.
func TestTranslated(t *testing.T) {
	for _, c := range []struct {
		set      datasets.Dataset
		domains  []int // asked for, of a model for several domains
		validity float64
	}{
		{datasets.RingShifted(), nil, -1},
		{datasets.Branches{}, nil, 1},
		{datasets.Edges{}, nil, 1},
		{datasets.RingPlaces(), []int{2, 1, 0, 2, 1, 0, 2, 1, 0, 2}, -1},
	} {
		set := loadedSet(t, c.set)
		out := outcome{set: set, sources: set.Test.Slice(0, 10)}
		out.samples = &datasets.Samples{Shape: set.Test.Shape, Labels: c.domains}
		for i := range 10 { // a translator that makes no mistake
			x := set.Test.Row(i)
			switch {
			case set.Move != nil:
				x = set.Move(x, set.Test.Label(i), c.domains[i])
			case set.Target.Paired:
				x = set.Target.Answers(i).Right[i%2]
			default:
				x = set.Target.Correspond(x)
			}
			out.samples.Data = append(out.samples.Data, x...)
		}
		p := metrics.Pair{FakeLabels: c.domains}
		translated(&p, out)
		if want := append(slices.Clone(c.domains), out.sources.Labels...); c.domains == nil && !slices.Equal(p.FakeLabels, want) || c.domains != nil && !slices.Equal(p.FakeLabels, c.domains) {
			t.Errorf("%s: labels %v", set.Info.ID, p.FakeLabels)
		}
		r, err := metrics.CycleError{}.Compute(t.Context(), p)
		if err != nil {
			t.Fatalf("%s: %v", set.Info.ID, err)
		}
		if exact := r.Values[0].Value == 0; exact != (c.validity < 0) { // another right answer than the partner's is an error of reconstruction
			t.Errorf("%s: reconstruction error %v", set.Info.ID, r.Values[0].Value)
		}
		if c.validity < 0 {
			continue
		}
		if r, err = (metrics.JointValidity{}).Compute(t.Context(), p); err != nil || r.Values[0].Value != c.validity {
			t.Errorf("%s: validity %v, %v", set.Info.ID, r.Values, err)
		}
	}
}

func TestMisfitOfDomains(t *testing.T) {
	for _, c := range []struct {
		model string
		set   datasets.Dataset
		fits  bool
	}{
		{"cyclegan", datasets.RingShifted(), true}, {"cyclegan", datasets.Branches{}, true}, {"cyclegan", datasets.RingPlaces(), false},
		{"pix2pix", datasets.Branches{}, true}, {"pix2pix", datasets.RingShifted(), false}, {"cgan-pairs", datasets.Edges{}, true}, {"cvae-pairs", datasets.Ring{}, false},
		{"stargan", datasets.RingPlaces(), true}, {"stargan", datasets.GlyphsStyles(), true}, {"stargan", datasets.Ring{}, false}, {"stargan", datasets.Edges{}, false},
		{"cgan", datasets.GlyphsStyles(), true}, {"gan-ns", datasets.Branches{}, false},
	} {
		m, err := zoo.Lookup(c.model)
		if err != nil {
			t.Fatal(err)
		}
		if why := misfit(m.Info(), c.set.Info(), false); (why == "") != c.fits {
			t.Errorf("%s on %s: %q", c.model, c.set.Info().ID, why)
		}
	}
}

package runners

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// Measure scores the model on the test split. bits_* are per pixel and lower is better: of whole images, and of the hidden part given the rest; beside them those of a
// guess by the colours' shares in the training data (unigram), and of one that copies the last row given (copy), mixed with the shares as is
// likeliest on the training data. right_* is the share of hidden pixels whose colour is met, by the likeliest completion and by copying. saturation_* is the mean over pixels of the
// largest minus the smallest channel in [0, 1], vivid_* the share of pixels where that is above a half: of hidden parts, completed at temperature 0 and 1 and true. With samples: twins_*, the share of images drawn from nothing that are the
// same as another, and their colours.
func (c Completion) Measure(ctx context.Context, m *Model, origin Provenance) ([]reports.Record, error) {
	known, err := zoo.KnownRows(m.Set.Test.Shape, c.Hide)
	if err != nil {
		return nil, err
	}
	d, ok := m.Session.Density()
	if !ok || !d.Parts {
		return nil, fault.Of(zoo.ErrHook, "model %s has no likelihood of parts of an image: train one that draws pixel by pixel, pixelcnn or pixelrnn", m.Cell.Model)
	}
	s := &completionScores{c: c, m: m, known: known, density: d, origin: origin}
	for _, f := range []func(context.Context) error{s.likelihoods, s.completed, s.fromNothing} {
		if err := f(ctx); err != nil {
			return nil, err
		}
	}
	return s.records, nil
}

type completionScores struct {
	c       Completion
	m       *Model
	known   []bool
	density zoo.Density
	origin  Provenance
	records []reports.Record
}

func (s *completionScores) add(metric string, v float64, unit, better string, n int) {
	cell, o := s.m.Cell, s.origin
	s.records = append(s.records, reports.Record{
		Cell: hashOf(cell), Model: cell.Model, Dataset: cell.Dataset, Settings: cell.Settings, Seed: cell.Seed, Step: s.m.Session.Step(), Reference: "test", N: n,
		NReal: s.m.Set.Test.Len(), Metric: metric, Value: v, Unit: unit, Better: better, Status: reports.OK, Convention: map[string]string{"hide": fmt.Sprint(s.c.Hide)},
		Cost:       reports.Cost{DSteps: s.m.Session.Cost().DSteps, GSteps: s.m.Session.Cost().GSteps, Samples: s.m.Session.Cost().Samples},
		Provenance: withFiles(reports.Provenance{Version: o.Version, Kernel: o.Kernel, CPU: o.CPU, DatasetHash: s.m.Set.Hash()}, s.m.Set),
	})
}

// likelihoods are the values in bits.
func (s *completionScores) likelihoods(ctx context.Context) error {
	test := s.m.Set.Test
	all, _, err := s.m.Session.LogLikelihood(ctx, test)
	if err != nil {
		return err
	}
	rest, err := s.m.Session.LogConditional(ctx, test, s.known)
	if err != nil {
		return err
	}
	bits := func(nats []float64, sites int) float64 {
		sum := 0.0
		for _, v := range nats {
			sum -= v
		}
		return sum / math.Ln2 / float64(len(nats)*sites)
	}
	s.add("bits_per_pixel", bits(all, s.density.Sites), "bits", reports.Lower, 0)
	s.add("bits_hidden", bits(rest, s.hiddenSites()), "bits", reports.Lower, 0)
	if s.density.Symbols == nil {
		return nil
	}
	g := s.guess()
	whole, hidden, copied := 0.0, 0.0, 0.0
	for i := range test.Len() {
		symbols := s.density.Symbols(test.Row(i))
		for at, v := range symbols {
			whole -= math.Log2(g.share[v])
			if above := s.lastGiven(at); above >= 0 {
				hidden -= math.Log2(g.share[v])
				p := (1 - g.copies) * g.share[v]
				if symbols[above] == v {
					p += g.copies
				}
				copied -= math.Log2(p)
			}
		}
	}
	n := float64(test.Len())
	s.add("bits_per_pixel_unigram", whole/n/float64(s.density.Sites), "bits", reports.None, 0)
	if s.c.Hide < 1 {
		s.add("bits_hidden_unigram", hidden/n/float64(s.hiddenSites()), "bits", reports.None, 0)
		s.add("bits_hidden_copy", copied/n/float64(s.hiddenSites()), "bits", reports.None, 0)
	}
	return nil
}

func (s *completionScores) hiddenSites() int {
	hidden := 0
	for _, k := range s.known {
		if !k {
			hidden++
		}
	}
	return hidden * s.density.Sites / len(s.known)
}

// lastGiven is the pixel of the last given row in the column of a hidden pixel; -1 for given pixels and where nothing is given.
func (s *completionScores) lastGiven(at int) int {
	h, w := s.m.Set.Test.Shape[0], s.m.Set.Test.Shape[1]
	given := h - s.hiddenSites()/w
	if at < given*w || given == 0 {
		return -1
	}
	return (given-1)*w + at%w
}

// guess is what can be said of a pixel without a network.
type guess struct {
	share  []float64 // of each symbol in the training images, each counted once more than it is there, so that none is impossible
	copies float64   // the weight of copying the last given pixel above, beside the shares: p(v) = copies [v is as above] + (1 - copies) share(v)
}

// guess fits both to the training images; the weight is the likeliest one, by expectation maximisation.
func (s *completionScores) guess() guess {
	g := guess{share: make([]float64, s.density.Alphabet), copies: 0.5}
	train := s.m.Set.Train
	var same []int // symbols of hidden pixels that are as the one above
	hidden := 0
	for i := range train.Len() {
		symbols := s.density.Symbols(train.Row(i))
		for at, v := range symbols {
			g.share[v]++
			if above := s.lastGiven(at); above >= 0 {
				hidden++
				if symbols[above] == v {
					same = append(same, v)
				}
			}
		}
	}
	total := float64(train.Len()*s.density.Sites + s.density.Alphabet)
	for k := range g.share {
		g.share[k] = (g.share[k] + 1) / total
	}
	for range 50 {
		sum := 0.0
		for _, v := range same {
			sum += g.copies / (g.copies + (1-g.copies)*g.share[v])
		}
		g.copies = sum / float64(max(1, hidden))
	}
	return g
}

// completed are the values about completions: colours met by the likeliest one, and how colourful those of temperature 0 and 1 are.
func (s *completionScores) completed(ctx context.Context) error {
	if s.c.Hide == 1 {
		return nil
	}
	test := s.m.Set.Test
	for _, temperature := range []string{"0", "1"} {
		done, err := s.at(temperature, func() (*datasets.Samples, error) { return s.m.Session.Complete(ctx, test, s.known, 1, s.c.Seed) })
		if err != nil {
			return err
		}
		if temperature == "0" && s.density.Symbols != nil {
			s.hits(done)
		}
		s.colours("hidden_t"+temperature, lower(done, s.known), done.Len())
	}
	s.colours("hidden_data", lower(test, s.known), 0)
	return nil
}

// colours says how colourful images are, if they have colours.
func (s *completionScores) colours(of string, x *datasets.Samples, n int) {
	if x.Shape[2] == 3 {
		mean, vivid := saturation(x)
		s.add("saturation_"+of, mean, "", reports.None, n)
		s.add("vivid_"+of, vivid, "share", reports.None, n)
	}
}

func (s *completionScores) hits(done *datasets.Samples) {
	test := s.m.Set.Test
	model, copied := 0, 0
	for i := range test.Len() {
		truth, drawn := s.density.Symbols(test.Row(i)), s.density.Symbols(done.Row(i))
		for at, v := range truth {
			if above := s.lastGiven(at); above >= 0 {
				if drawn[at] == v {
					model++
				}
				if truth[above] == v {
					copied++
				}
			}
		}
	}
	n := float64(test.Len() * s.hiddenSites())
	s.add("right_hidden", float64(model)/n, "share", reports.Higher, test.Len())
	s.add("right_hidden_copy", float64(copied)/n, "share", reports.None, 0)
}

// at runs f at a temperature and sets back the model's own.
func (s *completionScores) at(temperature string, f func() (*datasets.Samples, error)) (*datasets.Samples, error) {
	own := s.m.Session.Settings()["temperature"]
	if err := s.m.Session.Set("temperature", temperature); err != nil {
		return nil, err
	}
	x, err := f()
	if back := s.m.Session.Set("temperature", own); err == nil {
		err = back
	}
	return x, err
}

// fromNothing are the values about samples.
func (s *completionScores) fromNothing(ctx context.Context) error {
	if s.c.Samples == 0 {
		return nil
	}
	for _, temperature := range []string{"0", "1"} {
		x, err := s.at(temperature, func() (*datasets.Samples, error) { return s.m.Session.Sample(ctx, s.c.Samples, nil, s.c.Seed) })
		if err != nil {
			return err
		}
		s.add("twins_t"+temperature, twins(x), "share", reports.None, x.Len())
		s.colours("t"+temperature, x, x.Len())
	}
	s.colours("data", s.m.Set.Test, 0)
	return nil
}

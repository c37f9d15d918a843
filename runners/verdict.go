package runners

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/machine"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
)

// Judge is the verdict on the fakes: collapse, dropped modes, copies; see metrics.Judge. Where the samples are images their pixels are looked at too.
func Judge(ctx context.Context, kit Kit, q ScoreRequest) (metrics.Verdict, *ScoreResult, error) {
	s := &scorer{kit: kit, q: q, judges: true, res: &ScoreResult{}}
	pair, err := s.pair(ctx)
	if err != nil {
		return metrics.Verdict{}, nil, err
	}
	pair.TrainImages = s.looks(ctx, &party{role: "train", side: q.Train})
	v, err := judged(ctx, pair)
	return v, s.res, err
}

// judged is the verdict with the parts of the data that are missing, and of the fakes that are invented, where something is wrong and no known modes name it. Of
// fakes off the data everything is invented, and all of the data missing.
func judged(ctx context.Context, p metrics.Pair) (metrics.Verdict, error) {
	v, err := metrics.Judge(ctx, p, metrics.DefaultThresholds())
	onlyCopies := !slices.ContainsFunc(v.Findings, func(f metrics.Finding) bool { return f.Word != metrics.Memorised }) && v.Word == metrics.Memorised
	if err != nil || p.Modes != nil || v.Word == metrics.Healthy || v.Has(metrics.OffData) || onlyCopies {
		return v, err
	}
	v.Missing, v.Invented, err = metrics.Parts(ctx, p)
	return v, err
}

// PartsSheet shows the samples of parts, a row for each: real samples for the missing ones, fakes for the invented. It is nil where there are no parts or the samples
// are no images.
func PartsSheet(s *datasets.Samples, parts []metrics.Part) (*imaging.Image, error) {
	if s == nil || !s.IsImage() || len(parts) == 0 {
		return nil, nil //nolint:nilnil // nothing to show
	}
	wide := 0
	for _, p := range parts {
		wide = max(wide, len(p.Rows))
	}
	var images []*imaging.Image
	for _, p := range parts {
		for k := range wide {
			m, err := Picture(s, p.Rows[min(k, len(p.Rows)-1)])
			if err != nil {
				return nil, err
			}
			images = append(images, m)
		}
	}
	return imaging.ContactSheet(images, wide, 1)
}

// looks are the pixels of a side; nil where it has none, where its images are of several sizes, or where the memory would not hold them all: a verdict does
// without, and the side's warnings say why.
func (s *scorer) looks(ctx context.Context, at *party) *metrics.Images {
	if at.side == nil || at.side.Features != nil || at.side.Stats != nil {
		return nil
	}
	if at.side.Samples == nil && at.side.Source != nil && at.side.Len() > 0 {
		m, _, err := at.side.Source.Image(0)
		if err != nil {
			return nil // it is named where features are made
		}
		if err := machine.Holds(4 * float64(m.H*m.W*m.C) * float64(at.side.Len())); err != nil {
			at.side.Warnings = append(at.side.Warnings, fmt.Sprintf("%s: the pixels were not looked at: all of them %v; give fewer samples", at.side.Path, err))
			return nil
		}
	}
	samples, err := at.side.samples(ctx, s.q.Feeding)
	if err != nil {
		at.side.Warnings = append(at.side.Warnings, fmt.Sprintf("%s: the pixels were not looked at: %v", at.side.Path, err))
		return nil
	}
	return sampleImages(samples)
}

// judge asks for the verdict on a cell's samples, with the training set beside them so that copying shows. The real row is the training set: it is judged
// without. Where no verdict is possible (too few samples, say) the word is unclear and the evidence is the reason.
func (e *execution) judge(ctx context.Context, c Cell, out *outcome, f featurizer.Featurizer, pair metrics.Pair) (*reports.Verdict, error) {
	if pair.Train == nil && c.Model != Real {
		train, _, err := e.store.real(ctx, f, out.set, "train", math.MaxInt)
		if err != nil {
			return nil, fmt.Errorf("featurizer %s: %w", f.ID(), err)
		}
		pair.Train = train.Features
	}
	if c.Model != Real {
		train, err := out.set.split("train")
		if err != nil {
			return nil, err
		}
		pair.TrainImages = sampleImages(train)
	}
	v, err := judged(ctx, pair)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		if errors.Is(err, metrics.ErrMissing) || errors.Is(err, metrics.ErrShape) {
			return nil, err // our own mistake
		}
		return &reports.Verdict{Word: string(metrics.Unclear), Evidence: []string{err.Error()}}, nil
	}
	w := &reports.Verdict{Word: string(v.Word), Evidence: []string{}}
	for _, found := range v.Findings {
		w.Evidence = append(w.Evidence, found.Line)
	}
	w.Evidence = append(append(w.Evidence, v.Shown()...), v.Warnings...)
	if line := v.Seen(); line != "" {
		w.Evidence = append(w.Evidence, line)
	}
	for _, r := range v.Readings {
		if finite(r.Value) && finite(r.Reference) {
			w.Readings = append(w.Readings, reports.Reading(r))
		}
	}
	out.missing, out.invented = nil, nil
	if pair.RealImages == nil || pair.FakeImages == nil {
		return w, nil
	}
	if out.missing, err = PartsSheet(samplesOf(pair.RealImages), v.Missing); err != nil {
		return nil, err
	}
	out.invented, err = PartsSheet(samplesOf(pair.FakeImages), v.Invented)
	return w, err
}

// samplesOf is the data sets' view of the metrics' images.
func samplesOf(m *metrics.Images) *datasets.Samples {
	return &datasets.Samples{Shape: []int{m.H, m.W, m.C}, Data: m.Pix}
}

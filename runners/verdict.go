package runners

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
)

// judge asks for the verdict on a cell's samples, with the training set beside them so that copying shows. The real row is the training set: it is judged
// without. Where no verdict is possible (too few samples, say) the word is unclear and the evidence is the reason.
func (e *execution) judge(ctx context.Context, c Cell, out outcome, f featurizer.Featurizer, pair metrics.Pair) (*reports.Verdict, error) {
	if pair.Train == nil && c.Model != Real {
		train, _, err := e.store.real(ctx, f, out.set, "train", math.MaxInt)
		if err != nil {
			return nil, fmt.Errorf("featurizer %s: %w", f.ID(), err)
		}
		pair.Train = train.Features
	}
	v, err := metrics.Judge(ctx, pair, metrics.DefaultThresholds())
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
	w.Evidence = append(w.Evidence, v.Warnings...)
	for _, r := range v.Readings {
		if finite(r.Value) && finite(r.Reference) {
			w.Readings = append(w.Readings, reports.Reading(r))
		}
	}
	return w, nil
}

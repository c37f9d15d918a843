package runners

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/machine"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// causeOf says of what kind the failure of a cell is.
func causeOf(err error) reports.Cause {
	var number *nn.NonFiniteError
	var file *fs.PathError
	var stopped *StoppedError
	switch {
	case errors.As(err, &stopped):
		return stopped.Alarm.Kind.Cause()
	case errors.As(err, &number) && number.NaN:
		return reports.NotANumber
	case errors.As(err, &number):
		return reports.Diverged
	case errors.Is(err, machine.ErrMemory):
		return reports.OutOfMemory
	case errors.Is(err, zoo.ErrSetting):
		return reports.BadSettings
	case errors.Is(err, context.DeadlineExceeded):
		return reports.TimedOut
	case errors.Is(err, datasets.ErrMissing), errors.Is(err, datasets.ErrCorrupt), errors.As(err, &file):
		return reports.Broken
	}
	return reports.Crashed
}

// unmeasured gives the values that could not be computed their cause: what is wrong with the samples where something is, else the metric.
func unmeasured(recs []reports.Record, s *datasets.Samples) {
	cause := reports.Cause("")
	for i := range recs {
		if recs[i].Status != reports.Failed || recs[i].Cause != "" {
			continue
		}
		if cause == "" {
			cause = faultOf(s)
		}
		recs[i].Cause = cause
	}
}

func faultOf(s *datasets.Samples) reports.Cause {
	if s == nil {
		return reports.Unmeasured
	}
	if slices.ContainsFunc(s.Data, func(v float32) bool { return v != v }) {
		return reports.NotANumber
	}
	if slices.ContainsFunc(s.Data, func(v float32) bool { return v-v != 0 }) {
		return reports.Diverged
	}
	for i := 1; i < s.Len(); i++ {
		if !slices.Equal(s.Row(i), s.Row(0)) {
			return reports.Unmeasured
		}
	}
	return reports.Collapsed
}

// excused says whether a cell failed through no fault of its own: it runs again with the next start.
func excused(recs []reports.Record) bool {
	return slices.ContainsFunc(recs, func(r reports.Record) bool { return r.CellFailed() && r.Cause.Infrastructure() })
}

// lasting says whether a failed cell would fail again: trying it once more is of no use.
func lasting(recs []reports.Record) bool {
	return slices.ContainsFunc(recs, func(r reports.Record) bool { return r.CellFailed() && r.Cause.Deterministic() })
}

package runners

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/machine"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// A training that leaves the numbers is a failure of its kind, from the operator up to the record, and is never tried again: the same would come of it.
func TestDivergenceIsARecordAndStays(t *testing.T) {
	c, err := ParseConfig("s.yaml", []byte(strings.Replace(ring, "[gap]", "[fd]", 1)+"floor: false\nbudget: 60\nmodels: [{name: wgan, settings: {lr_d: 10, lr_g: 10, clip: 1e9, batch: 8, depth: 16, width: 32}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(DefaultKit(), c)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, want := range []int{1, 0} { // cells run
		s, err := Run(context.Background(), DefaultKit(), p, Options{Dir: dir, RetryFailed: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Failed) != 1 || s.Failed[0].Cause != reports.Diverged || s.Failed[0].Value != 0 || !strings.Contains(s.Failed[0].Error, "Inf") {
			t.Fatalf("%+v", s.Failed)
		}
		if s.Ran != want {
			t.Errorf("%d cells ran, want %d", s.Ran, want)
		}
	}
}

func TestCauses(t *testing.T) {
	for _, c := range []struct {
		err  error
		want reports.Cause
	}{
		{fmt.Errorf("x: %w", zoo.ErrSetting), reports.BadSettings},
		{fmt.Errorf("x: %w", machine.ErrMemory), reports.OutOfMemory},
		{fmt.Errorf("x: %w", context.DeadlineExceeded), reports.TimedOut},
		{fmt.Errorf("x: %w", os.ErrNotExist), reports.Crashed}, // no file is named: whose fault it is cannot be told
		{&os.PathError{Op: "open", Path: "p", Err: os.ErrNotExist}, reports.Broken},
		{fmt.Errorf("x: %w", datasets.ErrMissing), reports.Broken},
		{errors.New("x"), reports.Crashed},
	} {
		if got := causeOf(c.err); got != c.want {
			t.Errorf("%v: %s, want %s", c.err, got, c.want)
		}
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		data []float32
		want reports.Cause
	}{
		{[]float32{1, nan, inf, 2}, reports.NotANumber},
		{[]float32{1, 2, -inf, 2}, reports.Diverged},
		{[]float32{1, 2, 1, 2}, reports.Collapsed},
		{[]float32{1, 2, 1, 3}, reports.Unmeasured},
	} {
		recs := []reports.Record{{Status: reports.Failed}, {Status: reports.OK}}
		unmeasured(recs, &datasets.Samples{Shape: []int{2}, Data: c.data})
		if recs[0].Cause != c.want || recs[1].Cause != "" {
			t.Errorf("%v: %q and %q, want %s and none", c.data, recs[0].Cause, recs[1].Cause, c.want)
		}
	}
}

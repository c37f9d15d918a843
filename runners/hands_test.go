package runners

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/reports"
)

// handsFunc makes hands of a function.
type handsFunc func(context.Context, *Work) error

func (f handsFunc) Carry(ctx context.Context, w *Work) error { return f(ctx, w) }

// Hands of another kind, which take the cells in another order, end in the same records.
func TestHandsOfOnesOwn(t *testing.T) {
	p := mustPlan(t, threeSeeds)
	want, got := t.TempDir(), t.TempDir()
	mustRun(t, p, Options{Dir: want})
	mustRun(t, p, Options{Dir: got, Hands: handsFunc(func(ctx context.Context, w *Work) error {
		for _, c := range slices.Backward(w.Cells) {
			res, err := w.Do(ctx, c)
			if err != nil {
				return err
			}
			if err := w.Deliver(ctx, res); err != nil {
				return err
			}
		}
		return nil
	})})
	if d := cmp.Diff(timeless(t, want), timeless(t, got)); d != "" {
		t.Errorf("(-here +own hands):\n%s", d)
	}
}

// A second result must say the same; a result that is damaged, or of another cell, build or data set, is refused, and the run goes on.
func TestResultsAreCheckedLikeFiles(t *testing.T) {
	p := mustPlan(t, ring+"floor: false\nseeds: [1]\nmodels: [quick]\n")
	dir := t.TempDir()
	mustRun(t, p, Options{Dir: dir, Hands: handsFunc(func(ctx context.Context, w *Work) error {
		good, err := w.Do(ctx, w.Cells[0])
		if err != nil {
			return err
		}
		refused := func(what string, want error, change func(*Result)) {
			t.Helper()
			bad := good
			bad.Records = slices.Clone(good.Records)
			change(&bad)
			if err := w.Deliver(ctx, bad); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		refused("another cell", ErrResult, func(r *Result) { r.Cell = "../../etc" })
		refused("another build", ErrResult, func(r *Result) { r.Build = "0123456789abcdef" })
		refused("other kernels", ErrResult, func(r *Result) { r.Kernel = "abacus" })
		refused("other data", ErrResult, func(r *Result) { r.Data = strings.Repeat("0", 64) })
		refused("no records", ErrResult, func(r *Result) { r.Records = nil })
		refused("a record of another seed", ErrResult, func(r *Result) { r.Records[0].Seed = 2 })
		refused("a record of other data", ErrResult, func(r *Result) { r.Records[0].Provenance.DatasetHash = "" })
		refused("no status", ErrResult, func(r *Result) { r.Records[0].Status = "fine" })
		refused("a path for a name", ErrResult, func(r *Result) { r.Files = map[string][]byte{"../../run.json": nil} })
		good.Files = map[string][]byte{"samples.txt": []byte("all well\n")}
		if err := w.Deliver(ctx, good); err != nil {
			return err
		}
		refused("a value that differs in its last bit", ErrDiffers, func(r *Result) { r.Records[0].Value *= 1 + 1e-15 })
		again := good
		again.Records = slices.Clone(good.Records)
		again.Records[0].Cost.WallSeconds, again.Records[0].Provenance.CPU = 99, "another"
		if err := w.Deliver(ctx, again); err != nil {
			t.Errorf("the same but for its cost: %v", err)
		}
		return nil
	})})
	recs, _, err := reports.ReadFile(filepath.Join(dir, reports.RecordsFile))
	if err != nil || len(recs) == 0 || recs[0].Cost.WallSeconds >= 99 {
		t.Errorf("the first result does not stand: %v %+v", err, recs)
	}
	if b, err := os.ReadFile(reports.TextPath(dir, p.Cells[0].Hash)); err != nil || string(b) != "all well\n" {
		t.Errorf("its artifact: %q, %v", b, err)
	}
}

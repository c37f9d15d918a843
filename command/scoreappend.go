package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// appendFlags turn a score into records of a run.
type appendFlags struct {
	file, model, dataset, failed string
	step                         int
	replace                      bool
}

func (f *appendFlags) flags(fl *pflag.FlagSet) {
	fl.StringVar(&f.file, "append", "", "add the values to `file` as records, for gate, compare, report and history (with --model, --dataset, --seed)")
	fl.StringVar(&f.model, "model", "", "`name` of the generator in the records")
	fl.StringVar(&f.dataset, "dataset", "", "`name` of the data in the records")
	wholeFlag(fl, &f.step, "step", "", 0, span{}, "training `step` of the generator, in the records")
	fl.BoolVar(&f.replace, "replace", false, "let new records take the place of what the file holds of the same run")
	fl.StringVar(&f.failed, "failed", "", "nothing to score: record that the run failed, with the `reason`")
}

// check refuses flags that do not go together, before anything is computed.
func (f *appendFlags) check() error {
	if f.file == "" {
		for _, flag := range []struct {
			name  string
			given bool
		}{{"--model", f.model != ""}, {"--dataset", f.dataset != ""}, {"--step", f.step != 0}, {"--replace", f.replace}, {"--failed", f.failed != ""}} {
			if flag.given {
				return usagef("%s is of records: add --append FILE", flag.name)
			}
		}
		return nil
	}
	if err := (runners.ScoreKeys{Model: f.model, Dataset: f.dataset, Step: f.step}).Check(); err != nil {
		return usage(err)
	}
	return nil
}

// keys are the records' keys, but for what is read from the real samples.
func (f *appendFlags) keys(seed uint64, version string) runners.ScoreKeys {
	return runners.ScoreKeys{Model: f.model, Dataset: f.dataset, Seed: seed, Step: f.step, Version: version}
}

// keepFailure records a run that left nothing to score.
func (a *app) keepFailure(ctx context.Context, f scoreFlags) error {
	if f.fake+f.logits+f.probs != "" {
		return usagef("--failed records a run that left nothing to score: leave out --fake, --logits and --probs")
	}
	return a.append(ctx, f.record, []reports.Record{runners.FailedRun(f.record.keys(f.seed, a.ownVersion()), f.record.failed)})
}

// keepScore appends what was found.
func (a *app) keepScore(ctx context.Context, f scoreFlags, res *runners.ScoreResult) error {
	keys := f.record.keys(f.seed, a.ownVersion())
	if f.real != "" {
		lo, hi, err := rangeOf(f.valueRange)
		if err != nil {
			return err
		}
		if keys.DatasetHash, err = runners.ContentHash(ctx, f.real, lo, hi, source.Options{Flat: f.flat}); err != nil {
			return err
		}
	}
	return a.append(ctx, f.record, res.Keyed(keys))
}

func (a *app) append(ctx context.Context, f appendFlags, recs []reports.Record) error {
	done, err := reports.Append(ctx, f.file, recs, f.replace)
	if errors.Is(err, reports.ErrTaken) {
		return fmt.Errorf("%w by --replace", err)
	}
	if err != nil {
		return err
	}
	words := []string{fmt.Sprintf("%d records added", done.Added)}
	if done.Same > 0 {
		words = append(words, fmt.Sprintf("%d there already with the same values", done.Same))
	}
	if done.Replaced > 0 {
		words = append(words, fmt.Sprintf("%d replaced", done.Replaced))
	}
	if done.Torn != nil {
		words = append(words, done.Torn.String())
	}
	fmt.Fprintf(a.err, "%s: %s\n", f.file, strings.Join(words, ", "))
	return nil
}

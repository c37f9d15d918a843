package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/zoo"
)

type trainFlags struct {
	dataset, out, data string
	preset             string
	steps              int
	seed, dataSeed     uint64
	set, params        []string
	trainN, testN      int
	quiet              bool
	monitor            bool
	watch              runners.MonitorSpec
	stopOn             []string
}

func (a *app) train() *cobra.Command {
	var f trainFlags
	c := &cobra.Command{
		Use:   "train MODEL --dataset SET",
		Short: "Train one model",
		Long: `Train trains one model on one data set and keeps it in a folder: model.safetensors, the card
model.json, the training curves, and a picture or the values of some samples.

With --monitor (or --stop-on) it looks at the samples every so many steps: how many of the modes,
or of the clusters of the data, they fall on, near-duplicates, the gradients and the loss of the
discriminator. What it finds stands in the progress line, on the terminal and in monitor.json; the
weights are those of the run without it. --stop-on collapse ends a run that collapsed, with 1.

Interrupted, the same command goes on where it stopped.`,
		Example: `  assay train gan-ns --dataset ring --steps 2000 --out runs/ring --set lr_g=1e-4
  assay train vae --dataset glyphs --out runs/vae --seed 2
  assay train wgan --dataset grid --preset paper --set clip=0.1
  assay train gan-ns --dataset ring --steps 2000 --monitor-every 20 --stop-on collapse
  assay sample --checkpoint runs/vae/model.safetensors -n 64 --out grid.png`,
		Args: takes(1, 1, "one model"),
	}
	fl := c.Flags()
	fl.StringVar(&f.dataset, "dataset", "", "`name` of the data set (assay list datasets)")
	fl.StringVar(&f.out, "out", "", "`folder` for the model (default: runs/MODEL-SET-SEED)")
	fl.StringVar(&f.preset, "preset", "", "start from the settings of a preset: `name` default or paper")
	wholeFlag(fl, &f.steps, "steps", "", 0, span{lo: 1, zero: "the model's"}, "training length in `steps` (default: the model's)")
	seedFlag(fl, &f.seed, "seed", 1, "`seed` of weights, batches and noise")
	seedFlag(fl, &f.dataSeed, "data-seed", 1, "`seed` of a synthetic data set and of random splits")
	fl.StringArrayVar(&f.set, "set", nil, "a setting of the model: `name=value` (assay list models MODEL)")
	fl.StringArrayVar(&f.params, "param", nil, "a parameter of the data set: `name=number` (assay list datasets SET)")
	wholeFlag(fl, &f.trainN, "train-n", "", 0, span{lo: 1, zero: "the set's"}, "`size` of the training split (default: the set's)")
	wholeFlag(fl, &f.testN, "test-n", "", 0, span{lo: 1, zero: "the set's"}, "`size` of the test split (default: the set's)")
	fl.BoolVar(&f.monitor, "monitor", false, "look every so often at modes, duplicates, gradients and losses, and keep what was seen in monitor.json")
	wholeFlag(fl, &f.watch.Every, "monitor-every", "", 0, span{lo: 1, zero: "a hundredth of the steps"}, "`steps` between two looks")
	wholeFlag(fl, &f.watch.Samples, "monitor-samples", "", 1000, span{lo: 50}, "`number` of samples drawn at a look")
	fl.StringSliceVar(&f.stopOn, "stop-on", nil, "end training on these `alarms` of the monitor: collapse, duplicates, divergence, gradients")
	fl.BoolVar(&f.quiet, "quiet", false, "no progress")
	dataFlag(c, &f.data)
	c.RunE = func(c *cobra.Command, args []string) error { return a.runTrain(c.Context(), args[0], f) }
	return c
}

// trainCell turns the flags into what is to be trained.
func (a *app) trainCell(model string, f trainFlags) (cell runners.Cell, err error) {
	if f.dataset == "" {
		return cell, usagef("train needs --dataset (assay list datasets)")
	}
	m, err := a.kit.Model(model)
	if err != nil {
		return cell, usage(err)
	}
	d, err := a.kit.Dataset(f.dataset)
	if err != nil {
		return cell, usage(err)
	}
	cell = runners.Cell{Model: model, Dataset: f.dataset, Seed: f.seed, Data: runners.DataKey{Seed: f.dataSeed, Train: f.trainN, Test: f.testN, Params: map[string]float64{}}}
	if cell.Settings, err = zoo.Preset(m.Info(), d.Info().Kind, f.preset); err != nil {
		return cell, usage(fmt.Errorf("--preset: %w", err))
	}
	set, err := assignments("--set", f.set)
	if err != nil {
		return cell, err
	}
	maps.Copy(cell.Settings, set)
	if f.steps > 0 {
		cell.Settings["steps"] = strconv.Itoa(f.steps)
	}
	params, err := assignments("--param", f.params)
	if err != nil {
		return cell, err
	}
	for k, v := range params {
		if cell.Data.Params[k], err = strconv.ParseFloat(v, 64); err != nil {
			return cell, usagef("--param %s=%s: want a number", k, v)
		}
	}
	return cell, nil
}

func (a *app) runTrain(ctx context.Context, name string, f trainFlags) error {
	cell, err := a.trainCell(name, f)
	if err != nil {
		return err
	}
	m, err := runners.NewModel(ctx, a.kit, cell, dataDir(f.data))
	if errors.Is(err, zoo.ErrSetting) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	dir := f.out
	if dir == "" {
		dir = filepath.Join("runs", fmt.Sprintf("%s-%s-%d", name, f.dataset, f.seed))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	checkpoint := filepath.Join(dir, "model.safetensors")
	if err := m.GoOn(checkpoint); err != nil {
		return err
	}
	if set := m.Set.Files; set != nil && !f.quiet {
		fmt.Fprintf(a.err, "assay: %s (%s): %d images, content %s\n", set.Path, set.Kind, set.N, set.Content)
	}
	switch at := m.Session.Step(); {
	case at == 0 || f.quiet:
	case at == m.Cell.Steps():
		fmt.Fprintf(a.err, "assay: %s is trained already, for %d steps: only curves and samples are written anew\n", checkpoint, at)
	default:
		fmt.Fprintf(a.err, "assay: %s is gone on with, from step %d to %d\n", checkpoint, at, m.Cell.Steps())
	}
	o := zoo.TrainOptions{Checkpoint: checkpoint, CheckpointEvery: max(1, m.Cell.Steps()/10)}
	watch, err := a.trainMonitor(ctx, m, f)
	if err != nil {
		return err
	}
	if watch != nil {
		o.Monitor = watch
	}
	show := newDisplay(a.screen, f.quiet)
	show.event(runners.Event{Kind: runners.Prepared, Total: 1})
	show.event(runners.Event{Kind: runners.Started, Cell: m.Cell, Total: 1})
	o.Progress = func(p zoo.Progress) {
		show.event(runners.Event{Kind: runners.Progressed, Cell: m.Cell, Progress: p, Total: 1})
	}
	err = m.Session.Train(ctx, o)
	show.close()
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted at step %d of %d; the same command goes on from %s", m.Session.Step(), m.Cell.Steps(), checkpoint)
	}
	if watch != nil {
		if err := a.keepWatch(watch, dir, f.quiet); err != nil {
			return err
		}
	}
	var stopped *runners.StoppedError
	if errors.As(err, &stopped) {
		return found(fmt.Errorf("%s: %w; %s holds the model as it was then", m.Cell.Title(), stopped, checkpoint))
	}
	if err != nil {
		return err
	}
	return a.finishTrain(ctx, m, dir, checkpoint)
}

// finishTrain leaves curves and samples beside the model.
func (a *app) finishTrain(ctx context.Context, m *runners.Model, dir, checkpoint string) error {
	b, err := json.MarshalIndent(m.Session.Curves(), "", " ")
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(dir, "curves.json"), append(b, '\n')); err != nil {
		return err
	}
	samples, err := m.Session.Sample(ctx, 100, nil, m.Cell.Seed)
	if err != nil {
		return err
	}
	out := filepath.Join(dir, "samples.png")
	switch {
	case m.Set.Vocabulary != nil:
		out = filepath.Join(dir, "samples.txt")
	case !samples.IsImage():
		out = filepath.Join(dir, "samples.npy")
	}
	if err := saveSamples(samples, m.Session.Sources(100), m.Set.Vocabulary, out); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "%s after %d steps: %s, %s\n", m.Cell.Title(), m.Session.Step(), checkpoint, out)
	return err
}

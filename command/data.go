package command

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/suggest"
)

type dataFlags struct {
	out, as, data, format string
	seed                  uint64
	params                []string
	train, test, hold     int
}

// dataForms are what --as may say.
var dataForms = []string{"png", "npy", "npz"}

func (a *app) data() *cobra.Command {
	var f dataFlags
	c := &cobra.Command{
		Use:   "data NAME --out OUT",
		Short: "Write a data set to files, for other programs to train on",
		Long: `Data writes the splits of a data set with their labels, the very samples that train, bench and
score use:

  png  OUT/SPLIT/CLASS/000000.png, without CLASS where there are no labels; --dataset folder reads it
  npy  OUT/SPLIT.npy and OUT/SPLIT-labels.npy
  npz  the file OUT with the arrays x_SPLIT and y_SPLIT

SPLIT is train, test or hold; of a set with two domains trainA and trainB, and so on. Images are
N x H x W x C bytes in arrays, points floats, sentences the numbers of their tokens. OUT is written
whole or not at all.`,
		Example: `  assay data glyphs --out glyphs.npz
  assay data glyphs --out glyphs/ --train-n 5000
  assay data ring --out ring/ --param modes=25
  assay data cifar10 --data DIR --out cifar/ --as npy`,
		Args: takes(1, 1, "one data set"),
	}
	fl := c.Flags()
	fl.StringVar(&f.out, "out", "", "`path` to write: a file ending in .npz, or a new folder")
	fl.StringVar(&f.as, "as", "", "`form`: png, npy or npz (default: npz by the ending, else png for images and npy for others)")
	seedFlag(fl, &f.seed, "seed", 1, "`seed` of a synthetic data set and of random splits")
	fl.StringArrayVar(&f.params, "param", nil, "a parameter of the data set: `name=number` (assay list datasets SET)")
	wholeFlag(fl, &f.train, "train-n", "", 0, span{lo: 1, zero: "the set's"}, "`size` of the training split (default: the set's)")
	wholeFlag(fl, &f.test, "test-n", "", 0, span{lo: 1, zero: "the set's"}, "`size` of the test split (default: the set's)")
	wholeFlag(fl, &f.hold, "hold-n", "", 0, span{lo: 1, zero: "the set's"}, "`size` of the hold-out (default: the set's)")
	dataFlag(c, &f.data)
	a.tableFlags(c, &f.format)
	c.RunE = func(c *cobra.Command, args []string) error { return a.runData(c.Context(), args[0], f) }
	return c
}

func (a *app) runData(ctx context.Context, name string, f dataFlags) error {
	set, err := a.loadData(ctx, name, &f)
	if err != nil {
		return err
	}
	splits := splitsOf(set)
	switch f.as {
	case "png":
		err = newFolder(f.out, func(dir string) error { return pngSplits(ctx, dir, set, splits) })
	case "npy":
		err = newFolder(f.out, func(dir string) error { return npySplits(dir, splits) })
	default:
		err = npzOf(splits).Save(f.out)
	}
	if err != nil {
		return err
	}
	return a.showData(set, splits, f)
}

// loadData checks the flags before it loads anything.
func (a *app) loadData(ctx context.Context, name string, f *dataFlags) (*datasets.Set, error) {
	d, err := a.kit.Dataset(name)
	if err != nil {
		return nil, usage(err)
	}
	images := d.Info().Kind == datasets.Images
	if f.as == "" {
		f.as = map[bool]string{true: "png", false: "npy"}[images]
		if strings.HasSuffix(strings.ToLower(f.out), ".npz") {
			f.as = "npz"
		}
	}
	switch {
	case f.out == "":
		return nil, usagef("data needs --out, such as %s.npz or %s/", name, name)
	case !slices.Contains(dataForms, f.as):
		return nil, usage(suggest.Unknown("form", f.as, dataForms))
	case f.as == "png" && !images:
		return nil, usagef("%s holds %s, and --as png is for images: use --as npy or npz", name, d.Info().Kind)
	case f.as == "npz" && !strings.HasSuffix(strings.ToLower(f.out), ".npz"):
		return nil, usagef("--out %s: an npz file's name ends in .npz", f.out)
	}
	if f.as != "npz" {
		if err := free(f.out); err != nil {
			return nil, err
		}
	}
	o := datasets.Options{Dir: dataDir(f.data), Seed: f.seed, Train: f.train, Test: f.test, Hold: f.hold, Params: map[string]float64{}}
	params, err := assignments("--param", f.params)
	if err != nil {
		return nil, err
	}
	for k, v := range params {
		if o.Params[k], err = strconv.ParseFloat(v, 64); err != nil {
			return nil, usagef("--param %s=%s: want a number", k, v)
		}
	}
	if err := d.Info().CheckParams(o.Params); err != nil {
		return nil, usage(err)
	}
	return d.Load(ctx, o)
}

func (a *app) showData(set *datasets.Set, splits []split, f dataFlags) error {
	var rows [][]string
	for _, s := range splits {
		rows = append(rows, []string{s.Name, strconv.Itoa(s.N), shape(s.samples.Shape), map[bool]string{true: "yes", false: "none"}[s.Labels], s.Content[:12]})
	}
	t := table("data", set.Info.ID+" in "+f.out, []string{"split", "N", "shape", "labels", "content"}, rows)
	t.Notes = append(t.Notes, "licence: "+set.Info.License)
	return a.show(f.format, t, map[string]any{
		"dataset": set.Info.ID, "content": set.Hash(), "out": f.out, "as": f.as, "splits": splits, "classes": set.Info.Classes, "license": set.Info.License,
	})
}

package command

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging/listing"
	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/runners"
)

type prepareFlags struct {
	recipe, out, onError, format string
	limit                        int
	show, quiet                  bool
}

func (a *app) prepare() *cobra.Command {
	var f prepareFlags
	c := &cobra.Command{
		Use:   "prepare SRC --recipe R --out OUT",
		Short: "Make a reference set of raw images by a recipe",
		Long: `Prepare crops and resizes raw images as a paper's references were, and records
how: beside the images lie assay-prepared.json (the recipe, its hash, the
program, a hash of the images) and assay-prepared.tsv (every file with the
sha256 of what went in and what came out). A score of the set names the recipe.

Recipes: ` + strings.Join(runners.Recipes(), ", ") + `,
or a YAML file of your own (--show prints one to start from). The pixels are
those of Pillow, bit by bit.

OUT is a new folder of PNG files that keeps the sub-folders of SRC, or a file
ending in .zip (the same) or .npz (one array, with the classes as labels). It
is written whole or not at all; an interrupted command goes on where it was.`,
		Example: `  assay prepare imagenet/val --recipe rfid-256 --out val256
  assay prepare imagenet/train --recipe adm-256 --out train256.zip
  assay prepare raw/ --recipe ./mine.yaml --out ref/ --on-error skip
  assay prepare --recipe adm-256 --show`,
		Args: takes(0, 1, "one place of images"),
	}
	fl := c.Flags()
	fl.StringVar(&f.recipe, "recipe", "", "`name` of a recipe, or a YAML file")
	fl.StringVar(&f.out, "out", "", "`path` to write: a new folder, or a file ending in .zip or .npz")
	wholeFlag(fl, &f.limit, "limit", "", 0, span{lo: 1, zero: "the recipe's"}, "take the first `number` images of the recipe's order (default: the recipe's)")
	fl.StringVar(&f.onError, "on-error", "fail", "what to do with images that cannot be used: fail, or skip them and list them; `word`")
	fl.BoolVar(&f.show, "show", false, "print the recipe in its canonical form with its hash, and do nothing")
	fl.BoolVar(&f.quiet, "quiet", false, "no progress")
	a.tableFlags(c, &f.format)
	c.RunE = func(c *cobra.Command, args []string) error { return a.runPrepare(c, args, f) }
	return c
}

func (a *app) runPrepare(c *cobra.Command, args []string, f prepareFlags) (err error) {
	if f.recipe == "" {
		return usagef("prepare needs --recipe: %s, or a YAML file", strings.Join(runners.Recipes(), ", "))
	}
	recipe, err := runners.OpenRecipe(f.recipe)
	if err != nil {
		return usage(err)
	}
	recipe.Limit = cmp.Or(f.limit, recipe.Limit)
	switch {
	case f.show:
		return a.showRecipe(recipe, f.format)
	case len(args) == 0:
		return usagef("prepare needs the place of the raw images (see assay prepare --help)")
	case f.out == "":
		return usagef("prepare needs --out, such as %s-%s", filepath.Base(args[0]), recipe.Name)
	case f.onError != "fail" && f.onError != "skip":
		return usage(suggest.Unknown("choice", f.onError, []string{"fail", "skip"}))
	}
	set, err := source.Open(c.Context(), args[0], source.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, set.Close()) }()
	if left := listing.LeftOut(set.Left); left != "" {
		fmt.Fprintln(a.err, quote.Line(fmt.Sprintf("assay: %s: %s", args[0], left)))
	}
	q := runners.Preparation{Recipe: recipe, Source: set, Out: f.out, Version: a.ownVersion(), Skip: f.onError == "skip"}
	show := newMeterLine(a.screen, f.quiet)
	if show != nil {
		q.Progress = show.tell
	}
	done, err := runners.Prepare(c.Context(), q)
	show.close()
	if c.Context().Err() != nil {
		return errors.New("interrupted; the same command goes on from the images that are made")
	}
	if err != nil {
		return err
	}
	return a.showPrepared(recipe, done, f.format)
}

func (a *app) showRecipe(r *runners.Recipe, format string) error {
	if format == "json" {
		return a.json(map[string]string{"recipe": r.Name, "title": r.Title, "paper": r.Paper, "text": r.Text(), "hash": r.Hash()})
	}
	_, err := fmt.Fprintf(a.out, "%shash: %s\n", r.Text(), r.Hash())
	return err
}

// preparedReport is the JSON of a prepared set.
type preparedReport struct {
	source.Prepared
	Out      string         `json:"out"`
	Format   string         `json:"format"`
	Already  bool           `json:"already"`
	Resumed  int            `json:"resumed"`
	Bad      []source.Bad   `json:"bad,omitempty"`
	Warnings map[string]int `json:"warnings,omitempty"`
}

func (a *app) showPrepared(r *runners.Recipe, p *runners.PreparedSet, format string) error {
	if r.Images > 0 && r.Limit == 0 && p.N != r.Images {
		fmt.Fprintf(a.err, "assay: warning: the set of %s has %d images, this one %d: numbers of papers are of all of them\n", r.Name, r.Images, p.N)
	}
	for i, b := range p.Bad {
		if i == 10 {
			fmt.Fprintf(a.err, "assay: warning: and %d more are left out (--format json lists them)\n", len(p.Bad)-i)
			break
		}
		fmt.Fprintln(a.err, quote.Line("assay: warning: left out: "+b.Error))
	}
	for _, w := range slices.Sorted(maps.Keys(p.Warnings)) {
		fmt.Fprintln(a.err, quote.Line(fmt.Sprintf("assay: warning: %s (%d images)", w, p.Warnings[w])))
	}
	rows := [][]string{{"images", strconv.Itoa(p.N)}, {"recipe", r.Name}, {"recipe's hash", p.Hash}, {"content", p.Content}, {"made by", p.Program}}
	if len(p.Bad) > 0 {
		rows = append(rows, []string{"left out", strconv.Itoa(len(p.Bad))})
	}
	if p.Resumed > 0 {
		rows = append(rows, []string{"there from before", strconv.Itoa(p.Resumed)})
	}
	t := table("prepare", p.Out, []string{"", ""}, rows)
	if p.Already {
		t.Notes = append(t.Notes, "it held just this before: nothing was done")
	}
	return a.show(format, t, preparedReport{p.Prepared, p.Out, p.Format, p.Already, p.Resumed, p.Bad, p.Warnings})
}

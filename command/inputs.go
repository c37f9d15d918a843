package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/imaging/listing"
	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/runners"
)

// inputFlags are how samples are read and brought into feature space: shared by score, stats, modes and explain.
type inputFlags struct {
	featurizer, protocol, layer, weights string
	onError, cache, valueRange, data     string
	n, batch                             int
	seed                                 uint64
	flat, quiet                          bool
	inBlocks                             bool // features are worked on block by block, not read whole
}

// inputsHelp tells what a path may be.
const inputsHelp = `A path is a folder of images (sub-folders are classes), a zip or tar archive of images (plain or
gz; WebDataset's .cls files give classes), an IDX file or a CIFAR batch, an npy or npz array of
images (N x H x W x C, bytes or floats) or of features (N x D), tensors of PyTorch (.pt) or
safetensors, a table of features (.csv, .tsv), or an npz file of statistics (mu, sigma). Name one
array of several by FILE.npz:NAME or FILE.pt:NAME. cifar10-train, mnist-test and the
like are the splits of data sets in --data, where no such path is there.`

// featurizerFlags adds what chooses the feature space.
func (f *inputFlags) featurizerFlags(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.featurizer, "featurizer", "none", "`name` of the featurizer (assay list featurizers), or \"exec:PROGRAM ARGUMENTS\"; needed for images unless --protocol stands for it")
	fl.StringVar(&f.protocol, "protocol", "", "prepare images and score as this `tool` does, by the Inception network (assay list protocols)")
	fl.StringVar(&f.layer, "layer", "", "`layer` of the Inception network: 64, 192, 768, 2048, 2023 (spatial, sFID) or 2048-2023 (both)")
}

// readFlags adds how samples are read.
func (f *inputFlags) readFlags(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.weights, "weights", "", "weights `file` of a featurizer that needs one (default: what assay fetch brought)")
	wholeFlag(fl, &f.n, "n", "", 0, span{lo: 2, zero: "all"}, "take `number` samples of each side, chosen by the seed (default: all)")
	wholeFlag(fl, &f.batch, "batch", "", 64, span{lo: 1, hi: 65536}, "`images` in work at a time; never changes the result")
	cacheFlag(fl, &f.cache)
	fl.StringVar(&f.onError, "on-error", "fail", "what to do with images that cannot be read: fail, or skip them and list them; `word`")
	fl.StringVar(&f.valueRange, "range", "", "range of float images as `lo,hi`, e.g. 0,1")
	fl.BoolVar(&f.flat, "flat", false, "do not look into sub-folders")
	seedFlag(fl, &f.seed, "seed", 1, "`seed` of subsets and projections")
	fl.BoolVar(&f.quiet, "quiet", false, "no progress")
	dataFlag(c, &f.data)
}

// interrupted is how a pass over images ends that was stopped. Features are kept a batch at a time, so that what goes lost is less than one.
func (f *inputFlags) interrupted() error {
	if featureFolder(f.cache) == "" {
		return errors.New("interrupted; no features are kept without a cache: the same command begins again")
	}
	return fmt.Errorf("interrupted; whole batches of %d images are kept (--batch): the same command goes on from there", f.batch)
}

// check refuses impossible values before any file is opened.
func (a *app) checkInputs(f *inputFlags) error {
	if f.onError != "fail" && f.onError != "skip" {
		return usage(suggest.Unknown("choice", f.onError, []string{"fail", "skip"}))
	}
	if _, _, err := rangeOf(f.valueRange); err != nil {
		return err
	}
	return nil
}

// spec is the featurizer that --featurizer, --protocol and --layer ask for together.
func (a *app) spec(c *cobra.Command, f *inputFlags) (string, error) {
	spec := f.featurizer
	if f.protocol != "" || f.layer != "" {
		if !c.Flags().Changed("featurizer") {
			spec = "inception"
		}
		s, err := featurizer.ParseSpec(spec)
		if err != nil {
			return "", usage(err)
		}
		if s.Name == "dinov2" && f.layer == "" { // its preparations bear the tools' names
			return a.prepared(s, f.protocol)
		}
		seed, ok := map[string]int{"inception": 0, "inception-random": 1}[s.Name]
		if !ok || len(s.Args) != seed {
			return "", usagef("--protocol and --layer are of the featurizers inception and inception-random(seed), not of %s", spec)
		}
		protocol, layer := f.protocol, f.layer
		if protocol == "" {
			protocol = "pytorch-fid"
		}
		p, err := featurizer.LookupProtocol(protocol)
		if err != nil {
			return "", usage(err)
		}
		if protocol = p.Name; layer == "" {
			layer = p.Layer
		}
		for _, word := range []string{protocol, layer} {
			arg, err := featurizer.ParseSpec(word)
			if err != nil {
				return "", usagef("--layer %q: want 64, 192, 768, 2048, 2023 or 2048-2023", word)
			}
			s.Args = append(s.Args, arg)
		}
		spec = s.String()
	}
	if _, err := a.kit.FeaturizerID(spec); err != nil {
		if featurizer.Outside(spec) { // the name is right, the user's file or program is not there
			return "", err
		}
		return "", usage(err)
	}
	return spec, nil
}

// prepared is a featurizer's specification with the preparation that a protocol names, unless it names the same.
func (a *app) prepared(s featurizer.Spec, protocol string) (string, error) {
	prep, err := featurizer.ParseSpec(strings.ReplaceAll(strings.ToLower(protocol), "_", "-"))
	if err != nil {
		return "", usagef("--protocol %q: want the name of a tool", protocol)
	}
	if !slices.ContainsFunc(s.Args, func(a featurizer.Spec) bool { return a.String() == prep.String() }) {
		s.Args = append(s.Args, prep)
	}
	if _, err := a.kit.FeaturizerID(s.String()); err != nil && !featurizer.Outside(s.String()) {
		return "", usage(err)
	}
	return s.String(), nil
}

// env is what featurizers may need.
func (f *inputFlags) env() featurizer.Env {
	return featurizer.Env{DataDir: dataDir(f.data), Weights: f.weights}
}

// feeding is how images go through the featurizer; show may be nil.
func (f *inputFlags) feeding(show *meterLine) runners.Feeding {
	w := runners.Feeding{Skip: f.onError == "skip", Batch: f.batch}
	if show != nil {
		w.Progress = show.tell
	}
	if f.featurizer != runners.RawFeaturizer || f.protocol != "" || f.layer != "" { // else nothing is kept, and the folder's name takes a hash of this program
		w.Cache = featureFolder(f.cache)
	}
	return w
}

func cacheFlag(fl *pflag.FlagSet, at *string) {
	fl.StringVar(at, "cache", "", "`folder` that keeps features by the images' content, or off (default: ASSAY_CACHE, which may be off too, else the user's cache folder)")
}

// featureFolder is the folder of kept features that the flag --cache names; "" where there is to be none.
func featureFolder(flag string) string {
	switch flag {
	case "off":
		return ""
	case "":
		dir, err := (featurizer.Env{}).CachePath()
		if err != nil {
			return ""
		}
		return runners.FeatureCache(dir)
	}
	return runners.FeatureCache(flag)
}

// side opens one input and takes --n of it: a path or, where there is none, a split of a data set by its name, such as cifar10-train.
func (a *app) side(ctx context.Context, f *inputFlags, path string) (s *runners.Side, err error) {
	lo, hi, err := rangeOf(f.valueRange)
	if err != nil {
		return nil, err
	}
	named := false
	if _, gone := os.Stat(path); errors.Is(gone, fs.ErrNotExist) {
		s, named, err = runners.OpenSplit(ctx, a.kit, path, dataDir(f.data))
	}
	if !named && err == nil {
		s, named, err = runners.OpenRows(path)
	}
	if !named && err == nil {
		s, err = runners.OpenSide(ctx, path, lo, hi, source.Options{Flat: f.flat, Limits: imaging.Limits{}})
	}
	if err != nil {
		return nil, err
	}
	if f.n > 0 && s.Stats == nil {
		return s, s.Take(f.n, f.seed)
	}
	if f.inBlocks {
		return s, nil
	}
	return s, s.Load()
}

// warn prints what was noticed about the inputs.
func (a *app) warn(sides ...*runners.Side) {
	for _, s := range sides {
		if s == nil {
			continue
		}
		if s.Source != nil {
			if left := listing.LeftOut(s.Source.Left); left != "" {
				fmt.Fprintln(a.err, quote.Line(fmt.Sprintf("assay: %s: %s", s.Path, left)))
			}
		}
		for i, w := range s.Warnings {
			if i == 10 {
				fmt.Fprintln(a.err, quote.Line(fmt.Sprintf("assay: warning: %s: and %d more (--format json lists them)", s.Path, len(s.Warnings)-i)))
				break
			}
			fmt.Fprintln(a.err, quote.Line("assay: warning: "+wording.Replace(w)))
		}
	}
}

// inputReport is what became of one input, for JSON.
type inputReport struct {
	Path     string            `json:"path"`
	Kind     string            `json:"kind"`
	N        int               `json:"n"`
	Content  string            `json:"content"`  // what it holds, see runners.Side.Content: one name for a folder, its archives and the array of its bytes
	LeftOut  int               `json:"left_out"` // images that could not be used
	Bad      []source.Bad      `json:"bad,omitempty"`
	Ignored  []listing.Left    `json:"ignored,omitempty"` // files that are no part of the set, and why
	Warnings []string          `json:"warnings,omitempty"`
	Made     map[string]string `json:"made,omitempty"`     // of statistics
	Prepared string            `json:"prepared,omitempty"` // recipe of assay prepare that the images were made by, see runners.Side.PreparedBy
}

func reportInput(s *runners.Side) inputReport {
	r := inputReport{Path: s.Path, Kind: "samples", N: s.Len(), Warnings: s.Warnings, Prepared: s.PreparedBy()}
	switch {
	case s.Stats != nil:
		r.Kind, r.Made = "statistics", s.Stats.Made
	case s.Source != nil:
		r.Kind, r.Ignored = s.Source.Kind, s.Source.Left
	case s.Features != nil:
		r.Kind = "features"
	}
	r.Content, _ = s.Content(context.Background()) // nothing is read for it any more
	if s.Report != nil {
		r.Bad, r.LeftOut = s.Report.Bad, len(s.Report.Bad)
	}
	return r
}

func rangeOf(s string) (lo, hi float64, err error) {
	if s == "" {
		return 0, 0, nil
	}
	a, b, ok := strings.Cut(s, ",")
	lo, err1 := strconv.ParseFloat(a, 64)
	hi, err2 := strconv.ParseFloat(b, 64)
	if !ok || err1 != nil || err2 != nil || !(lo < hi) || math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		return 0, 0, usagef("--range %q: want lo,hi with lo below hi, such as 0,1", s)
	}
	return lo, hi, nil
}

// called is the name a Frechet distance deserves: FID for the public weights under a named protocol, else FD with the featurizer's name.
func called(featurizerID, weights, protocol string) string {
	public := strings.TrimSuffix(filepath.Base(featurizer.PublicInception), ".pth")
	if protocol != "" && weights != "" && strings.HasSuffix(public, weights[:min(8, len(weights))]) && strings.HasSuffix(featurizerID, ",2048)") {
		return "FID (" + protocol + ")"
	}
	return "FD-" + featurizerID
}

package command

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

type scoreFlags struct {
	inputFlags
	real, fake, train  string
	versus, holdout    string
	columns            string
	floor, paired      bool
	novelty            bool
	lpips              []string
	logits, probs      string
	labels, realLabels string
	groups, realGroups string
	versusGroups       string
	holdoutGroups      string
	realN, fakeN       int
	versusN            int
	force              bool
	format             string
	metrics, set       []string
	record             appendFlags
	peer               peerFlags
}

func (a *app) score() *cobra.Command {
	var f scoreFlags
	c := &cobra.Command{
		Use:   "score [--real] R [--fake] F",
		Short: "Score samples made anywhere",
		Long: `Score computes metrics of samples that any program made.

` + inputsHelp + `

Images are scored as a public tool would by --protocol and the Inception weights (assay fetch
inception, or --weights FILE); the metrics take the tool's conventions. Features are kept by the
images' content, so that a second score of the same images, or one after an interrupt, is quick.
Features and logits computed elsewhere go in as they are, with --featurizer none.

--protocol rfid is for reconstructions (tokenizers, autoencoders): both sides must be the same
images, which is checked by their names, or their order, and by their looks; its metrics are fd,
psnr and ssim, and lpips where --lpips gives its two files of weights. --paired alone makes the
pairs under any featurizer.

Tables of mixed columns become features by --columns: numeric ones in standard deviations of
--real, ordinal ones from 0 to 1, categorical ones so that two different words are 1 apart. With
--holdout the memorisation metrics (dcr, nn_ratio, auth_pct, c_t) hold the fakes against the real
samples as the training set, and against samples that were held out.

Samples that are not independent (frames of a clip, images of a patient, draws for a prompt) make
intervals that take each for itself too narrow: --groups and --real-groups say which belong
together, in a .csv with a column group (and one of names), a .txt of one a line, or an array.
Intervals, --versus, halves and folds then go by whole groups.

A copy of the training set has the best fd of all: with --train (and --real held out), or with
--holdout, nn_ratio and c_t are computed beside metrics that do not look for copies.

--append adds the values to a file of records, under --model, --dataset and --seed: the last line
of anyone's evaluation script makes it something to gate, compare, report and see over time. The
same score twice is kept once; another value for the same run is refused without --replace.`,
		Example: `  assay score --real real/ --fake fake/ --protocol pytorch-fid --metrics fd,is,kid,prdc --format json
  assay score real/ fake/ --protocol pytorch-fid
  assay score --real cifar10-train --fake fake/ --protocol torch-fidelity --metrics fd,is,kid
  assay score --real val256/ --fake recon/ --protocol rfid
  assay score --real val256/ --fake recon/ --protocol rfid --lpips vgg16-397923af.pth,vgg.pth
  assay score --real stats.npz --fake fake.zip --protocol clean-fid --on-error skip
  assay score --real A.npy --fake B.npy --featurizer none --metrics fd --format json
  assay score --real real/ --fake fake/ --featurizer pixels --metrics fd,prdc --set prdc.k=3
  assay score --real real/ --fake fake/ --featurizer "exec:python3 encode.py" --metrics kid
  assay score --logits L.npy --metrics is --set is.splits=10
  assay score --real A.npy --fake B.npy --train T.npy --featurizer none --metrics all
  assay score --real A.npy --fake B.npy --versus C.npy --featurizer none --metrics fd,prdc
  assay score --real A.npy --fake B.npy --model mine --dataset cifar --seed 3 --append scores.jsonl
  assay score --real train.csv --fake gen.csv --holdout test.csv --metrics dcr,fd \
    --columns age:numeric,job:categorical,grade:ordinal=low<mid<high,id:ignored
  assay score --real real/ --fake fake/ --real-groups patients.csv --groups prompts.txt --metrics kid
  assay score --failed "out of memory" --model mine --dataset cifar --seed 4 --append scores.jsonl`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) == 2 {
				return nil
			}
			return usagef("assay score takes two paths, the real samples and the fake ones, or --real R --fake F; %d given", len(args))
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.real, "real", "", "real samples, features or statistics: `path`")
	fl.StringVar(&f.fake, "fake", "", "generated samples, features or statistics: `path`")
	fl.StringVar(&f.train, "train", "", "the generator's training set, for memorisation metrics: `path`")
	fl.StringVar(&f.holdout, "holdout", "", "real samples that the generator did not see, where --real are those it learned from: `path`")
	fl.StringVar(&f.columns, "columns", "", "what the columns of mixed tables hold: `name:kind,...` (numeric, categorical, ordinal=a<b<c, ignored) or a YAML file")
	fl.StringVar(&f.versus, "versus", "", "another model's samples, to be compared with --fake against the same real ones: `path`")
	fl.BoolVar(&f.floor, "floor", true, "also score one half of the real samples against the other")
	fl.BoolVar(&f.novelty, "novelty", true, "with --train or --holdout, show copies (nn_ratio, c_t) beside metrics that do not look for them")
	fl.BoolVar(&f.paired, "paired", false, "the fakes are reconstructions of the real images, which psnr and ssim compare one by one")
	fl.StringSliceVar(&f.lpips, "lpips", nil, "torchvision's VGG16 and the linear layers of LPIPS (vgg.pth), for lpips of pairs: two `files`, VGG16,LINEAR")
	fl.StringVar(&f.logits, "logits", "", "unnormalised class scores of the fakes (N x classes): `path`")
	fl.StringVar(&f.probs, "probs", "", "class probabilities of the fakes (N x classes): `path`")
	fl.StringVar(&f.labels, "labels", "", "asked-for classes of the fakes (default: their sub-folders): `path`")
	fl.StringVar(&f.realLabels, "real-labels", "", "classes of the real samples (default: their sub-folders): `path`")
	fl.StringVar(&f.groups, "groups", "", "which fakes belong together (patient, prompt, clip): `path`")
	fl.StringVar(&f.realGroups, "real-groups", "", "the same of the real samples: `path`")
	fl.StringVar(&f.versusGroups, "versus-groups", "", "the same of --versus: `path`")
	fl.StringVar(&f.holdoutGroups, "holdout-groups", "", "the same of --holdout: `path`")
	fl.StringSliceVar(&f.metrics, "metrics", []string{"fd"}, "`names` of metrics, or all (assay list metrics)")
	fl.StringArrayVar(&f.set, "set", nil, "an option of a metric: `metric.option=value`")
	wholeFlag(fl, &f.realN, "real-n", "", 0, span{lo: 2, zero: "what the file states"}, "`number` of images behind statistics that do not state it")
	wholeFlag(fl, &f.fakeN, "fake-n", "", 0, span{lo: 2, zero: "what the file states"}, "the same `number` for --fake")
	wholeFlag(fl, &f.versusN, "versus-n", "", 0, span{lo: 2, zero: "what the file states"}, "the same `number` for --versus")
	fl.BoolVar(&f.force, "force", false, "compare statistics made in different ways all the same")
	f.featurizerFlags(c)
	f.readFlags(c)
	f.record.flags(fl)
	a.tableFlags(c, &f.format)
	f.peer.flags(c)
	c.RunE = func(c *cobra.Command, _ []string) error { return a.runScore(c, f) }
	return c
}

func (a *app) runScore(c *cobra.Command, f scoreFlags) error {
	if text := f.peer.text(); text != "" {
		fmt.Fprintf(a.err, "assay: %s\n", text)
	}
	if err := f.record.check(); err != nil {
		return err
	}
	if f.record.failed != "" {
		return a.keepFailure(c.Context(), f)
	}
	q, err := a.scoreRequest(c, &f)
	if err != nil {
		return err
	}
	show := newMeterLine(a.screen, f.quiet)
	q.Feeding = f.feeding(show)
	show.expect(q.Real, q.Fake, q.Train, q.Holdout, q.Versus)
	q.Measuring = show.measuring
	res, err := runners.Score(c.Context(), a.kit, q)
	show.close()
	if c.Context().Err() != nil {
		return f.interrupted()
	}
	if err != nil {
		return err
	}
	a.warn(q.Real, q.Fake, q.Train, q.Holdout, q.Versus)
	if f.record.file != "" {
		if err := a.keepScore(c.Context(), f, res); err != nil {
			return err
		}
	}
	var failed []string
	for _, r := range res.Records {
		if r.Status == reports.Failed && !isAll(f.metrics) {
			failed = append(failed, r.Metric+": "+strings.Join(whyFailed(r), ""))
		}
	}
	if len(failed) < len(res.Records) || len(failed) == 0 { // a table of nothing but failures says less than the error
		if err := a.showScore(f, q, res); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return errors.New(strings.Join(failed, "; ") + sidesText(q))
	}
	return nil
}

// sidesText names the files of a score, for an error about their values.
func sidesText(q runners.ScoreRequest) string {
	var names []string
	if q.Real != nil {
		names = append(names, "real: "+q.Real.Path)
	}
	if q.Fake != nil {
		names = append(names, "fake: "+q.Fake.Path)
	}
	return " (" + strings.Join(names, ", ") + ")"
}

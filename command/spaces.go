package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/runners"
)

// advised is an error of use with commands that would do, which stand below its line.
type advised struct {
	error
	lines []string
}

func (e *advised) Unwrap() error { return e.error }

// spaces are the ways to compare images that whoever named none may choose from.
var spaces = []struct{ what, flags string }{
	{"FID as papers print it (weights once: assay fetch inception)", "--protocol pytorch-fid"},
	{"the same network with random weights: no download, for comparing your own models", `--featurizer "inception-random(1)" --protocol pytorch-fid`},
	{"principal components of the pixels: seconds, for images of one size", `--featurizer "pca(32,pixels)"`},
}

// needsSpace refuses images for which nothing says how to compare them: distances between raw pixels are no number that anyone prints, and would be taken for FID.
// Features and points are compared as they are.
func (a *app) needsSpace(c *cobra.Command, f *inputFlags, sides ...*runners.Side) error {
	if f.featurizer != runners.RawFeaturizer || f.protocol+f.layer != "" || c.Flags().Changed("featurizer") {
		return nil
	}
	at := slices.IndexFunc(sides, holdsImages)
	if at < 0 {
		return nil
	}
	e := &advised{error: usagef("%s holds images, and nothing says in which features to compare them; one of these commands does:", sides[at].Path)}
	line := "assay"
	for _, arg := range a.args {
		line += " " + quote.Shell(arg)
	}
	for _, s := range spaces {
		e.lines = append(e.lines, "  # "+s.what, "  "+line+" "+s.flags)
	}
	return e
}

// comparesFeatures says whether a metric looks at more of images than the images.
func (a *app) comparesFeatures(f *scoreFlags) bool {
	return slices.ContainsFunc(f.metrics, func(id string) bool {
		m, err := a.kit.Metric(id)
		return err != nil || slices.ContainsFunc(m.Info().Needs, func(n metrics.Need) bool {
			return n == metrics.NeedProbs && f.logits+f.probs == "" || slices.Contains([]metrics.Need{metrics.NeedFeatures, metrics.NeedMoments, metrics.NeedTrain, metrics.NeedRealProbs}, n)
		})
	})
}

// tell prints the one line of an error, and the commands that would do where it is an advised one.
func (a *app) tell(err error) {
	text := err.Error()
	if errors.Is(err, context.Canceled) { // Go's word for it
		text = strings.Replace(text, context.Canceled.Error(), "interrupted", 1)
	}
	var path *fs.PathError
	if errors.As(err, &path) { // which call of the system it was helps nobody
		text = strings.Replace(text, path.Op+" "+path.Path, path.Path, 1)
	}
	if text = wording.Replace(quote.Line(text)); text != "" {
		fmt.Fprintf(a.err, "assay: %s\n", text)
	}
	var more *advised
	if !errors.As(err, &more) {
		return
	}
	for _, l := range more.lines {
		fmt.Fprintln(a.err, strings.TrimRight(quote.Flat(l), " "))
	}
}

package command

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/runners"
)

type latentFlags struct {
	out, data, sweep, between, classifier, format string
	grid                                          bool
	reach                                         float64
	steps, label                                  int
	seed                                          uint64
}

func (a *app) latent() *cobra.Command {
	var f latentFlags
	c := &cobra.Command{
		Use:   "latent CHECKPOINT --grid | --sweep I,J | --interpolate A,B",
		Short: "Look into a model's latent space: grids, traversals, interpolations",
		Long: `Latent decodes chosen latent vectors of a model that train or bench left behind.

--grid sweeps the first two dimensions of the latent vector, --sweep two that you name, over
-R..R (--range), N by N (--steps); the others stay at 0, or at the latent vector of --seed.
--interpolate goes from A to B in N steps, straight and along the great circle (a row each).
A model with an encoder takes A and B as numbers of test samples, whose codes are the ends; another
model takes them as seeds of latent vectors.

Images are written as a contact sheet (OUT ends in .png) or an array (.npy), points as an array.
Sentences are printed, and written as text (.txt) or as the numbers of their tokens (.npy).
The table says how valid the decoded samples are: by the classifier that ships for the data set
(largest class probability), or for points of known modes the share within three standard
deviations of one; and how far one step moves a sample.`,
		Example: `  assay latent runs/vae/model.safetensors --grid --range 1.5 --steps 15 --out grid.png
  assay latent runs/vae --sweep 3,7 --range 3 --out traversal.png
  assay latent runs/vae --interpolate 4,17 --steps 11 --out between.png`,
		Args: takes(1, 1, "one checkpoint or folder of a model"),
	}
	fl := c.Flags()
	fl.BoolVar(&f.grid, "grid", false, "sweep the first two latent dimensions")
	fl.StringVar(&f.sweep, "sweep", "", "two latent `dimensions` to sweep, counted from 0, e.g. 3,7")
	fl.StringVar(&f.between, "interpolate", "", "two `ends`: test samples of a model with an encoder, else seeds")
	numberFlag(fl, &f.reach, "range", 3, span{above: true}, "largest `value` of a swept dimension")
	wholeFlag(fl, &f.steps, "steps", "", 11, span{lo: 2}, "`number` of values of a swept dimension, or of stops on the way")
	wholeFlag(fl, &f.label, "label", "", 0, span{}, "`class` to draw, from a conditional model")
	seedFlag(fl, &f.seed, "seed", 0, "`seed` of the values that are not swept; 0 puts them at 0")
	fl.StringVar(&f.classifier, "classifier", "auto", "`featurizer` that judges images; auto: the data set's, none: nobody")
	fl.StringVar(&f.out, "out", "", "`path` to write: x.png or x.npy")
	dataFlag(c, &f.data)
	a.tableFlags(c, &f.format)
	c.RunE = func(c *cobra.Command, args []string) error { return a.runLatent(c.Context(), args[0], f) }
	return c
}

func (a *app) runLatent(ctx context.Context, checkpoint string, f latentFlags) error {
	asked := 0
	for _, on := range []bool{f.grid, f.sweep != "", f.between != ""} {
		if on {
			asked++
		}
	}
	if asked != 1 {
		return usagef("latent wants one of --grid, --sweep and --interpolate (see assay latent --help)")
	}
	m, err := a.openModel(ctx, checkpoint, f.data)
	if err != nil {
		return err
	}
	walks, err := f.walks(ctx, m)
	if err != nil {
		return err
	}
	return a.showWalks(ctx, m, f, walks)
}

// walk is a row of decoded samples, or a grid of them.
type walk struct {
	name    string
	cols    int
	samples *datasets.Samples
}

func (f latentFlags) walks(ctx context.Context, m *runners.Model) ([]walk, error) {
	if f.between != "" {
		return f.interpolations(ctx, m)
	}
	w := runners.Sweep{Dims: [2]int{0, 1}, Range: f.reach, Steps: f.steps}
	if f.sweep != "" {
		i, j, err := twoOf("--sweep", f.sweep)
		if err != nil {
			return nil, err
		}
		w.Dims = [2]int{int(i), int(j)}
	}
	if f.seed != 0 {
		from, err := m.Session.Latents(1, f.seed, 0)
		if err != nil {
			return nil, err
		}
		for _, v := range from {
			w.From = append(w.From, float64(v))
		}
	}
	if m.Session.LatentWidth() == 0 {
		_, err := m.Session.Decode(ctx, nil, nil)
		return nil, err
	}
	z, err := w.Latents(m.Session.LatentWidth())
	if err != nil {
		return nil, usage(err)
	}
	x, err := f.decode(ctx, m, z)
	return []walk{{fmt.Sprintf("sweep of %d and %d", w.Dims[0], w.Dims[1]), w.Steps, x}}, err
}

func (f latentFlags) interpolations(ctx context.Context, m *runners.Model) ([]walk, error) {
	i, j, err := twoOf("--interpolate", f.between)
	if err != nil {
		return nil, err
	}
	var ends [2][]float32
	for k, n := range []uint64{i, j} {
		if ends[k], err = f.end(ctx, m, n); err != nil {
			return nil, err
		}
	}
	var all []walk
	for _, how := range runners.Paths {
		z, err := runners.Path(how, ends[0], ends[1], f.steps)
		if err != nil {
			return nil, usage(err)
		}
		x, err := f.decode(ctx, m, z)
		if err != nil {
			return nil, err
		}
		all = append(all, walk{how, f.steps, x})
	}
	return all, nil
}

// end is the code of test sample n, or the latent vector of seed n.
func (f latentFlags) end(ctx context.Context, m *runners.Model, n uint64) ([]float32, error) {
	if !m.Session.CanEncode() {
		return m.Session.Latents(1, n, 0)
	}
	if n >= uint64(m.Set.Test.Len()) {
		return nil, usagef("--interpolate %s: the test split has %d samples", f.between, m.Set.Test.Len())
	}
	return m.Session.Encode(ctx, m.Set.Test.Slice(int(n), int(n)+1))
}

func (f latentFlags) decode(ctx context.Context, m *runners.Model, z []float32) (*datasets.Samples, error) {
	var labels []int
	if m.Session.Info().Conditional {
		labels = make([]int, len(z)/max(1, m.Session.LatentWidth()))
		for i := range labels {
			labels[i] = f.label
		}
	}
	return m.Session.Decode(ctx, z, labels)
}

func twoOf(flag, text string) (i, j uint64, err error) {
	a, b, ok := strings.Cut(text, ",")
	i, errA := strconv.ParseUint(strings.TrimSpace(a), 10, 31)
	j, errB := strconv.ParseUint(strings.TrimSpace(b), 10, 31)
	if !ok || errA != nil || errB != nil {
		return 0, 0, usagef("%s %s: want two whole numbers, such as 3,7", flag, text)
	}
	return i, j, nil
}

// walkReport is what is known of one walk.
type walkReport struct {
	Walk     string            `json:"walk"`
	Samples  int               `json:"samples"`
	Step     float64           `json:"step"`         // mean distance of neighbours
	Largest  float64           `json:"largest_step"` // the largest of these distances
	Validity *runners.Validity `json:"validity,omitempty"`
}

func (a *app) showWalks(ctx context.Context, m *runners.Model, f latentFlags, walks []walk) error {
	if m.Set.Vocabulary != nil {
		return a.showSentences(m, f, walks)
	}
	classifier := f.classifier
	switch classifier {
	case "auto":
		classifier = a.kit.Classifier(m.Cell.Dataset)
	case "none":
		classifier = ""
	}
	all := &datasets.Samples{Shape: walks[0].samples.Shape}
	var found []walkReport
	t := table("latent", m.Cell.Title(), []string{"walk", "samples", "mean step", "largest step", "validity", "judged by", "classes"}, nil)
	for _, w := range walks {
		all.Data = append(all.Data, w.samples.Data...)
		r := walkReport{Walk: w.name, Samples: w.samples.Len()}
		r.Step, r.Largest = stepsOf(w)
		v, err := m.Validity(ctx, a.kit, classifier, featurizer.Env{DataDir: dataDir(f.data)}, w.samples)
		if err != nil {
			return err
		}
		r.Validity = v
		found = append(found, r)
		words := []string{r.Walk, strconv.Itoa(r.Samples), fmt.Sprintf("%.4g", r.Step), fmt.Sprintf("%.4g", r.Largest), "-", "-", "-"}
		if v != nil {
			words[4], words[5], words[6] = fmt.Sprintf("%.3f", v.Mean()), v.By, strconv.Itoa(distinct(v.Nearest))
		}
		t.Rows = append(t.Rows, table("", "", nil, [][]string{words}).Rows...)
	}
	if err := saveWalks(f.out, all, walks[0].cols); err != nil {
		return err
	}
	return a.show(f.format, t, found)
}

func saveWalks(out string, s *datasets.Samples, cols int) error {
	if out == "" {
		return nil
	}
	if s.IsImage() && strings.HasSuffix(out, ".png") {
		sheet, err := runners.Sheet(s, nil, s.Len(), cols)
		if err != nil {
			return err
		}
		return imaging.SavePNG(out, sheet)
	}
	return saveSamples(s, nil, nil, out)
}

// stepsOf are the mean and the largest distance of samples that stand beside each other in a row.
func stepsOf(w walk) (mean, largest float64) {
	n := 0
	for i := 1; i < w.samples.Len(); i++ {
		if i%w.cols == 0 {
			continue
		}
		square := 0.0
		for k, v := range w.samples.Row(i) {
			square += math.Pow(float64(v)-float64(w.samples.Row(i - 1)[k]), 2)
		}
		d := math.Sqrt(square)
		mean, largest, n = mean+d, max(largest, d), n+1
	}
	return mean / float64(max(1, n)), largest
}

func distinct(x []int) int {
	seen := map[int]bool{}
	for _, v := range x {
		seen[v] = true
	}
	return len(seen)
}

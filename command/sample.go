package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/runners"
)

func (a *app) sample() *cobra.Command {
	var checkpoint, out, data, labels string
	var n int
	var seed uint64
	var set []string
	var truncation float64
	c := &cobra.Command{
		Use:   "sample CHECKPOINT --out OUT",
		Short: "Draw samples from a trained model",
		Long: `Sample draws from a model that train or bench left behind and writes them as one contact
sheet (OUT ends in .png), as an array (.npy; floats, images N x H x W x C in -1 to 1), or as
one PNG a sample (OUT is a folder, ending in a slash). Sentences are written as text, one a line
(.txt), or as the numbers of their tokens (.npy).

CHECKPOINT is the file of the model or the folder it lies in; --checkpoint says the same.`,
		Example: `  assay sample runs/vae -n 64 --out grid.png
  assay sample --checkpoint runs/vae/model.safetensors -n 10000 --seed 2 --out samples.npy
  assay sample --checkpoint runs/cgan/model.safetensors -n 20 --labels 3 --out threes/
  assay sample --checkpoint runs/biggan/model.safetensors -n 64 --truncation 0.5 --out typical.png`,
		Args: takes(0, 1, "one checkpoint or folder of a model"),
	}
	c.Flags().StringVar(&checkpoint, "checkpoint", "", "`file` or folder of the model")
	c.Flags().StringVar(&out, "out", "", "`path` to write: x.png, x.npy, x.txt, or folder/")
	wholeFlag(c.Flags(), &n, "count", "n", 64, span{lo: 1}, "`number` of samples")
	seedFlag(c.Flags(), &seed, "seed", 1, "`seed` of the latents")
	numberFlag(c.Flags(), &truncation, "truncation", 0, span{above: true, zero: "none"}, "largest `value` of a latent vector: less variety for more quality; 0 means none")
	c.Flags().StringVar(&labels, "labels", "", "`classes` to draw, e.g. 3 or 0,1,2 (taken in turn), from a conditional model")
	c.Flags().StringArrayVar(&set, "set", nil, "a setting of drawing: `name=value`, e.g. temperature=0.7 (assay list models MODEL)")
	dataFlag(c, &data)
	c.RunE = func(c *cobra.Command, args []string) error {
		file, err := checkpointGiven(args, checkpoint)
		if err != nil {
			return err
		}
		if file == "" || out == "" {
			return usagef("sample needs a checkpoint and --out (see assay sample --help)")
		}
		asked, err := classes(labels, n)
		if err != nil {
			return err
		}
		m, err := a.openModel(c.Context(), file, data)
		if err != nil {
			return err
		}
		if err := change(m, set); err != nil {
			return err
		}
		draw := m.Session.Sample
		if truncation != 0 {
			draw = func(ctx context.Context, n int, labels []int, seed uint64) (*datasets.Samples, error) {
				return m.Session.SampleTruncated(ctx, n, labels, seed, truncation)
			}
		}
		s, err := draw(c.Context(), n, asked, seed)
		if err != nil {
			return err
		}
		if err := saveSamples(s, m.Session.Sources(n), m.Set.Vocabulary, out); err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.out, "%d samples of %s: %s\n", n, m.Cell.Title(), out)
		return err
	}
	return c
}

// classes repeats the asked-for classes up to n; nil for none.
func classes(list string, n int) ([]int, error) {
	if list == "" {
		return nil, nil
	}
	words := strings.Split(list, ",")
	out := make([]int, n)
	for i := range out {
		v, err := strconv.Atoi(words[i%len(words)])
		if err != nil || v < 0 {
			return nil, usagef("--labels %q: want class numbers, such as 3 or 0,1,2", list)
		}
		out[i] = v
	}
	return out, nil
}

// saveSamples writes samples in the form the path's ending asks for.
func saveSamples(s, sources *datasets.Samples, words *datasets.Vocabulary, out string) error {
	switch {
	case strings.HasSuffix(out, ".npy"):
		a := featurizer.Float32Array(append([]int{s.Len()}, s.Shape...), s.Data)
		return saveNPY(out, a)
	case words != nil && strings.HasSuffix(out, ".txt"):
		return atomicfile.Write(out, func(w io.Writer) error { return writeSentences(w, s, words) })
	case words != nil:
		return usagef("the samples are sentences: write them to a file ending in .txt or .npy")
	case !s.IsImage():
		return usagef("the samples are points: write them to a file ending in .npy")
	case strings.HasSuffix(out, ".png"):
		cols := 1
		for cols*cols < s.Len() {
			cols++
		}
		n := s.Len()
		if sources != nil { // pairs stand side by side
			n, cols = 2*n, cols+cols%2
		}
		sheet, err := runners.Sheet(s, sources, n, cols)
		if err != nil {
			return err
		}
		return imaging.SavePNG(out, sheet)
	case !strings.HasSuffix(out, "/"):
		return usagef("--out %s: want a name ending in .png or .npy, or a folder ending in /", out)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for i := range s.Len() {
		m, err := runners.Picture(s, i)
		if err != nil {
			return err
		}
		if err := imaging.SavePNG(filepath.Join(out, fmt.Sprintf("%06d.png", i)), m); err != nil {
			return err
		}
	}
	return nil
}

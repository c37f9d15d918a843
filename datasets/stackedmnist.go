package datasets

import (
	"context"
	"slices"
	"strconv"

	"github.com/assay-gan/assay/rng"
)

// StackedMNIST is three random MNIST digits as the red, green and blue of one image: 1000 modes of known names, the standard trial of lost modes [metz2017], used by VEEGAN and
// PacGAN [srivastava2017, lin2018]. The label is 100 red + 10 green + blue. Every image is drawn from a stream of its own: training images are stacks of five sixths of
// MNIST's training images, hold-out images of the last sixth, test images of its test images, so that no digit is in two splits.
//
// Which mode a sample is, a classifier of single digits says: the featurizer stacked(mnistnet), whose probabilities the metric class_modes counts. Published numbers are of
// 26 000 samples.
type StackedMNIST struct{}

var _ Dataset = StackedMNIST{}

// digitsOfStack is the number of digits in an image, one a channel.
const digitsOfStack = 3

// Info describes the set.
func (StackedMNIST) Info() Info {
	m := MNIST{}.Info()
	return Info{
		ID: "stacked-mnist", Title: "three MNIST digits as red, green and blue: 1000 modes", Kind: Images, Shape: []int{28, 28, digitsOfStack}, Classes: classNames("", 1000),
		Files: m.Files, Paper: "metz2017", License: m.License, Sizes: Sizes{Train: 50_000, Test: 10_000},
	}
}

// Load reads MNIST's four files and stacks. A warning says where they are not the original ones.
func (s StackedMNIST) Load(ctx context.Context, o Options) (*Set, error) {
	info := s.Info()
	if _, err := resolve(info, o.Params); err != nil {
		return nil, err
	}
	n, err := sizes(info, o)
	if err != nil {
		return nil, err
	}
	dir, err := dataDir(info.ID, o)
	if err != nil {
		return nil, err
	}
	single := MNIST{}.Info()
	single.ID = info.ID // for the messages
	train, odd, err := readDigits(ctx, single, dir, "train")
	if err != nil {
		return nil, err
	}
	test, oddTest, err := readDigits(ctx, single, dir, "t10k")
	if err != nil {
		return nil, err
	}
	set := &Set{Info: info}
	first := train.len() - train.len()/6
	for _, p := range []struct {
		name   string
		n      int
		digits *raw
		lo, hi int
		to     **Samples
	}{{"train", n.Train, train, 0, first, &set.Train}, {"hold", n.Hold, train, first, train.len(), &set.Hold}, {"test", n.Test, test, 0, test.len(), &set.Test}} {
		if p.n > 0 && p.hi-p.lo < 1 {
			return nil, corrupt("%s: %d digits are too few for a %s split", info.ID, p.digits.len(), p.name)
		}
		if *p.to, err = stackDigits(ctx, p.digits, p.lo, p.hi, p.n, func(i int) *rng.Source {
			return rng.Stream(o.Seed, "dataset", info.ID, p.name, strconv.Itoa(i))
		}); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Concat(odd, oddTest) {
		set.Warnings = append(set.Warnings, info.ID+": "+name+" is not MNIST's original file (its md5 differs): do not publish these scores as stacked MNIST")
	}
	return set, nil
}

// stackDigits makes n images of digits lo to hi of a part.
func stackDigits(ctx context.Context, digits *raw, lo, hi, n int, stream func(i int) *rng.Source) (*Samples, error) {
	d := digits.dim()
	s := &Samples{Shape: []int{digits.shape[0], digits.shape[1], digitsOfStack}, Data: make([]float32, n*d*digitsOfStack), Labels: make([]int, n)}
	return s, parallel(ctx, n, func(from, to int) error {
		for i := from; i < to; i++ {
			r, row := stream(i), s.Row(i)
			for c := range digitsOfStack {
				k := lo + r.IntN(hi-lo)
				s.Labels[i] = 10*s.Labels[i] + digits.labels[k]
				for j, v := range digits.pix[k*d : (k+1)*d] {
					row[digitsOfStack*j+c] = levels[v]
				}
			}
		}
		return nil
	})
}

package datasets

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/assay-gan/assay/imaging"
	"github.com/assay-gan/assay/rng"
)

// raw is a decoded file set before it is split: n rows of 8-bit pixels, in the order of the files.
type raw struct {
	shape  []int
	pix    []uint8
	labels []int         // nil without
	keys   []imaging.Key // of the images as they were decoded, where they were files
}

func (r *raw) dim() int { return r.shape[0] * r.shape[1] * r.shape[2] }
func (r *raw) len() int { return len(r.pix) / r.dim() }

// pick converts the chosen rows to samples.
func (r *raw) pick(index []int) *Samples {
	d := r.dim()
	s := &Samples{Shape: slices.Clone(r.shape), Data: make([]float32, 0, len(index)*d)}
	if r.labels != nil {
		s.Labels = make([]int, 0, len(index))
	}
	for _, i := range index {
		for _, v := range r.pix[i*d : (i+1)*d] {
			s.Data = append(s.Data, levels[v])
		}
		if r.labels != nil {
			s.Labels = append(s.Labels, r.labels[i])
		}
	}
	return s
}

// divide shares out 0..n-1 among parts of the wanted sizes, by a permutation of the seed; each part keeps the order of the files. A want of -1 takes all
// that the other parts leave. what names the rows in the error.
func divide(id, what string, seed uint64, n int, want ...int) ([][]int, error) {
	total, open := 0, -1
	for i, w := range want {
		if w < 0 {
			open = i
			continue
		}
		if total += min(w, n+1); total > n { // min: the sum of absurd sizes could wrap around
			return nil, refuse("%s: %d %s asked for beside the %d of other splits, there are %d: ask for fewer", id, w, what, total-min(w, n+1), n)
		}
	}
	if open >= 0 {
		want = slices.Clone(want)
		want[open] = n - total
	}
	perm := rng.Stream(seed, "dataset", id, "split", what).Perm(n)
	parts := make([][]int, len(want))
	for i, w := range want {
		parts[i] = slices.Sorted(slices.Values(perm[:w]))
		perm = perm[w:]
	}
	return parts, nil
}

// orAll is a wanted size, where 0 means all that is left.
func orAll(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

// mixed is a fixed order for rows that lie sorted by class on disk, so that the first rows of a split are a fair sample of it. It does not depend on the
// seed: the same files give the same content hash under every seed.
func mixed(r *raw) *raw {
	perm := rng.Stream(0, "dataset", "mixed").Perm(r.len())
	d := r.dim()
	out := &raw{shape: r.shape, pix: make([]uint8, 0, len(r.pix))}
	for _, i := range perm {
		out.pix = append(out.pix, r.pix[i*d:(i+1)*d]...)
		if r.labels != nil {
			out.labels = append(out.labels, r.labels[i])
		}
	}
	return out
}

// splitTwo makes the splits of a set that comes as a training and a test part: the hold-out is taken from the training part. test may be nil; then the
// test split is taken from the training part too.
func splitTwo(info Info, o Options, train, test *raw) (*Set, error) {
	if err := notNegative(info.ID, o); err != nil {
		return nil, err
	}
	set := &Set{Info: info}
	set.Info.Shape = train.shape
	parts, err := divide(info.ID, "training samples", o.Seed, train.len(), orAll(o.Train), o.Hold)
	if err != nil {
		return nil, err
	}
	tests, err := divide(info.ID, "test samples", o.Seed, test.len(), orAll(o.Test))
	if err != nil {
		return nil, err
	}
	set.Train, set.Hold, set.Test = train.pick(parts[0]), train.pick(parts[1]), test.pick(tests[0])
	if set.Train.Len() == 0 {
		return nil, refuse("%s: the hold-out of %d leaves no training samples of %d: ask for fewer", info.ID, o.Hold, train.len())
	}
	return set, nil
}

// splitOne shares one body of n rows among the three splits; by default a tenth is for testing and none is held out. It returns the rows of
// train, test and hold.
func splitOne(id string, o Options, n int) ([][]int, error) {
	if err := notNegative(id, o); err != nil {
		return nil, err
	}
	if o.Test == 0 {
		o.Test = n / 10
	}
	parts, err := divide(id, "samples", o.Seed, n, orAll(o.Train), o.Test, o.Hold)
	if err == nil && len(parts[0]) == 0 {
		return nil, refuse("%s: the test and hold-out splits leave no training samples of %d: ask for fewer", id, n)
	}
	return parts, err
}

// reason is the bare cause of a file error, without the path that the message names already.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

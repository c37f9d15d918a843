package metrics

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// leastDistinct is how many different fakes a statement on memorisation needs.
const leastDistinct = 20

// overlap says whether real rows are training rows: then they are no yardstick.
func (j *judge) overlap(p Pair) (bool, error) {
	if j.real.N == 0 && p.Real != nil && p.Train != nil {
		x := p.Real
		if x == p.Train {
			return true, nil
		}
		nb, err := p.Shared.nearest(j.ctx, x, p.Train, 2)
		if err != nil {
			return false, err
		}
		j.real = nb
	}
	same := 0
	for i := range j.real.N {
		if _, d := j.real.At(i, 0); d == 0 {
			same++
		}
	}
	return 20*same > j.real.N, nil
}

// copies looks for training rows among the different fakes: repeats are judged apart, and a handful of points says nothing of copying. Samples drawn in
// towards the middle of a mode come closer to training rows than these are to each other without copying any, in many dimensions above all (a spread of
// .8 in 64 dimensions halves the authentic share): unless the spread is right only near-copies of single rows count.
func (j *judge) copies(p Pair) error {
	if p.Train == nil || p.Real == nil {
		j.warn("memorisation was not looked at: give training features as Pair.Train and held-out ones as Pair.Real")
		return nil
	}
	if rows(p.Train) < 3 {
		j.warn("memorisation was not looked at: %d training rows", rows(p.Train))
		return nil
	}
	if overlap, err := j.overlap(p); err != nil || overlap {
		j.warn("memorisation was not looked at: the real rows are training rows; give held-out ones as Pair.Real")
		return err
	}
	different := distinct(p.Fake)
	if rows(different) < leastDistinct {
		j.warn("memorisation was not looked at: only %d different fakes", rows(different))
		return nil
	}
	own, err := p.Shared.radii(j.ctx, p.Train, 1)
	if err != nil {
		return err
	}
	fake, err := p.Shared.nearest(j.ctx, different, p.Train, 2)
	if err != nil {
		return err
	}
	authF, nearF := authentic(fake, own)
	authR, nearR := authentic(j.real, own)
	j.read("auth_pct", 100*authF.Value, 100*authR.Value)
	if limit := j.t.Copy * authR.Value; authF.Interval.Hi < limit && j.width >= j.t.Right {
		j.find(Memorised, "auth_pct", 100*authF.Value, 100*authR.Value, 100*limit,
			"%.3g %% of the different fakes are farther from their nearest training row than that row is from its own (%.3g %% of held-out data are)",
			100*authF.Value, 100*authR.Value)
	}
	j.read("nn_copies", nearF.Value, nearR.Value)
	if limit := nearR.Interval.Hi + j.t.Near; nearF.Interval.Lo > limit {
		j.find(Memorised, "nn_copies", nearF.Value, nearR.Value, limit, "%v of the different fakes are near-copies of one training row (%v of held-out data)",
			fraction(nearF.Value), fraction(nearR.Value))
		return nil
	}
	j.fewCopies("nn_copies", "near-copies of training samples", fake, j.real, j.width == 0 || j.width >= fewCopiesWidth)
	return nil
}

// fewCopiesWidth is the spread within modes from which few near-copies are read: narrower sets crowd around some training rows without copying them.
const fewCopiesWidth = .9

// fewCopies looks for a small share of near-copies: training rows that some fake singles out, beside those that as many held-out rows single out. Training rows
// count, not fakes, since fakes that crowd around one row are no independent evidence.
func (j *judge) fewCopies(name, what string, fake, real numeric.Neighbours, right bool) {
	n := min(fake.N, real.N)
	f, r := singledOut(fake, n), singledOut(real, n)
	j.sees(Memorised, what, leastExcess(r, n, n, j.t.Alpha, j.t.Few), "of the fakes")
	if right && float64(f-r) >= j.t.Few*float64(n) && moreOften(f, n, r, n) < j.t.Alpha {
		j.find(Memorised, name, float64(f)/float64(n), float64(r)/float64(n), float64(r)/float64(n)+j.t.Few, "%s: %d training samples have one among %d fakes, %d among as many held-out ones", what, f, n, r)
	}
}

// singledOut counts the training rows to which one of n rows, spread over all, is less than a third as far as to the second nearest.
func singledOut(nb numeric.Neighbours, n int) int {
	seen := map[int]bool{}
	for t := range n {
		i := t * nb.N / n
		at, d1 := nb.At(i, 0)
		if _, d2 := nb.At(i, 1); 9*d1 < d2 {
			seen[at] = true
		}
	}
	return len(seen)
}

// distinct is the first of every group of equal rows, in order.
func distinct(x *mat.Dense) *mat.Dense {
	order := canonical(x)
	var keep []int
	for t, i := range order {
		if t == 0 || !slices.Equal(x.RawRowView(i), x.RawRowView(order[t-1])) {
			keep = append(keep, i)
		}
	}
	slices.Sort(keep)
	return pick(x, keep)
}

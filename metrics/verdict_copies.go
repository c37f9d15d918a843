package metrics

import (
	"slices"

	"gonum.org/v1/gonum/mat"
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
		j.find(Memorised, "nn_copies", nearF.Value, nearR.Value, limit, "%.3g of the different fakes are near-copies of one training row (%.3g of held-out data)",
			nearF.Value, nearR.Value)
	}
	return nil
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

package metrics

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// Part is a part of the data that the fakes lack, or of the fakes that the data lack, by the samples that show it.
type Part struct {
	Share float64 `json:"share"` // of its own side that is in it beyond what the other side has there, from 0 to 1: a lower bound, as both sides meet at its edge
	SE    float64 `json:"se"`    // standard error of Share
	Rows  []int   `json:"rows"`  // numbers of the rows of its own side that are most of it, the best first: at most 12

	Class string  `json:"class,omitempty"` // the most frequent class of these rows, or of the real rows nearest to them; "" without labels
	Of    float64 `json:"of,omitempty"`    // how many of these rows are of the class, from 0 to 1
}

// Shown says what is missing and what is invented, a line for each part in that order; the samples are the reader's to show.
func (v Verdict) Shown() (lines []string) {
	for _, p := range v.Missing {
		line := "missing: at least " + percent(p.Share) + " of the data look like these"
		if p.Class != "" {
			line += fmt.Sprintf(" (class %s: %.0f %% of those shown)", p.Class, 100*p.Of)
		}
		lines = append(lines, line)
	}
	for _, p := range v.Invented {
		line := "invented: at least " + percent(p.Share) + " of the fakes look like these"
		if p.Class != "" {
			line += fmt.Sprintf(" (the nearest real ones are class %s for %.0f %% of those shown)", p.Class, 100*p.Of)
		}
		lines = append(lines, line)
	}
	return lines
}

// What Parts looks for.
const (
	partRows  = 12   // that show a part
	partModes = 6    // each way
	partWidth = 6    // effective modes of the data that set the width of the kernel: with more of them one class falls into many small parts
	partOwn   = 5    // neighbours of its own side by which a row is typical of a part and not of both sides
	partFit   = 600  // rows a side from which modes are found
	partTimes = 2    // how many times as frequent as on the other side: less is an imbalance, which shares tell
	leastPart = .004 // share
	leastOf   = .1   // of the largest part
)

// Parts returns what the fakes lack of the data and what they have beyond them, each by the samples that show it, the largest first. They are the leading modes of the
// kernel entropy novelty [zhang2024] of what one side has more than twice as often as the other. A mode and the score from which rows are in it are found from one part
// of the rows; shares are measured on the others, and only what stands out there by four standard errors is named. A mode that has two signs is two parts. It needs
// 100 rows a side, and returns nothing where there are fewer.
func Parts(ctx context.Context, p Pair) (missing, invented []Part, err error) {
	n := min(rows(p.Real), rows(p.Fake))
	if n < 100 {
		return nil, nil, nil
	}
	m := KEN{Rows: min(partFit, n/2), Modes: partWidth, Eta: partTimes}
	novel, lost, err := m.Novelties(ctx, p, partModes)
	if err != nil {
		return nil, nil, err
	}
	real, fake := m.Fitted(p)
	if missing, err = parts(ctx, lost, p.Real, p.Fake, real, fake); err != nil {
		return nil, nil, err
	}
	if invented, err = parts(ctx, novel, p.Fake, p.Real, fake, real); err != nil {
		return nil, nil, err
	}
	if len(p.RealLabels) != rows(p.Real) || len(missing)+len(invented) == 0 {
		return missing, invented, nil
	}
	for i := range missing {
		missing[i].class(missing[i].Rows, p.RealLabels)
	}
	for i := range invented {
		nb, err := numeric.KNN(ctx, pick(p.Fake, invented[i].Rows), p.Real, 1)
		if err != nil {
			return nil, nil, err
		}
		near := make([]int, nb.N)
		for k, at := range nb.Index {
			near[k] = int(at)
		}
		invented[i].class(near, p.RealLabels)
	}
	return missing, invented, nil
}

// parts measures the modes of x on the rows that they were not found from, and chooses the rows that show them. A row counts for the largest part that it is in.
func parts(ctx context.Context, n Novelty, x, other *mat.Dense, own, theirs []int) (all []Part, err error) {
	var sets []levelSet
	for _, m := range n.Modes {
		for _, sign := range []float64{1, -1} {
			s := levelSet{own: signed(m.Scores, sign), other: signed(m.Other, sign)}
			s.from = threshold(pickAt(s.own, own), pickAt(s.other, theirs))
			s.part = s.beyond(own, theirs, nil)
			sets = append(sets, s)
		}
	}
	slices.SortStableFunc(sets, func(a, b levelSet) int { return cmp.Compare(b.part.Share, a.part.Share) })
	for k, s := range sets {
		p := s.beyond(own, theirs, sets[:k])
		if p.Share < leastPart || !(p.Share > 4*p.SE) || len(all) > 0 && p.Share < leastOf*all[0].Share {
			continue
		}
		if p.Rows, err = typical(ctx, s.foremost(sets[:k]), x, other); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// levelSet is the rows of both sides with a score from a threshold on.
type levelSet struct {
	own, other []float64
	from       float64
	part       Part
}

// beyond measures the rows of the set that are in no earlier one, on those that took no part in finding it: no share where the other side has half as many or more.
func (s levelSet) beyond(own, theirs []int, earlier []levelSet) Part {
	a, n := s.reach(s.own, own, earlier, func(l levelSet) []float64 { return l.own })
	b, m := s.reach(s.other, theirs, earlier, func(l levelSet) []float64 { return l.other })
	if a < partTimes*b {
		return Part{}
	}
	return Part{Share: a - b, SE: math.Hypot(math.Sqrt(a*(1-a)/n), math.Sqrt(b*(1-b)/m))}
}

// reach is the share of the rows that are in the set and in no earlier one, and the number of rows, without those that it was fitted to.
func (s levelSet) reach(scores []float64, fitted []int, earlier []levelSet, side func(levelSet) []float64) (share, n float64) {
	at := 0
	for i, v := range scores {
		if at < len(fitted) && fitted[at] == i {
			at++
			continue
		}
		n++
		if v >= s.from && !slices.ContainsFunc(earlier, func(l levelSet) bool { return side(l)[i] >= l.from }) {
			share++
		}
	}
	return share / max(1, n), max(1, n)
}

// foremost are the rows of its own side with the highest scores that are in no earlier set.
func (s levelSet) foremost(earlier []levelSet) []int {
	order := slices.DeleteFunc(identity(len(s.own)), func(i int) bool {
		return s.own[i] < s.from || slices.ContainsFunc(earlier, func(l levelSet) bool { return l.own[i] >= l.from })
	})
	slices.SortStableFunc(order, func(i, k int) int { return cmp.Compare(s.own[k], s.own[i]) })
	return order[:min(5*partRows, len(order))]
}

func signed(x []float64, sign float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = sign * v
	}
	return out
}

func pickAt(x []float64, at []int) []float64 {
	out := make([]float64, len(at))
	for i, a := range at {
		out[i] = x[a]
	}
	return out
}

// edge is the part of the highest score from which a row can be in a mode: outside it scores are not quite 0.
const edge = .1

// threshold is the score from which on own rows exceed partTimes the others' by the largest share; infinite where they do nowhere.
func threshold(own, other []float64) float64 {
	own, other = slices.Clone(own), slices.Clone(other)
	slices.Sort(own)
	slices.Sort(other)
	from, best := math.Inf(1), 0.
	for i, v := range own {
		below, _ := slices.BinarySearch(other, v)
		excess := float64(len(own)-i)/float64(len(own)) - partTimes*float64(len(other)-below)/float64(len(other))
		if v > max(0, edge*own[len(own)-1]) && excess > best {
			from, best = v, excess
		}
	}
	return from
}

// typical are those of the rows around which their own side is the densest beside the other one: the middle of a mode may lie where both sides are.
func typical(ctx context.Context, at []int, x, other *mat.Dense) ([]int, error) {
	some := pick(x, at)
	near, err := numeric.KNN(ctx, some, x, min(partOwn+1, rows(x))) // itself among them
	if err != nil {
		return nil, err
	}
	far, err := numeric.KNN(ctx, some, other, min(rows(other), max(1, partOwn*rows(other)/rows(x))))
	if err != nil {
		return nil, err
	}
	order := identity(len(at))
	apart := make([]float64, len(at))
	for i := range at {
		_, own := near.At(i, near.K-1)
		_, theirs := far.At(i, far.K-1)
		apart[i] = ratioOr(theirs, own)
	}
	slices.SortStableFunc(order, func(i, k int) int { return cmp.Compare(apart[k], apart[i]) })
	shown := make([]int, min(partRows, len(at)))
	for i := range shown {
		shown[i] = at[order[i]]
	}
	return shown, nil
}

// ratioOr is a over b, infinite where b is 0 and a is not, and 1 where both are.
func ratioOr(a, b float64) float64 {
	if a == b {
		return 1
	}
	return a / b
}

// class names the most frequent label of the rows, the lowest of equals.
func (p *Part) class(rows, labels []int) {
	count := map[int]int{}
	for _, r := range rows {
		count[labels[r]]++
	}
	best := -1
	for l, n := range count {
		if best < 0 || n > count[best] || n == count[best] && l < best {
			best = l
		}
	}
	p.Class, p.Of = fmt.Sprint(best), float64(count[best])/float64(len(rows))
}

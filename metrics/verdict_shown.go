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
	Share float64 `json:"share"` // of its own side that is in it beyond what the other side has there, from 0 to 1: a lower bound, as rows at the edge of a part count in part
	SE    float64 `json:"se"`    // standard error of Share
	Rows  []int   `json:"rows"`  // numbers of the rows of its own side that are most of it, the best first: at most 12

	Class string  `json:"class,omitempty"` // the most frequent class of these rows, or of the real rows nearest to them; "" without labels
	Of    float64 `json:"of,omitempty"`    // how many of these rows are of the class, from 0 to 1
}

// Shown says what is missing and what is invented, a line for each part in that order; the samples are the reader's to show.
func (v Verdict) Shown() (lines []string) {
	for _, p := range v.Missing {
		line := fmt.Sprintf("missing: %.2g %% of the data look like these", 100*p.Share)
		if p.Class != "" {
			line += fmt.Sprintf(" (class %s: %.0f %% of those shown)", p.Class, 100*p.Of)
		}
		lines = append(lines, line)
	}
	for _, p := range v.Invented {
		line := fmt.Sprintf("invented: %.2g %% of the fakes look like these", 100*p.Share)
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
	partFit   = 400  // rows a side from which modes are found
	leastPart = .004 // share
	leastOf   = .1   // of the largest part
)

// Parts returns what the fakes lack of the data and what they have beyond them, each by the samples that show it, the largest first. They are the leading modes of the
// kernel entropy novelty [zhang2024], found from one part of the rows and measured on the others: only what stands out there by four standard errors is named. A mode
// that has two signs is two parts. It needs 100 rows a side, and returns nothing where there are fewer.
func Parts(ctx context.Context, p Pair) (missing, invented []Part, err error) {
	n := min(rows(p.Real), rows(p.Fake))
	if n < 100 {
		return nil, nil, nil
	}
	m := KEN{Rows: min(partFit, n/2), Modes: partWidth}
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

// parts measures the modes of x on the rows that they were not found from, and chooses the rows that show them.
func parts(ctx context.Context, n Novelty, x, other *mat.Dense, own, theirs []int) (all []Part, err error) {
	for _, m := range n.Modes {
		for _, sign := range []float64{1, -1} {
			a, seA := meanSE(belong(m.Scores, own, sign))
			b, seB := meanSE(belong(m.Other, theirs, sign))
			se := math.Hypot(seA, seB)
			if a-b < leastPart || !(a-b > 4*se) {
				continue
			}
			p := Part{Share: a - b, SE: se}
			order := identity(len(m.Scores))
			slices.SortStableFunc(order, func(i, k int) int { return cmp.Compare(sign*m.Scores[k], sign*m.Scores[i]) })
			if p.Rows, err = typical(ctx, order[:min(5*partRows, len(order))], x, other); err != nil {
				return nil, err
			}
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b Part) int { return cmp.Compare(b.Share, a.Share) })
	// A wide part has small ones at its edges, which show nothing new.
	if len(all) > 0 {
		least := leastOf * all[0].Share
		all = slices.DeleteFunc(all, func(p Part) bool { return p.Share < least })
	}
	return all, nil
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

// belong is how much of each row that is not among the fitted belongs to the mode's side of this sign.
func belong(scores []float64, fitted []int, sign float64) (all []float64) {
	at := 0
	for i, f := range scores {
		if at < len(fitted) && fitted[at] == i {
			at++
			continue
		}
		v := max(0, sign*f)
		all = append(all, v*v)
	}
	return all
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

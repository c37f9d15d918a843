package metrics

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// inOrder is p with the rows of every side sorted by contents, so that whatever is drawn at random or starts from the first rows does not depend on
// the order in which files were read. Nothing in p itself is moved.
func inOrder(p Pair) Pair {
	sortSide(&p.Real, &p.RealProbs, nil, &p.RealLabels, &p.RealImages)
	sortSide(&p.Fake, &p.FakeProbs, &p.FakeLogits, &p.FakeLabels, &p.FakeImages)
	sortSide(&p.Train, nil, nil, nil, nil)
	return p
}

// sortSide reorders whatever belongs to the rows of one side: all parts with the same number of rows as the first that is there.
func sortSide(features, probs, logits **mat.Dense, labels *[]int, images **Images) {
	var parts []**mat.Dense
	n := -1
	for _, at := range []**mat.Dense{features, probs, logits} {
		if at != nil && *at != nil && (n < 0 || rows(*at) == n) {
			n = rows(*at)
			parts = append(parts, at)
		}
	}
	withImages := images != nil && *images != nil && (n < 0 || (*images).N == n)
	if withImages {
		n = (*images).N
	}
	if n < 2 {
		return
	}
	withLabels := labels != nil && len(*labels) == n
	order := identity(n)
	slices.SortStableFunc(order, func(a, b int) int {
		for _, at := range parts {
			if c := slices.Compare((*at).RawRowView(a), (*at).RawRowView(b)); c != 0 {
				return c
			}
		}
		if withImages {
			if c := slices.Compare((*images).At(a), (*images).At(b)); c != 0 {
				return c
			}
		}
		if withLabels {
			return cmp.Compare((*labels)[a], (*labels)[b])
		}
		return 0
	})
	for _, at := range parts {
		*at = pick(*at, order)
	}
	if withLabels {
		l := make([]int, n)
		for i, at := range order {
			l[i] = (*labels)[at]
		}
		*labels = l
	}
	if withImages {
		m := **images
		m.Pix = make([]float32, 0, len(m.Pix))
		for _, at := range order {
			m.Pix = append(m.Pix, (*images).At(at)...)
		}
		*images = &m
	}
}

package metrics

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// side gathers the parts of a Pair that belong to the rows of one set.
type side struct {
	features, probs, logits **mat.Dense
	labels                  *[]int
	images                  **Images
}

func realSide(p *Pair) side { return side{&p.Real, &p.RealProbs, nil, &p.RealLabels, &p.RealImages} }

func fakeSide(p *Pair) side {
	return side{&p.Fake, &p.FakeProbs, &p.FakeLogits, &p.FakeLabels, &p.FakeImages}
}

// matrices is the parts with n rows; n is that of the first part there is, -1 if there is none.
func (s side) matrices() (parts []**mat.Dense, n int) {
	n = -1
	for _, at := range []**mat.Dense{s.features, s.probs, s.logits} {
		if at != nil && *at != nil && (n < 0 || rows(*at) == n) {
			n = rows(*at)
			parts = append(parts, at)
		}
	}
	if n < 0 && s.images != nil && *s.images != nil {
		n = (*s.images).N
	}
	return parts, n
}

// take keeps the rows of the given numbers, in that order, in copies.
func (s side) take(order []int) {
	parts, n := s.matrices()
	for _, at := range parts {
		*at = pick(*at, order)
	}
	if s.labels != nil && len(*s.labels) == n {
		l := make([]int, len(order))
		for i, at := range order {
			l[i] = (*s.labels)[at]
		}
		*s.labels = l
	}
	if s.images != nil && *s.images != nil && (*s.images).N == n {
		m := **s.images
		m.N, m.Pix = len(order), nil
		for _, at := range order {
			m.Pix = append(m.Pix, (*s.images).At(at)...)
		}
		*s.images = &m
	}
}

// sorted lists the rows in the order of their contents.
func (s side) sorted() []int {
	parts, n := s.matrices()
	if n < 0 {
		return nil
	}
	order := identity(n)
	slices.SortStableFunc(order, func(a, b int) int {
		for _, at := range parts {
			if c := slices.Compare((*at).RawRowView(a), (*at).RawRowView(b)); c != 0 {
				return c
			}
		}
		if s.images != nil && *s.images != nil && (*s.images).N == n {
			if c := slices.Compare((*s.images).At(a), (*s.images).At(b)); c != 0 {
				return c
			}
		}
		if s.labels != nil && len(*s.labels) == n {
			return cmp.Compare((*s.labels)[a], (*s.labels)[b])
		}
		return 0
	})
	return order
}

// inOrder is p with the rows of every side sorted by contents, so that whatever is drawn at random or starts from the first rows does not depend on
// the order in which files were read. Nothing in p itself is moved.
func inOrder(p Pair) Pair {
	for _, s := range []side{realSide(&p), fakeSide(&p), {features: &p.Train}} {
		if order := s.sorted(); order != nil {
			s.take(order)
		}
	}
	return p
}

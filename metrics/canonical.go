package metrics

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// part is a field of a Pair that holds something for each row of one set.
type part interface {
	len() int // number of rows, -1 if there is nothing
	compare(a, b int) int
	take(order []int) // keeps these rows, in this order, in a copy
	id() string       // tells what is there from anything else in memory
	get() any
	set(v any)
}

type (
	matrixPart   struct{ at **mat.Dense }
	imagePart    struct{ at **Images }
	labelPart    struct{ at *[]int }
	sentencePart struct{ at *Sentences }
)

func (m matrixPart) len() int {
	if *m.at == nil {
		return -1
	}
	return rows(*m.at)
}

func (m matrixPart) compare(a, b int) int {
	return slices.Compare((*m.at).RawRowView(a), (*m.at).RawRowView(b))
}

func (m matrixPart) take(order []int) { *m.at = pick(*m.at, order) }
func (m matrixPart) id() string       { return address(*m.at) }
func (m matrixPart) get() any         { return *m.at }
func (m matrixPart) set(v any)        { *m.at = v.(*mat.Dense) }

func (m imagePart) len() int {
	if *m.at == nil {
		return -1
	}
	return (*m.at).N
}

func (m imagePart) compare(a, b int) int { return slices.Compare((*m.at).At(a), (*m.at).At(b)) }

func (m imagePart) take(order []int) {
	c := **m.at
	c.N, c.Pix = len(order), nil
	for _, at := range order {
		c.Pix = append(c.Pix, (*m.at).At(at)...)
	}
	*m.at = &c
}

// The numbers of images, where they are in memory, are the images; who loads them is another each time.
func (m imagePart) id() string {
	if c := *m.at; c.Load == nil {
		return fmt.Sprint(address(c.Pix), c.N, c.H, c.W, c.C, c.Lo, c.Hi)
	}
	return address(*m.at)
}
func (m imagePart) get() any  { return *m.at }
func (m imagePart) set(v any) { *m.at = v.(*Images) }

func (l labelPart) len() int {
	if *l.at == nil {
		return -1
	}
	return len(*l.at)
}

func (l labelPart) compare(a, b int) int { return cmp.Compare((*l.at)[a], (*l.at)[b]) }
func (l labelPart) take(order []int)     { *l.at = reordered(*l.at, order) }
func (l labelPart) id() string           { return address(*l.at) }
func (l labelPart) get() any             { return *l.at }
func (l labelPart) set(v any)            { *l.at = v.([]int) }

func (s sentencePart) len() int {
	if *s.at == nil {
		return -1
	}
	return len(*s.at)
}

func (s sentencePart) compare(a, b int) int { return slices.Compare((*s.at)[a], (*s.at)[b]) }
func (s sentencePart) take(order []int)     { *s.at = reordered(*s.at, order) }
func (s sentencePart) id() string           { return address(*s.at) }
func (s sentencePart) get() any             { return *s.at }
func (s sentencePart) set(v any)            { *s.at = v.(Sentences) }

func reordered[T any](x []T, order []int) []T {
	c := make([]T, len(order))
	for i, at := range order {
		c[i] = x[at]
	}
	return c
}

// side is the parts of a Pair that belong to the rows of one set. Its number of rows is that of the first part there is; parts of another length are
// left alone, and whoever needs them refuses them.
type side []part

// sides are the three sets of a Pair.
type sides struct{ real, fake, train side }

// sidesOf gathers from the table of needs what belongs to the rows of each set of p.
func sidesOf(p *Pair) (all sides) {
	for _, in := range inputs() {
		if in.parts != nil {
			s := in.parts(p)
			all.real, all.fake, all.train = append(all.real, s.real...), append(all.fake, s.fake...), append(all.train, s.train...)
		}
	}
	all.real, all.fake = append(all.real, labelPart{&p.RealGroups}), append(all.fake, labelPart{&p.FakeGroups})
	return all
}

// there is the parts with one number of rows, and that number, -1 if there is none.
func (s side) there() (parts side, n int) {
	n = -1
	for _, p := range s {
		if have := p.len(); have >= 0 && (n < 0 || have == n) {
			n = have
			parts = append(parts, p)
		}
	}
	return parts, n
}

// take keeps the rows of the given numbers, in that order, in copies.
func (s side) take(order []int) {
	parts, _ := s.there()
	for _, p := range parts {
		p.take(order)
	}
}

// sorted lists the rows in the order of their contents.
func (s side) sorted() []int {
	parts, n := s.there()
	if n < 0 {
		return nil
	}
	order := identity(n)
	slices.SortStableFunc(order, func(a, b int) int {
		for _, p := range parts {
			if c := p.compare(a, b); c != 0 {
				return c
			}
		}
		return 0
	})
	return order
}

// canonical lists row numbers in the order of the rows' contents, so that a random choice does not depend on the order of files.
func canonical(x *mat.Dense) []int { return side{matrixPart{&x}}.sorted() }

// inOrder is p with the rows of every side sorted by contents, so that whatever is drawn at random or starts from the first rows does not depend on
// the order in which files were read. Nothing in p itself is moved.
func inOrder(p Pair) Pair {
	all := sidesOf(&p)
	for _, s := range []side{all.real, all.fake, all.train} {
		p.Shared.take(s, s.sorted)
	}
	return p
}

// Take is p with the rows of every side that these numbers name, in their order: features, probabilities, labels, images and sentences together. A nil
// order leaves its side alone. Nothing in p itself is moved.
func (p Pair) Take(real, fake, train []int) Pair {
	all := sidesOf(&p)
	for _, s := range []struct {
		side  side
		order []int
	}{{all.real, real}, {all.fake, fake}, {all.train, train}} {
		if s.order != nil {
			s.side.take(s.order)
		}
	}
	return p
}

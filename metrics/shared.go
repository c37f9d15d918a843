package metrics

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
)

// Shared remembers what depends on lasting sets of rows alone, the real and the training set of many scores: nearest neighbours within and between them, their rows in
// order, their moments. Whoever scores many generators against the same sets gives each Pair the same Shared. No value depends on it: it holds what would be computed again.
// A nil *Shared remembers nothing. It may be used from many goroutines at once.
type Shared struct {
	mu      sync.Mutex
	lasting map[*mat.Dense]bool
	facts   map[fact]func() (any, error)
}

// fact names something about one or two matrices.
type fact struct {
	what string
	a, b *mat.Dense
	k    int
}

// most facts are kept: more means that sets called lasting are not.
const mostFacts = 512

// Keep says that these matrices last and never change from now on. Nil ones are left out.
func (s *Shared) Keep(x ...*mat.Dense) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lasting == nil {
		s.lasting, s.facts = map[*mat.Dense]bool{}, map[fact]func() (any, error){}
	}
	for _, m := range x {
		if m != nil {
			s.lasting[m] = true
		}
	}
}

func (s *Shared) lasts(x *mat.Dense) bool {
	if s == nil || x == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lasting[x]
}

// once computes a fact of lasting matrices at most once, and any other fact each time. An error is not kept: it may be that of a context that ended.
func once[V any](s *Shared, f fact, compute func() (V, error)) (V, error) {
	if !s.lasts(f.a) || (f.b != nil && !s.lasts(f.b)) {
		return compute()
	}
	s.mu.Lock()
	get, ok := s.facts[f]
	if !ok && len(s.facts) >= mostFacts {
		s.mu.Unlock()
		return compute()
	}
	if !ok {
		get = sync.OnceValues(func() (any, error) { return compute() })
		s.facts[f] = get
	}
	s.mu.Unlock()
	v, err := get()
	if err == nil {
		return v.(V), nil
	}
	s.mu.Lock()
	delete(s.facts, f)
	s.mu.Unlock()
	return compute() // this caller's own context may go on
}

// nearest is numeric.KNN.
func (s *Shared) nearest(ctx context.Context, query, base *mat.Dense, k int) (numeric.Neighbours, error) {
	return once(s, fact{"nearest", query, base, k}, func() (numeric.Neighbours, error) { return numeric.KNN(ctx, query, base, k) })
}

// imageFact computes something about images that belong to lasting rows at most once. The images are held on to, as their place in memory tells them apart.
func imageFact[V any](s *Shared, what string, rows *mat.Dense, m *Images, compute func(*Images) V) V {
	type kept struct {
		of *Images
		v  V
	}
	k, _ := once(s, fact{what: what + " " + imagePart{&m}.id(), a: rows}, func() (kept, error) { return kept{m, compute(m)}, nil })
	return k.v
}

// radii is numeric.Radii.
func (s *Shared) radii(ctx context.Context, x *mat.Dense, k int) ([]float64, error) {
	nb, err := s.nearest(ctx, x, x, k)
	return nb.Radii(k), err
}

// take is what side.take does, for a side of lasting rows only once: the order is a function of the rows.
func (s *Shared) take(rows side, order func() []int) {
	parts, _ := rows.there()
	if len(parts) == 0 {
		return
	}
	first, ok := parts[0].(matrixPart)
	if !ok || !s.lasts(*first.at) {
		if o := order(); !slices.IsSorted(o) { // else it is in order already
			rows.take(o)
		}
		return
	}
	ids := make([]string, len(parts))
	for i, p := range parts {
		ids[i] = p.id()
	}
	taken, _ := once(s, fact{what: "in order " + strings.Join(ids, " "), a: *first.at}, func() ([]any, error) {
		if o := order(); !slices.IsSorted(o) {
			rows.take(o)
		}
		all := make([]any, len(parts))
		for i, p := range parts {
			all[i] = p.get()
		}
		s.Keep(*first.at)
		return all, nil
	})
	for i, p := range parts {
		p.set(taken[i])
	}
}

// address tells slices and pointers apart that are not the same.
func address(x any) string { return fmt.Sprintf("%p", x) }

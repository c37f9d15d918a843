package main

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/rng"
)

// world is a distribution with samples enough to draw perfect generators and broken ones from.
type world interface {
	// faults are what can be planted, the perfect generator first.
	faults() []fault
	// open reads what the world needs.
	open(ctx context.Context, o options) error
	// pair draws n fakes with the fault, twice as many held-out real samples, and as many training samples.
	pair(ctx context.Context, src *rng.Source, f fault, n int) (metrics.Pair, error)
}

// fault is one way of failing at one strength, with the words that name it.
type fault struct {
	name     string
	strength float64
	unit     string // of the strength
	words    []metrics.Word
}

const perfect = "none"

// grow makes a fault of each strength.
func grow(name, unit string, words []metrics.Word, strengths ...float64) (all []fault) {
	for _, s := range strengths {
		all = append(all, fault{name, s, unit, words})
	}
	return all
}

func is(words ...metrics.Word) []metrics.Word { return words }

// worlds are those of the page, in its order.
func worlds() []place {
	return []place{
		{"ring", "Ring of eight modes in the plane, which are known", ring()},
		{"mixture", "Unequal mixture of twelve modes in 8 dimensions, which are not known", mixture()},
		{"digits", "MNIST, `pca(32,pixels)`, classes known", &images{set: "mnist", spec: "pca(32,pixels)", labelled: true}},
		{"digits-unlabelled", "MNIST, `pca(32,pixels)`, without classes", &images{set: "mnist", spec: "pca(32,pixels)"}},
		{"cifar-pca", "CIFAR-10, `pca(64,pixels)`, classes known", &images{set: "cifar10", spec: "pca(64,pixels)", labelled: true}},
		{"cifar-inception", "CIFAR-10, `inception-random(1)`, classes known", &images{set: "cifar10", spec: "inception-random(1)", labelled: true, wide: true}},
	}
}

// place is a world with its names in the record and on the page.
type place struct {
	id, title string
	world
}

// points is a mixture of normal modes.
type points struct {
	modes  *mat.Dense
	sigma  []float64 // of each mode
	shares []float64
	known  bool
	lost   int // the mode that is dropped
}

func ring() *points {
	p := &points{modes: mat.NewDense(8, 2, nil), known: true}
	for k := range 8 {
		y, x := math.Sincos(2 * math.Pi * float64(k) / 8)
		p.modes.SetRow(k, []float64{x, y})
		p.sigma, p.shares = append(p.sigma, .05), append(p.shares, 1./8)
	}
	return p
}

// mixture has modes at random places whose neighbours are a few of their widths away, the largest ten times as frequent as the rarest.
func mixture() *points {
	const modes, dim = 12, 8
	p := &points{modes: mat.NewDense(modes, dim, nil), lost: 4}
	src, sum := rng.Stream(11, "verdicts", "mixture"), 0.
	for k := range modes {
		for j := range dim {
			p.modes.Set(k, j, 1.5*src.Normal())
		}
		p.sigma = append(p.sigma, .4+.4*src.Float64())
		p.shares = append(p.shares, math.Pow(10, -float64(k)/float64(modes-1)))
		sum += p.shares[k]
	}
	for k := range p.shares {
		p.shares[k] /= sum
	}
	return p
}

func (p *points) faults() []fault {
	all := []fault{{perfect, 0, "", is(metrics.Healthy)}}
	all = append(all, grow("one mode lost", fmt.Sprintf("of its share kept (%.2g of the data)", p.shares[p.lost]), is(metrics.Dropped, metrics.Imbalanced), .2, 0)...)
	all = append(all, grow("modes narrower", "of the width", is(metrics.Shrunk, metrics.Collapsed), .8, .6, .3)...)
	all = append(all, grow("modes wider", "times the width", is(metrics.Blurred, metrics.OffData), 1.2, 1.5, 2)...)
	all = append(all, grow("between modes", "of the fakes", is(metrics.Blurred, metrics.OffData), .03, .1, .3)...)
	all = append(all, grow("copies of training rows", "of the fakes", is(metrics.Memorised), .03, .1, .3)...)
	return append(all, grow("repeats of its own samples", "of the fakes", is(metrics.Repeated, metrics.Collapsed), .01, .1, .3)...)
}

func (p *points) open(context.Context, options) error { return nil }

func (p *points) draw(src *rng.Source, n int, shares []float64, scale float64) *mat.Dense {
	k, d := p.modes.Dims()
	x := mat.NewDense(n, d, nil)
	for i := range n {
		c, u := 0, src.Float64()
		for ; c < k-1 && u >= shares[c]; c++ {
			u -= shares[c]
		}
		for j := range d {
			x.Set(i, j, p.modes.At(c, j)+scale*p.sigma[c]*src.Normal())
		}
	}
	return x
}

func (p *points) pair(_ context.Context, src *rng.Source, f fault, n int) (metrics.Pair, error) {
	real, train := p.draw(src, 2*n, p.shares, 1), p.draw(src, 2*n, p.shares, 1)
	shares, scale := append([]float64{}, p.shares...), 1.
	switch f.name {
	case "one mode lost":
		gone := (1 - f.strength) * shares[p.lost]
		for k := range shares {
			if k == p.lost {
				shares[k] -= gone
			}
			shares[k] /= 1 - gone
		}
	case "modes narrower", "modes wider":
		scale = f.strength
	}
	fake := p.draw(src, n, shares, scale)
	k, d := p.modes.Dims()
	for i := range int(math.Round(f.strength * float64(n))) {
		switch f.name {
		case "between modes":
			a, b, u := src.IntN(k), src.IntN(k), .25+.5*src.Float64()
			for j := range d {
				fake.Set(i, j, (1-u)*p.modes.At(a, j)+u*p.modes.At(b, j)+p.sigma[a]*src.Normal())
			}
		case "copies of training rows":
			for j := range d {
				fake.Set(i, j, train.At(i, j)+1e-4*src.Normal())
			}
		case "repeats of its own samples":
			fake.SetRow(i, fake.RawRowView(n-1-src.IntN(n/2)))
		}
	}
	out := metrics.Pair{Real: real, Fake: fake, Train: train}
	if p.known {
		out.Modes, out.Sigma = p.modes, p.sigma[0]
	}
	return out, nil
}

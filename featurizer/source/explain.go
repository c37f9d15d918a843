package source

import (
	"context"
	"fmt"
	"strconv"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/metrics"
)

// Contribution is what one choice adds to the distance between the same two sets: After - Before. The contributions of a Path add up to the gap
// between its ends, exactly; another order of the same choices may share the gap out differently, so the order is part of the result.
type Contribution struct {
	Field  string  `json:"field"`
	From   string  `json:"from"`
	To     string  `json:"to"`
	Before float64 `json:"before"`
	After  float64 `json:"after"`
}

// Explain computes the Frechet distance of two sets of images under protocol a, then takes protocol b's choices over one at a time. look gives the features of
// both sets by a network; it is asked again only where a choice touches the images. Explain returns the distance under a and one contribution for each choice.
func Explain(ctx context.Context, net *featurizer.Inception, a, b featurizer.Protocol, look func(context.Context, featurizer.Featurizer) (real, fake *mat.Dense, err error)) (start float64, gap []Contribution, err error) {
	var sides [2]*mat.Dense
	see := func(p featurizer.Protocol) (err error) {
		if sides[0], sides[1], err = look(ctx, net.Under(p)); err != nil {
			return fmt.Errorf("under %s: %w", p.Name, err)
		}
		return nil
	}
	if err = see(a); err != nil {
		return 0, nil, err
	}
	if start, err = distance(ctx, sides, a); err != nil {
		return 0, nil, err
	}
	before := start
	for _, k := range featurizer.Path(a, b) {
		if k.Field == "resampler" || k.Field == "range" {
			if err := see(k.After); err != nil {
				return 0, nil, err
			}
		}
		after, err := distance(ctx, sides, k.After)
		if err != nil {
			return 0, nil, err
		}
		gap = append(gap, Contribution{k.Field, k.From, k.To, before, after})
		before = after
	}
	return start, gap, nil
}

// distance is the Frechet distance under a protocol's divisor and its rule for the incomplete last batch.
func distance(ctx context.Context, sides [2]*mat.Dense, p featurizer.Protocol) (float64, error) {
	fd, err := metrics.Lookup("fd")
	if err != nil {
		return 0, err
	}
	if fd, err = fd.With("ddof", strconv.Itoa(p.DDOF)); err != nil {
		return 0, err
	}
	for i, m := range sides {
		if n, d := m.Dims(); p.DropLast > 0 && n >= p.DropLast {
			sides[i] = m.Slice(0, n/p.DropLast*p.DropLast, 0, d).(*mat.Dense)
		}
	}
	r, err := fd.Compute(ctx, metrics.Pair{Real: sides[0], Fake: sides[1]})
	if err != nil {
		return 0, err
	}
	for _, v := range r.Values {
		if v.Name == "fd" {
			return v.Value, nil
		}
	}
	return 0, fmt.Errorf("the Frechet distance gave no value: %v", r.Warnings)
}

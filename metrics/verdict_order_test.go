package metrics

import (
	"context"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// sent draws samples of each label's mode as the way says; label -1 of way means anywhere.
func (w plant) sent(labels []int, way func(label int) int) *mat.Dense {
	k, d := w.modes.Dims()
	x := mat.NewDense(len(labels), d, nil)
	for i, l := range labels {
		c := way(l)
		if c < 0 {
			c = w.src.IntN(k)
		}
		for j := range d {
			x.Set(i, j, w.modes.At(c, j)+w.sigma*w.src.Normal())
		}
	}
	return x
}

// All of these fit the marginal to perfection. The limit is 0.9 of the fakes on the mode their label names.
func TestVerdictOnOrder(t *testing.T) {
	const n = 2000
	w := world("ring", 5, n)
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i % 8
	}
	held := w.draw(n, nil, 1)
	count := 0
	for _, c := range []struct {
		name string
		way  func(label int) int
		want Word
		line string
	}{
		{"in order", func(l int) int { return l }, Healthy, ""},
		{"turned by one", func(l int) int { return (l + 1) % 8 }, Permuted, "0 to 1, 1 to 2, 2 to 3, 3 to 4, 4 to 5, 5 to 6, 6 to 7, 7 to 0"},
		{"mirrored", func(l int) int { return (8 - l) % 8 }, Permuted, "permuted modes: 25 % of the fakes reach the mode they should, though no mode is missing: mode 1 to 7, 2 to 6, 3 to 5, 5 to 3"},
		{"anywhere", func(int) int { return -1 }, Permuted, "labels are scattered over modes"},
		{"a twentieth anywhere", func(l int) int { // 0.044 off: not a failure of the map
			if count++; count%20 == 0 {
				return -1
			}
			return l
		}, Healthy, ""},
		{"turned by one, and one mode missing", func(l int) int { return []int{1, 2, 3, 4, 5, 6, 0, 0}[l] }, Dropped, ""},
	} {
		p := Pair{Real: held, Fake: w.sent(labels, c.way), FakeLabels: labels, Modes: w.modes, Sigma: w.sigma}
		v, err := Judge(context.Background(), p, DefaultThresholds())
		if err != nil || v.Word != c.want || !strings.Contains(v.String(), c.line) || c.want == Dropped && v.Has(Permuted) {
			t.Errorf("%s: want %s (%q), have %s, %v", c.name, c.want, c.line, v, err)
		}
	}
	// Without labels, or with labels of something else, nobody can say.
	p := Pair{Real: held, Fake: w.sent(labels, func(l int) int { return (l + 1) % 8 }), Modes: w.modes, Sigma: w.sigma}
	for _, labels := range [][]int{nil, append(slices.Clone(labels[1:]), 8)} {
		p.FakeLabels = labels
		if v, err := Judge(context.Background(), p, DefaultThresholds()); err != nil || v.Word != Healthy {
			t.Errorf("labels up to %d: %s, %v", len(labels), v, err)
		}
	}
}

package zoo

import (
	"errors"
	"maps"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// G: 2 x 400, three times 400 x 400, a scale and a shift for each of 4 x 400 units, and 400 x 2 + 2. D of packs of two points: 4 x 1000 + 1000, twice
// 200 x 1000 + 1000, and 200 + 1.
func TestNetworksOfThePaper(t *testing.T) {
	s := build(t, PacGAN{}, twoPoints(), map[string]string{"nets": "lin2018", "latent": "2", "batch": "4"})
	want := map[string]int{"g": 2*400 + 3*400*400 + 4*2*400 + 400*2 + 2, "d": 4*1000 + 1000 + 2*(200*1000+1000) + 201}
	if got := s.ParamCount(); !maps.Equal(got, want) {
		t.Errorf("%v parameters, want %v", got, want)
	}
}

// Two units of three pieces: columns are the first pieces, the second, the third. The slope goes to the greatest alone.
func TestMaxout(t *testing.T) {
	g := nn.NewGraph(1)
	x := rows(g, "x", 2, 1, 5, 3, -2, 2, 4, -1, -7, -3, -8, -2, -9)
	top := maxout(3).Forward(x, nn.Train)
	v := values(t, top, nn.MustGrad(nn.Sum(nn.Mul(top, top)), x)[0])
	for i, w := range []float32{3, 5, -1, -7} {
		near(t, "maxout", float64(v[0][i]), float64(w), 1e-6)
	}
	for i, w := range []float32{0, 10, 6, 0, 0, 0, -2, -14, 0, 0, 0, 0} {
		near(t, "slope", float64(v[1][i]), float64(w), 1e-5)
	}
}

func TestNetworksOfThePaperAreForPoints(t *testing.T) {
	_, err := New(PacGAN{}, Config{Set: squares(), Settings: map[string]string{"nets": "lin2018"}})
	if !errors.Is(err, ErrSetting) {
		t.Error(err)
	}
}

func squares() *datasets.Set {
	x := &datasets.Samples{Shape: []int{4, 4, 1}, Data: make([]float32, 8*16)}
	return &datasets.Set{Train: x, Test: x}
}

package featurizer

import (
	"math"
	"strings"
	"sync"
)

// split is splitmix64; gauss sums twelve uniform numbers. Neither needs a library function, so synthetic weights are the same bits everywhere.
type split uint64

func (s *split) uniform() float64 {
	*s += 0x9E3779B97F4A7C15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return float64((z^z>>31)>>11) * 0x1p-53
}

func (s *split) gauss() float64 {
	t := 0.0
	for range 12 {
		t += s.uniform()
	}
	return t - 6
}

// syntheticStream starts the numbers of one tensor: FNV-1a of its key, moved by the seed. Seed 0 is the published conformance set.
func syntheticStream(seed uint64, key string) split {
	h := uint64(0xcbf29ce484222325)
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 0x100000001b3
	}
	return split(h ^ seed*0xD1342543DE82EF95) // an odd factor: different seeds stay different
}

// synthetic draws the tensor of a key of the Inception weights file: filters by He's rule, batch norm near the identity, so that activations
// keep their scale through all layers.
func synthetic(seed uint64) source {
	return func(key string, shape ...int) ([]float32, error) {
		n, fan := 1, 1
		for i, d := range shape {
			if n *= d; i > 0 {
				fan *= d
			}
		}
		s := syntheticStream(seed, key)
		scale, base := 0.1, 0.0
		switch {
		case strings.HasSuffix(key, ".conv.weight"):
			scale = math.Sqrt(2 / float64(fan))
		case strings.HasSuffix(key, ".bn.weight"):
			base = 1
		case key == "fc.weight":
			scale = 1 / math.Sqrt(float64(fan))
		}
		x := make([]float32, n)
		for i := range x {
			if strings.HasSuffix(key, ".running_var") {
				x[i] = float32(0.5 + s.uniform())
				continue
			}
			x[i] = float32(base + float64(s.gauss()*scale))
		}
		return x, nil
	}
}

// SyntheticInception returns all tensors of the Inception weights file, drawn from a seed; seed 0 is the conformance set whose features are
// published as golden values. It lets every path be tried without the public weights.
func SyntheticInception(seed uint64) (Weights, error) {
	w := Weights{}
	var mu sync.Mutex
	record := func(key string, shape ...int) ([]float32, error) {
		x, err := synthetic(seed)(key, shape...)
		mu.Lock()
		defer mu.Unlock()
		w[key] = Tensor{Shape: shape, Data: x}
		return x, err
	}
	_, err := newInception(record, quirks{}, inceptionStage[tap2048])
	return w, err
}

package datasets

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/assay-gan/assay/rng"
)

// hatches is the number of ways to hatch a glyph: two rows of ink, two without, beginning at any of four rows.
const hatches = 4

// Edges is outline -> digit [isola2017]: the source is the outline of a glyph, the target the glyph itself, hatched by rows, two with ink and two without, from one
// of four rows on. Every pixel inside has ink in half of the right answers, so neither the mean nor the median of them is one: what is right can be said of
// the whole image only. An output is an answer if it is nearer to it than halfway to the nearest other one.
type Edges struct{}

var _ Dataset = Edges{}

// Info describes the set.
func (Edges) Info() Info {
	info := Glyphs{}.Info()
	info.ID, info.Title, info.Paper, info.Target, info.Paired = "edges", "outlines to digits hatched in one of four ways, paired", "isola2017", true, true
	return info
}

// Load renders glyphs, outlines them for the source and hatches them for the target.
func (e Edges) Load(ctx context.Context, o Options) (*Set, error) {
	if _, err := resolve(e.Info(), o.Params); err != nil {
		return nil, err
	}
	if _, err := sizes(e.Info(), o); err != nil {
		return nil, err
	}
	glyphs, err := Glyphs{}.loadDomain(ctx, o, "edges")
	if err != nil {
		return nil, fmt.Errorf("edges: %w", err)
	}
	outlined := func(x []float32) []float32 { return outline(x, glyphs.Info.Shape) }
	filled := func(name string, s *Samples) *Samples {
		out := &Samples{Shape: s.Shape, Labels: s.Labels, Data: make([]float32, 0, len(s.Data))}
		for i := range s.Len() {
			out.Data = append(out.Data, hatch(s.Row(i), s.Shape, rng.Stream(o.Seed, "dataset", "edges", name, strconv.Itoa(i)).IntN(hatches))...)
		}
		return out
	}
	return &Set{
		Info: e.Info(), Train: sent(glyphs.Train, outlined), Test: sent(glyphs.Test, outlined), Hold: sent(glyphs.Hold, outlined),
		Target: &Domain{
			Train: filled("train", glyphs.Train), Test: filled("test", glyphs.Test), Hold: filled("hold", glyphs.Hold), Paired: true,
			Answers: func(i int) Answers { return hatchings(glyphs.Test.Row(i), glyphs.Test.Shape) },
		},
	}, nil
}

// hatch keeps the ink of two rows of four, the first of them row from.
func hatch(x []float32, shape []int, from int) []float32 {
	out := make([]float32, len(x))
	width := shape[1] * shape[2]
	for i, v := range x {
		out[i] = -1
		if (i/width-from+hatches)%hatches < hatches/2 {
			out[i] = v
		}
	}
	return out
}

// hatchings are all answers; the limit is half of the least distance between two of them.
func hatchings(x []float32, shape []int) Answers {
	a := Answers{Within: math.Inf(1)}
	for from := range hatches {
		y := hatch(x, shape, from)
		for _, other := range a.Right {
			sum := 0.0
			for i, v := range y {
				sum += float64(v-other[i]) * float64(v-other[i])
			}
			a.Within = min(a.Within, math.Sqrt(sum/float64(len(y)))/2)
		}
		a.Right = append(a.Right, y)
	}
	return a
}

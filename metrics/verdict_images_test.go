package metrics

import (
	"context"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// bars are images of 16 x 16 with a bar each: of five classes by its angle, with its place, width and brightness at random. Features are the means of blocks of 4.
const barSide = 16

func bars(src *rng.Source, n int, lost int) (*Images, []int) {
	m := &Images{N: n, H: barSide, W: barSide, C: 1, Lo: 0, Hi: 1}
	var labels []int
	for range n {
		class := src.IntN(5)
		for class == lost {
			class = src.IntN(5)
		}
		sin, cos := math.Sincos(float64(class)*math.Pi/5 + .08*src.Normal())
		cy, cx, width, light := 7.5+.7*src.Normal(), 7.5+.7*src.Normal(), 1.2+.2*src.Float64(), .7+.3*src.Float64()
		for y := range barSide {
			for x := range barSide {
				dy, dx := float64(y)-cy, float64(x)-cx
				v := 0.
				if along := math.Abs(dx*cos + dy*sin); along < 5.5 {
					v = light * min(1, max(0, width+.5-math.Abs(dy*cos-dx*sin)))
				}
				m.Pix = append(m.Pix, float32(v))
			}
		}
		labels = append(labels, class)
	}
	return m, labels
}

func blockMeans(m *Images) *mat.Dense {
	x := mat.NewDense(m.N, barSide, nil)
	for i := range m.N {
		for k, v := range m.At(i) {
			at := k/barSide/4*4 + k%barSide/4
			x.Set(i, at, x.At(i, at)+float64(v)/16)
		}
	}
	return x
}

func barPair(src *rng.Source, lost int) Pair {
	p := Pair{Seed: 3}
	p.RealImages, p.RealLabels = bars(src, 1600, -1)
	p.FakeImages, p.FakeLabels = bars(src, 800, lost)
	p.TrainImages, _ = bars(src, 1200, -1)
	return p
}

func withFeatures(p Pair) Pair {
	p.Real, p.Fake, p.Train = blockMeans(p.RealImages), blockMeans(p.FakeImages), blockMeans(p.TrainImages)
	return p
}

// What features hardly see, what classes say and what was copied with a shift each get their word; the perfect generator gets none.
func TestVerdictOnImages(t *testing.T) {
	if testing.Short() {
		t.Skip("twelve verdicts")
	}
	pixels := func(f func(src *rng.Source, i int, row []float32)) func(*rng.Source, Pair) Pair {
		return func(src *rng.Source, p Pair) Pair {
			for i := range p.FakeImages.N {
				f(src, i, p.FakeImages.At(i))
			}
			return p
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(src *rng.Source, p Pair) Pair
		lost  int
		want  Word
		line  string
	}{
		{"perfect", nil, -1, Healthy, ""},
		{"class 3 lost", nil, 3, Dropped, "1 of 5 classes are missing (3)"},
		{"class 3 lost, no labels", func(_ *rng.Source, p Pair) Pair { p.RealLabels = nil; return p }, 3, Dropped, "regions of the data hold next to no fakes"},
		{"classes exchanged", func(_ *rng.Source, p Pair) Pair {
			for i, l := range p.FakeLabels {
				p.FakeLabels[i] = (l + 1) % 5
			}
			return p
		}, -1, Permuted, "0 to 4, 1 to 0, 2 to 1, 3 to 2, 4 to 3"},
		{"blurred", pixels(func(_ *rng.Source, _ int, row []float32) {
			old := append([]float32{}, row...)
			for k := barSide + 1; k < len(row)-barSide-1; k++ {
				row[k] = (old[k] + old[k-1] + old[k+1] + old[k-barSide] + old[k+barSide]) / 5
			}
		}), -1, Blurred, "images are soft"},
		{"one pixel in 25 is white", pixels(func(src *rng.Source, _ int, row []float32) {
			for k := range row {
				if src.IntN(25) == 0 {
					row[k] = 1
				}
			}
		}), -1, Noisy, "stand out against all of their neighbours"},
		{"noise", pixels(func(src *rng.Source, _ int, row []float32) {
			for k := range row {
				row[k] += float32(.03 * src.Normal())
			}
		}), -1, Noisy, "noise in smooth places"},
		{"inverted", pixels(func(_ *rng.Source, _ int, row []float32) {
			for k := range row {
				row[k] = 1 - row[k]
			}
		}), -1, OffData, "only 0 % of the fakes lie on the data"},
		{"pure noise", pixels(func(src *rng.Source, _ int, row []float32) { src.FillUniform(row, 0, 1) }), -1, OffData, "only 0 % of the fakes lie on the data"},
		{"one grey image with a little noise", pixels(func(src *rng.Source, _ int, row []float32) {
			for k := range row {
				row[k] = float32(.5 + .01*src.Normal())
			}
		}), -1, Collapsed, "times as far as the data, and lie off them"},
		{"a tenth repeated", nil, -1, Repeated, "80 of 800 fakes repeat an earlier one, 0 of as many real samples do"},
		{"a tenth are training images moved by a pixel", func(_ *rng.Source, p Pair) Pair {
			for i := range 80 {
				copy(p.FakeImages.At(i)[1:], p.TrainImages.At(i)[:barSide*barSide-1])
			}
			return p
		}, -1, Memorised, "training images, moved or mirrored"},
	} {
		src := rng.Stream(8, "bars")
		p := barPair(src, c.lost)
		if c.name == "a tenth repeated" {
			for i := range 80 {
				copy(p.FakeImages.At(i), p.FakeImages.At(i+400))
			}
		} else if c.spoil != nil {
			p = c.spoil(src, p)
		}
		v, err := Judge(context.Background(), withFeatures(p), DefaultThresholds())
		if err != nil || v.Word != c.want || !strings.Contains(v.String(), c.line) {
			t.Errorf("%s: want %s (%q), have %s, %v\n%v", c.name, c.want, c.line, v, err, v.Readings)
		}
	}
}

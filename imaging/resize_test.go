package imaging

import (
	"errors"
	"math"
	"testing"
)

// Golden values carry six digits; clean-fid's table agrees with Pillow, PyTorch and torch-fidelity run on this 4 x 4 image.
const goldenTol = 6e-6

var goldenSource = []float32{0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 255}

type goldenRow struct {
	h, w, row int // row -1: all rows
	want      []float64
}

func goldens() map[Resampler][]goldenRow {
	up0 := []float64{0, 5, 11.6667, 18.3333, 25, 30}
	up5 := []float64{120, 125, 131.667, 138.333, 197.5, 255}
	return map[Resampler][]goldenRow{
		TF1Bilinear: {
			{2, 2, -1, []float64{0, 20, 80, 100}},
			{3, 5, 0, []float64{0, 8, 16, 24, 30}},
			{3, 5, 2, []float64{106.667, 114.667, 122.667, 158.667, 206.667}},
			{6, 6, 0, []float64{0, 6.66667, 13.3333, 20, 26.6667, 30}},
			{6, 6, 5, []float64{120, 126.667, 133.333, 140, 216.667, 255}},
		},
		TorchBilinear: {
			{2, 2, -1, []float64{25, 45, 105, 151.25}},
			{3, 5, 0, []float64{6.66667, 13.6667, 21.6667, 29.6667, 36.6667}},
			{3, 5, 2, []float64{113.333, 120.333, 128.333, 162.583, 230.833}},
			{6, 6, 0, up0}, {6, 6, 5, up5},
		},
		TorchBilinearAA: {
			{2, 2, -1, []float64{35.7143, 51.4286, 98.5714, 133.571}},
			{3, 5, 0, []float64{12, 19, 27, 35, 42}},
			{3, 5, 2, []float64{108, 115, 123, 153.05, 211.5}},
			{6, 6, 0, up0}, {6, 6, 5, up5},
		},
		PillowBilinearFloat: {
			{2, 2, -1, []float64{35.7143, 51.4286, 98.5714, 133.571}},
			{3, 5, 0, []float64{12, 19, 27, 35, 42}},
			{6, 6, 0, up0}, {6, 6, 5, up5},
		},
		PillowBicubicFloat: {
			{2, 2, -1, []float64{29.4841, 45.8122, 100.606, 142.752}},
			{3, 5, 0, []float64{7.16456, 14.0781, 22.5973, 31.1164, 38.0299}},
			{3, 5, 2, []float64{111.97, 118.884, 122.462, 158.108, 225.306}},
			{6, 6, 0, []float64{-3.28947, 1.48607, 9.03509, 15.7018, 23.2508, 28.0263}},
			{6, 6, 5, []float64{121.974, 126.749, 133.003, 134.489, 207.759, 272.56}},
		},
		TorchBicubicAA: { // torch 2.9
			{2, 2, -1, []float64{29.4841, 45.8122, 100.606, 142.752}},
			{3, 5, 1, []float64{59.5673, 66.4809, 75.231, 82.4818, 86.5766}},
			{6, 6, 3, []float64{72.6754, 77.451, 85.0703, 92.0183, 95.9988, 97.5151}},
			{6, 6, 5, []float64{121.974, 126.749, 133.003, 134.489, 207.759, 272.56}},
		},
		TorchBicubic: {
			{2, 2, -1, []float64{20.3125, 42.1875, 107.812, 155.938}},
			{3, 5, 0, []float64{4.4388, 11.1538, 20.0463, 28.9388, 35.6538}},
			{3, 5, 2, []float64{114.346, 121.061, 121.523, 163.937, 240.955}},
			{6, 6, 0, []float64{-4.34028, .590278, 8.65741, 14.3981, 22.4653, 27.3958}},
			{6, 6, 5, []float64{122.604, 127.535, 133.621, 131.437, 206.467, 278.361}},
		},
		PillowLanczosFloat: {{2, 2, -1, []float64{27.4106, 42.7663, 100.479, 145.718}}},
		PillowBoxFloat:     {{2, 2, -1, []float64{25, 45, 105, 151.25}}},
		PillowBicubic:      {{6, 6, 5, []float64{122, 127, 132, 134, 207, 255}}}, // rounds between the passes and clips: 132, not 133
		Area:               {{2, 2, -1, []float64{25, 45, 105, 151.25}}},         // the four 2 x 2 means
		TorchNearest:       {{2, 2, -1, []float64{0, 20, 80, 100}}},              // floor(2 i)
		PillowNearest:      {{2, 2, -1, []float64{50, 70, 130, 255}}},            // floor(2 (i + 1/2))
	}
}

func TestResizeGolden(t *testing.T) {
	for r, rows := range goldens() {
		for _, g := range rows {
			p, err := r.Plan(4, 4, g.h, g.w)
			if err != nil {
				t.Fatal(err)
			}
			src := &Image{H: 4, W: 4, C: 1, Pix: make([]uint8, 16)}
			for i, v := range goldenSource {
				src.Pix[i] = uint8(v)
			}
			got, err := p.Bytes(src)
			if err != nil {
				t.Fatal(err)
			}
			if g.row >= 0 {
				got = got[g.row*g.w : (g.row+1)*g.w]
			}
			for i, v := range got {
				if math.Abs(float64(v)-g.want[i]) > goldenTol*max(1, math.Abs(g.want[i])) {
					t.Errorf("%s to %d x %d, row %d: got %v, want %v", r, g.h, g.w, g.row, got, g.want)
					break
				}
			}
		}
	}
}

// Laws of every resampler: the same size is the identity, a constant stays constant, channels do not mix.
func TestResizeLaws(t *testing.T) {
	const h, w = 7, 5
	grey := &Image{H: h, W: w, C: 1, Pix: make([]uint8, h*w)}
	for i := range grey.Pix {
		grey.Pix[i] = uint8(37*i + i*i)
	}
	flat := &Image{H: h, W: w, C: 3, Pix: make([]uint8, h*w*3)}
	mixed := &Image{H: h, W: w, C: 3, Pix: make([]uint8, h*w*3)}
	for i := range h * w {
		copy(flat.Pix[3*i:], []uint8{9, 100, 255})
		copy(mixed.Pix[3*i:], []uint8{0, grey.Pix[i], 255})
	}
	for _, r := range Resamplers() {
		same, err := r.Plan(h, w, h, w)
		if err != nil {
			t.Fatal(err)
		}
		got, err := same.Bytes(grey)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			if v != float32(grey.Pix[i]) {
				t.Errorf("%s: same size changes pixel %d from %d to %v", r, i, grey.Pix[i], v)
				break
			}
		}
		for _, size := range [][2]int{{3, 2}, {13, 11}, {1, 1}, {h, 9}, {2, w}} {
			p, err := r.Plan(h, w, size[0], size[1])
			if err != nil {
				t.Fatal(err)
			}
			f, err1 := p.Bytes(flat)
			m, err2 := p.Bytes(mixed)
			g, err3 := p.Bytes(grey)
			if err := errors.Join(err1, err2, err3); err != nil {
				t.Fatal(err)
			}
			for i := range g {
				for k, c := range []float32{9, 100, 255} {
					if d := f[3*i+k] - c; d > 1e-3 || d < -1e-3 {
						t.Errorf("%s to %v: constant %v becomes %v", r, size, c, f[3*i+k])
					}
				}
				if m[3*i+1] != g[i] {
					t.Errorf("%s to %v: a channel alone gives %v, among others %v", r, size, g[i], m[3*i+1])
				}
			}
		}
	}
}

// EDM2's resize of whole images, by torch 2.9's interpolate(mode="bicubic", antialias=True) on one core: three pixels and the sums of values and squares. Its
// vectorised sums round in another order than ours.
func TestTorchBicubicAA(t *testing.T) {
	const tol = 1e-6 // of 255: single rounding over windows of up to ten by ten
	for _, c := range []struct {
		h, w         int
		px           [9]float64 // at 0,0, at 100,77 and at 223,223
		sum, squares float64
	}{
		{64, 64, [9]float64{-10.620377540588379, 90.379638671875, 219.3408203125, 176.19854736328125, 66.36882781982422, 122.89276885986328, 160.2776336669922, 5.277649879455566, 106.27763366699219}, 19223593.545391783, 2984779471.844964},
		{512, 512, [9]float64{79.46499633789062, 155.62379455566406, 104.9073257446289, 106.01100158691406, 137.74969482421875, 153.6005859375, 98.48395538330078, 171.26007080078125, 69.484130859375}, 19267716.04379511, 2571251522.3855486},
		{256, 300, [9]float64{12.060893058776855, 115.00325012207031, 199.32687377929688, 55.72869873046875, 167.6785125732422, 183.29920959472656, 183.25257873535156, 50.71669006347656, 127.22154998779297}, 19265678.803837776, 2822494716.989033},
	} {
		p, err := TorchBicubicAA.Plan(c.h, c.w, 224, 224)
		if err != nil {
			t.Fatal(err)
		}
		y, err := p.Bytes(formula(t, c.h, c.w, 3))
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range c.px {
			at := [3]int{0, 100*224 + 77, 223*224 + 223}[i/3]
			if got := float64(y[3*at+i%3]); math.Abs(got-want) > 255*tol {
				t.Errorf("%d x %d, value %d: %v, torch gives %v", c.h, c.w, i, got, want)
			}
		}
		sum, squares := 0.0, 0.0
		for _, v := range y {
			sum, squares = sum+float64(v), squares+float64(v)*float64(v)
		}
		if math.Abs(sum-c.sum) > 1e-6*c.sum || math.Abs(squares-c.squares) > 1e-6*c.squares {
			t.Errorf("%d x %d: sums %v and %v, torch gives %v and %v", c.h, c.w, sum, squares, c.sum, c.squares)
		}
	}
}

func TestResizeRefuses(t *testing.T) {
	if _, err := Resampler("pillow-bicubik").Plan(1, 1, 1, 1); err == nil {
		t.Error("an unknown resampler is accepted")
	}
	if _, err := Area.Plan(0, 1, 1, 1); !errors.Is(err, ErrShape) {
		t.Errorf("size 0: %v", err)
	}
	p, err := PillowBicubic.Plan(2, 2, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Float(make([]float32, 4), 1); !errors.Is(err, ErrShape) {
		t.Errorf("floats into a byte resampler: %v", err)
	}
	if _, err := p.Bytes(&Image{H: 3, W: 2, C: 1, Pix: make([]uint8, 6)}); !errors.Is(err, ErrShape) {
		t.Errorf("another size than planned: %v", err)
	}
}

func BenchmarkResize32To299(b *testing.B) {
	m := &Image{H: 32, W: 32, C: 3, Pix: make([]uint8, 32*32*3)}
	for _, r := range []Resampler{TF1Bilinear, TorchBilinear, PillowBicubicFloat, PillowBicubic} {
		b.Run(string(r), func(b *testing.B) {
			p, err := r.Plan(32, 32, 299, 299)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := p.Bytes(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

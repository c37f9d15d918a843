package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric/golden"
)

func images(n, h, w, c int, lo, hi float64, at func(i, y, x, ch int) float64) *Images {
	m := &Images{N: n, H: h, W: w, C: c, Lo: lo, Hi: hi}
	for i := range n {
		for y := range h {
			for x := range w {
				for ch := range c {
					m.Pix = append(m.Pix, float32(at(i, y, x, ch)))
				}
			}
		}
	}
	return m
}

// compare_gan's test: three constant images 1, .7 and 0 at a range of 255; only the luminance of the last scale differs from 1.
func TestMSSSIMPin(t *testing.T) {
	level := []float64{1, .7, 0}
	x := images(3, 64, 64, 3, 0, 255, func(i, _, _, _ int) float64 { return level[i] })
	near(t, "ms_ssim", compute(t, metric(t, "ms_ssim"), Pair{FakeImages: x})["ms_ssim"], .989989, 1e-5)
	near(t, "scales", float64(scalesFor(64, 64)), 5, 0)
}

func TestMSSSIMWithinClass(t *testing.T) {
	src := golden.New(5)
	x := images(40, 16, 16, 1, 0, 1, func(i, y, x, _ int) float64 { // class 0: one striped image and noise; class 1: different noise each
		if i%2 == 0 {
			return float64(x%4)/4 + .01*src.Uniform()
		}
		return src.Uniform()
	})
	labels := make([]int, 40)
	for i := range labels {
		labels[i] = i % 2
	}
	both := compute(t, metric(t, "ms_ssim"), Pair{FakeImages: x, FakeLabels: labels})["ms_ssim"]
	mixed := compute(t, set(t, metric(t, "ms_ssim"), "pairs", "300"), Pair{FakeImages: x, RealImages: x})
	if both < .45 || mixed["ms_ssim"] > both || len(mixed) != 2 {
		t.Errorf("within classes %.3f, across %v", both, mixed)
	}
}

// SSIM of constant images a and b is the luminance term alone; of an image with itself 1; the naive definition elsewhere.
func TestSSIM(t *testing.T) {
	src := golden.New(6)
	flat := func(v float64) *Images {
		return images(2, 16, 16, 1, 0, 255, func(_, _, _, _ int) float64 { return v })
	}
	c1 := .01 * .01 * 255 * 255
	near(t, "constant", compute(t, metric(t, "ssim"), Pair{Target: flat(100), Recon: flat(150)})["ssim"], (2*100*150+c1)/(100*100+150*150+c1), 1e-9)
	a := images(1, 14, 15, 2, -1, 1, func(_, _, _, _ int) float64 { return 2*src.Uniform() - 1 })
	b := images(1, 14, 15, 2, -1, 1, func(_, _, _, _ int) float64 { return 2*src.Uniform() - 1 })
	near(t, "itself", compute(t, metric(t, "ssim"), Pair{Target: a, Recon: a})["ssim"], 1, exact)
	near(t, "naive", compute(t, metric(t, "ssim"), Pair{Target: a, Recon: b})["ssim"], naiveSSIM(a, b), 1e-10)
}

// The values of scikit-image 0.26 (structural_similarity with gaussian_weights, sigma 1.5, use_sample_covariance off) and of pytorch-msssim 1.0 (given its window in float64) for the same
// pixels on 0 to 2 and 0 to 255: the luminance term is of values from 0 to L, so that a shift of the range must not move them. On [-1, 1] as they are the first gave 0.196393.
func TestSSIMAgreesWithOtherImplementations(t *testing.T) {
	picture := func(seed uint64, h, w int, lo, hi float64) *Images {
		src := golden.New(seed)
		return images(1, h, w, 1, lo, hi, func(_, y, x, _ int) float64 {
			v := 2*float32(.25*float64((x+2*y)%17)/16+.4*src.Uniform()) - 1
			return lo + (float64(v)+1)*(hi-lo)/2
		})
	}
	both := func(a, b *Images) *Images {
		return &Images{N: 2, H: a.H, W: a.W, C: 1, Lo: a.Lo, Hi: a.Hi, Pix: append(slices.Clone(a.Pix), b.Pix...)}
	}
	const single = 1e-8 // of float32 pixels
	for _, r := range [][2]float64{{-1, 1}, {0, 2}, {0, 1}, {0, 255}} {
		ssim := compute(t, metric(t, "ssim"), Pair{Target: picture(1, 32, 40, r[0], r[1]), Recon: picture(2, 32, 40, r[0], r[1])})["ssim"]
		near(t, fmt.Sprint("ssim on ", r), ssim, .19852872747591083, single)
		ms := compute(t, metric(t, "ms_ssim"), Pair{FakeImages: both(picture(3, 176, 192, r[0], r[1]), picture(4, 176, 192, r[0], r[1]))})["ms_ssim"]
		near(t, fmt.Sprint("ms_ssim on ", r), ms, .63789738311624644, single)
	}
}

func naiveSSIM(a, b *Images) float64 {
	var g [11][11]float64
	sum := 0.0
	for y := range 11 {
		for x := range 11 {
			g[y][x] = math.Exp(-(math.Pow(float64(y-5), 2) + math.Pow(float64(x-5), 2)) / (2 * 1.5 * 1.5))
			sum += g[y][x]
		}
	}
	l := a.Hi - a.Lo
	c1, c2, total, n := .0001*l*l, .0009*l*l, 0.0, 0.0
	for c := range a.C {
		for y0 := 0; y0+11 <= a.H; y0++ {
			for x0 := 0; x0+11 <= a.W; x0++ {
				var ma, mb, va, vb, ab float64
				for pass := range 2 {
					for y := range 11 {
						for x := range 11 {
							k := ((y0+y)*a.W+x0+x)*a.C + c
							p, q, w := float64(a.Pix[k])-a.Lo, float64(b.Pix[k])-b.Lo, g[y][x]/sum
							if pass == 0 {
								ma, mb = ma+w*p, mb+w*q
							} else {
								va, vb, ab = va+w*(p-ma)*(p-ma), vb+w*(q-mb)*(q-mb), ab+w*(p-ma)*(q-mb)
							}
						}
					}
				}
				total += (2*ma*mb + c1) * (2*ab + c2) / ((ma*ma + mb*mb + c1) * (va + vb + c2))
				n++
			}
		}
	}
	return total / n
}

func TestPSNRAndCycleError(t *testing.T) {
	// One of 4 pixels off by 51 of 255: MSE = .04/4 = .01 of the range, so 20 dB; the second image is off by .2 everywhere: 10 log10(1/.04).
	a := images(2, 2, 2, 1, 0, 255, func(_, _, _, _ int) float64 { return 60 })
	b := images(2, 2, 2, 1, 0, 255, func(i, y, x, _ int) float64 {
		if i == 1 || (y == 0 && x == 0) {
			return 60 + 51
		}
		return 60
	})
	p := Pair{Target: a, Recon: b}
	v := compute(t, metric(t, "psnr"), p)
	near(t, "psnr", v["psnr"], (20+10*math.Log10(25))/2, exact)
	near(t, "mse", v["psnr_mse"], .025, exact)
	v = compute(t, metric(t, "cycle_error"), p)
	near(t, "cycle", v["cycle_error"], 51*5./8, exact)
	near(t, "cycle rms", v["cycle_error_rms"], 51*math.Sqrt(5./8), exact)
	for _, id := range []string{"psnr", "cycle_error"} {
		r, err := metric(t, id).Compute(context.Background(), Pair{Target: a, Recon: a})
		if err != nil || r.Status != Degenerate {
			t.Errorf("%s of exact copies: %s, %v", id, r.Status, err)
		}
	}
}

func TestCorrespondence(t *testing.T) {
	modes := mat.NewDense(3, 1, []float64{0, 10, 20})
	fake := mat.NewDense(6, 1, []float64{.1, 9, 11, 14, 20, 0})
	v := compute(t, metric(t, "correspondence"), Pair{Fake: fake, FakeLabels: []int{0, 1, 1, 1, 0, 0}, Modes: modes, Sigma: 1})
	near(t, "correspondence", v["correspondence"], 5./6, exact)
	near(t, "correspondence_hq", v["correspondence_hq"], 4./6, exact)
}

// A linear Gaussian model has its likelihood in closed form: z ~ N(0,1), x|z ~ N(z, 1), so x ~ N(0, 2). With q the exact posterior N(x/2, 1/2) every
// weight is log p(x): elbo = iwae = log N(x; 0, 2), and the KL is that of the two Gaussians in the mean.
func TestELBOOfAnExactPosterior(t *testing.T) {
	normal := func(x, mean, variance float64) float64 {
		return -.5*math.Log(2*math.Pi*variance) - (x-mean)*(x-mean)/(2*variance)
	}
	const n, k = 20, 7
	src := golden.New(12)
	terms := &LogTerms{PX: mat.NewDense(n, k, nil), PZ: mat.NewDense(n, k, nil), QZ: mat.NewDense(n, k, nil), Dim: 1, Offset: .3}
	loose := &LogTerms{PX: mat.NewDense(n, k, nil), PZ: mat.NewDense(n, k, nil), QZ: mat.NewDense(n, k, nil), Dim: 1}
	want := 0.0
	for i := range n {
		x := 1.4 * src.Normal()
		want += normal(x, 0, 2) / n
		for j := range k {
			z := x/2 + math.Sqrt(.5)*src.Normal()
			terms.PX.Set(i, j, normal(x, z, 1))
			terms.PZ.Set(i, j, normal(z, 0, 1))
			terms.QZ.Set(i, j, normal(z, x/2, .5))
			z = src.Normal() // q = prior: the bound is loose
			loose.PX.Set(i, j, normal(x, z, 1))
			loose.PZ.Set(i, j, normal(z, 0, 1))
			loose.QZ.Set(i, j, normal(z, 0, 1))
		}
	}
	v := compute(t, metric(t, "elbo"), Pair{Terms: terms})
	near(t, "elbo", v["elbo"], want, exact)
	near(t, "iwae", v["iwae"], want, exact)
	near(t, "bits", v["bits_per_dim"], -(want+.3)/math.Ln2, exact)
	near(t, "elbo = reconstruction - kl", v["reconstruction"]-v["kl"], v["elbo"], exact)
	w := compute(t, metric(t, "elbo"), Pair{Terms: loose})
	if !(w["elbo"] < w["iwae"] && w["iwae"] < want+.2) || w["kl"] != 0 {
		t.Errorf("loose bound %v, likelihood %v", w, want)
	}
}

func TestPPL(t *testing.T) {
	// Steps 1..100 (times eps .5): squared over eps^2 are 1, 4, ..., 10000. Percentiles 1 and 99 of 0..99 are places .99 and 98.01: lower 0,
	// higher 99 keep all; at 10 and 90: places 9.9 and 89.1, so 9..90.
	const n = 100
	path := &LatentPath{A: mat.NewDense(n, 2, nil), B: mat.NewDense(n, 2, nil), Eps: .5}
	for i := range n {
		path.B.Set(i, 1, .5*float64(i+1))
	}
	squares := func(lo, hi int) float64 {
		s := 0.0
		for i := lo; i <= hi; i++ {
			s += float64(i * i)
		}
		return s / float64(hi-lo+1)
	}
	near(t, "all", compute(t, metric(t, "ppl"), Pair{Path: path})["ppl"], squares(1, 100), exact)
	m := set(t, set(t, metric(t, "ppl"), "lower", "10"), "upper", "90")
	v := compute(t, m, Pair{Path: path})
	near(t, "trimmed", v["ppl"], squares(10, 91), exact)
	near(t, "raw", v["ppl_raw"], squares(1, 100), exact)
}

func TestInterpolation(t *testing.T) {
	// Real points 0..9 on a line, k = 1: every ball is open with radius 1. One segment stays inside, one leaps over the gap to 30.
	real := mat.NewDense(10, 1, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	points := mat.NewDense(8, 1, []float64{1.1, 2.1, 3.1, 4.1, 8.5, 12, 15, 30})
	v := compute(t, set(t, metric(t, "interpolation"), "k", "1"), Pair{Real: real, Path: &LatentPath{Points: points, Steps: 4}})
	near(t, "inner", v["interpolation"], .5, exact)
	near(t, "ends", v["interpolation_ends"], .75, exact)
	near(t, "jump", v["interpolation_jump"], (1+15*3/21.5)/2, exact)
}

func TestMiFIDGolden(t *testing.T) {
	v := compute(t, metric(t, "mifid"), ab())
	near(t, "distance", v["mifid_distance"], .2840844484938765, exact)
	near(t, "not penalised", v["mifid"], 1.996794139006930, 1e-9)
	// A tau above the distance divides by it.
	w := compute(t, set(t, metric(t, "mifid"), "tau", "0.5"), ab())
	near(t, "penalised", w["mifid"], 1.996794139006930/.2840844484938765, 1e-9)
	a := golden.Must("A")
	neg := mat.DenseCopyOf(a)
	neg.Scale(-2, neg)
	r, err := metric(t, "mifid").Compute(context.Background(), Pair{Real: a, Fake: neg})
	if _, ok := r.Get("mifid"); err != nil || (ok && r.Values[1].Value > 1e-12) {
		t.Errorf("mirrored copies must have distance 0: %+v, %v", r, err)
	}
}

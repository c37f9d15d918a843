package metrics

import (
	"fmt"
	"math"
	"slices"
)

// pictures looks at the pixels themselves: features see little of sharpness, of single pixels and of fine texture.
func (j *judge) pictures(p Pair) error {
	if p.FakeImages == nil || p.RealImages == nil {
		if j.v.Route == "features" {
			j.warn("pixels were not looked at (sharpness, noise, spectrum): there are no images of one size at hand")
		}
		return nil
	}
	for role, m := range map[string]*Images{"real images": p.RealImages, "fake images": p.FakeImages} {
		if err := checkImages(role, m, 2); err != nil {
			return err
		}
	}
	if min(p.FakeImages.H, p.FakeImages.W, p.RealImages.H, p.RealImages.W) < 8 {
		j.warn("sharpness, noise and spectrum were not looked at: images below 8 x 8 have no texture")
		return nil
	}
	if err := j.ctx.Err(); err != nil {
		return err
	}
	fake, real := looksOf(p.FakeImages), imageFact(p.Shared, "looks", p.Real, p.RealImages, looksOf)
	z := normalQuantile(1 - j.t.Alpha/float64(len(lookNames)))
	j.surplus(fake, real, 0, z, 1, j.t.Isolated, "%v of the pixels stand out against all of their neighbours, %v of the data's do")
	j.surplus(fake, real, 1, z, 1/j.t.Soft, j.t.Grain, "the noise in smooth places is %v of the range, the data's %v")
	j.energies(fake, real, z)
	return nil
}

// looks are statistics of single images: each a list over the images.
type looks [][]float64

// lookNames are the statistics of looks: the share of pixels that stand alone, the level of the noise, the variance of the Laplacian, and the energies of the bands
// of two levels of Haar's wavelet packets by the sum of their two frequencies: 0 is the mean brightness, 6 the finest checkerboard.
var lookNames = []string{"isolated_pixels", "noise_level", "sharpness", "band_1", "band_2", "band_3", "band_4", "band_5", "band_6"}

const firstEnergy = 2 // of lookNames: from here on ratios count

func looksOf(m *Images) looks {
	all := make(looks, len(lookNames))
	all[firstEnergy] = laplacianVariances(m)
	for i := range m.N {
		g := grey(m, i)
		all[0] = append(all[0], lonely(g, m.H, m.W))
		all[1] = append(all[1], noiseLevel(g, m.H, m.W))
		for b, e := range bandEnergies(g, m.H, m.W) {
			all[firstEnergy+1+b] = append(all[firstEnergy+1+b], e)
		}
	}
	return all
}

// grey is image i as the mean of its channels, from 0 to 1.
func grey(m *Images, i int) []float64 {
	g, pix := make([]float64, m.H*m.W), m.At(i)
	for k := range g {
		for c := range m.C {
			g[k] += (float64(pix[k*m.C+c]) - m.Lo) / (m.Hi - m.Lo) / float64(m.C)
		}
	}
	return g
}

// spreadOfPixels is the root mean square distance of the grey images to their mean, a pixel on average.
func spreadOfPixels(m *Images) float64 {
	sum, squares := make([]float64, m.H*m.W), make([]float64, m.H*m.W)
	for i := range m.N {
		for k, v := range grey(m, i) {
			sum[k] += v
			squares[k] += v * v
		}
	}
	total, n := 0., float64(m.N)
	for k := range sum {
		total += max(0, squares[k]/n-sum[k]/n*sum[k]/n)
	}
	return math.Sqrt(total / float64(len(sum)))
}

// lonely is the share of inner pixels that differ from all of their eight neighbours by more than a third of the range, in one direction.
func lonely(g []float64, h, w int) float64 {
	const far = 1. / 3
	n := 0
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			lo, hi := math.Inf(1), math.Inf(-1)
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					if v := g[(y+dy)*w+x+dx]; dx != 0 || dy != 0 {
						lo, hi = min(lo, v), max(hi, v)
					}
				}
			}
			if v := g[y*w+x]; v > hi+far || v < lo-far {
				n++
			}
		}
	}
	return float64(n) / float64((h-2)*(w-2))
}

// bandEnergies are the mean squares of Haar's wavelet packets of level 2, by the sum of the two frequencies, without the mean brightness. What does not fill a
// block of four is left out at the right and below.
func bandEnergies(g []float64, h, w int) (bands [6]float64) {
	// The packets of level 2 in the order of frequency are the Walsh functions of a block of four.
	walsh := [4][4]float64{{1, 1, 1, 1}, {1, 1, -1, -1}, {1, -1, -1, 1}, {1, -1, 1, -1}}
	blocks := 0.
	for y := 0; y+4 <= h; y += 4 {
		for x := 0; x+4 <= w; x += 4 {
			blocks++
			for u := range 4 {
				for v := range 4 {
					if u+v == 0 {
						continue
					}
					s := 0.
					for a := range 4 {
						row := g[(y+a)*w+x : (y+a)*w+x+4]
						s += walsh[u][a] * (walsh[v][0]*row[0] + walsh[v][1]*row[1] + walsh[v][2]*row[2] + walsh[v][3]*row[3])
					}
					bands[u+v-1] += s * s / 16
				}
			}
		}
	}
	for b := range bands {
		bands[b] /= blocks
	}
	return bands
}

// noiseLevel is the standard deviation of normal noise by the median of the finest diagonal differences [donoho1994]: edges hardly move a median.
func noiseLevel(g []float64, h, w int) float64 {
	var d []float64
	for y := 0; y+2 <= h; y += 2 {
		for x := 0; x+2 <= w; x += 2 {
			d = append(d, math.Abs(g[y*w+x]-g[y*w+x+1]-g[(y+1)*w+x]+g[(y+1)*w+x+1])/2)
		}
	}
	slices.Sort(d)
	return quantile(d, .5) / .6745
}

// surplus finds noise where a statistic is surely above the data's, by a factor and by an amount.
func (j *judge) surplus(fake, real looks, k int, z, factor, amount float64, line string) {
	f, seF := meanSE(fake[k])
	r, seR := meanSE(real[k])
	j.read(lookNames[k], f, r)
	if limit := factor*r + amount; f > limit && f-r > z*math.Hypot(seF, seR) {
		j.find(Noisy, lookNames[k], f, r, limit, line, fraction(f), fraction(r))
	}
}

// energies compares sharpness and the bands of the spectrum. The finest lacking is blur, the finest in surplus noise.
func (j *judge) energies(fake, real looks, z float64) {
	var soft, loud []string
	worstSoft, worstLoud := Reading{}, Reading{}
	for k := firstEnergy; k < len(lookNames); k++ {
		f, seF := meanSE(fake[k])
		r, seR := meanSE(real[k])
		if r == 0 {
			continue // flat: there is nothing to compare with
		}
		ratio, se := f/r, math.Hypot(seF, f/r*seR)/r
		j.read(lookNames[k], ratio, 1)
		switch {
		case ratio < j.t.Soft && ratio+z*se < 1:
			soft = append(soft, lookNames[k])
			if worstSoft.Name == "" || ratio < worstSoft.Value {
				worstSoft = Reading{lookNames[k], ratio, 1}
			}
		case ratio > 1/j.t.Soft && ratio-z*se > 1:
			loud = append(loud, lookNames[k])
			if ratio > worstLoud.Value {
				worstLoud = Reading{lookNames[k], ratio, 1}
			}
		}
	}
	if len(soft) > 0 {
		j.find(Blurred, worstSoft.Name, worstSoft.Value, 1, j.t.Soft, "images are soft: %s", spectrumLine(worstSoft, soft))
	}
	if len(loud) > 0 {
		j.drowned = worstLoud.Value > drownedFrom
		j.find(Noisy, worstLoud.Name, worstLoud.Value, 1, 1/j.t.Soft, "images are noisy or too hard: %s", spectrumLine(worstLoud, loud))
	}
}

// drownedFrom is the surplus of energy from which noise hides what the images show: features of them are features of noise.
const drownedFrom = 4

func spectrumLine(worst Reading, all []string) string {
	what := "sharpness (variance of the Laplacian)"
	if worst.Name != "sharpness" {
		what = "the energy of " + worst.Name + " (of 6, the finest)"
	}
	others := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == worst.Name })
	line := fmt.Sprintf("%s is %.3g times that of the data", what, worst.Value)
	if len(others) > 0 {
		line += "; also off: " + some(others)
	}
	return line
}

package zoo

import (
	"fmt"
	"math"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/rng"
)

// Controls lists the samplers whose faults, or lack of them, are known beforehand: what a metric or a study should say about them is no question. They learn nothing
// by turns, so that training them costs nothing and moves nothing; everything else works on them as on the models of All.
func Controls() []Model {
	return []Model{
		Perfect{},
		GaussianFit{},
		MixtureFit{},
		Memoriser{},
		ModeDropper{},
		Collapser{},
		Blurrer{},
	}
}

// untrained are the settings that every control has; batch changes nothing but the memory that sampling takes.
func untrained() []Setting {
	return []Setting{
		{Name: "steps", Default: "1", Lo: 0, Hi: 1e9, Integer: true, Doc: "training length; there is nothing to train"},
		{Name: "batch", Default: "256", Lo: 2, Hi: 65536, Integer: true, Doc: "samples drawn at once"},
	}
}

// drawn ends a model whose samples come from a function instead of a network: draw fills one sample in the data's own units, with numbers from r alone.
func (b *Builder) drawn(draw func(row []float32, r *rng.Source)) {
	width := (&datasets.Samples{Shape: b.Shape}).Dim()
	n := b.noise("control", func(dst []float32, r *rng.Source) {
		for ; len(dst) > 0; dst = dst[width:] {
			draw(dst[:width], r)
			b.scale.apply(dst[:width], dst[:width])
		}
	}, width)
	b.Samples(nn.Reshape(n, append([]int{b.Batch}, b.Shape...)...), nil)
}

// anyRow copies a training sample.
func (b *Builder) anyRow(row []float32, r *rng.Source) {
	copy(row, b.set.Train.Row(r.IntN(b.set.Train.Len())))
}

// Perfect draws fresh samples of the true distribution, where the data set knows it: the best score there is, and the noise of every score.
type Perfect struct{}

var _ Model = Perfect{}

// Info describes the control.
func (Perfect) Info() Info {
	return Info{ID: "perfect", Title: "Control: fresh draws of the truth", Paper: "xu2018", Family: Control, Kinds: allKinds, Settings: untrained(), Objective: "none: x ~ p"}
}

// Build hands in the truth.
func (Perfect) Build(b *Builder) error {
	law := b.set.Distribution()
	if law == nil {
		return fmt.Errorf("data set %s does not know its distribution: choose ring or moons, or another control", b.set.Info.ID)
	}
	b.drawn(func(row []float32, r *rng.Source) { law.Draw(row, r) })
	if b.set.Truth == nil {
		b.Likelihood(exact(law.Dim(), law.LogDensity))
		return nil
	}
	truth := b.set.Truth
	m := &mixture{mean: truth.Modes}
	for range truth.Modes {
		m.weight, m.variance = append(m.weight, 1/float64(len(truth.Modes))), append(m.variance, truth.Sigma*truth.Sigma)
	}
	b.Likelihood(m.density())
	return nil
}

// Memoriser draws training samples, all of them or the first few: best fidelity without anything new.
type Memoriser struct{}

var _ Model = Memoriser{}

// Info describes the control.
func (Memoriser) Info() Info {
	return Info{ID: "memoriser", Title: "Control: copies of training samples", Paper: "xu2018", Family: Control, Kinds: allKinds, Objective: "none: x uniform on the training samples",
		Settings: join(untrained(), []Setting{
			{Name: "keep", Default: "0", Lo: 0, Hi: 1e9, Integer: true, Doc: "how many of the first training samples it remembers; 0 is all"},
		})}
}

// Build remembers.
func (Memoriser) Build(b *Builder) error {
	n := b.set.Train.Len()
	if keep := b.Settings.Int("keep"); keep > 0 {
		n = min(n, keep)
	}
	b.drawn(func(row []float32, r *rng.Source) { copy(row, b.set.Train.Row(r.IntN(n))) })
	return nil
}

// Collapser draws a handful of training samples with a little noise: a generator that answers the same whatever the latent vector.
type Collapser struct{}

var _ Model = Collapser{}

// Info describes the control.
func (Collapser) Info() Info {
	return Info{ID: "collapser", Title: "Control: one sample, again and again", Paper: "xu2018", Family: Control, Kinds: allKinds, Objective: "none: x = one of k training samples + N(0, jitter^2)",
		Settings: join(untrained(), []Setting{
			{Name: "k", Default: "1", Lo: 1, Hi: 1e6, Integer: true, Doc: "different samples it knows"},
			number("jitter", "0.01", 0, 1e6, "standard deviation of the noise, relative to the data's root mean square"),
		})}
}

// Build chooses the samples, by the seed.
func (Collapser) Build(b *Builder) error {
	n := b.set.Train.Len()
	known := rng.Stream(b.seed, "control", "collapser").Perm(n)[:min(n, b.Settings.Int("k"))]
	sd := b.Settings.Float("jitter") * float64(b.scale.scale)
	b.drawn(func(row []float32, r *rng.Source) {
		copy(row, b.set.Train.Row(known[r.IntN(len(known))]))
		b.shake(row, sd, r)
	})
	return nil
}

// shake adds noise and keeps images in range.
func (b *Builder) shake(row []float32, sd float64, r *rng.Source) {
	for i := range row {
		row[i] += float32(sd * r.Normal())
	}
	b.limit(row)
}

func (b *Builder) limit(row []float32) {
	if b.Kind == datasets.Images {
		for i, v := range row {
			row[i] = min(1, max(-1, v))
		}
	}
}

// ModeDropper draws from some of the modes only: every sample is right, and a part of the distribution is missing. The modes are those of the truth (fresh
// draws), else the classes (training samples).
type ModeDropper struct{}

var _ Model = ModeDropper{}

// Info describes the control.
func (ModeDropper) Info() Info {
	return Info{ID: "mode-dropper", Title: "Control: half of the modes", Paper: "xu2018", Family: Control, Kinds: allKinds, Objective: "none: x ~ p without some of its modes",
		Settings: join(untrained(), []Setting{number("drop", "0.5", 0, 1, "share of the modes that is missing; at least one stays")})}
}

// Build drops modes, chosen by the seed.
func (ModeDropper) Build(b *Builder) error {
	pick := func(n int) []int {
		keep := max(1, n-int(math.Round(b.Settings.Float("drop")*float64(n))))
		return rng.Stream(b.seed, "control", "mode-dropper").Perm(n)[:keep]
	}
	if truth := b.set.Truth; truth != nil {
		kept := pick(len(truth.Modes))
		b.drawn(func(row []float32, r *rng.Source) {
			centre := truth.Modes[kept[r.IntN(len(kept))]]
			for i := range row {
				row[i] = float32(centre[i] + truth.Sigma*r.Normal())
			}
		})
		return nil
	}
	if b.Classes < 2 {
		return fmt.Errorf("data set %s knows neither its distribution nor classes, so there are no modes to drop", b.set.Info.ID)
	}
	stays := map[int]bool{}
	for _, c := range pick(b.Classes) {
		stays[c] = true
	}
	var kept []int
	for i := range b.set.Train.Len() {
		if stays[b.set.Train.Label(i)] {
			kept = append(kept, i)
		}
	}
	if len(kept) == 0 {
		return fmt.Errorf("data set %s has no samples of the classes that stay: set drop lower", b.set.Info.ID)
	}
	b.drawn(func(row []float32, r *rng.Source) { copy(row, b.set.Train.Row(kept[r.IntN(len(kept))])) })
	return nil
}

// Blurrer draws training samples out of focus: images under a Gaussian blur, points under noise. All modes are there and none is sharp, as with a poor VAE.
type Blurrer struct{}

var _ Model = Blurrer{}

// Info describes the control.
func (Blurrer) Info() Info {
	return Info{ID: "blurrer", Title: "Control: out of focus", Paper: "xu2018", Family: Control, Kinds: allKinds, Objective: "none: x = a training sample, blurred",
		Settings: join(untrained(), []Setting{
			{Name: "blur", ByKind: byKind("0.1", "1"), Lo: 0, Hi: 100, Doc: "standard deviation of the blur in pixels (images), of the noise relative to the data's root mean square (points)"},
		})}
}

// Build blurs.
func (Blurrer) Build(b *Builder) error {
	sd := b.Settings.Float("blur")
	if b.Kind == datasets.Points {
		b.drawn(func(row []float32, r *rng.Source) {
			b.anyRow(row, r)
			b.shake(row, sd*float64(b.scale.scale), r)
		})
		return nil
	}
	h, w, c := b.Shape[0], b.Shape[1], b.Shape[2]
	b.drawn(func(row []float32, r *rng.Source) {
		b.anyRow(row, r)
		blur(row, h, w, c, sd)
		b.limit(row)
	})
	return nil
}

// blur is a separable Gaussian filter cut at three standard deviations; beyond the border the image goes on as at the border.
func blur(x []float32, h, w, c int, sd float64) {
	if sd == 0 {
		return
	}
	reach := int(math.Ceil(3 * sd))
	kernel := make([]float64, 2*reach+1)
	total := 0.0
	for i := range kernel {
		kernel[i] = math.Exp(-0.5 * math.Pow(float64(i-reach)/sd, 2))
		total += kernel[i]
	}
	line := func(at, n, stride int) {
		old := make([]float64, n)
		for i := range n {
			old[i] = float64(x[at+i*stride])
		}
		for i := range n {
			s := 0.0
			for k, weight := range kernel {
				s += weight * old[min(n-1, max(0, i+k-reach))]
			}
			x[at+i*stride] = float32(s / total)
		}
	}
	for ch := range c {
		for i := range h {
			line(i*w*c+ch, w, c)
		}
		for j := range w {
			line(j*c+ch, h, w*c)
		}
	}
}

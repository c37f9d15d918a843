package runners

import (
	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/metrics"
)

// translated adds what is known of a translation model's samples: the class each was made from (of a model for several domains, the domain that was asked for), and
// its true image or, in a paired set, its partner and all right answers, none of which the model saw.
func translated(p *metrics.Pair, out outcome) {
	if out.samples.Labels == nil {
		p.FakeLabels = out.sources.Labels
	}
	if want := trueImages(out); want != nil {
		p.Target, p.Recon = imagesLike(want), imagesLike(out.samples)
		low, high := min(p.Target.Lo, p.Recon.Lo), max(p.Target.Hi, p.Recon.Hi) // of points: both sides are measured by one range
		p.Target.Lo, p.Target.Hi, p.Recon.Lo, p.Recon.Hi = low, high, low, high
	}
	if t := out.set.Target; t != nil && t.Answers != nil {
		p.Answers = &metrics.Answers{N: out.samples.Len(), Dim: out.samples.Dim()}
		for i := range p.Answers.N {
			a := t.Answers(i % out.set.Test.Len())
			p.Answers.K = len(a.Right)
			p.Answers.Within = append(p.Answers.Within, a.Within)
			for _, r := range a.Right {
				p.Answers.Right = append(p.Answers.Right, r...)
			}
		}
	}
}

// trueImages are what the sources should have become; nil where that is not known.
func trueImages(out outcome) *datasets.Samples {
	t := out.set.Target
	want := &datasets.Samples{Shape: out.samples.Shape}
	for i := range out.sources.Len() {
		x := out.sources.Row(i)
		switch {
		case out.set.Move != nil && out.samples.Labels != nil:
			x = out.set.Move(x, out.sources.Label(i), out.samples.Label(i))
		case t != nil && t.Paired:
			x = t.Test.Row(i % t.Test.Len())
		case t != nil && t.Correspond != nil:
			x = t.Correspond(x)
		default:
			return nil
		}
		want.Data = append(want.Data, x...)
	}
	return want
}

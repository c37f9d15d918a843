package zoo

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/assay-gan/assay/datasets"
)

func benchRing(b *testing.B) *datasets.Set {
	b.Helper()
	d, err := datasets.Lookup("ring")
	if err != nil {
		b.Fatal(err)
	}
	set, err := d.Load(context.Background(), datasets.Options{Seed: 1, Train: 5000, Test: 10, Hold: 1})
	if err != nil {
		b.Fatal(err)
	}
	return set
}

// BenchmarkSmallStep is a step of each unconditional model on points, two layers of 64 at a batch of 128: the size that searches of settings train.
func BenchmarkSmallStep(b *testing.B) {
	set := benchRing(b)
	for _, m := range All() {
		info := m.Info()
		settings := map[string]string{"batch": "128", "width": "64", "depth": "2"}
		s, err := New(m, Config{Set: set, Settings: settings, Seed: 1})
		if err != nil || info.Conditional || info.Family == Translation {
			continue
		}
		b.Run(info.ID, func(b *testing.B) {
			for b.Loop() {
				if err := s.update(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFixedCost is the share of a small net's step that is not its networks: noise, batch, the check for NaN, optimiser and the average of the weights; two layers of 64.
// Whole steps and passes of their programs alone take turns, so that both meet the same neighbours; what is said is of the medians.
func BenchmarkFixedCost(b *testing.B) {
	set := benchRing(b)
	for _, m := range []Model{GAN{}, WGAN{}, R1{}, VAE{}, FlowMatching{}} {
		for _, batch := range []string{"64", "128"} {
			s, err := New(m, Config{Set: set, Settings: map[string]string{"batch": batch, "width": "64", "depth": "2", "ema": "0.99", "ema_warm": "on"}, Seed: 1})
			if err != nil {
				b.Fatal(err)
			}
			b.Run(m.Info().ID+"/batch="+batch, func(b *testing.B) {
				var whole, nets []time.Duration
				for b.Loop() {
					start := time.Now()
					if err := s.update(); err != nil {
						b.Fatal(err)
					}
					middle := time.Now()
					for _, t := range s.build.turns {
						for range t.Repeat {
							if err := t.step.Program().Run(); err != nil {
								b.Fatal(err)
							}
						}
					}
					whole, nets = append(whole, middle.Sub(start)), append(nets, time.Since(middle))
				}
				slices.Sort(whole)
				slices.Sort(nets)
				w, n := float64(whole[len(whole)/2]), float64(nets[len(nets)/2])
				b.ReportMetric(w/1e3, "us/step")
				b.ReportMetric(100*(w-n)/w, "fixed-%")
			})
		}
	}
}

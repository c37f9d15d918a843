package zoo

import (
	"context"
	"testing"

	"github.com/assay-gan/assay/datasets"
)

// BenchmarkSmallStep is a step of each unconditional model on points, two layers of 64 at a batch of 128: the size that searches of settings train.
func BenchmarkSmallStep(b *testing.B) {
	d, err := datasets.Lookup("ring")
	if err != nil {
		b.Fatal(err)
	}
	set, err := d.Load(context.Background(), datasets.Options{Seed: 1, Train: 5000, Test: 10, Hold: 1})
	if err != nil {
		b.Fatal(err)
	}
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

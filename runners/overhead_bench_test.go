package runners

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// How long a study takes beside its cells: cells that are trained in no time, one and two at a time. The time of a cell is that of the study over its cells.
func BenchmarkEmptyCells(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			kit := fakeKit()
			seeds := make([]string, b.N)
			for i := range seeds {
				seeds[i] = strconv.Itoa(i + 1)
			}
			text := fmt.Sprintf("name: empty\nsamples: 10\nfloor: false\nseeds: [%s]\ndatasets:\n  - {name: ring, train: 50, test: 50, hold: 1}\nmodels: [{name: quick, settings: {steps: 1}}]\nfeaturizers: [none]\nmetrics: [fd]\n", strings.Join(seeds, ","))
			p := planFor(b, kit, text)
			b.ResetTimer()
			if _, err := Run(context.Background(), kit, p, Options{Dir: filepath.Join(b.TempDir(), "run"), Workers: workers, Threads: workers}); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func planFor(tb testing.TB, kit Kit, text string) *Plan {
	tb.Helper()
	c, err := ParseConfig("empty.yaml", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	p, err := NewPlan(kit, c)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

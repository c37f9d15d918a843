package metrics

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/numeric"
)

// order asks whether fakes reach the modes that their labels name: the modes that a translation should send its sources to, or the classes asked for. Where modes
// are missing the answer would only repeat that.
func (j *judge) order(p Pair) {
	if p.FakeLabels == nil || len(p.FakeLabels) != rows(p.Fake) || j.v.Has(Dropped) || j.v.Has(Collapsed) || j.v.Has(Memorised) {
		return
	}
	k := rows(p.Modes)
	table := make([][]int, k) // by label, then by the mode reached
	for c := range table {
		table[c] = make([]int, k)
	}
	hits := 0
	for i, l := range p.FakeLabels {
		if l < 0 || l >= k {
			return // labels of something else than the modes
		}
		at := nearestMode(p, i)
		table[l][at]++
		if at == l {
			hits++
		}
	}
	n := len(p.FakeLabels)
	share := float64(hits) / float64(n)
	j.read("correspondence", share, 1)
	if wilson(float64(hits), float64(n)).Hi < j.t.Order {
		j.find(Permuted, "correspondence", share, 1, j.t.Order, "permuted modes: %v of the fakes reach the mode they should, though no mode is missing: %s", fraction(share), where(table))
	}
}

func nearestMode(p Pair, i int) int {
	at, best := 0, 0.0
	for c := range rows(p.Modes) {
		if d := numeric.SqDist(p.Fake.RawRowView(i), p.Modes.RawRowView(c)); c == 0 || d < best {
			at, best = c, d
		}
	}
	return at
}

// where says what became of each label: a permutation where most of every label goes to a mode of its own.
func where(table [][]int) string {
	var ways []string
	taken := map[int]bool{}
	for l, row := range table {
		total := 0
		for _, n := range row {
			total += n
		}
		most := slices.Max(row)
		if total == 0 {
			continue
		}
		at := slices.Index(row, most)
		if taken[at] || 2*most <= total {
			return "labels are scattered over modes"
		}
		taken[at] = true
		if at != l && len(ways) < 9 {
			ways = append(ways, fmt.Sprintf("%d to %d", l, at))
		}
	}
	if len(ways) > 8 {
		ways[8] = "..."
	}
	return "mode " + strings.Join(ways, ", ")
}

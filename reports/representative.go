package reports

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Shown is the run that stands for a model on a data set in the pictures.
type Shown struct {
	Artifacts
	Row, Model, Dataset string
	Seed                uint64
	Value               float64 // of the headline metric; NaN if it has none
	Of                  int     // runs to choose from
}

// representatives picks, for every model and data set, the run whose headline value is the median of its seeds (the lower middle one of an even number),
// so that pictures are neither the best nor the worst; without values the lowest seed. Runs without artifacts are not chosen when others have some.
func representatives(r *Report) []Shown {
	metric := Headline(r.Sums, r.Options.Metric)
	recs, rows := r.final, r.rows
	value, kind := map[string]float64{}, map[string]Measure{}
	cells := map[string]*Record{}
	for i := range recs {
		rec := &recs[i]
		if IsReference(rec.Model) {
			continue
		}
		if _, ok := cells[rec.Cell]; !ok {
			cells[rec.Cell] = rec
		}
		if old, ok := kind[rec.Cell]; rec.Metric == metric && rec.Status != Failed && (!ok || compareMeasures(rec.Measure(), old) < 0) {
			value[rec.Cell], kind[rec.Cell] = rec.Value, rec.Measure()
		}
	}
	groups := map[[2]string][]Shown{}
	for id, rec := range cells {
		a := r.Run.Artifacts[id]
		if !a.pictured() && !r.Run.unread[id].pictures {
			continue
		}
		v, ok := value[id]
		if !ok {
			v = math.NaN()
		}
		k := [2]string{rec.Dataset, rows[id]}
		groups[k] = append(groups[k], Shown{Artifacts: a, Row: rows[id], Model: rec.Model, Dataset: rec.Dataset, Seed: rec.Seed, Value: v})
	}
	var out []Shown
	for _, g := range groups {
		slices.SortFunc(g, func(a, b Shown) int {
			switch {
			case a.Value < b.Value || !math.IsNaN(a.Value) && math.IsNaN(b.Value):
				return -1
			case a.Value > b.Value || math.IsNaN(a.Value) && !math.IsNaN(b.Value):
				return 1
			}
			return cmp.Or(cmp.Compare(a.Seed, b.Seed), strings.Compare(a.Cell, b.Cell))
		})
		if s, ok := r.middle(g); ok {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Shown) int {
		return cmp.Or(strings.Compare(a.Dataset, b.Dataset), strings.Compare(a.Row, b.Row))
	})
	return out
}

// pictured says whether there is something to look at, of what was read.
func (a Artifacts) pictured() bool {
	return a.Samples != "" || a.Text != "" || a.Scatter != nil || a.Curves != nil
}

// middle reads the pictures of the middle one of sorted runs, those without a value aside; where they turn out to be of no use it is that of the others.
func (r *Report) middle(g []Shown) (Shown, bool) {
	for len(g) > 0 {
		valued := 0
		for _, s := range g {
			if !math.IsNaN(s.Value) {
				valued++
			}
		}
		at := max(0, (valued-1)/2)
		s := g[at]
		if s.Artifacts = r.Run.shown(s.Cell); s.pictured() {
			s.Of = len(g)
			return s, true
		}
		g = slices.Delete(g, at, at+1)
	}
	return Shown{}, false
}

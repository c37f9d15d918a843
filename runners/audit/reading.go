package audit

import (
	"cmp"
	"math"
	"slices"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/metrics/sanity"
)

// DataResult is what an audit of data found.
type DataResult struct {
	Path        string            `json:"path"`
	Samples     int               `json:"samples"`
	N           int               `json:"n"` // a side
	Modes       int               `json:"modes"`
	ModesAre    string            `json:"modes_are"` // classes or clusters
	Seed        uint64            `json:"seed"`
	Featurizers []string          `json:"featurizers"`
	Faults      []FaultInfo       `json:"faults"`
	Unfit       map[string]string `json:"unfit,omitempty"`    // disturbances that were left out, and why
	LeftOut     map[string]string `json:"left_out,omitempty"` // metrics, and why
	Advice      []Advice          `json:"advice"`
	Readings    []Reading         `json:"readings"`
}

// FaultInfo is a fault as it was planted.
type FaultInfo struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Kind      string    `json:"kind"`
	Unit      string    `json:"unit"`
	Strengths []float64 `json:"strengths"`
}

// Reading is one value of one metric in one feature space over everything that was planted.
type Reading struct {
	Featurizer  string            `json:"featurizer"` // images for a metric that looks at pixels
	Metric      string            `json:"metric"`
	Value       string            `json:"value"`
	Better      metrics.Direction `json:"better"`
	Ideal       float64           `json:"ideal"`
	Null        metrics.Null      `json:"null"`         // real against real, at the full size
	FalseAlarms float64           `json:"false_alarms"` // share of the splits that the others would call a fault
	Faults      []FaultReading    `json:"faults"`
	Sizes       []SizeReading     `json:"sizes"`
	Seconds     float64           `json:"seconds"` // median time of the metric, all its values, at the full size
}

// FaultReading is how a value follows one fault.
type FaultReading struct {
	Fault string          `json:"fault"`
	Mean  []float64       `json:"mean"`  // by strength
	Z     []float64       `json:"z"`     // how much worse than real against real, in its standard deviations
	Sight []metrics.Sight `json:"sight"` // by strength
	From  int             `json:"from"`  // the strength, 1 to 4, from which on the fault is seen; 0 for never
	Tau   float64         `json:"tau"`   // Kendall's, between strength and badness: 1 grows throughout
	Least int             `json:"least"` // samples a side from which on the second strength is seen in all but one of the splits; 0 for never
}

// SizeReading is real against real at a size.
type SizeReading struct {
	N    int     `json:"n"`
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
}

func newResult(q DataRequest, m *material) *DataResult {
	r := &DataResult{Path: q.Real.Path, Samples: m.real.Len(), N: m.n, Modes: m.modes, ModesAre: m.modesAre, Seed: q.Seed, Unfit: m.left, LeftOut: map[string]string{}}
	for _, f := range m.faults {
		r.Faults = append(r.Faults, FaultInfo{f.ID, f.Title, f.Kind, f.Unit, f.Strengths})
	}
	return r
}

// table is the scores of a space by what was scored.
type table struct {
	jobs []job
	got  []scores
}

// values are those of one value over splits, of a fault at a level and a size; nil for real against real.
func (t table) values(name string, f *Fault, level, size int) (out []float64) {
	for i, j := range t.jobs {
		if j.size != size || (f == nil) != (j.fault == nil) || f != nil && (j.fault.ID != f.ID || j.level != level) {
			continue
		}
		if v, ok := t.got[i].Values[name]; ok {
			out = append(out, v)
		}
	}
	return out
}

// readings judges every value of a space.
func readings(m *material, space string, ms []metrics.Metric, jobs []job, got []scores) (out []Reading) {
	t := table{jobs, got}
	for _, one := range ms {
		info := one.Info()
		for _, name := range info.Values {
			better, ok := t.better(name)
			null := t.values(name, nil, 0, m.n)
			if !ok || len(null) < splits {
				continue
			}
			r := Reading{Featurizer: spaceOf(info, space), Metric: info.ID, Value: name, Better: better, Null: metrics.NullOf(null), Seconds: t.seconds(info.ID, m.n)}
			r.Ideal = sanity.Ideal(info, name, r.Null)
			r.FalseAlarms = falseAlarms(null, r)
			for _, n := range sizesUpTo(m.n) {
				if at := metrics.NullOf(t.values(name, nil, 0, n)); at.N > 0 {
					r.Sizes = append(r.Sizes, SizeReading{n, at.Mean, at.SD})
				}
			}
			for i := range m.faults {
				r.Faults = append(r.Faults, t.follow(m, r, &m.faults[i]))
			}
			out = append(out, r)
		}
	}
	return out
}

// ofImages stands in the place of a featurizer for metrics that look at the pixels themselves.
const ofImages = "images"

// spaceOf is the feature space in which a metric looks.
func spaceOf(info metrics.Info, space string) string {
	for _, n := range info.Needs {
		if n != metrics.NeedImages && n != metrics.NeedRealImages {
			return space
		}
	}
	return ofImages
}

func (t table) better(name string) (metrics.Direction, bool) {
	for _, g := range t.got {
		if b, ok := g.Better[name]; ok {
			return b, true
		}
	}
	return "", false
}

// seconds is the median time of a metric at a size.
func (t table) seconds(id string, size int) float64 {
	var all []float64
	for i, j := range t.jobs {
		if j.size == size {
			all = append(all, t.got[i].Seconds[id])
		}
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// falseAlarms leaves every split out in turn and asks the others whether it is a fault.
func falseAlarms(null []float64, r Reading) float64 {
	alarms := 0
	for i, v := range null {
		others := slices.Delete(slices.Clone(null), i, i+1)
		if metrics.NullOf(others).Sight(r.Better, r.Ideal, v) == metrics.Sees {
			alarms++
		}
	}
	return float64(alarms) / float64(len(null))
}

// follow is a value along the strengths of a fault, and along the sizes.
func (t table) follow(m *material, r Reading, f *Fault) FaultReading {
	out := FaultReading{Fault: f.ID}
	floor := metrics.Badness(r.Better, r.Ideal, r.Null.Mean)
	bad := []float64{floor}
	for l := range levels {
		got := t.values(r.Value, f, l, m.n)
		sight, mean := metrics.Sees, r.Null.Mean // no value where real data have one, and the result says why
		if len(got) > 0 {
			got = got[:min(repeats, len(got))]
			mean = metrics.NullOf(got).Mean
			sight = agreed(r, f.null(r.Null, l), got, mean)
		}
		z := 0.0
		if r.Null.SD > 0 {
			z = (metrics.Badness(r.Better, r.Ideal, mean) - floor) / r.Null.SD
		}
		out.Mean, out.Sight, out.Z = append(out.Mean, mean), append(out.Sight, sight), append(out.Z, z)
		bad = append(bad, metrics.Badness(r.Better, r.Ideal, mean))
	}
	for l := levels; l > 0 && out.Sight[l-1] == metrics.Sees; l-- {
		out.From = l
	}
	out.Tau = kendall(bad)
	for i := len(sizesUpTo(m.n)) - 1; i >= 0 && t.seenAt(r, f, sizesUpTo(m.n)[i]); i-- {
		out.Least = sizesUpTo(m.n)[i]
	}
	return out
}

// agreed is what the mean of the repeats says where each of them says it too, by being outside the range of real against real on that side: faults that leave few different samples
// make values jump, and one jump is no sight.
func agreed(r Reading, null metrics.Null, got []float64, mean float64) metrics.Sight {
	sight := null.Sight(r.Better, r.Ideal, mean)
	for _, v := range got {
		if v >= null.Lo && v <= null.Hi || metrics.Worse(r.Better, r.Ideal, v, null.Mean) != (sight == metrics.Sees) {
			return metrics.Blind
		}
	}
	return sight
}

// null is real against real as it spreads over sets with as many different samples as a level of the fault leaves: by the square root of their share.
func (f *Fault) null(u metrics.Null, level int) metrics.Null {
	if f.Fewer {
		wider := 1 / math.Sqrt(1-f.Strengths[level])
		u.SD, u.Lo, u.Hi = u.SD*wider, u.Mean-(u.Mean-u.Lo)*wider, u.Mean+(u.Hi-u.Mean)*wider
	}
	return u
}

// seenAt says whether the second strength of a fault is seen at a size in all but one of the splits.
func (t table) seenAt(r Reading, f *Fault, size int) bool {
	null, got := f.null(metrics.NullOf(t.values(r.Value, nil, 0, size)), powerLevel), t.values(r.Value, f, powerLevel, size)
	seen := powerSplits - len(got) // no value is seen
	for _, v := range got {
		if null.Sight(r.Better, r.Ideal, v) == metrics.Sees {
			seen++
		}
	}
	return null.N >= powerNulls && seen >= powerSplits-1
}

// kendall is Kendall's tau-a between the order of the values and their size.
func kendall(v []float64) float64 {
	up, pairs := 0, 0
	for i := range v {
		for j := range i {
			up += cmp.Compare(v[i], v[j])
			pairs++
		}
	}
	return float64(up) / float64(pairs)
}

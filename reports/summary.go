package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports/stats"
)

// Summary is what the seeds of one model on one data set say about one measure. A failed run is the worst possible value, never left out: it moves the
// median and the interval as ranks do, and is counted.
type Summary struct {
	Row       string   `json:"row"` // model, with the settings that tell it from its neighbours where there are several
	Model     string   `json:"model"`
	Dataset   string   `json:"dataset"`
	Measure   Measure  `json:"measure"`
	Better    string   `json:"better"`
	Unit      string   `json:"unit,omitempty"`
	Role      string   `json:"role,omitempty"`      // in a study: the phase of a search, or best or defaults, which were run again
	Searching bool     `json:"searching,omitempty"` // the row is a phase of a search: its runs have different settings
	Stop      string   `json:"stop,omitempty"`      // the rule that could have stopped its draws
	Defaults  *float64 `json:"defaults,omitempty"`  // of a phase: the value of its first draw, the model's defaults
	Settings  int      `json:"settings"`            // distinct settings pooled here; more than 1 in a study

	Values     []float64 `json:"values"` // of the runs that ended, in the order of settings and seed
	Seeds      []uint64  `json:"seeds"`
	Failed     int       `json:"failed"`
	Unreliable int       `json:"unreliable"` // values that carry a warning not to lean on them

	Median   float64        `json:"-"` // ±Inf when half of the runs failed
	Interval stats.Interval `json:"-"` // of the median
	Covered  bool           `json:"-"` // the interval reaches the level asked for; else it is the range
	Mean     float64        `json:"-"` // of the runs that ended
	StdErr   float64        `json:"-"`
	IQM      float64        `json:"-"` // interquartile mean of all, a failure being the worst: ±Inf when more than a quarter of the runs failed

	Floor *float64 `json:"floor,omitempty"` // median of real data scored in the same way
	Noise *float64 `json:"noise,omitempty"` // median of an untrained generator

	Best        bool `json:"best"`        // best median of its data set and measure
	Tied        bool `json:"tied"`        // cannot be told from the best: two-sided exact Mann-Whitney, Holm over the models, p > 1 - level
	BeatsFloor  bool `json:"beats_floor"` // better than real data: suspect memorisation or too few samples
	LosesNoise  bool `json:"loses_noise"` // no better than an untrained generator
	Significant bool `json:"significant"` // there are seeds enough to tell any two models apart
}

// N is the number of runs, failed ones included.
func (s Summary) N() int { return len(s.Values) + s.Failed }

// Reference says whether the row is no model but a yardstick: real data or noise.
func (s Summary) Reference() bool { return IsReference(s.Model) }

// Ranked returns the values with every failure as the worst possible one: +Inf where lower is better, -Inf where higher is. Values without a better side
// come without the failures.
func (s Summary) Ranked() []float64 {
	v := slices.Clone(s.Values)
	for range s.Failed {
		switch s.Better {
		case Lower:
			v = append(v, math.Inf(1))
		case Higher:
			v = append(v, math.Inf(-1))
		}
	}
	return v
}

// Summarise returns a summary for every model (with its settings), data set and measure, in the order of data set, measure and model, from the last step of
// every cell. level is that of the intervals, 0.95 if 0. A failed cell counts in every measure its model could have had on that data set.
func Summarise(recs []Record, level float64) []Summary {
	return summarise(Final(Distinct(recs)), level)
}

// summarise is Summarise of records that Final returned.
func summarise(recs []Record, level float64) []Summary {
	if level == 0 {
		level = .95
	}
	out := pool(unfolded(recs), kindsOf(recs))
	for i := range out {
		describe(&out[i], level)
	}
	slices.SortStableFunc(out, func(a, b Summary) int {
		return cmp.Or(strings.Compare(a.Dataset, b.Dataset), compareMeasures(a.Measure, b.Measure), cmp.Compare(rank(a), rank(b)), strings.Compare(a.Row, b.Row))
	})
	for i := 0; i < len(out); {
		j := i
		for j < len(out) && out[j].Dataset == out[i].Dataset && out[j].Measure == out[i].Measure {
			j++
		}
		judge(out[i:j], level)
		i = j
	}
	return out
}

// kindsOf returns, by data set, a record of each measure there is.
func kindsOf(recs []Record) map[string][]*Record {
	measures := map[string][]*Record{}
	for i := range recs {
		r := &recs[i]
		if r.CellFailed() {
			continue
		}
		if !slices.ContainsFunc(measures[r.Dataset], func(m *Record) bool { return m.Measure() == r.Measure() }) {
			measures[r.Dataset] = append(measures[r.Dataset], r)
		}
	}
	return measures
}

// pool gathers the values of every row, data set and measure, in the order of settings and seed. A failed cell counts in every measure of its data set.
func pool(parts []part, measures map[string][]*Record) []Summary {
	slices.SortStableFunc(parts, func(a, b part) int {
		return cmp.Or(strings.Compare(a.recs[0].SettingsID, b.recs[0].SettingsID), cmp.Compare(a.recs[0].Seed, b.recs[0].Seed), strings.Compare(a.name, b.name))
	})
	type key struct {
		row, dataset string
		measure      Measure
	}
	index := map[key]int{}
	var out []Summary
	var settings []string // of the last run of each summary
	add := func(p *part, r, like *Record) {
		k := key{p.row, r.Dataset, like.Measure()}
		at, ok := index[k]
		if !ok {
			at = len(out)
			index[k] = at
			s := Summary{Row: k.row, Model: r.Model, Dataset: r.Dataset, Measure: k.measure, Better: like.Better, Unit: like.Unit, Role: p.role()}
			if s.Role != "" {
				s.Searching, s.Stop = p.draw.Searching(), p.draw.Stop
			}
			out, settings = append(out, s), append(settings, r.SettingsID)
		}
		s := &out[at]
		if !ok || settings[at] != r.SettingsID {
			s.Settings++
			settings[at] = r.SettingsID
		}
		if r.Status == Failed {
			s.Failed++
			return
		}
		if r.Status != OK {
			s.Unreliable++
		}
		defaultsOf(s, p.draw, r)
		s.Values, s.Seeds = append(s.Values, r.Value), append(s.Seeds, r.Seed)
	}
	for i := range parts {
		p := &parts[i]
		for k := range p.recs {
			r := &p.recs[k]
			if !r.CellFailed() {
				add(p, r, r)
				continue
			}
			for _, like := range measures[r.Dataset] {
				if !IsReference(r.Model) {
					add(p, r, like)
				}
			}
		}
	}
	return out
}

// rank puts the reference rows after the models.
func rank(s Summary) int {
	switch s.Model {
	case Real:
		return 1
	case Perfect:
		return 2
	case Noise:
		return 3
	}
	return 0
}

func describe(s *Summary, level float64) {
	v := s.Ranked()
	s.Median = stats.Median(v)
	s.Interval, s.Covered = stats.MedianCI(v, level)
	s.Mean, s.StdErr, s.IQM = stats.Mean(s.Values), stats.StdErr(s.Values), stats.IQM(v)
}

// judge marks, among the summaries of one data set and measure, the best, those that cannot be told from it, and those on the wrong side of a yardstick.
func judge(col []Summary, level float64) {
	best := -1
	floor := yardstick(col, Real, Perfect)
	if floor != nil {
		setAll(col, floor.Median, func(t *Summary, v *float64) { t.Floor = v })
	}
	if noise := yardstick(col, Noise); noise != nil {
		setAll(col, noise.Median, func(t *Summary, v *float64) { t.Noise = v })
	}
	for i, s := range col {
		switch {
		case !contender(s, col):
		case math.IsInf(s.Median, 0) || math.IsNaN(s.Median) || s.Better != Lower && s.Better != Higher:
		case best < 0 || better(s.Better, s.Median, col[best].Median):
			best = i
		}
	}
	if best < 0 {
		return
	}
	var p []float64
	var at []int
	for i, s := range col {
		if !contender(s, col) {
			continue
		}
		col[i].Best = s.Median == col[best].Median
		col[i].BeatsFloor = s.Floor != nil && beyond(s, *floor, level)
		col[i].LosesNoise = s.Noise != nil && !better(s.Better, s.Median, *s.Noise)
		if !col[i].Best {
			p, at = append(p, stats.MannWhitney(s.Ranked(), col[best].Ranked(), stats.TwoSided).P), append(at, i)
		}
	}
	for k, adjusted := range stats.Holm(p) {
		i := at[k]
		col[i].Significant = 2*stats.SmallestP(col[i].N(), col[best].N())*float64(len(p)) <= 1-level
		col[i].Tied = col[i].Significant && adjusted > 1-level
	}
}

// yardstick returns the first of the named reference rows that the column has.
func yardstick(col []Summary, names ...string) *Summary {
	for _, n := range names {
		for i := range col {
			if col[i].Model == n && col[i].Row == n {
				return &col[i]
			}
		}
	}
	return nil
}

// beyond says whether the runs are better than the floor by more than chance: by the exact one-sided test, or where there are too few runs for one, when
// their median is better than every value of the floor.
func beyond(s, floor Summary, level float64) bool {
	if !better(s.Better, s.Median, *s.Floor) {
		return false
	}
	if stats.SmallestP(s.N(), floor.N()) > 1-level {
		return !slices.ContainsFunc(floor.Values, func(v float64) bool { return !better(s.Better, s.Median, v) })
	}
	side := stats.Less
	if s.Better == Higher {
		side = stats.Greater
	}
	return stats.MannWhitney(s.Ranked(), floor.Ranked(), side).P <= 1-level
}

func setAll(col []Summary, v float64, set func(*Summary, *float64)) {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return
	}
	for i := range col {
		if !col[i].Reference() {
			set(&col[i], &v)
		}
	}
}

func better(direction string, a, b float64) bool {
	if direction == Higher {
		return a > b
	}
	return a < b
}

// byMedian orders the summaries of one measure, the better median first; without a better side they are alike.
func byMedian(a, b Summary) int {
	switch {
	case a.Better == "":
		return 0
	case better(a.Better, a.Median, b.Median):
		return -1
	case better(a.Better, b.Median, a.Median):
		return 1
	}
	return 0
}

// maxRows is how many settings of one model get a row each; above it they are pooled, and the row says how many there are.
const maxRows = 6

// rowLabels names the row of every cell: the model, followed by the settings that differ where a model ran with several on one data set.
func rowLabels(recs []Record) map[string]string {
	variants := rowVariants{}
	for of := range cellsOf(recs) {
		for i := range of {
			if i == 0 || of[i].SettingsID != of[i-1].SettingsID {
				variants.add(&of[i], roleOf(&of[i]))
			}
		}
	}
	labels := make(map[string]string, len(variants))
	for of := range cellsOf(recs) {
		last := &of[len(of)-1]
		labels[last.Cell] = variants.label(last, roleOf(last))
	}
	return labels
}

// rowVariants are the settings that a model ran with on a data set in a role, by their hash.
type rowVariants map[rowVariant]map[string]map[string]string

type rowVariant struct{ model, role, dataset string }

func (v rowVariants) add(r *Record, role string) {
	k := rowVariant{r.Model, role, r.Dataset}
	if v[k] == nil {
		v[k] = map[string]map[string]string{}
	}
	v[k][r.SettingsID] = r.Settings
}

// label names the row of a record.
func (v rowVariants) label(r *Record, role string) string {
	if role != "" {
		return r.Model + ", " + role
	}
	all := v[rowVariant{r.Model, role, r.Dataset}]
	switch {
	case len(all) == 1:
		return r.Model
	case len(all) > maxRows:
		return fmt.Sprintf("%s (%d settings)", r.Model, len(all))
	}
	return r.Model + settingsLabel(r, all)
}

func settingsLabel(r *Record, variants map[string]map[string]string) string {
	var parts []string
	for name, value := range r.Settings {
		for _, other := range variants {
			if other[name] != value {
				parts = append(parts, name+"="+value)
				break
			}
		}
	}
	if len(parts) == 0 {
		return " #" + r.SettingsID[:min(6, len(r.SettingsID))]
	}
	slices.Sort(parts)
	return " " + strings.Join(parts, " ")
}

// compareMeasures orders measures as a reader expects them: the headline metrics first, then by name.
func compareMeasures(a, b Measure) int {
	return cmp.Or(cmp.Compare(termRank(a.Metric), termRank(b.Metric)), strings.Compare(a.Metric, b.Metric), strings.Compare(a.Featurizer, b.Featurizer),
		strings.Compare(a.Protocol, b.Protocol), strings.Compare(a.Reference, b.Reference), cmp.Compare(a.N, b.N))
}

package reports

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/suggest"
)

// Distinct keeps the last record of every key, at the place of its first. A cell's failure is dropped when the cell has a value further down: it was
// tried again and went well. Where nothing is dropped it returns recs itself.
func Distinct(recs []Record) []Record {
	if distinct(recs) {
		return recs
	}
	place := map[Key]int{}
	last := map[string]int{} // cell -> index of its last record with a value
	var out []Record
	for i := range recs {
		r := &recs[i]
		if r.Metric != "" {
			last[r.Cell] = i
		}
		if at, ok := place[r.Key()]; ok {
			out[at] = *r
			continue
		}
		place[r.Key()] = len(out)
		out = append(out, *r)
	}
	failedAt := map[Key]int{}
	for i := range recs {
		if recs[i].CellFailed() {
			failedAt[recs[i].Key()] = i
		}
	}
	return slices.DeleteFunc(out, func(r Record) bool { return r.CellFailed() && last[r.Cell] > failedAt[r.Key()] })
}

// fewValues is up to how many values of a cell are compared one by one.
const fewValues = 64

// distinct says whether records are as a run writes them: those of a cell together, no key twice, and no failure beside values. That takes no table of keys. False may
// also mean that it was not looked at.
func distinct(recs []Record) bool {
	seen := map[string]bool{}
	for of := range cellsOf(recs) {
		if seen[of[0].Cell] || len(of) > fewValues {
			return false
		}
		seen[of[0].Cell] = true
		for i := 1; i < len(of); i++ {
			if of[i].Metric == "" || of[0].Metric == "" || slices.ContainsFunc(of[:i], of[i].sameKey) {
				return false
			}
		}
	}
	return true
}

func (r *Record) sameKey(o Record) bool { return r.Metric == o.Metric && r.Key() == o.Key() }

// cellsOf yields the stretches of records that are of one cell.
func cellsOf(recs []Record) iter.Seq[[]Record] {
	return func(yield func([]Record) bool) {
		for from := 0; from < len(recs); {
			to := from + 1
			for to < len(recs) && recs[to].Cell == recs[from].Cell {
				to++
			}
			if !yield(recs[from:to:to]) {
				return
			}
			from = to
		}
	}
}

// Final keeps, of every cell, the records of its last step (and its failure); of a draw of a study those at its last rung, and none against the hold-out. Where nothing
// is dropped it returns recs itself.
func Final(recs []Record) []Record {
	last := map[string]int{}
	for of := range cellsOf(recs) {
		step := last[of[0].Cell]
		for i := range of {
			step = max(step, of[i].Step)
		}
		last[of[0].Cell] = step
	}
	cell, step := "", 0
	return reported(kept(recs, func(r *Record) bool {
		if r.Cell != cell {
			cell, step = r.Cell, last[r.Cell]
		}
		return r.CellFailed() || r.Step == step
	}))
}

// kept is Where, without a copy where nothing is dropped.
func kept(recs []Record, keep func(*Record) bool) []Record {
	n := 0
	for n < len(recs) && keep(&recs[n]) {
		n++
	}
	if n == len(recs) {
		return recs
	}
	out := slices.Clone(recs[:n])
	for i := n + 1; i < len(recs); i++ {
		if keep(&recs[i]) {
			out = append(out, recs[i])
		}
	}
	return out
}

// Where keeps the records that satisfy every condition, in their order.
func Where(recs []Record, keep ...func(Record) bool) []Record {
	var out []Record
next:
	for _, r := range recs {
		for _, k := range keep {
			if !k(r) {
				continue next
			}
		}
		out = append(out, r)
	}
	return out
}

// Keys are the names that Field and Filter know, besides "set.NAME" for a setting of the model.
func Keys() []string {
	return []string{"cell", "model", "dataset", "settings", "seed", "step", "featurizer", "protocol", "reference", "n", "n_real", "metric", "status", "version", "kernel"}
}

// Field returns a record's key by name as text; a setting is "set.NAME" and empty where the model has none of that name.
func Field(r Record, key string) (string, error) {
	if name, ok := strings.CutPrefix(key, "set."); ok {
		return r.Settings[name], nil
	}
	switch key {
	case "cell":
		return r.Cell, nil
	case "model":
		return r.Model, nil
	case "dataset":
		return r.Dataset, nil
	case "settings":
		return r.SettingsID, nil
	case "seed":
		return strconv.FormatUint(r.Seed, 10), nil
	case "step":
		return strconv.Itoa(r.Step), nil
	case "featurizer":
		return r.Featurizer, nil
	case "protocol":
		return r.Protocol, nil
	case "reference":
		return r.Reference, nil
	case "n":
		return strconv.Itoa(r.N), nil
	case "n_real":
		return strconv.Itoa(r.NReal), nil
	case "metric":
		return r.Metric, nil
	case "status":
		return r.Status, nil
	case "version":
		return r.Provenance.Version, nil
	case "kernel":
		return r.Provenance.Kernel, nil
	}
	return "", suggest.Unknown("key", key, append(Keys(), "set.NAME"))
}

// Filter keeps the records that match "key=value" terms, where a value may be a list "a,b". A failure has no metric, featurizer or size: it passes the
// terms on those, so that filtering by metric never hides a failed cell.
func Filter(recs []Record, terms ...string) ([]Record, error) {
	out := slices.Clone(recs)
	for _, t := range terms {
		key, value, ok := strings.Cut(t, "=")
		if !ok {
			return nil, fmt.Errorf("filter %q: want key=value", t)
		}
		if _, err := Field(Record{}, key); err != nil {
			return nil, fmt.Errorf("filter %q: %w", t, err)
		}
		values := strings.Split(value, ",")
		ofValue := slices.Contains([]string{"featurizer", "protocol", "reference", "n", "n_real", "metric", "step"}, key)
		out = Where(out, func(r Record) bool {
			got, _ := Field(r, key) // the key was checked above
			return slices.Contains(values, got) || ofValue && r.CellFailed()
		})
	}
	return out, nil
}

package reports

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/rng"
)

// byDefinition is Distinct as its comment defines it, pair by pair: the last record of every key, where its first stands, without failures of cells that have a value further down.
func byDefinition(recs []Record) []Record {
	var out []Record
	for i, r := range recs {
		first, last := true, i
		for k, o := range recs {
			if o.Key() == r.Key() {
				first, last = first && k >= i, max(last, k)
			}
		}
		stands := true
		for _, o := range recs[last+1:] {
			stands = stands && (o.Cell != r.Cell || o.Metric == "" || !recs[last].CellFailed())
		}
		if first && stands {
			out = append(out, recs[last])
		}
	}
	return out
}

// Distinct keeps what its definition says, of records as a run writes them and of any others.
func TestDistinctByDefinition(t *testing.T) {
	r := rng.Stream(3, "distinct")
	whole := 0
	for range 3000 {
		recs := make([]Record, r.IntN(7))
		for i := range recs {
			recs[i] = Record{Cell: []string{"a", "b", "c"}[min(2, i/2+r.IntN(2))], Metric: []string{"fd", "is", "kid", ""}[r.IntN(4)], Step: r.IntN(2), Status: OK, Value: float64(i), Seed: uint64(i)}
			if recs[i].Metric == "" {
				recs[i].Status = Failed
			}
		}
		want := byDefinition(recs)
		if distinct(recs) {
			whole++
		}
		if d := cmp.Diff(want, append([]Record(nil), Distinct(recs)...)); d != "" {
			t.Fatalf("%+v (-definition +Distinct):\n%s", recs, d)
		}
	}
	if whole < 300 || whole > 2700 {
		t.Errorf("%d of 3000 are whole at a glance: one way is not tried", whole)
	}
}

// Final keeps the records of the last step, whether or not those of a cell stand together.
func TestFinalOfScatteredCells(t *testing.T) {
	at := func(cell string, step int) Record {
		return Record{Cell: cell, Metric: "fd", Step: step, Status: OK}
	}
	recs := []Record{at("a", 1), at("b", 2), at("a", 3), at("b", 1), at("a", 3)}
	if d := cmp.Diff([]Record{at("b", 2), at("a", 3), at("a", 3)}, Final(recs)); d != "" {
		t.Error(d)
	}
}

package gate

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/rng"
)

// trainer returns records of the seeds asked for so far, whose values a function makes.
func trainer(value func(seed uint64) float64) (run func([]uint64) ([]reports.Record, error), ran *[]uint64) {
	ran = &[]uint64{}
	return func(seeds []uint64) ([]reports.Record, error) {
		for _, s := range seeds {
			if !slices.Contains(*ran, s) {
				*ran = append(*ran, s)
			}
		}
		var recs []reports.Record
		for _, s := range *ran {
			recs = append(recs, cellOf(int(s), value(s)))
		}
		return recs, nil
	}, ran
}

func sequenceBase(t *testing.T) (*Baseline, map[uint64]float64) {
	recs := lognormal(rng.Stream(1, "sequence"), 1, 20, .05, 0, 0)
	was := map[uint64]float64{}
	for _, r := range recs {
		was[r.Seed] = r.Value
	}
	return baseline(t, recs), was
}

func TestSequentialStopsEarly(t *testing.T) {
	b, was := sequenceBase(t)
	run, ran := trainer(func(seed uint64) float64 { return was[seed] })
	v, looks, err := Sequential(b, Options{}, Sequence{Start: 3, Run: run})
	if err != nil || v.Status != Identical || len(looks) != 1 || len(*ran) != 3 {
		t.Errorf("unchanged: %v %+v, seeds %v: %v", v.Status, looks, *ran, err)
	}
	// Three times as bad: an alarm at the first look, confirmed by fresh seeds beyond the baseline's 20.
	s := rng.Stream(2, "sequence")
	run, ran = trainer(func(uint64) float64 { return 30 * math.Exp(.05*s.Normal()) })
	v, looks, err = Sequential(b, Options{}, Sequence{Start: 5, Run: run})
	if err != nil || v.Status != Regression || len(looks) != 2 || !looks[1].Confirm || !slices.Equal(*ran, []uint64{1, 2, 3, 4, 5, 21, 22, 23, 24, 25}) {
		t.Errorf("worse: %v %+v, seeds %v: %v", v.Status, looks, *ran, err)
	}
	if k := one(t, v, "fd"); !strings.Contains(strings.Join(k.Notes, " "), "confirmed by fresh seeds 21 to 25") {
		t.Errorf("%+v", k)
	}
}

// Seeds of the baseline that alarm and fresh ones that do not: the alarm was luck or is tied to those seeds, and it is not raised.
func TestSequentialConfirmsAlarms(t *testing.T) {
	b, was := sequenceBase(t)
	s := rng.Stream(3, "sequence")
	run, _ := trainer(func(seed uint64) float64 {
		if seed <= 20 {
			return 3 * was[seed]
		}
		return 10 * math.Exp(.05*s.Normal())
	})
	v, looks, err := Sequential(b, Options{}, Sequence{Start: 5, Run: run})
	if err != nil || v.Status != Inconclusive || len(looks) != 2 || !strings.Contains(one(t, v, "fd").Reason, "fresh seeds 21 to 25 do not confirm it") {
		t.Errorf("%+v %+v %v", v, looks, err)
	}
}

// What stays open is looked at until the last seed, at the level over the looks: 0.01 / 4 each.
func TestSequentialSpendsItsLevel(t *testing.T) {
	b, _ := sequenceBase(t)
	run, ran := trainer(func(seed uint64) float64 { return 10 })
	missing := func(seeds []uint64) ([]reports.Record, error) {
		recs, err := run(seeds)
		return as(recs, "kid", reports.Lower), err
	}
	v, looks, err := Sequential(b, Options{}, Sequence{Run: missing})
	if err != nil || v.Status != Inconclusive || len(looks) != 4 || len(*ran) != 20 || looks[3].Level != .01/4 || len(v.Warnings) != 1 {
		t.Errorf("%+v %+v %v", v, looks, err)
	}
	broken := errors.New("no disk")
	if _, _, err := Sequential(b, Options{}, Sequence{Run: func([]uint64) ([]reports.Record, error) { return nil, broken }}); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, _, err := Sequential(b, Options{}, Sequence{Start: 5, Most: 2, Run: run}); err == nil {
		t.Error("a last look before the first")
	}
}

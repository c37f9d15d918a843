package metrictest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/metrics"
)

// tolerance is for values that differ in the order of summation only.
const tolerance = 1e-9

// Laws runs the whole contract over one metric. Its source is one of the module's bibliography, or of more of them in BibTeX, for a metric of one's own.
func Laws(t *testing.T, m metrics.Metric, bibliographies ...string) {
	t.Run("info", func(t *testing.T) { infoLaw(t, m, bibliographies) })
	t.Run("options", func(t *testing.T) { optionsLaw(t, m) })
	t.Run("zero value", func(t *testing.T) { zeroLaw(t, m) })
	t.Run("result", func(t *testing.T) { resultLaw(t, m) })
	t.Run("pure", func(t *testing.T) { pureLaw(t, m) })
	t.Run("missing", func(t *testing.T) { missingLaw(t, m) })
	t.Run("bad numbers", func(t *testing.T) { badNumberLaw(t, m) })
	t.Run("shapes", func(t *testing.T) { shapeLaw(t, m) })
	t.Run("order", func(t *testing.T) { orderLaw(t, m) })
	t.Run("ties", func(t *testing.T) { tiesLaw(t, m) })
	t.Run("domain", func(t *testing.T) { domainLaw(t, m) })
	t.Run("symmetry", func(t *testing.T) { symmetryLaw(t, m) })
	t.Run("identity", func(t *testing.T) { identityLaw(t, m) })
	t.Run("direction", func(t *testing.T) { directionLaw(t, m) })
	t.Run("statistics", func(t *testing.T) { statisticsLaw(t, m) })
	t.Run("cancel", func(t *testing.T) { cancelLaw(t, m) })
}

var idForm = regexp.MustCompile(`^[a-z0-9_]+$`)

// compute skips the rest of a law where the metric has no value for a sound input, which it must say.
func compute(t *testing.T, m metrics.Metric, p metrics.Pair) metrics.Result {
	t.Helper()
	r, err := m.Compute(context.Background(), p)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if len(r.Values) == 0 {
		t.Skipf("no value on this input, and it says so: %v", r.Warnings)
	}
	return r
}

// Violations lists what is wrong with a result whatever the input was.
func Violations(i metrics.Info, r metrics.Result) (faults []string) {
	add := func(s string) { faults = append(faults, s) }
	if len(r.Values) == 0 != (r.Status == metrics.Failed) {
		add(fmt.Sprintf("%d values with status %s", len(r.Values), r.Status))
	}
	if r.Warnings == nil {
		add("warnings are null, not an empty list")
	}
	if !slices.Contains([]metrics.Status{metrics.OK, metrics.Degenerate, metrics.Unreliable, metrics.Failed}, r.Status) {
		add("status " + string(r.Status))
	}
	if r.Status != metrics.OK && len(r.Warnings) == 0 {
		add("status " + string(r.Status) + " without a warning")
	}
	for k, v := range r.Values {
		if !slices.Contains(i.Values, v.Name) {
			add(v.Name + " is not announced")
		}
		if v.Value-v.Value != 0 {
			add(v.Name + " is not finite")
		}
		if k == 0 && (v.Value < i.Lo || v.Value > i.Hi) {
			add(v.Name + " is out of its range")
		}
		if iv := v.Interval; iv != nil && (!(iv.Lo <= iv.Hi) || iv.Level <= 0 || iv.Level >= 1 || iv.Method == "" || math.IsInf(iv.Lo, 0) || math.IsInf(iv.Hi, 0)) {
			add(v.Name + " has an impossible interval")
		}
		if iv := v.Interval; iv != nil && iv.Centre == nil && (v.Value < iv.Lo-slack(v.Value) || v.Value > iv.Hi+slack(v.Value)) {
			add(v.Name + " lies outside its interval, which does not say what it is around (Interval.Centre)")
		}
		if iv := v.Interval; iv != nil && iv.Centre != nil && *iv.Centre > iv.Hi+slack(*iv.Centre) {
			add(v.Name + " has an interval that lies below its own centre")
		}
		if v.Interval != nil && v.NoInterval != "" {
			add(v.Name + " has an interval and says why it has none")
		}
		if v.Interval == nil && v.NoInterval == "" && v.Better != metrics.None && r.Status != metrics.Degenerate {
			add(v.Name + " has neither an interval nor a reason for having none")
		}
	}
	return faults
}

// slack is what rounding may move a value of that size.
func slack(v float64) float64 { return 1e-12 * (1 + math.Abs(v)) }

func resultLaw(t *testing.T, m metrics.Metric) {
	r := compute(t, m, Fixture(1))
	for _, f := range Violations(m.Info(), r) {
		t.Error(f)
	}
	if len(r.Values) > 0 && r.Values[0].Name != m.Info().Values[0] {
		t.Errorf("headline is %s, announced %s", r.Values[0].Name, m.Info().Values[0])
	}
}

func pureLaw(t *testing.T, m metrics.Metric) {
	p := Fixture(1)
	before := Clone(p)
	a := compute(t, m, p)
	exact := cmp.Comparer(func(x, y *mat.Dense) bool { return (x == nil) == (y == nil) && (x == nil || mat.Equal(x, y)) })
	if d := cmp.Diff(before, p, exact); d != "" {
		t.Errorf("input changed: %s", d)
	}
	if d := cmp.Diff(a, compute(t, m, before)); d != "" {
		t.Errorf("second run differs: %s", d)
	}
}

func missingLaw(t *testing.T, m metrics.Metric) {
	if _, err := m.Compute(context.Background(), metrics.Pair{}); !errors.Is(err, metrics.ErrMissing) || !strings.Contains(err.Error(), m.Info().ID) {
		t.Errorf("nothing given: %v", err)
	}
}

// matrices are the fields of p that the metric reads, by name.
func matrices(i metrics.Info, p *metrics.Pair) map[string]**mat.Dense {
	at := map[string]**mat.Dense{}
	for _, n := range i.Needs {
		maps.Copy(at, n.Matrices(p))
	}
	return at
}

func badNumberLaw(t *testing.T, m metrics.Metric) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		p := Fixture(1)
		for name := range matrices(m.Info(), &p) {
			q := Clone(Fixture(1))
			(*matrices(m.Info(), &q)[name]).Set(2, 1, bad)
			_, err := m.Compute(context.Background(), q)
			if !errors.Is(err, metrics.ErrValue) || !strings.Contains(err.Error(), "row 2") {
				t.Errorf("%v in %s: %v", bad, name, err)
			}
		}
	}
}

func shapeLaw(t *testing.T, m metrics.Metric) {
	p := Fixture(1)
	for name := range matrices(m.Info(), &p) {
		q := Clone(Fixture(1))
		at := matrices(m.Info(), &q)[name]
		r, c := (*at).Dims()
		*at = mat.DenseCopyOf((*at).Slice(0, r, 0, c-1))
		if _, err := m.Compute(context.Background(), q); err == nil && c > 1 && len(matrices(m.Info(), &q)) > 1 {
			t.Errorf("%s with a column less is taken", name)
		}
		q = Clone(Fixture(1))
		at = matrices(m.Info(), &q)[name]
		*at = mat.DenseCopyOf((*at).Slice(0, 1, 0, c))
		if _, err := m.Compute(context.Background(), q); name != "modes" && !errors.Is(err, metrics.ErrTooFew) && !errors.Is(err, metrics.ErrShape) {
			t.Errorf("%s with one row: %v", name, err)
		}
	}
}

func orderLaw(t *testing.T, m metrics.Metric) {
	p := Fixture(1)
	a, b := compute(t, m, p), compute(t, m, Permuted(p, 3))
	for k, v := range a.Values {
		if w := b.Values[k]; !close(v.Value, w.Value) {
			t.Errorf("%s is %v, with the rows in another order %v", v.Name, v.Value, w.Value)
		}
	}
}

// tiesLaw: features of whole numbers, where most rows have several nearest ones and several rows at one distance of anything, are the same set in any
// order too: ties are broken by the contents of rows, not by their places.
func tiesLaw(t *testing.T, m metrics.Metric) {
	p := Tied(1)
	a := compute(t, m, p)
	for seed := range uint64(3) {
		b := compute(t, m, Permuted(p, seed))
		if len(a.Values) != len(b.Values) {
			t.Fatalf("%d values of tied rows, %d in another order", len(a.Values), len(b.Values))
		}
		for k, v := range a.Values {
			if w := b.Values[k]; !close(v.Value, w.Value) {
				t.Errorf("%s of tied rows is %v, in another order %v", v.Name, v.Value, w.Value)
			}
		}
	}
}

func close(a, b float64) bool { return math.Abs(a-b) <= tolerance*math.Max(1, math.Abs(a)) }

func symmetryLaw(t *testing.T, m metrics.Metric) {
	if !comparesSides(m.Info()) {
		return
	}
	p := Fixture(1)
	p.Fake = mat.DenseCopyOf(p.Fake)
	a, b := compute(t, m, p), compute(t, m, Exchanged(p))
	if x, y := a.Values[0].Value, b.Values[0].Value; m.Info().Symmetric != close(x, y) {
		t.Errorf("declared symmetric: %v, but %s is %v and exchanged %v", m.Info().Symmetric, a.Values[0].Name, x, y)
	}
}

// comparesSides says whether real and fake features alone decide.
func comparesSides(i metrics.Info) bool {
	for _, n := range i.Needs {
		switch n {
		case metrics.NeedFeatures, metrics.NeedMoments, metrics.NeedRealLabels, metrics.NeedFakeLabels:
		default:
			return false
		}
	}
	return true
}

// identityLaw: the distance of a set from itself is exactly the ideal, and called degenerate.
func identityLaw(t *testing.T, m metrics.Metric) {
	i := m.Info()
	p := Fixture(1)
	p.FakeImages = p.RealImages
	p.Fake, p.FakeLabels, p.FakeProbs = mat.DenseCopyOf(p.Real), slices.Clone(p.RealLabels), mat.DenseCopyOf(p.RealProbs)
	r := compute(t, m, p)
	for _, f := range Violations(i, r) {
		t.Error(f)
	}
	if i.Symmetric && i.Better == metrics.Lower {
		if r.Values[0].Value != i.Ideal || r.Status != metrics.Degenerate {
			t.Errorf("%s of a set and itself is %v (%s), want exactly %v, degenerate", r.Values[0].Name, r.Values[0].Value, r.Status, i.Ideal)
		}
	}
}

// directionLaw: fakes that sit at five places far from the data are worse than another sample of the data.
func directionLaw(t *testing.T, m metrics.Metric) {
	i := m.Info()
	if !comparesSides(i) || i.Better == metrics.None {
		return
	}
	good, bad := Fixture(1), Fixture(1)
	good.Fake, good.FakeLabels = points(2, "real", nFake, 1, 0)
	bad.Fake, bad.FakeLabels = points(2, "real", nFake, 1, 0)
	for k := range nFake {
		row := slices.Clone(bad.Fake.RawRowView(k % 6))
		for j := range row {
			row[j] += 5
		}
		bad.Fake.SetRow(k, row)
		bad.FakeLabels[k] = (k + k/6) % classes // asked-for classes mean nothing to it
	}
	g, b := compute(t, m, good).Values[0].Value, compute(t, m, bad).Values[0].Value
	if !Worse(i, b, g) {
		t.Errorf("better is %s, but a good generator has %v and a collapsed one %v", i.Better, g, b)
	}
}

// Worse says whether value b is worse than value a by the metric's own direction.
func Worse(i metrics.Info, b, a float64) bool { return metrics.Worse(i.Better, i.Ideal, b, a) }

// statisticsLaw: what takes statistics gets the same from features, statistics and statistics of merged shards.
func statisticsLaw(t *testing.T, m metrics.Metric) {
	if !slices.Contains(m.Info().Needs, metrics.NeedMoments) {
		return
	}
	p := Fixture(1)
	want := compute(t, m, p).Values[0].Value
	shards := func(x *mat.Dense) metrics.Stats {
		n, d := x.Dims()
		var all *metrics.Moments
		for lo := n / 3 * 2; lo >= 0; lo -= n / 3 { // last shard first
			s, err := metrics.NewMoments(d, lo)
			if err != nil {
				t.Fatal(err)
			}
			hi := lo + n/3
			if all == nil {
				hi = n
			}
			if err := s.Add(x.Slice(lo, hi, 0, d).(*mat.Dense)); err != nil {
				t.Fatal(err)
			}
			if all == nil {
				all = s
			} else if err := all.Merge(s); err != nil {
				t.Fatal(err)
			}
		}
		s, err := all.Stats()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, q := range []metrics.Pair{
		{Real: p.Real, FakeStats: shards(p.Fake)},
		{RealStats: shards(p.Real), Fake: p.Fake},
		{RealStats: shards(p.Real), FakeStats: shards(p.Fake)},
	} {
		if got := compute(t, m, q).Values[0].Value; !close(got, want) {
			t.Errorf("from statistics %v, from features %v", got, want)
		}
	}
}

func cancelLaw(t *testing.T, m metrics.Metric) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Compute(ctx, Fixture(1)); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

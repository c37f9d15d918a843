package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// KEN returns the kernel entropy novelty of the fakes against the real rows [zhang2024]: with the positive eigenvalues l of the difference of the covariances
// C_fake - Eta C_real in the space of a Gaussian kernel of width Sigma,
//
//	ken         = sum_k l_k * H(l / sum l), H Shannon's entropy in nats
//	ken_missing = the same with the sides exchanged: modes of the data that the fakes lack
//	ken_novel   = sum_k l_k, the share of the fakes in modes that the data lack or have Eta times less of; with Eta 1 the missing share is the
//	              same number, since both covariances have trace 1
//	ken_largest, ken_largest_missing: the largest eigenvalue each way, the share of the largest such mode
//
// ken itself is 0 for one new mode alone, whatever its share: read ken_novel beside it. Sigma 0 is the width under which the real rows have Modes effective modes. Which
// samples belong to a mode says Novelties. Needs 2 rows a side; more than Rows are cut to a random choice of Rows, as the work grows with their cube. All are in
// [0, 1] but the two scores, which are in [0, log(2 Rows)]. No interval: two samples of one distribution differ by chance in every direction that the kernel sees, which is a good part
// of the value at some hundred rows; read them beside a real-versus-real row of the same size. Agrees with the authors' code in float64 to 1e-9.
type KEN struct {
	Sigma, Eta  float64
	Modes, Rows int
}

var _ Metric = KEN{}

func (m *KEN) settings() settings {
	return append(bandwidthSettings(&m.Sigma, &m.Modes),
		floatSetting("eta", &m.Eta, 1, math.SmallestNonzeroFloat64, 1e6, "how many times as frequent as in the other set a mode must be"),
		intSetting("rows", &m.Rows, 500, 2, "rows a side used at most"))
}

func bandwidthSettings(sigma *float64, modes *int) settings {
	return settings{
		floatSetting("sigma", sigma, 0, 0, math.MaxFloat64, "width of the Gaussian kernel; 0: by the real rows and modes"),
		intSetting("modes", modes, 20, 2, "effective modes of the real rows that set the width"),
	}
}

// With returns a copy with one option changed.
func (m KEN) With(option, v string) (Metric, error) { return with(&m, m.settings(), option, v) }

// Info describes the metric.
func (m KEN) Info() Info {
	options := m.settings().options()
	return Info{ID: "ken", Domain: gaussianDomain(m.Sigma), Title: "kernel entropy novelty", Values: slices.Clone(kenValues), Better: None, Lo: 0, Hi: math.Inf(1),
		Needs: []Need{NeedFeatures}, Paper: "zhang2024", Options: options, Table: m.table}
}

var kenValues = []string{"ken", "ken_missing", "ken_novel", "ken_largest", "ken_largest_missing"}

// gaussianDomain is that of a Gaussian kernel: of any unit where its width follows the data.
func gaussianDomain(sigma float64) Domain {
	d := anywhere(0)
	if sigma != 0 {
		d.Scale, d.Input = false, "features of any origin whose unit sigma is in"
	}
	return d
}

// table is the joint kernel matrix, its factor and the matrix whose eigenvalues are sought.
func (m KEN) table(e Extent) Table {
	n := min(e.Real, m.Rows) + min(e.Fake, m.Rows)
	return Table{fmt.Sprintf("a kernel matrix of %d x %d", n, n), squared(n, 4), "lower ken.rows, or use finc"}
}

// Compute implements Metric.
func (m KEN) Compute(ctx context.Context, p Pair) (Result, error) {
	if err := ready(&m, p); err != nil {
		return Result{}, err
	}
	invented, missing, err := m.both(ctx, p, 0)
	if err != nil {
		return Result{}, err
	}
	r := newResult(m.settings(), noveltyValues("ken", invented, missing)...)
	r.convention("sigma", "%v", invented.Sigma)
	noveltyDoubts(&r, "ken", p, m.Rows, m.Sigma)
	return r, nil
}

func noveltyValues(id string, invented, missing Novelty) []Value {
	const why = "two samples of one distribution differ by chance too: read it beside a real-versus-real row of the same size"
	first := func(n Novelty) float64 {
		if len(n.Values) == 0 {
			return 0
		}
		return n.Values[0]
	}
	score := func(name string, n Novelty) Value { return value(name, n.Total()*n.Entropy(), None).in("nats") }
	values := []Value{score(id, invented), score(id+"_missing", missing)}
	for _, v := range []struct {
		name string
		at   float64
	}{{"novel", invented.Total()}, {"largest", first(invented)}, {"largest_missing", first(missing)}} {
		values = append(values, value(id+"_"+v.name, v.at, Lower).withinOr(nil, why))
	}
	return values
}

func noveltyDoubts(r *Result, id string, p Pair, most int, sigma float64) {
	if n, f := rows(p.Real), rows(p.Fake); max(n, f) > most {
		r.note("at most %d of %d real and %d fake rows used: chance adds to the values at few rows; set %s.rows to change it", most, n, f, id)
	}
	if same(p) {
		r.degenerate("real and fake are the same rows: no mode is new or missing by definition")
	}
	if sigma == 0 && constantColumns(p.Real) == p.Real.RawMatrix().Cols {
		r.degenerate("all real rows are equal: no width of the kernel follows from them; set %s.sigma", id)
	}
}

// Novelties returns the modes that the fakes have beyond the data (invented) and those of the data that the fakes lack (missing), top of each with the score of every
// row of p: Modes[k].Scores of the side that has the mode, Modes[k].Other of the other side, in the order of p. The modes are found from at most Rows rows a side; the
// rows they were found from flatter them, others (Fitted says which) do not.
func (m KEN) Novelties(ctx context.Context, p Pair, top int) (invented, missing Novelty, err error) {
	if err := ready(&m, p); err != nil {
		return invented, missing, err
	}
	if invented, missing, err = m.both(ctx, p, top); err != nil {
		return invented, missing, err
	}
	if err = invented.scoreAll(p.Fake, p.Real); err == nil {
		err = missing.scoreAll(p.Real, p.Fake)
	}
	return invented, missing, err
}

func (n *Novelty) scoreAll(x, other *mat.Dense) error {
	if len(n.Modes) == 0 {
		return nil
	}
	return n.score(x, other)
}

// Fitted returns the numbers of the rows of both sides of p that modes are found from, in ascending order.
func (m KEN) Fitted(p Pair) (real, fake []int) {
	m.settings() // binds the defaults
	return m.fitted(p.Real, p.Seed, "real"), m.fitted(p.Fake, p.Seed, "fake")
}

func (m KEN) fitted(x *mat.Dense, seed uint64, role string) []int {
	order := canonical(x)
	if n := len(order); n > m.Rows {
		at := subset(seed, n, m.Rows, "metrics", "ken", role)
		for i, a := range at {
			at[i] = order[a]
		}
		slices.Sort(at)
		return at
	}
	return identity(len(order))
}

// both is the novelty each way.
func (m KEN) both(ctx context.Context, p Pair, top int) (invented, missing Novelty, err error) {
	real, fake := m.Fitted(p)
	q := inOrder(Pair{Real: pick(p.Real, real), Fake: pick(p.Fake, fake)})
	sigma := m.Sigma
	if sigma == 0 {
		sigma = p.bandwidth(m.Modes)
	}
	if invented, err = novelty(ctx, q.Fake, q.Real, sigma, m.Eta, top); err != nil {
		return invented, missing, fmt.Errorf("ken: %w", err)
	}
	if m.Eta == 1 && top == 0 {
		return invented, invented.opposite(), nil
	}
	if missing, err = novelty(ctx, q.Real, q.Fake, sigma, m.Eta, top); err != nil {
		return invented, missing, fmt.Errorf("ken: %w", err)
	}
	return invented, missing, nil
}

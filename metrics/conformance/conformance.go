// Package conformance holds the golden values of the metrics as data, so that any implementation in any language can be tested against them: every
// input is made by a portable generator (splitmix64; see the golden sets), every expected value comes from an independent implementation, from
// 60-digit arithmetic or from a closed form, and none from this program.
package conformance

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/internal/numeric/golden"
	"github.com/assay-gan/assay/metrics"
	"gonum.org/v1/gonum/mat"
)

//go:embed golden.json
var raw []byte

// Case is one golden value.
type Case struct {
	Name      string            `json:"name"`
	Metric    string            `json:"metric"`  // id
	Options   map[string]string `json:"options"` // what differs from the metric's defaults
	Inputs    Inputs            `json:"inputs"`
	Value     string            `json:"value"` // name of the value
	Want      float64           `json:"want"`
	Tolerance float64           `json:"tolerance"` // relative
	Source    string            `json:"source"`
}

// Inputs names golden sets, whole ("A") or their first rows ("A[:400]").
type Inputs struct {
	Real       string `json:"real,omitempty"`
	Fake       string `json:"fake,omitempty"`
	Train      string `json:"train,omitempty"`
	Logits     string `json:"logits,omitempty"`
	Directions string `json:"directions,omitempty"` // of sliced distances: "axes", or a set whose rows are scaled to length 1
}

// Outcome is what became of a case.
type Outcome struct {
	Case  Case    `json:"case"`
	Got   float64 `json:"got"`
	Error float64 `json:"error"` // relative
	Pass  bool    `json:"pass"`
	Fault string  `json:"fault,omitempty"` // why there is no value
}

// Cases returns all golden values in the order of golden.json.
func Cases() ([]Case, error) {
	var c []Case
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("golden.json: %w", err)
	}
	return c, nil
}

// JSON is the golden file itself, for `assay selftest --golden`.
func JSON() []byte { return slices.Clone(raw) }

// Run computes the cases with the given metrics (metrics.All() for our own).
func Run(ctx context.Context, kit []metrics.Metric, cases []Case) []Outcome {
	out := make([]Outcome, len(cases))
	for i, c := range cases {
		o := Outcome{Case: c}
		got, err := compute(ctx, kit, c)
		if err != nil {
			o.Fault = err.Error()
		} else {
			o.Got = got
			o.Error = math.Abs(got-c.Want) / math.Max(math.Abs(c.Want), math.SmallestNonzeroFloat64)
			o.Pass = o.Error <= c.Tolerance
		}
		out[i] = o
	}
	return out
}

func compute(ctx context.Context, kit []metrics.Metric, c Case) (float64, error) {
	p, err := c.Inputs.pair()
	if err != nil {
		return 0, err
	}
	if c.Inputs.Directions != "" {
		return sliced(c, p)
	}
	i := slices.IndexFunc(kit, func(m metrics.Metric) bool { return m.Info().ID == c.Metric })
	if i < 0 {
		return 0, fmt.Errorf("no metric %q", c.Metric)
	}
	m := kit[i]
	for name, v := range c.Options {
		if m, err = m.With(name, v); err != nil {
			return 0, err
		}
	}
	r, err := m.Compute(ctx, p)
	if err != nil {
		return 0, err
	}
	v, ok := r.Get(c.Value)
	if !ok {
		return 0, fmt.Errorf("%s gives no value %q", c.Metric, c.Value)
	}
	return v.Value, nil
}

func (in Inputs) pair() (p metrics.Pair, err error) {
	for _, f := range []struct {
		name string
		at   **mat.Dense
	}{{in.Real, &p.Real}, {in.Fake, &p.Fake}, {in.Train, &p.Train}, {in.Logits, &p.FakeLogits}} {
		if f.name == "" {
			continue
		}
		m, e := golden.Set(f.name)
		if err = errors.Join(err, e); e == nil {
			*f.at = m
		}
	}
	return p, err
}

// sliced takes the directions that the case prescribes, where the metric itself draws them.
func sliced(c Case, p metrics.Pair) (float64, error) {
	_, d := p.Real.Dims()
	u := mat.NewDense(d, d, nil)
	for i := range d {
		u.Set(i, i, 1)
	}
	if c.Inputs.Directions != "axes" {
		var err error
		if u, err = golden.Set(c.Inputs.Directions); err != nil {
			return 0, err
		}
		for i := range u.RawMatrix().Rows {
			row := u.RawRowView(i)
			norm := mat.Norm(u.RowView(i), 2)
			for j := range row {
				row[j] /= norm
			}
		}
	}
	a, _ := numeric.Project(p.Real, u, nil)
	b, _ := numeric.Project(p.Fake, u, nil)
	w := numeric.Sliced(a, b, 2)
	if c.Metric == "mind" {
		w *= 3 * float64(d)
	}
	return w, nil
}

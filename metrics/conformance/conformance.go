package conformance

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/internal/numeric"
	"github.com/assay-gan/assay/internal/numeric/golden"
	"github.com/assay-gan/assay/metrics"
)

//go:embed golden.json
var raw []byte

//go:embed sets.json
var sets []byte

// Case is one golden value.
type Case struct {
	Name      string            `json:"name"`
	Metric    string            `json:"metric,omitempty"`   // id
	Function  string            `json:"function,omitempty"` // of the given numbers, where the value is a part of a metric; see sets.json
	Options   map[string]string `json:"options,omitempty"`  // what differs from the metric's defaults
	Inputs    Inputs            `json:"inputs"`
	Value     string            `json:"value"` // name of the value
	Want      float64           `json:"want"`
	Tolerance float64           `json:"tolerance"` // relative; absolute where want is 0
	Source    string            `json:"source"`
}

// Inputs names golden sets, whole ("A") or their first rows ("A[:400]"), or holds the numbers themselves by the same role.
type Inputs struct {
	Real       string `json:"real,omitempty"`
	Fake       string `json:"fake,omitempty"`
	Train      string `json:"train,omitempty"`
	Logits     string `json:"logits,omitempty"`
	Modes      string `json:"modes,omitempty"`      // of mode statistics: "ring", "grid"
	Directions string `json:"directions,omitempty"` // of sliced distances: "axes", or a set whose rows are scaled to length 1

	Images []int `json:"images,omitempty"` // height, width, channels: the rows are images too, values from -8 to 8

	Shift  float64                `json:"shift,omitempty"` // added to every fake
	Arrays map[string][][]float64 `json:"arrays,omitempty"`
}

// Outcome is what became of a case.
type Outcome struct {
	Case  Case    `json:"case"`
	Got   float64 `json:"got"`
	Error float64 `json:"error"` // relative; absolute where want is 0
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

// JSON is the golden values with the description of their inputs: `assay selftest --golden`, and testdata/golden/metrics.json.
func JSON() []byte {
	var b bytes.Buffer
	b.WriteString("{\n\"inputs\": ")
	b.Write(bytes.TrimSpace(sets))
	b.WriteString(",\n\"cases\": ")
	b.Write(bytes.TrimSpace(raw))
	b.WriteString("\n}\n")
	return b.Bytes()
}

// Run computes the cases with the given metrics (metrics.All() for our own).
func Run(ctx context.Context, kit []metrics.Metric, cases []Case) []Outcome {
	out := make([]Outcome, len(cases))
	known := results{}
	for i, c := range cases {
		o := Outcome{Case: c}
		got, err := known.compute(ctx, kit, c)
		if err != nil {
			o.Fault = err.Error()
		} else {
			o.Got = got
			if o.Error = math.Abs(got - c.Want); c.Want != 0 {
				o.Error /= math.Abs(c.Want)
			}
			o.Pass = o.Error <= c.Tolerance
		}
		out[i] = o
	}
	return out
}

// results keeps what metrics found, so that cases of several values of one score cost one.
type results map[string]metrics.Result

func (k results) compute(ctx context.Context, kit []metrics.Metric, c Case) (float64, error) {
	if c.Function != "" {
		return function(c)
	}
	if c.Inputs.Directions != "" {
		p, err := c.Inputs.pair()
		if err != nil {
			return 0, err
		}
		return sliced(c, p)
	}
	r, err := k.result(ctx, kit, c)
	if err != nil {
		return 0, err
	}
	v, ok := r.Get(c.Value)
	if !ok {
		return 0, fmt.Errorf("%s gives no value %q", c.Metric, c.Value)
	}
	return v.Value, nil
}

func (k results) result(ctx context.Context, kit []metrics.Metric, c Case) (metrics.Result, error) {
	text, err := json.Marshal([]any{c.Metric, c.Options, c.Inputs})
	if r, ok := k[string(text)]; ok || err != nil {
		return r, err
	}
	p, err := c.Inputs.pair()
	if err != nil {
		return metrics.Result{}, err
	}
	i := slices.IndexFunc(kit, func(m metrics.Metric) bool { return m.Info().ID == c.Metric })
	if i < 0 {
		return metrics.Result{}, fmt.Errorf("no metric %q", c.Metric)
	}
	m := kit[i]
	for name, v := range c.Options {
		if m, err = m.With(name, v); err != nil {
			return metrics.Result{}, err
		}
	}
	r, err := m.Compute(ctx, p)
	if err == nil {
		k[string(text)] = r
	}
	return r, err
}

func (in Inputs) pair() (p metrics.Pair, err error) {
	for _, f := range []struct {
		role, name string
		at         **mat.Dense
	}{{"real", in.Real, &p.Real}, {"fake", in.Fake, &p.Fake}, {"train", in.Train, &p.Train}, {"logits", in.Logits, &p.FakeLogits}, {"real_probs", "", &p.RealProbs}} {
		if a := in.Arrays[f.role]; a != nil {
			*f.at = matrix(a)
		}
		if f.name == "" {
			continue
		}
		m, e := golden.Set(f.name)
		if err = errors.Join(err, e); e == nil {
			*f.at = m
		}
	}
	if in.Shift != 0 && p.Fake != nil {
		p.Fake.Apply(func(_, _ int, v float64) float64 { return v + in.Shift }, p.Fake)
	}
	for _, s := range []struct {
		role string
		at   *metrics.Stats
	}{{"real", &p.RealStats}, {"fake", &p.FakeStats}} {
		if mean := in.Arrays[s.role+"_mean"]; mean != nil {
			*s.at = metrics.Stats{N: 1000, Mean: mean[0], Cov: symmetric(in.Arrays[s.role+"_cov"])}
		}
	}
	if in.Images != nil && err == nil {
		p.RealImages, p.FakeImages = images(p.Real, in.Images), images(p.Fake, in.Images)
	}
	if in.Modes != "" {
		p.Modes, p.Sigma, err = golden.Modes(in.Modes)
	}
	return p, err
}

// images is rows as images of float32, channels last.
func images(x *mat.Dense, shape []int) *metrics.Images {
	n, d := x.Dims()
	m := &metrics.Images{N: n, H: shape[0], W: shape[1], C: shape[2], Lo: -8, Hi: 8}
	for i := range n {
		for j := range d {
			m.Pix = append(m.Pix, float32(x.At(i, j)))
		}
	}
	return m
}

func matrix(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		m.SetRow(i, r)
	}
	return m
}

func symmetric(rows [][]float64) *mat.SymDense {
	m := mat.NewSymDense(len(rows), nil)
	for i, r := range rows {
		for j := i; j < len(r); j++ {
			m.SetSym(i, j, r[j])
		}
	}
	return m
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

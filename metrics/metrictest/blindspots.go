package metrictest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/assay-gan/assay/metrics"
)

// Verdict is what one value says about one planted failure.
type Verdict = metrics.Sight

// The verdicts; see metrics.Null.Sight.
const (
	Sees   = metrics.Sees
	Blind  = metrics.Blind
	Fooled = metrics.Fooled
)

// Spot is a value's verdicts over all failures, with the numbers behind them.
type Spot struct {
	Metric, Value string
	Better        metrics.Direction
	Lo, Hi        float64 // over perfect generators
	At            []float64
	Verdicts      []Verdict // by failure, the perfect generator left out
}

// BlindSpots computes every value of the metrics that the planted pairs can feed for repeats perfect generators and one of each failure, n rows
// each. Values whose better direction is None take no part.
func BlindSpots(ctx context.Context, kit []metrics.Metric, n, repeats int, seed uint64) ([]Spot, error) {
	failures := Failures()
	var out []Spot
	for _, m := range kit {
		null, err := values(ctx, m, failures[0], n, seed)
		if errors.Is(err, metrics.ErrMissing) {
			continue // images, likelihoods, latent paths
		}
		if err != nil {
			return nil, err
		}
		perfect := map[string][]float64{}
		for r := range repeats {
			if null, err = values(ctx, m, failures[0], n, seed+1+uint64(r)); err != nil {
				return nil, err
			}
			for _, v := range null {
				perfect[v.Name] = append(perfect[v.Name], v.Value)
			}
		}
		at := make([]map[string]float64, len(failures))
		for k, f := range failures[1:] {
			found, err := values(ctx, m, f, n, seed)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f.ID, err)
			}
			at[k] = map[string]float64{}
			for _, v := range found {
				at[k][v.Name] = v.Value
			}
		}
		for _, v := range null {
			if v.Better == metrics.None || len(perfect[v.Name]) < repeats {
				continue
			}
			out = append(out, judge(m.Info(), v, perfect[v.Name], at[:len(failures)-1]))
		}
	}
	return out, nil
}

func values(ctx context.Context, m metrics.Metric, f Failure, n int, seed uint64) ([]metrics.Value, error) {
	r, err := m.Compute(metrics.PointOnly(ctx), Planted(f, n, seed))
	if errors.Is(err, metrics.ErrTooFew) {
		return nil, nil // a class without fakes: a failed record, which nobody overlooks
	}
	return r.Values, err
}

func judge(info metrics.Info, v metrics.Value, perfect []float64, at []map[string]float64) Spot {
	null := metrics.NullOf(perfect)
	s := Spot{Metric: info.ID, Value: v.Name, Better: v.Better, Lo: null.Lo, Hi: null.Hi}
	ideal := info.Ideal
	if v.Name != info.ID {
		ideal = null.Mean
	}
	for _, found := range at {
		x, ok := found[v.Name]
		verdict := null.Sight(v.Better, ideal, x)
		if !ok {
			x, verdict = math.NaN(), Sees // no value where a perfect generator has one, and the result says why
		}
		s.At, s.Verdicts = append(s.At, x), append(s.Verdicts, verdict)
	}
	return s
}

// WriteBlindSpots renders the table as Markdown.
func WriteBlindSpots(w io.Writer, spots []Spot, n, repeats int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows a side; **sees**: worse than all %d perfect generators and than their mean by %d standard deviations; fooled: as clearly better; ·: blind.\n\n",
		n, repeats, metrics.SightSpreads)
	b.WriteString("| value | better | perfect |")
	for _, f := range Failures()[1:] {
		fmt.Fprintf(&b, " %s |", f.Title)
	}
	b.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(Failures())-1) + "\n")
	for _, s := range spots {
		fmt.Fprintf(&b, "| %s | %s | %.3g to %.3g |", s.Value, s.Better, s.Lo, s.Hi)
		for k, v := range s.Verdicts {
			number := fmt.Sprintf("%.3g", s.At[k])
			if math.IsNaN(s.At[k]) {
				number = "no value"
			}
			switch v {
			case Sees:
				fmt.Fprintf(&b, " **%s** |", number)
			case Fooled:
				fmt.Fprintf(&b, " fooled: %s |", number)
			default:
				fmt.Fprintf(&b, " · %s |", number)
			}
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

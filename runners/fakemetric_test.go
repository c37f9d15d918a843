package runners

import (
	"context"
	"fmt"
	"strconv"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/assay-gan/assay/metrics"
)

// gap is a metric that needs no explanation: the squared difference of means plus the squared difference of standard deviations, summed over columns, times
// a scale.
type gap struct{ scale float64 }

func (g gap) Info() metrics.Info {
	return metrics.Info{
		ID: "gap", Values: []string{"gap"}, Better: metrics.Lower, Needs: []metrics.Need{metrics.NeedFeatures},
		Options: []metrics.Option{{Name: "scale", Default: fmt.Sprint(g.scale)}},
	}
}

func (g gap) With(option, value string) (metrics.Metric, error) {
	v, err := strconv.ParseFloat(value, 64)
	if option != "scale" || err != nil {
		return nil, fmt.Errorf("gap has no option %q with value %q, have scale", option, value)
	}
	return gap{v}, nil
}

func (g gap) Compute(_ context.Context, p metrics.Pair) (metrics.Result, error) {
	_, d := p.Real.Dims()
	sum := 0.0
	for j := range d {
		rm, rs := stat.MeanStdDev(mat.Col(nil, j, p.Real), nil)
		fm, fs := stat.MeanStdDev(mat.Col(nil, j, p.Fake), nil)
		sum += (rm-fm)*(rm-fm) + (rs-fs)*(rs-fs)
	}
	return metrics.Result{Values: []metrics.Value{{Name: "gap", Value: g.scale * sum, Better: metrics.Lower}}, Status: metrics.OK, Warnings: []string{}}, nil
}

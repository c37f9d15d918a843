package metrics

import (
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/machine"
)

// Extent is what the memory of a metric depends on: the rows of either side and the features of a row. What is not known is 0.
type Extent struct{ Real, Fake, Dim int }

// Table is the memory that a metric takes beside its input, where that grows faster than the input: a table of all distances, a kernel matrix, a covariance.
type Table struct {
	What   string  // what it holds, "20000 x 20000 distances"
	Bytes  float64 // in all
	Remedy string  // what makes it smaller, "lower wasserstein.max or use swd"
}

// Affordable errors, with both figures and the remedy, where the machine cannot hold the table that a metric would make of so many rows. Check does the same for the
// rows at hand.
func Affordable(info Info, e Extent) error {
	const enough = 64 << 20 // bytes; below that the machine is not asked
	if info.Table == nil {
		return nil
	}
	t := info.Table(e)
	if t.Bytes < enough {
		return nil
	}
	if err := machine.Holds(t.Bytes); err != nil {
		return fault.Of(ErrValue, "%s: %s: it %w; %s", info.ID, t.What, err, t.Remedy)
	}
	return nil
}

// extent is that of the features at hand.
func (p Pair) extent() Extent {
	e := Extent{Real: p.RealStats.N, Fake: p.FakeStats.N, Dim: len(p.FakeStats.Mean)}
	if p.Real != nil {
		e.Real, e.Dim = p.Real.Dims()
	}
	if p.Fake != nil {
		e.Fake, e.Dim = p.Fake.Dims()
	}
	return e
}

// squared is n x n numbers of 8 bytes, copies times.
func squared(n int, copies float64) float64 { return 8 * copies * float64(n) * float64(n) }

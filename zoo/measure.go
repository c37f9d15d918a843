package zoo

import (
	"errors"
	"fmt"

	"github.com/assay-gan/assay/nn"
)

// Size is what a session would take.
type Size struct {
	Bytes  float64        // of memory, beside the data and the samples: weights, gradients, moments, averages, and what a pass keeps
	Params map[string]int // trained weights of each network, as Session.ParamCount
}

// ErrUnmeasured is wrapped by the error of Measure for a model that cannot be put together without memory: its Build reads or writes nodes' values, see
// Builder.Measuring.
var ErrUnmeasured = errors.New("cannot be measured before it is built")

// Measure returns what New would take, in milliseconds and without taking it: the model is put together on a graph whose nodes have shapes alone. Other errors are
// those of New.
func Measure(m Model, c Config) (size Size, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("model %s %w: %v", m.Info().ID, ErrUnmeasured, p)
		}
	}()
	graph := nn.NewMeasure()
	s, err := newOn(graph, m, c)
	if err != nil {
		return Size{}, err
	}
	return Size{Bytes: graph.Bytes() + s.build.extra, Params: s.ParamCount()}, nil
}

// Measuring says that the model is only put together to learn its size: nodes have no memory, nn.Data is nil for all of them, and what Build would read from the data
// or compute beside the graph it can leave out.
func (b *Builder) Measuring() bool { return b.graph.Measuring() }

// takes notes memory that a model takes beside the graph, and says whether to take it: true means that it is only measured.
func (b *Builder) takes(bytes float64) (onlyMeasured bool) {
	b.extra += bytes
	return b.Measuring()
}

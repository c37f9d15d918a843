package runners

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/reports"
)

// MonitorChoice is a monitor as a suite has it, with its line.
type MonitorChoice struct {
	MonitorSpec
	Line int
}

// monitor reads {every: 250, samples: 1000, stop_on: [collapse]}; every key may be left out.
func (r reader) monitor(n *yaml.Node) (*MonitorChoice, error) {
	m := &MonitorChoice{MonitorSpec{Samples: defaultWatched}, n.Line}
	return m, r.mapping(n, "monitor",
		field{"every", func(n *yaml.Node) (err error) { m.Every, err = r.count(n, "every", 1); return }},
		field{"samples", func(n *yaml.Node) (err error) { m.Samples, err = r.count(n, "samples", leastWatched); return }},
		field{"stop_on", func(n *yaml.Node) error {
			return r.list(n, "stop_on", func(n *yaml.Node) error {
				w, err := r.word(n, "stop_on")
				if err != nil {
					return err
				}
				kind, err := ParseStop(w)
				if err == nil && slices.Contains(m.StopOn, kind) {
					return r.errAt(n.Line, "stop_on: %s is there twice", kind)
				}
				if err != nil {
					return r.errAt(n.Line, "stop_on: %w", err)
				}
				m.StopOn = append(m.StopOn, kind)
				return nil
			})
		}})
}

// ParseStop reads an alarm that can end a run; the error lists them.
func ParseStop(word string) (reports.AlarmKind, error) {
	var have []string
	for _, k := range StopKinds() {
		if string(k) == word {
			return k, nil
		}
		have = append(have, string(k))
	}
	return "", suggest.Unknown("alarm", word, have)
}

// monitored gives the cells of a model the monitor that its data set asks for.
func (p *planner) monitored(c *Cell, m *MonitorChoice) error {
	if m == nil {
		return nil
	}
	spec := m.MonitorSpec
	slices.Sort(spec.StopOn)
	if err := spec.Check(c.Steps()); err != nil {
		return p.errAt(m.Line, "%s on %s: %w", c.Label, c.Dataset, err)
	}
	c.Monitor = &spec
	return nil
}

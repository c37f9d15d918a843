package metrics

import (
	"context"
	"slices"
)

// shown is a metric that shows some of its values.
type shown struct {
	Metric
	values []string
}

// Only is m with no other values than these, in m's order. Its Info lists them alone; options, needs and the id are m's. A direction that is not that of m's
// headline is not known before Compute: Info's Better is None then.
func Only(m Metric, values ...string) Metric {
	if o, ok := m.(shown); ok {
		m = o.Metric
	}
	return shown{m, slices.Clone(values)}
}

// Shown lists the values that a metric made by Only shows, nil for one that shows all of its own.
func Shown(m Metric) []string {
	if o, ok := m.(shown); ok {
		return o.Info().Values
	}
	return nil
}

// Join adds m to a list of metrics to compute. Where the list has the metric already, with other values, both are shown by one.
func Join(list []Metric, m Metric) []Metric {
	i := slices.IndexFunc(list, func(have Metric) bool { return have.Info().ID == m.Info().ID })
	if i < 0 {
		return append(list, m)
	}
	if have, more := Shown(list[i]), Shown(m); more == nil {
		list[i] = m
	} else if have != nil {
		list[i] = Only(list[i], append(slices.Clone(have), more...)...)
	}
	return list
}

// Info implements Metric.
func (o shown) Info() Info {
	info := o.Metric.Info()
	head := info.ID
	if len(info.Values) > 0 {
		head = info.Values[0]
	}
	info.Values = slices.DeleteFunc(slices.Clone(info.Values), func(v string) bool { return !slices.Contains(o.values, v) })
	if !slices.Contains(o.values, head) {
		info.Better = None
	}
	return info
}

// With implements Metric.
func (o shown) With(option, value string) (Metric, error) {
	m, err := o.Metric.With(option, value)
	if err != nil {
		return nil, err
	}
	return Only(m, o.values...), nil
}

// Compute implements Metric.
func (o shown) Compute(ctx context.Context, p Pair) (Result, error) {
	r, err := o.Metric.Compute(ctx, p)
	r.Values = slices.DeleteFunc(r.Values, func(v Value) bool { return !slices.Contains(o.values, v.Name) })
	if err == nil && len(r.Values) == 0 {
		r.Status = Failed
	}
	return r, err
}

package metrics

import "fmt"

// newResult is an OK result in the conventions of s.
func newResult(s settings, values ...Value) Result {
	return Result{Values: values, Status: OK, Warnings: []string{}, Convention: s.convention()}
}

// value is a unitless number; the better direction is the reader's guide.
func value(name string, v float64, better Direction) Value {
	return Value{Name: name, Value: v, Better: better}
}

// within attaches an interval, or nothing if iv is nil.
func (v Value) within(iv *Interval) Value {
	v.Interval = iv
	return v
}

// withinOr attaches an interval or, if iv is nil, the reason why there is none.
func (v Value) withinOr(iv *Interval, why string, args ...any) Value {
	if v.Interval = iv; iv == nil {
		v.NoInterval = fmt.Sprintf(why, args...)
	}
	return v
}

// in attaches a unit.
func (v Value) in(unit string) Value {
	v.Unit = unit
	return v
}

// warn adds a warning that makes the result Unreliable (a Degenerate one stays so). The text starts with no id: it names cause and remedy.
func (r *Result) warn(format string, args ...any) {
	r.note(format, args...)
	if r.Status == OK {
		r.Status = Unreliable
	}
}

// note adds a warning that leaves the status alone.
func (r *Result) note(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

// degenerate marks the values as defined by convention only.
func (r *Result) degenerate(format string, args ...any) {
	r.note(format, args...)
	r.Status = Degenerate
}

// convention records one more choice behind the numbers, such as the route taken.
func (r *Result) convention(key, format string, args ...any) {
	if r.Convention == nil {
		r.Convention = map[string]string{}
	}
	r.Convention[key] = fmt.Sprintf(format, args...)
}

// Get returns the value of a name.
func (r Result) Get(name string) (Value, bool) {
	for _, v := range r.Values {
		if v.Name == name {
			return v, true
		}
	}
	return Value{}, false
}

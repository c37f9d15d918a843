// Package fault makes errors whose text is complete in itself and that errors.Is knows all the same.
package fault

import "fmt"

type fault struct {
	kind error
	said error
}

func (f *fault) Error() string   { return f.said.Error() }
func (f *fault) Unwrap() []error { return []error{f.kind, f.said} }

// Of is an error of a kind, a sentinel for errors.Is whose words are no part of the text. The rest is as in fmt.Errorf, %w included.
func Of(kind error, format string, args ...any) error {
	return &fault{kind, fmt.Errorf(format, args...)}
}

package datasets

import (
	"errors"
	"fmt"
)

// Sentinels wrapped by the errors of every data set, beside ErrShape.
var (
	ErrMissing = errors.New("data files missing") // nothing to read: no folder, or not the files that Info.Files names
	ErrCorrupt = errors.New("data file damaged")  // a file is there but does not hold what it promises
	ErrOption  = errors.New("option not allowed") // unknown parameter, impossible number or size
	ErrUnknown = errors.New("unknown data set")
)

// fault is an error whose text is complete in itself; the sentinel is only for errors.Is.
type fault struct {
	kind error
	text string
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.kind }

func missing(format string, args ...any) error {
	return &fault{ErrMissing, fmt.Sprintf(format, args...)}
}
func corrupt(format string, args ...any) error {
	return &fault{ErrCorrupt, fmt.Sprintf(format, args...)}
}
func refuse(format string, args ...any) error { return &fault{ErrOption, fmt.Sprintf(format, args...)} }

package datasets

import (
	"errors"

	"github.com/assay-gan/assay/internal/fault"
)

// Sentinels wrapped by the errors of every data set, beside ErrShape.
var (
	ErrMissing = errors.New("data files missing") // nothing to read: no folder, or not the files that Info.Files names
	ErrCorrupt = errors.New("data file damaged")  // a file is there but does not hold what it promises
	ErrOption  = errors.New("option not allowed") // unknown parameter, impossible number or size
	ErrUnknown = errors.New("unknown data set")
)

func missing(format string, args ...any) error { return fault.Of(ErrMissing, format, args...) }
func corrupt(format string, args ...any) error { return fault.Of(ErrCorrupt, format, args...) }
func refuse(format string, args ...any) error  { return fault.Of(ErrOption, format, args...) }

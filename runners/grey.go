package runners

import (
	"fmt"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
)

// greyAgainstColour tells where one side is grey and the other in colour. Whole images of one and three channels cannot be compared: an error. A network that takes
// colour sees the grey ones with three equal channels and finds them far from the others, which may be meant: a warning.
func greyAgainstColour(role string, real, other *Side) error {
	if real == nil || other == nil {
		return nil
	}
	grey, colour, is, are := real, other, "real", role // which is which
	switch a, b := real.tint(), other.tint(); {
	case a == 0 || b == 0 || a == b:
		return nil
	case b == 1:
		grey, colour, is, are = other, real, role, "real"
	}
	what := fmt.Sprintf("the %s images of %s are grey, the %s ones of %s in colour", is, grey.Path, are, colour.Path)
	remedy := `bring both to one (Pillow: Image.open(f).convert("RGB"), or "L" for grey)`
	if real.Samples != nil && other.Samples != nil && real.Samples.Dim() != other.Samples.Dim() {
		return fault.Of(datasets.ErrShape, "%s: %s", what, remedy)
	}
	other.Warnings = append(other.Warnings, what+": the score is of that too; where it is not meant, "+remedy)
	return nil
}

// tint is the number of channels of a side's images, 1 or 3; 0 where that is not known, or some are grey and some are not.
func (s *Side) tint() int {
	switch {
	case s.Report != nil && s.Source != nil && s.Report.Images > 0:
		if s.Report.Grey == 0 {
			return 3
		}
		if s.Report.Grey >= s.Report.Images { // a protocol may have dropped some since
			return 1
		}
	case s.Samples != nil && s.Samples.IsImage():
		return s.Samples.Shape[2]
	}
	return 0
}

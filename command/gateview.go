package command

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/reports/gate"
)

// gateView is what the verdict is shown as, and where it is kept.
type gateView struct {
	gate.View
	format string
	save   []string // format=file
}

// check refuses a form of --save that there is not, before anything is computed.
func (v gateView) check() error {
	for _, s := range v.save {
		format, file, ok := strings.Cut(s, "=")
		if !ok || file == "" {
			return fmt.Errorf("--save %q: want format=file, such as junit=gate.xml", s)
		}
		if !slices.Contains(gate.Formats(), format) {
			return suggest.Unknown("format", format, gate.Formats())
		}
	}
	return nil
}

// show prints the verdict and writes the files.
func (v gateView) show(out io.Writer, res *gate.Verdict) error {
	for _, s := range v.save {
		format, file, _ := strings.Cut(s, "=")
		if err := atomicfile.Write(file, func(w io.Writer) error { return v.Render(w, res, format) }); err != nil {
			return err
		}
	}
	return v.Render(out, res, v.format)
}

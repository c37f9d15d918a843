package command

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/runners"
)

// execFlag adds --allow-exec.
func execFlag(c *cobra.Command, to *bool) {
	c.Flags().BoolVar(to, "allow-exec", false, "let the suite run the programs that it names as exec:PROGRAM\n(or ASSAY_ALLOW_EXEC=1); bench --plan lists them and runs none")
}

// allowExec says whether a plan may run its programs, and names them before the first starts.
func (a *app) allowExec(flag bool, p *runners.Plan) bool {
	if !flag && os.Getenv("ASSAY_ALLOW_EXEC") != "1" {
		return false
	}
	for _, q := range p.Programs {
		if !a.said[q.Command] {
			fmt.Fprintf(a.err, "the suite runs a program: %q\n", q.Command)
			a.said[q.Command] = true
		}
	}
	return true
}

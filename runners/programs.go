package runners

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/fault"
)

// ErrExec is wrapped by the error of a plan that runs programs and was not allowed to.
var ErrExec = errors.New("programs of a suite run only when they are allowed")

// Program is a command line that a plan runs, and the line of the suite that says so.
type Program struct {
	Command string `json:"command"` // as written: exec:PROGRAM ARGUMENTS
	Line    int    `json:"line"`
}

// runs notes a specification of the suite that runs a program. Everything in a suite that can run one goes through here.
func (p *planner) runs(spec string, line int) {
	known := slices.ContainsFunc(p.plan.Programs, func(q Program) bool { return q.Command == spec })
	if featurizer.RunsProgram(spec) && !known {
		p.plan.Programs = append(p.plan.Programs, Program{spec, line})
	}
}

// allowed errors with ErrExec unless the plan may run its programs: a suite may come from anyone, and a program in it has all the rights of whoever runs it.
func (p *Plan) allowed(o Options) error {
	if o.AllowExec || len(p.Programs) == 0 {
		return nil
	}
	var lines []string
	for _, q := range p.Programs {
		lines = append(lines, fmt.Sprintf("line %d: %q", q.Line, q.Command))
	}
	return fault.Of(ErrExec, "suite %s runs a program of whoever wrote it: %s; read it, then allow it by Options.AllowExec", p.Suite, strings.Join(lines, ", "))
}

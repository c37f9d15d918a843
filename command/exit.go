package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/spf13/cobra"
)

// The exit codes. Scripts and CI build on them, so a code never changes its meaning.
const (
	exitOK           = 0
	exitFinding      = 1   // the command worked, and what it looked for is there
	exitUsage        = 2   // wrong use or input, or a disk or a network that failed
	exitInconclusive = 3   // of gate
	exitInternal     = 70  // a fault of the program: EX_SOFTWARE of sysexits.h
	exitInterrupted  = 130 // 128 + SIGINT, as shells say it
)

// exitCodes is the table of help and docs.
const exitCodes = `0    fine
1    a finding: a regression (gate), a verdict that --fail-on names (modes), an
     alarm that --stop-on names (train), a wrong golden value (selftest)
2    wrong use or input: a flag, a name, a file, a setting; also a full disk, a
     failed download, a run whose cells all failed (bench). One line on stderr
     says what, and what to do
3    inconclusive: too few runs to tell (gate), too little to judge by with
     --fail-on (modes)
70   a fault of assay itself: the line names a file with a report
130  interrupted (Ctrl-C, SIGTERM); the line says how to go on`

// exitHelp is the help topic of the exit codes.
func exitHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "What the exit codes mean, for scripts and CI",
		Long:  "Every command ends with one of these:\n\n" + exitCodes,
	}
}

var (
	// entryStart is the beginning of an entry of a table of help: a term, two spaces, and what is said of it, which goes on in indented lines.
	entryStart = regexp.MustCompile(`^(\S.*?) {2,}(.*)$`)
	// codeOf is what a code means for one command, in the table of exit codes.
	codeOf = regexp.MustCompile(`([^,:;]+) \((\w+)\)`)
)

// entries are the terms of a table of help, each with what is said of it.
func entries(table string) (out [][2]string) {
	for l := range strings.SplitSeq(table, "\n") {
		if m := entryStart.FindStringSubmatch(l); m != nil {
			out = append(out, [2]string{m[1], m[2]})
		} else if n := len(out); n > 0 {
			out[n-1][1] += " " + strings.TrimSpace(l)
		}
	}
	return out
}

// ownExits are, by command, the lines of the exit codes that mean something of its own for it; none for most. The table is read once, not for each command.
var ownExits = sync.OnceValue(func() map[string][]string {
	lines := map[string][]string{}
	for _, e := range entries(exitCodes) {
		for _, m := range codeOf.FindAllStringSubmatch(e[1], -1) {
			lines[m[2]] = append(lines[m[2]], fmt.Sprintf("  %-4s %s", e[0], strings.TrimSpace(m[1])))
		}
	}
	return lines
})

// exitNote is where help keeps them.
const exitNote = "exit codes"

// noteExits gives the help of each command its own exit codes.
func noteExits(root *cobra.Command) {
	for _, c := range root.Commands() {
		if lines := ownExits()[c.Name()]; lines != nil {
			c.Annotations = map[string]string{exitNote: strings.Join(lines, "\n")}
		}
	}
}

// exitTemplate follows the flags in help.
const exitTemplate = `{{with index .Annotations "` + exitNote + `"}}
Exit codes beside those of every command (assay help exit-codes):
{{.}}
{{end}}`

// exit is an error with an exit code. Its text is printed on one line, nothing if it is empty.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// usage marks an error as one of how the command was called. Every error that says nothing else is one; the mark stops an interrupt that comes just then from
// being taken for its cause.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return &exit{exitUsage, err}
}

func usagef(format string, a ...any) error { return usage(fmt.Errorf(format, a...)) }

// found marks an error, or nil where the output has said it all, as a finding.
func found(err error) error { return &exit{exitFinding, err} }

// exitCode is the code that an error ends with: its own where it has one, that of an interrupt where there was one, else that of wrong use or input.
func exitCode(ctx context.Context, err error) int {
	var e *exit
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return e.code
	case ctx.Err() != nil:
		return exitInterrupted
	}
	return exitUsage
}

// guarded carries out a command and turns a panic into an error with the name of a report.
func guarded(version string, args []string, do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = crash(version, args, p, debug.Stack())
		}
	}()
	return do()
}

// crash is the error of a panic. Its report holds what a maintainer needs and nothing of the user's data but the command line.
func crash(version string, args []string, p any, stack []byte) error {
	text := fmt.Sprintf("assay %s, %s %s/%s\ncommand: assay %s\npanic: %v\n\n%s", version, runtime.Version(), runtime.GOOS, runtime.GOARCH, strings.Join(args, " "), p, stack)
	path, err := writeReport(text)
	if err != nil {
		return &exit{exitInternal, fmt.Errorf("internal error: %v; its report could not be written: %w", p, err)}
	}
	return &exit{exitInternal, fmt.Errorf("internal error: %v; please report it with %s", p, path)}
}

func writeReport(text string) (string, error) {
	f, err := os.CreateTemp("", "assay-crash-*.txt")
	if err != nil {
		return "", err
	}
	_, err = io.WriteString(f, text)
	return f.Name(), errors.Join(err, f.Close())
}

package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/runners"
	"github.com/assay-gan/assay/threads"
)

// version is set by the linker.
var version = ""

// ownVersion is what the binary calls itself: the kit's word, else the linker's, else the commit it was built from.
func (a *app) ownVersion() string {
	if v := cmp.Or(a.kit.Version, version); v != "" {
		return v
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := "devel"
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			v = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			v += "-dirty"
		}
	}
	return v
}

// app is what commands share.
type app struct {
	out, err io.Writer // where nothing from outside acts on a terminal
	raw      io.Writer // stdout itself, for what is no text
	screen   io.Writer // stderr itself, for displays that write over their lines
	wide     bool      // tables take the room that they want
	kit      runners.Kit
	said     map[string]bool // programs of suites that were named before they run
	file     tableFile       // of --out
	args     []string        // of the command line
	paint    *painter        // below out
}

// maxThreads is far above the cores of any machine.
const maxThreads = 1024

// Main is a whole program: it carries out the command of os.Args and returns the exit code. With it an assay of one's own is
//
//	func main() {
//		kit := runners.DefaultKit()
//		kit.Metrics = append(kit.Metrics, mine)
//		os.Exit(command.Main(kit))
//	}
func Main(kit runners.Kit) int {
	paceHeap()
	return RunKit(context.Background(), os.Stdout, os.Stderr, os.Args[1:], kit)
}

// Run carries out one command and returns the exit code (assay help exit-codes). Results go to stdout; progress, and an error as one line, to stderr. The first interrupt lets the
// command write its checkpoint, the second kills.
func Run(ctx context.Context, stdout, stderr io.Writer, args []string) int {
	return RunKit(ctx, stdout, stderr, args, runners.DefaultKit())
}

// RunKit is Run with models, data sets, featurizers, metrics and formats of one's own.
func RunKit(ctx context.Context, stdout, stderr io.Writer, args []string, kit runners.Kit) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	defer threads.Set(threads.Count())
	paint := &painter{to: stdout}
	a := &app{paint: paint, out: quoted(paint), err: quoted(stderr), raw: stdout, screen: stderr, kit: kit, said: map[string]bool{}, args: args}
	err := guarded(a.ownVersion(), args, func() error {
		root := a.root() // it asks every model and metric of the kit for its name
		root.SetArgs(args)
		root.SetOut(a.out)
		root.SetErr(a.err)
		return root.ExecuteContext(ctx)
	})
	if err == nil {
		return exitOK
	}
	a.tell(err)
	return exitCode(ctx, err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "assay",
		Short: "Train generative models, score generators, compare and gate them",
		Long: `Assay trains a zoo of generative models, scores the samples of any generator with
every serious metric, says whether modes collapsed, and turns runs into a report
and a regression gate.`,
		Example: `  assay bench default                     train, sample, score and report every model
  assay score --real real/ --fake fake/ --featurizer pixels --metrics fd
  assay list models`,
		SilenceErrors: true, SilenceUsage: true, DisableSuggestions: true,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			var have []string
			for _, s := range c.Commands() {
				have = append(have, s.Name())
			}
			return usage(suggest.Unknown("command", args[0], have))
		},
	}
	var n int
	wholeFlag(root.PersistentFlags(), &n, "threads", "", 0, span{lo: 1, hi: maxThreads, zero: "one a core"}, "`number` of threads (default: one a core)")
	root.PersistentFlags().BoolVar(&a.wide, "wide", false, "tables with all their columns, whatever the width of the terminal")
	colour := "auto"
	root.PersistentFlags().StringVar(&colour, "color", colour, "colours of verdicts: `auto`, always or never")
	root.PersistentPreRunE = func(*cobra.Command, []string) (err error) {
		if a.paint != nil {
			_, screen := terminal(a.raw)
			if a.paint.on, err = coloured(colour, screen); err != nil {
				return err
			}
		}
		if n > 0 {
			threads.Set(n)
		}
		return nil
	}
	root.Version = a.ownVersion()
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "Flags.FlagUsages |", "Flags.FlagUsagesWrapped 80 |") + exitTemplate)
	root.AddCommand(
		a.init(), a.bench(), a.worker(), a.data(), a.prepare(), a.train(), a.sample(), a.complete(), a.latent(), a.score(), a.stats(), a.modes(), a.audit(), a.explain(), a.fetch(), a.report(), a.compare(), a.gate(), a.history(),
		a.status(), a.serve(), a.export(),
		a.list(), a.cite(), a.doctor(), a.selftest(), a.man(), a.version(), exitHelp(), environmentHelp(),
	)
	grouped(root)
	noteExits(root)
	a.completed(root)
	return root
}

// flagError is the one-line error of a flag that cannot be read, with the nearest known one.
func flagError(c *cobra.Command, err error) error {
	text := outOfRange(err.Error())
	if name, ok := strings.CutPrefix(text, "unknown flag: --"); ok {
		var have []string
		c.Flags().VisitAll(func(f *pflag.Flag) { have = append(have, f.Name) })
		if n := suggest.Nearest(name, have); n != "" {
			text += fmt.Sprintf(", did you mean --%s?", n)
		}
	}
	return usagef("%s (see %s --help)", text, c.CommandPath())
}

// takes is cobra's argument check with our exit code.
func takes(lo, hi int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < lo || len(args) > hi {
			return usagef("%s takes %s, %d given (see %s --help)", c.CommandPath(), what, len(args), c.CommandPath())
		}
		return nil
	}
}

package command

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/quote"
)

// starter is the suite that init writes: it runs as it is, and every key that a suite can have stands in it, switched off where it is not needed.
//
//go:embed init.yaml
var starter []byte

func (a *app) init() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented suite to begin with",
		Long: `Init writes a suite that runs as it is, with every key that a suite can have and a
word on each. FILE is suite.yaml where none is given; - is stdout. A file that is
there is never written over.`,
		Example: `  assay init
  assay bench suite.yaml --plan
  assay init - | less`,
		Args: takes(0, 1, "one file at most"),
		RunE: func(_ *cobra.Command, args []string) error {
			file := "suite.yaml"
			if len(args) == 1 {
				file = args[0]
			}
			if file == "-" {
				_, err := a.out.Write(starter)
				return err
			}
			return a.writeStarter(file)
		},
	}
}

func (a *app) writeStarter(file string) error {
	if ext := filepath.Ext(file); ext != ".yaml" && ext != ".yml" {
		return usagef("init: a suite of your own ends in .yaml, or bench takes it for one that ships: give %s.yaml", file)
	}
	switch _, err := os.Lstat(file); {
	case err == nil:
		return usagef("init: %s is there already: give another name, or remove it first", file)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := atomicfile.WriteBytes(file, starter); err != nil {
		return err
	}
	name := quote.Shell(file)
	_, err := fmt.Fprintf(a.out, "wrote %[1]s; next:\n\n  assay bench %[1]s --plan    what would run, and what it costs\n  assay bench %[1]s           run it\n", name)
	return err
}

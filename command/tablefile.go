package command

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/internal/atomicfile"
)

// tableFile is where a table goes beside the terminal: a file, in the format of its ending unless --format names one.
type tableFile struct{ path, format string }

// endings are the formats that the ends of files' names stand for.
var endings = map[string]string{".json": "json", ".md": "md", ".csv": "csv", ".tex": "latex", ".txt": "table"}

// endingsText lists them for help and errors.
const endingsText = ".json, .md, .csv, .tex, .txt"

// tableFlags adds --format for tables and, unless the command has one of its own, --out.
func (a *app) tableFlags(c *cobra.Command, format *string) {
	if c.Flags().Lookup("out") == nil {
		c.Flags().StringVar(&a.file.path, "out", "", "also write it to `file`, in the format of its ending ("+endingsText+") or of --format")
	}
	formatFlag(c, format, tableFormats...)
	check := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return err
		}
		return a.openFile(c, *format)
	}
}

// openFile finds the format of --out, before anything is computed.
func (a *app) openFile(c *cobra.Command, format string) error {
	if a.file.path == "" {
		return nil
	}
	if c.Flags().Changed("format") {
		a.file.format = format
		return nil
	}
	known, ok := formatOf(a.file.path)
	if !ok {
		return usagef("--out %s: the ending says no format: have %s, or name one by --format", a.file.path, endingsText)
	}
	a.file.format = known
	return nil
}

// formatOf is the format that a file's ending stands for.
func formatOf(path string) (string, bool) {
	format, ok := endings[strings.ToLower(filepath.Ext(path))]
	return format, ok && slices.Contains(tableFormats, format)
}

// present shows a result: on the output in the format that was asked for or, with --out, in the file in that format and on the output as a table.
func (a *app) present(format string, show func(to *app, format string) error) error {
	if a.file.path == "" {
		return show(a, format)
	}
	var b bytes.Buffer
	to, screen := *a, *a
	to.file, screen.file = tableFile{}, tableFile{}
	to.out, to.raw, to.err, to.wide = quoted(&b), &b, io.Discard, true
	if err := show(&to, a.file.format); err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(a.file.path, b.Bytes()); err != nil {
		return err
	}
	if err := show(&screen, "table"); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.err, "%s: written\n", a.file.path)
	return err
}

package command

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/assay-gan/assay/internal/atomicfile"
)

func (a *app) man() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use: "man --out DIR", Short: "Write the manual pages, one a command",
		Long: `Man writes what --help says as pages of the Unix manual: assay.1, assay-score.1 and so on. Put
them in a folder man1 below one that MANPATH names, or look at one by its path: man ./assay.1`,
		Example: "  assay man --out ~/.local/share/man/man1\n  assay man --out man1", Args: takes(0, 0, "no arguments besides its flags"),
	}
	c.Flags().StringVar(&out, "out", "", "`folder` for the pages")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if out == "" {
			return usage(errors.New("assay man needs --out: a folder for the pages, such as ~/.local/share/man/man1"))
		}
		if err := os.MkdirAll(out, 0o777); err != nil {
			return fmt.Errorf("%w: name another folder by --out", err)
		}
		pages := a.manuals(c.Root())
		for _, p := range pages {
			if err := atomicfile.WriteBytes(filepath.Join(out, p.name), []byte(p.text)); err != nil {
				return err
			}
		}
		_, err := fmt.Fprintf(a.out, "%d pages in %s\n", len(pages), out)
		return err
	}
	return c
}

// manual is a page of the Unix manual.
type manual struct{ name, text string }

// manuals are the pages of a command and of all below it that help lists.
func (a *app) manuals(c *cobra.Command) []manual {
	pages := []manual{{manName(c) + ".1", manPage(c, a.ownVersion())}}
	for _, sub := range visible(c) {
		pages = append(pages, a.manuals(sub)...)
	}
	return pages
}

// visible are the commands below one. Help topics are none: every page has what they say.
func visible(c *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(c.Commands()), func(s *cobra.Command) bool { return s.Hidden || s.IsAdditionalHelpTopicCommand() })
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage is what a command's help says, in the macros of man(7). It has no date, so that the same version writes the same bytes.
func manPage(c *cobra.Command, version string) string {
	var r roff
	r.macro("TH", strings.ToUpper(manName(c)), "1", "", "assay "+version, "Assay manual")
	r.WriteString(".nh\n.ad l\n") // no hyphens of the formatter's own in names and flags, no gaps beside long ones
	r.macro("SH", "NAME")
	r.line(manName(c) + " - " + c.Short)
	r.macro("SH", "SYNOPSIS")
	r.synopsis(c)
	r.macro("SH", "DESCRIPTION")
	r.prose(longOf(c))
	r.commands(c)
	r.flags("OPTIONS", c.NonInheritedFlags())
	r.flags("GLOBAL OPTIONS", c.InheritedFlags())
	if c.Example != "" {
		r.macro("SH", "EXAMPLES")
		r.verbatim(c.Example)
	}
	r.table("EXIT STATUS", exitCodes)
	r.table("ENVIRONMENT", environment)
	r.macro("SH", "SEE ALSO")
	r.related(c)
	return r.String()
}

func longOf(c *cobra.Command) string {
	if c.Long != "" {
		return c.Long
	}
	return c.Short + "."
}

// roff writes the macros of man(7). Text goes in as it is and is escaped here alone.
type roff struct{ strings.Builder }

// macro writes a request with its arguments.
func (r *roff) macro(name string, args ...string) {
	r.WriteString("." + name)
	for _, arg := range args {
		r.WriteString(` "` + strings.ReplaceAll(escaped(arg), `"`, `\(dq`) + `"`)
	}
	r.WriteByte('\n')
}

// line writes a line of text.
func (r *roff) line(text string) { r.WriteString(protected(escaped(text)) + "\n") }

// prose writes paragraphs; one with an indented line keeps its lines.
func (r *roff) prose(text string) {
	for i, p := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if i > 0 {
			r.macro("PP")
		}
		if p = strings.Trim(p, "\n"); strings.HasPrefix(p, " ") || strings.HasPrefix(p, "\t") || strings.Contains(p, "\n ") || strings.Contains(p, "\n\t") {
			r.verbatim(p)
			continue
		}
		for l := range strings.SplitSeq(p, "\n") {
			r.line(strings.TrimSpace(l))
		}
	}
}

// verbatim writes lines that stay what they are.
func (r *roff) verbatim(text string) {
	r.macro("nf")
	for l := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		r.line(strings.ReplaceAll(l, "\t", "    "))
	}
	r.macro("fi")
}

func (r *roff) synopsis(c *cobra.Command) {
	lines := []string{c.UseLine()}
	if len(visible(c)) > 0 {
		lines = append(lines, c.CommandPath()+" [command]")
	}
	for i, l := range lines {
		if i > 0 {
			r.macro("br")
		}
		r.WriteString(`\fB` + escaped(c.CommandPath()) + `\fR` + escaped(strings.TrimPrefix(l, c.CommandPath())) + "\n")
	}
}

// entry writes a term and what is said of it. Both are escaped by now, for the term is of several faces.
func (r *roff) entry(term, text string) {
	r.macro("TP")
	r.WriteString(term + "\n" + protected(text) + "\n")
}

// commands writes those below one, in help's groups where it has any.
func (r *roff) commands(c *cobra.Command) {
	subs := visible(c)
	if len(subs) == 0 {
		return
	}
	r.macro("SH", "COMMANDS")
	of := func(group string) {
		for _, s := range subs {
			if s.GroupID == group {
				r.entry(`\fB`+escaped(manName(s))+`\fR(1)`, escaped(s.Short))
			}
		}
	}
	of("")
	for _, g := range c.Groups() {
		r.macro("SS", strings.TrimSuffix(g.Title, ":"))
		of(g.ID)
	}
}

// flags writes a section of flags with their defaults.
func (r *roff) flags(title string, fl *pflag.FlagSet) {
	if !fl.HasAvailableFlags() {
		return
	}
	r.macro("SH", title)
	fl.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		term := `\fB` + escaped("--"+f.Name) + `\fR`
		if f.Shorthand != "" {
			term = `\fB` + escaped("-"+f.Shorthand) + `\fR, ` + term
		}
		value, text := pflag.UnquoteUsage(f)
		if value != "" {
			term += ` \fI` + escaped(value) + `\fR`
		}
		if !slices.Contains([]string{"", "0", "0s", "false", "[]"}, f.DefValue) {
			text += " (default " + f.DefValue + ")"
		}
		r.entry(term, escaped(strings.Join(strings.Fields(text), " ")))
	})
}

// table writes a section from a table of help.
func (r *roff) table(title, table string) {
	r.macro("SH", title)
	for _, e := range entries(table) {
		r.entry(`\fB`+escaped(e[0])+`\fR`, escaped(e[1]))
	}
}

// related names the pages beside a page: the one above, those of its group, those below.
func (r *roff) related(c *cobra.Command) {
	var names []string
	if p := c.Parent(); p != nil {
		names = append(names, manName(p))
		for _, s := range visible(p) {
			if s != c && s.GroupID == c.GroupID {
				names = append(names, manName(s))
			}
		}
	}
	for _, s := range visible(c) {
		names = append(names, manName(s))
	}
	for i, n := range names {
		comma := ","
		if i == len(names)-1 {
			comma = ""
		}
		r.macro("BR", n, "(1)"+comma)
	}
}

// escaped is text that roff shows as it is: characters that it would make typographic ones, or take for escapes, by their names. Hyphens are minus signs, for
// flags are copied from pages; what is not ASCII goes by its number, which every formatter reads whatever the locale.
func escaped(text string) string {
	var b strings.Builder
	for _, c := range text {
		switch {
		case c == '\\':
			b.WriteString(`\e`)
		case c == '/':
			b.WriteString(`/\:`) // where a long path may be broken
		case c == '-':
			b.WriteString(`\-`)
		case c == '\'':
			b.WriteString(`\(aq`)
		case c == '`':
			b.WriteString(`\(ga`)
		case c == '^':
			b.WriteString(`\(ha`)
		case c == '~':
			b.WriteString(`\(ti`)
		case c < ' ' || c == 0x7f:
			b.WriteByte(' ')
		case c > 0x7f:
			fmt.Fprintf(&b, `\[u%04X]`, c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// protected keeps a line of escaped text from being read as a request: quotes, which begin one too, have names by now.
func protected(line string) string {
	if strings.HasPrefix(line, ".") {
		return `\&` + line
	}
	return line
}

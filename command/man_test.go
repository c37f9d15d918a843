package command

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/assay-gan/assay/runners"
)

// written are the pages that assay man writes, by file.
func written(t *testing.T) map[string]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "share", "man1")
	if r := assay("man", "--out", dir); r.code != exitOK || !strings.HasSuffix(r.out, " pages in "+dir+"\n") || r.err != "" {
		t.Fatalf("%+v", r)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		pages[filepath.Base(f)] = string(b)
	}
	return pages
}

// Every command that help lists has a page with each of its flags, its examples, the exit codes and the variables, and there are no others.
func TestEveryCommandHasAManualPage(t *testing.T) {
	pages := written(t)
	all := maps.Clone(pages)
	a := &app{kit: runners.DefaultKit()}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
		page, ok := pages[name]
		delete(pages, name)
		wants := []string{"\n.SH \"EXIT STATUS\"\n.TP\n\\fB0\\fR\nfine\n", "\n\\fBASSAY_CACHE\\fR\nfolder of kept", escapedOf(c.Short)}
		for line := range strings.SplitSeq(c.Example+"\n"+c.Long, "\n") {
			wants = append(wants, escapedOf(strings.TrimSpace(line)))
		}
		usages := c.LocalFlags().FlagUsages() + c.InheritedFlags().FlagUsages()
		wants = append(wants, flagsOf(usages)...)
		wants = append(wants, "\n.SH \"SYNOPSIS\"\n\\fB"+escapedOf(c.CommandPath())+`\fR`)
		if got, want := strings.Count(page, "(default "), strings.Count(usages, "(default "); ok && got != want {
			t.Errorf("%s has %d defaults of flags, help has %d", name, got, want)
		}
		if p := c.Parent(); p != nil { // each names the other
			wants = append(wants, `.BR "`+escapedOf(strings.ReplaceAll(p.CommandPath(), " ", "-"))+`" "(1)`)
			above := p.CommandPath()
			if want := `\fB` + escapedOf(strings.TrimSuffix(name, ".1")) + "\\fR(1)\n" + escapedOf(c.Short) + "\n"; !strings.Contains(all[strings.ReplaceAll(above, " ", "-")+".1"], want) {
				t.Errorf("the page of %s lacks %q", above, want)
			}
		}
		for _, want := range wants {
			if ok && !strings.Contains(page, want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
		if !ok {
			t.Errorf("no page of %s", c.CommandPath())
		}
		for _, s := range c.Commands() {
			if !s.IsAdditionalHelpTopicCommand() && !s.Hidden {
				walk(s)
			}
		}
	}
	root := a.root()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	walk(root)
	for name := range pages {
		t.Errorf("%s is of no command", name)
	}
}

// escapedOf is what the page of roff(7) asks for, by another way than the writer's.
func escapedOf(text string) string {
	return strings.NewReplacer(`\`, `\e`, `-`, `\-`, `/`, `/\:`, `'`, `\(aq`, "`", `\(ga`, `^`, `\(ha`, `~`, `\(ti`, "…", `\[u2026]`).Replace(text)
}

// flagsOf are the terms of the flags that help lists.
func flagsOf(usages string) (terms []string) {
	for _, m := range regexp.MustCompile(`(?m)^ {2,6}(?:-\w, )?--([a-z0-9-]+)`).FindAllStringSubmatch(usages, -1) {
		terms = append(terms, `\fB`+escapedOf("--"+m[1])+`\fR`)
	}
	return terms
}

// The same version writes the same bytes.
func TestManualPagesAreDeterministic(t *testing.T) {
	first := written(t)
	for name, page := range written(t) {
		if page != first[name] {
			t.Errorf("%s differs", name)
		}
	}
}

// No text of a command is read as a request, and formatters have nothing to complain of.
func TestManualPagesAreRoff(t *testing.T) {
	request := regexp.MustCompile(`^\.(TH|SH|SS|PP|TP|BR|nf|fi|br|nh|ad)( |$)`)
	dir := t.TempDir()
	pages := written(t)
	pages["odd.1"] = manPage(&cobra.Command{Use: "odd", Short: ".TH of 'all' \\n evils", Long: ".so /etc/passwd\n'br\n\\fBold \"q\" é -x `y` ^~\n\n  .indented\n\tand tab", Example: ".x\n'y"}, `1 "2" \3`)
	for name, page := range pages {
		for i, line := range strings.Split(page, "\n") {
			if strings.HasPrefix(line, "'") || strings.HasPrefix(line, ".") && !request.MatchString(line) {
				t.Errorf("%s:%d: a request by mistake: %s", name, i+1, line)
			}
			if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("%s:%d: a character that formatters read by the locale: %q", name, i+1, line)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, lint := range [][]string{{"groff", "-man", "-Tutf8", "-ww", "-z"}, {"mandoc", "-Tlint", "-W", "warning"}} {
		program, err := exec.LookPath(lint[0])
		if err != nil {
			t.Logf("%s is not installed", lint[0])
			continue
		}
		for name := range pages {
			out, _ := exec.CommandContext(t.Context(), program, append(lint[1:], filepath.Join(dir, name))...).CombinedOutput() // mandoc fails where it warns
			for line := range strings.Lines(string(out)) {
				if !strings.Contains(line, "missing date") { // there is none, on purpose
					t.Errorf("%s: %s", lint[0], line)
				}
			}
		}
	}
	if program, err := exec.LookPath("groff"); err == nil { // what comes out is what went in
		out, err := exec.CommandContext(t.Context(), program, "-man", "-Tutf8", "-P-cbou", filepath.Join(dir, "odd.1")).Output()
		for _, want := range []string{`odd - .TH of 'all' \n evils`, `.so /etc/passwd 'br \fBold "q" é -x ` + "`y` ^~", "  .indented\n           and tab", ".x\n       'y"} {
			if err != nil || !strings.Contains(string(out), want) {
				t.Errorf("%v, no %q in:\n%s", err, want, out)
			}
		}
	}
}

func TestManNeedsAFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{"man": "assay man needs --out", "man --out file/x": "assay: file: not a directory: name another folder by --out"} {
		if r := assay(strings.Fields(args)...); r.code != exitUsage || !strings.Contains(r.err, want) || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%s: %+v", args, r)
		}
	}
}

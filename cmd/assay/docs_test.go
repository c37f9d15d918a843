package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/gate"
)

// pagesOf returns the Markdown files of the project by their paths below its root, with their text.
func pagesOf(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "runs" || name == "bin") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path) // both below root
		pages[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 60 {
		t.Fatalf("only %d pages", len(pages))
	}
	return pages
}

var (
	fence     = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	code      = regexp.MustCompile("`[^`\n]*`")
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading   = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	notInSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// slugs are the anchors of a page's headings, as GitHub makes them.
func slugs(text string) map[string]bool {
	all := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		slug := strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")
		for i := 1; all[slug]; i++ { // the second heading of a name has -1
			slug = fmt.Sprintf("%s-%d", strings.TrimSuffix(slug, fmt.Sprintf("-%d", i-1)), i)
		}
		all[slug] = true
	}
	return all
}

// linksOf lists the links of a page to files of the project; code is no link.
func linksOf(text string) (all []string) {
	for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(fence.ReplaceAllString(text, ""), ""), -1) {
		if !strings.Contains(m[1], "://") && !strings.HasPrefix(m[1], "mailto:") {
			all = append(all, m[1])
		}
	}
	return all
}

// Every link of every page leads to a file that is there, and to a heading of it where it names one.
func TestLinks(t *testing.T) {
	pages := pagesOf(t)
	links := 0
	for page, text := range pages {
		for _, l := range linksOf(text) {
			links++
			file, anchor, _ := strings.Cut(l, "#")
			target := page
			if file != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(page), file))
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s, which is not there", page, l)
			} else if to, ok := pages[target]; ok && anchor != "" && !slugs(to)[anchor] {
				t.Errorf("%s links to %s: no such heading", page, l)
			}
		}
	}
	if links < 200 {
		t.Errorf("only %d links were looked at", links)
	}
}

// A page that nothing leads to is read by nobody: all of docs/ can be reached from docs/README.md, and that from README.md.
func TestEveryPageIsReached(t *testing.T) {
	pages := pagesOf(t)
	reached, queue := map[string]bool{}, []string{"docs/README.md"}
	for len(queue) > 0 {
		page := queue[0]
		queue = queue[1:]
		if reached[page] {
			continue
		}
		reached[page] = true
		for _, l := range linksOf(pages[page]) {
			file, _, _ := strings.Cut(l, "#")
			if target := filepath.ToSlash(filepath.Join(filepath.Dir(page), file)); pages[target] != "" {
				queue = append(queue, target)
			}
		}
	}
	for page := range pages {
		if strings.HasPrefix(page, "docs/") && !reached[page] {
			t.Errorf("no link leads to %s from docs/README.md", page)
		}
	}
	if !slices.Contains(linksOf(pages["README.md"]), "docs/README.md") {
		t.Error("README.md does not link to docs/README.md")
	}
}

// The links above can be found missing: headings have the anchors that GitHub gives them, and what is no link is none.
func TestLinkParts(t *testing.T) {
	text := "# A `b`: c, d?\n## Same\n## Same\n```\n# no heading [x](nowhere.md)\n```\n`[y](code.md)` [z](a.md#b) [w](https://x.y)\n"
	if s := slugs(text); len(s) != 3 || !s["a-b-c-d"] || !s["same"] || !s["same-1"] {
		t.Errorf("slugs %v", s)
	}
	if l := linksOf(text); len(l) != 1 || l[0] != "a.md#b" {
		t.Errorf("links %q", l)
	}
}

// rowsOf returns the cells of a page's tables, row by row, by their first cell; of several rows of one name the first counts.
func rowsOf(text string) map[string][]string {
	rows := map[string][]string{}
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if strings.HasPrefix(line, "| ") && rows[cells[0]] == nil {
			rows[cells[0]] = cells
		}
	}
	return rows
}

// The digest of what each value sees is that of docs/BLINDSPOTS.md, and the best of the published checks those of docs/SANITY.md, both of which are made from what was measured.
func TestDocsWhichMetric(t *testing.T) {
	pages := pagesOf(t)
	spots := rowsOf(pages["docs/BLINDSPOTS.md"])
	faults := spots["value"]
	if len(faults) < 13 {
		t.Fatalf("the head of BLINDSPOTS has %q", faults)
	}
	var b strings.Builder
	shown := []string{"fd", "kid", "energy", "precision", "recall", "density", "coverage", "c2st_1nn", "pqmass", "is", "fld", "nn_ratio", "c_t", "duplicates", "rke", "modes_share", "modes_spread"}
	fmt.Fprintf(&b, "| fault | %s |\n|---|%s\n", strings.Join(shown, " | "), strings.Repeat(":-:|", len(shown)))
	for i := 3; i < len(faults); i++ {
		fmt.Fprintf(&b, "| %s |", faults[i])
		for _, v := range shown {
			if spots[v] == nil {
				t.Fatalf("BLINDSPOTS has no value %s", v)
			}
			mark := ""
			switch cell := spots[v][i]; {
			case cell == "**no value**":
				mark = "–"
			case strings.HasPrefix(cell, "**"):
				mark = "✓"
			case strings.HasPrefix(cell, "fooled"):
				mark = "!"
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		b.WriteString("\n")
	}
	splice(t, "docs/WHICH-METRIC.md", "faults", b.String())
	splice(t, "docs/WHICH-METRIC.md", "checks", bestOfChecks(t, rowsOf(pages["docs/SANITY.md"])))
}

// bestOfChecks is a table of the three values of each kind that meet the most criteria.
func bestOfChecks(t *testing.T, rows map[string][]string) string {
	t.Helper()
	share := func(cells []string) float64 {
		var met, of float64
		if _, err := fmt.Sscanf(cells[3], "%g of %g", &met, &of); err != nil {
			t.Fatalf("%q: %v", cells[3], err)
		}
		return met / of
	}
	var b strings.Builder
	b.WriteString("| kind | value | criteria met | rows of the published summary |\n|---|---|--:|--:|\n")
	for _, kind := range []string{"fidelity", "diversity", "both"} {
		var names []string
		for name, cells := range rows {
			if len(cells) > 17 && cells[1] == kind {
				names = append(names, name)
			}
		}
		if len(names) < 10 {
			t.Fatalf("%d values of kind %s", len(names), kind)
		}
		slices.SortFunc(names, func(a, b string) int {
			if d := share(rows[b]) - share(rows[a]); d != 0 {
				return int(d * 1e6)
			}
			return strings.Compare(a, b)
		})
		for _, n := range names[:3] {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", kind, n, rows[n][3], rows[n][2])
		}
	}
	return b.String()
}

// The page of reports has every format, with its file.
func TestReportsPageHasEveryFormat(t *testing.T) {
	rows := rowsOf(pagesOf(t)["docs/REPORTS.md"])
	for _, f := range reports.Formats() {
		file := f.File
		if f.Folder() {
			file += "/"
		}
		if row := rows["`"+f.ID+"`"]; len(row) < 3 || row[1] != file {
			t.Errorf("docs/REPORTS.md lacks the format %s with its file %s: %q", f.ID, file, row)
		}
	}
}

// The glossary has every word that a verdict, a gate, a claim, a record or an alarm can say.
func TestGlossaryHasEveryWord(t *testing.T) {
	rows := rowsOf(pagesOf(t)["docs/GLOSSARY.md"])
	words := []string{
		string(metrics.Memorised), string(metrics.Collapsed), string(metrics.OffData), string(metrics.Dropped), string(metrics.Permuted), string(metrics.Imbalanced), string(metrics.Repeated),
		string(metrics.Shrunk), string(metrics.Noisy), string(metrics.Blurred), string(metrics.Unclear), string(metrics.Healthy),
		reports.OK, reports.Degenerate, reports.Unreliable, reports.Failed, reports.Holds, reports.DoesNotHold, reports.CannotTell,
		string(gate.Identical), string(gate.Pass), string(gate.TooGood), string(gate.Inconclusive), string(gate.Changed), string(gate.Regression),
	}
	for _, k := range reports.AlarmKinds() {
		words = append(words, string(k))
	}
	for _, w := range words {
		if len(rows[w]) < 2 || rows[w][1] == "" {
			t.Errorf("docs/GLOSSARY.md does not say what %q means", w)
		}
	}
}

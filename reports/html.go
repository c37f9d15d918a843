package reports

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/cite"
	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/reports/vendorjs"
)

//go:embed page/head.html page/page.html page/page.css page/figure.css page/page.js page/table.js page/history.html page/document.html
var pageFiles embed.FS

// page is what the template gets.
type page struct {
	*Report
	Policy        string
	Style         template.CSS
	Meta          string
	Nav           []section
	Answers       []answer
	Urgent        []Finding
	Sets          []setTable
	Failed        Table
	Plots         []gallery // figures that are pictures alone, by what they ask
	Distributions []chart   // by the measure of the first screen
	Others        []chart   // the same in other ways
	Images        []gallery
	Scatters      []gallery
	Budgets       []chart
	Evaluations   []chart
	Curves        []gallery
	Watched       []gallery
	Gaps          []string
	Glossary      []entry
	Specs         []template.HTML
	Scripts       []template.HTML
	Licences      []string
}

type section struct{ ID, Title string }

type entry struct{ Title, Text, Source string }

// HTML writes the report as one page that needs nothing else: no network, no file beside it. Its content security policy admits the page's own scripts by
// their hashes and nothing more; without scripts every chart is a static picture.
func HTML(w io.Writer, r *Report) error {
	p, err := newPage(r)
	if err != nil {
		return err
	}
	return fillPage(w, "page.html", p.functions(), p)
}

// staticPolicy is the content security policy of a page without scripts.
const staticPolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; script-src 'none'"

// pageStyle is the style sheet of every page.
func pageStyle() (template.CSS, error) {
	text, err := pageFiles.ReadFile("page/page.css")
	if err != nil {
		return "", err
	}
	more, err := pageFiles.ReadFile("page/figure.css")
	return template.CSS(string(text) + string(more)), err //nolint:gosec // our own files
}

// fillPage fills a template of the folder page, which all begin with the same head.
func fillPage(w io.Writer, name string, functions template.FuncMap, data any) error {
	t, err := template.New(name).Funcs(functions).ParseFS(pageFiles, "page/head.html", "page/"+name)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return err
	}
	_, err = io.WriteString(w, quote.Terminal(b.String()))
	return err
}

func newPage(r *Report) (*page, error) {
	style, err := pageStyle()
	if err != nil {
		return nil, err
	}
	p := &page{Report: r, Style: style, Meta: meta(r), Glossary: glossary(r), Answers: answers(r), Urgent: urgent(r.Findings), Sets: setTables(r), Failed: failureKinds(r.Run.Records)}
	shown := representatives(r)
	all, err := distributions(r)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.Other {
			p.Others = append(p.Others, c)
		} else {
			p.Distributions = append(p.Distributions, c)
		}
	}
	if p.Budgets, err = budgets(r); err != nil {
		return nil, err
	}
	p.Evaluations = drawingCharts(r)
	p.Plots = plots(r)
	p.Watched = watchGalleries(r)
	if err := p.pictures(shown); err != nil {
		return nil, err
	}
	for _, c := range slices.Concat(p.Distributions, p.Others, p.Budgets) {
		p.Specs = append(p.Specs, dataBlock(c))
	}
	p.navigate()
	return p, p.addScripts(r.Options.Bare)
}

func meta(r *Report) string {
	seen := map[string]bool{}
	for of := range cellsOf(r.Run.Records) {
		if !IsReference(of[0].Model) {
			seen[of[0].Cell] = true
		}
	}
	models := map[string]bool{}
	for _, s := range r.Sums {
		if !s.Reference() {
			models[s.Model] = true // a study has rows of its best and of its defaults
		}
	}
	return fmt.Sprintf("%s on %s, %s", plural(len(models), "model", "models"), plural(len(datasetsOf(r.Sums)), "data set", "data sets"), plural(len(seen), "trained cell", "trained cells"))
}

// glossary holds the terms that the report uses, with the titles of their sources.
func glossary(r *Report) []entry {
	used := map[string]bool{}
	for _, s := range r.Sums {
		used[s.Measure.Metric] = true
	}
	var out []entry
	for _, t := range append(Terms(), general()...) {
		if t.Name != "" && !used[t.Name] {
			continue
		}
		e := entry{Title: t.Title, Text: t.Text}
		if ref, err := cite.Lookup(t.Paper); t.Paper != "" && err == nil {
			who, _, _ := strings.Cut(ref.Fields["author"], ",")
			if strings.Contains(ref.Fields["author"], " and ") {
				who += " et al."
			}
			e.Source = fmt.Sprintf("%s (%s), %s", who, ref.Fields["year"], ref.Fields["title"])
		}
		out = append(out, e)
	}
	return out
}

func (p *page) navigate() {
	for _, s := range []struct {
		on bool
		section
	}{{true, section{"answer", "Best"}}, {len(p.Distributions) > 0, section{"distribution", "Every run"}}, {true, section{"results", "Results"}}, {len(p.Images) > 0, section{"samples", "Samples"}},
		{len(p.Scatters) > 0, section{"modes", "Modes"}}, {len(p.Budgets) > 0, section{"budget", "Budget"}}, {len(p.Plots) > 0, section{"figures", "Figures"}}, {len(p.Drawing.Rows) > 0, section{"drawing", "Evaluations"}}, {len(p.Watched) > 0, section{"monitor", "During training"}}, {len(p.Curves) > 0, section{"training", "Training"}},
		{true, section{"failures", "Failures"}}, {true, section{"provenance", "Provenance"}}, {true, section{"glossary", "Glossary"}}} {
		if s.on {
			p.Nav = append(p.Nav, s.section)
		}
	}
}

// addScripts adds the chart programs, compressed, the loader that inflates them and what makes tables sort and filter, and admits exactly these by their hashes.
func (p *page) addScripts(bare bool) error {
	const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; script-src "
	if p.Policy = policy + "'none'"; bare {
		return nil
	}
	scripts, err := vendorjs.Scripts()
	if err != nil {
		return err
	}
	var allowed []string
	for _, s := range scripts {
		allowed = append(allowed, source(s.Source))
		p.Scripts = append(p.Scripts, template.HTML(fmt.Sprintf(`<script type="application/gzip" data-name="%s %s">%s</script>`, s.Name, s.Version, base64.StdEncoding.EncodeToString(s.Packed)))) //nolint:gosec // base64
		if text := s.Licence; !slices.Contains(p.Licences, text) {
			p.Licences = append(p.Licences, text)
		}
	}
	for _, name := range []string{"page/table.js", "page/page.js"} {
		own, err := pageFiles.ReadFile(name)
		if err != nil {
			return err
		}
		allowed = append(allowed, source(own))
		p.Scripts = append(p.Scripts, template.HTML("<script>"+string(own)+"</script>")) //nolint:gosec // our own file
	}
	p.Policy = policy + strings.Join(allowed, " ")
	return nil
}

// source is a script's entry in the content security policy.
func source(script []byte) string {
	h := sha256.Sum256(script)
	return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
}

func (p *page) functions() template.FuncMap {
	names := p.models()
	return template.FuncMap{
		"left":       func(t Table, i int) bool { return i == 0 || t.Words(i) },
		"view":       viewOf,
		"attributes": attributes,
		"subject": func(f Finding) template.HTML {
			head, tail, ok := strings.Cut(f.Text, ": ")
			if !ok || !f.Subject {
				return template.HTML(template.HTMLEscapeString(f.Text)) //nolint:gosec // escaped
			}
			return template.HTML("<b>" + template.HTMLEscapeString(head) + "</b> " + template.HTMLEscapeString(tail)) //nolint:gosec // escaped
		},
		"legend": func(s string) string {
			return strings.Replace(s, "* best", "bold: best", 1)
		},
		"swatch": func(name string) template.HTML {
			i := slices.Index(names, name)
			if i < 0 {
				return ""
			}
			return template.HTML(fmt.Sprintf(`<i class="swatch %s"></i>`, colour(i))) //nolint:gosec // a class name of ours
		},
	}
}

// attributes are the class and the title of a cell, those that it has.
func attributes(c Cell) template.HTMLAttr {
	var class []string
	if c.Left {
		class = append(class, "left")
		if len(c.Text) > 40 {
			class = append(class, "wrap")
		}
	}
	if c.Best {
		class = append(class, "best")
	}
	var b strings.Builder
	if len(class) > 0 {
		fmt.Fprintf(&b, ` class="%s"`, strings.Join(class, " "))
	}
	if c.Title != "" {
		fmt.Fprintf(&b, ` title="%s"`, template.HTMLEscapeString(c.Title))
	}
	return template.HTMLAttr(b.String()) //nolint:gosec // escaped
}

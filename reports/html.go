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

//go:embed page/head.html page/page.html page/page.css page/figure.css page/page.js page/history.html page/document.html
var pageFiles embed.FS

// page is what the template gets.
type page struct {
	*Report
	Policy        string
	Style         template.CSS
	Meta          string
	Nav           []section
	Distributions []chart
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

// gallery is the figures of one data set.
type gallery struct {
	Title   string
	Figures []any
}

// sheet is a contact sheet of samples, the first lines of those that are text, or the stated gap where neither can be read.
type sheet struct {
	Title, Caption, Alt string
	Image               template.URL
	Lines               []string
	Badge               *Verdict
	Legend              []legend
}

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
	return template.CSS(text), err //nolint:gosec // our own file
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
	p := &page{Report: r, Style: style, Meta: meta(r), Glossary: glossary(r)}
	shown := representatives(r)
	if p.Distributions, err = distributions(r); err != nil {
		return nil, err
	}
	if p.Budgets, err = budgets(r); err != nil {
		return nil, err
	}
	p.Evaluations = drawingCharts(r)
	p.Watched = watchGalleries(r)
	lines, err := curves(shown)
	if err != nil {
		return nil, err
	}
	for _, s := range shown {
		if s.Curves != nil && len(s.Curves.Series) > 0 {
			p.Curves = into(p.Curves, s.Dataset, lines[0])
			p.Specs = append(p.Specs, dataBlock(lines[0]))
			lines = lines[1:]
		}
	}
	for _, c := range slices.Concat(p.Distributions, p.Budgets) {
		p.Specs = append(p.Specs, dataBlock(c))
	}
	dots := scatters(shown, r.models())
	for _, s := range shown {
		if s.Scatter != nil {
			p.Scatters = into(p.Scatters, s.Dataset, dots[0])
			dots = dots[1:]
			continue
		}
		if s.Samples != "" || s.Text != "" {
			show := contactSheet
			if s.Samples == "" {
				show = textSheet
			}
			one, gap := show(s)
			p.Images = into(p.Images, s.Dataset, one)
			parts, gaps := partSheets(s)
			for _, part := range parts {
				p.Images = into(p.Images, s.Dataset, part)
			}
			p.Gaps = append(append(p.Gaps, gap...), gaps...)
		}
	}
	p.Gaps = append(p.Gaps, missing(r, shown)...)
	p.navigate()
	return p, p.addScripts(r.Options.Bare)
}

// into adds a figure to the gallery of its data set.
func into(g []gallery, dataset string, figure any) []gallery {
	if len(g) == 0 || g[len(g)-1].Title != dataset {
		g = append(g, gallery{Title: dataset})
	}
	g[len(g)-1].Figures = append(g[len(g)-1].Figures, figure)
	return g
}

func dataBlock(c chart) template.HTML {
	return template.HTML(fmt.Sprintf(`<script type="application/json" id="spec-%s">%s</script>`, c.ID, c.Spec)) //nolint:gosec // JSON with <, > and & escaped
}

// missing states which models have no picture at all.
func missing(r *Report, shown []Shown) []string {
	if len(r.Run.Artifacts) == 0 {
		return []string{"The report was made from records alone: no sample pictures, no training curves."}
	}
	var out []string
	for _, s := range r.Sums {
		text := fmt.Sprintf("No pictures of %s on %s were kept.", s.Row, s.Dataset)
		has := slices.ContainsFunc(shown, func(x Shown) bool { return x.Row == s.Row && x.Dataset == s.Dataset })
		if !has && !s.Reference() && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

func meta(r *Report) string {
	seen := map[string]bool{}
	for _, rec := range r.Run.Records {
		if !IsReference(rec.Model) {
			seen[rec.Cell] = true
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
	}{{true, section{"results", "Results"}}, {len(p.Distributions) > 0, section{"distribution", "Every run"}}, {len(p.Images) > 0, section{"samples", "Samples"}},
		{len(p.Scatters) > 0, section{"modes", "Modes"}}, {len(p.Budgets) > 0, section{"budget", "Budget"}}, {len(p.Drawing.Rows) > 0, section{"drawing", "Evaluations"}}, {len(p.Watched) > 0, section{"monitor", "During training"}}, {len(p.Curves) > 0, section{"training", "Training"}},
		{true, section{"failures", "Failures"}}, {true, section{"provenance", "Provenance"}}, {true, section{"glossary", "Glossary"}}} {
		if s.on {
			p.Nav = append(p.Nav, s.section)
		}
	}
}

// addScripts adds the chart programs, compressed, and the loader that inflates them, and admits exactly these by their hashes.
func (p *page) addScripts(bare bool) error {
	const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; script-src "
	if p.Policy = policy + "'none'"; bare {
		return nil
	}
	loader, err := pageFiles.ReadFile("page/page.js")
	if err != nil {
		return err
	}
	scripts, err := vendorjs.Scripts()
	if err != nil {
		return err
	}
	allowed := []string{source(loader)}
	for _, s := range scripts {
		allowed = append(allowed, source(s.Source))
		p.Scripts = append(p.Scripts, template.HTML(fmt.Sprintf(`<script type="application/gzip" data-name="%s %s">%s</script>`, s.Name, s.Version, base64.StdEncoding.EncodeToString(s.Packed)))) //nolint:gosec // base64
		if text := s.Licence; !slices.Contains(p.Licences, text) {
			p.Licences = append(p.Licences, text)
		}
	}
	p.Scripts = append(p.Scripts, template.HTML("<script>"+string(loader)+"</script>")) //nolint:gosec // our own file
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
		"left": func(t Table, i int) bool { return i == 0 || t.Words(i) },
		"long": func(s string) bool { return len(s) > 40 },
		"join": func(s []string) string { return strings.Join(s, "; ") },
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

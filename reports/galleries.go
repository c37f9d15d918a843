package reports

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
)

// gallery is the figures of one data set.
type gallery struct {
	Title   string
	Figures []any
}

// sheet is a contact sheet of samples, the first lines of those that are text, or the stated gap where neither can be read.
type sheet struct {
	Title, Caption, Alt string
	Model               string // "" of real data
	Image               template.URL
	Lines               []string
	Rows                []string // what is said of each row of the picture
	Badge               *Verdict
	Legend              []legend
}

// Bounds of what the page holds in pictures: what is beyond is told.
const (
	maxPictures  = 60        // models of which samples or curves are shown
	maxEmbedded  = 900 << 10 // bytes of pictures of samples
	realRow      = "real data"
	realAsShown  = "real samples, to hold the models' against"
	notAllShown  = "Samples and training curves of %d models are shown, the first of each data set in turn; %d more have some in the run folder."
	tooManyBytes = "Pictures of samples take at most %d kB of the page: %s left out; they are in the run folder."
)

// pictures fills in what the artifacts show: samples, scatters, training curves, and what is missing.
func (p *page) pictures(shown []Shown) error {
	all := shown
	if shown = inTurn(all, maxPictures); len(shown) < len(all) {
		p.Gaps = append(p.Gaps, fmt.Sprintf(notAllShown, len(shown), len(all)-len(shown)))
	}
	lines, err := curves(shown)
	if err != nil {
		return err
	}
	for _, s := range shown {
		if s.Curves != nil && len(s.Curves.Series) > 0 {
			p.Curves = into(p.Curves, s.Dataset, lines[0])
			p.Specs = append(p.Specs, dataBlock(lines[0]))
			lines = lines[1:]
		}
	}
	p.samples(shown)
	p.Gaps = append(p.Gaps, missing(p.Report, all)...)
	return nil
}

// samples shows, of each data set, real samples and beside them those of the models.
func (p *page) samples(shown []Shown) {
	reals := realShown(p.Report)
	dots := scatters(shown, p.models())
	begun := map[string]bool{}
	left, cut := maxEmbedded, []string{}
	sheets := func(s Shown) {
		all, gaps := sheetsOf(s)
		for _, one := range all {
			if left -= len(one.Image); left < 0 && one.Image != "" {
				one.Image, one.Alt = "", "left out: the page would be too large"
				cut = append(cut, s.Row+" on "+s.Dataset)
			}
			p.Images = into(p.Images, s.Dataset, one)
		}
		p.Gaps = append(p.Gaps, gaps...)
	}
	for _, s := range shown {
		of, known := reals[s.Dataset]
		first := known && !begun[s.Dataset]
		if s.Scatter != nil {
			if first && of.Scatter != nil {
				p.Scatters = into(p.Scatters, s.Dataset, chart{Title: realRow, Caption: realAsShown, Static: scatter(of, "real")})
			}
			p.Scatters = into(p.Scatters, s.Dataset, dots[0])
			dots = dots[1:]
		} else if s.Samples != "" || s.Text != "" {
			if first && (of.Samples != "" || of.Text != "") {
				sheets(of)
			}
			sheets(s)
		}
		begun[s.Dataset] = true
	}
	if cut = slices.Compact(cut); len(cut) > 0 {
		p.Gaps = append(p.Gaps, fmt.Sprintf(tooManyBytes, maxEmbedded>>10, some(cut, 8)))
	}
}

// sheetsOf are the sheets of a model's samples: the samples themselves, and what they lack and invent.
func sheetsOf(s Shown) ([]sheet, []string) {
	show := contactSheet
	if s.Samples == "" {
		show = textSheet
	}
	one, gaps := show(s)
	if s.Model == Real {
		one.Model, one.Badge, one.Caption = "", nil, realAsShown
	}
	parts, more := partSheets(s)
	return append([]sheet{one}, parts...), append(gaps, more...)
}

// realShown are, by data set, the real samples of the lowest seed that has some.
func realShown(r *Report) map[string]Shown {
	out := map[string]Shown{}
	for of := range cellsOf(r.final) {
		rec := &of[0]
		old, ok := out[rec.Dataset]
		if rec.Model != Real || ok && rec.Seed >= old.Seed {
			continue
		}
		if a := r.Run.shown(rec.Cell); a.Samples != "" || a.Text != "" || a.Scatter != nil {
			a.Missing, a.Invented, a.Verdict = "", "", nil
			out[rec.Dataset] = Shown{Artifacts: a, Row: realRow, Model: Real, Dataset: rec.Dataset, Seed: rec.Seed}
		}
	}
	return out
}

// inTurn keeps so many of what is shown, the first of every data set before the second of any, in the old order.
func inTurn(shown []Shown, most int) []Shown {
	if len(shown) <= most {
		return shown
	}
	rank := make([]int, len(shown))
	order := make([]int, len(shown))
	seen := map[string]int{}
	for i, s := range shown {
		rank[i], order[i] = seen[s.Dataset], i
		seen[s.Dataset]++
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rank[a], rank[b]) })
	kept := order[:most]
	slices.Sort(kept)
	var out []Shown
	for _, i := range kept {
		out = append(out, shown[i])
	}
	return out
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
	has := map[rowOf]bool{}
	for _, s := range shown {
		has[rowOf{s.Dataset, s.Row}] = true
	}
	var without []string
	for _, s := range r.Sums {
		if k := (rowOf{s.Dataset, s.Row}); !has[k] && !s.Reference() {
			has[k] = true
			without = append(without, s.Row+" on "+s.Dataset)
		}
	}
	if len(without) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("No pictures of %s were kept.", strings.TrimSpace(some(without, 12)))}
}

package reports

import (
	"fmt"
	"html"
	"html/template"
	"io"
	"math"
	"slices"

	"github.com/assay-gan/assay/internal/quote"
)

// Panel is one small curve among many.
type Panel struct {
	Row, Column string // where it stands; panels of one row and column are drawn over each other
	X, Y        []float64
	Lo, Hi      float64 // a band that the curve is held against; none where both are 0
	From, To    float64 // of the vertical axis; both 0 means by what is drawn in the row
	LogX        bool
	Mark        string // "good", "bad" or "": the colour of the curve
	Text        string // what a reader is told who points at it
}

// Panels are small multiples: one curve in each place of a grid.
type Panels struct {
	Title  string // said to whoever cannot see it
	Panels []Panel
}

// Sizes of a panel in the units of the picture.
const (
	panelW, panelH, panelGap = 118, 46, 8
	panelNames               = 200
	panelHead                = 22
)

// SVG writes the picture as a file of its own, with its colours, light and dark.
func (p Panels) SVG(w io.Writer) error {
	pic, label := p.draw()
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" role="img" aria-label="%s"><style>%s</style>%s</svg>
`, px(pic.w), px(pic.h), px(pic.w), html.EscapeString(quote.Flat(label)), panelStyle, pic.b.String())
	return err
}

// panelStyle gives a picture that stands alone what the page gives one inside it.
const panelStyle = `svg{background:#fff;color:#3b62c9}text{font:11px sans-serif;fill:#444}.name{font-size:12px;fill:#111}.mid{text-anchor:middle}.end{text-anchor:end}.grid{fill:none;stroke:#ddd}` +
	`.box{fill:#8b8e99;opacity:.25}.curve{fill:none;stroke:#3b62c9;stroke-width:1.5}.good .curve{stroke:#1a7f4b}.bad .curve{stroke:#b3261e}` +
	`@media(prefers-color-scheme:dark){svg{background:#15161b}text{fill:#bbb}.name{fill:#eee}.grid{stroke:#333}.curve{stroke:#7f9cf5}.good .curve{stroke:#6fd39b}.bad .curve{stroke:#ff8d84}}`

// html is the picture inside a page.
func (p Panels) html() template.HTML {
	pic, label := p.draw()
	return pic.html(label)
}

// axes are the different names in their order.
func (p Panels) axes() (rows, columns []string) {
	for _, one := range p.Panels {
		if !slices.Contains(rows, one.Row) {
			rows = append(rows, one.Row)
		}
		if !slices.Contains(columns, one.Column) {
			columns = append(columns, one.Column)
		}
	}
	return rows, columns
}

func (p Panels) draw() (*svg, string) {
	rows, columns := p.axes()
	pic := newSVG(float64(panelNames+len(columns)*(panelW+panelGap)), float64(panelHead+len(rows)*(panelH+panelGap)))
	for k, c := range columns {
		pic.text("name mid", float64(panelNames+k*(panelW+panelGap))+panelW/2, panelHead-8, c)
	}
	for r, row := range rows {
		pic.text("name end", panelNames-10, float64(panelHead+r*(panelH+panelGap))+panelH/2+4, short(row, nameWidth+2))
	}
	for _, one := range p.Panels {
		x, y := float64(panelNames+slices.Index(columns, one.Column)*(panelW+panelGap)), float64(panelHead+slices.Index(rows, one.Row)*(panelH+panelGap))
		one.draw(pic, x, y, p.span(one))
	}
	return pic, p.Title
}

// span is the vertical axis of a panel: its own, or what its row needs.
func (p Panels) span(one Panel) [2]float64 {
	if one.From != one.To {
		return [2]float64{one.From, one.To}
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, q := range p.Panels {
		if q.Row != one.Row {
			continue
		}
		values := q.Y
		if q.Lo != q.Hi {
			values = append(slices.Clone(values), q.Lo, q.Hi)
		}
		for _, v := range values {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	if !(hi > lo) {
		return [2]float64{lo - 1, lo + 1}
	}
	air := (hi - lo) * .04
	return [2]float64{lo - air, hi + air}
}

func (one Panel) draw(pic *svg, x, y float64, span [2]float64) {
	fmt.Fprintf(&pic.b, `<g class="%s">`, one.Mark)
	if one.Text != "" {
		fmt.Fprintf(&pic.b, `<title>%s</title>`, html.EscapeString(quote.Flat(one.Text)))
	}
	up := func(v float64) float64 {
		return y + panelH*(1-(min(max(v, span[0]), span[1])-span[0])/(span[1]-span[0]))
	}
	fmt.Fprintf(&pic.b, `<path class="grid" d="M%s %sh%dv%dh-%dz"/>`, px(x), px(y), panelW, panelH, panelW)
	if one.Lo != one.Hi {
		pic.rect("box", x, up(one.Hi), panelW, max(up(one.Lo)-up(one.Hi), 1))
	}
	across := one.across()
	var xs, ys []float64
	for i, v := range one.Y {
		xs = append(xs, x+panelW*across[i])
		if math.IsNaN(v) || math.IsInf(v, 0) {
			ys = append(ys, v)
		} else {
			ys = append(ys, up(v))
		}
	}
	pic.path("curve", xs, ys)
	pic.b.WriteString("</g>")
}

// across are the points as shares of the panel's width.
func (one Panel) across() []float64 {
	at := slices.Clone(one.X)
	for i, v := range at {
		if one.LogX && v > 0 {
			at[i] = math.Log(v)
		}
	}
	if len(at) == 0 {
		return at
	}
	lo, hi := slices.Min(at), slices.Max(at)
	for i, v := range at {
		if at[i] = .5; hi > lo {
			at[i] = (v - lo) / (hi - lo)
		}
	}
	return at
}

package reports

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Figure is a picture in a file of its own, with the words beside it and the numbers behind it. One description makes the page's picture and every file.
type Figure struct {
	Name    string     // for a file: budget-ring
	Title   string     // of what, and on which data set
	Caption string     // under it: what is drawn, of how many runs, and what the bands are
	Alt     string     // for who cannot see it
	Head    []string   // of Data
	Data    [][]string // what is drawn, a row for each mark or group of marks, in full precision
	pic     *svg
}

// margin is the paper around a figure that is a file, for names that are wider in another font than in ours.
const margin = 8

// SVG writes the figure as a file that needs nothing else: no script, no style from elsewhere, and paper of its own, so that it can be read on a page of any colour.
func (f Figure) SVG(w io.Writer) error {
	style, err := figureText()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-%[1]d -%[1]d %[2]s %[3]s" width="%[2]s" height="%[3]s" role="img" aria-label="%[4]s"><style>%[5]s</style><rect x="-%[1]d" y="-%[1]d" width="100%%" height="100%%" fill="#fff"/>%[6]s</svg>`+"\n",
		margin, px(f.pic.w+2*margin), px(f.pic.h+2*margin), svgText(f.Alt), style, f.pic.b.String())
	return err
}

// figureText is the style of figures that are files.
func figureText() (string, error) {
	var style []byte
	for _, name := range []string{"page/page.css", "page/figure.css"} {
		text, err := pageFiles.ReadFile(name)
		if err != nil {
			return "", err
		}
		style = append(style, text...)
	}
	return figureStyle(string(style)), nil
}

var (
	root     = regexp.MustCompile(`(?s):root \{(.*?)\n\}`)
	variable = regexp.MustCompile(`--([a-z0-9-]+): ([^;]+);`)
	used     = regexp.MustCompile(`var\(--([a-z0-9-]+)\)`)
)

// figureStyle is the part of the page's style that pictures need, in its light colours, with every variable written out: programs that draw SVG know none.
func figureStyle(page string) string {
	values := map[string]string{}
	for _, m := range variable.FindAllStringSubmatch(root.FindStringSubmatch(page)[1], -1) {
		values[m[1]] = m[2]
	}
	var b strings.Builder
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "svg .") || strings.HasPrefix(line, "svg text") || strings.HasPrefix(line, ".c0 ") || strings.HasPrefix(line, ".c5 ") {
			b.WriteString(used.ReplaceAllStringFunc(strings.TrimSpace(line), func(v string) string { return values[used.FindStringSubmatch(v)[1]] }))
		}
	}
	return strings.ReplaceAll(b.String(), `"`, "'")
}

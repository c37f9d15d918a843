package reports

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// sparkRunes are the heights of a terminal's chart.
var sparkRunes = []rune("▁▂▃▄▅▆▇█")

// sparkRuns is how many runs the chart shows: the last ones.
const sparkRuns = 40

// HistoryText writes the series for a terminal of 80 columns: of each a chart of its runs, the last value and its band, the changes; what changed last in the last line.
func HistoryText(w io.Writer, h *History, series []HistorySeries) error {
	var b bytes.Buffer
	wrap(&b, "", fmt.Sprintf("history: %s%s, %s", plural(len(h.Runs), "run", "runs"), h.span(), h.Name))
	for _, s := range series {
		b.WriteByte('\n')
		wrap(&b, "", s.Name())
		last := s.Points[len(s.Points)-1]
		wrap(&b, "  ", s.spark())
		line := fmt.Sprintf("now %s", Number(float64(last.Median)))
		if last.Failed > 0 {
			line += fmt.Sprintf(" (%d of %d runs failed)", last.Failed, last.Failed+len(last.Values))
		}
		if last.Band != nil {
			line += fmt.Sprintf(", band %s to %s", Number(last.Band.Lo), Number(last.Band.Hi))
		}
		if s.Outside {
			line += "; worse than its band: watch the next runs"
		}
		wrap(&b, "  ", line)
		for _, c := range s.Changes {
			wrap(&b, "  ", c.sentence())
		}
	}
	for _, n := range h.Notes {
		b.WriteByte('\n')
		wrap(&b, "note  ", n)
	}
	b.WriteByte('\n')
	wrap(&b, "", historySentence(series))
	_, err := b.WriteTo(w)
	return err
}

// span is the time from the first run to the last.
func (h *History) span() string {
	first, last := h.Runs[0].day(), h.Runs[len(h.Runs)-1].day()
	if first == "" || last == "" {
		return ""
	}
	return fmt.Sprintf(" from %s to %s", first, last)
}

// spark draws the last runs as a line of blocks, a | where the level changes, an x where no run ended.
func (s HistorySeries) spark() string {
	points, from := s.Points, 0
	if len(points) > sparkRuns {
		from = len(points) - sparkRuns
	}
	x, _ := s.levels()
	lo, hi := slices.Min(x[from:]), slices.Max(x[from:])
	var b strings.Builder
	for i := from; i < len(points); i++ {
		if i > from && slices.ContainsFunc(s.Changes, func(c HistoryChange) bool { return c.At == i }) {
			b.WriteByte('|')
		}
		if len(points[i].Values) == 0 {
			b.WriteByte('x')
			continue
		}
		at := 0
		if hi > lo {
			at = int(math.Round((x[i] - lo) / (hi - lo) * float64(len(sparkRunes)-1)))
		}
		b.WriteRune(sparkRunes[at])
	}
	return b.String()
}

// sentence is a change in words.
func (c HistoryChange) sentence() string {
	side := "better"
	if c.Worse {
		side = "worse"
	}
	when := c.Run
	if c.Date != "" {
		when += " (" + strings.SplitN(c.Date, "T", 2)[0] + ")"
	}
	text := fmt.Sprintf("%s since %s: %s -> %s, p %s", side, when, Number(c.From), Number(c.To), PValue(c.P))
	if len(c.With) > 0 {
		text += "; with it " + listed(c.With)
	}
	return text
}

// historySentence is what follows, in one line.
func historySentence(series []HistorySeries) string {
	var changed []string
	short := 0
	latest, latestOf := HistoryChange{}, ""
	outside := 0
	for _, s := range series {
		if len(s.Points) < 2*changeLeast {
			short++
		}
		if s.Outside {
			outside++
		}
		if len(s.Changes) == 0 {
			continue
		}
		changed = append(changed, s.Name())
		if c := s.Changes[len(s.Changes)-1]; latestOf == "" || parseDate(c.Date).After(parseDate(latest.Date)) || c.Date == "" && c.At > latest.At {
			latest, latestOf = c, s.Name()
		}
	}
	text := fmt.Sprintf("%s: ", plural(len(series), "series", "series"))
	switch {
	case len(changed) > 0:
		text += fmt.Sprintf("%d changed, last %s, %s", len(changed), latestOf, strings.SplitN(latest.sentence(), ";", 2)[0])
	case short == len(series):
		text += fmt.Sprintf("too short to tell: a change needs %d runs on each side", changeLeast)
	default:
		text += "no lasting change"
	}
	if outside > 0 {
		text += fmt.Sprintf("; %d worse than the band in the last run", outside)
	}
	return text
}

// wrap writes a text behind a lead, going on below it.
func wrap(b *bytes.Buffer, lead, text string) {
	WriteWrapped(b, strings.TrimRight(lead, " "), utf8.RuneCountInString(lead), text)
}

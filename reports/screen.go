package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assay-gan/assay/internal/quote"
)

// What one screen holds of each kind; the rest is counted, and told by the other formats.
const (
	screenModels   = 16
	screenMeasures = 6
	screenWarnings = 3
	screenClaims   = 8
	screenLabel    = 12 // columns of the words at the left
	screenLines    = 2  // of a list
)

// Screen writes what one screen of a terminal holds: who scored what, what the mode detectors say, what is claimed, what failed and what warns, and where all of it is.
// Lines are Options.Width long, TextWidth where it is 0.
func Screen(w io.Writer, r *Report) error {
	s := screen{Report: r, width: cmp.Or(r.Options.Width, TextWidth)}
	s.head()
	s.scores()
	s.verdicts()
	s.claims()
	s.failures()
	s.warnings()
	s.ways()
	_, err := s.WriteTo(w)
	return err
}

// screen is a Screen in the making.
type screen struct {
	*Report
	bytes.Buffer
	width int
}

// head is the run in one line: its size, its cost, and the build that made it.
func (s *screen) head() {
	failed, core := map[string]bool{}, map[string]float64{}
	builds := map[string]bool{}
	for of := range cellsOf(s.final) {
		cell := of[0].Cell
		bad, most := failed[cell], core[cell]
		for i := range of {
			bad, most = bad || of[i].CellFailed(), max(most, of[i].Cost.CPUSeconds)
			if i > 0 && of[i].Provenance == of[i-1].Provenance {
				continue
			}
			if b := strings.TrimSpace(of[i].Provenance.Version + " " + of[i].Provenance.Kernel); b != "" {
				builds[b] = true
			}
		}
		failed[cell], core[cell] = bad, most
	}
	bad, total := 0, 0.
	for cell := range failed {
		if failed[cell] {
			bad++
		}
		total += core[cell]
	}
	left := fmt.Sprintf("%s: %s, %d failed", oneLine(s.Title), plural(len(failed), "cell", "cells"), bad)
	if total > 0 {
		left += ", " + duration(total) + " of one core"
	}
	right := fmt.Sprintf("%d builds", len(builds))
	if len(builds) < 2 {
		right = oneLine(strings.Join(slices.Collect(maps.Keys(builds)), ""))
	}
	if gap := s.width - utf8.RuneCountInString(left) - utf8.RuneCountInString(right); gap > 1 {
		left += strings.Repeat(" ", gap) + right
	}
	s.WriteString(strings.TrimRight(left, " ") + "\n")
}

// verdicts lists whom the mode detectors gave a word.
func (s *screen) verdicts() {
	hits, cells := verdictCounts(s.Run)
	words := map[string][]string{}
	for w, n := range hits {
		if w.word != "healthy" && w.word != "" {
			where := w.model
			if w.dataset != "" {
				where += " on " + w.dataset
			}
			words[w.word] = append(words[w.word], fmt.Sprintf("%s %d/%d", oneLine(where), n, cells[verdictAt{"", w.model, w.dataset}]))
		}
	}
	if len(words) > 0 {
		s.WriteByte('\n')
	}
	for _, word := range slices.Sorted(maps.Keys(words)) {
		slices.Sort(words[word])
		s.list(word, words[word])
	}
}

// claims says of each claim whether it holds.
func (s *screen) claims() {
	if len(s.Verdicts) == 0 {
		return
	}
	s.WriteByte('\n')
	for _, v := range s.Verdicts[:min(len(s.Verdicts), screenClaims)] {
		word := fmt.Sprintf("%-*s ", screenLabel, oneLine(v.Word))
		s.note(word, v.Sentence())
	}
	if more := len(s.Verdicts) - screenClaims; more > 0 {
		s.note("", fmt.Sprintf("and %s more", plural(more, "claim", "claims")))
	}
}

func (s *screen) failures() {
	count := map[string]int{}
	for _, f := range Failures(s.Run.Records) {
		if f.Metric == "" {
			count[f.Model+" on "+f.Dataset]++
		}
	}
	var parts []string
	for _, where := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf("%s %d", oneLine(where), count[where]))
	}
	if len(parts) > 0 {
		s.WriteByte('\n')
		s.list("failed", parts)
	}
}

func (s *screen) warnings() {
	kinds := warnings(kept(s.final, func(r *Record) bool { return !IsReference(r.Model) })) // those of the yardsticks are in the tables
	if len(kinds)+len(s.Run.Notes) > 0 {
		s.WriteByte('\n')
	}
	for _, n := range s.Run.Notes {
		s.note("! ", n)
	}
	for _, k := range kinds[:min(len(kinds), screenWarnings)] {
		s.note("! ", fmt.Sprintf("%s (%s)", k.Text, plural(k.Values, "value", "values")))
	}
	if more := len(kinds) - screenWarnings; more > 0 {
		s.note("! ", fmt.Sprintf("and %s of warning more", plural(more, "kind", "kinds")))
	}
}

// ways says where the whole report is and what can be done with the run.
func (s *screen) ways() {
	if s.Run.Dir == "" {
		return
	}
	dir := quote.Shell(s.Run.Dir)
	fmt.Fprintf(s, "\n%-*s%s/report.html\n%-*sassay report %s\n%-*sassay gate --write baseline.jsonl %s\n", screenLabel, "Open", oneLine(s.Run.Dir), screenLabel, "All tables", oneLine(dir), screenLabel, "Gate", oneLine(dir))
}

// list writes a word and what belongs to it, in at most screenLines lines.
func (s *screen) list(label string, items []string) {
	room := s.width - screenLabel
	lines := []string{""}
	for i, item := range items {
		more := fmt.Sprintf(" and %d more", len(items)-i)
		if r := []rune(item); len(r)+1+len(more) > room {
			item = string(r[:max(1, room-2-len(more))]) + "…"
		}
		if i+1 < len(items) {
			item += ","
		}
		last := lines[len(lines)-1]
		final := len(lines) == screenLines
		need := utf8.RuneCountInString(last) + 1 + utf8.RuneCountInString(item)
		if final && i+1 < len(items) {
			need += utf8.RuneCountInString(more)
		}
		switch {
		case last == "":
			lines[len(lines)-1] = item
		case need <= room:
			lines[len(lines)-1] = last + " " + item
		case final:
			lines[len(lines)-1] = strings.TrimSuffix(last, ",") + more
			s.indented(label, lines)
			return
		default:
			lines = append(lines, item)
		}
	}
	s.indented(label, lines)
}

func (s *screen) indented(label string, lines []string) {
	for i, line := range lines {
		fmt.Fprintf(s, "%-*s%s\n", screenLabel, map[bool]string{true: oneLine(label), false: ""}[i == 0], line)
	}
}

// note writes a sentence behind a mark, in as many lines as it takes.
func (s *screen) note(mark, text string) {
	for i, line := range Folded(quote.Flat(text), s.width-len(mark)) {
		fmt.Fprintf(s, "%s%s\n", map[bool]string{true: mark, false: strings.Repeat(" ", len(mark))}[i == 0], line)
	}
}

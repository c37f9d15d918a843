package reports

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Warned is one kind of warning: what its sentences say but for their numbers.
type Warned struct {
	Text     string   // with the least and the greatest of each number that differs
	Values   int      // how many carry it
	Datasets []string // where, sorted
	Metrics  []string // names of tables, sorted
}

// Warnings sorts the warnings of the records' last steps into kinds, those that most values carry first. Sentences that differ in numbers alone are one kind.
func Warnings(recs []Record) []Warned { return warnings(Final(Distinct(recs))) }

// warnings is Warnings of records that Final returned.
func warnings(recs []Record) []Warned {
	kinds := map[string]*kindOfWarning{}
	for i := range recs {
		r := &recs[i]
		for _, w := range r.Warnings {
			parts, numbers := sentence(w)
			key := strings.Join(parts, "\x00")
			k := kinds[key]
			if k == nil {
				k = &kindOfWarning{parts: parts, spans: make([]numberSpan, len(numbers))}
				kinds[key] = k
			}
			k.add(r, numbers)
		}
	}
	var out []Warned
	for _, k := range kinds {
		slices.Sort(k.out.Datasets)
		slices.Sort(k.out.Metrics)
		k.out.Text = k.text()
		out = append(out, k.out)
	}
	slices.SortFunc(out, func(a, b Warned) int { return cmp.Or(cmp.Compare(b.Values, a.Values), strings.Compare(a.Text, b.Text)) })
	return out
}

type kindOfWarning struct {
	out   Warned
	parts []string // between the numbers
	spans []numberSpan
}

// numberSpan is a number of a kind's sentences as they wrote it, from the least to the greatest.
type numberSpan struct {
	lo, hi         float64
	loText, hiText string
	seen           bool
}

func (k *kindOfWarning) add(r *Record, numbers []string) {
	k.out.Values++
	if !slices.Contains(k.out.Datasets, r.Dataset) {
		k.out.Datasets = append(k.out.Datasets, r.Dataset)
	}
	if name := columnTitle(r.Metric); !slices.Contains(k.out.Metrics, name) {
		k.out.Metrics = append(k.out.Metrics, name)
	}
	for i, text := range numbers {
		v, err := strconv.ParseFloat(text, 64)
		s := &k.spans[i]
		if err != nil { // the pattern lets through what the parser reads, but for what is beyond float64
			v = 0
		}
		if !s.seen || v < s.lo {
			s.lo, s.loText = v, text
		}
		if !s.seen || v > s.hi {
			s.hi, s.hiText = v, text
		}
		s.seen = true
	}
}

func (k *kindOfWarning) text() string {
	var b strings.Builder
	for i, p := range k.parts {
		b.WriteString(p)
		if i == len(k.spans) {
			break
		}
		s := k.spans[i]
		b.WriteString(s.loText)
		if s.hi > s.lo {
			b.WriteString(" to " + s.hiText)
		}
	}
	return b.String()
}

// numberPattern finds numbers that stand alone: not the digits of names such as fd_inf2, r3gan, 5-fold or 1.2.3.
var numberPattern = regexp.MustCompile(`-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?`)

// sentence takes the numbers out of a text. There is one part more than there are numbers.
func sentence(text string) (parts, numbers []string) {
	from := 0
	for _, at := range numberPattern.FindAllStringIndex(text, -1) {
		if !alone(text, at[0], at[1]) {
			continue
		}
		parts, numbers = append(parts, text[from:at[0]]), append(numbers, text[at[0]:at[1]])
		from = at[1]
	}
	return append(parts, text[from:]), numbers
}

// alone says whether what stands between two bytes of a text is no piece of a longer word.
func alone(text string, from, to int) bool {
	before := from == 0 || strings.IndexByte(" (=[", text[from-1]) >= 0
	after := to == len(text) || strings.IndexByte(" )]%,;:", text[to]) >= 0 || text[to] == '.' && (to+1 == len(text) || text[to+1] == ' ')
	return before && after
}

// warningTable lists the kinds of warnings of records that Final returned, with the metrics and the number of values that carry them.
func warningTable(recs []Record) Table {
	t := Table{ID: "warnings", Title: "Warnings", Head: []string{"values", "data sets", "metrics", "warning"}}
	for _, k := range warnings(recs) {
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: fmt.Sprint(k.Values)}, {Text: strings.Join(k.Datasets, ", "), Left: true}, {Text: strings.Join(k.Metrics, ", "), Left: true}, {Text: k.Text, Left: true}}})
	}
	return t
}

package command

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// scoreDigits are what a person is shown of a value; JSON and CSV have all of them.
const scoreDigits = 4

// The heads of the columns of a score.
const (
	valueHead  = "value"
	halvesHead = "real half vs half"
	marksHead  = "notes"
)

// scoreTable is a score as people read it: a line a value, with what belongs to it in the same line and what is to be said of it below.
func (a *app) scoreTable(q runners.ScoreRequest, res *runners.ScoreResult) reports.Table {
	s := scoreWords{q: q, res: res}
	var rows [][]string
	for _, r := range res.Records {
		rows = append(rows, []string{s.name(r), arrow(r.Better), s.value(r), interval(r), s.half(r.Metric), s.marks(r)})
	}
	t := table("score", s.title(), []string{"", "", valueHead, s.intervalHead(), halvesHead, marksHead}, rows, halvesHead)
	t.Plain = true
	for _, row := range t.Rows {
		row.Cells[slices.Index(t.Head, valueHead)].Left = false
	}
	t = withoutEmpty(t)
	for i, n := range s.notes {
		t.Notes = append(t.Notes, fmt.Sprintf("[%d] %s", i+1, n))
	}
	t.Notes = append(t.Notes, s.legend()...)
	t.Notes = append(t.Notes, a.scoreNotes(q, res)...)
	return t
}

// scoreWords puts a score into words.
type scoreWords struct {
	q     runners.ScoreRequest
	res   *runners.ScoreResult
	notes []string // each once: they are long and shared

	near, atN, shaky bool // what the legend has to explain
}

// title names both sides with their sizes and how features came about.
func (s *scoreWords) title() string {
	fakes := "class scores"
	if s.q.Fake != nil {
		fakes = s.q.Fake.Path
	}
	n := s.q.Fake.Len()
	if len(s.res.Records) > 0 {
		n = s.res.Records[0].N
	}
	text := fmt.Sprintf("%s (%s)", fakes, count(n))
	if s.q.Real != nil {
		text += fmt.Sprintf(" against %s (%s)", s.q.Real.Path, count(s.q.Real.Len()))
	}
	switch fd := s.fdName(); {
	case fd != "fd":
		return text + ", " + s.res.Protocol
	case s.res.Featurizer == "" && s.q.Fake == nil: // class scores
		return text
	case s.res.Featurizer != runners.RawFeaturizer && s.res.Featurizer != "":
		return text + ", " + s.res.Featurizer
	case holdsImages(s.q.Real) || holdsImages(s.q.Fake):
		return text + ", the images themselves"
	}
	return text + ", features as they are"
}

func count(n int) string {
	if n == 0 {
		return "N not stated"
	}
	return fmt.Sprint(n)
}

// fdName is what the Frechet distance may be called in a table.
func (s *scoreWords) fdName() string {
	if strings.HasPrefix(called(s.res.Featurizer, s.res.Weights, s.res.Protocol), "FID (") {
		return "FID"
	}
	return "fd"
}

func (s *scoreWords) name(r reports.Record) string {
	name := r.Metric
	if name == "fd" {
		name = s.fdName()
	}
	if r.Unit != "" {
		name += " (" + r.Unit + ")"
	}
	return name
}

// arrow points to where a value is better.
func arrow(better string) string {
	return map[string]string{reports.Lower: "↓", reports.Higher: "↑", reports.Near: "→"}[better]
}

func (s *scoreWords) value(r reports.Record) string {
	s.near = s.near || r.Better == reports.Near
	if r.Status == reports.Failed {
		return "failed"
	}
	return reports.Digits(r.Value, scoreDigits)
}

func (s *scoreWords) intervalHead() string {
	head := ""
	for _, r := range s.res.Records {
		switch {
		case r.Interval == nil:
		case r.Interval.Centre != nil:
			return fmt.Sprintf("unbiased [%.0f %%]", 100*r.Interval.Level)
		default:
			head = fmt.Sprintf("[%.0f %%]", 100*r.Interval.Level)
		}
	}
	return head
}

// interval is a value's interval, behind the value without bias where the interval is of that.
func interval(r reports.Record) string {
	if r.Interval == nil {
		return ""
	}
	text := bracketed(r.Interval.Lo, r.Interval.Hi)
	if c := r.Interval.Centre; c != nil {
		text = reports.Digits(*c, scoreDigits) + " " + text
	}
	return text
}

// bracketed is an interval by its two ends.
func bracketed(lo, hi float64) string {
	return fmt.Sprintf("[%s, %s]", reports.Digits(lo, scoreDigits), reports.Digits(hi, scoreDigits))
}

// half is the value of one half of the real samples against the other: without bias where that is known, since it is then one that any N may be held against.
func (s *scoreWords) half(metric string) string {
	r, ok := halfOf(s.res, metric)
	if !ok || r.Better == reports.None {
		return ""
	}
	if centre := centreOf(r); centre != nil {
		return reports.Digits(*centre, scoreDigits)
	}
	text := reports.Digits(r.Value, scoreDigits)
	if r.Interval != nil && !strings.Contains(r.Interval.Method, metrics.AtTheseN) {
		return text
	}
	s.atN = true
	return fmt.Sprintf("%s at N %d", text, r.N)
}

// halfOf is the record of a value for the halves of the real samples.
func halfOf(res *runners.ScoreResult, metric string) (reports.Record, bool) {
	at := slices.IndexFunc(res.Floor, func(r reports.Record) bool { return r.Metric == metric && r.Status != reports.Failed })
	if at < 0 {
		return reports.Record{}, false
	}
	return res.Floor[at], true
}

// centreOf is the value without its sampling bias; nil where the value has none, or its bias is not known.
func centreOf(r reports.Record) *float64 {
	if r.Interval == nil {
		return nil
	}
	return r.Interval.Centre
}

// marks are the numbers of a value's notes.
func (s *scoreWords) marks(r reports.Record) string {
	var marks []string
	if r.Status == reports.Unreliable || r.Status == reports.Degenerate {
		marks, s.shaky = append(marks, "?"), true
	}
	for _, text := range doubts(r) {
		at := slices.Index(s.notes, text)
		if at < 0 {
			at = len(s.notes)
			s.notes = append(s.notes, text)
		}
		marks = append(marks, fmt.Sprintf("[%d]", at+1))
	}
	return strings.Join(marks, " ")
}

// doubts are what is to be said of one value.
func doubts(r reports.Record) (texts []string) {
	texts = append(texts, r.Warnings...)
	if r.NoInterval != "" && !slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.HasPrefix(w, r.NoInterval) }) {
		texts = append(texts, "no interval: "+r.NoInterval)
	}
	return append(texts, whyFailed(r)...)
}

// whyFailed is a value's error without the metric's name before it, as a list of none or one.
func whyFailed(r reports.Record) []string {
	if r.Error == "" {
		return nil
	}
	return []string{strings.TrimPrefix(r.Error, r.Metric+": ")}
}

// legend explains what stands in the columns.
func (s *scoreWords) legend() (notes []string) {
	if s.shaky {
		notes = append(notes, "? do not lean on it: unreliable or degenerate, as its notes say")
	}
	if s.near {
		notes = append(notes, "→ best near what real data have")
	}
	if len(s.res.Floor) > 0 {
		text := halvesHead + ": real samples against real ones, " + s.res.Floor[0].Convention["rows"]
		if s.atN {
			text += "; \"at N\" marks what depends on N: no limit for a value at another N"
		}
		notes = append(notes, text)
	}
	return notes
}

// withoutEmpty is the table without the columns in which nothing stands.
func withoutEmpty(t reports.Table) reports.Table {
	for col := len(t.Head) - 1; col > 0; col-- {
		if slices.ContainsFunc(t.Rows, func(r reports.Row) bool { return r.Cells[col].Text != "" }) {
			continue
		}
		t.Head = slices.Delete(slices.Clone(t.Head), col, col+1)
		for i, r := range t.Rows {
			t.Rows[i].Cells = slices.Delete(slices.Clone(r.Cells), col, col+1)
		}
	}
	return t
}

// scoreNotes are what is to be said of the score as a whole.
func (a *app) scoreNotes(q runners.ScoreRequest, res *runners.ScoreResult) (notes []string) {
	for _, s := range []struct {
		role string
		side *runners.Side
	}{{"real", q.Real}, {"fake", q.Fake}} {
		if by := s.side.PreparedBy(); by != "" {
			notes = append(notes, s.role+" samples prepared by "+by)
		}
	}
	if why := notFID(q, res); why != "" {
		notes = append(notes, why)
	}
	if alone := a.ofFakes(res.Records); alone != nil && q.Real != nil {
		notes = append(notes, fmt.Sprintf("of the %d fakes alone, without the real samples: %s", res.Records[0].N, strings.Join(alone, ", ")))
	}
	notes = append(notes, noveltyNotes(q, res)...)
	if isAll(q.Metrics) && len(res.Skipped) > 0 {
		notes = append(notes, fmt.Sprintf("%d metrics need inputs that were not given; --format json lists them", len(res.Skipped)))
	}
	return notes
}

// holdsImages says whether a side is of images.
func holdsImages(s *runners.Side) bool {
	return s != nil && (s.Source != nil || s.Samples != nil && len(s.Samples.Shape) == 3)
}

// allDigits is a number with all its digits, for programs.
func allDigits(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return fmt.Sprint(v)
}

package gate

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/assay-gan/assay/reports"
)

// Formats lists the names Render knows.
func Formats() []string { return []string{"text", "json", "junit", "github"} }

// Render writes the result in a format by name.
func (r *Verdict) Render(w io.Writer, format string) error {
	switch format {
	case "text":
		return r.Text(w)
	case "json":
		return r.JSON(w)
	case "junit":
		return r.JUnit(w)
	case "github":
		return r.GitHub(w)
	}
	return fmt.Errorf("gate: unknown format %q: have %s", format, strings.Join(Formats(), ", "))
}

// Text writes a table of the checks and the verdict in a sentence.
func (r *Verdict) Text(w io.Writer) error {
	t := reports.Table{ID: "gate", Title: fmt.Sprintf("Gate: alpha %g (Holm over %d checks)", r.Alpha, len(r.Checks)),
		Head: []string{"check", "baseline", "now", "p", "outcome"}}
	for _, c := range r.Checks {
		t.Rows = append(t.Rows, reports.Row{Cells: []reports.Cell{{Text: c.Name(), Left: true},
			{Text: fmt.Sprintf("%s (n=%d)", reports.Number(float64(c.MedianBase)), c.NBase)}, {Text: fmt.Sprintf("%s (n=%d)", reports.Number(float64(c.Median)), c.N)},
			{Text: reports.PValue(c.P)}, {Text: string(c.Status), Left: true}}})
	}
	var b bytes.Buffer
	if err := reports.Text(&b, t); err != nil {
		return err
	}
	for _, c := range r.Checks {
		if c.Status != Pass {
			fmt.Fprintf(&b, "\n%s: %s\n  %s\n", c.Status, c.Name(), c.Reason)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", r.Sentence())
	_, err := b.WriteTo(w)
	return err
}

// Sentence is the verdict in one line.
func (r *Verdict) Sentence() string {
	var names []string
	for _, c := range r.Checks {
		if c.Status == r.Status {
			names = append(names, c.Name())
		}
	}
	if r.Status == Pass || r.Status == Identical {
		return fmt.Sprintf("pass: all %d checks are within their margins", len(r.Checks))
	}
	return fmt.Sprintf("%s: %d of %d checks: %s", r.Status, len(names), len(r.Checks), strings.Join(names, "; "))
}

// JSON writes the result with every number behind it.
func (r *Verdict) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

type (
	suite struct {
		XMLName  xml.Name   `xml:"testsuite"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Cases    []testCase `xml:"testcase"`
	}
	testCase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Failure *message `xml:"failure,omitempty"`
		Skipped *message `xml:"skipped,omitempty"`
		Out     string   `xml:"system-out,omitempty"`
	}
	message struct {
		Message string `xml:"message,attr"`
	}
)

// JUnit writes the checks as test cases: a regression is a failure, what is inconclusive is skipped with its reason.
func (r *Verdict) JUnit(w io.Writer) error {
	s := suite{Name: "assay gate", Tests: len(r.Checks)}
	for _, c := range r.Checks {
		k := testCase{Class: c.Model + "." + c.Dataset, Name: c.Name()}
		switch c.Status {
		case Regression:
			s.Failures++
			k.Failure = &message{c.Reason}
		case Inconclusive:
			s.Skipped++
			k.Skipped = &message{c.Reason}
		default:
			k.Out = c.Reason
		}
		s.Cases = append(s.Cases, k)
	}
	b, err := xml.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, b)
	return err
}

var escapeCommand = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
var escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")

// GitHub writes workflow commands: an error for every regression, a warning for what is inconclusive, a notice with the verdict.
func (r *Verdict) GitHub(w io.Writer) error {
	var b bytes.Buffer
	for _, c := range r.Checks {
		level := map[Status]string{Regression: "error", Inconclusive: "warning"}[c.Status]
		if level != "" {
			fmt.Fprintf(&b, "::%s title=%s::%s\n", level, escapeProperty.Replace(c.Name()), escapeCommand.Replace(c.Reason))
		}
	}
	fmt.Fprintf(&b, "::notice title=assay gate::%s\n", escapeCommand.Replace(r.Sentence()))
	_, err := b.WriteTo(w)
	return err
}

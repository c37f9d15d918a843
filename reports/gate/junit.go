package gate

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

type (
	suites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Suites   []suite  `xml:"testsuite"`
	}
	suite struct {
		Name       string     `xml:"name,attr"`
		Tests      int        `xml:"tests,attr"`
		Failures   int        `xml:"failures,attr"`
		Errors     int        `xml:"errors,attr"`
		Skipped    int        `xml:"skipped,attr"`
		Properties []property `xml:"properties>property,omitempty"`
		Cases      []testCase `xml:"testcase"`
	}
	property struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
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
		Text    string `xml:",chardata"`
	}
)

// junit writes the checks as test cases: what fails the build is a failure, what is inconclusive is skipped with its reason. The elements are those of the
// schema that Jenkins and GitLab read (xunit-plugin's junit-10.xsd); there are no times, for a verdict takes none.
func (o View) junit(w io.Writer, v *Verdict) error {
	s := suite{Name: o.name(), Tests: len(v.Checks), Properties: []property{{"verdict", string(v.Status)}, {"compared", v.sides()}}}
	changes, warnings, notes := v.words()
	for _, p := range []struct {
		name  string
		lines []string
	}{{"differs", changes}, {"warning", warnings}, {"note", notes}} {
		for _, l := range p.lines {
			s.Properties = append(s.Properties, property{p.name, l})
		}
	}
	for _, c := range v.Checks {
		k := testCase{Class: c.Dataset + "." + c.Model, Name: c.Name()}
		long := strings.Join(append([]string{c.evidence(), c.Reason}, c.Notes...), "\n")
		switch c.Status {
		case Regression, Changed:
			s.Failures++
			k.Failure = &message{c.Reason, long}
		case Inconclusive:
			s.Skipped++
			k.Skipped = &message{c.Reason, long}
		case Identical, Pass, TooGood:
			k.Out = long
		}
		s.Cases = append(s.Cases, k)
	}
	b, err := xml.MarshalIndent(suites{Name: s.Name, Tests: s.Tests, Failures: s.Failures, Suites: []suite{s}}, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, b)
	return err
}

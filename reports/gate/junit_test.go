package gate

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// rule is what the schema says of an element: xunit-plugin's junit-10.xsd, which Jenkins validates with, and whose elements GitLab reads.
type rule struct {
	required, optional []string // attributes
	children           []string
	text               bool
}

var message10 = rule{optional: []string{"type", "message"}, text: true}

var junit10 = map[string]rule{
	"testsuites": {optional: []string{"name", "time", "tests", "failures", "errors"}, children: []string{"testsuite"}},
	"testsuite": {required: []string{"name", "tests", "failures", "errors"},
		optional: []string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		children: []string{"testsuite", "properties", "testcase", "system-out", "system-err"}},
	"properties": {children: []string{"property"}},
	"property":   {required: []string{"name", "value"}},
	"testcase": {required: []string{"name"}, optional: []string{"time", "classname", "group"},
		children: []string{"skipped", "error", "failure", "rerunFailure", "rerunError", "flakyFailure", "flakyError", "system-out", "system-err"}},
	"failure": message10, "error": message10, "skipped": message10,
	"system-out": {text: true}, "system-err": {text: true},
}

// validate holds a document to the schema.
func validate(text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	var path []string
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			if len(path) > 0 {
				return errors.New("not closed")
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			if err := validElement(path, e); err != nil {
				return err
			}
			path = append(path, e.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if s := strings.TrimSpace(string(e)); s != "" && (len(path) == 0 || !junit10[path[len(path)-1]].text) {
				return fmt.Errorf("text %q in %v", s, path)
			}
		}
	}
}

func validElement(path []string, e xml.StartElement) error {
	name := e.Name.Local
	r, ok := junit10[name]
	if !ok {
		return fmt.Errorf("element %s", name)
	}
	if len(path) == 0 && name != "testsuites" && name != "testsuite" {
		return fmt.Errorf("root %s", name)
	}
	if len(path) > 0 && !slices.Contains(junit10[path[len(path)-1]].children, name) {
		return fmt.Errorf("%s in %s", name, path[len(path)-1])
	}
	var have []string
	for _, a := range e.Attr {
		if !slices.Contains(slices.Concat(r.required, r.optional), a.Name.Local) {
			return fmt.Errorf("attribute %s of %s", a.Name.Local, name)
		}
		have = append(have, a.Name.Local)
	}
	for _, want := range r.required {
		if !slices.Contains(have, want) {
			return fmt.Errorf("%s without %s", name, want)
		}
	}
	return nil
}

func TestJUnitIsValid(t *testing.T) {
	for _, v := range []*Verdict{verdict(), many(3, Regression), many(3, Identical), {Status: Pass}} {
		text := render(t, View{Title: "a <b> & \x01"}, v, "junit")
		if err := validate(text); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		var got suites
		if err := xml.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		failures, skipped := 0, 0
		for _, c := range got.Suites[0].Cases {
			if c.Failure != nil {
				failures++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
		if s := got.Suites[0]; s.Tests != len(v.Checks) || s.Failures != failures || s.Skipped != skipped || failures != v.Counts.Regression+v.Counts.Changed || skipped != v.Counts.Inconclusive {
			t.Errorf("counts: %d failures, %d skipped, %+v", failures, skipped, v.Counts)
		}
	}
	for bad, want := range map[string]string{ // the validator can fail
		"<testsuite name='a' tests='1' failures='0'/>":                                           "without errors",
		"<testsuites><testcase name='x'/></testsuites>":                                          "testcase in testsuites",
		"<testsuites><testsuite name='a' tests='1' failures='0' errors='0' x='1'/></testsuites>": "attribute x",
		"<testsuites>text</testsuites>":                                                          "text",
		"<verdict/>":                                                                             "element verdict",
	} {
		if err := validate(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

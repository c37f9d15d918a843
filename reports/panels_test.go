package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

// Two rows and two columns; corners are where the axes say, and what a name holds does nothing.
func TestPanels(t *testing.T) {
	p := Panels{Title: "curves <of> two", Panels: []Panel{
		{Row: "a", Column: "1", X: []float64{1, 10, 100}, Y: []float64{0, .5, 1}, From: 0, To: 1, LogX: true, Mark: "good", Text: "a & 1"},
		{Row: "a", Column: "2", X: []float64{0, 1}, Y: []float64{1, math.NaN()}, From: 0, To: 1, Lo: .4, Hi: .6, Mark: "bad"},
		{Row: "<script>", Column: "1", X: []float64{0, 1}, Y: []float64{5, 5}},
	}}
	var b bytes.Buffer
	if err := p.SVG(&b); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(b.String()))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("no XML: %v\n%s", err, b.String())
		}
	}
	// The logarithm of 10 is in the middle of 1 and 100; the vertical axis points up.
	for _, want := range []string{`d="M200 68L259 45L318 22"`, `<title>a &amp; 1</title>`, `class="good"`, `&lt;script&gt;`, `<rect class="box" x="326" y="40.4" width="118" height="9.2"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "<script") {
		t.Error(b.String())
	}
	if inside := string(p.html()); !strings.Contains(inside, `aria-label="curves &lt;of&gt; two"`) || strings.Contains(inside, "<style") {
		t.Error(inside)
	}
}

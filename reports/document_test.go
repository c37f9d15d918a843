package reports

import (
	"bytes"
	"strings"
	"testing"
)

// A page of two sections: what is said first, a table, small curves; it asks the network for nothing, and what a name holds does nothing.
func TestDocument(t *testing.T) {
	d := someDocument()
	var b bytes.Buffer
	if err := DocumentHTML(&b, d); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{`<li class="good">use it</li>`, `not &lt;i&gt;that`, `a &lt;b&gt; title`, `<a href="#two">Second?</a>`, `<section id="one">`, `class=" best">3<`, "a note", `aria-label="curves"`, "script-src &#39;none&#39;"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, bad := range []string{"<script", "http:", "https:", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
}

func someDocument() Document {
	return Document{Kicker: "Assay audit", Title: "a <b> title", Meta: "9 samples", Findings: []Finding{{Kind: Good, Text: "use it"}, {Kind: Bad, Text: "not <i>that</i>"}}, Sections: []Section{
		{ID: "one", Title: "First?", Lead: "why", Tables: []Table{{ID: "t", Title: "numbers", Head: []string{"value", "x"}, Rows: []Row{{Cells: []Cell{{Text: "fd", Left: true}, {Text: "3", Best: true}}}}, Notes: []string{"a note"}}}},
		{ID: "two", Title: "Second?", Panels: []Panels{{Title: "curves", Panels: []Panel{{Row: "fd", Column: "noise", X: []float64{0, 1}, Y: []float64{1, 2}}}}}},
	}}
}

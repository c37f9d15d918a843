package reports

import (
	"bytes"
	"html/template"
	"io"

	"github.com/assay-gan/assay/internal/quote"
)

// Document is a page of sections, each of which answers one question in words, tables and small curves.
type Document struct {
	Kicker, Title, Meta string
	Findings            []Finding // said first
	Sections            []Section
}

// Section is one question; it begins a page of its own in print.
type Section struct {
	ID, Title, Lead string
	Tables          []Table
	Panels          []Panels
}

// documentPage is what the template gets.
type documentPage struct {
	Document
	Policy   string
	Style    template.CSS
	Sections []documentSection
}

type documentSection struct {
	Section
	Pictures []documentPicture
}

type documentPicture struct {
	Title  string
	Static template.HTML
}

// DocumentHTML writes a document as one page that needs nothing else: no network, no script, no file beside it.
func DocumentHTML(w io.Writer, d Document) error {
	style, err := pageFiles.ReadFile("page/page.css")
	if err != nil {
		return err
	}
	p := documentPage{Document: d, Policy: "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; script-src 'none'",
		Style: template.CSS(style)} //nolint:gosec // our own files
	for _, s := range d.Sections {
		one := documentSection{Section: s}
		for _, panels := range s.Panels {
			one.Pictures = append(one.Pictures, documentPicture{panels.Title, panels.html()})
		}
		p.Sections = append(p.Sections, one)
	}
	t, err := template.New("document.html").ParseFS(pageFiles, "page/document.html")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return err
	}
	_, err = io.WriteString(w, quote.Terminal(b.String()))
	return err
}

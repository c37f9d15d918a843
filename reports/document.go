package reports

import (
	"html/template"
	"io"
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
	style, err := pageStyle()
	if err != nil {
		return err
	}
	p := documentPage{Document: d, Policy: staticPolicy, Style: style}
	for _, s := range d.Sections {
		one := documentSection{Section: s}
		for _, panels := range s.Panels {
			one.Pictures = append(one.Pictures, documentPicture{panels.Title, panels.html()})
		}
		p.Sections = append(p.Sections, one)
	}
	return fillPage(w, "document.html", nil, p)
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// metric is what the studies choose and rank by.
const metric = "fd"

// suites are the studies of the page in its order: the one that follows the paper's numbers comes first.
var suites = []string{"created-equal-points", "created-equal-mini"}

// study is one recorded study, ready to be written about.
type study struct {
	config *runners.Config
	about  about
	recs   []reports.Record
	sums   []reports.Summary
	report *reports.Report
	order  []string // models by their mean rank
	pairs  map[[2]string]pair

	verdicts []reports.ClaimVerdict // on what the suite claims
}

// book is everything the page is made of. A study that is not recorded yet has no records.
type book struct{ studies []*study }

func openBook(root string) (*book, error) {
	b := &book{}
	for _, name := range suites {
		s, err := openStudy(root, name)
		if err != nil {
			return nil, err
		}
		b.studies = append(b.studies, s)
	}
	return b, nil
}

func openStudy(root, name string) (*study, error) {
	c, err := runners.OpenSuite(name)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, aboutOf(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return &study{config: c}, nil
	}
	var a about
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", aboutOf(name), err)
	}
	recs, _, err := reports.ReadFile(filepath.Join(root, recordsOf(name)))
	if err != nil {
		return nil, err
	}
	s, err := newStudy(c, a, recs)
	if err != nil {
		return nil, err
	}
	claims, err := claimed(c, a)
	s.verdicts = reports.JudgeClaims(s.sums, claims)
	return s, err
}

func newStudy(c *runners.Config, a about, recs []reports.Record) (*study, error) {
	run := reports.NewRun(c.Name, recs)
	report, err := reports.New(run, reports.Options{Metric: metric})
	if err != nil {
		return nil, err
	}
	s := &study{config: c, about: a, recs: run.Records, sums: report.Sums, report: report}
	s.order, s.pairs = s.ranked(), s.compared()
	return s, nil
}

// recorded says whether there is anything to show.
func (s *study) recorded() bool { return len(s.recs) > 0 }

// datasets are the data sets of the suite in its order.
func (s *study) datasets() (names []string) {
	for _, d := range s.config.Datasets {
		names = append(names, d.Name)
	}
	return names
}

// of returns the summary of a model's role on a data set by a measure.
func (s *study) of(dataset, role, model, measure string) (reports.Summary, bool) {
	for _, x := range s.sums {
		if x.Dataset == dataset && x.Role == role && x.Model == model && x.Measure.Metric == measure {
			return x, true
		}
	}
	return reports.Summary{}, false
}

// files are what the page is made of, by name below the project's root: the page, its pictures, and README with its part.
func (b *book) files(root string) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, s := range b.studies {
		if !s.recorded() {
			continue
		}
		for _, f := range reports.StudyFigures(s.sums, metric) {
			var pic bytes.Buffer
			if err := f.SVG(&pic); err != nil {
				return nil, err
			}
			out[filepath.Join("docs", "images", s.picture(f.Name))] = pic.Bytes()
		}
	}
	page, err := b.page()
	if err != nil {
		return nil, err
	}
	out[filepath.Join("docs", "CREATED-EQUAL.md")] = []byte(page)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		return nil, err
	}
	part, err := b.readme()
	if err != nil {
		return nil, err
	}
	out["README.md"], err = spliced(readme, "created-equal", part)
	return out, err
}

// picture is the file name of a figure of a study.
func (s *study) picture(figure string) string { return s.config.Name + "-" + figure + ".svg" }

// spliced puts text between the markers of a page's part.
func spliced(page []byte, name, text string) ([]byte, error) {
	part := regexp.MustCompile(`(?s)(<!-- ` + name + `: [^\n]*-->\n)(.*)(<!-- /` + name + ` -->)`)
	if !part.Match(page) {
		return nil, fmt.Errorf("the page has no part marked %s", name)
	}
	return part.ReplaceAllFunc(page, func(old []byte) []byte {
		m := part.FindSubmatch(old)
		return slices.Concat(m[1], []byte("\n"+strings.TrimSpace(text)+"\n\n"), m[3])
	}), nil
}

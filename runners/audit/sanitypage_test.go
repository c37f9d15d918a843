package audit

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/metrics/sanity"
	"github.com/assay-gan/assay/runners"
)

const sanityHead = `# The published sanity checks, on our metrics

Räisä, van Breugel and van der Schaar (ICML 2025, [raisa2025]) put fidelity and diversity metrics to 15 checks on data whose right answer is known, and found that none passes them all. Here they are put to
metrics of Assay: to theirs, to some made since, and to distances, which nobody had tried.

Made by ` + "`make sanity`" + ` from docs/results/sanity.jsonl; do not edit. ` + "`assay audit --sanity --metrics NAMES`" + ` runs them on any metric, one of your own too.

* Data, sizes, criteria and limits are the published ones; metrics see both sets in units of the real rows' mean and standard deviation. Random numbers come from named streams, so that every curve can be made again; the authors' code
  was not seeded when their tables were made.
* Every point is the mean over repeats: 10 for the values that the authors tried, 3 for the others. The curves of 50 and 51 points are taken at every fifth point, with the ends, the middle and the points that criteria look at.
* Values on a scale from 0 to 1 are judged by the published limits. Distances have no such scale: they keep the shapes, over the span of their own curve from real against real to their greatest value, and take the ends from real against
  real (10 repeats): like it, or outside its range and more than 4 standard deviations from its mean. A distance must fall wherever fidelity or diversity must.
* The checks hold no copies. A measure of memorisation has one criterion a scenario: it must never claim any.
* Metrics run at their defaults but for what stands in brackets: dearer ones with fewer repeats or directions inside, and ` + "`wasserstein` and `c2st`" + ` only by name.

`

func recorded(t *testing.T) *SanityResult {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "results", "sanity.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadCurves(text, runners.DefaultKit().Metrics)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// coverage says which metrics the page knows of those that make sanity runs.
func coverage(t *testing.T, r *SanityResult) string {
	t.Helper()
	plan, _, err := SanityRequest{}.Plan(runners.DefaultKit())
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for _, c := range r.Curves {
		has[c.Metric] = true
	}
	var here, missing []string
	for _, run := range plan {
		if id := run.Metric.Info().ID; !slices.Contains(append(here, missing...), id) {
			if has[id] {
				here = append(here, id)
			} else {
				missing = append(missing, id)
			}
		}
	}
	slices.Sort(missing)
	text := fmt.Sprintf("Recorded so far: %d of %d metrics, %s.", len(here), len(here)+len(missing), strings.Join(here, ", "))
	if len(missing) > 0 {
		text += " Not run yet, and so in no table: " + strings.Join(missing, ", ") + "."
	}
	return text + "\n\n"
}

// docs/SANITY.md and its pictures are what the recorded curves say today.
func TestSanityPageIsFresh(t *testing.T) {
	r := recorded(t)
	docs := filepath.Join("..", "..", "docs")
	files := map[string]func(io.Writer) error{filepath.Join(docs, "SANITY.md"): func(w io.Writer) error {
		if _, err := io.WriteString(w, sanityHead+coverage(t, r)); err != nil {
			return err
		}
		return r.Markdown(w, "images/sanity")
	}}
	for id, p := range r.Pictures() {
		files[filepath.Join(docs, "images", "sanity", id+".svg")] = p.SVG
	}
	for file, render := range files {
		if testutil.UpdateGolden() {
			var b bytes.Buffer
			if err := render(&b); err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		testutil.FreshPage(t, file, "make sanity", render)
	}
}

// At least five published tables of every value that the authors tried in the form that is here too are met criterion by criterion.
func TestPublishedTablesAreMet(t *testing.T) {
	tried := 0
	for _, s := range recorded(t).Subjects() {
		tr, ok := s.Tried()
		if !ok || tr.Differs != "" {
			continue
		}
		tried++
		tables, whole := alikeTables(sanity.Against(s.judgedAs(tr.Face), tr.Name))
		if tables != 15 || whole < 5 {
			t.Errorf("%s: %d of %d published tables are met", s.Name(), whole, tables)
		}
	}
	if tried < 4 {
		t.Errorf("only %d published values are recorded", tried)
	}
}

func TestCurvesAreReadAsTheyWereWritten(t *testing.T) {
	r := recorded(t)
	var b bytes.Buffer
	if err := r.WriteCurves(&b); err != nil {
		t.Fatal(err)
	}
	again, err := ReadCurves(b.Bytes(), runners.DefaultKit().Metrics)
	if err != nil || len(again.Curves) != len(r.Curves) || len(r.Curves) < 37*10 {
		t.Errorf("%d curves, %d again: %v", len(r.Curves), len(again.Curves), err)
	}
	if _, err := ReadCurves([]byte("{\"check\":\"x\"}\n{\"ch\n"), nil); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a cut line: %v", err)
	}
}

package reports

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/reports/vendorjs"
)

func writePage(t *testing.T, run *Run, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, report(t, run, o)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// maxPage bounds the page of a run with pictures of 15 cells: programs 385 kB, figures that are pictures alone 30 kB, specifications and pictures of samples the rest.
const maxPage = 870 << 10

func TestPageStandsAlone(t *testing.T) {
	run, err := Load(runFolder(t, benchRecords()))
	if err != nil {
		t.Fatal(err)
	}
	page := writePage(t, run, Options{})
	t.Logf("%d bytes, %d without the chart programs", len(page), len(writePage(t, run, Options{Bare: true})))
	if len(page) > maxPage {
		t.Errorf("the page has %d bytes, more than %d", len(page), maxPage)
	}
	if m := regexp.MustCompile(`(?:src|href)="(https?:|//|file:)[^"]*"|@import|url\(`).FindString(page); m != "" {
		t.Errorf("the page reaches out: %s", m)
	}
	// Every chart has a static picture with a label, and a specification of its own that is JSON.
	charts := regexp.MustCompile(`<div class="chart" id="([^"]+)"><div class="static"><svg viewBox="[^"]+" role="img" aria-label="[^"]+">`).FindAllStringSubmatch(page, -1)
	if len(charts) != strings.Count(page, `class="chart"`) || len(charts) != 3+17 { // distributions, and curves of 18 models but for the one without artifacts
		t.Errorf("%d charts with a picture of %d", len(charts), strings.Count(page, `class="chart"`))
	}
	for _, c := range charts {
		_, after, ok := strings.Cut(page, `<script type="application/json" id="spec-`+c[1]+`">`)
		text, _, _ := strings.Cut(after, "</script>")
		var spec map[string]any
		if err := json.Unmarshal([]byte(text), &spec); !ok || err != nil || spec["data"] == nil {
			t.Errorf("%s: specification %v %v", c[1], ok, err)
		}
	}
	for _, want := range []string{"No pictures of cyclegan on grid were kept", "data:image/png;base64,iVBOR", `alt="Contact sheet of samples of wgan trained on glyphs"`, "mode 8: ", "collapsed</span>",
		"loss is NaN | lower lr", "Heusel et al. (2017)", "Redistribution and use in source and binary forms"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// The policy names every script by its hash, and no unsafe word for scripts.
func TestPolicyNamesEveryScript(t *testing.T) {
	page := writePage(t, NewRun("x", studyRecords()), Options{})
	m := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no policy")
	}
	policy := strings.NewReplacer("&#39;", "'", "&#43;", "+").Replace(m[1])
	_, scripts, _ := strings.Cut(policy, "script-src ")
	if strings.Contains(scripts, "unsafe") || strings.Count(scripts, "'sha256-") != 6 {
		t.Errorf("script-src %s", scripts)
	}
	for _, s := range regexp.MustCompile(`(?s)<script type="application/gzip"[^>]*>([^<]+)</script>`).FindAllStringSubmatch(page, -1) {
		packed, err := base64.StdEncoding.DecodeString(s[1])
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		if !strings.Contains(scripts, base64.StdEncoding.EncodeToString(sum[:])) {
			t.Errorf("a program of %d bytes is not in the policy", len(text))
		}
	}
	if bare := writePage(t, NewRun("x", studyRecords()), Options{Bare: true}); strings.Contains(bare, "application/gzip") || !strings.Contains(bare, "script-src &#39;none&#39;") {
		t.Error("the bare page holds programs")
	}
}

func TestVendoredScripts(t *testing.T) {
	scripts, err := vendorjs.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for _, s := range scripts {
		size += len(s.Packed)
		if !strings.Contains(s.Licence, "Redistribution and use") || len(s.Source) < 5000 {
			t.Errorf("%s: licence or source missing", s.Name)
		}
		if s.Name == "vega" && !strings.Contains(string(s.Source), `"`+s.Version+`"`) {
			t.Errorf("%s is not %s", s.Name, s.Version)
		}
	}
	if size > 300<<10 {
		t.Errorf("the programs have %d bytes packed", size)
	}
}

// A report of a run of which only the pictures that it shows were read is the report of the whole run. What is damaged of those is told, and another run stands in.
func TestReportReadsThePicturesItShows(t *testing.T) {
	dir := runFolder(t, benchRecords())
	watched := map[string]bool{} // one run of each model on each data set in three rings
	for i, r := range benchRecords() {
		if r.Model == Real || r.CellFailed() || r.Dataset == "glyphs" || watched[r.Cell] {
			continue
		}
		watched[r.Cell] = true
		w := &Watch{Every: 10, Samples: 4, Of: "modes", Fair: []float64{.5, .5}, Steps: []int{10 + i}, Counts: [][]int{{3, 1}}, Covered: []int{2}, Effective: []float64{1.7}, Duplicates: []float64{0}, Spread: []float64{1}, NotNumbers: []int{0}}
		if err := WriteArtifacts(dir, r.Cell, Artifacts{Watch: w}); err != nil {
			t.Fatal(err)
		}
	}
	load := func(from func(string) (*Run, error)) *Run {
		t.Helper()
		r, err := from(dir)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	whole, brief := load(Load), load(LoadForReport)
	before := len(brief.unread)
	want := writePage(t, whole, Options{Bare: true})
	if got := writePage(t, brief, Options{Bare: true}); got != want {
		t.Error("the pages differ")
	}
	if !strings.Contains(want, "near-duplicates") {
		t.Error("no monitor is shown")
	}
	if left := len(brief.unread); left == 0 || left == before {
		t.Errorf("of the pictures of %d cells those of %d are unread: all or none were read", before, left)
	}
	shown := representatives(report(t, whole, Options{}))
	for _, s := range shown {
		for _, name := range []string{scatterFile, curvesFile, samplesFile, textFile} {
			if err := os.Remove(filepath.Join(ArtifactDir(dir, s.Cell), name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(ArtifactDir(dir, s.Cell), scatterFile), []byte("no points"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	whole, brief = load(Load), load(LoadForReport)
	others := representatives(report(t, whole, Options{}))
	if len(others) == 0 {
		t.Fatal("no run stands in")
	}
	if d := cmp.Diff(others, representatives(report(t, brief, Options{}))); d != "" {
		t.Errorf("other runs stand in (-whole +brief):\n%s", d)
	}
	if page := writePage(t, brief, Options{Bare: true}); strings.Count(page, scatterFile+": invalid character") == 0 {
		t.Error("damaged points were kept silent")
	}
}

func TestUnreadablePictureIsAGap(t *testing.T) {
	dir := runFolder(t, benchRecords())
	run, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for cell, a := range run.Artifacts {
		if a.Samples != "" {
			if err := os.WriteFile(filepath.Join(ArtifactDir(dir, cell), samplesFile), []byte("no picture"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if page := writePage(t, run, Options{Bare: true}); !strings.Contains(page, "is no PNG") || strings.Contains(page, "data:image/png") {
		t.Error("a file that is no picture was embedded or kept silent")
	}
}

// Of an odd number of runs the picture is of the median one: never the best.
func TestRepresentativeIsTheMedianRun(t *testing.T) {
	var recs []Record
	run := &Run{Artifacts: map[string]Artifacts{}}
	for i, v := range []float64{5, 1, 3, 9, 2} {
		r := rec(id(i), "fd", v)
		r.Seed = uint64(i)
		recs = append(recs, r)
		run.Artifacts[r.Cell] = Artifacts{Cell: r.Cell, Scatter: &Scatter{}}
	}
	run.Records = recs
	if got := representatives(report(t, run, Options{})); len(got) != 1 || got[0].Value != 3 || got[0].Seed != 2 || got[0].Of != 5 {
		t.Errorf("%+v", got)
	}
}

// Real samples stand first in their data set, without a verdict.
func TestRealSamplesStandFirst(t *testing.T) {
	dir := runFolder(t, benchRecords())
	run, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range run.Records {
		if r.Model == Real && r.Seed == 0 && r.Dataset == "ring" {
			run.Artifacts[r.Cell] = Artifacts{Cell: r.Cell, Scatter: &Scatter{Points: [][2]float64{{1, 0}}, Modes: [][2]float64{{1, 0}}, Sigma: .05}, Verdict: &Verdict{Word: "collapsed", Evidence: []string{"never shown"}}}
		}
	}
	p, err := newPage(report(t, run, Options{Bare: true}))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range p.Scatters {
		if first, ok := g.Figures[0].(chart); !ok || g.Title == "ring" != (first.Title == realRow) || first.Title == realRow && first.Badge != nil {
			t.Errorf("%s begins with %+v", g.Title, g.Figures[0])
		}
	}
}

// Nothing to draw, one value, constants, failures only: a page all the same.
func TestPageOfLittle(t *testing.T) {
	for name, recs := range map[string][]Record{
		"one":      {rec("a", "fd", 3)},
		"zero":     {rec("a", "fd", 0), rec("b", "fd", 0)},
		"negative": {rec("a", "kid", -.1), rec("b", "kid", 0)},
		"failed":   {failure("a", "nan")},
		"mixed":    {failure("a", "nan"), rec("b", "fd", 2)},
	} {
		run := NewRun(name, recs)
		run.Artifacts["a"] = Artifacts{Scatter: &Scatter{}, Curves: &Curves{Series: []Series{{Name: "x"}, {Name: "y", Steps: []int{1}, Values: []float64{1}}}}}
		page := writePage(t, run, Options{Bare: true})
		if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") || !strings.Contains(page, "</html>") {
			t.Errorf("%s: the page holds a number that is none", name)
		}
	}
}

// Models of sentences show their first lines where others have a picture, and whatever the lines hold stays text. A text that cannot be read is a gap.
func TestPageShowsText(t *testing.T) {
	dir := t.TempDir()
	w, err := OpenWriter(filepath.Join(dir, RecordsFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Append(rec("a", "fd", 3)), w.Close(), os.MkdirAll(ArtifactDir(dir, "a"), 0o755)); err != nil {
		t.Fatal(err)
	}
	show := func(text string) string {
		t.Helper()
		if err := os.WriteFile(TextPath(dir, "a"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		run, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		return writePage(t, run, Options{Bare: true})
	}
	lines := []string{"the <b>cat</b> & the \"dog\"", "</li></ol><script>alert(1)</script>", "\xff\xfe broken", strings.Repeat("x", 5000), ""}
	for i := range 30 {
		lines = append(lines, "sentence number "+strconv.Itoa(i)+".")
	}
	page := show(strings.Join(lines, "\n") + "\n")
	for _, want := range []string{`href="#samples"`, `<ol class="lines" aria-label="Samples of`, "<li>the &lt;b&gt;cat&lt;/b&gt; &amp; the", "&lt;script&gt;alert(1)", "<li>\uFFFD broken</li>", "<li></li>", "sentence number 6.</li></ol>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, never := range []string{"<script>", "<b>cat", "sentence number 7.", strings.Repeat("x", 241), "No pictures of"} {
		if strings.Contains(page, never) {
			t.Errorf("the page holds %q", never)
		}
	}
	if page := show(""); !strings.Contains(page, "the text cannot be read") || !strings.Contains(page, "samples.txt is empty") {
		t.Error("an empty text was kept silent")
	}
}

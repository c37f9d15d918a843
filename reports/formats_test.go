package reports

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/cite"
	"github.com/assay-gan/assay/rng"
)

// Every format of the list over every fixture, whole outputs. Each must come out the same for the records in another order.
func TestGoldens(t *testing.T) {
	for _, name := range []string{"bench", "study"} {
		recs, torn, err := ReadFile(filepath.Join(fixtures, name+".jsonl"))
		if err != nil || torn != nil {
			t.Fatal(torn, err)
		}
		other := slices.Clone(recs)
		rng.Stream(1, "order").Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
		for _, f := range Files(Formats()) {
			var a, b bytes.Buffer
			o := Options{Bare: true, Title: "Golden run"}
			if err := f.Write(&a, report(t, NewRun(name, recs), o)); err != nil {
				t.Fatalf("%s: %v", f.ID, err)
			}
			if err := f.Write(&b, report(t, NewRun(name, other), o)); err != nil {
				t.Fatalf("%s: %v", f.ID, err)
			}
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Errorf("%s of %s depends on the order of the records", f.ID, name)
			}
			golden(t, filepath.Join("testdata", name+"."+f.File), a.Bytes())
		}
	}
}

func TestLookup(t *testing.T) {
	if _, err := Lookup(Formats(), "htlm"); err == nil || !strings.Contains(err.Error(), `did you mean "html"? have screen, terminal`) {
		t.Error(err)
	}
	if f, err := Lookup(Formats(), "csv"); err != nil || f.File != "summary.csv" {
		t.Error(f, err)
	}
}

func TestWriteAll(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	mine := Format{ID: "mine", File: "mine.txt", Title: "of an outsider", Write: func(w io.Writer, r *Report) error { _, err := fmt.Fprintln(w, len(r.Sums)); return err }}
	csv, err := Lookup(Formats(), "csv")
	if err != nil {
		t.Fatal(err)
	}
	paths, err := report(t, NewRun("x", benchRecords()), Options{Bare: true}).WriteAll(dir, []Format{csv, mine})
	if err != nil || len(paths) != 2 {
		t.Fatal(paths, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("left over: %v", entries)
	}
}

// A headline that nobody measured is refused: fd in its place would be read as the metric asked for.
func TestHeadlineMustBeMeasured(t *testing.T) {
	run := NewRun("x", benchRecords())
	if _, err := New(run, Options{Metric: "modse"}); err == nil || !strings.Contains(err.Error(), `unknown metric "modse", did you mean "modes"?`) {
		t.Error(err)
	}
	if r := report(t, run, Options{Metric: "modes"}); r.Metric != "modes" {
		t.Error(r.Metric)
	}
	if _, err := New(NewRun("x", []Record{failure("a", "nan")}), Options{Metric: "fd"}); err == nil || !strings.Contains(err.Error(), "the records hold no value") {
		t.Error(err)
	}
}

func TestGlossarySourcesResolve(t *testing.T) {
	for _, e := range append(Terms(), general()...) {
		if e.Paper == "" {
			continue
		}
		if _, err := cite.Lookup(e.Paper); err != nil {
			t.Errorf("%s: %v", e.Title, err)
		}
	}
}

// Names and errors of others may hold anything: they must not break out of a cell, a tag or a script.
func TestHostileTextIsEscaped(t *testing.T) {
	r := rec("a", "fd", 1)
	r.Model, r.Dataset, r.Warnings = `<script>alert(1)</script>|x`, "a&b_c$%", []string{"</script><b>"}
	bad := failure("b", "one\ntwo | <img src=x>")
	bad.Model, bad.Dataset = r.Model, r.Dataset
	run := NewRun("<run>", []Record{r, bad})
	var page, md, tex bytes.Buffer
	if err := HTML(&page, report(t, run, Options{Bare: true})); err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"<script>alert", "</script><b>", "<img src=x>", "<run>"} {
		if strings.Contains(page.String(), never) {
			t.Errorf("the page holds %q", never)
		}
	}
	if err := markdownReport(&md, report(t, run, Options{})); err != nil {
		t.Fatal(err)
	}
	width := 0
	for _, line := range strings.Split(md.String(), "\n") {
		bars := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if width != 0 && bars != 0 && bars != width {
			t.Errorf("a row of %d bars in a table of %d: %s", bars, width, line)
		}
		width = bars
	}
	if strings.Contains(md.String(), "<script>") {
		t.Error("raw HTML in Markdown")
	}
	if err := latexReport(&tex, report(t, run, Options{})); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(tex.String(), `a\&b\_c\$\%`) {
		t.Error("LaTeX specials are not escaped")
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{98.9: "98.9", .0123456: "0.0123", 1234.5: "1234", 8: "8", 0: "0", 1.2e-7: "1.2e-07", math.Inf(1): "∞", -3.14159: "-3.14", 2.5e7: "2.5e+07", 99.96: "100", .09996: "0.100"} {
		if got := Number(v); got != want {
			t.Errorf("Number(%v) = %s, want %s", v, got, want)
		}
	}
	for s, want := range map[float64]string{.44: "0.4 s", 12: "12 s", 200: "3 min 20 s", 3900: "1 h 5 min"} {
		if got := duration(s); got != want {
			t.Errorf("duration(%v) = %s, want %s", s, got, want)
		}
	}
}

// Every picture that report.md links to is there, seen from the run folder.
func TestMarkdownLinksResolve(t *testing.T) {
	dir := runFolder(t, benchRecords())
	run, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	markdown, err := Lookup(Formats(), "markdown")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := report(t, run, Options{}).WriteAll(dir, []Format{markdown}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`!\[[^\]]*\]\(([^)]+)\)`).FindAllStringSubmatch(string(text), -1)
	if len(links) != 6 {
		t.Errorf("%d pictures for six image models", len(links))
	}
	for _, l := range links {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(l[1]))); err != nil {
			t.Error(err)
		}
	}
}

// A study of thousands of cells still makes a page that opens: the dots are thinned, the statistics are not.
func TestLargeStudy(t *testing.T) {
	var recs []Record
	for m := range 8 {
		for i := range 500 {
			s := rng.Stream(uint64(i), "large", fmt.Sprint(m))
			r := rec(id(m, i), "fd", 10*math.Exp(s.Normal()))
			r.Model, r.SettingsID, r.Seed = fmt.Sprint("model-", m), id("s", m, i), 1
			if i%50 == 0 {
				r.Metric, r.Value, r.Status, r.Error = "", 0, Failed, "nan"
			}
			recs = append(recs, r)
		}
	}
	var b bytes.Buffer
	if err := HTML(&b, report(t, NewRun("large", recs), Options{Bare: true})); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 500<<10 {
		t.Errorf("the page of a study has %d bytes without the chart programs", b.Len())
	}
	if text := b.String(); !strings.Contains(text, "10/500 failed") || !strings.Contains(text, "evenly spaced in rank") {
		t.Error("a statistic was thinned, or the thinning is not stated")
	}
}

// Hand-made records: who is best, who is tied, what a failure does.
func TestSummarise(t *testing.T) {
	var recs []Record
	put := func(model string, failed int, values ...float64) {
		for i, v := range values {
			r := rec(id(model, i), "fd", v)
			r.Model, r.Seed, r.SettingsID = model, uint64(i), model
			recs = append(recs, r)
		}
		for i := range failed {
			r := failure(id(model, "failed", i), "nan")
			r.Model, r.Seed, r.SettingsID = model, uint64(90+i), model
			recs = append(recs, r)
		}
	}
	put("a", 0, 1, 2, 3, 4, 5, 6, 7)
	put("b", 0, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5) // interleaved with a: tied
	put("c", 0, 11, 12, 13, 14, 15, 16, 17)        // apart: p = 2/C(14,7) each, Holm
	put("d", 4, 1, 1, 1)                           // four of seven failed: no finite median
	put(Real, 0, 2, 2, 2)
	put(Noise, 0, 13, 13)
	got := map[string]Summary{}
	for _, s := range Summarise(recs, 0) {
		got[s.Row] = s
	}
	a, b, c, d := got["a"], got["b"], got["c"], got["d"]
	if !a.Best || a.Median != 4 || !a.Covered || a.Interval.Lo != 1 || a.Interval.Hi != 7 || *a.Floor != 2 || a.BeatsFloor || a.LosesNoise {
		t.Errorf("a: %+v", a)
	}
	if !b.Tied || !b.Significant || b.Best {
		t.Errorf("b: %+v", b)
	}
	if c.Tied || !c.LosesNoise {
		t.Errorf("c: %+v", c)
	}
	if d.Failed != 4 || d.N() != 7 || !math.IsInf(d.Median, 1) || d.Best || d.Mean != 1 {
		t.Errorf("d: %+v", d)
	}
	text := strings.Builder{}
	if err := Text(&text, Tabulate(Summarise(recs, 0), Select{Metric: "fd"})); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"∞ [1, ∞], 4/7 failed", "4 [1, 7] *", "4.50 [1.50, 7.50] ≈", "real data (floor)", "failed runs count as the worst"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, text.String())
		}
	}
}

func TestSettingsGetRows(t *testing.T) {
	var recs []Record
	for i, clip := range []string{"0.01", "0.1"} {
		r := rec(id(i), "fd", float64(i+1))
		r.SettingsID, r.Settings = clip, map[string]string{"clip": clip, "lr": "1"}
		recs = append(recs, r)
	}
	sums := Summarise(recs, 0)
	if len(sums) != 2 || sums[0].Row != "wgan clip=0.01" || sums[1].Row != "wgan clip=0.1" {
		t.Errorf("%+v", sums)
	}
	for i := range 9 {
		r := rec(id("more", i), "fd", 1)
		r.SettingsID = id(i)
		recs = append(recs, r)
	}
	if sums := Summarise(recs, 0); len(sums) != 1 || sums[0].Row != "wgan (11 settings)" || sums[0].Settings != 11 {
		t.Errorf("%+v", sums)
	}
}

func TestCompare(t *testing.T) {
	side := func(model string, values ...float64) (recs []Record) {
		for i, v := range values {
			r := rec(id(model, v, i), "fd", v)
			r.Model, r.SettingsID = model, model
			recs = append(recs, r)
		}
		return recs
	}
	a := side("gan-ns", 10, 10, 10, 10)
	b := append(side("wgan", 5, 5, 5, 5), failure("x", "nan"))
	b[4].SettingsID = "wgan"
	got, err := Compare(a, b, CompareOptions{Seed: 1, Reps: 200})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	// B beats A in 16 of 20 pairs; the shift is -50 % (median of 16 log ratios of one half and 4 infinite ones).
	if d := got[0]; math.Abs(d.PBetter-.8) > 1e-12 || math.Abs(d.Shift.Estimate+.5) > 1e-12 || !d.Relative || d.FailedB != 1 || d.NB != 5 {
		t.Errorf("%+v", d)
	}
	if _, err := Compare(a, side("x"), CompareOptions{Seed: 1, Reps: 0}); err == nil {
		t.Error("compared with nothing")
	}
	if _, err := CompareModels(append(a, b...), "gan-ns", "wgna", CompareOptions{Seed: 1, Reps: 0}); err == nil || !strings.Contains(err.Error(), `did you mean "wgan"?`) {
		t.Error(err)
	}
	var w bytes.Buffer
	if err := Text(&w, CompareTable(got)); err != nil || !strings.Contains(w.String(), "-50.0 %") {
		t.Error(err, w.String())
	}
}

// Records of a score need no data set: a sentence about them begins with the model.
func TestFindingsWithoutDataset(t *testing.T) {
	r := rec("a", "fd", 1)
	r.Dataset = ""
	for _, f := range report(t, NewRun("x", []Record{r}), Options{}).Findings {
		if f.Subject || !strings.HasPrefix(f.Text, r.Model+" has ") {
			t.Errorf("%q, subject %v", f.Text, f.Subject)
		}
	}
}

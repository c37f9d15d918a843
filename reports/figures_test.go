package reports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-gan/assay/reports/stats"
)

// rivals are records of three models on two data sets, six seeds each, by fd, precision and recall: a is best everywhere, c fails twice on the second.
func rivals() (recs []Record) {
	values := map[string]map[string][]float64{
		"one": {"a": {1, 1.1, 1.2, 1.3, 1.4, 1.5}, "b": {2, 2.2, 2.4, 2.6, 2.8, 3}, "c": {1.25, 4, 5, 6, 7, 8}},
		"two": {"a": {10, 11, 12, 13, 14, 15}, "b": {30, 31, 32, 33, 34, 35}, "c": {20, 21, 22, 23}},
	}
	for _, d := range []string{"one", "two"} {
		add := func(model string, seed int, metric, better string, v float64) {
			recs = append(recs, Record{Cell: fmt.Sprintf("%s-%s-%d", d, model, seed), Model: model, Dataset: d, SettingsID: model + d, Seed: uint64(seed), Step: 100, N: 500, Metric: metric, Better: better, Value: v, Status: OK,
				Cost: Cost{WallSeconds: 2, CPUSeconds: 1 + float64(seed)}})
		}
		for model, v := range values[d] {
			for i, one := range v {
				add(model, i+1, "fd", Lower, one)
				add(model, i+1, "precision", Higher, 1/(1+one))
				add(model, i+1, "recall", Higher, 1/(2+one))
			}
			for i := len(v); i < 6; i++ {
				recs = append(recs, Record{Cell: fmt.Sprintf("%s-%s-%d", d, model, i+1), Model: model, Dataset: d, SettingsID: model + d, Seed: uint64(i + 1), Step: 100, Status: Failed, Error: "diverged", Cause: Diverged})
			}
		}
		add(Real, 1, "fd", Lower, map[string]float64{"one": .5, "two": 5}[d])
		add(Real, 1, "precision", Higher, .9)
		add(Real, 1, "recall", Higher, .8)
	}
	return recs
}

func figuresOf(t *testing.T, recs []Record) map[string]Figure {
	t.Helper()
	for _, r := range recs {
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
	}
	r, err := New(NewRun("rivals", recs), Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Figure{}
	for _, f := range r.Figures() {
		if _, twice := out[f.Name]; twice {
			t.Errorf("two figures are called %s", f.Name)
		}
		out[f.Name] = f
	}
	return out
}

func (f Figure) row(t *testing.T, key ...string) []string {
	t.Helper()
	for _, row := range f.Data {
		if slices.Equal(row[:len(key)], key) {
			return row
		}
	}
	t.Fatalf("%s has no row of %v: %v", f.Name, key, f.Data)
	return nil
}

func field(t *testing.T, row []string, i int) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(row[i], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const figureTol = 1e-12

func TestFiguresOverDataSets(t *testing.T) {
	f := figuresOf(t, rivals())
	for _, name := range []string{"ranks", "improvement", "aggregate", "profiles", "precision-recall-one", "precision-recall-two", "distribution-one", "distribution-two", "cost-one", "cost-two"} {
		if _, ok := f[name]; !ok {
			t.Errorf("figure %s is missing", name)
		}
	}
	// Medians on one: 1.25, 2.5, 5.5; on two: 12.5, 32.5, and 22.5 of 20 21 22 23 inf inf: ranks 1 1, 2 3, 3 2.
	for model, want := range map[string]float64{"a": 1, "b": 2.5, "c": 2.5} {
		if got := field(t, f["ranks"].row(t, model), 1); math.Abs(got-want) > figureTol {
			t.Errorf("mean rank of %s is %v, want %v", model, got, want)
		}
	}
	// a against c: on one a wins all six against five of c, and 1.25 loses to 1 1.1 1.2 alone: 33 of 36; on two it wins all: (33/36 + 1)/2.
	if got, want := field(t, f["improvement"].row(t, "a", "c"), 2), (33.0/36+1)/2; math.Abs(got-want) > figureTol {
		t.Errorf("a beats c with %v, want %v", got, want)
	}
	// b against c on two: it beats the two failures of c alone: 12 of 36; on one all but 1.25: 30 of 36.
	if got, want := field(t, f["improvement"].row(t, "b", "c"), 2), (12.0/36+30.0/36)/2; math.Abs(got-want) > figureTol {
		t.Errorf("b beats c with %v, want %v", got, want)
	}
	// The middle half of a's twelve ratios 2 2.2 2.4 2.6 2.8 3, twice: the six from 2.2, 2.4 ... : sorted 2 2 2.2 | 2.2 2.4 2.4 2.6 2.6 2.8 | 2.8 3 3.
	if got, want := field(t, f["aggregate"].row(t, "a"), 1), math.Exp((math.Log(2.2)+2*math.Log(2.4)+2*math.Log(2.6)+math.Log(2.8))/6); math.Abs(got-want) > figureTol {
		t.Errorf("the interquartile mean of a is %v, want %v", got, want)
	}
	if row := f["aggregate"].row(t, "c"); row[4] != "12" || row[5] != "2" {
		t.Errorf("runs and failures of c: %v", row)
	}
	last := 0.0
	for _, row := range f["profiles"].Data {
		if row[0] == "c" {
			last = field(t, row, 2)
		}
	}
	if math.Abs(last-(1+4.0/6)/2) > figureTol { // on two four of six ended
		t.Errorf("the profile of c ends at %v", last)
	}
	for name, caption := range map[string]string{"ranks": "6 runs on each of one and two", "improvement": "2 runs failed and count as the worst", "precision-recall-two": "medians of 6 runs", "aggregate": "95 % intervals"} {
		if !strings.Contains(f[name].Caption, caption) {
			t.Errorf("%s does not say %q: %s", name, caption, f[name].Caption)
		}
	}
}

// A model that did not run everywhere has no rank among those that did, and the figure says so.
func TestFiguresCompareWhatRanEverywhere(t *testing.T) {
	recs := rivals()
	for _, r := range slices.Clone(recs) {
		if r.Model == "b" && r.Dataset == "one" {
			r.Model, r.Cell, r.SettingsID = "only", "only"+r.Cell, "only"
			recs = append(recs, r)
		}
	}
	f := figuresOf(t, recs)["ranks"]
	if len(f.Data) != 3 || !strings.Contains(f.Caption, "did not run on all of these data sets: only") {
		t.Errorf("%v\n%s", f.Data, f.Caption)
	}
}

func TestFiguresOfLittle(t *testing.T) {
	one := Where(rivals(), func(r Record) bool { return r.Seed == 1 && r.Metric == "fd" && r.Dataset == "one" && r.Model == "a" })
	if f := figuresOf(t, one); len(f) != 0 {
		t.Errorf("one run of one model has figures: %v", f)
	}
	r, err := New(NewRun("little", one), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.WriteFigures(t.TempDir()); err == nil || !strings.Contains(err.Error(), "support no figure") {
		t.Errorf("no figure is no error: %v", err)
	}
}

// Scores at several steps make a curve; the band of six runs is the interval of order statistics, whose ends are the least and the greatest.
func TestScoreOverSteps(t *testing.T) {
	recs := rivals()
	for _, r := range slices.Clone(recs) {
		if r.Metric == "fd" && !IsReference(r.Model) {
			r.Step, r.Value, r.Cost.CPUSeconds = 50, 2*r.Value, r.Cost.CPUSeconds/2
			recs = append(recs, r)
		}
	}
	all := figuresOf(t, recs)
	f := all["steps-one"]
	if row := f.row(t, "a", "50"); row[3] != "2.5" || row[4] != "2" || row[5] != "3" || row[6] != "6" || row[2] != "2.25" {
		t.Errorf("a at step 50: %v", row)
	}
	if row := all["steps-two"].row(t, "c", "50"); row[3] != "45" || row[5] != "inf" || row[6] != "6" { // 40 42 44 46 and two failures
		t.Errorf("c at step 50: %v", row)
	}
	if row := f.row(t, "a", "100"); row[3] != "1.25" {
		t.Errorf("a at the end: %v", row)
	}
	if !strings.Contains(f.Caption, "order statistics") || all["seconds-one"].Name == "" {
		t.Errorf("%s", f.Caption)
	}
}

// The score rises with lr, has nothing to do with beta, and moves with the depth as a word does.
func TestSensitivity(t *testing.T) {
	var recs []Record
	beta := []float64{.9, .1, .7, .3, .5, .2, .8, .4, .6, .05}
	var lr, score []float64
	for i := range 10 {
		v := float64(i + 1)
		rec := Record{Cell: fmt.Sprint("c", i), Model: "m", Dataset: "d", SettingsID: fmt.Sprint(i), Seed: 1, Step: 10, N: 10, Metric: "fd", Better: Lower, Value: v * v, Status: OK,
			Settings: map[string]string{"lr": fmt.Sprint(v * 1e-4), "lr_g": fmt.Sprint(v * 1e-4), "beta": fmt.Sprint(beta[i]), "same": "1", "act": []string{"relu", "tanh", "elu"}[i%3]}}
		if i == 9 {
			rec.Metric, rec.Better, rec.Value, rec.Status, rec.Error, rec.Cause = "", "", 0, Failed, "diverged", Diverged
		}
		recs = append(recs, rec)
		lr, score = append(lr, v), append(score, v)
	}
	f := figuresOf(t, recs)["sensitivity-d"]
	tau, p := stats.Kendall(lr, score) // 1, and 2/10!
	row := f.row(t, "m", "lr = lr_g")
	if field(t, row, 4) != tau || field(t, row, 5) != p || tau != 1 || math.Abs(p-2.0/3628800) > 1e-15 {
		t.Errorf("lr: %v, want %v and %v", row, tau, p)
	}
	if row := f.row(t, "m", "act"); row[2] == "0" || row[4] != "" {
		t.Errorf("a setting of words has an order: %v", row)
	}
	failures := 0
	for _, row := range f.Data {
		if row[1] == "same" {
			t.Errorf("a setting that never changed is there: %v", row)
		}
		if row[3] == "inf" {
			failures++
		}
	}
	if failures != 3 || !strings.Contains(f.Caption, "of 10 settings a model") || !strings.Contains(f.Caption, "failed, which counts as the worst") {
		t.Errorf("%d failures in three panels; %s", failures, f.Caption)
	}
}

func TestWriteFiguresIsDeterministic(t *testing.T) {
	write := func(recs []Record) map[string]string {
		r, err := New(NewRun("rivals", recs), Options{})
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "new", "folder")
		paths, err := r.WriteFigures(dir)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(p)] = string(b)
		}
		return files
	}
	back := rivals()
	slices.Reverse(back)
	one, two := write(rivals()), write(back)
	for name, text := range one {
		if two[name] != text {
			t.Errorf("%s has other bytes for the same records in another order", name)
		}
		switch filepath.Ext(name) {
		case ".csv":
			if rows, err := csv.NewReader(strings.NewReader(text)).ReadAll(); err != nil || len(rows) < 2 {
				t.Errorf("%s: %d rows, %v", name, len(rows), err)
			}
		case ".svg":
			if strings.Contains(text, "var(--") || strings.Contains(text, "http://") && strings.Count(text, "http://") > 1 {
				t.Errorf("%s leans on something outside", name)
			}
		}
	}
	if len(one) == 0 || len(one)%3 != 0 || len(one) != len(two) {
		t.Errorf("%d and %d files", len(one), len(two))
	}
}

// What is drawn for the page is drawn for the file: every class of a mark has a rule in the style sheet, and every mark a colour.
func TestEveryMarkHasAStyle(t *testing.T) {
	text, err := figureText()
	if err != nil {
		t.Fatal(err)
	}
	rules := parseStyle(text)
	known := map[string]bool{}
	for _, r := range rules {
		for _, n := range r.names {
			known[n] = true
		}
	}
	recs := rivals()
	for _, f := range figuresOf(t, recs) {
		var b bytes.Buffer
		if err := f.SVG(&b); err != nil {
			t.Fatal(err)
		}
		drawn := regexp.MustCompile(`<(path|rect class|circle|text)`).FindAllString(b.String(), -1)
		if len(f.pic.marks) == 0 || len(drawn) != len(f.pic.marks) {
			t.Errorf("%s: %d marks, %d elements", f.Name, len(f.pic.marks), len(drawn))
		}
		for _, m := range f.pic.marks {
			for _, c := range strings.Fields(m.class) {
				if !known[c] && c != "label" && c != "tick" && !strings.HasPrefix(c, "k") {
					t.Errorf("%s: the style sheet says nothing of %q", f.Name, c)
				}
			}
			if s := rules.of(m); s.Fill == nil && s.Stroke == nil && m.class != "mode" {
				t.Errorf("%s: a mark of class %q is invisible", f.Name, m.class)
			}
		}
	}
	curve := rules.of(mark{shape: lineShape, class: "curve thick c2 k1"})
	if curve.Width != 2.2 || curve.Fill != nil || curve.Stroke == nil || !slices.Equal(curve.Dash, []float64{7, 3}) {
		t.Errorf("a curve is drawn as %+v", curve)
	}
	if bar := rules.of(mark{shape: lineShape, class: "median c1"}); bar.Fill != nil {
		t.Errorf("a line encloses something: %+v", bar)
	}
	if text := rules.of(mark{shape: textShape, class: "name end"}); text.size != 12 || text.anchor != 2 {
		t.Errorf("a name is written as %+v", text)
	}
}

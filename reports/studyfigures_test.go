package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
)

// someDraws is a study of two models on a ring: twenty settings each, one of which failed, and six fresh seeds of the best and of the defaults.
func someDraws() []Record {
	var recs []Record
	add := func(model string, seed int, d Draw, settings string, v float64) {
		r := Record{Cell: fmt.Sprint(model, d, seed), Model: model, Dataset: "ring", Metric: "fd", Reference: "test", Value: v, Better: Lower, Status: OK, Seed: uint64(seed), SettingsID: settings, Study: []Draw{d}}
		if math.IsInf(v, 1) {
			r.Metric, r.Status, r.Error, r.Better, r.Reference, r.Value = "", Failed, "the loss is NaN", "", "", 0
		}
		recs = append(recs, r)
	}
	for m, model := range []string{"first", "second<&>"} {
		for i := 1; i <= 20; i++ {
			v := float64(m+1) / float64(i)
			if i == 3 {
				v = math.Inf(1)
			}
			add(model, 1, Draw{Phase: "wide", Number: i}, fmt.Sprint(model, i), v)
		}
		for seed := range 6 {
			add(model, 1000+seed, Draw{Phase: RerunPhase, Of: "best", Number: 20, From: "wide"}, model+"20", float64(m+1)/20+0.001*float64(seed))
			add(model, 1000+seed, Draw{Phase: RerunPhase, Of: "defaults", Number: 1}, model+"1", float64(m+1)+0.01*float64(seed))
		}
	}
	return append(recs, Record{Cell: "real", Model: Real, Dataset: "ring", Metric: "fd", Reference: "test", Value: 0.01, Better: Lower, Status: OK})
}

// Every figure is a whole XML file that needs nothing else, has a panel or a row for each model, and the mark of what failed.
func TestStudyFigures(t *testing.T) {
	figures := StudyFigures(Summarise(someDraws(), 0), "fd")
	var names []string
	for _, f := range figures {
		names = append(names, f.Name)
		var b bytes.Buffer
		if err := f.SVG(&b); err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(&b)
		text, models := "", 0
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			if c, ok := tok.(xml.CharData); ok {
				text += string(c) + "\n"
			}
		}
		for _, m := range []string{"first\n", "second<&>\n"} {
			models += strings.Count(text, m)
		}
		if models != 2 {
			t.Errorf("%s names %d models:\n%s", f.Name, models, text)
		}
		if strings.Contains(text, "var(") || !strings.Contains(text, "#") {
			t.Errorf("%s has a style that only a page can read", f.Name)
		}
		if want := map[string]string{"chosen": "6 runs with fresh seeds", "budget-ring": "20 settings a model", "settings-ring": "20 settings a model"}[f.Name]; !strings.Contains(f.Caption, want) {
			t.Errorf("%s is not said to be of %s: %s", f.Name, want, f.Caption)
		}
		if f.Name == "settings-ring" && strings.Count(text, "✕ 1") != 2 {
			t.Errorf("the failures are not told:\n%s", text)
		}
	}
	if got := strings.Join(names, " "); got != "chosen budget-ring settings-ring" {
		t.Errorf("figures: %s", got)
	}
	if got := StudyFigures(Summarise(studyless(), 0), "fd"); len(got) != 0 {
		t.Errorf("%d figures of a run that is no study", len(got))
	}
}

func studyless() []Record {
	recs := someDraws()
	for i := range recs {
		recs[i].Study = nil
	}
	return recs
}

// Of the values 1 to 4 the best of one is 2.5 and of two (7 1 + 5 2 + 3 3 + 1 4) / 16; two are half of them, three too many. With a failure among four the expectation is
// infinite, and the median of the best of two stands in: of 16 outcomes 7 are 1.
func TestBestOf(t *testing.T) {
	s := Summary{Better: Lower, Values: []float64{3, 1, 4, 2}}
	for k, want := range map[int]float64{1: 2.5, 2: 30. / 16} {
		if got, lo, hi := BestOf(s, k); math.Abs(got-want) > 1e-12 || lo != 1 || hi > 4 {
			t.Errorf("best of %d: %v [%v, %v], want %v", k, got, lo, hi, want)
		}
	}
	if got, _, _ := BestOf(s, 3); !math.IsNaN(got) {
		t.Errorf("best of three of four: %v", got)
	}
	if got, _, hi := BestOf(Summary{Better: Lower, Values: []float64{3, 1, 2}, Failed: 1}, 2); got != 2 || hi != math.Inf(1) {
		t.Errorf("with a failure: %v, up to %v", got, hi)
	}
	if got, lo, hi := BestOf(Summary{Better: Higher, Values: []float64{3, 1, 4, 2}}, 2); math.Abs(got-50./16) > 1e-12 || lo > hi { // 5 - 30/16
		t.Errorf("where more is better: %v [%v, %v]", got, lo, hi)
	}
}

package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// aWatch is ten looks at a run with two modes, which has lost the second from step 60 on.
func aWatch() *Watch {
	w := &Watch{Every: 10, Samples: 100, Of: "modes", Fair: []float64{.5, .5}, Critics: []string{"d"}, Gradients: map[string][]float64{"g": nil}, Losses: map[string][]float64{"d": nil}}
	for i := range 10 {
		counts := []int{50, 50}
		if i >= 5 {
			counts = []int{100, 0}
		}
		w.Steps, w.Counts = append(w.Steps, 10*(i+1)), append(w.Counts, counts)
		w.Covered, w.Effective = append(w.Covered, map[bool]int{true: 1, false: 2}[i >= 5]), append(w.Effective, 1.9)
		w.Duplicates, w.Spread, w.NotNumbers = append(w.Duplicates, .01), append(w.Spread, 1), append(w.NotNumbers, 0)
		w.Losses["d"], w.Gradients["g"] = append(w.Losses["d"], 1.3), append(w.Gradients["g"], .4)
	}
	w.Alarms = []Alarm{{Kind: AlarmCollapse, Step: 70, Since: 60, Text: "1 effective modes of 2"}}
	return w
}

// A watch that is written is read again as it was, and one that is damaged is a gap of the report.
func TestWatchIsAnArtifact(t *testing.T) {
	dir := t.TempDir()
	if err := WriteArtifacts(dir, "cell", Artifacts{Watch: aWatch()}); err != nil {
		t.Fatal(err)
	}
	a, gaps := ReadArtifacts(dir, "cell")
	if d := cmp.Diff(aWatch(), a.Watch); d != "" || gaps != nil {
		t.Error(d, gaps)
	}
	for name, spoil := range map[string]func(w *Watch){
		"a short series":   func(w *Watch) { w.Spread = w.Spread[1:] },
		"a short loss":     func(w *Watch) { w.Losses["d"] = w.Losses["d"][1:] },
		"another number":   func(w *Watch) { w.Counts[3] = []int{1, 2, 3} },
		"a critic unknown": func(w *Watch) { w.Critics = []string{"e"} },
		"an unknown alarm": func(w *Watch) { w.Alarms[0].Kind = "fire" },
		"a late beginning": func(w *Watch) { w.Alarms[0].Since = 71 },
	} {
		w := aWatch()
		if spoil(w); w.Check() == nil {
			t.Errorf("%s is taken", name)
		}
		if err := WriteArtifacts(dir, "cell", Artifacts{Watch: w}); err != nil {
			t.Fatal(err)
		}
		if a, gaps := ReadArtifacts(dir, "cell"); a.Watch != nil || len(gaps) != 1 {
			t.Errorf("%s: %v", name, gaps)
		}
	}
}

// Alarms travel in records and stand in the findings and the page, with a line at their step.
func TestAlarmsAreReported(t *testing.T) {
	recs := benchRecords()
	run := &Run{ID: "run", Records: recs, Artifacts: map[string]Artifacts{}}
	for i, r := range recs {
		if r.Model == "gan-ns" && r.Dataset == "ring" && r.Seed < 2 {
			recs[i].Alarms = aWatch().Alarms
			run.Artifacts[r.Cell] = Artifacts{Cell: r.Cell, Watch: aWatch()}
		}
	}
	r, err := New(run, Options{Bare: true})
	if err != nil {
		t.Fatal(err)
	}
	var page, text bytes.Buffer
	if err := errors.Join(HTML(&page, r), Terminal(&text, r)); err != nil {
		t.Fatal(err)
	}
	const says = "Collapse during training: gan-ns on ring (2 of 6 runs, the first since step 60)."
	if !strings.Contains(text.String(), says) || !strings.Contains(page.String(), "gan-ns on ring (2 of 6 runs, the first since step 60).") {
		t.Errorf("not said: %s", text.String()[:400])
	}
	// Step 60 of 100 lies at 52 + .6 (420 - 52 - 12) = 265.6.
	if !strings.Contains(page.String(), `id="monitor"`) || strings.Count(page.String(), `<path class="floor" d="M265.6 `) != 1 {
		t.Error("the page has no chart with a line at step 60")
	}
	// The first mode has at most its fair share of 1/2 until step 50 and all of it after, the second its share and then nothing: 10 + 5 cells.
	if n := strings.Count(page.String(), `class="heat h`); n != 15 {
		t.Errorf("%d cells of the histogram, want 15", n)
	}
	for _, bad := range []Alarm{{Kind: "fire"}, {Kind: AlarmCollapse, Step: 1, Since: 2}} {
		odd := recs[0]
		odd.Alarms = []Alarm{bad}
		if odd.Check() == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	var back Record
	b, err := json.Marshal(recs[indexOf(recs, "gan-ns")])
	if err != nil || json.Unmarshal(b, &back) != nil || cmp.Diff(aWatch().Alarms, back.Alarms) != "" {
		t.Errorf("%v: %s", err, b)
	}
}

func indexOf(recs []Record, model string) int {
	for i, r := range recs {
		if r.Model == model && r.Dataset == "ring" && r.Seed == 0 {
			return i
		}
	}
	return -1
}

// Every cause of an alarm is one of failures, and every alarm has a title.
func TestAlarmKinds(t *testing.T) {
	for _, k := range AlarmKinds() {
		if alarmTitles[k] == "" {
			t.Errorf("%s has no title", k)
		}
		if c := k.Cause(); c != "" && !c.Deterministic() {
			t.Errorf("%s is %s, which is tried again", k, c)
		}
	}
}

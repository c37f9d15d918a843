package command

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/assay-gan/assay/reports"
)

// A generator a hundred times as fast as its judge is off its data and then one point; the command says so, ends where it is told to, and stays there.
func TestTrainMonitored(t *testing.T) {
	t.Chdir(t.TempDir())
	args := []string{"train", "gan-ns", "--dataset", "ring", "--preset", "paper", "--set", "lr_g=1e-2", "--set", "lr_d=1e-5", "--steps", "60", "--out", "m", "--quiet"}
	r := assay(append(args, "--monitor-every", "5", "--monitor-samples", "100", "--stop-on", "collapse")...)
	if r.code != 1 || !strings.Contains(r.err, "stopped at step 30 by the monitor: collapse since step 5") {
		t.Fatalf("%d %s", r.code, r.err)
	}
	b, err := os.ReadFile("m/monitor.json")
	if err != nil {
		t.Fatal(err)
	}
	var w reports.Watch
	if err := json.Unmarshal(b, &w); err != nil || w.Check() != nil || len(w.Steps) != 6 || !w.Stopped || w.Of != "modes" {
		t.Errorf("%v, %v, %s", err, w.Check(), b)
	}
	if again := assay(append(args, "--monitor-every", "5", "--monitor-samples", "100", "--stop-on", "collapse")...); again.code != 1 || !strings.Contains(again.err, "stopped at step 30") {
		t.Errorf("again: %d %s", again.code, again.err)
	}
	if on := assay(append(args, "--monitor")...); on.code != 0 { // another monitor, and no rule
		t.Errorf("gone on with: %d %s", on.code, on.err)
	}
	for _, c := range [][2]string{{"--stop-on=colapse", `did you mean "collapse"`}, {"--monitor-every=61", "a look every 61 steps is none in a run of 60"}, {"--monitor-samples=9", "at least 50"}} {
		if r := assay(append(args, "--monitor", c[0])...); r.code != 2 || !strings.Contains(r.err, c[1]) {
			t.Errorf("%s: %d %s", c[0], r.code, r.err)
		}
	}
}

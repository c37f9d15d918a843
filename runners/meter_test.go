package runners

import (
	"context"
	"strings"
	"testing"
	"time"
)

// What the phases took is what the cells took: the process's time, shared out among those that ran at once.
func TestPhasesAddUpToTheCells(t *testing.T) {
	var a accountant
	burn := func(d time.Duration) {
		for end := cpuSeconds() + d.Seconds(); cpuSeconds() < end; {
		}
	}
	one := a.begin(spent{})
	burn(20 * time.Millisecond) // one trains alone
	two := a.begin(spent{})
	one.enter(scoring)
	burn(20 * time.Millisecond) // shared: one scores, two trains
	one.end()
	two.enter(judging)
	burn(20 * time.Millisecond)
	two.end()
	got := map[string]float64{}
	total := 0.0
	for _, p := range a.spent() {
		got[p.Name] = p.CoreSeconds
		total += p.CoreSeconds
	}
	if cells := one.read().CPU + two.read().CPU; total < 0.0599 || total < cells-1e-9 || total > cells+1e-9 {
		t.Errorf("phases take %v s, cells %v s", total, cells)
	}
	if got["train"] < 0.0299 || got["metrics"] < 0.0099 || got["verdict"] < 0.0199 || got["features"] != 0 {
		t.Errorf("phases %v", got)
	}
}

// What a run says of its phases: each that its cells went through took some time, and nothing was booked elsewhere.
func TestSummaryKnowsThePhases(t *testing.T) {
	c, err := ParseConfig("s.yaml", []byte("name: phases\ndatasets: [{name: ring, train: 3000, test: 2000}]\nsamples: 2000\nbudget: 20\nfeaturizers: [none]\nmetrics: [fd, prdc]\nmodels: [gan-ns]\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(DefaultKit(), c)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := Run(context.Background(), DefaultKit(), p, Options{Dir: t.TempDir(), Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, ph := range sum.Phases {
		names = append(names, ph.Name)
		if ph.Name != "write" && !(ph.CoreSeconds > 0) { // writing may wait for the disk alone
			t.Errorf("%s took %v s", ph.Name, ph.CoreSeconds)
		}
	}
	if got := strings.Join(names, " "); got != "train draw features metrics verdict write" {
		t.Errorf("phases %s", got)
	}
}

package audit

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/metrics/sanity"
	"github.com/assay-gan/assay/runners"
)

func TestPlanRunsWhatWasPublishedAsItWas(t *testing.T) {
	plan, left, err := SanityRequest{Seed: 1}.Plan(runners.DefaultKit())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, r := range plan {
		seen[r.Metric.Info().ID]++
		full := r.Repeats == publishedRepeats
		if full != (len(r.Of) > 0) {
			t.Errorf("%s %v: %+v for %v", r.Metric.Info().ID, r.Settings, r.Options, r.Of)
		}
		for name, want := range r.Settings {
			for _, o := range r.Metric.Info().Options {
				if o.Name == name && o.Default != want {
					t.Errorf("%s: %s is %s, want %s", r.Metric.Info().ID, name, o.Default, want)
				}
			}
		}
	}
	if seen["prdc"] != 3 || seen["fd"] != 1 || seen["is"] != 0 || left["c2st"] == "" {
		t.Errorf("runs %v, left out %v", seen, left)
	}
	named, left, err := SanityRequest{Metrics: []string{"c2st"}, Repeats: 7, Thin: 2}.Plan(runners.DefaultKit())
	if err != nil || len(named) != 1 || len(left) != 0 || named[0].Repeats != 7 || named[0].Thin != 2 {
		t.Errorf("c2st by name: %v %v %v", named, left, err)
	}
}

func TestSanityRefusesWhatDoesNotFit(t *testing.T) {
	for want, q := range map[string]SanityRequest{
		"is cannot be put to the sanity checks": {Metrics: []string{"is"}},
		"did you mean":                          {Checks: []string{"sphere-tours"}},
		"unknown metric":                        {Metrics: []string{"fdi"}},
	} {
		if err := q.Check(runners.DefaultKit()); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

// An audit that finds its pieces says what one that makes them says, and a metric from outside takes part.
func TestSanityGoesOn(t *testing.T) {
	kit := runners.DefaultKit()
	kit.Metrics = append(kit.Metrics, doubled{metrics.FDDiag{}})
	q := SanityRequest{Metrics: []string{"fd_diag", "doubled"}, Checks: []string{"gaussian-mixture-mode-dropping-invention"}, Repeats: 1, Seed: 3, Dir: t.TempDir()}
	first, err := Sanity(context.Background(), kit, q)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	q.Tell = func(p Progress) {
		if p.Done != float64(int(p.Done)) {
			made++
		}
	}
	again, err := Sanity(context.Background(), kit, q)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, again); d != "" || made > 0 {
		t.Errorf("%d steps made again: %s", made, d)
	}
	subjects := again.Subjects()
	if len(subjects) != 2 || subjects[0].Name() != "fd_diag" || subjects[0].Face != sanity.Both || len(subjects[0].Verdicts) != 2 {
		t.Fatalf("%+v", subjects)
	}
	for i, m := range subjects[0].Curves[0].Mean {
		if twice := subjects[1].Curves[0].Mean[i]; twice < 1.999*m || twice > 2.001*m {
			t.Errorf("point %d: %v and twice it %v", i, m, twice)
		}
	}
	if d := cmp.Diff(subjects[0].Findings, subjects[1].Findings); d != "" {
		t.Errorf("twice a distance is judged otherwise: %s", d)
	}
}

// doubled is a metric of a program of its own.
type doubled struct{ metrics.Metric }

func (d doubled) Info() metrics.Info {
	i := d.Metric.Info()
	i.ID, i.Values = "doubled", []string{"doubled"}
	return i
}

func (d doubled) Compute(ctx context.Context, p metrics.Pair) (metrics.Result, error) {
	r, err := d.Metric.Compute(ctx, p)
	if err == nil {
		r.Values = r.Values[:1]
		r.Values[0].Name, r.Values[0].Value = "doubled", 2*r.Values[0].Value
	}
	return r, err
}

package runners

import (
	"context"
	"math"
	"testing"

	"github.com/assay-gan/assay/reports"
)

// A run carries the likelihood of a model that has one and the path length of a model with latent vectors; a model without is excused, not failed.
func TestRunLooksInsideModels(t *testing.T) {
	c, err := ParseConfig("suite.yaml", []byte(`name: inside
models:
  - {name: vae, preset: paper, settings: {width: 16, batch: 16}}
  - {name: gan-ns, settings: {width: 16, batch: 16}}
  - {name: flow-matching, settings: {width: 16, batch: 16, nfe: 9, tolerance: 1e-3}}
datasets:
  - {name: ring, train: 200, test: 100, hold: 1}
floor: false
featurizers: none
metrics: [nll, ppl, fd, elbo, interpolation]
budget: 20
samples: 60
seeds: [1]
`))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(DefaultKit(), c)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if _, err := Run(context.Background(), DefaultKit(), p, Options{Dir: folder}); err != nil {
		t.Fatal(err)
	}
	run, err := reports.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]reports.Record{}
	for _, r := range run.Records {
		if r.Status == reports.Failed {
			t.Errorf("%s of %s failed: %s", r.Metric, r.Model, r.Error)
		}
		seen[r.Model+" "+r.Metric] = r
	}
	// A sample of a flow takes as many evaluations as whole steps of two fit into nine; one of the others is a single pass.
	for model, want := range map[string]float64{"vae": 1, "gan-ns": 1, "flow-matching": 8} {
		if c := seen[model+" fd"].Cost; c.Evaluations != want || !(c.SamplesPerSecond > 0) {
			t.Errorf("%s: %v evaluations a sample, want %v; %v samples a second", model, c.Evaluations, want, c.SamplesPerSecond)
		}
	}
	if got := seen["flow-matching nll"].Convention["likelihood"]; got != "exact" {
		t.Errorf("the likelihood of a flow of points is %q", got)
	}
	for _, want := range []string{"flow-matching nll", "vae nll", "vae bits_per_site", "vae ppl", "gan-ns ppl", "vae interpolation_jump", "gan-ns interpolation_jump", "vae elbo", "vae iwae", "vae kl", "vae reconstruction"} {
		r, ok := seen[want]
		if !ok || r.Interval == nil || !(math.Abs(r.Value) > 0) {
			t.Errorf("%s: %+v, there %v", want, r, ok)
		}
	}
	// Twenty steps do not reach the modes: the shares may be 0, what they rest on is said.
	for _, want := range []string{"vae interpolation", "vae interpolation_ends", "gan-ns interpolation"} {
		if r, ok := seen[want]; !ok || r.Interval == nil || r.Value < 0 || r.Value > 1 || r.NReal != 60 {
			t.Errorf("%s: %+v, there %v", want, r, ok)
		}
	}
	_, bounded := seen["gan-ns elbo"]
	if _, ok := seen["gan-ns nll"]; ok || bounded {
		t.Error("an adversarial generator has a likelihood")
	}
	// Ten codes never give less than their mean; the bound of nll takes one, with its divergence in closed form, so that both agree but for the noise of the codes.
	elbo, iwae, nll := seen["vae elbo"], seen["vae iwae"], seen["vae nll"]
	if iwae.Value < elbo.Value || elbo.Convention["draws"] != "10" || math.Abs(elbo.Value+nll.Value) > (elbo.Interval.Hi-elbo.Interval.Lo)/2 || math.Abs(seen["vae reconstruction"].Value-seen["vae kl"].Value-elbo.Value) > 1e-9 {
		t.Errorf("elbo %+v, iwae %v, nll %v", elbo, iwae.Value, nll.Value)
	}
	if l := seen["vae nll"].Convention["likelihood"]; l == "exact" {
		t.Errorf("the bound of a VAE is called %s", l)
	}
}

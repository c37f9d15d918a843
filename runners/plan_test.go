package runners

import (
	"strings"
	"testing"
)

// suiteOf plans a suite text with the fake kit.
func suiteOf(text string) (*Plan, error) {
	c, err := ParseConfig("s.yaml", []byte(text))
	if err != nil {
		return nil, err
	}
	return NewPlan(fakeKit(), c)
}

func mustPlan(t *testing.T, text string) *Plan {
	t.Helper()
	p, err := suiteOf(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const ring = "name: tiny\nfeaturizers: [none]\nmetrics: [gap]\nsamples: 200\ndatasets:\n- {name: ring, train: 500, test: 300, hold: 1}\n"

func TestPlanRefusesUnknownNames(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"model", ring + "models: [quik]\n", `s.yaml: line 7: unknown model "quik", did you mean "quick"? have quick, slow`},
		{"data set", strings.Replace(ring, "name: ring,", "name: rign,", 1) + "models: quick\n", `line 6: unknown data set "rign", did you mean "ring"?`},
		{"metric", strings.Replace(ring, "[gap]", "[gpa]", 1) + "models: quick\n", `line 3: unknown metric "gpa", did you mean "gap"?`},
		{"featurizer", strings.Replace(ring, "[none]", "[pixel]", 1) + "models: quick\n", `line 2: unknown featurizer "pixel", did you mean "pixels"?`},
		{"inner form", strings.Replace(ring, "[none]", `["pca(8,"]`, 1) + "models: quick\n", "line 2: featurizer"},
		{"setting", ring + "models:\n- {name: quick, settings: {lrr: 1}}\n", `line 8: model quick has no setting "lrr"`},
		{"impossible setting", ring + "models:\n- {name: quick, settings: {clip: -1}}\n", "line 8: model quick: clip = -1: want a number from 0 to 10"},
		{"zero steps", ring + "models:\n- {name: quick, settings: {steps: 0}}\n", "line 8: model quick: steps = 0: want"},
		{"reserved name", ring + "models:\n- {name: quick, as: real}\n", `line 8: models: "real" is the name of a reference row of reports (reserved are real, perfect, noise): give the model another name by as, such as {name: quick, as: my-real}`},
		{"reserved model", ring + "models:\n- quick\n- perfect\n", `line 9: models: "perfect" is the name of a reference row`},
		{"parameter", strings.Replace(ring, "train: 500,", "params: {mods: 3},", 1) + "models: quick\n", `line 6: data set ring: unknown parameter "mods", did you mean "modes"?`},
		{"impossible parameter", strings.Replace(ring, "train: 500,", "params: {modes: 0},", 1) + "models: quick\n", "line 6: data set ring: modes = 0: want a whole number from 1"},
		{"metric option", strings.Replace(ring, "[gap]", "[{name: gap, set: {scael: 1}}]", 1) + "models: quick\n", "line 3: gap has no option"},
		{"restricted to an unlisted set", ring + "models:\n- {name: quick, datasets: [grid]}\n", `line 8: model quick: unknown data set "grid", have ring (the suite`},
		{"impossible pair on purpose", ring + "models:\n- {name: translate, datasets: [ring]}\n", "line 8: model translate on data set ring: it translates between two domains"},
		{"nothing fits", ring + "models: [translate]\n", "no model of the suite runs on any of its data sets"},
		{"no metrics", "name: a\nfeaturizers: none\nmodels: quick\ndatasets: [ring]\n", "line 4: data set ring has no featurizers or no metrics"},
		{"same cell twice", ring + "models: [quick, quick]\n", "quick on ring, seed 1 is planned twice"},
	} {
		_, err := suiteOf(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is\n  %v\nwant one line with\n  %s", c.name, err, c.want)
		}
	}
}

func TestPlanIsTheCrossProductThatMakesSense(t *testing.T) {
	p := mustPlan(t, strings.Replace(ring, "datasets:\n", "datasets:\n- {name: ring-rotated, seeds: 9}\n", 1)+"seeds: [1, 2]\nmodels: [quick, translate]\n")
	var got []string
	for _, c := range p.Cells {
		got = append(got, c.Title())
	}
	want := []string{
		"real on ring-rotated, seed 9", "perfect on ring-rotated, seed 9", "noise on ring-rotated, seed 9", "translate on ring-rotated, seed 9",
		"real on ring, seed 1", "real on ring, seed 2", "perfect on ring, seed 1", "perfect on ring, seed 2", "noise on ring, seed 1", "noise on ring, seed 2",
		"quick on ring, seed 1", "quick on ring, seed 2",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("cells are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(p.Skips) != 2 || p.Skips[0].Model != "quick" || p.Skips[1].Model != "translate" {
		t.Errorf("skips: %+v", p.Skips)
	}
}

// A cell's hash must change with everything that decides its records, and with nothing else.
func TestCellHash(t *testing.T) {
	base := ring + "models: [{name: quick, settings: {lr: 1e-2}}]\n"
	hash := func(text string) string { return mustPlan(t, text).Cells[3].Hash }
	if mustPlan(t, base).Cells[3].Label != "quick" {
		t.Fatal("cell 3 is not the model's")
	}
	for name, text := range map[string]string{
		"the spelling of a number": strings.Replace(base, "1e-2", "0.01", 1),
		"a default written out":    strings.Replace(base, "lr: 1e-2", "lr: 1e-2, clip: 0.01", 1),
		"comments and the name":    strings.Replace(base, "name: tiny", "name: other # note", 1),
		"another model beside it":  strings.Replace(base, "models: [", "models: [{name: slow},", 1)[:0] + base,
	} {
		if hash(text) != hash(base) {
			t.Errorf("%s changes the hash", name)
		}
	}
	for name, text := range map[string]string{
		"a setting":        strings.Replace(base, "1e-2", "2e-2", 1),
		"the budget":       base + "budget: 7\n",
		"the seed":         base + "seeds: 2\n",
		"samples":          strings.Replace(base, "samples: 200", "samples: 201", 1),
		"data size":        strings.Replace(base, "train: 500", "train: 501", 1),
		"data seed":        strings.Replace(base, "train: 500", "train: 500, seed: 2", 1),
		"data parameter":   strings.Replace(base, "train: 500", "train: 500, params: {modes: 9}", 1),
		"reference":        base + "references: [train]\n",
		"featurizer":       strings.Replace(base, "[none]", `["pca(2,none)"]`, 1),
		"metric's options": strings.Replace(base, "[gap]", "[{name: gap, set: {scale: 2}}]", 1),
		"label":            strings.Replace(base, "name: quick,", "name: quick, as: other,", 1),
	} {
		if hash(text) == hash(base) {
			t.Errorf("%s does not change the hash", name)
		}
	}
}

func TestEveryShippedSuitePlans(t *testing.T) {
	if len(Suites()) == 0 {
		t.Fatal("no suites are embedded")
	}
	for _, name := range Suites() {
		c, err := OpenSuite(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.Name != name {
			t.Errorf("%s.yaml calls itself %s", name, c.Name)
		}
		if _, err := NewPlan(DefaultKit(), c); err != nil {
			t.Error(err)
		}
	}
	if _, err := OpenSuite("defualt"); err == nil || !strings.Contains(err.Error(), `did you mean "default"? See "assay list suites"`) {
		t.Errorf("unknown suite: %v", err)
	}
}

// Metrics that look into the model are planned as all others are; what no cell of a data set can measure is left out with its reason, instead of failing in every
// cell, and a suite of nothing else is an error.
func TestPlanLeavesOutMetrics(t *testing.T) {
	plan := func(model, set, list string) (*Plan, error) {
		c, err := ParseConfig("suite.yaml", []byte("name: a\nmodels: "+model+"\ndatasets: ["+set+"]\nfeaturizers: none\nmetrics: ["+list+"]\n"))
		if err != nil {
			t.Fatal(err)
		}
		return NewPlan(DefaultKit(), c)
	}
	p, err := plan("vae", "ring", "elbo, fd, ppl, interpolation")
	if err != nil {
		t.Fatal(err)
	}
	if m := p.Cells[0].Metrics; len(m) != 4 || m[3].ID != "interpolation" || len(p.Skips) != 0 {
		t.Errorf("measured: %+v, skips %v", m, p.Skips)
	}
	p, err = plan("seqgan", "verses", "distinct, interpolation")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Skips) != 1 || p.Skips[0].Subject() != "metric interpolation" || !strings.Contains(p.Skips[0].Reason, "it compares numbers") {
		t.Errorf("skips: %+v", p.Skips)
	}
	if _, err := plan("seqgan", "verses", "interpolation"); err == nil || !strings.Contains(err.Error(), "line 3: data set verses: none of its metrics can be measured: metric interpolation: it compares numbers") {
		t.Errorf("nothing but interpolation: %v", err)
	}
}

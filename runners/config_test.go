package runners

import (
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
)

// minimal is a suite with nothing but what is required; cases below add or change lines of it.
const minimal = "name: tiny\nmodels: [gan-ns]\ndatasets: [ring]\n"

func TestConfigRefusesWhatItDoesNotUnderstand(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", minimal + "sampels: 10\n", `s.yaml: line 4: suite: unknown key "sampels", did you mean "samples"? have `},
		{"unknown nested key", minimal + "defaults:\n  points:\n    metric: [fd]\n", `line 6: defaults.points: unknown key "metric", did you mean "metrics"?`},
		{"key twice", minimal + "name: again\n", `line 4: suite: key "name" is there twice (first in line 1)`},
		{"setting twice", "name: a\nmodels:\n- name: gan-ns\n  settings:\n    lr: 1\n    lr: 2\ndatasets: ring\n", `line 6: settings: key "lr" is there twice (first in line 5)`},
		{"octal", minimal + "seeds: 010\n", "line 4: seeds: 010 is not a plain decimal number"},
		{"hexadecimal", minimal + "budget: 0x10\n", "line 4: budget: 0x10 is not a plain decimal number"},
		{"octal setting", "name: a\nmodels: {name: gan-ns, settings: {batch: 064}}\ndatasets: ring\n", "line 2: settings.batch: 064 is not a plain decimal number"},
		{"null", minimal + "seeds: ~\n", "line 4: seeds: the value is missing"},
		{"empty", minimal + "budget:\n", "line 4: budget: the value is missing"},
		{"second document", minimal + "---\nname: b\n", "line 4: a second document"},
		{"alias", "name: &n tiny\nmodels: [gan-ns]\ndatasets: [ring]\nabout: *n\n", "line 1: anchor &n: anchors are not allowed"},
		{"tag", minimal + "seeds: !!int 3\n", "line 4: tag !!int: tags are not allowed"},
		{"merge key", minimal + "<<: {a: 1}\n", `line 4: suite: unknown key "<<"`},
		{"zero samples", minimal + "samples: 0\n", "line 4: samples: 0 is not allowed; want at least 2"},
		{"negative budget", minimal + "budget: -3\n", "line 4: budget: -3 is not allowed"},
		{"negative seed", minimal + "seeds: [1, -1]\n", "line 4: seeds: -1 is not allowed"},
		{"seed twice", minimal + "seeds:\n- 1\n- 1\n", "line 6: seeds: 1 is there twice"},
		{"fraction", minimal + "budget: 1.5\n", `line 4: budget: want a whole number, found "1.5"`},
		{"not a number", "name: a\nmodels: gan-ns\ndatasets: [{name: ring, params: {modes: many}}]\n", `line 3: params.modes: want a number, found "many"`},
		{"infinite", "name: a\nmodels: gan-ns\ndatasets: [{name: ring, params: {sigma: .inf}}]\n", `line 3: params.sigma: want a number`},
		{"unknown split", minimal + "references: [tets]\n", `line 4: references: unknown split "tets", did you mean "test"?`},
		{"empty list", "name: a\nmodels: []\ndatasets: ring\n", "line 2: models: the list is empty"},
		{"no data sets", "name: a\nmodels: gan-ns\n", `line 1: suite: key "datasets" is missing`},
		{"a list", "- a\n", "line 1: want a mapping with name, models and datasets"},
		{"empty file", "", "s.yaml: the file is empty"},
		{"bad name", "name: ../../etc\nmodels: gan-ns\ndatasets: ring\n", `line 1: name: "../../etc" has other characters`},
		{"broken", "name: [a\n", "s.yaml: line "},
		{"tabs", "name: a\n\tmodels: b\n", "s.yaml: line 2"},
	} {
		_, err := ParseConfig("s.yaml", []byte(c.text))
		if err == nil {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is\n  %s\nwant one line with\n  %s", c.name, err, c.want)
		}
	}
}

func TestConfigReadsEveryKey(t *testing.T) {
	c, err := ParseConfig("s.yaml", []byte(`
name: full
about: everything
seeds: [1, 2]
samples: 500
references: [test, train]
defaults:
  images: {seeds: 7, featurizers: [glyphnet, "pca(8,pixels)"], metrics: [fd, {name: is, set: {splits: 5}}]}
models:
  - vae
  - {name: wgan, as: wgan-wild, settings: {clip: 0.5}, points: {lr: 1e-3}, seeds: 3, budget: 9, datasets: [ring]}
datasets:
  - {name: ring, params: {modes: 25}, seed: 4, train: 100, test: 50, hold: 10, samples: 40}
floor: false
`))
	if err != nil {
		t.Fatal(err)
	}
	w, d, im := c.Models[1], c.Datasets[0], c.Defaults["images"]
	for name, ok := range map[string]bool{
		"seeds":    len(c.Seeds) == 2 && im.Seeds[0] == 7 && w.Seeds[0] == 3,
		"floor":    !c.Floor,
		"model":    w.As == "wgan-wild" && w.Settings["clip"] == "0.5" && w.ByKind["points"]["lr"] == "1e-3" && w.Budget.Amount == 9 && w.On[0].Name == "ring",
		"dataset":  d.Params["modes"] == 25 && d.Seed == 4 && d.Train == 100 && d.Test == 50 && d.Hold == 10 && d.Samples == 40,
		"defaults": im.Featurizers[1].Name == "pca(8,pixels)" && im.Metrics[1].Set["splits"] == "5" && im.Metrics[1].Line == 8,
		"line":     w.Line == 11,
	} {
		if !ok {
			t.Errorf("%s was read wrongly: %+v", name, c)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(minimal))
	f.Add([]byte("name: a\nmodels: {name: b, settings: {x: 010}}\ndatasets: [*a]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		defer testutil.Bound(t, len(text))()
		c, err := ParseConfig("f", text)
		if (c == nil) == (err == nil) {
			t.Fatalf("config %v, error %v", c, err)
		}
	})
}

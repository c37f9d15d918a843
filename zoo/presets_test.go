package zoo

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
)

// What the papers, or the code that came with them, train with stays reachable whatever a search finds.
func TestPaperPreset(t *testing.T) {
	for _, c := range []struct {
		model string
		kind  datasets.Kind
		want  map[string]string
	}{
		{"wgan", datasets.Images, map[string]string{"lr_d": "5e-05", "lr_g": "5e-05", "clip": "0.01", "d_steps": "5"}},     // [arjovsky2017], algorithm 1
		{"wgan", datasets.Points, map[string]string{"lr_d": "5e-05", "clip": "0.01", "d_steps": "5"}},                      // the same
		{"wgan-gp", datasets.Images, map[string]string{"lr_g": "0.0001", "lambda": "10", "d_steps": "5", "beta1": "0"}},    // [gulrajani2017], algorithm 1
		{"gan-ns", datasets.Images, map[string]string{"lr_g": "0.0002", "lr_d": "0.0002", "beta1": "0.5", "ema": "0"}},     // [radford2016], section 4
		{"began", datasets.Images, map[string]string{"lambda_k": "0.001"}},                                                 // [berthelot2017], section 3.3
		{"sngan", datasets.Images, map[string]string{"lr_g": "0.0002", "beta1": "0", "beta2": "0.9", "d_steps": "5"}},      // [miyato2018], table 1, setting F
		{"vae", datasets.Images, map[string]string{"beta": "1", "likelihood": "bernoulli", "ema": "0", "ema_warm": "off"}}, // [kingma2014]
	} {
		m, err := Lookup(c.model)
		if err != nil {
			t.Fatal(err)
		}
		preset, err := Preset(m.Info(), c.kind, PresetPaper)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Resolve(m.Info(), c.kind, preset)
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range c.want {
			if s[name] != v {
				t.Errorf("%s on %s: the paper's %s is %s, the preset has %s", c.model, c.kind, name, v, s[name])
			}
		}
	}
}

// Every line of the searched settings names what there is, spelled as records spell it, and is what the model's defaults are.
func TestSearchedDefaults(t *testing.T) {
	for id, kinds := range found {
		m, err := Lookup(id)
		if err != nil {
			t.Fatal(err)
		}
		for kind, line := range kinds {
			given := map[string]string{}
			for word := range strings.FieldsSeq(line) {
				name, value, _ := strings.Cut(word, "=")
				given[name] = value
			}
			want, err := Resolve(m.Info(), kind, given)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Resolve(m.Info(), kind, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(got, want) {
				t.Errorf("%s on %s: the defaults are %v, the search found %v", id, kind, got, want)
			}
			for name, v := range given {
				if want[name] != v {
					t.Errorf("%s on %s: %s is spelled %s, records spell it %s", id, kind, name, v, want[name])
				}
			}
		}
	}
}

// The preset "default" changes nothing, an unknown one is refused by name.
func TestPresetNames(t *testing.T) {
	info := GAN{}.Info()
	for _, name := range []string{"", PresetDefault} {
		if s, err := Preset(info, datasets.Points, name); err != nil || len(s) != 0 {
			t.Errorf("preset %q: %v, %v", name, s, err)
		}
	}
	_, err := Preset(info, datasets.Points, "papers")
	if err == nil || !strings.Contains(err.Error(), "paper") || errors.Is(err, ErrSetting) {
		t.Errorf("preset papers: %v", err)
	}
}

package datasets_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/assay-gan/assay/datasets"
)

func TestLookup(t *testing.T) {
	d, err := datasets.Lookup("polygons")
	if err != nil || d.Info().ID != "polygons" {
		t.Errorf("have %v (%v)", d, err)
	}
	for _, c := range []struct{ id, want string }{
		{"mnsit", `unknown data set "mnsit", did you mean "mnist"? See "assay list datasets" for all`},
		{"cifar", `unknown data set "cifar", did you mean "cifar10"? See "assay list datasets" for all`},
		{"imagenet-21k", `unknown data set "imagenet-21k". See "assay list datasets" for all`},
	} {
		_, err := datasets.Lookup(c.id)
		if !errors.Is(err, datasets.ErrUnknown) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: have %v, want %s...", c.id, err, c.want)
		}
	}
}

func TestDefaultDir(t *testing.T) {
	t.Setenv("ASSAY_DATA", "")
	if _, err := (datasets.MNIST{}).Load(t.Context(), datasets.Options{}); err == nil || err.Error() != "mnist: no data folder: name it by Options.Dir or ASSAY_DATA" {
		t.Errorf("have %v", err)
	}
	t.Setenv("ASSAY_DATA", "/no/such/folder")
	if _, err := (datasets.MNIST{}).Load(t.Context(), datasets.Options{}); err == nil || !strings.Contains(err.Error(), "/no/such/folder") {
		t.Errorf("have %v", err)
	}
}

// TestUnknownParameter: the message lists what there is.
func TestUnknownParameter(t *testing.T) {
	_, err := datasets.Ring{}.Load(t.Context(), datasets.Options{Params: map[string]float64{"mode": 8}})
	if err == nil || err.Error() != `ring: unknown parameter "mode", did you mean "modes"? have modes, radius, sigma` {
		t.Errorf("have %v", err)
	}
}

// Every number of every set is held in its range, and no number is NaN or without end: what JSON cannot hold, no cell can be named by.
func TestEveryParameterIsFinite(t *testing.T) {
	for _, d := range datasets.All() {
		info := d.Info()
		for _, p := range info.Params {
			for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), p.Lo - 1, p.Hi * 2} {
				if err := info.CheckParams(map[string]float64{p.Name: v}); err == nil || !errors.Is(err, datasets.ErrOption) {
					t.Errorf("%s: %s = %v is taken: %v", info.ID, p.Name, v, err)
				}
			}
			if err := info.CheckParams(map[string]float64{p.Name: p.Default}); err != nil {
				t.Error(err)
			}
		}
	}
}

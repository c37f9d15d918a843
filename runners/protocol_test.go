package runners

import (
	"maps"
	"slices"
	"testing"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/metrics"
)

// The conventions of each tool's scores, as its own code has them, and our defaults where a tool has no such score.
func TestProtocolOptions(t *testing.T) {
	type row struct{ fd, splits, rule, shuffle, ddof, subsets, size string }
	for name, want := range map[string]row{
		"tf-ttur":        {"1", "10", "cover", "false", "0", "100", "1000"},
		"pytorch-fid":    {"1", "1", "cover", "false", "0", "100", "1000"},
		"torch-fidelity": {"1", "10", "cover", "true", "0", "100", "1000"},
		"torchmetrics":   {"1", "10", "chunk", "true", "1", "100", "1000"},
		"edm2":           {"1", "1", "cover", "false", "0", "100", "1000"},
		"rfid":           {"1", "1", "cover", "false", "0", "100", "1000"},
		"stylegan2-ada":  {"0", "10", "cover", "false", "0", "100", "1000"},
		"adm":            {"1", "3", "chunk", "false", "0", "100", "1000"}, // 12 000 images: 5000, 5000 and 2000
	} {
		p, err := featurizer.LookupProtocol(name)
		if err != nil {
			t.Fatal(err)
		}
		options := map[string]string{}
		for _, id := range []string{"fd", "is", "kid"} {
			m, err := metrics.Lookup(id)
			if err != nil {
				t.Fatal(err)
			}
			if m, err = withProtocol(m, p, 12000); err != nil {
				t.Fatal(err)
			}
			for _, o := range m.Info().Options {
				options[id+"."+o.Name] = o.Default
			}
		}
		got := row{options["fd.ddof"], options["is.splits"], options["is.rule"], options["is.shuffle"], options["is.ddof"], options["kid.subsets"], options["kid.size"]}
		if got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// A tool's choices reach the metrics they were made for and no others.
func TestProtocolsReachTheirMetrics(t *testing.T) {
	p, err := featurizer.LookupProtocol("adm")
	if err != nil {
		t.Fatal(err)
	}
	p.DDOF = 0 // unlike any default
	changed := map[string]bool{}
	for _, m := range metrics.All() {
		under, err := withProtocol(m, p, 12000)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(m.Info().Options, under.Info().Options) {
			changed[m.Info().ID] = true
		}
	}
	if want := map[string]bool{"fd": true, "fd_diag": true, "fd_class": true, "fd_inf": true, "is": true}; !maps.Equal(changed, want) {
		t.Errorf("changed are %v, want %v", changed, want)
	}
	for _, m := range metrics.All() {
		if takesSubsets(m) != (m.Info().ID == "kid") {
			t.Errorf("%s: takes the subsets of KID: %v", m.Info().ID, takesSubsets(m))
		}
	}
}

// What a featurizer is fitted on, and whose classes it knows, is said by its maker.
func TestMakersSayWhatTheyCan(t *testing.T) {
	k := DefaultKit()
	for spec, want := range map[string]bool{"pca(2,pixels)": true, "pixels": false, "exec:pca(": false, "nothing(": false} {
		if k.fitted(spec) != want {
			t.Errorf("%s is fitted: %v", spec, !want)
		}
	}
	for set, want := range map[string]string{"glyphs": "glyphnet", "mnist": "mnistnet", "ring": ""} {
		if got := k.Classifier(set); got != want {
			t.Errorf("the classifier of %s is %q, want %q", set, got, want)
		}
	}
}

package runners

import (
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

package gate

import (
	"fmt"
	"strings"

	"github.com/assay-gan/assay/reports"
)

type field struct{ name, value string }

// fingerprint is what must agree, by name. The step follows from the settings, so that it may differ where these may.
func fingerprint(r reports.Record, across bool) []field {
	f := []field{{"featurizer", r.Featurizer}, {"protocol", r.Protocol}, {"reference", r.Reference}, {"N", fmt.Sprint(r.N)}, {"N real", fmt.Sprint(r.NReal)},
		{"data set hash", r.Provenance.DatasetHash}, {"weights hash", r.Provenance.WeightsHash}, {"unit", r.Unit}, {"direction", r.Better}}
	if !across {
		f = append(f, field{"step", fmt.Sprint(r.Step)})
	}
	return f
}

// differences names what differs between the ways two records were measured. Conventions are left out: what was found stands among them.
func differences(base, cand reports.Record, across bool) []string {
	var differ []string
	add := func(name, was, is string) {
		if was != is {
			differ = append(differ, fmt.Sprintf("%s is %q, the baseline has %q", name, is, was))
		}
	}
	now := fingerprint(cand, across)
	for i, f := range fingerprint(base, across) {
		add(f.name, f.value, now[i].value)
	}
	return differ
}

// sameFingerprint refuses a candidate whose values of some gated metric were all measured in another way than the baseline's, naming the field that differs. A
// metric that was measured in several ways (two featurizers) must have them all.
func sameFingerprint(base, cand group, gated []reports.Measure, across bool) error {
	for _, m := range gated {
		least, found := []string(nil), false
		for _, r := range cand.recs {
			if r.Metric != m.Metric || r.Status == reports.Failed {
				continue
			}
			differ := differences(base.one(m), r, across)
			if !found || len(differ) < len(least) {
				least, found = differ, true
			}
		}
		if len(least) > 0 {
			return fmt.Errorf("%s on %s, %s: %w: %s; record a new baseline or undo the change", base.model, base.dataset, m.Metric, ErrIncomparable, strings.Join(least, ", "))
		}
	}
	return nil
}

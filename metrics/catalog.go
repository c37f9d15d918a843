package metrics

import "fmt"

// All lists every metric with its default options: a new metric is a new file and one line here.
func All() []Metric {
	return []Metric{
		// Distances of distributions.

		// Fidelity and diversity.

		// Classifier-based.

		// Memorisation.

		// Modes.

		// Translation, reconstruction, likelihood, latent.
	}
}

// Lookup returns the metric of an id; the error names the nearest one and lists all.
func Lookup(id string) (Metric, error) {
	all := All()
	names := make([]string, len(all))
	for i, m := range all {
		if names[i] = m.Info().ID; names[i] == id {
			return m, nil
		}
	}
	return nil, fmt.Errorf("unknown metric %q%s", id, haveNames(id, names))
}

package reports

import "slices"

// headlines are the measures that stand for a model on a data set, the first that was measured; another suite's choice is named when the baseline is written.
var headlines = []string{"fd", "fid", "kid", "hq", "is", "nll"}

// HeadlineMetrics returns the metrics that stand for a model on a data set: of fd, fid, kid, hq, is and nll the first that was measured, else the first of tables;
// and the modes where they are known. Values read off one computation, such as fd_mean, are never beside it.
func HeadlineMetrics(have []Measure) []string {
	if len(have) == 0 {
		return nil
	}
	var names []string
	for _, m := range have { // in the order of tables
		names = append(names, m.Metric)
	}
	first := names[0]
	for _, h := range headlines {
		if slices.Contains(names, h) {
			first = h
			break
		}
	}
	if first != "modes" && slices.Contains(names, "modes") {
		return []string{first, "modes"}
	}
	return []string{first}
}

// OneWay keeps, of a metric that was measured in several ways, one: features before pixels, the test split before the training split, more samples before fewer.
func OneWay(ms []Measure) []Measure {
	var out []Measure
	for _, m := range ms {
		at := slices.IndexFunc(out, func(o Measure) bool { return o.Metric == m.Metric })
		switch {
		case at < 0:
			out = append(out, m)
		case preferred(m, out[at]):
			out[at] = m
		}
	}
	return out
}

func preferred(a, b Measure) bool {
	raw := func(m Measure) bool {
		return m.Featurizer == "" || m.Featurizer == "none" || m.Featurizer == "pixels"
	}
	if raw(a) != raw(b) {
		return raw(b)
	}
	if a.Reference != b.Reference {
		return b.Reference == "train"
	}
	return a.N > b.N
}

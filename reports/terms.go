package reports

import (
	"math"
	"strings"
	"sync"
)

// Term is an entry of the glossary: what a column means, in words for somebody who did not write it. Metrics that are not listed are shown by their name.
type Term struct {
	Name  string // as in records
	Title string // as in table heads
	Text  string
	Paper string // bib label, "" for none
}

// Terms returns the glossary in reading order; the order of metrics in tables follows it.
func Terms() []Term {
	return []Term{
		{"fd", "FD", "Fréchet distance between Gaussians fitted to the features of real and generated samples. Lower is better. It is called FID only with Inception features under a named protocol, and depends on the sample size: compare equal N only.", "heusel2017"},
		{"fid", "FID", "Fréchet distance in the features of the Inception network, under the protocol named. Lower is better.", "heusel2017"},
		{"kid", "KID", "Unbiased squared maximum mean discrepancy under a cubic kernel. Lower is better; it may be negative when the sets are alike.", "binkowski2018"},
		{"mifid", "MiFID", "Fréchet distance with a penalty for samples that lie too near to the training set.", ""},
		{"is", "IS", "Inception Score: the exponential of the mutual information between a sample and its predicted class. Higher is better. A copy of the training set gets the top score.", "salimans2016"},
		{"modes", "Modes", "Known modes that received at least one high-quality sample. It ignores imbalance.", "srivastava2017"},
		{"modes_share", "Modes, ⅓ share", "Known modes that received at least a third of their fair share of the samples.", "lin2018"},
		{"hq", "High quality", "Share of samples within three standard deviations of a mode. A perfect sampler reaches 98.9 % in two dimensions; a collapsed model can score higher.", "srivastava2017"},
		{"modes_kl", "Reverse KL", "Kullback-Leibler divergence of the modes' shares from the true ones: 0 when every mode gets its share, ln K when one of K gets all.", "lin2018"},
		{"modes_jsd", "Mode JSD", "Jensen-Shannon divergence of the modes' shares from the true ones: 0 when every mode gets its share, at most ln 2.", ""},
		{"modes_spread", "Spread", "Standard deviation of the samples within a mode over the true one: 1 is right, 0 is collapse within modes.", ""},
		{"modes_median", "Median spread", "As spread, from the median distance to the mode's centre: deaf to a few strays.", ""},
		{"precision", "Precision", "Share of generated samples that lie within the real samples' neighbourhoods.", "kynkaanniemi2019"},
		{"recall", "Recall", "Share of real samples that lie within the generated samples' neighbourhoods.", "kynkaanniemi2019"},
		{"density", "Density", "Precision that counts how many real neighbourhoods hold a generated sample.", "naeem2020"},
		{"coverage", "Coverage", "Share of real samples whose neighbourhood holds a generated one.", "naeem2020"},
	}
}

// general are the words of the report itself.
func general() []Term {
	return []Term{
		{"", "Median [a, b]", "The middle run, and the interval of order statistics that covers the population's median at 95 %. It exists from 6 runs on; below, (a–b) is the range. A failed run counts as the worst possible value.", ""},
		{"", "≈ cannot be told from the best", "Exact two-sided Mann-Whitney test against the best model of the column, Holm-adjusted over the models.", "mann1947"},
		{"", "Floor", "Held-out real data, scored as if a model had made them: what a perfect model would get with this many samples.", ""},
		{"", "P(better)", "Probability that a run of the one model beats a run of the other, ties counting one half.", "agarwal2021"},
		{"", "Best of k", "Expected best score when k settings are tried: how much of a result is its search budget.", "lucic2018"},
	}
}

// columnTitle is a metric's name in a table head.
func columnTitle(metric string) string {
	for _, t := range Terms() {
		if t.Name == metric {
			return t.Title
		}
	}
	return strings.ReplaceAll(metric, "_", " ")
}

// termRank is a metric's place in the glossary; unknown ones come last.
func termRank(metric string) int {
	if i, ok := termPlaces()[metric]; ok {
		return i
	}
	return math.MaxInt
}

var termPlaces = sync.OnceValue(func() map[string]int {
	places := map[string]int{}
	for i, t := range Terms() {
		if _, there := places[t.Name]; !there {
			places[t.Name] = i
		}
	}
	return places
})

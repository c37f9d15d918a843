package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
)

// spreadStudy compares how much the settings matter to each model.
func (b *book) spreadStudy(s *strings.Builder) {
	s.WriteString("Eight settings a model, drawn at random from the narrow ranges of the large-scale study [lucic2018], one run each. FD of the points or of glyphnet's features; lower is\nbetter. " +
		"The test compares distances from the model's own median of log FD (one-sided exact Mann-Whitney, Holm). The runs are of 4 000 steps, in which wgan-gp learned with none of its settings and the VAE with few.\n\n")
	var claims []claim
	for _, set := range b.datasetsOf("spread") {
		fmt.Fprintf(s, "### %s\n\n", set)
		row(s, "model", "settings", "best FD", "quartile", "median", "quartile", "worst", "quartiles' ratio")
		row(s, slices.Repeat([]string{"---"}, 8)...)
		deviations := map[string][]float64{}
		for _, m := range b.families("spread", set) {
			v := b.family("spread", set, m)
			slices.Sort(v)
			lo, hi := stats.Quantile(v, .25), stats.Quantile(v, .75)
			row(s, m, fmt.Sprint(len(v)), reports.Number(v[0]), reports.Number(lo), reports.Number(stats.Median(v)), reports.Number(hi), reports.Number(v[len(v)-1]), reports.Number(hi/lo))
			for _, x := range v {
				deviations[m] = append(deviations[m], math.Abs(math.Log(x)-math.Log(stats.Median(v))))
			}
		}
		s.WriteString("\n")
		for _, m := range b.families("spread", set) {
			if m == "vae" || len(deviations["vae"]) == 0 {
				continue
			}
			claims = append(claims, claim{text: fmt.Sprintf("on %s the settings matter less to the VAE than to %s", set, m), p: stats.MannWhitney(deviations["vae"], deviations[m], stats.Less).P,
				found: fmt.Sprintf("median distance of log FD %s against %s", reports.Number(stats.Median(deviations["vae"])), reports.Number(stats.Median(deviations[m])))})
		}
	}
	writeClaims(s, holm(claims))
}

// families are the models of a sweep: the labels without the number of their setting.
func (b *book) families(suite, set string) (names []string) {
	for _, l := range b.labels(suite, set) {
		if reports.IsReference(l) {
			continue
		}
		if f := familyOf(l); !slices.Contains(names, f) {
			names = append(names, f)
		}
	}
	slices.Sort(names)
	return names
}

func familyOf(label string) string {
	if i := strings.LastIndex(label, "-s"); i > 0 && strings.Trim(label[i+2:], "0123456789") == "" {
		return label[:i]
	}
	return label
}

// family is the FD of every run of a sweep's model; a run that failed is the worst of all.
func (b *book) family(suite, set, family string) (v []float64) {
	for _, l := range b.labels(suite, set) {
		if familyOf(l) == family && !reports.IsReference(l) {
			v = append(v, b.runs(suite, set, l, "fd", math.Inf(1))...)
		}
	}
	return v
}

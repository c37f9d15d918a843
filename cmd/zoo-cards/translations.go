package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/reports"
)

// translationStudy asks whether translators keep what belongs together, and give one of several right answers in the place of their mean.
func (b *book) translationStudy(s *strings.Builder) {
	const suite = "translation"
	s.WriteString("Correspondence is the share of points that reach the mode they should [zhu2017], which no distance of distributions can see. Joint validity is the share of outputs that are right answers\n" +
		"to their own inputs, joint variety how evenly they spread over the answers: 1 is evenly, 1 over their number is one answer always [isola2017]. GAN-test is the share of samples in\n" +
		"the domain asked for. The rows `noise` are the first model of each set, untrained, and must be read first: both domains are centred and scaled before a network sees them, so on the shifted ring\n" +
		"a translator that begins near \"change nothing\", as all but discogan do, has the right correspondence before its first step, and has only to keep it; on branches an output that follows no\n" +
		"road often lies on one by chance. Bounds are those of the zoo's tests. Three seeds are too few for a test: the claims are counts, and of two models all runs of one must lie above all of the other.\n\n")
	for _, set := range b.datasetsOf(suite) {
		fmt.Fprintf(s, "### %s\n\n", set)
		b.meansTable(s, suite, set, column{"correspondence", 3}, column{"joint_validity", 3}, column{"joint_variety", 3}, column{"gan_test", 3}, column{"fd", 4}, column{"cycle_error", 3})
	}
	claims := b.every("cyclegan keeps the correspondence above 90 %", suite, "ring-shifted", "cyclegan", "correspondence", func(v float64) bool { return v > 0.9 })
	claims = append(claims, b.permutations(suite, "ring-shifted")...)
	for _, set := range []string{"branches", "edges"} {
		claims = append(claims, b.apart(fmt.Sprintf("on %s pix2pix has a higher joint validity than its distance alone", set), suite, set, "pix2pix", "l1-alone", "joint_validity")...)
	}
	claims = append(claims, b.every("regression takes the mean, which is right in at most 2 %", suite, "branches", "regression", "joint_validity", atMost(0.02))...)
	for _, m := range []string{"cgan-pairs", "cvae-pairs"} {
		claims = append(claims, b.every(m+" is right in at least 80 %", suite, "branches", m, "joint_validity", atLeast(0.8))...)
		claims = append(claims, b.every(m+" keeps both ways: joint variety at least 0.9", suite, "branches", m, "joint_variety", atLeast(0.9))...)
	}
	claims = append(claims, b.every("stargan reaches the domain asked for in at least 98 %", suite, "ring-places", "stargan", "gan_test", atLeast(0.98))...)
	writeClaims(s, claims)
}

// permutations claims that DiscoGAN permutes modes, and that the verdict finds what is permuted and nothing else.
func (b *book) permutations(suite, set string) []claim {
	below, found, above, wrong, disco := 0, 0, 0, 0, 0
	for _, r := range b.suites[suite] {
		if r.Dataset != set || r.Metric != "correspondence" || r.Status == reports.Failed || reports.IsReference(r.Model) {
			continue
		}
		said := b.finds(r.Cell, metrics.Permuted)
		switch {
		case r.Value < 0.9 && said:
			below, found = below+1, found+1
		case r.Value < 0.9:
			below++
		case said:
			above, wrong = above+1, wrong+1
		default:
			above++
		}
		if r.Model == "discogan" && r.Value < 0.9 && b.notes[r.Cell].Verdict == string(metrics.Permuted) {
			disco++
		}
	}
	if below+above == 0 {
		return nil
	}
	runs := len(b.runs(suite, set, "discogan", "correspondence", 0))
	return []claim{
		{text: "discogan, whose translators begin at random, permutes modes in some run, and is judged *permuted*", p: math.NaN(), holds: disco > 0, found: fmt.Sprintf("%d of %d runs", disco, runs)},
		{text: "permuted modes are found in every run of any translator below 90 % and in no other", p: math.NaN(), holds: found == below && wrong == 0, found: fmt.Sprintf("%d of %d below, %d of %d above", found, below, wrong, above)},
	}
}

// finds says whether the verdict on a cell is a word, or has it among its evidence.
func (b *book) finds(cell string, word metrics.Word) bool {
	n := b.notes[cell]
	return n.Verdict == string(word) || slices.ContainsFunc(n.Evidence, func(e string) bool { return strings.HasPrefix(e, string(word)) })
}

package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/reports/stats"
)

// column is a value in a table of means over seeds.
type column struct {
	metric string
	digits int
}

// meansTable has a row for every model of a suite on a data set that has any of the values, with means and standard errors over its runs.
func (b *book) meansTable(s *strings.Builder, suite, set string, cols ...column) {
	recs := reports.Where(b.suites[suite], func(r reports.Record) bool { return r.Dataset == set })
	cols = slices.DeleteFunc(slices.Clone(cols), func(c column) bool {
		return !slices.ContainsFunc(recs, func(r reports.Record) bool { return r.Metric == c.metric && r.Status != reports.Failed })
	})
	heads := []string{"model", "runs"}
	for _, c := range cols {
		heads = append(heads, heading(c.metric, recs))
	}
	row(s, append(heads, "s of one core")...)
	row(s, slices.Repeat([]string{"---"}, len(heads)+1)...)
	for _, m := range b.labels(suite, set) {
		cells, any := []string{m, fmt.Sprint(len(b.runs(suite, set, m, "", 0)))}, false
		for _, c := range cols {
			v := present(b.runs(suite, set, m, c.metric, math.NaN()))
			cells, any = append(cells, meanError(v, 1, c.digits)), any || len(v) > 0
		}
		if any {
			row(s, append(cells, b.cost(suite, set, m))...)
		}
	}
	s.WriteString("\n")
}

// every claims that a value keeps a bound in every run; a run without the value does not.
func (b *book) every(text, suite, set, model, metric string, ok func(v float64) bool) []claim {
	v := b.runs(suite, set, model, metric, math.NaN())
	if len(v) == 0 {
		return nil
	}
	kept := 0
	for _, x := range v {
		if ok(x) {
			kept++
		}
	}
	return []claim{{text: text, p: math.NaN(), holds: kept == len(v), found: fmt.Sprintf("%d of %d runs: %s", kept, len(v), list(v))}}
}

func atLeast(bound float64) func(float64) bool { return func(v float64) bool { return v >= bound } }
func atMost(bound float64) func(float64) bool  { return func(v float64) bool { return v <= bound } }

// apart claims that every run of one model lies above every run of another.
func (b *book) apart(text, suite, set, above, below, metric string) []claim {
	x, y := b.runs(suite, set, above, metric, math.NaN()), b.runs(suite, set, below, metric, math.NaN())
	if len(x) == 0 || len(y) == 0 {
		return nil
	}
	return []claim{{text: text, p: math.NaN(), holds: slices.Min(x) > slices.Max(y), found: fmt.Sprintf("%s against %s", list(x), list(y))}}
}

// lowered claims that a model's value is below another's in every seed that both have.
func (b *book) lowered(text, suite, set, model, than, metric string) []claim {
	x, y := b.runs(suite, set, model, metric, math.NaN()), b.runs(suite, set, than, metric, math.NaN())
	if len(x) == 0 || len(x) != len(y) {
		return nil
	}
	lower := 0
	for i := range x {
		if x[i] < y[i] {
			lower++
		}
	}
	return []claim{{text: text, p: math.NaN(), holds: lower == len(x), found: fmt.Sprintf("%d of %d seeds: %s against %s", lower, len(x), list(x), list(y))}}
}

// list is the values of all runs.
func list(v []float64) string {
	words := make([]string, len(v))
	for i, x := range v {
		words[i] = reports.Number(x)
	}
	return strings.Join(words, ", ")
}

// conditionalStudy asks whether models draw the class they are asked for.
func (b *book) conditionalStudy(s *strings.Builder) {
	const suite, set = "conditional", "mnist"
	s.WriteString("GAN-test is the share of samples in which a classifier that was trained on real digits (logistic, in the features of mnistnet) finds the digit that was asked for [shmelkov2018]; GAN-base is\n" +
		"what it reaches on real ones. Most runs are short: 2 500 steps of 32 digits, each digit of the data is seen 1.6 times. Rows named long were added after those had fallen short of the first claim:\n" +
		"10 000 steps of 64, 12.8 times each digit. The row `cgan-no-mismatch` has no real digits with wrong labels among its discriminator's negatives [reed2016]. Two seeds are too few for a test: the claims are\n" +
		"counts, and models have one seed where the table says so.\n\n")
	for _, m := range []string{"cgan", unmatched} {
		if i := slices.IndexFunc(b.suites[suite], func(r reports.Record) bool { return r.Model == m && b.notes[r.Cell].Picture != "" }); i >= 0 {
			fmt.Fprintf(s, "![samples of %s](%s/%s)\n", m, imagesDir, b.notes[b.suites[suite][i].Cell].Picture)
		}
	}
	s.WriteString("\nA column of the pictures asks for one digit; the first has mismatched pairs, the second has none.\n\n")
	b.meansTable(s, suite, set, column{"gan_test", 3}, column{"gan_base", 3}, column{"fd", 2}, column{"precision", 3}, column{"recall", 3}, column{"coverage", 3}, column{"sharpness", 2})
	var claims []claim
	for _, m := range b.labels(suite, set) {
		if m != unmatched && !reports.IsReference(m) {
			claims = append(claims, b.every(fmt.Sprintf("%s draws the digit asked for in at least 95 %% of the samples", m), suite, set, m, "gan_test", atLeast(0.95))...)
		}
	}
	claims = append(claims, b.lowered("the conditional GAN draws it less often when mismatched pairs are left out", suite, set, unmatched, "cgan", "gan_test")...)
	writeClaims(s, claims)
}

// unmatched is the row of the conditional GAN without mismatched pairs.
const unmatched = "cgan-no-mismatch"

// sequencesStudy is the oracle experiment before and after the adversarial phase.
func (b *book) sequencesStudy(s *strings.Builder) {
	const suite, set = "sequences", "oracle"
	s.WriteString("NLL_oracle is what the true language says of a model's sentences, in nats a token [yu2017]; it can also be lowered by saying less, so the share of different bigrams\n" +
		"and self-BLEU stand beside it: those of the real sentences are the aim. `seqgan-mle` are the runs of `seqgan` stopped after maximum likelihood, `seqgan-mle-longer` go on with it for as many\n" +
		"steps as the adversarial phase has.\n\n")
	b.meansTable(s, suite, set, column{"nll_oracle", 4}, column{"self_bleu", 3}, column{"distinct", 4})
	claims := b.lowered("the adversarial phase lowers NLL_oracle", suite, set, "seqgan", "seqgan-mle", "nll_oracle")
	if x, y := b.runs(suite, set, "seqgan", "nll_oracle", math.Inf(1)), b.runs(suite, set, "seqgan-mle-longer", "nll_oracle", math.Inf(1)); len(x) > 0 && len(y) > 0 {
		claims = append(claims, claim{text: "in the mean it lowers it further than as many steps of maximum likelihood", p: math.NaN(), holds: stats.Mean(x) < stats.Mean(y),
			found: fmt.Sprintf("%s against %s", meanError(x, 1, 4), meanError(y, 1, 4))})
	}
	writeClaims(s, claims)
}

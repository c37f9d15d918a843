package command

import (
	"slices"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/runners"
)

// scoreHead are the columns of a score as CSV: a line stands alone, with all that is known of its value.
var scoreHead = []string{"metric", "value", "unit", "better", "status", "unbiased", "lo", "hi", "level", "method", "no interval", "half", "half unbiased", "half lo", "half hi", "N half", "note",
	"N real", "N fake", "featurizer", "protocol", "weights", "seed"}

// versusHead are those of the comparison with a second model.
var versusHead = []string{"versus", "difference", "difference lo", "difference hi", "p", "better of the two"}

// scoreLines is a score for programs that read CSV. A stream of lines is one table: the comparison of two models stands in the lines of the values that were compared.
func scoreLines(q runners.ScoreRequest, res *runners.ScoreResult) reports.Table {
	head := scoreHead
	if q.Versus != nil {
		head = slices.Concat(scoreHead, versusHead)
	}
	var rows [][]string
	for _, r := range res.Records {
		line := valueFields(r)
		line = append(line, halfFields(res, r.Metric)...)
		line = append(line, wording.Replace(strings.Join(slices.Concat(r.Warnings, whyFailed(r)), "; ")))
		line = append(line, strconv.Itoa(r.NReal), strconv.Itoa(r.N), res.Featurizer, res.Protocol, res.Weights, strconv.FormatUint(q.Seed, 10))
		if q.Versus != nil {
			line = append(line, versusFields(res, r.Metric)...)
		}
		rows = append(rows, line)
	}
	return table("score", "", head, rows)
}

// valueFields are the value and its interval.
func valueFields(r reports.Record) []string {
	line := []string{r.Metric, allDigits(r.Value), r.Unit, r.Better, r.Status}
	if r.Status == reports.Failed {
		line[1] = ""
	}
	iv := make([]string, 5)
	if r.Interval != nil {
		iv = []string{pointed(r.Interval.Centre), allDigits(r.Interval.Lo), allDigits(r.Interval.Hi), allDigits(r.Interval.Level), r.Interval.Method}
	}
	return append(append(line, iv...), wording.Replace(r.NoInterval))
}

// halfFields are the same value for real samples against real ones.
func halfFields(res *runners.ScoreResult, metric string) []string {
	r, ok := halfOf(res, metric)
	if !ok {
		return make([]string, 5)
	}
	line := []string{allDigits(r.Value), pointed(centreOf(r)), "", "", strconv.Itoa(r.N)}
	if r.Interval != nil {
		line[2], line[3] = allDigits(r.Interval.Lo), allDigits(r.Interval.Hi)
	}
	return line
}

// versusFields compare the two models by one value.
func versusFields(res *runners.ScoreResult, metric string) []string {
	for _, d := range res.Differences {
		if d.A.Values[0].Name != metric {
			continue
		}
		line := []string{allDigits(d.B.Values[0].Value), allDigits(d.Difference.Value), "", "", allDigits(d.P), sideOf(d.Better)}
		if iv := d.Difference.Interval; iv != nil {
			line[2], line[3] = allDigits(iv.Lo), allDigits(iv.Hi)
		}
		return line
	}
	return make([]string, len(versusHead))
}

func pointed(v *float64) string {
	if v == nil {
		return ""
	}
	return allDigits(*v)
}

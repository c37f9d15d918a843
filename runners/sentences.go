package runners

import (
	"context"
	"strings"

	"github.com/assay-gan/assay/reports"
)

const shownSentences = 20

// sentences are the first samples of a set of sequences as people read them; empty where the data are none.
func sentences(out outcome) string {
	v := out.set.Vocabulary
	if v == nil {
		return ""
	}
	var b strings.Builder
	for i := range min(shownSentences, out.samples.Len()) {
		b.WriteString(v.Text(out.samples.Row(i)))
		b.WriteByte('\n')
	}
	return b.String()
}

// oracle appends the record of what the true language says of the samples, where it is known [yu2017]: the mean negative log-probability of a token, in nats. It is a
// matter of the data set, not of two samples, hence no metric of the catalog. Low is not all: a model that says one likely sentence has the lowest.
func (e *execution) oracle(ctx context.Context, c Cell, out *outcome, recs []reports.Record) ([]reports.Record, error) {
	if out.set.Oracle == nil {
		return recs, nil
	}
	r := e.record(c, *out)
	r.Metric, r.Unit, r.Better, r.Status = "nll_oracle", "nats per token", reports.Lower, reports.OK
	l, err := out.set.Oracle.LogProb(ctx, out.samples)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		r.Status, r.Error = reports.Failed, err.Error()
		return append(recs, r), nil
	}
	for _, v := range l {
		r.Value -= v / float64(len(l)*out.set.Oracle.Length)
	}
	return append(recs, r), nil
}

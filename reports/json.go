package reports

import (
	"encoding/json"
	"io"
	"math"
)

// Float is a number for JSON, which knows no infinity: null stands for what does not exist, "inf" and "-inf" for a median beyond every value.
type Float float64

// MarshalJSON writes the number.
func (f Float) MarshalJSON() ([]byte, error) {
	switch v := float64(f); {
	case math.IsNaN(v):
		return []byte("null"), nil
	case math.IsInf(v, 1):
		return []byte(`"inf"`), nil
	case math.IsInf(v, -1):
		return []byte(`"-inf"`), nil
	default:
		return json.Marshal(v)
	}
}

type jsonSummary struct {
	Summary
	Median  Float `json:"median"`
	Lo      Float `json:"lo"`
	Hi      Float `json:"hi"`
	Level   Float `json:"level"`
	Covered bool  `json:"covered"`
	Mean    Float `json:"mean"`
	StdErr  Float `json:"std_err"`
	IQM     Float `json:"iqm"`
}

// jsonReport writes findings, verdicts on claims, summaries and failures.
func jsonReport(w io.Writer, r *Report) error {
	doc := struct {
		Run       string          `json:"run"`
		Headline  string          `json:"headline"`
		Findings  []Finding       `json:"findings"`
		Claims    []ClaimVerdict  `json:"claims,omitempty"`
		Summaries []jsonSummary   `json:"summaries"`
		Novelty   []Novelty       `json:"novelty,omitempty"`
		Failures  []Failure       `json:"failures"`
		Published []jsonPublished `json:"published,omitempty"`
		Methods   string          `json:"methods,omitempty"`
		Commands  []Command       `json:"commands,omitempty"`
	}{r.Run.ID, r.Metric, r.Findings, r.Verdicts, nil, r.Copying, Failures(r.Run.Records), publishedOf(r), r.Methods, r.Run.Commands}
	for _, s := range r.Sums {
		doc.Summaries = append(doc.Summaries, jsonSummary{Summary: s, Median: Float(s.Median), Lo: Float(s.Interval.Lo), Hi: Float(s.Interval.Hi), Level: Float(s.Interval.Level),
			Covered: s.Covered, Mean: Float(s.Mean), StdErr: Float(s.StdErr), IQM: Float(s.IQM)})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}

// jsonPublished is a published figure with what was measured here.
type jsonPublished struct {
	Published
	Measured Float `json:"measured"` // median; null where the model was not run
	Times    Float `json:"times"`    // measured over published
}

func publishedOf(r *Report) (out []jsonPublished) {
	for _, p := range r.Run.Published {
		median, times, _ := p.Measured(r.Sums)
		out = append(out, jsonPublished{p, Float(median), Float(times)})
	}
	return out
}

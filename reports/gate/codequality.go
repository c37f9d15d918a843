package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// violation is one entry of GitLab's code quality report.
type violation struct {
	Description string   `json:"description"`
	CheckName   string   `json:"check_name"`
	Fingerprint string   `json:"fingerprint"`
	Severity    string   `json:"severity"`
	Location    location `json:"location"`
}

type location struct {
	Path  string `json:"path"`
	Lines struct {
		Begin int `json:"begin"`
	} `json:"lines"`
}

// codeQuality writes GitLab's code quality report: what fails the build, and what is inconclusive, which GitLab shows in the merge request. The place is the
// baseline, the one file of the repository that a check belongs to. The fingerprint is that of the check and its status: a regression that stays is the same one.
func (o View) codeQuality(w io.Writer, v *Verdict) error {
	out := []violation{} // an empty report is [], and not null
	for _, c := range v.Checks {
		severity := map[Status]string{Regression: "critical", Changed: "major", Inconclusive: "minor"}[c.Status]
		if severity == "" {
			continue
		}
		sum := sha256.Sum256([]byte(o.Title + "\x00" + c.Name() + "\x00" + c.Measure.Protocol + "\x00" + string(c.Status)))
		k := violation{Description: oneLine(c.Name() + ": " + c.Reason), CheckName: "assay gate: " + string(c.Status), Fingerprint: hex.EncodeToString(sum[:16]), Severity: severity}
		k.Location.Path, k.Location.Lines.Begin = v.Baseline.File, 1
		out = append(out, k)
	}
	return writeJSON(w, out)
}

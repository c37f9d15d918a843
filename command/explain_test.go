package command

import (
	"encoding/json"
	"math"
	"testing"
)

// The contributions lead from the one tool's score to the other's.
func TestExplain(t *testing.T) {
	t.Chdir(t.TempDir())
	saveFolder(t, "real", pixelsOf(1, 8, 9, 9, 3), 8, 9, 9, 3)
	saveFolder(t, "fake", pixelsOf(2, 8, 9, 9, 3), 8, 9, 9, 3)
	fd := func(protocol string) float64 {
		return *scoreOf(t, fields("--real real --fake fake --protocol "+protocol+" "+quick)...).Metrics["fd"].Value
	}
	var x explained
	if err := json.Unmarshal([]byte(ok(t, "explain --a pytorch-fid --b stylegan2-ada real fake --format json "+quick)), &x); err != nil {
		t.Fatal(err)
	}
	a, b := fd("pytorch-fid"), fd("stylegan2-ada")
	sum := 0.0
	for _, s := range x.Steps {
		sum += s.After - s.Before
	}
	if len(x.Steps) != 3 || x.Steps[0].Field != "resampler" || x.Steps[1].Field != "range" || x.Steps[2].Field != "ddof" {
		t.Errorf("choices: %+v", x.Steps)
	}
	if x.FDA != a || x.FDB != b || math.Abs(sum-(b-a)) > 1e-12*a || a == b {
		t.Errorf("from %v to %v in steps of %v, the scores are %v and %v", x.FDA, x.FDB, sum, a, b)
	}
	if x.Real.N != 8 || x.Featurizer != "inception-random(1,pytorch-fid,64)" {
		t.Errorf("%+v", x)
	}
}

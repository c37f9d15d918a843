package command

import (
	"strings"
	"testing"
)

// Many programs take - for their standard input. Where it is not read the error says so, and what to do.
func TestDashIsRefusedByName(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range []string{"score --real - --fake - --featurizer none", "report -", "stats show -", "stats make - --out x.npz", "modes --dataset ring --fake - --featurizer none", "gate --baseline - -", "sample --checkpoint - --out x.npy"} {
		if r := assay(strings.Fields(args)...); r.code != exitUsage || !strings.Contains(r.err, "-: standard input is not read here: write it to a file") || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%s: code %d, %s", args, r.code, r.err)
		}
	}
}

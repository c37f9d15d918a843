package command

import (
	"strings"
	"testing"
)

// Real samples in groups of five are warned of once, and not where the groups are given or the rows are independent.
func TestScoreWarnsOfClusters(t *testing.T) {
	t.Chdir(t.TempDir())
	centres, own := normals(1, 120*8, 1, 0), normals(2, 600*8, .3, 0)
	clustered := make([]float64, 600*8)
	var groups strings.Builder
	for i := range 600 {
		for j := range 8 {
			clustered[8*i+j] = centres[8*(i/5)+j] + own[8*i+j]
		}
		groups.WriteString(strings.Repeat("p", 1+i/5) + "\n")
	}
	saveRows(t, "real.npy", []int{600, 8}, clustered)
	saveRows(t, "alone.npy", []int{600, 8}, normals(3, 600*8, 1, 0))
	saveRows(t, "fake.npy", []int{300, 8}, normals(4, 300*8, 1, 0))
	write(t, "groups.txt", groups.String())
	const says = "samples look clustered"
	for _, c := range []struct {
		args  string
		times int
	}{{"--real real.npy --metrics fd,kid", 1}, {"--real real.npy --real-groups groups.txt", 0}, {"--real alone.npy", 0}} {
		r := assay(append([]string{"score", "--fake", "fake.npy", "--featurizer", "none", "--floor=false"}, strings.Fields(c.args)...)...)
		if n := strings.Count(r.err, says); n != c.times || r.code != 0 || n > 0 && !strings.Contains(r.err, "--real-groups") {
			t.Errorf("%s: %d %s", c.args, r.code, r.err)
		}
	}
}

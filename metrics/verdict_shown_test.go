package metrics

import (
	"context"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// Four clouds far from one another: the data have the first three, the fakes the last three. What is missing and what is invented is named by rows of the cloud and
// its class, with a share below and not far from the true one (two rows of a cloud of finite width are never quite the same to the kernel); two samples of one
// distribution show nothing.
func TestParts(t *testing.T) {
	src := rng.Stream(3, "parts")
	draw := func(n, first int) (*mat.Dense, []int) {
		x, l := mat.NewDense(n, 2, nil), make([]int, n)
		for i := range n {
			l[i] = first + i%3
			x.SetRow(i, []float64{10*float64(l[i]) + .3*src.Normal(), .3 * src.Normal()})
		}
		return x, l
	}
	p := Pair{}
	var inFake []int
	p.Real, p.RealLabels = draw(600, 0)
	p.Fake, inFake = draw(450, 1)
	missing, invented, err := Parts(context.Background(), p)
	if err != nil || len(missing) == 0 || len(invented) == 0 {
		t.Fatal(missing, invented, err)
	}
	if m := missing[0]; m.Class != "0" || m.Of != 1 || m.Share < .15 || m.Share > .36 || len(m.Rows) != partRows {
		t.Errorf("missing %+v, want most of a third of the data, class 0", m)
	}
	for _, r := range missing[0].Rows {
		if p.RealLabels[r] != 0 {
			t.Errorf("real row %d is of cloud %d", r, p.RealLabels[r])
		}
	}
	if m := invented[0]; m.Class != "2" || m.Share < .15 || m.Share > .36 { // cloud 2 is the nearest of the data
		t.Errorf("invented %+v, want most of a third of the fakes, nearest to class 2", m)
	}
	for _, r := range invented[0].Rows {
		if inFake[r] != 3 {
			t.Errorf("fake row %d is of cloud %d", r, inFake[r])
		}
	}
	lines := Verdict{Missing: missing, Invented: invented}.Shown()
	if len(lines) != len(missing)+len(invented) || !strings.HasPrefix(lines[0], "missing: ") || !strings.HasSuffix(lines[0], "(class 0: 100 % of those shown)") {
		t.Errorf("lines %q", lines)
	}
	p.Fake, _ = draw(450, 0)
	if missing, invented, err = Parts(context.Background(), p); err != nil || len(missing)+len(invented) > 0 {
		t.Errorf("the same distribution: missing %v, invented %v, %v", missing, invented, err)
	}
}

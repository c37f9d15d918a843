package metrics

import (
	"context"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// clouds are rows around (10 c, 0) of clouds c with these frequencies, with their clouds as labels.
func clouds(src *rng.Source, n int, width float64, frequency ...int) (*mat.Dense, []int) {
	x, l := mat.NewDense(n, 2, nil), make([]int, n)
	var order []int
	for c, f := range frequency {
		for range f {
			order = append(order, c)
		}
	}
	for i := range n {
		l[i] = order[i%len(order)]
		x.SetRow(i, []float64{10*float64(l[i]) + width*src.Normal(), width * src.Normal()})
	}
	return x, l
}

// Five clouds far from one another: the data have the first four, the fakes the last three, in unequal parts. Each missing and each invented cloud is a part of its own
// with the whole of its true share, its rows are rows of the cloud, and what both have is in none, though they have it in other proportions.
func TestParts(t *testing.T) {
	src := rng.Stream(3, "parts")
	p := Pair{}
	var inFake []int
	p.Real, p.RealLabels = clouds(src, 1000, .3, 5, 2, 2, 1, 0)
	p.Fake, inFake = clouds(src, 900, .3, 0, 0, 2, 1, 3)
	missing, invented, err := Parts(context.Background(), p)
	if err != nil || len(missing) != 2 || len(invented) != 1 {
		t.Fatal(missing, invented, err)
	}
	for k, c := range []struct {
		part  Part
		cloud int
		share float64
		class string
		in    []int
	}{{missing[0], 0, .5, "0", p.RealLabels}, {missing[1], 1, .2, "1", p.RealLabels}, {invented[0], 4, .5, "3", inFake}} { // cloud 3 is the nearest that the data have
		// The threshold leaves out a few of the fitted rows at the edge of a cloud, so that some of the others lie beyond it.
		if c.part.Share < .85*c.share || c.part.Share > c.share+4*c.part.SE || c.part.Class != c.class || c.part.Of != 1 || len(c.part.Rows) != partRows {
			t.Errorf("part %d is %+v, want cloud %d, %v of its side", k, c.part, c.cloud, c.share)
		}
		for _, r := range c.part.Rows {
			if c.in[r] != c.cloud {
				t.Errorf("part %d: row %d is of cloud %d, not %d", k, r, c.in[r], c.cloud)
			}
		}
	}
	want := []string{"missing: at least ", "missing: at least ", "invented: at least "}
	for k, line := range (Verdict{Missing: missing, Invented: invented}).Shown() {
		if !strings.HasPrefix(line, want[k]) || k == 0 && !strings.HasSuffix(line, "(class 0: 100 % of those shown)") {
			t.Errorf("line %q", line)
		}
	}
}

// Two samples of one distribution, and one that has a cloud half as often again, have no part that the other lacks; of 100 rows a side nothing is said.
func TestPartsOfWhatIsThere(t *testing.T) {
	src := rng.Stream(4, "parts")
	real, _ := clouds(src, 600, 2, 1, 1, 1)
	for name, frequency := range map[string][]int{"the same": {1, 1, 1}, "one more often": {3, 2, 2}} {
		fake, _ := clouds(src, 450, 2, frequency...)
		if missing, invented, err := Parts(context.Background(), Pair{Real: real, Fake: fake}); err != nil || len(missing)+len(invented) > 0 {
			t.Errorf("%s: missing %v, invented %v, %v", name, missing, invented, err)
		}
	}
	few, _ := clouds(src, 99, .3, 0, 1)
	if missing, invented, err := Parts(context.Background(), Pair{Real: real, Fake: few}); err != nil || len(missing)+len(invented) > 0 {
		t.Errorf("99 rows: missing %v, invented %v, %v", missing, invented, err)
	}
}

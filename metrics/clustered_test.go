package metrics

import (
	"context"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

// inGroupsOf draws rows in groups of m around normal centres, within times as wide as these.
func inGroupsOf(s *rng.Source, n, m, d int, within float64) *mat.Dense {
	x, centre := mat.NewDense(n, d, nil), make([]float64, d)
	for i := range n {
		for j := range d {
			if i%m == 0 {
				centre[j] = s.Normal()
			}
			x.Set(i, j, centre[j]+within*s.Normal())
		}
	}
	return x
}

func clusteredAt(t *testing.T, x *mat.Dense) Clustering {
	t.Helper()
	c, err := Clustered(context.Background(), x, 1)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Of independent rows on a square one in a hundred stands so by the law: of 20 x 500 rows .01 with an error of .001, doubled for rows that share their neighbours. The
// dimension is 2.
func TestClusteredLaw(t *testing.T) {
	near, asked, dimension := 0, 0, 0.
	for r := range uint64(20) {
		s := rng.Stream(r, "clustered", "square")
		x := mat.NewDense(3000, 2, nil)
		for i := range 3000 {
			x.SetRow(i, []float64{s.Float64(), s.Float64()})
		}
		c := clusteredAt(t, x)
		near, asked, dimension = near+c.Near, asked+c.Rows, dimension+c.Dimension/20
	}
	if share := float64(near) / float64(asked); asked != 20*clusterQueries || math.Abs(share-.01) > 3*.002 || math.Abs(dimension-2) > .1 {
		t.Errorf("%.4f of %d rows, dimension %.3f; want .01 and 2", share, asked, dimension)
	}
}

// Independent rows are not called clustered, whatever their law: none of 120 sets. At ten per cent the chance of an alarm by a binomial of .01 among 300 is 1e-20; neighbours'
// shares of dense and empty places make the rest.
func TestClusteredFalseAlarms(t *testing.T) {
	most := 0.
	for _, p := range []population{normalPopulation("", 1, 1, 0), normalPopulation("", 8, 1, 0), normalPopulation("", 64, 1, 0), ring("", 8), heavyPopulation("", 2, 0), heavyPopulation("", 16, 0)} {
		for r := range uint64(20) {
			most = max(most, clusteredAt(t, p.draw(rng.Stream(r, "clustered", "alarms"), 300)).Share())
		}
	}
	if t.Logf("highest share %.3f", most); most >= clusterAlarm {
		t.Errorf("%.3f of independent rows look clustered", most)
	}
}

func TestClusteredFindsGroups(t *testing.T) {
	s := rng.Stream(1, "clustered", "groups")
	for _, c := range []struct {
		m, d   int
		within float64
		want   bool
	}{{5, 8, .3, true}, {5, 32, .5, true}, {5, 32, .8, true}, {2, 32, .3, true}, {8, 16, .3, true}, {1, 8, .3, false}} {
		got := clusteredAt(t, inGroupsOf(s, 1000, c.m, c.d, c.within))
		if got.Suspicious() != c.want {
			t.Errorf("groups of %d in %d dimensions, %v as wide: %.3f", c.m, c.d, c.within, got.Share())
		}
	}
}

// Too few rows, one row many times and a lattice are said nothing of; the order of rows does not matter.
func TestClusteredRefuses(t *testing.T) {
	s := rng.Stream(2, "clustered", "few")
	lattice := mat.NewDense(600, 6, nil)
	for i := range 600 {
		for j := range 6 {
			lattice.Set(i, j, float64(s.IntN(4)))
		}
	}
	for name, x := range map[string]*mat.Dense{"few": inGroupsOf(s, 199, 5, 8, .1), "one": mat.NewDense(500, 3, nil), "lattice": lattice} {
		if c := clusteredAt(t, x); c.Rows != 0 || c.Suspicious() {
			t.Errorf("%s: %+v", name, c)
		}
	}
	x := inGroupsOf(s, 400, 5, 8, .3)
	back := mat.NewDense(400, 8, nil)
	for i := range 400 {
		back.SetRow(i, x.RawRowView(399-i))
	}
	if a, b := clusteredAt(t, x), clusteredAt(t, back); a != b {
		t.Errorf("%+v, and backwards %+v", a, b)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Clustered(ctx, x, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

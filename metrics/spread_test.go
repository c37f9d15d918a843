package metrics

import (
	"context"
	"math"
	"testing"
)

// What a clustering alone makes is told, is not 0 where clusters are arbitrary, and leaves the values as they are; without other clusterings there is none.
func TestClusteringSpreadIsTold(t *testing.T) {
	p := Pair{Real: normals(5, 300, 3), Fake: normals(6, 250, 3)}
	for _, c := range []struct {
		with, without Metric
		names         []string
	}{
		{PRD{Clusters: 5, Repeats: 6, Angles: 101}, PRD{Clusters: 5, Repeats: 1, Angles: 101}, []string{"prd_f8_spread", "prd_f1_8_spread"}},
		{NDB{K: 10}, NDB{K: 10, Clusterings: 1}, []string{"ndb_share_spread", "ndb_js_spread"}},
	} {
		a, err := c.with.Compute(context.Background(), p)
		b, err2 := c.without.Compute(context.Background(), p)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for _, name := range c.names {
			if v, ok := a.Get(name); !ok || v.Value <= 0 && name != "ndb_share_spread" || v.Value > .3 {
				t.Errorf("%s = %v", name, v.Value)
			}
			if _, ok := b.Get(name); ok {
				t.Errorf("%s of one clustering", name)
			}
		}
		if c.with.Info().ID == "ndb" && a.Values[2].Value != b.Values[2].Value {
			t.Errorf("ndb_js moves with the number of clusterings: %v, %v", a.Values[2].Value, b.Values[2].Value)
		}
	}
	// The spread is the standard deviation of the summaries of the single curves.
	m := PRD{Clusters: 5, Repeats: 6, Angles: 101}
	_, each, err := m.curves(context.Background(), p)
	if err != nil || len(each) != 6 {
		t.Fatal(len(each), err)
	}
	m.settings()
	f8 := m.over(each, 8)
	mean, sd := 0.0, 0.0
	for _, v := range f8 {
		mean += v / 6
	}
	for _, v := range f8 {
		sd += (v - mean) * (v - mean) / 5
	}
	r, err := m.Compute(context.Background(), p)
	if v, _ := r.Get("prd_f8_spread"); err != nil || math.Abs(v.Value-math.Sqrt(sd)) > 1e-12 {
		t.Errorf("%v, want %v (%v)", v.Value, math.Sqrt(sd), err)
	}
}

// At equal large numbers an empty ball of k has chance 2^-k: below .05 from k = 5 on; of 500 and 400 rows it takes 6, of 500 and 20 all 20.
func TestPRDCAuto(t *testing.T) {
	for _, c := range []struct{ n, f, want int }{{1_000_000, 1_000_000, 5}, {500, 400, 6}, {500, 20, 20}} {
		if got := (PRDC{K: Auto}).neighbours(c.n, c.f); got != c.want {
			t.Errorf("%d and %d rows: k %d, want %d", c.n, c.f, got, c.want)
		}
	}
	m, err := PRDC{}.With("k", "auto")
	if err != nil {
		t.Fatal(err)
	}
	r, err := m.Compute(context.Background(), Pair{Real: normals(5, 200, 3), Fake: normals(6, 150, 3)})
	if err != nil || r.Convention["k"] != "6" {
		t.Errorf("convention %v, %v", r.Convention["k"], err)
	}
	if _, err = (PRDC{}).With("k", "automatic"); err == nil {
		t.Error("k=automatic is taken")
	}
}

package runners

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/rng"
)

func groupsFile(t *testing.T, name, text string) string {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadGroups(t *testing.T) {
	named := &Side{Path: "s", Names: []string{"b", "a", "c"}}
	for _, c := range []struct {
		name, text string
		of         *Side
		want       []string
	}{
		{"g.txt", "p1\np2\r\np1\n", nil, []string{"p1", "p2", "p1"}},
		{"g.csv", "Patient,age\nx,1\ny,2\n", nil, []string{"x", "y"}},
		{"g.csv", "\ufeffgroup,age\r\nx,1\r\ny,2\r\n", nil, []string{"x", "y"}}, // as spreadsheets write it
		{"g.tsv", "age\tclip\n1\tx\n2\ty\n", nil, []string{"x", "y"}},
		{"g.csv", "name,group\na,1\nb,2\nc,1\n", named, []string{"2", "1", "1"}}, // by name, not by order
		{"g.csv", "name,group\na,1\nb,2\nc,1\n", nil, []string{"1", "2", "1"}},
	} {
		if got, err := c.of.ReadGroups(groupsFile(t, c.name, c.text)); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q (%v)", c.text, got, c.want, err)
		}
	}
	for _, c := range []struct {
		name, text string
		of         *Side
		want       string
	}{
		{"g.txt", "p1\n\np1\n", nil, "line 2 names no group"},
		{"g.csv", "group\nx\n\" \"\n", nil, "line 3 names no group"},
		{"g.csv", "who,age\nx,1\n", nil, "no column is called group, patient"},
		{"g.csv", "group\n", nil, "a header and no rows"},
		{"g.csv", "group,age\nx\n", nil, "line 2: 1 fields, the header has 2"},
		{"g.csv", "name,group\na,1\nb,2\nd,1\n", named, `no row is called "c"`},
		{"g.parquet", "x", nil, "not from parquet"},
	} {
		if _, err := c.of.ReadGroups(groupsFile(t, c.name, c.text)); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

func FuzzReadGroups(f *testing.F) {
	f.Add("group\nx\n", false)
	f.Add("name\tclip\na\tb\n", true)
	f.Fuzz(func(t *testing.T, text string, tabs bool) {
		path := filepath.Join(t.TempDir(), map[bool]string{true: "g.tsv", false: "g.csv"}[tabs])
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		groups, names, err := tableGroups(path)
		if err == nil && (len(groups) == 0 || names != nil && len(names) != len(groups)) {
			t.Errorf("%d groups, %d names", len(groups), len(names))
		}
	})
}

// repeated is rows of which each comes so many times, with their groups.
func repeated(n, times int, name string) (*Side, []string) {
	src := rng.Stream(1, "groups", name)
	x, groups := mat.NewDense(n*times, 2, nil), make([]string, n*times)
	for i := range n {
		row := []float64{src.Normal() + float64(len(name)), src.Normal()} // sides with names of other lengths are apart: a distance of 0 has no simple spread
		for k := range times {
			x.SetRow(i*times+k, row)
			groups[i*times+k] = fmt.Sprint(name, i)
		}
	}
	return &Side{Path: name, Features: x}, groups
}

// With groups the intervals of repeated rows are wider, in the score, its comparison and its floor.
func TestScoreGoesByWholeGroups(t *testing.T) {
	var q ScoreRequest
	q.Real, q.RealGroups = repeated(60, 4, "real")
	q.Fake, q.FakeGroups = repeated(60, 4, "fakes")
	q.Versus, q.VersusGroups = repeated(60, 4, "versus")
	q.Featurizer, q.Metrics, q.Floor, q.Seed = RawFeaturizer, []string{"fd"}, true, 1
	score := func(q ScoreRequest) [3]float64 {
		res, err := Score(context.Background(), DefaultKit(), q)
		if err != nil {
			t.Fatal(err)
		}
		a, b, c := res.Records[0].Interval, res.Differences[0].Difference.Interval, res.Floor[0].Interval
		return [3]float64{a.Hi - a.Lo, b.Hi - b.Lo, c.Hi - c.Lo}
	}
	with := score(q)
	q.RealGroups, q.FakeGroups, q.VersusGroups = nil, nil, nil
	without := score(q)
	for i, what := range []string{"score", "comparison"} {
		if with[i] < 1.5*without[i] {
			t.Errorf("%s: width %g with groups, %g without", what, with[i], without[i])
		}
	}
}

func TestGroupsThatDoNotFitTheSamples(t *testing.T) {
	var q ScoreRequest
	q.Real, q.RealGroups = repeated(30, 2, "real")
	q.Fake, _ = repeated(30, 2, "fake")
	q.Featurizer, q.Metrics = RawFeaturizer, []string{"fd"}
	for _, c := range []struct {
		groups []string
		want   string
	}{{make([]string, 59), "ScoreRequest.FakeGroups has 59 rows, the fakes are 60"}, {make([]string, 60), "all 60 fakes are of one group"}} {
		q.FakeGroups = c.groups
		if _, err := Score(context.Background(), DefaultKit(), q); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	q.FakeGroups = nil
	q.Holdout, q.HoldoutGroups = repeated(30, 2, "real")
	q.HoldoutGroups[0], q.HoldoutGroups[1] = "other", "other"
	if _, err := Score(context.Background(), DefaultKit(), q); err != nil || len(q.Holdout.Warnings) != 1 || !strings.Contains(q.Holdout.Warnings[0], "29 groups are also") {
		t.Errorf("groups on both sides: %v, %q", err, q.Holdout.Warnings)
	}
}

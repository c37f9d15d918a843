package runners

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/metrics"
)

// mostGroupText is the size of a text file of groups that is read: tens of millions of samples.
const mostGroupText = 1 << 30

// groupNames and rowNames are the headings by which a table of groups says what belongs together and which sample a row is of.
var (
	groupNames = []string{"group", "patient", "subject", "prompt", "clip", "identity", "cluster"}
	rowNames   = []string{"name", "filename", "file", "path", "image"}
)

// ReadGroups reads which of the side's samples belong together, a word or a number for each: of a patient, a prompt, a clip, an identity. A table (.csv, .tsv) has a column
// called group, patient, subject, prompt, clip, identity or cluster and may name its rows as ReadLabels' do; a text file has one a line; an array holds whole numbers. The
// side may be nil.
func (s *Side) ReadGroups(path string) ([]string, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv", ".tsv":
		groups, names, err := tableGroups(path)
		if err != nil || names == nil || s == nil {
			return groups, err
		}
		at, err := s.joinedTo(path, names)
		if err != nil || at == nil {
			return groups, err
		}
		return picked(groups, at), nil
	case ".txt":
		groups, err := textLines(path)
		if err != nil {
			return nil, err
		}
		return groups, named(path, groups, func(i int) int { return i + 1 })
	case ".parquet":
		return nil, fault.Of(datasets.ErrShape, "%s: groups are read from .csv, .tsv, .txt or an array, not from parquet: save the column as .csv", path)
	}
	labels, err := ReadLabels(path)
	if err != nil {
		return nil, err
	}
	groups := make([]string, len(labels))
	for i, l := range labels {
		groups[i] = fmt.Sprint(l)
	}
	return groups, nil
}

// textLines are the lines of a text file that has one for each sample.
func textLines(path string) ([]string, error) {
	text, err := inputfile.Read(path, mostGroupText)
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), "\n"), nil
}

// named refuses rows without a group; line is where a row stands.
func named(path string, groups []string, line func(row int) int) error {
	for i, g := range groups {
		if strings.TrimSpace(g) == "" {
			return fault.Of(datasets.ErrShape, "%s: line %d names no group: give each sample one, a name of its own where it stands alone", path, line(i))
		}
	}
	return nil
}

// tableGroups reads the groups of a table, and the names of its rows if it has them.
func tableGroups(path string) (groups, names []string, err error) {
	w, err := openWords(path)
	if err != nil {
		return nil, nil, err
	}
	find := func(wanted []string) int {
		return slices.IndexFunc(w.Columns, func(h string) bool { return slices.Contains(wanted, strings.ToLower(h)) })
	}
	group, name := find(groupNames), find(rowNames)
	if group < 0 {
		return nil, nil, fault.Of(datasets.ErrShape, "%s: no column is called %s: name the column of groups so", path, strings.Join(groupNames, ", "))
	}
	for _, row := range w.Rows {
		groups = append(groups, row[group])
		if name >= 0 {
			names = append(names, row[name])
		}
	}
	return groups, names, named(path, groups, func(i int) int { return w.Lines[i] })
}

// groupNumbers gives each group a number, the same for the same name on every side.
func groupNumbers(sides ...[]string) [][]int {
	number := map[string]int{}
	out := make([][]int, len(sides))
	for s, groups := range sides {
		for _, g := range groups {
			if _, ok := number[g]; !ok {
				number[g] = len(number)
			}
			out[s] = append(out[s], number[g])
		}
	}
	return out
}

// grouped gives the sides the request's groups, and warns of groups that are on both sides of what was held out.
func (s *scorer) grouped(real, fake *party) error {
	q := s.q
	for _, g := range []struct {
		name, role string
		groups     []string
		of         *party
	}{{"ScoreRequest.RealGroups", "real samples", q.RealGroups, real}, {"ScoreRequest.FakeGroups", "fakes", q.FakeGroups, fake},
		{"ScoreRequest.VersusGroups", "samples of the second model", q.VersusGroups, &s.versus}, {"ScoreRequest.HoldoutGroups", "held-out samples", q.HoldoutGroups, &s.holdout}} {
		if g.groups == nil {
			continue
		}
		if err := asMany(g.name, len(g.groups), g.role, g.of.rows()); err != nil {
			return err
		}
		if len(distinct(g.groups)) < 2 {
			return fault.Of(datasets.ErrShape, "%s: all %d %s are of one group, %q: an interval needs two at least; give finer groups, or none", g.name, len(g.groups), g.role, g.groups[0])
		}
	}
	at := groupNumbers(q.RealGroups, q.FakeGroups, q.VersusGroups, q.HoldoutGroups)
	real.groups, fake.groups, s.versus.groups, s.holdout.groups = at[0], at[1], at[2], at[3]
	if both := shared(q.RealGroups, q.HoldoutGroups); len(both) > 0 {
		q.Holdout.Warnings = append(q.Holdout.Warnings, fmt.Sprintf("%s: %d groups are also among the samples that the generator learned from, the first %q: what is held out must be held out by whole groups",
			q.Holdout.Path, len(both), both[0]))
	}
	return nil
}

// shared lists the names that are in both, sorted.
func shared(a, b []string) []string {
	var both []string
	for _, name := range distinct(a) {
		if slices.Contains(b, name) {
			both = append(both, name)
		}
	}
	return both
}

// independent warns where the real samples look as if some belonged together, and nobody said which: intervals take each for itself.
func (s *scorer) independent(ctx context.Context, p metrics.Pair) error {
	if p.Real == nil || p.RealGroups != nil || s.q.RealGroups != nil || s.q.Columns != nil || s.q.Paired {
		return nil
	}
	c, err := metrics.Clustered(ctx, p.Real, s.q.Seed)
	if err != nil || !c.Suspicious() {
		return err
	}
	s.q.Real.Warnings = append(s.q.Real.Warnings, fmt.Sprintf("%s: samples look clustered (%.0f %% stand in a small group, of independent ones 1 %% would); intervals take each for itself and are too narrow then: say which belong together by ScoreRequest.RealGroups",
		s.q.Real.Path, 100*c.Share()))
	return nil
}

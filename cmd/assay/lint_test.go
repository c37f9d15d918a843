package main

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// depRule is one of the linter's rules on imports, as .golangci.yml has it.
type depRule struct {
	Files []string
	Deny  []struct{ Pkg string }
	Allow []string
}

// covers says whether a rule speaks of a file: one of the patterns names its folder, or there is none but exceptions; and no exception does.
func (r depRule) covers(file string) bool {
	named, any := false, false
	for _, f := range r.Files {
		not := strings.HasPrefix(f, "!")
		f = strings.TrimPrefix(strings.TrimPrefix(f, "!"), "${base-path}/")
		dir, folder := strings.CutSuffix(f, "**")
		hit := file == f || folder && strings.HasPrefix(file, dir)
		if not && hit {
			return false
		}
		any, named = any || !not, named || !not && hit
	}
	return named || !any
}

// longest is the length of the longest name in list that pkg begins with; a name that ends in $ is the whole of it.
func longest(list []string, pkg string) int {
	n := 0
	for _, l := range list {
		whole, exact := strings.CutSuffix(l, "$")
		if pkg == whole || !exact && strings.HasPrefix(pkg, whole) {
			n = max(n, len(whole))
		}
	}
	return n
}

func (r depRule) denies(pkg string) bool {
	var deny []string
	for _, d := range r.Deny {
		deny = append(deny, d.Pkg)
	}
	n := longest(deny, pkg)
	return n > 0 && longest(r.Allow, pkg) < n
}

// TestLinterKnowsTheHouse: the linter, which editors run, and TestImportsGoDown, which needs no linter, say the same of every pair of parts.
func TestLinterKnowsTheHouse(t *testing.T) {
	b, err := os.ReadFile(path.Join(root, ".golangci.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var conf struct {
		Linters struct {
			Settings struct {
				Depguard struct{ Rules map[string]depRule }
			}
		}
	}
	if err := yaml.Unmarshal(b, &conf); err != nil {
		t.Fatal(err)
	}
	rules := conf.Linters.Settings.Depguard.Rules
	denied := func(part, pkg string) bool {
		for _, r := range rules {
			if r.covers(part+"/x.go") && r.denies(pkg) {
				return true
			}
		}
		return false
	}
	for from := range floor {
		for to := range floor {
			ground := strings.HasPrefix(from, "internal/") && strings.HasPrefix(to, "internal/") // the linter knows internal as one
			if from == to || ground || floor[from] == 7 {                                        // no package imports a program: Go itself forbids it
				continue
			}
			want := floor[to] >= floor[from] && !slices.Contains(downstairs[from], to)
			if denied(from, module+to) != want {
				t.Errorf("%s imports %s: the linter denies it: %v, want %v", from, to, !want, want)
			}
		}
		for pkg, owners := range only {
			if want := !ownedBy(from, owners); denied(from, pkg) != want {
				t.Errorf("%s imports %s: the linter denies it: %v, want %v", from, pkg, !want, want)
			}
		}
	}
}

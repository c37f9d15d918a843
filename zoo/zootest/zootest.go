package zootest

import (
	"errors"
	"regexp"
	"slices"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/cite"
	"github.com/assay-gan/assay/zoo"
)

var tiny = map[string]string{"batch": "16", "width": "8", "depth": "2", "pretrain": "2", "d_pretrain": "1", "rollouts": "2"}

func session(t *testing.T, m zoo.Model, set *datasets.Set, seed uint64, more map[string]string) *zoo.Session {
	t.Helper()
	settings := map[string]string{}
	for _, g := range []map[string]string{tiny, more} {
		for k, v := range g {
			if declares(m, k) {
				settings[k] = v
			}
		}
	}
	s, err := zoo.New(m, zoo.Config{Set: set, Settings: settings, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Laws checks one model. Its source is one of the module's bibliography, or of more of them in BibTeX, for a model of one's own.
func Laws(t *testing.T, m zoo.Model, bibliographies ...string) {
	info := m.Info()
	t.Run("claims", func(t *testing.T) { claims(t, info, bibliographies...) })
	for _, set := range sets(info) {
		t.Run(string(set.Info.Kind), func(t *testing.T) {
			t.Run("measured", func(t *testing.T) { measured(t, m, set) })
			t.Run("sized", func(t *testing.T) { sized(t, m, set) })
			t.Run("derivatives", func(t *testing.T) { derivatives(t, m, set) })
			t.Run("turns", func(t *testing.T) { turns(t, m, set) })
			t.Run("threads", func(t *testing.T) { threads(t, m, set) })
			t.Run("resume", func(t *testing.T) { resume(t, m, set) })
			t.Run("sampling", func(t *testing.T) { sampling(t, m, set) })
			t.Run("settings", func(t *testing.T) { settings(t, m, set) })
		})
	}
}

// ControlLaws checks a control of zoo.Controls: the laws of Laws but those about turns, which a control has not. The fixtures know their truth where points do.
func ControlLaws(t *testing.T, m zoo.Model) {
	info := m.Info()
	t.Run("claims", func(t *testing.T) { described(t, info) })
	for _, set := range sets(info) {
		if set.Info.Kind == datasets.Points {
			set.Truth = Truth()
		}
		t.Run(string(set.Info.Kind), func(t *testing.T) {
			if _, err := zoo.New(m, zoo.Config{Set: set}); err != nil && set.Truth == nil {
				t.Skipf("refused, as it may be: %v", err)
			}
			t.Run("measured", func(t *testing.T) { measured(t, m, set) })
			t.Run("sized", func(t *testing.T) { sized(t, m, set) })
			t.Run("threads", func(t *testing.T) { threads(t, m, set) })
			t.Run("resume", func(t *testing.T) { resume(t, m, set) })
			t.Run("sampling", func(t *testing.T) { sampling(t, m, set) })
			t.Run("settings", func(t *testing.T) { settings(t, m, set) })
		})
	}
}

func claims(t *testing.T, info zoo.Info, bibliographies ...string) {
	described(t, info, bibliographies...)
	for _, want := range []string{"width", "depth"} {
		if want == "depth" && slices.Equal(info.Kinds, []datasets.Kind{datasets.Sequences}) {
			continue // one recurrent cell
		}
		if !slices.ContainsFunc(info.Settings, func(s zoo.Setting) bool { return s.Name == want }) {
			t.Errorf("no setting %s", want)
		}
	}
}

func described(t *testing.T, info zoo.Info, bibliographies ...string) {
	if !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(info.ID) || info.Title == "" || info.Objective == "" || info.Family == "" || len(info.Kinds) == 0 {
		t.Errorf("incomplete: %+v", info)
	}
	if _, err := cite.Lookup(info.Paper, bibliographies...); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"steps", "batch"} {
		if !slices.ContainsFunc(info.Settings, func(s zoo.Setting) bool { return s.Name == want }) {
			t.Errorf("no setting %s", want)
		}
	}
	for _, s := range info.Settings {
		if s.Doc == "" {
			t.Errorf("setting %s says nothing", s.Name)
		}
	}
	for _, kind := range info.Kinds {
		if _, err := zoo.Resolve(info, kind, nil); err != nil {
			t.Errorf("the defaults for %s are refused: %v", kind, err)
		}
	}
}

func declares(m zoo.Model, setting string) bool {
	return slices.ContainsFunc(m.Info().Settings, func(s zoo.Setting) bool { return s.Name == setting })
}

func defaultOf(m zoo.Model, setting string) string {
	for _, s := range m.Info().Settings {
		if s.Name == setting {
			return s.Default
		}
	}
	return ""
}

func settings(t *testing.T, m zoo.Model, set *datasets.Set) {
	for name, bad := range map[string]string{"batch": "0", "steps": "-1", "width": "1.5", "depth": "x", "no-such-setting": "1"} { // a name a model has not is refused too
		if _, err := zoo.New(m, zoo.Config{Set: set, Settings: map[string]string{name: bad}}); !errors.Is(err, zoo.ErrSetting) {
			t.Errorf("%s = %s: %v", name, bad, err)
		}
	}
	for _, s := range m.Info().Settings { // every word must build
		for _, c := range s.Choices {
			settings := map[string]string{s.Name: c, "batch": "4"}
			if declares(m, "width") {
				settings["width"] = "8"
			}
			if declares(m, "depth") {
				settings["depth"] = "1"
			}
			_, err := zoo.New(m, zoo.Config{Set: set, Settings: settings})
			if err != nil && !errors.Is(err, zoo.ErrSetting) {
				t.Errorf("%s = %s: %v", s.Name, c, err)
			}
		}
	}
}

package runners

import (
	"bytes"
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// The models of the suite behind the recorded baseline have the hashes that stand in it: a stored baseline stays comparable.
func TestRecordedHashesStand(t *testing.T) {
	baseline, err := os.ReadFile(filepath.Join("..", "testdata", "gate", "baseline.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := OpenSuite("gate")
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(DefaultKit(), c)
	if err != nil {
		t.Fatal(err)
	}
	models := 0
	for _, cell := range p.Cells {
		if reports.IsReference(cell.Label) {
			continue
		}
		models++
		if !bytes.Contains(baseline, []byte(`"settings_id":"`+cell.SettingsID+`"`)) {
			t.Errorf("%s has the settings hash %s, which is not in the baseline", cell.Title(), cell.SettingsID)
		}
	}
	if models == 0 {
		t.Error("the suite has no models")
	}
}

// The suites behind the pages of the zoo plan the settings that were recorded, whatever the defaults have become since: they name the preset "paper". A setting
// that a record lacks was not there yet, and is planned at its first default.
func TestRecordedSuitesStand(t *testing.T) {
	for _, suite := range []string{"cards", "modes", "spread", "translation", "cifar10"} {
		c, err := OpenSuite(suite)
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewPlan(DefaultKit(), c)
		if err != nil {
			t.Fatal(err)
		}
		recorded, met := map[string][]map[string]string{}, 0
		run, err := reports.Load(filepath.Join("..", "docs", "zoo", "results", suite+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range run.Records {
			of := settingOf.ReplaceAllString(r.Model, "") + " on " + r.Dataset
			recorded[of] = append(recorded[of], r.Settings)
		}
		for _, cell := range p.Cells {
			were, there := recorded[settingOf.ReplaceAllString(cell.Label, "")+" on "+cell.Dataset]
			if reports.IsReference(cell.Label) || !there {
				continue
			}
			met++
			m, err := DefaultKit().Model(cell.Model)
			if err != nil {
				t.Fatal(err)
			}
			first := firstDefaults(m.Info(), cell.kind)
			if !slices.ContainsFunc(were, func(was map[string]string) bool {
				for name, v := range cell.Settings {
					if v != cmp.Or(was[name], first[name]) {
						return false
					}
				}
				return true
			}) {
				t.Errorf("suite %s: %s on %s: no record has the settings %v", suite, cell.Label, cell.Dataset, cell.Settings)
			}
		}
		if met == 0 {
			t.Errorf("suite %s: no cell is a recorded one", suite)
		}
	}
}

// settingOf is the end of the names that the records of sweeps have, one a setting.
var settingOf = regexp.MustCompile(`-s[0-9]+$`)

// The suite spread plans its eight settings of a model under one name, so that reports show how far they lie apart.
func TestSpreadIsOneModel(t *testing.T) {
	c, err := OpenSuite("spread")
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(DefaultKit(), c)
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]map[string]bool{}
	for _, cell := range p.Cells {
		if reports.IsReference(cell.Label) {
			continue
		}
		if settings[cell.Label] == nil {
			settings[cell.Label] = map[string]bool{}
		}
		settings[cell.Label][cell.SettingsID] = true
	}
	for _, model := range []string{"gan-ns", "lsgan", "wgan-gp", "vae"} {
		if n := len(settings[model]); n != 8 {
			t.Errorf("%s has %d settings, want 8", model, n)
		}
	}
	if len(settings) != 4 {
		t.Errorf("models %v", settings)
	}
}

// A suite's preset holds for all its models but those that name one; settings go over it.
func TestPresetInSuites(t *testing.T) {
	plan := func(head, model string) (Cell, error) {
		c, err := ParseConfig("a.yaml", []byte("name: a\n"+head+"floor: false\nfeaturizers: [none]\nmetrics: [modes]\ndatasets: [ring]\nmodels:\n- "+model+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewPlan(DefaultKit(), c)
		if err != nil {
			return Cell{}, err
		}
		return p.Cells[0], nil
	}
	for _, c := range []struct {
		head, model string
		lr, clip    string
	}{
		{"preset: paper\n", "{name: wgan}", "5e-05", "0.01"},
		{"", "{name: wgan, preset: paper}", "5e-05", "0.01"},
		{"", "{name: wgan, preset: paper, settings: {clip: 0.5}}", "5e-05", "0.5"},
		{"preset: paper\n", "{name: wgan, preset: default, settings: {clip: 0.5, lr_g: 0.25}}", "0.25", "0.5"},
	} {
		cell, err := plan(c.head, c.model)
		if err != nil || cell.Settings["lr_g"] != c.lr || cell.Settings["clip"] != c.clip {
			t.Errorf("%s%s: lr_g %s, clip %s, %v; want %s and %s", c.head, c.model, cell.Settings["lr_g"], cell.Settings["clip"], err, c.lr, c.clip)
		}
	}
	if _, err := plan("preset: papr\n", "{name: wgan}"); err == nil || !strings.Contains(err.Error(), "a.yaml: line 2") || !strings.Contains(err.Error(), `did you mean "paper"`) {
		t.Errorf("an unknown preset: %v", err)
	}
}

// lateModel has one setting more than the others, added after results were recorded.
type lateModel struct{ fakeModel }

func (m lateModel) Info() zoo.Info {
	i := m.fakeModel.Info()
	i.Settings = append(slices.Clone(i.Settings), zoo.Setting{Name: "late", Default: "0.50", Lo: 0, Hi: 1})
	return i
}

// A setting that is new and stands at its default changes no hash; at another value it does.
func TestNewSettingsLeaveHashes(t *testing.T) {
	plan := func(m zoo.Model, settings string) Cell {
		kit := fakeKit()
		kit.Models = []zoo.Model{m}
		c, err := ParseConfig("a.yaml", []byte(ring+"floor: false\nmodels:\n- {name: quick"+settings+"}\n"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewPlan(kit, c)
		if err != nil {
			t.Fatal(err)
		}
		return p.Cells[0]
	}
	base := plan(fakeModel{id: "quick"}, "")
	if with := plan(lateModel{fakeModel{id: "quick"}}, ""); with.Hash != base.Hash || with.SettingsID != base.SettingsID || with.Settings["late"] != "0.5" {
		t.Errorf("a setting at its default: %s %s %v, without it %s %s", with.Hash, with.SettingsID, with.Settings, base.Hash, base.SettingsID)
	}
	if set := plan(lateModel{fakeModel{id: "quick"}}, ", settings: {late: 0.7}"); set.Hash == base.Hash || set.SettingsID == base.SettingsID {
		t.Error("another value of the new setting has the hash of its default")
	}
	checkpoint := filepath.Join(t.TempDir(), "model.safetensors")
	if err := atomicfile.WriteBytes(checkpoint, nil); err != nil {
		t.Fatal(err)
	}
	if err := WriteCard(checkpoint, base); err != nil {
		t.Fatal(err)
	}
	later := base
	later.Settings = maps.Clone(base.Settings)
	later.Settings["late"] = "0.5"
	late := lateModel{fakeModel{id: "quick"}}.Info()
	if err := ofCard(checkpoint, later, late); err != nil {
		t.Errorf("a checkpoint from before the setting is refused: %v", err)
	}
	later.Settings["late"] = "0.7"
	if err := ofCard(checkpoint, later, late); err == nil {
		t.Error("a checkpoint from before the setting goes on with another value than it was trained with")
	}
}

// What was there when results were recorded stays in the hash at its default: leaving it out would rename every recorded cell.
func TestOldNamesAreKept(t *testing.T) {
	got := withoutLate(map[string]string{"ddof": "1", "late": "2", "other": "3"}, []string{"ddof"}, map[string]string{"ddof": "1", "late": "2", "other": "4"})
	if !maps.Equal(got, map[string]string{"ddof": "1", "other": "3"}) {
		t.Errorf("%v", got)
	}
}

package runners

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
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
	if err := KeepCard(checkpoint, later); err != nil {
		t.Errorf("a checkpoint from before the setting is refused: %v", err)
	}
}

// What was there when results were recorded stays in the hash at its default: leaving it out would rename every recorded cell.
func TestOldNamesAreKept(t *testing.T) {
	got := withoutLate(map[string]string{"ddof": "1", "late": "2", "other": "3"}, []string{"ddof"}, map[string]string{"ddof": "1", "late": "2", "other": "4"})
	if !maps.Equal(got, map[string]string{"ddof": "1", "other": "3"}) {
		t.Errorf("%v", got)
	}
}

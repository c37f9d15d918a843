package runners

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A checkpoint is opened as what it was, never as what the defaults are today.
func TestCardsAreWhole(t *testing.T) {
	checkpoint := filepath.Join(t.TempDir(), "model.safetensors")
	m, err := NewModel(t.Context(), DefaultKit(), Cell{Model: "gan-ns", Dataset: "ring", Seed: 1, Settings: map[string]string{"width": "8"}}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Session.Save(checkpoint); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(card map[string]any){
		"":                          func(map[string]any) {},
		`key "model" is missing`:    func(c map[string]any) { delete(c, "model") },
		`key "dataset" is missing`:  func(c map[string]any) { c["dataset"] = "" },
		`key "protocol" is missing`: func(c map[string]any) { delete(c, "protocol") },
		`key "settings" is missing`: func(c map[string]any) { delete(c, "settings") },
		`unknown field "modle"`:     func(c map[string]any) { c["modle"] = "x" },
		`gan-sn`:                    func(c map[string]any) { c["model"] = "gan-sn" },
	} {
		if err := WriteCard(checkpoint, m.Cell); err != nil {
			t.Fatal(err)
		}
		card := map[string]any{}
		b, err := os.ReadFile(cardOf(checkpoint))
		if err == nil {
			err = json.Unmarshal(b, &card)
		}
		if err != nil {
			t.Fatal(err)
		}
		change(card)
		if b, err = json.Marshal(card); err == nil {
			err = os.WriteFile(cardOf(checkpoint), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = OpenModel(t.Context(), DefaultKit(), checkpoint, "")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

package zoo

import (
	"errors"
	"testing"

	"github.com/assay-gan/assay/nn"
)

// Every setting of every model refuses what it does not name: a number out of range, without end or none at all, a word that is no choice.
func TestEverySettingIsChecked(t *testing.T) {
	for _, m := range append(All(), Controls()...) {
		info := m.Info()
		for _, s := range info.Settings {
			for _, v := range []string{"NaN", "Inf", "-Inf", "1e999", "-1e300", "1e300", "", "logg"} {
				if _, err := Resolve(info, info.Kinds[0], map[string]string{s.Name: v}); !errors.Is(err, ErrSetting) {
					t.Errorf("%s: %s = %q is taken: %v", info.ID, s.Name, v, err)
				}
			}
		}
	}
}

// A loss that the code of a model misspells is no other loss.
func TestUnknownRivals(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an unknown loss is taken for another one")
		}
	}()
	x := nn.NewGraph(1).Input("x", 2, 1)
	rivals("hinge-loss", x, x)
}

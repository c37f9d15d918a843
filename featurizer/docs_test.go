package featurizer

import (
	"os"
	"strings"
	"testing"
)

// TestDocs: every family, every preparation with its words and every op of network files stand in docs/FEATURIZERS.md.
func TestDocs(t *testing.T) {
	b, err := os.ReadFile("../docs/FEATURIZERS.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, m := range All() {
		if !strings.Contains(text, "| `"+m.Usage+"` |") {
			t.Errorf("no row for %s", m.Usage)
		}
	}
	for network, rows := range map[string][]imagePrep{"vgg16": vggPreps(), "clip": clipPreps(224), "dinov2": dinov2Preps(224)} {
		for _, p := range rows {
			if row := "| `" + network + "` | `" + p.name + "` | " + p.title + " |"; !strings.Contains(text, row) {
				t.Errorf("no row %s", row)
			}
		}
	}
	for op := range netOps {
		if !strings.Contains(text, "`"+op+"`") {
			t.Errorf("op %s is not told", op)
		}
	}
}

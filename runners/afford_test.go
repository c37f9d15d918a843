package runners

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

// Plans that no machine can hold are refused with the figure and the key, before anything is written.
func TestPlanBeyondMemory(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 30))
	for change, want := range map[string]string{
		"samples: 2147483647\n": "samples: 2147483647 of shape [2]: it needs 32 GiB of memory", // 2^31 rows of 2 x 4 + 8 bytes are 2^35
	} {
		dir := filepath.Join(t.TempDir(), "run")
		text := ring + "models: quick\n"
		at := strings.Index(text, "samples:")
		if at < 0 {
			text = change + text
		} else {
			text = text[:at] + change + text[at+strings.Index(text[at:], "\n")+1:]
		}
		_, err := Run(t.Context(), fakeKit(), mustPlan(t, text), Options{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Error("a refused plan left a folder")
		}
	}
}

func TestTooManyCells(t *testing.T) {
	var seeds []string
	for i := range maxCells + 1 {
		seeds = append(seeds, fmt.Sprint(i))
	}
	c, err := ParseConfig("many.yaml", []byte("name: many\nseeds: ["+strings.Join(seeds, ",")+"]\nmodels: quick\ndatasets: ring\nfeaturizers: none\nmetrics: fd\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewPlan(fakeKit(), c); err == nil || !strings.Contains(err.Error(), "100001 seeds") || !strings.Contains(err.Error(), "many.yaml: line 3") {
		t.Errorf("error: %v", err)
	}
}

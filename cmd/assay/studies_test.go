package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// The tables of docs/STUDIES.md on many machines come from what the tests of the queue wrote down.
func TestDocsStudies(t *testing.T) {
	read := func(name string, to any) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(root, "docs", "results", name))
		if err == nil {
			err = json.Unmarshal(text, to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var faults []struct {
		Name, What string
		Held       bool
	}
	read("faults.json", &faults)
	var b bytes.Buffer
	b.WriteString("| what fails | what is done | records and models the same |\n| --- | --- | --- |\n")
	for _, f := range faults {
		held := "yes"
		if !f.Held {
			held = "NO"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.Name, f.What, held)
	}
	if len(faults) < 13 {
		t.Errorf("only %d faults are recorded", len(faults))
	}
	splice(t, "docs/STUDIES.md", "faults", b.String())

	var scale struct {
		Machine, Load string
		Rows          []struct {
			Workers, Cells int
			Pause          float64 `json:"pause_s"`
			Seconds        float64
			Rate           float64 `json:"cells_per_second"`
			Heap           float64 `json:"heap_mb"`
		}
	}
	read("scale.json", &scale)
	b.Reset()
	b.WriteString("| workers | cells | a cell lasts | all last | cells a second | heap of the coordinator |\n| ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range scale.Rows {
		fmt.Fprintf(&b, "| %d | %d | %g s | %.1f s | %.1f | %.0f MB |\n", r.Workers, r.Cells, r.Pause, r.Seconds, r.Rate, r.Heap)
	}
	fmt.Fprintf(&b, "\nMeasured on %s, while others worked on it too: its load was %s.\n", scale.Machine, scale.Load)
	splice(t, "docs/STUDIES.md", "scale", b.String())
}

//go:build linux

package command

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/assay-gan/assay/internal/testutil"
)

// labBook is what the laboratory writes down: docs/results/reliability.json, from which docs/RELIABILITY.md is made.
type labBook struct {
	Kinds   []labKindLine       `json:"kinds"`
	Readers []labReaderLine     `json:"readers"`
	Kills   map[string]labCount `json:"kills"`
}

type labKindLine struct {
	Name string `json:"name"`
	What string `json:"what"`
}

type labReaderLine struct {
	Name  string              `json:"name"`
	Kinds map[string]labCount `json:"kinds"`
}

// put takes a row in, in the place that the laboratory gives it. Rows of readers that are gone go.
func (b *labBook) put(row labReaderLine) {
	b.Kinds = nil
	for _, k := range labKinds {
		b.Kinds = append(b.Kinds, labKindLine{k.name, k.what})
	}
	var readers []labReaderLine
	for _, r := range labReaders() {
		if r.name == row.Name {
			readers = append(readers, row)
		} else if at := slices.IndexFunc(b.Readers, func(l labReaderLine) bool { return l.Name == r.name }); at >= 0 {
			readers = append(readers, b.Readers[at])
		}
	}
	b.Readers = readers
}

func labBookFile() string { return filepath.Join(here, "..", "docs", "results", "reliability.json") }

// labRecord changes the book, where it is asked for: ASSAY_LONG=1 UPDATE_GOLDEN=1.
func labRecord(t *testing.T, change func(*labBook)) {
	t.Helper()
	if !testutil.Long() || !testutil.UpdateGolden() || t.Failed() {
		return
	}
	book := labBook{}
	if b, err := os.ReadFile(labBookFile()); err == nil {
		if err := json.Unmarshal(b, &book); err != nil {
			t.Fatal(err)
		}
	}
	change(&book)
	b, err := json.MarshalIndent(book, "", " ")
	if err == nil {
		err = os.WriteFile(labBookFile(), append(b, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestLaboratoryBookIsOfThisLaboratory fails when a reader, or a kind of file, came or went and the recorded table does not know it.
func TestLaboratoryBookIsOfThisLaboratory(t *testing.T) {
	b, err := os.ReadFile(labBookFile())
	if err != nil {
		t.Fatal(err)
	}
	var book labBook
	if err := json.Unmarshal(b, &book); err != nil {
		t.Fatal(err)
	}
	var kinds, readers, want []string
	for _, k := range book.Kinds {
		kinds = append(kinds, k.Name)
	}
	for _, k := range labKinds {
		want = append(want, k.name)
	}
	if !slices.Equal(kinds, want) {
		t.Errorf("kinds %q, the laboratory has %q", kinds, want)
	}
	want = nil
	for _, r := range labReaders() {
		want = append(want, r.name)
	}
	for _, r := range book.Readers {
		readers = append(readers, r.Name)
		for _, k := range slices.Sorted(maps.Keys(r.Kinds)) {
			if n := r.Kinds[k]; n.Tried == 0 || n.Held != n.Tried {
				t.Errorf("%s, %s: %d tried, %d held", r.Name, k, n.Tried, n.Held)
			}
		}
	}
	if !slices.Equal(readers, want) {
		t.Errorf("readers %q, the laboratory has %q: ASSAY_LONG=1 UPDATE_GOLDEN=1 go test ./command -run Laboratory, then make docs", readers, want)
	}
}

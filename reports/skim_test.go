package reports

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/seal"
)

// lean is a record as Skim tells it.
func lean(r Record) Record {
	r.Settings, r.Interval, r.NoInterval, r.Warnings, r.Convention, r.Alarms, r.Provenance = nil, nil, "", nil, nil, nil, Provenance{}
	return r
}

// Skim tells of recorded lines what Read does, cell by cell, over the borders of the pieces that are read at a time.
func TestSkimReadsWhatReadDoes(t *testing.T) {
	var text []byte
	recorded := recordedLines(t)
	for _, l := range recorded[:len(recorded)-1] { // the last two are of one cell and contradict each other
		text = append(append(text, seal.Add(l)...), '\n')
	}
	for i := range 5 { // other cells, so that no line contradicts another, up to several pieces
		for _, cell := range []string{"a", "b", "c"} {
			r := rec(fmt.Sprint(cell, i), "fd", float64(i))
			r.Settings, r.Warnings = map[string]string{"a,b": `}"]\`, "c": "{"}, []string{strings.Repeat("w[,", 1<<17), `\"`}
			r.Interval = &Interval{Lo: 0, Hi: 9, Level: .5, Method: "m"}
			for _, metric := range []string{"fd", "is", "kid"} {
				r.Metric = metric
				line, err := lineOf(r)
				if err != nil {
					t.Fatal(err)
				}
				text = append(append(text, line...), '\n')
			}
		}
	}
	if len(text) < 4*block {
		t.Fatalf("%d bytes are too few", len(text))
	}
	recs, _, err := Read(bytes.NewReader(text), "x")
	if err != nil {
		t.Fatal(err)
	}
	var want, got [][]Record
	for of := range cellsOf(recs) {
		var cell []Record
		for _, r := range of {
			cell = append(cell, lean(r))
		}
		want = append(want, cell)
	}
	if err := Skim(bytes.NewReader(text), "x", func(of []Record) error {
		cell := slices.Clone(of)
		for i := range cell { // what encoding/json read comes with everything
			cell[i] = lean(cell[i])
		}
		got = append(got, cell)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-Read +Skim):\n%s", d)
	}
	stop := errors.New("enough")
	if err := Skim(bytes.NewReader(text), "x", func([]Record) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

// Every flipped bit of a line is seen, and a line without a checksum is not skimmed.
func TestSkimSeesDamage(t *testing.T) {
	lines := sealedLines(t)
	skim := func(text string) error {
		return Skim(strings.NewReader(text), "x", func([]Record) error { return nil })
	}
	if err := skim(strings.Join(lines, "")); err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * (len(lines[2]) - 1) {
		bad := []byte(lines[2])
		bad[bit/8] ^= 1 << (bit % 8)
		if err := skim(lines[0] + lines[1] + string(bad) + lines[3]); !errors.Is(err, ErrUnusual) {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
	body, _, err := seal.Open([]byte(strings.TrimSpace(lines[0])))
	if err != nil {
		t.Fatal(err)
	}
	if err := skim(string(body) + "\n" + lines[2]); !errors.Is(err, ErrUnusual) {
		t.Error(err)
	}
}

// A piece of blank lines takes no memory for records that are not there.
func TestBlankLinesTakeNoRoom(t *testing.T) {
	p := &piece{text: bytes.Repeat([]byte{'\n'}, block), lines: block}
	p.decode(newDecoder())
	if len(p.recs) > 0 || cap(p.recs) > block/50 {
		t.Errorf("%d blank lines have room for %d records", block, cap(p.recs))
	}
	if recs, torn, err := Read(bytes.NewReader(p.text), "x"); len(recs) > 0 || torn != nil || err != nil {
		t.Error(recs, torn, err)
	}
}

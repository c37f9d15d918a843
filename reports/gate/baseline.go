package gate

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/reports"
)

// Baseline is a stored distribution: many runs of every model, never one golden number. In a file it is a header line and ordinary record lines.
type Baseline struct {
	Header
	Records []reports.Record
}

// Header is the first line of a baseline file.
type Header struct {
	Version int      `json:"assay_baseline"` // 1
	Metrics []string `json:"metrics"`        // gated ones; empty means every one with a better side
	Config  string   `json:"config"`         // hash of what was measured and how; see ConfigHash
	Sum     string   `json:"sha256"`         // of the record lines
	Note    string   `json:"note,omitempty"` // how it was made
}

// NewBaseline makes a baseline of a run's records: the last step of each cell, sorted, failures included. Costs are dropped, for they differ between
// machines.
func NewBaseline(recs []reports.Record, metrics []string, note string) (*Baseline, error) {
	recs = reports.Final(reports.Distinct(recs))
	gated := &Baseline{Header: Header{Metrics: metrics}}
	recs = reports.Where(recs, func(r reports.Record) bool { return r.CellFailed() || gated.gates(r.Metric) })
	if len(recs) == 0 {
		return nil, fmt.Errorf("baseline: no record of %s", cmp.Or(strings.Join(metrics, ", "), "any metric"))
	}
	for i := range recs {
		recs[i].Cost, recs[i].Warnings = reports.Cost{}, nil
	}
	slices.SortStableFunc(recs, func(a, b reports.Record) int {
		return cmp.Or(strings.Compare(a.Dataset, b.Dataset), strings.Compare(a.Model, b.Model), cmp.Compare(a.Seed, b.Seed), strings.Compare(a.Metric, b.Metric), strings.Compare(a.Cell, b.Cell))
	})
	body, err := lines(recs)
	if err != nil {
		return nil, err
	}
	return &Baseline{Header{1, metrics, ConfigHash(recs), sum(body), note}, recs}, nil
}

func (b *Baseline) gates(metric string) bool {
	return len(b.Metrics) == 0 || metric == "" || slices.Contains(b.Metrics, metric)
}

// ConfigHash is the hash of everything that must be equal for two runs to be compared: of every model and data set the settings, and of every measure the
// featurizer, protocol, reference, sizes and hashes; not the seeds, and not the values.
func ConfigHash(recs []reports.Record) string {
	var lines []string
	for _, r := range recs {
		if r.CellFailed() {
			continue
		}
		line := r.Metric
		for _, f := range fingerprint(r) {
			line += "\x00" + f.value
		}
		lines = append(lines, r.Model+"\x00"+r.Dataset+"\x00"+line)
	}
	slices.Sort(lines)
	return sum([]byte(strings.Join(slices.Compact(lines), "\n")))
}

// lines is the body of the file.
func lines(recs []reports.Record) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, r := range recs {
		if err := r.Check(); err != nil {
			return nil, fmt.Errorf("baseline: %w: %w", reports.ErrRecord, err)
		}
		if err := e.Encode(r); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// Write writes the baseline: the header, then a line for each record.
func (b *Baseline) Write(w io.Writer) error {
	body, err := lines(b.Records)
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(b.Header); err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}

// Save writes the baseline to a file, whole or not at all.
func (b *Baseline) Save(path string) error { return atomicfile.Write(path, b.Write) }

// ReadBaseline reads a baseline. It is an error if the first line is no header of version 1, if a line is no record, or if the records do not
// fit the header's hashes (the file was edited or cut).
func ReadBaseline(r io.Reader, name string) (*Baseline, error) {
	in := bufio.NewReader(r)
	line, err := in.ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var h Header
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&h); err != nil || h.Version != 1 {
		return nil, fmt.Errorf(`%s:1: no baseline header {"assay_baseline":1,...}: make one with assay gate --write`, name)
	}
	body, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	recs, torn, err := reports.Read(io.MultiReader(strings.NewReader("\n"), bytes.NewReader(body)), name) // the header's line counts
	if err != nil {
		return nil, err
	}
	if torn != nil {
		return nil, fmt.Errorf("%s: %s; make the baseline again", name, torn)
	}
	if got := sum(body); got != h.Sum || ConfigHash(recs) != h.Config {
		return nil, fmt.Errorf("%s: sha256 of the records is %.12s, the header says %.12s: the file was changed by hand; make the baseline again", name, got, h.Sum)
	}
	return &Baseline{h, recs}, nil
}

// LoadBaseline reads a baseline file.
func LoadBaseline(path string) (*Baseline, error) {
	f, _, err := inputfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadBaseline(f, path)
}

type field struct{ name, value string }

// fingerprint is what must agree, by name.
func fingerprint(r reports.Record) []field {
	return []field{{"settings", r.SettingsID}, {"step", fmt.Sprint(r.Step)}, {"featurizer", r.Featurizer}, {"protocol", r.Protocol}, {"reference", r.Reference}, {"N", fmt.Sprint(r.N)},
		{"N real", fmt.Sprint(r.NReal)}, {"data set hash", r.Provenance.DatasetHash}, {"weights hash", r.Provenance.WeightsHash}, {"unit", r.Unit}, {"direction", r.Better}}
}

// sameFingerprint refuses a candidate whose values of some metric were all measured in another way than the baseline's, naming the field that differs. A
// metric that was measured in several ways (two featurizers) must have one in common.
func sameFingerprint(base, cand group) error {
	of := func(g group, metric string) [][]field {
		var out [][]field
		for _, r := range g.recs {
			if f := fingerprint(r); r.Metric == metric && r.Status != reports.Failed && !slices.ContainsFunc(out, func(o []field) bool { return slices.Equal(o, f) }) {
				out = append(out, f)
			}
		}
		return out
	}
	seen := map[string]bool{}
	for _, r := range base.recs {
		if seen[r.Metric] || r.Metric == "" {
			continue
		}
		seen[r.Metric] = true
		for _, b := range of(base, r.Metric) {
			least := []string(nil)
			ways := of(cand, r.Metric)
			for _, c := range ways {
				var differ []string
				for i := range b {
					if b[i] != c[i] {
						differ = append(differ, fmt.Sprintf("%s is %q, the baseline has %q", b[i].name, c[i].value, b[i].value))
					}
				}
				if least == nil || len(differ) < len(least) {
					least = differ
				}
				if len(differ) == 0 {
					break
				}
			}
			if len(ways) > 0 && len(least) > 0 {
				return fmt.Errorf("%s on %s, %s: %w: %s; record a new baseline or undo the change", base.model, base.dataset, r.Metric, ErrIncomparable, strings.Join(least, ", "))
			}
		}
	}
	return nil
}

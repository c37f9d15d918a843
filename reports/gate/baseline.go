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
	"time"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/reports"
)

// Baseline is a stored distribution: many runs of every model, never one golden number. In a file it is a header line and ordinary record lines.
type Baseline struct {
	Header
	Records []reports.Record
}

// Header is the first line of a baseline file.
type Header struct {
	Version int      `json:"assay_baseline"`   // 2; 1 is read too
	Metrics []string `json:"metrics"`          // gated ones; empty means the headline of each model and data set, and its modes
	Config  string   `json:"config,omitempty"` // of version 1: a hash of what the records say themselves
	Sum     string   `json:"sha256"`           // of the record lines, their line ends as \n
	Note    string   `json:"note,omitempty"`   // why it was made or updated
	Date    string   `json:"date,omitempty"`   // when, as 2026-01-31
}

// headerVersion is what Write writes.
const headerVersion = 2

// Making says how a baseline is made.
type Making struct {
	Metrics []string // gated; empty means the headline of each model and data set, and its modes
	Reason  string   // why it is made or updated, for those who read a verdict
	Date    string   // today as 2026-01-31
	Options Options  // of the gate that will use it: a baseline that cannot make it fail is refused
}

// NewBaseline makes a baseline of a run's records: the last step of each cell, sorted, failures included. Costs are dropped, for they differ between
// machines. It is an error if no record has one of the metrics, if two of them come from one computation, or if the seeds are so few that no check could ever
// fail: then the error says how many checks or seeds would do.
func NewBaseline(recs []reports.Record, m Making) (*Baseline, error) {
	recs = reports.Final(reports.Distinct(recs))
	if err := checkMetrics(recs, m.Metrics); err != nil {
		return nil, err
	}
	b := &Baseline{Header: Header{Version: headerVersion, Metrics: m.Metrics, Note: m.Reason, Date: m.Date}}
	recs = reports.Where(recs, func(r reports.Record) bool {
		return r.CellFailed() || len(m.Metrics) == 0 || slices.Contains(m.Metrics, r.Metric)
	})
	if len(recs) == 0 {
		return nil, fmt.Errorf("baseline: no record of %s", cmp.Or(strings.Join(m.Metrics, ", "), "any metric"))
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
	b.Sum, b.Records = sum(body), recs
	return b, b.canFail(m.Options)
}

// checkMetrics refuses names that no record has, and measures that come from one computation.
func checkMetrics(recs []reports.Record, metrics []string) error {
	var have []string
	for _, r := range recs {
		if r.Metric != "" && !slices.Contains(have, r.Metric) {
			have = append(have, r.Metric)
		}
	}
	for _, m := range metrics {
		if !slices.Contains(have, m) {
			return fmt.Errorf("baseline: %w (in the records)", suggest.Unknown("metric", m, have))
		}
	}
	return checkDerived(metrics)
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

// sum is the hash of the body, whatever its line ends: an editor or a checkout may have changed them.
func sum(b []byte) string {
	h := sha256.Sum256(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
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

// ReadBaseline reads a baseline. It is an error if the first line is no header of version 1 or 2, if a line is no record, or if the records do not
// fit the header's hash (the file was edited or cut). Line ends do not matter.
func ReadBaseline(r io.Reader, name string) (*Baseline, error) {
	in := bufio.NewReader(r)
	line, err := in.ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var h Header
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err = d.Decode(&h); err != nil || h.Version < 1 || h.Version > headerVersion {
		return nil, fmt.Errorf(`%s:1: no baseline header {"assay_baseline":%d,...} that this build knows: make one with assay gate --write`, name, headerVersion)
	}
	if _, err = time.Parse(time.DateOnly, h.Date); err != nil && h.Date != "" {
		return nil, fmt.Errorf("%s:1: date %q: want one as 2026-01-31", name, h.Date)
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
	if got := sum(body); got != h.Sum {
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

// canFail refuses a baseline whose seeds are so few that no run of as many could ever be a regression over its checks.
func (b *Baseline) canFail(o Options) error {
	o, err := o.defaults()
	if err != nil {
		return err
	}
	pairs, err := match(b, b.Records, o)
	if err != nil {
		return err
	}
	least, checks := 0, 0
	for _, m := range pairs {
		for _, s := range m.samples {
			checks++
			if least == 0 || s.NBase < least {
				least = s.NBase
			}
		}
	}
	need := seedsFor(checks, o.MaxAlpha)
	if checks == 0 || least >= need {
		return nil
	}
	most := 0
	for n := 1; n < checks && seedsFor(n, o.MaxAlpha) <= least; n++ {
		most = n
	}
	way := fmt.Sprintf("run %d seeds", need)
	if most > 0 {
		way = fmt.Sprintf("gate %d at most (assay gate --metrics) or %s", most, way)
	}
	return fmt.Errorf("baseline: %s, %s: nothing can fail; %s", plural(least, "seed"), plural(checks, "check"), way)
}

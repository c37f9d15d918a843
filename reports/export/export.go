package export

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"

	"github.com/assay-gan/assay/internal/quote"
	"github.com/assay-gan/assay/internal/suggest"
	"github.com/assay-gan/assay/reports"
)

// Format is a way to write records.
type Format struct {
	ID    string // name on the command line
	Title string // one line for people
	Write func(w io.Writer, recs []reports.Record) error
}

// Formats returns every format that ships. A new one is a file and a line here.
func Formats() []Format {
	return []Format{
		{"csv", "a row for each value and each failed cell", CSV},
		{"parquet", "the same columns as Parquet, compressed by Zstandard", Parquet},
		{"benchtext", "Go benchmark text, for benchstat", reports.BenchText},
	}
}

// Lookup finds a format by its name; the error lists the names there are and the nearest one.
func Lookup(id string) (Format, error) {
	var have []string
	for _, f := range Formats() {
		if f.ID == id {
			return f, nil
		}
		have = append(have, f.ID)
	}
	return Format{}, suggest.Unknown("format", id, have)
}

// Column is a column of the tables.
type Column struct {
	Name  string
	Title string // what it holds, for people
}

// Columns returns the columns of CSV and Parquet in their order.
func Columns() []Column {
	return []Column{
		{"cell", "content hash of the cell"}, {"model", ""}, {"dataset", ""}, {"settings_id", "hash of model, data set and settings without the seed"},
		{"settings", "settings of the model, a JSON object"}, {"seed", ""}, {"step", "training steps behind the value"},
		{"featurizer", ""}, {"protocol", ""}, {"reference", "split that the value was measured against"}, {"n", "fake samples"}, {"n_real", "real samples"},
		{"metric", "empty for a cell that failed as a whole"}, {"value", "empty for a failure"}, {"unit", ""}, {"better", "lower, higher, near, none"},
		{"lo", "interval, empty where there is none"}, {"hi", ""}, {"level", ""}, {"interval_method", ""},
		{"status", "ok, degenerate, unreliable, failed"}, {"cause", "of a failure"}, {"error", "of a failure, in words"}, {"warnings", "a JSON array"},
		{"wall_s", "what the cell had used up to the step"}, {"cpu_s", ""}, {"d_steps", ""}, {"g_steps", ""}, {"samples", "training samples seen"},
		{"version", "of assay"}, {"kernel", ""}, {"cpu", ""}, {"dataset_hash", ""}, {"weights_hash", ""},
	}
}

// CSV writes records as CSV (RFC 4180) with a head. Text that a spreadsheet would take for a formula is quoted as everywhere in assay's tables.
func CSV(w io.Writer, recs []reports.Record) error {
	c := csv.NewWriter(bufio.NewWriterSize(w, 1<<20)) // which it takes for its own
	var head []string
	for _, col := range Columns() {
		head = append(head, col.Name)
	}
	if err := c.Write(head); err != nil {
		return err
	}
	line := make([]string, 0, len(head))
	var settings lastObject
	for i := range recs {
		line = appendFields(line[:0], &recs[i], settings.of(recs[i].Settings))
		for k, f := range line {
			line[k] = quote.CSV(f)
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func appendFields(line []string, r *reports.Record, settings string) []string {
	value, lo, hi, level, method := "", "", "", "", ""
	if r.Status != reports.Failed {
		value = number(r.Value)
	}
	if i := r.Interval; i != nil {
		lo, hi, level, method = number(i.Lo), number(i.Hi), number(i.Level), i.Method
	}
	return append(line, r.Cell, r.Model, r.Dataset, r.SettingsID, settings, strconv.FormatUint(r.Seed, 10), strconv.Itoa(r.Step),
		r.Featurizer, r.Protocol, r.Reference, strconv.Itoa(r.N), strconv.Itoa(r.NReal),
		r.Metric, value, r.Unit, r.Better, lo, hi, level, method, r.Status, string(r.Cause), r.Error, array(r.Warnings),
		number(r.Cost.WallSeconds), number(r.Cost.CPUSeconds), strconv.Itoa(r.Cost.DSteps), strconv.Itoa(r.Cost.GSteps), strconv.Itoa(r.Cost.Samples),
		r.Provenance.Version, r.Provenance.Kernel, r.Provenance.CPU, r.Provenance.DatasetHash, r.Provenance.WeightsHash)
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// lastObject is the last map that was made an object: neighbouring records of a file share theirs.
type lastObject struct {
	id   uintptr // of the map, which its record keeps alive
	text string
}

func (l *lastObject) of(m map[string]string) string {
	if id := reflect.ValueOf(m).Pointer(); id != l.id || id == 0 {
		l.id, l.text = id, object(m)
	}
	return l.text
}

// object is a map as JSON, "" where it is empty.
func object(m map[string]string) string {
	if len(m) == 0 {
		return ""
	}
	b, err := json.Marshal(m)
	if err != nil { // texts always can be written
		return fmt.Sprint(m)
	}
	return string(b)
}

func array(s []string) string {
	if len(s) == 0 {
		return ""
	}
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Sprint(s)
	}
	return string(b)
}

package reports

import (
	"fmt"
	"slices"
	"strings"
)

// Real is the model name of reference rows: held-out real data scored as if a model had made them. No model can be expected to do better; the tables call
// it the floor.
const Real = "real"

// Perfect is the model name of reference rows of a perfect sampler, where the truth is known: fresh samples of the distribution itself.
const Perfect = "perfect"

// Noise is the model name of the reference rows of an untrained generator. A model that does no better has learnt nothing.
const Noise = "noise"

// The states of a record.
const (
	OK         = "ok"
	Degenerate = "degenerate" // defined by convention only
	Unreliable = "unreliable" // computed, but a warning says why not to lean on it
	Failed     = "failed"     // no value; Error says why
)

// The directions of a value.
const (
	Lower  = "lower"
	Higher = "higher"
	Near   = "near"
	None   = "none"
)

// Record is one line of records.jsonl: a measured value, or the failure of a cell. Records are append-only and are the truth of a run.
type Record struct {
	// Keys: what was measured.
	Cell       string            `json:"cell"` // content hash of the cell
	Model      string            `json:"model"`
	Dataset    string            `json:"dataset"`
	Settings   map[string]string `json:"settings,omitempty"`    // resolved settings of the model
	SettingsID string            `json:"settings_id,omitempty"` // hash of model, data set and settings without the seed
	Seed       uint64            `json:"seed"`
	Step       int               `json:"step"`
	Featurizer string            `json:"featurizer,omitempty"`
	Protocol   string            `json:"protocol,omitempty"`
	Reference  string            `json:"reference,omitempty"` // split the value was measured against: "test", "train"
	N          int               `json:"n,omitempty"`         // fake samples
	NReal      int               `json:"n_real,omitempty"`

	// What was found.
	Study      []Draw            `json:"study,omitempty"` // the draws of a study that the cell is; the same cell may be several
	Metric     string            `json:"metric"`          // value name, e.g. "fd", "precision"; "" for a failed cell
	Value      float64           `json:"value"`
	Unit       string            `json:"unit,omitempty"`
	Better     string            `json:"better,omitempty"` // lower, higher, near, none
	Interval   *Interval         `json:"interval,omitempty"`
	NoInterval string            `json:"no_interval,omitempty"` // why a value with a direction has none
	Status     string            `json:"status"`                // ok, degenerate, unreliable, failed
	Warnings   []string          `json:"warnings,omitempty"`
	Convention map[string]string `json:"convention,omitempty"`
	Error      string            `json:"error,omitempty"`
	Cause      Cause             `json:"cause,omitempty"`  // of a failure, for programs
	Alarms     []Alarm           `json:"alarms,omitempty"` // of the cell's training, where a monitor raised some: the same in all of its records

	// What it took, and where it comes from. Cost is the only part that may differ between two runs of one cell.
	Cost       Cost       `json:"cost"`
	Provenance Provenance `json:"provenance"`
}

// Interval is a confidence interval of a value.
type Interval struct {
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"`
	Level  float64 `json:"level"`
	Method string  `json:"method"`

	Centre *float64 `json:"-"` // what the interval is around where that is not the value, see metrics.Interval; files do not keep it
}

// Cost is what the cell had used up to the record's step.
type Cost struct {
	WallSeconds float64 `json:"wall_s"`
	CPUSeconds  float64 `json:"cpu_s"`
	DSteps      int     `json:"d_steps"`
	GSteps      int     `json:"g_steps"`
	Samples     int     `json:"samples"` // training samples seen

	// What a sample takes, of models that were trained here: how often the network was evaluated for it, and how many were drawn in a second of processor time.
	Evaluations      float64 `json:"evaluations,omitempty"`
	SamplesPerSecond float64 `json:"samples_per_s,omitempty"`
}

// Timeless is the cost without what clocks measured: what two runs of one cell agree in.
func (c Cost) Timeless() Cost {
	c.WallSeconds, c.CPUSeconds, c.SamplesPerSecond = 0, 0, 0
	return c
}

// Provenance is what decides the value besides the keys.
type Provenance struct {
	Version     string `json:"version"`                // of the binary
	Kernel      string `json:"kernel"`                 // kernel set: avx512, avx2, neon, generic
	CPU         string `json:"cpu"`                    // model name of the processor
	DatasetHash string `json:"dataset_hash"`           // sha256 of the training split
	WeightsHash string `json:"weights_hash"`           // sha256 of the featurizer's weights
	SamplesHash string `json:"samples_hash,omitempty"` // sha256 of samples that were made elsewhere, as they lay there
	Images      int    `json:"images,omitempty"`       // of a data set of image files: how many, over all splits
	Content     string `json:"content,omitempty"`      // and their hash as they were decoded, see datasets.Files
	Prepared    string `json:"prepared,omitempty"`     // recipe of assay prepare that the real images were made by: its name and the beginning of its hash
}

// Key identifies a value: two records of one key are the same measurement, and the later one counts.
type Key struct {
	Cell, Metric, Featurizer, Protocol, Reference string
	Step, N, NReal                                int
}

// Key returns the record's key.
func (r Record) Key() Key {
	return Key{r.Cell, r.Metric, r.Featurizer, r.Protocol, r.Reference, r.Step, r.N, r.NReal}
}

// CellFailed says whether the record is the failure of a whole cell.
func (r Record) CellFailed() bool { return r.Status == Failed && r.Metric == "" }

// Measure is what a column of a table holds: a metric in the space and under the protocol it was computed in. Values of different measures are never
// compared.
type Measure struct {
	Metric     string `json:"metric"`
	Featurizer string `json:"featurizer,omitempty"`
	Protocol   string `json:"protocol,omitempty"`
	Reference  string `json:"reference,omitempty"`
	N          int    `json:"n,omitempty"`
}

// Measure returns what the record measures.
func (r Record) Measure() Measure {
	return Measure{r.Metric, r.Featurizer, r.Protocol, r.Reference, r.N}
}

// Reserved lists the names of the reference rows: no model of a run may have one, or its values would be read as a yardstick for the others.
func Reserved() []string { return []string{Real, Perfect, Noise} }

// IsReference says whether the name is no model but a yardstick.
func IsReference(model string) bool { return slices.Contains(Reserved(), model) }

// CheckModel refuses a name under which a model's records would be taken for a reference row.
func CheckModel(name string) error {
	if IsReference(name) {
		return fmt.Errorf("%q is the name of a reference row of reports (reserved are %s): give the model another name", name, strings.Join(Reserved(), ", "))
	}
	return nil
}

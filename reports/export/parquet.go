package export

import (
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/assay-gan/assay/reports"
)

// row is a row of the table; its fields are Columns, which a test holds together. What CSV leaves empty is null here.
type row struct {
	Cell        string   `parquet:"cell"`
	Model       string   `parquet:"model,dict"`
	Dataset     string   `parquet:"dataset,dict"`
	SettingsID  string   `parquet:"settings_id,dict"`
	Settings    *string  `parquet:"settings,dict,optional"`
	Seed        uint64   `parquet:"seed"`
	Step        int64    `parquet:"step"`
	Featurizer  string   `parquet:"featurizer,dict"`
	Protocol    string   `parquet:"protocol,dict"`
	Reference   string   `parquet:"reference,dict"`
	N           int64    `parquet:"n"`
	NReal       int64    `parquet:"n_real"`
	Metric      string   `parquet:"metric,dict"`
	Value       *float64 `parquet:"value,optional"`
	Unit        string   `parquet:"unit,dict"`
	Better      string   `parquet:"better,dict"`
	Lo          *float64 `parquet:"lo,optional"`
	Hi          *float64 `parquet:"hi,optional"`
	Level       *float64 `parquet:"level,optional"`
	Method      *string  `parquet:"interval_method,dict,optional"`
	Status      string   `parquet:"status,dict"`
	Cause       string   `parquet:"cause,dict"`
	Error       string   `parquet:"error,dict"`
	Warnings    *string  `parquet:"warnings,dict,optional"`
	Wall        float64  `parquet:"wall_s"`
	CPUSeconds  float64  `parquet:"cpu_s"`
	DSteps      int64    `parquet:"d_steps"`
	GSteps      int64    `parquet:"g_steps"`
	Samples     int64    `parquet:"samples"`
	Version     string   `parquet:"version,dict"`
	Kernel      string   `parquet:"kernel,dict"`
	CPU         string   `parquet:"cpu,dict"`
	DatasetHash string   `parquet:"dataset_hash,dict"`
	WeightsHash string   `parquet:"weights_hash,dict"`
}

// parquetRows is how many rows are handed to the writer at a time.
const parquetRows = 4096

// Parquet writes records as a Parquet file. The same records give the same bytes.
func Parquet(w io.Writer, recs []reports.Record) error {
	p := parquet.NewGenericWriter[row](w, parquet.Compression(&zstd.Codec{}), parquet.CreatedBy("assay", "", ""))
	rows := make([]row, 0, parquetRows)
	var settings lastObject
	for i := range recs {
		if rows = append(rows, rowOf(&recs[i], settings.of(recs[i].Settings))); len(rows) == parquetRows || i == len(recs)-1 {
			if _, err := p.Write(rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	return p.Close()
}

func rowOf(r *reports.Record, settings string) row {
	out := row{Cell: r.Cell, Model: r.Model, Dataset: r.Dataset, SettingsID: r.SettingsID, Settings: optional(settings), Seed: r.Seed, Step: int64(r.Step),
		Featurizer: r.Featurizer, Protocol: r.Protocol, Reference: r.Reference, N: int64(r.N), NReal: int64(r.NReal), Metric: r.Metric, Unit: r.Unit, Better: r.Better,
		Status: r.Status, Cause: string(r.Cause), Error: r.Error, Warnings: optional(array(r.Warnings)), Wall: r.Cost.WallSeconds, CPUSeconds: r.Cost.CPUSeconds,
		DSteps: int64(r.Cost.DSteps), GSteps: int64(r.Cost.GSteps), Samples: int64(r.Cost.Samples), Version: r.Provenance.Version, Kernel: r.Provenance.Kernel,
		CPU: r.Provenance.CPU, DatasetHash: r.Provenance.DatasetHash, WeightsHash: r.Provenance.WeightsHash}
	if r.Status != reports.Failed {
		out.Value = &r.Value
	}
	if i := r.Interval; i != nil {
		out.Lo, out.Hi, out.Level, out.Method = &i.Lo, &i.Hi, &i.Level, &i.Method
	}
	return out
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

package runners

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/assay-gan/assay/featurizer/source"
	"github.com/assay-gan/assay/reports"
)

// ScoreKeys say what a score was of, so that gate, compare, report and history can tell runs apart.
type ScoreKeys struct {
	Model, Dataset string
	Seed           uint64
	Step           int    // of the training, 0 where it is not stated
	DatasetHash    string // of the real samples, see ContentHash
	Version        string // of the program
}

// Check says which name is missing, or cannot be one.
func (k ScoreKeys) Check() error {
	for _, n := range []struct{ what, name string }{{"Model", k.Model}, {"Dataset", k.Dataset}} {
		if strings.TrimSpace(n.name) == "" || strings.ContainsFunc(n.name, func(r rune) bool { return r < ' ' }) {
			return fmt.Errorf("records need a name as ScoreKeys.%s, here it is %q", n.what, n.name)
		}
	}
	if err := reports.CheckModel(k.Model); err != nil {
		return err
	}
	if k.Step < 0 {
		return fmt.Errorf("ScoreKeys.Step %d: want at least 0", k.Step)
	}
	return nil
}

// cell is the name of the run: two scores of one model, data set and seed are of one run, whatever they measure.
func (k ScoreKeys) cell() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "assay score 1\x00%s\x00%s\x00%d", k.Model, k.Dataset, k.Seed))
	return hex.EncodeToString(sum[:])[:20]
}

func (k ScoreKeys) base() reports.Record {
	o := Origin(k.Version)
	return reports.Record{Cell: k.cell(), Model: k.Model, Dataset: k.Dataset, Seed: k.Seed, Step: k.Step,
		Provenance: reports.Provenance{Version: o.Version, Kernel: o.Kernel, CPU: o.CPU, DatasetHash: k.DatasetHash}}
}

// Keyed returns the result's records under the keys, as a suite's records would be.
func (res *ScoreResult) Keyed(k ScoreKeys) []reports.Record {
	var out []reports.Record
	for _, r := range res.Records {
		b := k.base()
		r.Cell, r.Model, r.Dataset, r.Seed, r.Step, r.Provenance = b.Cell, b.Model, b.Dataset, b.Seed, b.Step, b.Provenance
		r.Provenance.WeightsHash, r.Provenance.Prepared = res.Weights, res.Prepared
		out = append(out, r)
	}
	return out
}

// FailedRun is the record of a run that left nothing to score: it counts as a failure wherever runs are counted.
func FailedRun(k ScoreKeys, reason string) reports.Record {
	r := k.base()
	r.Status, r.Error = reports.Failed, reason
	return r
}

// ContentHash names what a path holds, all of it, as OpenSide reads it: see Side.Content. Two machines agree on it, whatever their kernels.
func ContentHash(ctx context.Context, path string, lo, hi float64, o source.Options) (string, error) {
	s, err := OpenSide(ctx, path, lo, hi, o)
	if err != nil {
		return "", err
	}
	sum, err := s.Content(ctx)
	if s.Source != nil {
		if closing := s.Source.Close(); err == nil {
			err = closing
		}
	}
	return sum, err
}

package runners

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/tensorfile"
	"github.com/assay-gan/assay/metrics"
)

// statisticsBlock is where sets may be cut into shards. Moments are reduced in leaves of 2048 rows: a shard that begins inside a leaf keeps that leaf's rows as
// they are, and merging makes the leaf whole, so that any multiple would do. Small blocks let small sets be cut into many shards.
const statisticsBlock = 512

// made is what statistics by a featurizer are made from; the keys are those that featurizer.Statistics compares, and some for people.
func made(f featurizer.Featurizer) map[string]string {
	m := map[string]string{"featurizer": f.ID(), "fingerprint": f.Fingerprint(), "protocol": "none", "ddof": "1"}
	if p, ok := protocolOf(f); ok {
		m["protocol"] = p.Name
	}
	return m
}

// statistics hands over the sides that are statistics, once it is sure that both sides were made in the same way.
func (s *scorer) statistics(real, fake *party) error {
	if real.side == nil || fake.side == nil || real.side.Stats == nil && fake.side.Stats == nil {
		return nil
	}
	a, b := s.asStatistics(real.side, real.features), s.asStatistics(fake.side, fake.features)
	layer(a, b)
	layer(b, a)
	warnings, err := a.Comparable(b)
	if err != nil && (!s.q.Force || len(a.Mean) != len(b.Mean)) {
		return fmt.Errorf("real %s, %s %s: %w (ScoreRequest.Force compares features of one length all the same)", real.side.Path, fake.role, fake.side.Path, err)
	}
	if err != nil {
		warnings = append(warnings, "compared by force: "+err.Error())
	}
	fake.side.Warnings = append(fake.side.Warnings, warnings...)
	for i, at := range []*party{real, fake} {
		if at.side.Stats == nil {
			continue
		}
		if at.stats = []*featurizer.Statistics{a, b}[i].Stats; at.stats.N == 0 {
			return fmt.Errorf("%s does not say how many images it was made of: state it by Statistics.N", at.side.Path)
		}
	}
	return nil
}

// versusStatistics is the same for the second model, against the reals as the first one's samples were compared with them.
func (s *scorer) versusStatistics(real party) error {
	if s.versus.side == nil {
		return nil
	}
	again := real
	if err := s.statistics(&again, &s.versus); err != nil {
		return err
	}
	if len(again.stats.Mean) != len(real.stats.Mean) && real.stats.Mean != nil {
		return fmt.Errorf("versus %s holds %d features, the other model's samples are compared in %d: give both in one feature space", s.versus.side.Path, len(again.stats.Mean), len(real.stats.Mean))
	}
	return nil
}

// asStatistics describes a side; features given without a featurizer are of unknown making.
func (s *scorer) asStatistics(side *Side, x *mat.Dense) *featurizer.Statistics {
	if side.Stats != nil {
		out := *side.Stats
		return &out
	}
	out := &featurizer.Statistics{Made: map[string]string{}}
	if x != nil {
		_, d := x.Dims()
		out.Mean = make([]float64, d)
	}
	if s.f != nil {
		out.Made = made(s.f)
	}
	return out
}

// layer turns to the spatial part of statistics, or to another part of their file, where that is what the other side is about.
func layer(s, other *featurizer.Statistics) {
	for _, o := range s.Others {
		if len(s.Mean) != len(other.Mean) && len(o.Mean) == len(other.Mean) {
			s.Stats, s.Made, s.Part = o.Stats, o.Made, o.Part
		}
	}
	if s.Spatial != nil && len(s.Mean) != len(other.Mean) && len(s.Spatial.Mean) == len(other.Mean) {
		s.Stats, s.Made = *s.Spatial, featurizer.SpatialMade(s.Made)
	}
}

// Part is the moments of one shard of a set, or of all of it, with what they were made from.
type Part struct {
	Moments *metrics.Moments
	Rows    int               // of the whole set, 0 where images were left out
	Shard   string            // "2/4"
	Made    map[string]string // as in featurizer.Statistics
}

// MakePart featurizes shard i of n (from 1) of a side and accumulates moments. Shards are cut at multiples of 512 rows, so that merging them gives one
// pass's result to the bit. Memory does not grow with the set for featurizers that take images one by one. Errors: more shards than blocks; images left out
// of a shard, because the other shards would not know.
func MakePart(ctx context.Context, kit Kit, side *Side, spec string, env featurizer.Env, w Feeding, i, n int) (*Part, error) {
	if side.Stats != nil {
		return nil, fmt.Errorf("%s holds statistics already", side.Path)
	}
	rows := side.Len()
	blocks := (rows + statisticsBlock - 1) / statisticsBlock
	if n > blocks {
		return nil, fmt.Errorf("%s: %d samples are %d blocks of %d: at most %d shards", side.Path, rows, blocks, statisticsBlock, blocks)
	}
	lo, hi := (i-1)*blocks/n*statisticsBlock, min(i*blocks/n*statisticsBlock, rows)
	p := &Part{Rows: rows, Shard: fmt.Sprintf("%d/%d", i, n)}
	add := func(o *featurizer.Output) error {
		_, d := o.Features.Dims()
		if p.Moments == nil {
			var err error
			if p.Moments, err = metrics.NewMoments(d, lo); err != nil {
				return err
			}
		}
		return p.Moments.Add(o.Features)
	}
	cut := side.part(lo, hi)
	switch {
	case side.file != nil:
		p.Made = map[string]string{"ddof": "1"}
		err := side.file.blocks(lo, hi, statisticsBlock, func(_ int, x *mat.Dense) error {
			return errors.Join(ctx.Err(), add(&featurizer.Output{Features: x}))
		})
		if err != nil {
			return nil, err
		}
	case side.Features != nil:
		p.Made = map[string]string{"ddof": "1"}
		if err := add(&featurizer.Output{Features: cut.Features}); err != nil {
			return nil, err
		}
	default:
		f, err := kit.Featurizer(ctx, spec, env)
		if err != nil {
			return nil, err
		}
		p.Made = made(f)
		if err := cut.stream(ctx, f, w, add); err != nil {
			return nil, fmt.Errorf("%s: %w", side.Path, err)
		}
	}
	if by := cut.PreparedBy(); by != "" {
		p.Made[madePrepared] = by
	}
	p.Made["source"], p.Made["kernel"] = filepath.Base(side.Path), kernel.Name()
	side.Report, side.Warnings = cut.Report, cut.Warnings
	if side.Report != nil && len(side.Report.Bad) > 0 {
		if n > 1 {
			return nil, fmt.Errorf("%s: %d images of shard %s cannot be used (the first: %s); shards must hold all images: remove the files, or make the statistics in one pass", side.Path, len(side.Report.Bad), p.Shard, side.Report.Bad[0].Error)
		}
		p.Rows = 0
	}
	return p, nil
}

// part is a side of the samples lo to hi.
func (s *Side) part(lo, hi int) *Side {
	c := &Side{Path: s.Path, taken: s.taken || hi-lo < s.Len()}
	switch {
	case s.file != nil:
		c.file = s.file
	case s.Features != nil:
		_, d := s.Features.Dims()
		c.Features = s.Features.Slice(lo, hi, 0, d).(*mat.Dense)
	case s.Source != nil:
		set := *s.Source
		set.Items = set.Items[lo:hi]
		c.Source = &set
	default:
		c.Samples = s.Samples.Slice(lo, hi)
	}
	return c
}

// partKeys are the arrays of a shard's file.
const (
	partMoments = "moments"
	partHead    = "assay-shard"
)

type partLine struct {
	Rows  int               `json:"rows"`
	Shard string            `json:"shard"`
	Made  map[string]string `json:"made"`
}

// Save writes a shard to an npz file for OpenPart.
func (p *Part) Save(path string) error {
	state, err := p.Moments.MarshalBinary()
	if err != nil {
		return err
	}
	head, err := json.Marshal(partLine{p.Rows, p.Shard, p.Made})
	if err != nil {
		return err
	}
	return featurizer.NPZ{
		partMoments: {Shape: []int{len(state)}, Type: "u1", Raw: state},
		partHead:    {Shape: []int{len(head)}, Type: "u1", Raw: head},
	}.Save(path)
}

// OpenPart reads what Save wrote.
func OpenPart(path string) (*Part, error) {
	z, err := tensorfile.OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = z.Close() }() // only read
	names := z.Names()
	if !slices.Contains(names, partMoments) || !slices.Contains(names, partHead) {
		return nil, fmt.Errorf("%s: no shard of statistics (arrays %s): make shards by MakePart", path, strings.Join(names, " "))
	}
	state, err := z.Read(partMoments)
	if err != nil {
		return nil, err
	}
	head, err := z.Read(partHead)
	if err != nil {
		return nil, err
	}
	var line partLine
	if err := json.Unmarshal(head.Raw, &line); err != nil {
		return nil, fmt.Errorf("%s: shard: %w", path, err)
	}
	p := &Part{Moments: &metrics.Moments{}, Rows: line.Rows, Shard: line.Shard, Made: line.Made}
	if err := p.Moments.UnmarshalBinary(state.Raw); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// Merge takes in another shard of the same set, in any order. It refuses shards made in different ways, naming the field, unless forced.
func (p *Part) Merge(o *Part, force bool) error {
	for _, k := range slices.Sorted(maps.Keys(p.Made)) {
		if p.Made[k] != o.Made[k] && !force {
			return fmt.Errorf("shard %s: %s: %s against %s: %w (force=true merges all the same)", o.Shard, k, o.Made[k], p.Made[k], featurizer.ErrFingerprint)
		}
	}
	if p.Rows != o.Rows {
		return fault.Of(featurizer.ErrFingerprint, "shard %s is of a set of %d samples, shard %s of one of %d", p.Shard, p.Rows, o.Shard, o.Rows)
	}
	if err := p.Moments.Merge(o.Moments); err != nil {
		return fmt.Errorf("shard %s: %w", o.Shard, err)
	}
	return nil
}

// Statistics is mean and covariance of the whole set. It errors if shards are missing.
func (p *Part) Statistics() (*featurizer.Statistics, error) {
	stats, err := p.Moments.Stats()
	if err != nil {
		return nil, err
	}
	if p.Rows > 0 && stats.N != p.Rows {
		return nil, fmt.Errorf("the shards hold %d of %d samples: some are missing", stats.N, p.Rows)
	}
	s := &featurizer.Statistics{Stats: stats, Made: p.Made}
	s.Split()
	return s, nil
}

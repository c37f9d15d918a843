package runners

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/machine"
	"github.com/assay-gan/assay/metrics"
	"github.com/assay-gan/assay/zoo"
)

// Need is the memory that a cell takes at once, in bytes, beside the data set and the features: the most that is known of it before anything is loaded or built.
type Need struct {
	Cell    Cell    `json:"-"`
	Network float64 `json:"network"` // weights, gradients, moments, and what a pass keeps
	Samples float64 `json:"samples"` // those drawn
	Table   float64 `json:"table"`   // the largest that a metric makes
}

// Bytes is the sum.
func (n Need) Bytes() float64 { return n.Network + n.Samples + n.Table }

// Dearest is the cell of a plan that needs most memory. Nothing is run, no file is read: cells whose files decide their size are not counted, and it is false where
// that leaves none.
func (p *Plan) Dearest(ctx context.Context, kit Kit) (most Need, known bool) {
	k := costing{kit: kit}
	seen := alikes{kit: kit}
	for i := range p.Cells {
		if p.Cells[i].Untrained || !seen.fresh(&p.Cells[i]) { // the same as one that is trained
			continue
		}
		if n, err := k.need(ctx, p.Cells[i]); err == nil && (!known || n.Bytes() > most.Bytes()) {
			most, known = n, true
		}
	}
	return most, known
}

// Affordable errors, with the figure and what would fit, where this machine cannot hold a cell of the plan, or its data. It takes milliseconds a model and nothing else:
// see Dearest. Run does it first.
func (p *Plan) Affordable(ctx context.Context, kit Kit) error {
	k := costing{kit: kit}
	return k.affordable(ctx, p.Cells)
}

func (k *costing) affordable(ctx context.Context, cells []Cell) error {
	seen := alikes{kit: k.kit}
	for _, c := range cells {
		if !seen.fresh(&c) {
			continue
		}
		if err := k.data(c); err != nil {
			return err
		}
		if c.Untrained { // the same as one that is trained
			continue
		}
		n, err := k.need(ctx, c)
		if err != nil {
			continue // its files decide
		}
		set, err := k.set(ctx, c)
		if err != nil {
			continue
		}
		if err := k.kit.refuse(c, set, n); err != nil {
			return err
		}
	}
	return nil
}

// affordableOn is affordable for a cell whose files decide, now that they are read.
func (k *costing) affordableOn(ctx context.Context, c Cell, set *datasets.Set) error {
	if _, err := k.set(ctx, c); err == nil {
		return nil
	}
	n, err := k.needOn(c, set)
	if err != nil {
		return nil //nolint:nilerr // the cell says it
	}
	return k.kit.refuse(c, set, n)
}

// costing reckons cells from what is known before anything is loaded.
type costing struct {
	kit    Kit
	sketch once[*datasets.Set]
	sizes  once[zoo.Size]
}

// alikes tells the cells of a plan that need what an earlier one did: draws of one model on one data set that differ in nothing that decides the size of its networks.
// Of thousands few are fresh.
type alikes struct {
	kit   Kit
	infos map[string]zoo.Info // of models
	seen  map[alike]bool
}

// alike is what decides a cell's need. Cells of a data set share the list of their metrics, and with it all that the suite says of the data set.
type alike struct {
	metrics               *MetricSpec
	dataset, label, model string
	untrained             bool
	own                   *Own
	settings              string
}

// fresh says whether a cell is the first of its kind.
func (a *alikes) fresh(c *Cell) bool {
	if len(c.Metrics) == 0 {
		return true
	}
	if a.seen == nil {
		a.infos, a.seen = map[string]zoo.Info{}, map[alike]bool{}
	}
	info, ok := a.infos[c.Model]
	if !ok {
		if m, err := a.kit.Model(c.Model); err == nil {
			info = m.Info()
		}
		a.infos[c.Model] = info
	}
	k := alike{&c.Metrics[0], c.Dataset, c.Label, c.Model, c.Untrained, c.Own, zoo.SizingKey(info, c.Settings)}
	if a.seen[k] {
		return false
	}
	a.seen[k] = true
	return true
}

// need is what a cell takes, by a sketch of its data.
func (k *costing) need(ctx context.Context, c Cell) (Need, error) {
	set, err := k.set(ctx, c)
	if err != nil {
		return Need{Cell: c}, err
	}
	return k.needOn(c, set)
}

// needOn is the need of a cell given its data, or a sketch of them.
func (k *costing) needOn(c Cell, set *datasets.Set) (Need, error) {
	n := Need{Cell: c}
	if c.yardstick != Real && c.Own == nil { // which take what there is
		n.Samples = float64(c.Samples) * (4*float64(set.Train.Dim()) + 8)
	}
	for _, m := range c.measures {
		if t := m.Info().Table; t != nil {
			n.Table = max(n.Table, t(k.kit.extent(c, set)).Bytes)
		}
	}
	if c.yardstick != "" || c.Own != nil || k.kit.train != nil {
		return n, nil
	}
	size, err := k.network(c, set)
	n.Network = size.Bytes
	return n, err
}

// network is what the networks of a cell take: the same for all settings that cannot change their shapes, so that thousands of draws are measured once.
func (k *costing) network(c Cell, set *datasets.Set) (zoo.Size, error) {
	model, err := k.kit.Model(c.Model)
	if err != nil {
		return zoo.Size{}, err
	}
	key, err := json.Marshal([]any{c.Dataset, c.Data, c.Model, zoo.Sizing(model.Info(), c.Settings)})
	if err != nil {
		return zoo.Size{}, err
	}
	return k.sizes.get(string(key), func() (zoo.Size, error) {
		size, err := zoo.Measure(model, zoo.Config{Set: set, Settings: c.Settings})
		if errors.Is(err, zoo.ErrUnmeasured) {
			err = nil
		}
		return size, err
	})
}

// extent is the rows that the metrics of a cell see. A reference is no larger than the test split; how many features an encoder makes is not known here.
func (k Kit) extent(c Cell, set *datasets.Set) metrics.Extent {
	e := metrics.Extent{Real: c.Samples, Fake: c.Samples}
	if slices.Contains(c.Featurizers, RawFeaturizer) {
		e.Dim = set.Train.Dim()
	}
	if d, err := k.Dataset(c.Dataset); err == nil {
		if n := d.Info().Sizes.Test; c.Data.Test > 0 || n > 0 {
			if c.Data.Test > 0 {
				n = c.Data.Test
			}
			e.Real = min(e.Real, n)
		}
	}
	return e
}

// refuse says what cannot be held.
func (k Kit) refuse(c Cell, set *datasets.Set, n Need) error {
	if err := machine.Holds(n.Samples); err != nil {
		return fmt.Errorf("%s: samples: %d of shape %v: it %w; draw fewer", c.Title(), c.Samples, set.Train.Shape, err)
	}
	for _, m := range c.measures {
		if err := metrics.Affordable(m.Info(), k.extent(c, set)); err != nil {
			return fmt.Errorf("%s: %w", c.Title(), err)
		}
	}
	if n.Network == 0 || machine.Holds(n.Network+n.Samples) == nil {
		return nil
	}
	model, err := k.Model(c.Model)
	if err != nil {
		return err
	}
	err = zoo.Affordable(model, zoo.Config{Set: set, Settings: c.Settings}, n.Samples)
	if err != nil && c.Label != c.Model { // the model says its own name
		err = fmt.Errorf("%s: %w", c.Title(), err)
	}
	return err
}

// data errors where the splits that are asked for cannot be held.
func (k *costing) data(c Cell) error {
	d, err := k.kit.Dataset(c.Dataset)
	if err != nil {
		return err
	}
	info := d.Info()
	dim := 1.0
	for _, n := range info.Shape {
		dim *= float64(n)
	}
	rows := 0.0
	for _, n := range [][2]int{{c.Data.Train, info.Sizes.Train}, {c.Data.Test, info.Sizes.Test}, {c.Data.Hold, info.Sizes.Hold}} {
		if n[0] == 0 {
			n[0] = n[1]
		}
		rows += float64(n[0])
	}
	if info.Files != "" || len(info.Shape) == 0 { // there are no more than the files hold
		return nil
	}
	if err := machine.Holds(rows * (4*dim + 8)); err != nil {
		return fmt.Errorf("data set %s: %.0f samples of shape %v: it %w; ask for fewer (train, test, hold)", c.Dataset, rows, info.Shape, err)
	}
	return nil
}

// sketchRows is how many samples a sketch has in each split.
const sketchRows = 64

// set is a sketch of a cell's data: a few samples of the same shape and labels, made without reading a file.
func (k *costing) set(ctx context.Context, c Cell) (*datasets.Set, error) {
	key, err := json.Marshal([]any{c.Dataset, c.Data.Params})
	if err != nil {
		return nil, err
	}
	return k.sketch.get(string(key), func() (*datasets.Set, error) {
		d, err := k.kit.Dataset(c.Dataset)
		if err != nil {
			return nil, err
		}
		info := d.Info()
		switch {
		case info.Kind == datasets.Images && len(info.Shape) > 0 && len(info.Classes) > 0 && !info.Target && !info.Domains:
			return blank(info), nil // drawing even a few takes longer than measuring
		case info.Files == "":
			return d.Load(ctx, datasets.Options{Seed: c.Data.Seed, Train: sketchRows, Test: sketchRows, Hold: sketchRows, Params: c.Data.Params})
		}
		return nil, fmt.Errorf("data set %s: its files decide", info.ID)
	})
}

// blank is a set of nothing in the shape of another.
func blank(info datasets.Info) *datasets.Set {
	rows := max(sketchRows, len(info.Classes))
	part := func() *datasets.Samples {
		s := &datasets.Samples{Shape: info.Shape}
		s.Data = make([]float32, rows*s.Dim())
		if n := len(info.Classes); n > 0 {
			s.Labels = make([]int, rows)
			for i := range s.Labels {
				s.Labels[i] = i % n
			}
		}
		return s
	}
	return &datasets.Set{Info: info, Train: part(), Test: part()}
}

// atOnce is how many of the cells run side by side: no more than workers, and no more than the machine can hold of the dearest. One always runs.
func (k *costing) atOnce(ctx context.Context, cells []Cell, workers int) int {
	var needs []float64
	for _, c := range cells {
		if n, err := k.need(ctx, c); err == nil {
			needs = append(needs, n.Bytes())
		}
	}
	slices.Sort(needs)
	slices.Reverse(needs)
	sum := 0.0
	for i, n := range needs[:min(workers, len(needs))] {
		if sum += n; i > 0 && machine.Holds(sum) != nil {
			return i
		}
	}
	return workers
}

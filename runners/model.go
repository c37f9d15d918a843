package runners

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/featurizer"
	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/zoo"
)

// Model is one trained, or to be trained, model with its data: what the commands train and sample work on.
type Model struct {
	Cell    Cell
	Set     *datasets.Set
	Session *zoo.Session
}

// NewModel resolves a model and a data set by name, loads the data and builds the networks. Of the cell only model, settings, data set, its key and the
// seed are read.
func NewModel(ctx context.Context, kit Kit, c Cell, dataDir string) (*Model, error) {
	model, err := kit.Model(c.Model)
	if err != nil {
		return nil, err
	}
	d, err := kit.Dataset(c.Dataset)
	if err != nil {
		return nil, err
	}
	info := d.Info()
	if err := info.CheckParams(c.Data.Params); err != nil {
		return nil, fmt.Errorf("data set %w", err)
	}
	if why := misfit(model.Info(), info, true); why != "" {
		return nil, fmt.Errorf("model %s on data set %s: %s", c.Model, c.Dataset, why)
	}
	if c.Settings, err = zoo.Resolve(model.Info(), info.Kind, c.Settings); err != nil {
		return nil, err
	}
	c.Protocol, c.Label, c.kind = Protocol, c.Model, info.Kind
	if err := (&Plan{Cells: []Cell{c}}).Affordable(ctx, kit); err != nil {
		return nil, err
	}
	s := &store{kit: kit, env: featurizer.Env{DataDir: dataDir}}
	set, err := s.set(ctx, c)
	if err != nil {
		return nil, err
	}
	session, err := zoo.New(model, zoo.Config{Set: set.Set, Settings: c.Settings, Seed: c.Seed})
	if err != nil {
		return nil, err
	}
	return &Model{c, set.Set, session}, nil
}

// OpenModel loads a model from its checkpoint. What it was trained as is read from the JSON file beside it.
func OpenModel(ctx context.Context, kit Kit, checkpoint, dataDir string) (*Model, error) {
	if _, err := inputfile.Stat(checkpoint); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	c, err := readCard(cardOf(checkpoint))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("checkpoint %s: %s is missing; it says which model and data this is and belongs beside it", checkpoint, cardOf(checkpoint))
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", cardOf(checkpoint), err)
	}
	if model, err := kit.Model(c.Model); err == nil && len(model.Info().Settings) > 0 && len(c.Settings) == 0 { // NewModel knows what else can be wrong
		return nil, fmt.Errorf("checkpoint: %s: key %q is missing: nothing says how model %s was built", cardOf(checkpoint), "settings", c.Model)
	}
	c.Settings = kit.withFirst(c)
	m, err := NewModel(ctx, kit, c, dataDir)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", cardOf(checkpoint), err)
	}
	return m, m.Session.Restore(checkpoint)
}

// maxCard bounds a checkpoint's card, in bytes.
const maxCard = 4 << 20

// cardOf is the file beside a checkpoint that says what it is of.
func cardOf(checkpoint string) string {
	return strings.TrimSuffix(checkpoint, ".safetensors") + ".json"
}

// readCard reads what WriteCard wrote. Every key that decides the model must be there: a default in its place would be another model.
func readCard(path string) (c Cell, err error) {
	b, err := inputfile.Read(path, maxCard)
	if err != nil {
		return c, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, err
	}
	for _, k := range []struct{ key, value string }{{"protocol", c.Protocol}, {"model", c.Model}, {"dataset", c.Dataset}} {
		if k.value == "" {
			return c, fmt.Errorf("key %q is missing: it belongs to another checkpoint, or was changed", k.key)
		}
	}
	return c, nil
}

// WriteCard writes the file beside a checkpoint that OpenModel needs.
func WriteCard(checkpoint string, c Cell) error {
	b, err := cardText(c)
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(cardOf(checkpoint), b)
}

func cardText(c Cell) ([]byte, error) {
	b, err := json.MarshalIndent(c, "", "  ")
	return append(b, '\n'), err
}

// GoOn takes up the checkpoint in a folder, where there is one, writes the card beside it, and removes what a killed process left half-written. It refuses the
// checkpoint of another model, data set or setting, and one that was trained for longer than is asked for now, because the card would then tell of fewer steps
// than the weights have seen.
func (m *Model) GoOn(checkpoint string) error {
	if err := ofCard(checkpoint, m.Cell, m.Session.Info()); err != nil {
		return err
	}
	if _, err := os.Stat(checkpoint); err == nil {
		if err := m.Session.Restore(checkpoint); err != nil {
			return err
		}
	}
	if at, want := m.Session.Step(), m.Cell.Steps(); at > want {
		return fmt.Errorf("%s is trained for %d steps already, and %d are asked for: choose another folder, or ask for no fewer", checkpoint, at, want)
	}
	return WriteCard(checkpoint, m.Cell)
}

// ofCard says whether the checkpoint, where there is one, is of a cell, its length of training aside, and sweeps its folder.
func ofCard(checkpoint string, c Cell, info zoo.Info) error {
	if err := atomicfile.Sweep(filepath.Dir(checkpoint)); err != nil {
		return err
	}
	if _, err := os.Stat(checkpoint); err != nil {
		return nil //nolint:nilerr // none is there
	}
	before, err := readCard(cardOf(checkpoint))
	if err != nil {
		return fmt.Errorf("checkpoint: %s: %w", cardOf(checkpoint), err)
	}
	before.Settings = withFirst(before, info, c.kind)
	now, then := c, before
	for _, s := range []*Cell{&now, &then} { // training on for longer is no other model
		s.Settings = maps.Clone(s.Settings)
		delete(s.Settings, "steps")
		s.Monitor = nil
	}
	if hashOf(now) != hashOf(then) {
		return fmt.Errorf("%s is a checkpoint of %s with other settings or data; choose another folder", checkpoint, before.Title())
	}
	return nil
}

// withFirst is the settings of a cell that was written down, with those that were not there yet at their first defaults: such is the model that was trained.
func withFirst(c Cell, info zoo.Info, kind datasets.Kind) map[string]string {
	settings, old := maps.Clone(c.Settings), epoch()["model "+c.Model]
	for name, v := range firstDefaults(info, kind) {
		if _, there := settings[name]; !there && settings != nil && !slices.Contains(old, name) {
			settings[name] = v
		}
	}
	return settings
}

// withFirst is the same for a cell whose model and data set are known by name alone; NewModel says what is wrong with names that are not.
func (k Kit) withFirst(c Cell) map[string]string {
	model, err := k.Model(c.Model)
	d, unknown := k.Dataset(c.Dataset)
	if err != nil || unknown != nil {
		return c.Settings
	}
	return withFirst(c, model.Info(), d.Info().Kind)
}

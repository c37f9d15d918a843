package zoo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"strconv"

	"github.com/assay-gan/assay/nn"
)

// Save writes everything that training needs to continue: weights, running statistics, optimiser moments, averages, the position of every stream, step,
// cost and curves. The file is safetensors, whole or not there.
func (s *Session) Save(path string) error {
	return s.saved(func(c *nn.Checkpoint) error { return c.Save(path) })
}

// Write writes what Save puts into a file.
func (s *Session) Write(w io.Writer) error {
	return s.saved(func(c *nn.Checkpoint) error { return c.Write(w) })
}

func (s *Session) saved(to func(*nn.Checkpoint) error) error {
	record, err := json.Marshal(history{s.step, s.cost, s.curves, s.watchedState()})
	if err != nil {
		return err
	}
	text := string(record)
	if err := to(s.checkpoint(&text)); err != nil {
		return fmt.Errorf("model %s: %w", s.model.Info().ID, err)
	}
	return nil
}

// Restore continues from a file written by Save. A file of another model, data set, seed or setting is refused, and nothing has changed then.
func (s *Session) Restore(path string) error {
	var text string
	if err := s.checkpoint(&text).Load(path); err != nil {
		return fmt.Errorf("model %s: %w", s.model.Info().ID, err)
	}
	var h history
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		return fmt.Errorf("model %s: %s: the history is damaged: %w", s.model.Info().ID, path, err)
	}
	if len(h.Curves) != len(s.curves) {
		return fmt.Errorf("model %s: %s holds %d curves, this version records %d", s.model.Info().ID, path, len(h.Curves), len(s.curves))
	}
	s.step, s.cost, s.curves, s.watched = h.Step, h.Cost, h.Curves, h.Monitor
	return nil
}

type history struct {
	Step   int     `json:"step"`
	Cost   Cost    `json:"cost"`
	Curves []Curve `json:"curves"`

	Monitor json.RawMessage `json:"monitor,omitempty"`
}

func (s *Session) restoreIfThere(path string) error {
	if s.step > 0 {
		return nil // training goes on in the same session
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return s.Restore(path)
}

// checkpoint binds the session's state to names. The length of training is not part of what must agree: a finished run may be trained further. Nor are settings that
// concern drawing alone.
func (s *Session) checkpoint(history *string) *nn.Checkpoint {
	c := nn.NewCheckpoint(s.model.Info().ID)
	settings := maps.Clone(s.settings)
	delete(settings, "steps")
	for _, p := range s.model.Info().Settings {
		if p.Drawing {
			delete(settings, p.Name)
		}
	}
	text, _ := json.Marshal(settings) // a map of strings cannot fail
	c.Require("settings", string(text))
	c.Require("seed", strconv.FormatUint(s.seed, 10))
	c.Require("data", s.dataHash())
	c.Scope(s.build.graph.Scope(""))
	for _, t := range s.build.turns {
		c.Step("optimiser."+t.Name, t.step)
	}
	if s.ema != nil {
		c.EMA("ema", s.ema)
	}
	for _, in := range s.build.feeds {
		c.Text("feed."+in.name(), in.feed)
	}
	c.String("history", history)
	return c
}

func (s *Session) dataHash() string {
	if s.hash == "" {
		s.hash = s.set.Hash()
	}
	return s.hash
}

package nn

import (
	"encoding"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/inputfile"
)

// Checkpoint is everything a run needs to continue, bound to live memory: Save writes the present values, Load puts saved ones back. Fill it
// once, after the model is built:
//
//	c := nn.NewCheckpoint("wgan")
//	c.Scope(g.Scope(""))                  // all parameters, running statistics, power-iteration vectors
//	c.Step("opt.d", dStep)                // moments and step number
//	c.EMA("ema.g", ema)
//	c.Text("rng.noise", noise)            // stream position
//	c.Int("step", &step)
type Checkpoint struct {
	model   string
	tensors []Tensor
	texts   []textEntry
	taken   map[string]bool
	err     error
}

// textEntry is a value kept as a string in the file's metadata. check reads it without changing anything, set stores it.
type textEntry struct {
	key   string
	get   func() (string, error)
	check func(string) error
	set   func(string) error
}

// NewCheckpoint returns an empty checkpoint of a model; files of another model are refused.
func NewCheckpoint(model string) *Checkpoint {
	return &Checkpoint{model: model, taken: map[string]bool{}}
}

func (c *Checkpoint) claim(name string) bool {
	if c.taken[name] {
		c.err = fmt.Errorf("nn: checkpoint: the name %s is taken", name)
	}
	c.taken[name] = true
	return c.err == nil
}

// Tensor adds an array under a name.
func (c *Checkpoint) Tensor(name string, dims []int, data []float32) {
	if c.claim(name) {
		c.tensors = append(c.tensors, Tensor{name, slices.Clone(dims), data})
	}
}

// Scope adds the parameters and states at or below a scope.
func (c *Checkpoint) Scope(s *Scope) {
	for _, n := range append(s.Params(), s.States()...) {
		c.Tensor(n.Name(), n.Shape(), Data(n))
	}
}

// Step adds the state of a step's optimiser and its step number.
func (c *Checkpoint) Step(name string, s *Step) {
	for i, p := range s.params {
		for k, slot := range s.opt.slots() {
			c.Tensor(name+"."+p.Name()+"."+slot, p.Shape(), s.state[i][k])
		}
	}
	c.Int(name+".steps", &s.t)
}

// EMA adds a moving average.
func (c *Checkpoint) EMA(name string, e *EMA) {
	for i, p := range e.params {
		c.Tensor(name+"."+p.Name(), p.Shape(), e.avg[i])
	}
}

// Text adds a value that writes itself as text, for example a random stream's position. Reading happens on the live value, so its
// UnmarshalText should refuse what belongs to another one.
func (c *Checkpoint) Text(name string, v interface {
	encoding.TextMarshaler
	encoding.TextUnmarshaler
}) {
	c.text(name, func() (string, error) { b, err := v.MarshalText(); return string(b), err },
		func(s string) error {
			old, err := v.MarshalText()
			if err != nil {
				return err
			}
			if err := v.UnmarshalText([]byte(s)); err != nil {
				return err
			}
			return v.UnmarshalText(old)
		},
		func(s string) error { return v.UnmarshalText([]byte(s)) })
}

// Int adds a counter.
func (c *Checkpoint) Int(name string, v *int) {
	parse := func(s string) error { _, err := strconv.Atoi(s); return err }
	c.text(name, func() (string, error) { return strconv.Itoa(*v), nil }, parse,
		func(s string) (err error) { *v, err = strconv.Atoi(s); return err })
}

// String adds a text, for example a history as JSON.
func (c *Checkpoint) String(name string, v *string) {
	c.text(name, func() (string, error) { return *v, nil }, func(string) error { return nil }, func(s string) error { *v = s; return nil })
}

// Require adds a text that a file must agree with, for example the hash of the settings.
func (c *Checkpoint) Require(name, value string) {
	same := func(s string) error {
		if s != value {
			return fmt.Errorf("the file has %q, this run %q", s, value)
		}
		return nil
	}
	c.text(name, func() (string, error) { return value, nil }, same, same)
}

func (c *Checkpoint) text(key string, get func() (string, error), check, set func(string) error) {
	if c.claim(key) {
		c.texts = append(c.texts, textEntry{key, get, check, set})
	}
}

// maxCheckpoint bounds a checkpoint in bytes; the machine's memory bounds it too.
const maxCheckpoint = 1 << 36

const formatKey, formatValue, modelKey = "format", "assay checkpoint 1", "model"

// Save writes the checkpoint atomically: after a crash or a full disk path holds the old file or the new one, whole.
func (c *Checkpoint) Save(path string) error {
	if c.err != nil {
		return c.err
	}
	return atomicfile.Write(path, c.Write)
}

// Write writes what Save puts into a file.
func (c *Checkpoint) Write(w io.Writer) error {
	if c.err != nil {
		return c.err
	}
	meta := map[string]string{formatKey: formatValue, modelKey: c.model}
	for _, t := range c.texts {
		s, err := t.get()
		if err != nil {
			return fmt.Errorf("nn: checkpoint: %s: %w", t.key, err)
		}
		meta[t.key] = s
	}
	return EncodeTensors(w, c.tensors, meta, false)
}

// Load reads a checkpoint back into the live values. A file of another model, or with a weight that is no finite number, is refused, naming the first difference, before anything is
// changed.
func (c *Checkpoint) Load(path string) error {
	if c.err != nil {
		return c.err
	}
	b, err := inputfile.Read(path, maxCheckpoint)
	if err != nil {
		return fmt.Errorf("nn: checkpoint: %w", err)
	}
	if err := c.restore(b); err != nil {
		return fmt.Errorf("nn: checkpoint %s: %w", path, err)
	}
	return nil
}

func (c *Checkpoint) restore(b []byte) error {
	found, meta, err := DecodeTensors(b)
	if err != nil {
		return err
	}
	if meta[formatKey] != formatValue {
		return fmt.Errorf("format is %q, can read %q", meta[formatKey], formatValue)
	}
	if meta[modelKey] != c.model {
		return fmt.Errorf("belongs to model %q, this is %q", meta[modelKey], c.model)
	}
	from, err := match(c.tensors, found)
	if err != nil {
		return err
	}
	if err := finite(from); err != nil {
		return err
	}
	for _, t := range c.texts {
		s, ok := meta[t.key]
		if !ok {
			return fmt.Errorf("%s is missing", t.key)
		}
		if err := t.check(s); err != nil {
			return fmt.Errorf("%s: %w", t.key, err)
		}
	}
	for _, t := range c.texts {
		if err := t.set(meta[t.key]); err != nil {
			return fmt.Errorf("%s: %w", t.key, err)
		}
	}
	for i, t := range c.tensors {
		copy(t.Data, from[i].Data)
	}
	return nil
}

// match finds each wanted tensor and names the first that is missing, has another shape, or is too many.
func match(want, found []Tensor) ([]Tensor, error) {
	by := map[string]Tensor{}
	for _, t := range found {
		by[t.Name] = t
	}
	from := make([]Tensor, len(want))
	for i, t := range want {
		f, ok := by[t.Name]
		if !ok {
			return nil, fmt.Errorf("tensor %s is missing", t.Name)
		}
		if !slices.Equal(f.Dims, t.Dims) {
			return nil, fmt.Errorf("tensor %s has shape %v, this model's has %v", t.Name, f.Dims, t.Dims)
		}
		from[i] = f
		delete(by, t.Name)
	}
	for _, f := range found {
		if _, left := by[f.Name]; left {
			return nil, fmt.Errorf("tensor %s is not part of this model", f.Name)
		}
	}
	return from, nil
}

// finite names the first tensor that holds what no trained model has: a step that would make one is an error and changes nothing.
func finite(ts []Tensor) error {
	for _, t := range ts {
		for i, v := range t.Data {
			if v-v != 0 { // NaN or infinite
				return fmt.Errorf("tensor %s holds %v at %d: the file is damaged, or was made by a program that did not look", t.Name, v, i)
			}
		}
	}
	return nil
}

// SaveWeights writes the parameters and states at or below a scope, as float16 if half is set, for a finished model.
func SaveWeights(w io.Writer, s *Scope, meta map[string]string, half bool) error {
	c := NewCheckpoint("")
	c.Scope(s)
	return EncodeTensors(w, c.tensors, meta, half)
}

// LoadWeights reads what SaveWeights wrote into the parameters and states at or below a scope and returns the metadata. Weights of another
// network are refused, naming the first difference, before anything is changed.
func LoadWeights(b []byte, s *Scope) (map[string]string, error) {
	c := NewCheckpoint("")
	c.Scope(s)
	found, meta, err := DecodeTensors(b)
	if err != nil {
		return nil, err
	}
	from, err := match(c.tensors, found)
	if err == nil {
		err = finite(from)
	}
	if err != nil {
		return nil, fmt.Errorf("nn: weights: %w", err)
	}
	for i, t := range c.tensors {
		copy(t.Data, from[i].Data)
	}
	return meta, nil
}

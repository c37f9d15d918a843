package nn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/internal/testutil"
	"github.com/assay-gan/assay/rng"
)

// bytesOf lays a file out by hand, from the format's definition: length, header, values.
func bytesOf(header string, values ...byte) []byte {
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), values...)
}

func TestDecodeTensorsByHand(t *testing.T) {
	// 1.5 = 0x3fc00000 and -2 = 0xc0000000 as F32; 1.5 = 0x3e00 as F16; -2 = 0xc000 as BF16.
	b := bytesOf(`{"b":{"dtype":"F16","shape":[1,1],"data_offsets":[8,10]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},`+
		`"c":{"dtype":"BF16","shape":[],"data_offsets":[10,12]},"__metadata__":{"k":"v"}}`,
		0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0, 0, 0x3e, 0, 0xc0)
	got, meta, err := DecodeTensors(b)
	if err != nil {
		t.Fatal(err)
	}
	want := []Tensor{{"a", []int{2}, []float32{1.5, -2}}, {"b", []int{1, 1}, []float32{1.5}}, {"c", []int{}, []float32{-2}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]string{"k": "v"}, meta); d != "" {
		t.Error(d)
	}
}

func TestDecodeTensorsRefuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"empty":           nil,
		"short":           {1, 2, 3},
		"header too long": binary.LittleEndian.AppendUint64(nil, 1<<63),
		"header cut":      bytesOf(`{"a":{"dtype":"F32"`),
		"values cut":      bytesOf(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 1, 2, 3, 4),
		"values left":     bytesOf(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 1, 2, 3, 4, 5),
		"overlap":         bytesOf(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 1, 2, 3, 4),
		"hole":            bytesOf(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 1, 2, 3, 4, 5, 6, 7, 8),
		"negative":        bytesOf(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,-4]}}`),
		"backwards":       bytesOf(`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,-8]}}`),
		"overflow":        bytesOf(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`),
		"type":            bytesOf(`{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}`, 1, 2, 3, 4, 5, 6, 7, 8),
		"metadata":        bytesOf(`{"__metadata__":[1]}`),
	} {
		if _, _, err := DecodeTensors(b); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func FuzzDecodeTensors(f *testing.F) {
	var b bytes.Buffer
	if err := EncodeTensors(&b, []Tensor{{"a", []int{2, 1}, []float32{1, 2}}, {"b", nil, []float32{3}}}, map[string]string{"k": "v"}, true); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(bytesOf(`{"a":{"dtype":"F32","shape":[9999999999],"data_offsets":[0,4]}}`, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, in []byte) {
		defer testutil.Bound(t, len(in))()
		ts, meta, err := DecodeTensors(in)
		if err != nil {
			return
		}
		var out bytes.Buffer // what was read can be written and read again
		if err := EncodeTensors(&out, ts, meta, false); err != nil {
			t.Fatal(err)
		}
		if _, _, err := DecodeTensors(out.Bytes()); err != nil {
			t.Fatal(err)
		}
	})
}

func (m *gan) checkpoint(t *testing.T, scopes ...*Scope) *Checkpoint {
	t.Helper()
	c := NewCheckpoint("test")
	for _, s := range scopes {
		c.Scope(s)
	}
	c.Step("opt.d", m.d)
	c.Step("opt.g", m.g)
	c.Text("rng.data", m.data)
	c.Text("rng.noise", m.noise)
	return c
}

// TestResumeEqualsUninterrupted trains 6 steps, and 3 + save + load into a fresh model that had moved elsewhere + 3: every tensor has the same bits.
func TestResumeEqualsUninterrupted(t *testing.T) {
	for _, net := range []string{"mlp", "dcgan", "wgangp"} {
		build := func(seed uint64) (*gan, *EMA, *Checkpoint) {
			m, s := buildGANScope(t, net, 4, 8, seed)
			e, err := NewEMA(m.gp, .9)
			if err != nil {
				t.Fatal(err)
			}
			c := m.checkpoint(t, s)
			c.EMA("ema", e)
			return m, e, c
		}
		train := func(m *gan, e *EMA) {
			for range 3 {
				m.step(t)
				e.Update()
			}
		}
		path := filepath.Join(t.TempDir(), "c.safetensors")
		a, ea, ca := build(1)
		train(a, ea)
		if err := ca.Save(path); err != nil {
			t.Fatal(err)
		}
		train(a, ea)
		b, eb, cb := build(1)
		b.step(t) // somewhere else
		if err := cb.Load(path); err != nil {
			t.Fatal(err)
		}
		train(b, eb)
		for i := range ca.tensors {
			if !equalBits(ca.tensors[i].Data, cb.tensors[i].Data) {
				t.Errorf("%s: %s differs after resuming", net, ca.tensors[i].Name)
			}
		}
		if a.d.t != 6 || b.d.t != 6 {
			t.Errorf("%s: steps %d and %d, want 6", net, a.d.t, b.d.t)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// TestLoadRefusesAnotherModel: the first difference is named and nothing is changed.
func TestLoadRefusesAnotherModel(t *testing.T) {
	make := func(model string, edit func(c *Checkpoint)) *Checkpoint {
		c := NewCheckpoint(model)
		c.Tensor("d.w", []int{2, 3}, []float32{1, 2, 3, 4, 5, 6})
		edit(c)
		return c
	}
	n, r := 7, rng.Stream(1, "a")
	full := func(c *Checkpoint) {
		c.Tensor("d.b", []int{1}, []float32{9})
		c.Int("step", &n)
		c.Text("rng", r)
		c.Require("settings", "x")
	}
	path := filepath.Join(t.TempDir(), "c")
	if err := make("wgan", full).Save(path); err != nil {
		t.Fatal(err)
	}
	none, other := 0, rng.Stream(2, "a")
	for _, c := range []struct {
		want string
		c    *Checkpoint
	}{
		{`belongs to model "wgan", this is "vae"`, make("vae", full)},
		{"tensor d.b is not part of this model", make("wgan", func(*Checkpoint) {})},
		{"tensor d.c is missing", make("wgan", func(c *Checkpoint) { c.Tensor("d.c", []int{1}, []float32{0}) })},
		{"tensor d.b has shape [1], this model's has [2]", make("wgan", func(c *Checkpoint) { c.Tensor("d.b", []int{2}, []float32{0, 0}) })},
		{"rng: rng: the position belongs to another stream", make("wgan", func(c *Checkpoint) {
			c.Tensor("d.b", []int{1}, []float32{0})
			c.Int("step", &none)
			c.Text("rng", other)
		})},
		{`settings: the file has "x", this run "y"`, make("wgan", func(c *Checkpoint) {
			c.Tensor("d.b", []int{1}, []float32{0})
			c.Int("step", &none)
			c.Require("settings", "y")
		})},
		{"epoch is missing", make("wgan", func(c *Checkpoint) {
			c.Tensor("d.b", []int{1}, []float32{0})
			c.Int("epoch", &none)
		})},
	} {
		before := slices.Clone(c.c.tensors[0].Data)
		before[0], c.c.tensors[0].Data[0] = -1, -1
		err := c.c.Load(path)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
		if !slices.Equal(before, c.c.tensors[0].Data) || none != 0 {
			t.Errorf("%q: something was changed", c.want)
		}
	}
}

// TestSaveIsAtomic: a write that fails leaves the old file and no other.
func TestSaveIsAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "c")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := NewCheckpoint("m")
	c.Tensor("a", []int{2}, []float32{1}) // one value too few: fails after the file was opened
	if err := c.Save(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v should name the file", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("folder holds %v (%v), want one file", entries, err)
	}
	if b, _ := os.ReadFile(path); string(b) != "old" {
		t.Errorf("the old file was changed to %q", b)
	}
	if err := NewCheckpoint("m").Save(filepath.Join(dir, "none", "c")); err == nil {
		t.Error("saved into a folder that does not exist")
	}
}

func TestWeightsRoundTrip(t *testing.T) {
	build := func(seed uint64) *Scope {
		s := NewGraph(seed).Scope("net")
		Dense(s.Sub("a"), 3, 4)
		BatchNorm(s.Sub("bn"), 4)
		return s
	}
	a, b := build(1), build(2)
	var out bytes.Buffer
	if err := SaveWeights(&out, a, map[string]string{"made": "here"}, false); err != nil {
		t.Fatal(err)
	}
	meta, err := LoadWeights(out.Bytes(), b)
	if err != nil || meta["made"] != "here" {
		t.Fatal(meta, err)
	}
	for i, p := range a.Params() {
		if !equalBits(Data(p), Data(b.Params()[i])) {
			t.Errorf("%s differs", p.Name())
		}
	}
	if _, err := LoadWeights(out.Bytes(), NewGraph(1).Scope("other")); err == nil {
		t.Error("weights of another network were taken")
	}
}

// No step ends with such a weight, so a file that holds one is damaged or foreign.
func TestCheckpointRefusesWhatIsNoNumber(t *testing.T) {
	live := []float32{1, 2, 3}
	c := NewCheckpoint("m")
	c.Tensor("w", []int{3}, live)
	path := filepath.Join(t.TempDir(), "c.safetensors")
	for text, v := range map[string]float32{"NaN at 1": float32(math.NaN()), "+Inf at 1": float32(math.Inf(1)), "-Inf at 1": float32(math.Inf(-1))} {
		live[1] = v
		if err := c.Save(path); err != nil {
			t.Fatal(err)
		}
		live[1] = 7
		if err := c.Load(path); err == nil || !strings.Contains(err.Error(), "tensor w holds "+text) || !strings.Contains(err.Error(), path) {
			t.Errorf("%v: %v", v, err)
		}
		if live[1] != 7 {
			t.Error("a refused file changed something")
		}
	}
}

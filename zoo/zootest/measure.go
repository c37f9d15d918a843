package zootest

import (
	"errors"
	"maps"
	"math"
	"runtime"
	"strconv"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/zoo"
)

// What measuring may be wrong by: shapes are exact, what the runtime keeps for a node is an average over the operators.
const (
	sizeShare = 0.05
	sizeBytes = 1 << 20
)

// measured holds what Measure says against the model that is built: the same weights, and the bytes that the heap grows by.
func measured(t *testing.T, m zoo.Model, set *datasets.Set) {
	for _, width := range []string{"8", "128"} { // nodes weigh most in the one, tensors in the other
		settings := map[string]string{}
		for k, v := range map[string]string{"width": width, "batch": "32", "ema": "0.5"} {
			if declares(m, k) {
				settings[k] = v
			}
		}
		c := zoo.Config{Set: set, Settings: settings, Seed: 3}
		said, err := zoo.Measure(m, c)
		if errors.Is(err, zoo.ErrUnmeasured) {
			t.Fatalf("%v: leave out what needs values where Builder.Measuring says so", err)
		}
		if err != nil {
			t.Fatal(err)
		}
		before := heap()
		s, err := zoo.New(m, c)
		if err != nil {
			t.Fatal(err)
		}
		took := heap() - before
		if !maps.Equal(said.Params, s.ParamCount()) {
			t.Errorf("width %s: measured weights %v, built %v", width, said.Params, s.ParamCount())
		}
		if math.Abs(said.Bytes-took) > sizeShare*took+sizeBytes {
			t.Errorf("width %s: measured %.2f MB, the built one takes %.2f MB", width, said.Bytes/1e6, took/1e6)
		}
		runtime.KeepAlive(s)
	}
}

// sized holds Sizing against Measure: a model may not take more or less, but for a few nodes, by a setting that is not among what Sizing keeps.
func sized(t *testing.T, m zoo.Model, set *datasets.Set) {
	settings := map[string]string{"width": "8", "batch": "8"}
	for k := range settings {
		if !declares(m, k) {
			delete(settings, k)
		}
	}
	info := m.Info()
	want, err := zoo.Measure(m, zoo.Config{Set: set, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	all, err := zoo.Resolve(info, set.Info.Kind, settings)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range info.Settings {
		was, isNumber := strconv.ParseFloat(all[s.Name], 64)
		if isNumber != nil || s.Choices != nil {
			continue
		}
		for _, v := range []float64{0, was / 2, (was + s.Hi) / 2} {
			if s.Integer {
				v = math.Ceil(v)
			}
			v = max(s.Lo, min(s.Hi, v))
			changed := maps.Clone(settings)
			changed[s.Name] = strconv.FormatFloat(v, 'g', -1, 64)
			before := maps.Clone(settings)
			before[s.Name] = all[s.Name]
			if !maps.Equal(zoo.Sizing(info, changed), zoo.Sizing(info, before)) {
				continue
			}
			if size, err := zoo.Measure(m, zoo.Config{Set: set, Settings: changed}); err == nil && math.Abs(size.Bytes-want.Bytes) > sizeShare*want.Bytes+sizeBytes/16 { // what New refuses takes nothing; constants that are equal are one node
				t.Errorf("%s of %v instead of %s takes %.0f bytes instead of %.0f: Sizing must keep it", s.Name, v, all[s.Name], size.Bytes, want.Bytes)
			}
		}
	}
}

// heap is the bytes in use.
func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what finalisers and pools held goes in the second
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

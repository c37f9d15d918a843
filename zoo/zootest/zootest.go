// Package zootest holds the laws that every model must keep. The catalog's models are walked by a test of package zoo; a model outside this module calls Laws
// from a test of its own.
package zootest

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/cite"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/internal/rng"
	"github.com/assay-gan/assay/zoo"
)

// Derivatives of float32 losses by central differences. A long step crosses kinks of rectifiers and absolute values, a short one drowns in rounding, so several are taken and the best one
// counts: a wrong gradient disagrees at all of them. A parameter with a tiny gradient is compared absolutely, against the largest gradient of its turn.
const (
	tolerance = 0.02
	floor     = 2e-3
)

var steps = []float64{1e-2, 3e-3, 1e-3, 5e-4, 2e-4, 1e-4}

// Turn is the angle between the two domains of Points: 20 degrees, so that every cluster has one nearest counterpart.
const Turn = math.Pi / 9

// Points is a small labelled set of four clusters on the unit circle, with a second domain that is the first turned by Turn.
func Points() *datasets.Set {
	return small(datasets.Points, []int{2}, func(label int, turned bool, r *rng.Source, x []float32) {
		r.FillNormal(x)
		angle := float64(label) * math.Pi / 2
		if turned {
			angle += Turn
		}
		x[0], x[1] = float32(math.Cos(angle))+.05*x[0], float32(math.Sin(angle))+.05*x[1]
	})
}

// Images is a small labelled set of 8 x 8 grey images: a bright row whose height is the label, with a second domain of bright columns.
func Images() *datasets.Set {
	return small(datasets.Images, []int{8, 8, 1}, func(label int, turned bool, r *rng.Source, x []float32) {
		r.FillUniform(x, -1, -0.8)
		for i := range 8 {
			at := (2*label)*8 + i
			if turned {
				at = i*8 + 2*label
			}
			x[at] = 0.8 + 0.2*r.Float32()
		}
	})
}

// Sequences is a small labelled set of sentences of at most five of six tokens, of which 0 ends one and 1 is unknown: the first two words tell the label.
func Sequences() *datasets.Set {
	s := small(datasets.Sequences, []int{5}, func(label int, _ bool, r *rng.Source, x []float32) {
		clear(x)
		x[0], x[1] = float32(2+label), float32(2+(label+1)%4)
		for i := 2; i < 5 && r.Float64() < 0.7; i++ {
			x[i] = float32(2 + r.IntN(4))
		}
	})
	s.Vocabulary = &datasets.Vocabulary{Size: 6, Words: []string{"<end>", "<unk>", "roses", "are", "red", "too"}, End: 0, Unknown: 1}
	s.Target = nil
	return s
}

func small(kind datasets.Kind, shape []int, draw func(label int, turned bool, r *rng.Source, x []float32)) *datasets.Set {
	make := func(name string, n int, turned bool) *datasets.Samples {
		s := &datasets.Samples{Shape: shape, Labels: make([]int, n)}
		s.Data = make([]float32, n*s.Dim())
		r := rng.Stream(1, "zootest", string(kind), name)
		for i := range n {
			s.Labels[i] = i % 4
			draw(s.Labels[i], turned, r, s.Row(i))
		}
		return s
	}
	return &datasets.Set{
		Info:   datasets.Info{ID: "zootest-" + string(kind), Kind: kind, Shape: shape},
		Train:  make("train", 300, false),
		Test:   make("test", 100, false),
		Target: &datasets.Domain{Train: make("target", 300, true), Test: make("target-test", 100, true), Paired: true}, // by label, which is all the two sides share
	}
}

// sets are the fixtures of the kinds a model learns. Only translation models see the second domain.
func sets(info zoo.Info) []*datasets.Set {
	var all []*datasets.Set
	for _, kind := range info.Kinds {
		s := Points()
		switch kind {
		case datasets.Images:
			s = Images()
		case datasets.Sequences:
			s = Sequences()
		}
		if info.Family != zoo.Translation || info.Conditional { // the domains of a conditional translation are its classes
			s.Target = nil
		}
		all = append(all, s)
	}
	return all
}

var tiny = map[string]string{"batch": "16", "width": "8", "depth": "2", "pretrain": "2", "d_pretrain": "1", "rollouts": "2"}

func session(t *testing.T, m zoo.Model, set *datasets.Set, seed uint64, more map[string]string) *zoo.Session {
	t.Helper()
	settings := map[string]string{}
	for _, g := range []map[string]string{tiny, more} {
		for k, v := range g {
			if declares(m, k) {
				settings[k] = v
			}
		}
	}
	s, err := zoo.New(m, zoo.Config{Set: set, Settings: settings, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Laws checks one model.
func Laws(t *testing.T, m zoo.Model) {
	info := m.Info()
	t.Run("claims", func(t *testing.T) { claims(t, info) })
	for _, set := range sets(info) {
		t.Run(string(set.Info.Kind), func(t *testing.T) {
			t.Run("derivatives", func(t *testing.T) { derivatives(t, m, set) })
			t.Run("turns", func(t *testing.T) { turns(t, m, set) })
			t.Run("threads", func(t *testing.T) { threads(t, m, set) })
			t.Run("resume", func(t *testing.T) { resume(t, m, set) })
			t.Run("sampling", func(t *testing.T) { sampling(t, m, set) })
			t.Run("settings", func(t *testing.T) { settings(t, m, set) })
		})
	}
}

// ControlLaws checks a control of zoo.Controls: the laws of Laws but those about turns, which a control has not. The fixtures know their truth where points do.
func ControlLaws(t *testing.T, m zoo.Model) {
	info := m.Info()
	t.Run("claims", func(t *testing.T) { described(t, info) })
	for _, set := range sets(info) {
		if set.Info.Kind == datasets.Points {
			set.Truth = Truth()
		}
		t.Run(string(set.Info.Kind), func(t *testing.T) {
			if _, err := zoo.New(m, zoo.Config{Set: set}); err != nil && set.Truth == nil {
				t.Skipf("refused, as it may be: %v", err)
			}
			t.Run("threads", func(t *testing.T) { threads(t, m, set) })
			t.Run("resume", func(t *testing.T) { resume(t, m, set) })
			t.Run("sampling", func(t *testing.T) { sampling(t, m, set) })
			t.Run("settings", func(t *testing.T) { settings(t, m, set) })
		})
	}
}

// Truth is the distribution that Points draws from.
func Truth() *datasets.Mixture {
	return &datasets.Mixture{Modes: [][]float64{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}, Sigma: 0.05}
}

func claims(t *testing.T, info zoo.Info) {
	described(t, info)
	for _, want := range []string{"width", "depth"} {
		if want == "depth" && slices.Equal(info.Kinds, []datasets.Kind{datasets.Sequences}) {
			continue // one recurrent cell
		}
		if !slices.ContainsFunc(info.Settings, func(s zoo.Setting) bool { return s.Name == want }) {
			t.Errorf("no setting %s", want)
		}
	}
}

func described(t *testing.T, info zoo.Info) {
	if !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(info.ID) || info.Title == "" || info.Objective == "" || info.Family == "" || len(info.Kinds) == 0 {
		t.Errorf("incomplete: %+v", info)
	}
	if _, err := cite.Lookup(info.Paper); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"steps", "batch"} {
		if !slices.ContainsFunc(info.Settings, func(s zoo.Setting) bool { return s.Name == want }) {
			t.Errorf("no setting %s", want)
		}
	}
	for _, s := range info.Settings {
		if s.Doc == "" {
			t.Errorf("setting %s says nothing", s.Name)
		}
	}
	for _, kind := range info.Kinds {
		if _, err := zoo.Resolve(info, kind, nil); err != nil {
			t.Errorf("the defaults for %s are refused: %v", kind, err)
		}
	}
}

func derivatives(t *testing.T, m zoo.Model, set *datasets.Set) {
	bad := map[string]zoo.Derivative{}
	for _, seed := range []uint64{4, 5, 6, 7} { // slopes of piecewise linear critics jump; where one batch sits on a jump another does not
		found := disagreements(t, m, set, seed)
		for key := range bad {
			if _, still := found[key]; !still {
				delete(bad, key)
			}
		}
		if seed == 4 {
			bad = found
		}
		if len(bad) == 0 {
			return
		}
	}
	for _, d := range bad {
		t.Errorf("turn %s, %s: gradient %g, difference %g", d.Turn, d.Param, d.Analytic, d.Numeric)
	}
}

// disagreements are the gradients that no step length confirms.
func disagreements(t *testing.T, m zoo.Model, set *datasets.Set, seed uint64) map[string]zoo.Derivative {
	var more map[string]string
	if defaultOf(m, "d_norm") == "spectral" { // its singular vectors are held constant in the derivative, which is exact only once they have converged
		more = map[string]string{"d_norm": "none", "g_norm": "none"}
	}
	bad, good := map[string]zoo.Derivative{}, map[string]bool{}
	for _, h := range steps {
		ds, err := session(t, m, set, seed, more).Derivatives(h)
		if err != nil {
			t.Fatal(err)
		}
		if len(ds) == 0 {
			t.Fatal("nothing to check")
		}
		largest := map[string]float64{}
		for _, d := range ds {
			largest[d.Turn] = max(largest[d.Turn], d.Analytic)
		}
		for _, d := range ds {
			key := d.Turn + " " + d.Param
			if d.Error() <= tolerance || math.Abs(d.Analytic-d.Numeric) <= floor*largest[d.Turn] {
				good[key] = true
				delete(bad, key)
			} else if !good[key] {
				bad[key] = d
			}
		}
		if len(bad) == 0 {
			break
		}
	}
	return bad
}

func turns(t *testing.T, m zoo.Model, set *datasets.Set) {
	var more map[string]string
	if declares(m, "clip") { // clipping follows the update and raises the loss again
		more = map[string]string{"clip": "1e6"}
	}
	s := session(t, m, set, 4, more)
	trials, err := s.Trials()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range trials {
		if r.After >= r.Before {
			t.Errorf("turn %s: loss %g before, %g after", r.Turn, r.Before, r.After)
		}
		for _, p := range r.Moved {
			if !slices.Contains(r.Declared, p) {
				t.Errorf("turn %s moved %s, which is not its own", r.Turn, p)
			}
		}
		if len(r.Moved) < len(r.Declared)/2 {
			t.Errorf("turn %s moved only %d of its %d parameters", r.Turn, len(r.Moved), len(r.Declared))
		}
	}
}

func declares(m zoo.Model, setting string) bool {
	return slices.ContainsFunc(m.Info().Settings, func(s zoo.Setting) bool { return s.Name == setting })
}

func defaultOf(m zoo.Model, setting string) string {
	for _, s := range m.Info().Settings {
		if s.Name == setting {
			return s.Default
		}
	}
	return ""
}

// trained returns a checkpoint's bytes after some steps: all state there is.
func trained(t *testing.T, s *zoo.Session, steps int, o zoo.TrainOptions) []byte {
	t.Helper()
	if o.Checkpoint == "" {
		o.Checkpoint = filepath.Join(t.TempDir(), "state.safetensors")
	}
	o.Steps, o.LogEvery = steps, 2
	if err := s.Train(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(o.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func threads(t *testing.T, m zoo.Model, set *datasets.Set) {
	before := kernel.Threads()
	defer kernel.SetThreads(before)
	var first []byte
	for _, n := range []int{1, 2, 3} {
		kernel.SetThreads(n)
		b := trained(t, session(t, m, set, 5, nil), 6, zoo.TrainOptions{})
		if first == nil {
			first = b
		}
		if !slices.Equal(first, b) {
			t.Errorf("%d threads give other bytes than 1", n)
		}
	}
	if slices.Equal(first, trained(t, session(t, m, set, 6, nil), 6, zoo.TrainOptions{})) {
		t.Error("two seeds, one result")
	}
}

func resume(t *testing.T, m zoo.Model, set *datasets.Set) {
	var averaged map[string]string
	if declares(m, "ema") {
		averaged = map[string]string{"ema": "0.9"}
	}
	whole := trained(t, session(t, m, set, 7, averaged), 9, zoo.TrainOptions{})

	path := filepath.Join(t.TempDir(), "state.safetensors")
	ctx, cancel := context.WithCancel(context.Background())
	err := session(t, m, set, 7, averaged).Train(ctx, zoo.TrainOptions{Steps: 9, LogEvery: 2, Checkpoint: path, Progress: func(p zoo.Progress) {
		if p.Step >= 4 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled training returned %v", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("cancelled training left no checkpoint: %v", err)
	}
	other := session(t, m, set, 8, averaged)
	if err := other.Restore(path); err == nil || other.Step() != 0 {
		t.Errorf("a session of another seed took the checkpoint (%v, step %d)", err, other.Step())
	}
	if !slices.Equal(whole, trained(t, session(t, m, set, 7, averaged), 9, zoo.TrainOptions{Checkpoint: path})) {
		t.Error("the resumed run differs from the uninterrupted one")
	}
}

func sampling(t *testing.T, m zoo.Model, set *datasets.Set) {
	s := session(t, m, set, 9, nil)
	trained(t, s, 3, zoo.TrainOptions{})
	draw := func(n int, labels []int, seed uint64) *datasets.Samples {
		t.Helper()
		x, err := s.Sample(context.Background(), n, labels, seed)
		if err != nil {
			t.Fatal(err)
		}
		if x.Len() != n {
			t.Fatalf("%d samples, asked for %d", x.Len(), n)
		}
		return x
	}
	long, short := draw(40, nil, 1), draw(5, nil, 1)
	if !slices.Equal(long.Slice(0, 5).Data, short.Data) {
		t.Error("the first five of forty samples are not the five samples")
	}
	if m.Info().Family != zoo.Translation && slices.Equal(draw(5, nil, 2).Data, short.Data) {
		t.Error("two seeds, one set of samples")
	}
	if set.Vocabulary != nil {
		if err := set.Vocabulary.Check(long); err != nil {
			t.Error(err)
		}
	}
	if long.IsImage() && slices.Max(long.Data) > 1 || long.IsImage() && slices.Min(long.Data) < -1 {
		t.Error("image values leave [-1, 1]")
	}
	if m.Info().Conditional {
		if a, b := draw(4, []int{0, 1, 2, 3}, 1), draw(4, []int{3, 2, 1, 0}, 1); slices.Equal(a.Data, b.Data) {
			t.Error("the asked-for class changes nothing")
		}
		if _, err := s.Sample(context.Background(), 1, []int{4}, 1); err == nil {
			t.Error("a class that does not exist was accepted")
		}
	} else if _, err := s.Sample(context.Background(), 1, []int{0}, 1); err == nil {
		t.Error("labels were accepted by a model that cannot use them")
	}
	if _, err := s.Sample(context.Background(), 0, nil, 1); err == nil {
		t.Error("zero samples were drawn")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Sample(ctx, 10, nil, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled sampling returned %v", err)
	}
}

func settings(t *testing.T, m zoo.Model, set *datasets.Set) {
	for name, bad := range map[string]string{"batch": "0", "steps": "-1", "width": "1.5", "depth": "x", "no-such-setting": "1"} { // a name a model has not is refused too
		if _, err := zoo.New(m, zoo.Config{Set: set, Settings: map[string]string{name: bad}}); !errors.Is(err, zoo.ErrSetting) {
			t.Errorf("%s = %s: %v", name, bad, err)
		}
	}
	for _, s := range m.Info().Settings { // every word must build
		for _, c := range s.Choices {
			settings := map[string]string{s.Name: c, "batch": "4"}
			if declares(m, "width") {
				settings["width"] = "8"
			}
			if declares(m, "depth") {
				settings["depth"] = "1"
			}
			_, err := zoo.New(m, zoo.Config{Set: set, Settings: settings})
			if err != nil && !errors.Is(err, zoo.ErrSetting) {
				t.Errorf("%s = %s: %v", s.Name, c, err)
			}
		}
	}
}

package runners

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
	"github.com/assay-gan/assay/reports"
	"github.com/assay-gan/assay/zoo"
)

// tipped is a GAN on points in balance, until from a step on its generator learns at a rate that its discriminator cannot follow: it runs to where its judge likes it best, as
// such pairs do. When it gets there is nobody's choice, and is counted by the test, step by step.
type tipped struct {
	until int
	g, d  float64 // factors of the rates from then on
}

// rate is that of a turn from then on.
func (m tipped) rate(factor float64) func(step int) float64 {
	return func(step int) float64 {
		if step < m.until {
			return 1
		}
		return factor
	}
}

func (tipped) Info() zoo.Info {
	return zoo.Info{ID: "tipped", Title: "GAN that loses its balance", Paper: "goodfellow2014", Family: zoo.Adversarial, Kinds: []datasets.Kind{datasets.Points},
		Settings: []zoo.Setting{
			{Name: "steps", Default: "1000", Lo: 1, Hi: 1e9, Integer: true}, {Name: "batch", Default: "64", Lo: 2, Hi: 65536, Integer: true},
			{Name: "latent", Default: "4", Lo: 1, Hi: 4096, Integer: true},
		}}
}

func (m tipped) Build(b *zoo.Builder) error {
	net := func(s *nn.Scope, in, out int) nn.Layer {
		return nn.Seq(nn.Dense(s.Sub("a"), in, 48), nn.LeakyReLU(.2), nn.Dense(s.Sub("b"), 48, 48), nn.LeakyReLU(.2), nn.Dense(s.Sub("c"), 48, out))
	}
	gs, ds, x, z := b.Scope("g"), b.Scope("d"), b.Real(), b.Latent()
	g, d := net(gs, 4, 2), net(ds, 2, 1)
	fake := g.Forward(z, nn.Train)
	onReal, onFake := d.Forward(x, nn.Train), d.Forward(fake, nn.Train)
	adam := func(lr float64) nn.Adam { return nn.Adam{LR: lr, B1: .5, B2: .999} }
	for _, t := range []zoo.Turn{
		{Name: "d", Role: zoo.Critic, Loss: nn.Add(nn.BCELogits(onReal, 1), nn.BCELogits(onFake, 0)), Train: ds.Params(), With: adam(5e-3), Rate: m.rate(m.d)},
		{Name: "g", Role: zoo.Generator, Loss: nn.BCELogits(onFake, 1), Train: gs.Params(), With: adam(2e-3), Rate: m.rate(m.g)},
	} {
		if err := b.Turn(t); err != nil {
			return err
		}
	}
	b.Samples(fake, gs.Params())
	return nil
}

// scripted draws all modes of the ring in turn, and from a step on one of them.
type scripted struct{ until int }

func (scripted) Info() zoo.Info {
	i := tipped{}.Info()
	i.ID, i.Family = "scripted", zoo.Likelihood
	return i
}

func (m scripted) Build(b *zoo.Builder) error {
	s, x := b.Scope("g"), b.Real()
	w, steps := s.Param("w", nn.Zeros(), 1), s.State("steps", nn.Zeros(), 1)
	loss := nn.Add(nn.Mean(nn.Square(w)), nn.Scale(nn.Mean(x), 0))
	if err := b.Turn(zoo.Turn{Name: "g", Role: zoo.Generator, Loss: loss, Train: s.Params(), With: nn.SGD{LR: .1}, Next: []zoo.Next{{State: steps, Value: nn.AddConst(steps, 1)}}}); err != nil {
		return err
	}
	b.Drawn(ringDrawer{m.until, steps}, s.Params())
	return nil
}

type ringDrawer struct {
	until int
	steps *nn.Node
}

func (d ringDrawer) Draw(_ context.Context, to zoo.Draft) error {
	for i, row := range to.Rows {
		k := to.Random[i].IntN(8)
		if int(nn.Data(d.steps)[0]) >= d.until {
			k = 3
		}
		y, x := math.Sincos(2 * math.Pi * float64(k) / 8)
		row[0], row[1] = float32(x/math.Sqrt2*2+.005*to.Random[i].Normal()), float32(y/math.Sqrt2*2+.005*to.Random[i].Normal()) // a ring of radius 1 in units of its root mean square, 1/sqrt 2
	}
	return nil
}

// counter counts the modes that hold a third of their share, exactly and at every step.
type counter struct {
	truth *datasets.Mixture
	modes []int
}

func (*counter) Every() int                    { return 1 }
func (*counter) State() json.RawMessage        { return nil }
func (*counter) Note() string                  { return "" }
func (*counter) Restore(json.RawMessage) error { return nil }

func (c *counter) Look(ctx context.Context, s zoo.Sampler, _ zoo.Look) error {
	const n = 2000
	x, err := s.Sample(ctx, n, nil, 99)
	if err != nil {
		return err
	}
	held := make([]int, len(c.truth.Modes))
	for i := range n {
		at, best := 0, math.Inf(1)
		for k, m := range c.truth.Modes {
			if d := math.Hypot(float64(x.Row(i)[0])-m[0], float64(x.Row(i)[1])-m[1]); d < best {
				at, best = k, d
			}
		}
		held[at]++
	}
	modes := 0
	for _, h := range held {
		if 3*h*len(held) >= n {
			modes++
		}
	}
	c.modes = append(c.modes, modes)
	return nil
}

// collapsedAt is the first step after the run had six modes or more from which on it never had more than two again; 0 where there is none.
func (c *counter) collapsedAt() int {
	at := len(c.modes)
	for at > 0 && c.modes[at-1] <= 2 {
		at--
	}
	if at == len(c.modes) || !slices.ContainsFunc(c.modes[:at], func(k int) bool { return k >= 6 }) {
		return 0
	}
	return at + 1
}

func monitorKit(models ...zoo.Model) Kit {
	k := DefaultKit()
	k.Models = append(k.Models, models...)
	return k
}

// monitoredSession is a model on ring with a monitor of its own.
func monitoredSession(t *testing.T, m zoo.Model, seed uint64, steps int, spec MonitorSpec) (*zoo.Session, *Monitor, loaded) {
	t.Helper()
	ctx := context.Background()
	s := &store{kit: monitorKit(m)}
	set, err := s.set(ctx, Cell{Dataset: "ring", Data: DataKey{Seed: 1, Train: 4000, Test: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	session, err := zoo.New(m, zoo.Config{Set: set.Set, Seed: seed, Settings: map[string]string{"steps": fmt.Sprint(steps)}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.open(ctx, RawFeaturizer, set)
	if err != nil {
		t.Fatal(err)
	}
	space, err := newWatchSpace(ctx, f, set)
	if err != nil {
		t.Fatal(err)
	}
	return session, newMonitor(spec, seed, steps, space), set
}

// A GAN that collapses is caught within 5 % of the step at which it did, which is counted apart, at every step and from other samples; and the run ends as a collapse.
func TestMonitorCatchesCollapse(t *testing.T) {
	const tolerance = .05
	const steps, tip = 700, 500
	model := tipped{tip, 10, .001}
	ctx := context.Background()
	for _, seed := range []uint64{1, 2, 3} {
		exact, _, set := monitoredSession(t, model, seed, steps, MonitorSpec{Samples: 500})
		c := &counter{truth: set.truth()}
		if err := exact.Train(ctx, zoo.TrainOptions{Monitor: c}); err != nil {
			t.Fatal(err)
		}
		want := c.collapsedAt()
		if want < tip || want > steps-50 {
			t.Fatalf("seed %d: modes %v: the run did not collapse as it was made to", seed, c.modes)
		}
		s, m, _ := monitoredSession(t, model, seed, steps, MonitorSpec{Samples: 500, StopOn: []reports.AlarmKind{reports.AlarmCollapse}})
		err := s.Train(ctx, zoo.TrainOptions{Monitor: m})
		var stopped *StoppedError
		if !errors.As(err, &stopped) || causeOf(err) != reports.Collapsed {
			t.Fatalf("seed %d: %v, want a stop for collapse", seed, err)
		}
		t.Logf("seed %d: collapsed at step %d, alarm since %d, stopped at %d", seed, want, stopped.Alarm.Since, stopped.Step)
		if off := math.Abs(float64(stopped.Alarm.Since-want)) / float64(want); off > tolerance {
			t.Errorf("seed %d: collapsed at step %d, alarm since step %d: %.3g off", seed, want, stopped.Alarm.Since, off)
		}
		if s.Step() != stopped.Step {
			t.Errorf("stopped at step %d by an alarm of step %d", s.Step(), stopped.Step)
		}
	}
}

// The step is the scripted one, to the next look; before it no alarm.
func TestMonitorFindsTheStep(t *testing.T) {
	s, m, _ := monitoredSession(t, scripted{700}, 1, 1000, MonitorSpec{Every: 9, Samples: 400})
	if err := s.Train(context.Background(), zoo.TrainOptions{Monitor: m}); err != nil {
		t.Fatal(err)
	}
	w := m.Watch()
	want := []reports.Alarm{{Kind: reports.AlarmCollapse, Step: 711, Since: 702, Text: "1 effective modes of 8 (collapsed at 2)"}} // 78 looks of 9 steps are the first past 700
	if d := cmp.Diff(want, w.Alarms); d != "" {
		t.Error(d)
	}
	if len(w.Steps) != 111 || w.Check() != nil || m.Note() != "1 of 8 modes, ! collapse since step 702" && m.Note() != "0 of 8 modes, ! collapse since step 702" {
		t.Errorf("%d looks, %v, %q", len(w.Steps), w.Check(), m.Note())
	}
}

// A monitored run is the unmonitored one, to the bit, and one that is stopped and gone on with has seen the same.
func TestMonitorChangesNothing(t *testing.T) {
	ctx := context.Background()
	model, err := DefaultKit().Model("gan-ns")
	if err != nil {
		t.Fatal(err)
	}
	bare, _, _ := monitoredSession(t, model, 4, 60, MonitorSpec{Samples: 100})
	if err := bare.Train(ctx, zoo.TrainOptions{}); err != nil {
		t.Fatal(err)
	}
	straight, m, _ := monitoredSession(t, model, 4, 60, MonitorSpec{Every: 7, Samples: 100})
	if err := straight.Train(ctx, zoo.TrainOptions{Monitor: m}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	first, early, _ := monitoredSession(t, model, 4, 60, MonitorSpec{Every: 7, Samples: 100})
	if err := first.Train(ctx, zoo.TrainOptions{Steps: 31, Checkpoint: path, Monitor: early}); err != nil {
		t.Fatal(err)
	}
	second, late, _ := monitoredSession(t, model, 4, 60, MonitorSpec{Every: 7, Samples: 100})
	if err := second.Train(ctx, zoo.TrainOptions{Checkpoint: path, Monitor: late}); err != nil {
		t.Fatal(err)
	}
	draw := func(s *zoo.Session) []float32 {
		x, err := s.Sample(ctx, 500, nil, 4)
		if err != nil {
			t.Fatal(err)
		}
		return x.Data
	}
	if want := draw(bare); !slices.Equal(want, draw(straight)) || !slices.Equal(want, draw(second)) {
		t.Error("a look changed the weights")
	}
	if d := cmp.Diff(m.Watch(), late.Watch()); d != "" || len(m.Watch().Steps) != 8 {
		t.Errorf("%d looks; straight and gone on with:\n%s", len(m.Watch().Steps), d)
	}
	if bytes.Equal(m.State(), early.State()) {
		t.Error("half of a run has seen what the whole one has: the test tests nothing")
	}
	_, again, _ := monitoredSession(t, model, 4, 60, MonitorSpec{Every: 7, Samples: 100})
	damaged := m.Watch()
	damaged.Spread = damaged.Spread[1:]
	b, _ := json.Marshal(damaged)
	if err := again.Restore(b); !errors.Is(err, errWatchState) {
		t.Errorf("a damaged record: %v", err)
	}
}

// A suite's monitor leaves its looks with the cell, a cell that it stops is a failure that is not tried again, and without one nothing of a cell is another.
func TestMonitoredSuite(t *testing.T) {
	const head = "name: watched\nfeaturizers: [none]\nmetrics: [fd]\nsamples: 200\nseeds: [1]\nfloor: false\ndatasets:\n- {name: ring, train: 500, test: 300}\nmodels:\n- {name: scripted, settings: {steps: 400}}\n"
	kit := monitorKit(scripted{300})
	run := func(dir, text string) *Summary {
		t.Helper()
		c, err := ParseConfig("watched.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewPlan(kit, c)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Run(context.Background(), kit, p, Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	bare, watched, stopped := run(t.TempDir(), head), run(t.TempDir(), head+"monitor: {every: 10, samples: 200}\n"), t.TempDir()
	if a, b := bare.Records[0], watched.Records[0]; a.Value != b.Value || a.Cell == b.Cell || len(b.Alarms) != 1 || b.Alarms[0].Since != 300 || a.Alarms != nil {
		t.Errorf("bare %+v, watched %+v", a, b)
	}
	const rule = "monitor: {every: 10, samples: 200, stop_on: [collapse, divergence]}\n"
	for _, again := range []bool{false, true} {
		s := run(stopped, head+rule)
		if len(s.Failed) != 1 || s.Failed[0].Cause != reports.Collapsed || s.Failed[0].Step != 310 || s.Failed[0].Alarms[0].Since != 300 || (s.Resumed == 1) != again {
			t.Fatalf("%+v, %d resumed", s.Failed, s.Resumed)
		}
	}
	a, gaps := reports.ReadArtifacts(stopped, run(stopped, head+rule).Failed[0].Cell)
	if gaps != nil || a.Watch == nil || len(a.Watch.Steps) != 31 || !a.Watch.Stopped || a.Curves == nil {
		t.Errorf("%v: %+v", gaps, a.Watch)
	}
	// What went on from the checkpoint of a stopped run would be another run: it stays stopped.
	files, err := filepath.Glob(filepath.Join(stopped, "cells", "*.json"))
	if err != nil || len(files) != 1 || os.Remove(files[0]) != nil {
		t.Fatal(files, err)
	}
	if s := run(stopped, head+rule); len(s.Failed) != 1 || s.Failed[0].Step != 310 {
		t.Errorf("gone on with: %+v", s.Failed)
	}
}

func TestMonitorIsRefused(t *testing.T) {
	const head = "name: watched\nfeaturizers: [none]\nmetrics: [fd]\ndatasets: [ring]\nmodels: [gan-ns]\n"
	for text, want := range map[string]string{
		"monitor: {every: 0}\n":                      "line 6: every",
		"monitor: {samples: 10}\n":                   "line 6: samples",
		"monitor: {stop_on: [colapse]}\n":            `unknown alarm "colapse", did you mean "collapse"`,
		"monitor: {stop_on: [collapse, collapse]}\n": "line 6: stop_on: collapse is there twice",
		"monitor: {stop_on: [d_loss]}\n":             `unknown alarm "d_loss"`,
		"monitor: {evry: 3}\n":                       `unknown key "evry"`,
		"monitor: 5\n":                               "line 6: monitor: want a mapping",
		"monitor: {every: 1000000}\n":                "a look every 1000000 steps is none in a run of 20000",
		"monitor: {every: 1}\n":                      "20000 looks: want at most 5000, so at least every 4",
	} {
		c, err := ParseConfig("watched.yaml", []byte(head+text))
		if err == nil {
			_, err = NewPlan(DefaultKit(), c)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// series is a watch of one made-up number for each look.
func series(change func(w *watch, i int)) *watch {
	w := &watch{of: 100, Watch: reports.Watch{Of: "modes", Samples: 100, Fair: slices.Repeat([]float64{.125}, 8), Critics: []string{"d"}, Losses: map[string][]float64{}, Gradients: map[string][]float64{}}}
	for i := range 40 {
		w.Steps, w.Effective, w.Spread = append(w.Steps, i+1), append(w.Effective, 7.5), append(w.Spread, 1)
		w.Duplicates, w.NotNumbers = append(w.Duplicates, .01), append(w.NotNumbers, 0)
		w.Losses["d"], w.Gradients["g"] = append(w.Losses["d"], 1.4), append(w.Gradients["g"], .5)
		change(w, i)
		w.judge()
	}
	return w
}

// Every alarm rings for what it is for, at the step at which that began, and for nothing else; a moment is none.
func TestAlarms(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(w *watch, i int)
		want   []string // kind, since, step, ended
	}{
		{"a healthy run", func(*watch, int) {}, nil},
		{"two modes of eight from 20 on", func(w *watch, i int) {
			if i >= 19 {
				w.Effective[i] = 2
			}
		}, []string{"collapse 20 21 0"}},
		{"one look is none", func(w *watch, i int) {
			if i == 19 {
				w.Effective[i] = 1
			}
		}, nil},
		{"collapsed for a while", func(w *watch, i int) {
			if i >= 19 && i < 29 {
				w.Effective[i] = 1
			}
		}, []string{"collapse 20 21 30"}},
		{"a run that has not found its modes yet", func(w *watch, i int) {
			if i < 35 {
				w.Effective[i] = 1
			}
		}, nil},
		{"a point", func(w *watch, i int) {
			if i >= 9 {
				w.Spread[i] = .04
			}
		}, []string{"collapse 10 11 0"}},
		{"repeats", func(w *watch, i int) {
			if i >= 9 {
				w.Duplicates[i] = .6
			}
		}, []string{"duplicates 10 11 0"}},
		{"one sample is no number", func(w *watch, i int) {
			if i == 9 {
				w.NotNumbers[i] = 1
			}
		}, []string{"divergence 10 10 11"}},
		{"far off", func(w *watch, i int) {
			if i >= 9 {
				w.Spread[i] = 150
			}
		}, []string{"divergence 10 10 0"}},
		{"a gradient of 1000 times its length", func(w *watch, i int) {
			if i >= 9 {
				w.Gradients["g"][i] = 501
			}
		}, []string{"gradients 10 11 0"}},
		{"no gradient", func(w *watch, i int) {
			if i >= 9 {
				w.Gradients["g"][i] = 0
			}
		}, []string{"gradients 10 11 0"}},
		{"the judge knows all", func(w *watch, i int) {
			if i >= 9 {
				w.Losses["d"][i] = .001
			}
		}, []string{"d_loss 10 11 0"}},
		{"a critic whose loss has both signs", func(w *watch, i int) {
			w.Losses["d"][i] = -1
			if i >= 9 {
				w.Losses["d"][i] = .001
			}
		}, nil},
	} {
		var got []string
		for _, a := range series(c.change).Alarms {
			got = append(got, fmt.Sprint(a.Kind, " ", a.Since, " ", a.Step, " ", a.Ended))
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// What is nearest, on a mode, repeated and spread is counted by hand: four samples on mode 0 of the ring, of which two within three standard deviations, and one at the
// centre of mode 2.
func TestWatchSpaceCounts(t *testing.T) {
	_, m, _ := monitoredSession(t, scripted{1}, 1, 100, MonitorSpec{Samples: 50})
	x := &datasets.Samples{Shape: []int{2}, Data: []float32{1, 0, 1.02, 0, 1.1, 0, .9, 0, 0, 1, float32(math.NaN()), 0}}
	got, err := m.space.see(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	want := sight{counts: []int{4, 0, 1, 0, 0, 0, 0, 0}, covered: 2, notNumbers: 1}
	// Shares .8 and .2: exp of -(.8 ln .8 + .2 ln .2) = 1.6493848884661177.
	want.effective = 1.6493848884661177
	// Variances: x (1, 1.02, 1.1, .9, 0) around .804: .172864 in the mean; y around .2: .16. The ring's own is 1/2 + .01^2 in each coordinate.
	want.spread = math.Sqrt((.165504 + .16) / 1.0002)
	if math.Abs(got.effective-want.effective) > 1e-12 || math.Abs(got.spread/want.spread-1) > .02 || got.covered != want.covered || got.notNumbers != 1 || !slices.Equal(got.counts, want.counts) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

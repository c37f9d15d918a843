package zootest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/internal/kernel"
	"github.com/assay-gan/assay/zoo"
)

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

// watcher looks at a run in training and knows nothing.
type watcher struct{}

func (watcher) Every() int                    { return 3 }
func (watcher) State() json.RawMessage        { return nil }
func (watcher) Restore(json.RawMessage) error { return nil }
func (watcher) Note() string                  { return "" }

func (watcher) Look(ctx context.Context, s zoo.Sampler, at zoo.Look) error {
	_, err := s.Sample(ctx, 3, nil, 1)
	for name, norm := range at.Gradients {
		if !(norm >= 0) || math.IsInf(norm, 0) {
			return fmt.Errorf("gradient of %s: %v", name, norm)
		}
	}
	return err
}

func threads(t *testing.T, m zoo.Model, set *datasets.Set) {
	before := kernel.Threads()
	defer kernel.SetThreads(before)
	var first []byte
	for _, n := range []int{1, 2, 3} {
		kernel.SetThreads(n)
		o := zoo.TrainOptions{}
		if n == 2 {
			o.Monitor = watcher{}
		}
		b := trained(t, session(t, m, set, 5, nil), 6, o)
		if first == nil {
			first = b
		}
		if !slices.Equal(first, b) {
			t.Errorf("%d threads give other bytes than 1 (at 2 somebody looks at the samples)", n)
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
	straight := session(t, m, set, 7, averaged)
	whole := trained(t, straight, 9, zoo.TrainOptions{})
	if d, g, known := zoo.StepCost(m, straight.Settings()); known && (straight.Cost().DSteps != 9*d || straight.Cost().GSteps != 9*g) {
		t.Errorf("9 steps of %d and %d updates are said to be counted, and %+v are", d, g, straight.Cost())
	}

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

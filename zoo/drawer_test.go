package zoo

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/assay-gan/assay/datasets"
	"github.com/assay-gan/assay/nn"
)

// walker is a model whose sample is a random walk: value j is value j-1 plus uniform noise, times a weight that training moves to 1.
type walker struct{}

func (walker) Info() Info {
	return Info{ID: "walker", Kinds: allKinds, Settings: join(untrained(), []Setting{number("ema", "0", 0, 1, "average")})}
}

func (walker) Build(b *Builder) error {
	w := b.Scope("g").Param("w", nn.Zeros(), 1)
	if err := b.Turn(Turn{Name: "w", Role: Generator, Loss: nn.SquaredTo(w, 1), Train: []*nn.Node{w}, With: nn.SGD{LR: 0.5}}); err != nil {
		return err
	}
	b.Drawn(walk{nn.Data(w)}, []*nn.Node{w})
	return nil
}

type walk struct{ w []float32 }

func (w walk) Draw(ctx context.Context, d Draft) error {
	return w.Complete(ctx, d, make([]bool, len(d.Rows[0])))
}

func (w walk) Complete(ctx context.Context, d Draft, known []bool) error {
	for i, row := range d.Rows {
		at := float32(0)
		for j := range row {
			step := d.Random[i].Float32()
			if !known[j] {
				row[j] = w.w[0] * (at + step) / float32(len(row))
			}
			at = row[j]
		}
	}
	return ctx.Err()
}

// A drawer's samples depend on the seed and their number, not on the batch size, and are made with the averaged weights.
func TestDrawer(t *testing.T) {
	images := &datasets.Set{Train: &datasets.Samples{Shape: []int{4, 2, 1}, Data: make([]float32, 4*8)}}
	draw := func(settings map[string]string, n int, seed uint64) []float32 {
		s, err := New(walker{}, Config{Set: images, Settings: settings})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Train(context.Background(), TrainOptions{Steps: 1}); err != nil {
			t.Fatal(err)
		}
		x, err := s.Sample(context.Background(), n, nil, seed)
		if err != nil {
			t.Fatal(err)
		}
		return x.Data
	}
	long := draw(map[string]string{"batch": "16"}, 11, 1)
	if !slices.Equal(long, draw(map[string]string{"batch": "3"}, 11, 1)) {
		t.Error("the batch size changes the samples")
	}
	if !slices.Equal(long[:2*8], draw(nil, 2, 1)) || slices.Equal(long[:2*8], draw(nil, 2, 2)) || slices.Equal(long[:8], long[8:16]) {
		t.Error("samples are not told apart by their number and the seed alone")
	}
	if slices.Max(draw(map[string]string{"ema": "0.99"}, 4, 1)) > 0.2*slices.Max(draw(nil, 4, 1)) { // one step from 0 has moved the average by a hundredth
		t.Error("samples were not made with the averaged weights")
	}
}

// Given values come back to the bit, the others differ between completions; who cannot complete says so.
func TestComplete(t *testing.T) {
	ctx := context.Background()
	images := &datasets.Set{Train: &datasets.Samples{Shape: []int{4, 2, 1}, Data: make([]float32, 4*8)}}
	for i := range images.Train.Data {
		images.Train.Data[i] = float32(i) / 40
	}
	s, err := New(walker{}, Config{Set: images})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Train(ctx, TrainOptions{Steps: 1}); err != nil {
		t.Fatal(err)
	}
	known, err := KnownRows(images.Train.Shape, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	if want := []bool{true, true, true, true, false, false, false, false}; !slices.Equal(known, want) {
		t.Errorf("known %v", known)
	}
	x, err := s.Complete(ctx, images.Train.Slice(0, 2), known, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	if x.Len() != 6 {
		t.Fatalf("%d completions of 2 samples, 3 each", x.Len())
	}
	for i := range 6 {
		if !slices.Equal(x.Row(i)[:4], images.Train.Row(i / 3)[:4]) {
			t.Errorf("completion %d changed what was given", i)
		}
	}
	if slices.Equal(x.Row(0)[4:], x.Row(1)[4:]) {
		t.Error("two completions are one")
	}
	if _, err := s.Complete(ctx, images.Train, known[:5], 1, 1); !errors.Is(err, datasets.ErrShape) {
		t.Errorf("a short mask: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Complete(cancelled, images.Train, known, 1, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	other, err := New(Memoriser{}, Config{Set: images})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Complete(ctx, images.Train, known, 1, 1); !errors.Is(err, ErrHook) {
		t.Errorf("a model that cannot: %v", err)
	}
	for _, hide := range []float64{0, -1, 1.5} {
		if _, err := KnownRows(images.Train.Shape, hide); err == nil {
			t.Errorf("hide %v accepted", hide)
		}
	}
}

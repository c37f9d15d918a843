package queue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/assay-gan/assay/internal/atomicfile"
	"github.com/assay-gan/assay/internal/inputfile"
	"github.com/assay-gan/assay/runners"
)

// send takes the cell's checkpoint to the queue, where there is a new one.
func (h *holder) send(ctx context.Context, c runners.Cell) error {
	h.sending.Lock()
	defer h.sending.Unlock()
	s, objects := h.Saved(c), h.objects()
	if s == nil || objects == nil {
		return nil
	}
	info, err := os.Stat(s.Path())
	if err != nil {
		return nil //nolint:nilerr // none is there yet
	}
	h.mu.Lock()
	before, mark := h.sent[c.Hash], h.marks[c.Hash]
	h.mu.Unlock()
	if info.ModTime().Equal(before) {
		return nil
	}
	f, _, err := inputfile.Open(s.Path())
	if err != nil {
		return err
	}
	defer f.Close()
	wall, cpu := s.Spent()
	meta := jetstream.ObjectMeta{Name: c.Hash, Metadata: map[string]string{"wall": number(wall), "cpu": number(cpu), markKey: mark}}
	if _, err := objects.Put(ctx, meta, f); err != nil {
		return err
	}
	h.mu.Lock()
	h.sent[c.Hash] = info.ModTime()
	h.mu.Unlock()
	return nil
}

// seed takes the state of a cell that the run folder has to the queue, where that has none: of a cell that was in training when the run ended, and of one that goes
// on from an earlier rung of a study.
func (h *holder) seed(ctx context.Context, c runners.Cell, key string) error {
	objects := h.objects()
	if objects == nil {
		return nil
	}
	if _, err := os.Stat(h.Saved(c).Path()); err != nil {
		return nil //nolint:nilerr // none is there
	}
	if info, err := objects.GetInfo(ctx, c.Hash); err == nil && info.Metadata[markKey] == h.mark(key) {
		return nil
	}
	if !h.begin(c, h.mark(key)) {
		return nil // it is carried out here
	}
	defer h.forget(c)
	return h.send(ctx, c)
}

// restore brings the checkpoint of a cell here where this machine has none. Without one the cell begins anew: that costs time and changes nothing.
func (h *holder) restore(ctx context.Context, c runners.Cell) {
	s, objects := h.Saved(c), h.objects()
	if s == nil || objects == nil {
		return
	}
	if _, err := os.Stat(s.Path()); err == nil {
		return
	}
	h.mu.Lock()
	mark := h.marks[c.Hash]
	h.mu.Unlock()
	err := fetchModel(ctx, objects, c, s, mark)
	switch {
	case err == nil:
		h.say("%s: goes on from where another machine left it", c.Title())
	case !errors.Is(err, jetstream.ErrObjectNotFound) && !errors.Is(err, errOther) && ctx.Err() == nil:
		h.say("%s: its checkpoint could not be fetched and it begins anew: %v", c.Title(), err)
	}
}

// markKey is where the metadata of a checkpoint keep its mark.
const markKey = "of"

// errOther says that a checkpoint is of another build, other kernels or other data.
var errOther = errors.New("the checkpoint is of another build or of other data")

// fetchModel writes the model that the queue has of a cell to where it belongs. The store's digest is checked on the way; what is damaged is not kept.
func fetchModel(ctx context.Context, objects jetstream.ObjectStore, c runners.Cell, s saved, mark string) error {
	o, err := objects.Get(ctx, c.Hash)
	if err != nil {
		return err
	}
	defer o.Close()
	info, err := o.Info()
	if err != nil {
		return err
	}
	if info.Metadata[markKey] != mark {
		return errOther
	}
	if info.Size > maxModel {
		return fmt.Errorf("the checkpoint has %d bytes: at most %d are read", info.Size, int64(maxModel))
	}
	var wall, cpu float64
	for key, to := range map[string]*float64{"wall": &wall, "cpu": &cpu} {
		if v, err := strconv.ParseFloat(info.Metadata[key], 64); err == nil && v >= 0 && v < 1e12 {
			*to = v
		}
	}
	if err := s.Note(wall, cpu); err != nil {
		return err
	}
	return atomicfile.Write(s.Path(), copyFrom(o))
}

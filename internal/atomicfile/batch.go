package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Batch is files that take their names together: what many writes would each wait for the disk for, one Commit waits for at once. The zero value is empty. It is not for
// several goroutines at a time.
type Batch struct {
	files []staged
}

// staged is a whole file that waits for its name.
type staged struct {
	temp, path string
	made       bool // its folder was made for it
}

// Write puts what write writes into a temporary file in path's folder, which is made where it is not there. The path is as it was until Commit or Publish. A second file for
// a path takes the place of the first.
func (b *Batch) Write(path string, write func(io.Writer) error) error {
	temp, err := stage(path, false, write)
	made := errors.Is(err, fs.ErrNotExist)
	if made {
		if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
			temp, err = stage(path, false, write)
		}
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if i := slices.IndexFunc(b.files, func(s staged) bool { return s.path == path }); i >= 0 {
		_ = os.Remove(b.files[i].temp) // Sweep does
		b.files = slices.Delete(b.files, i, i+1)
	}
	b.files = append(b.files, staged{temp, path, made})
	return nil
}

// WriteBytes is Write for content that is in memory already.
func (b *Batch) WriteBytes(path string, content []byte) error {
	return b.Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// Add takes over the files of another batch, which is empty then.
func (b *Batch) Add(other *Batch) {
	b.files, other.files = append(b.files, other.files...), nil
}

// Discard removes what has no name yet.
func (b *Batch) Discard() {
	for _, s := range b.files {
		_ = os.Remove(s.temp) // Sweep does
	}
	b.files = nil
}

// Publish gives the files their names without forcing them to the disk: they outlive the process, and not a power cut. The batch is empty then.
func (b *Batch) Publish() error {
	for i, s := range b.files {
		if err := os.Rename(s.temp, s.path); err != nil {
			b.files = b.files[i:]
			b.Discard()
			return fmt.Errorf("write %s: %w", s.path, err)
		}
	}
	b.files = nil
	return nil
}

// Commit forces the files of batches to the disk, all at the same time, and gives them their names, which are forced too: those of a batch when those of the batches before
// it are safe. The batches are empty then. After a crash each path holds its old content or the whole new one. Where the files of one cannot be forced none takes its name.
func Commit(batches ...*Batch) error {
	var all []staged
	for _, b := range batches {
		all = append(all, b.files...)
	}
	err := atOnce(all, func(s staged) error {
		if err := syncFile(s.temp); err != nil {
			return fmt.Errorf("write %s: %w", s.path, err)
		}
		return nil
	})
	for _, b := range batches {
		if err != nil {
			b.Discard()
			continue
		}
		dirs := b.folders()
		if err = b.Publish(); err == nil {
			err = atOnce(dirs, syncFile)
		}
	}
	return err
}

// folders are those in which names change.
func (b *Batch) folders() []string {
	seen := map[string]bool{}
	for _, s := range b.files {
		seen[filepath.Dir(s.path)] = true
		if s.made {
			seen[filepath.Dir(filepath.Dir(s.path))] = true
		}
	}
	return slices.Collect(maps.Keys(seen))
}

// waiting is how many forced writes wait for the disk at the same time. A file system writes down together what waits together.
const waiting = 64

// atOnce does something to all, many at a time, and joins the errors.
func atOnce[T any](all []T, do func(T) error) error {
	errs := make([]error, len(all))
	slots := make(chan struct{}, waiting)
	var group sync.WaitGroup
	for i := range all {
		slots <- struct{}{}
		group.Go(func() {
			errs[i] = do(all[i])
			<-slots
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

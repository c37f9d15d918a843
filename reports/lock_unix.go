//go:build unix

package reports

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lockForAppend takes the lock of a file, creating it where there is none, and waits while another process has it. The system drops it when the process ends,
// however it ends. The file may have been replaced while we waited: then the lock is of a file that has no name any more, and the new one is asked for.
func lockForAppend(ctx context.Context, path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, err
		}
		if err := waitForLock(ctx, f); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		mine, err1 := f.Stat()
		named, err2 := os.Stat(path)
		if err1 == nil && err2 == nil && os.SameFile(mine, named) {
			return f, nil
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

func waitForLock(ctx context.Context, f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			if err != nil {
				return fmt.Errorf("%s cannot be locked: %w", f.Name(), err)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is in use by another process: %w", f.Name(), ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

//go:build unix

package runners

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/assay-gan/assay/internal/inputfile"
)

// lockFile takes the lock of a run folder. The system drops it when the process ends, however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("run folder: %w; choose another as Options.Dir", err)
	}
	if err := takeLock(f); err != nil {
		owner := make([]byte, 20)
		n, _ := f.ReadAt(owner, 0) // the number is a courtesy
		_ = f.Close()              // the other error says why
		return nil, fmt.Errorf("run folder %s is in use by process %s; wait for it or choose another as Options.Dir", strings.TrimSuffix(path, "/lock"), strings.TrimSpace(string(owner[:n])))
	}
	if err := f.Truncate(0); err == nil {
		_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
		if err != nil {
			_ = f.Close() // the other error says why
			return nil, fmt.Errorf("run folder: %w", err)
		}
	}
	return f, nil
}

// takeLock takes the lock of a file, and tries for a moment: who asks whether a run is at work holds it for an instant.
func takeLock(f *os.File) (err error) {
	for range 20 {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
	return err
}

// locks says that isLocked can tell.
const locks = true

// isLocked says whether a process holds the lock.
func isLocked(path string) bool {
	f, _, err := inputfile.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

func unlockFile(f *os.File) error { return f.Close() }

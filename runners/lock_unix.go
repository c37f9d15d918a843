//go:build unix

package runners

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// lockFile takes the lock of a run folder. The system drops it when the process ends, however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("run folder: %w; choose another as Options.Dir", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
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

func unlockFile(f *os.File) error { return f.Close() }

//go:build !unix

package runners

import (
	"fmt"
	"os"
)

// lockFile opens the lock of a run folder. Where there is no flock, the file only says who wrote last.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("run folder: %w; choose another as Options.Dir", err)
	}
	return f, nil
}

const locks = false

// isLocked cannot tell: a run at work looks stopped here.
func isLocked(string) bool { return false }

func unlockFile(f *os.File) error { return f.Close() }

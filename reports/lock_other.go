//go:build !unix

package reports

import (
	"context"
	"os"
)

// lockForAppend opens a file, creating it where there is none. Where there is no flock, processes must not append at once.
func lockForAppend(_ context.Context, path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
}

// Package atomicfile writes files whole or not at all.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Write makes path hold what write writes, or leaves it as it was: the bytes go to a temporary file in the same folder, are forced to the disk, and then take
// the name. After a crash, a full disk or an error of write, the path holds either the old content or the whole new one, and nothing else stays, but for the
// temporary file of a process that was killed, which Sweep removes. The error names the path and wraps the cause.
func Write(path string, write func(io.Writer) error) error {
	temp, err := stage(path, true, write)
	if err == nil {
		if err = os.Rename(temp, path); err == nil {
			return syncFile(filepath.Dir(path))
		}
		_ = os.Remove(temp) // nothing half-written stays
	}
	return fmt.Errorf("write %s: %w", path, err)
}

// stage writes a temporary file beside path, and says its name. Where it fails nothing stays.
func stage(path string, force bool, write func(io.Writer) error) (temp string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), temporary(filepath.Base(path)))
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = f.Close()           // closing twice is harmless, and the first error is the one to report
			_ = os.Remove(f.Name()) // nothing half-written stays
		}
	}()
	b := bufio.NewWriterSize(f, 1<<16)
	if err = write(b); err != nil {
		return "", err
	}
	if err = errors.Join(b.Flush(), f.Chmod(0o644)); err == nil && force {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	return f.Name(), nil
}

// WriteBytes is Write for content that is in memory already.
func WriteBytes(path string, content []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// syncFile forces a file to the disk, or the names in a folder.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Package inputfile opens and reads files that come from outside. It promises that nothing but a regular file is read, that a file of n bytes makes it
// hold at most Free + Ratio n bytes and never more than the machine has, and that the end of whatever has an end was seen.
package inputfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/assay-gan/assay/internal/fault"
	"github.com/assay-gan/assay/internal/machine"
)

// ErrKind is wrapped by the error about a path that is no regular file: a folder, a device, a pipe, a socket.
var ErrKind = errors.New("not a regular file")

// ErrSize is wrapped by the error about content that is, or says that it is, larger than it may be.
var ErrSize = errors.New("too large")

// ErrEnd is wrapped by the error about a file that ends before its content does, or goes on behind it.
var ErrEnd = errors.New("not whole")

// Open opens a regular file and returns its size. Everything else is refused by name before a byte is read: a pipe would be waited for, a device has no end.
// The error names the path; it wraps fs.ErrNotExist or ErrKind where these apply.
func Open(path string) (*os.File, int64, error) {
	info, err := Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if err := regular(path, info); err != nil {
		return nil, 0, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // should the name have become a pipe meanwhile, nothing waits
	if err != nil {
		return nil, 0, err
	}
	if info, err = f.Stat(); err == nil {
		err = regular(path, info)
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// Stat is os.Stat, with a word on "-", which many programs take for their standard input.
func Stat(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil && path == "-" {
		return nil, fault.Of(ErrKind, "-: standard input is not read here: write it to a file and name that")
	}
	return info, err
}

// regular refuses what is no regular file, with its kind.
func regular(path string, info fs.FileInfo) error {
	mode := info.Mode()
	kind, remedy := "an irregular file", "name a regular file"
	switch {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		kind, remedy = "a folder", "name a file in it"
	case mode&fs.ModeNamedPipe != 0:
		kind, remedy = "a pipe", "write its content to a file and name that"
	case mode&fs.ModeDevice != 0:
		kind = "a device"
	case mode&fs.ModeSocket != 0:
		kind = "a socket"
	}
	return fault.Of(ErrKind, "%s: %s: %s", path, kind, remedy)
}

// Read reads a whole regular file of at most most bytes. A file that changes its size meanwhile is an error, which wraps ErrEnd.
func Read(path string, most int64) ([]byte, error) {
	f, size, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > most {
		return nil, fault.Of(ErrSize, "%s: %d bytes, at most %d are read: is it another file?", path, size, most)
	}
	b, err := Exactly(f, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}

// Exactly reads all of r, which must be size bytes. The size must have been held against what really lies on the disk, or by Grown.
func Exactly(r io.Reader, size int64) ([]byte, error) {
	if err := Fits(size); err != nil {
		return nil, err
	}
	b := make([]byte, size)
	if n, err := io.ReadFull(r, b); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = ErrEnd
		}
		return nil, fmt.Errorf("%d of %d bytes read: %w", n, size, err)
	}
	var more [1]byte
	if n, err := io.ReadFull(r, more[:]); n > 0 {
		return nil, fault.Of(ErrEnd, "it goes on behind its %d bytes", size)
	} else if err != io.EOF { // a checksum is compared at the end
		return nil, err
	}
	return b, nil
}

// Fits errors with ErrSize if the machine has not that many bytes of memory left.
func Fits(size int64) error {
	if free, known := machine.Memory(); known && size > free {
		return fault.Of(ErrSize, "it needs %s of memory, this machine has %s free: take a smaller part of it", machine.Size(float64(size)), machine.Size(float64(free)))
	}
	return nil
}

// What a file may grow to when it is unpacked: Free bytes whatever its size, beyond that Ratio bytes for each of its own. Images and arrays that were measured
// stay below 30; deflate ends at 1032, where only bombs are.
const (
	Free  = 64 << 20
	Ratio = 200
)

// Grown errors with ErrSize if in bytes that unpack to out bytes, or say so, are a bomb or more than the machine has.
func Grown(in, out int64) error {
	if out > Free && out/Ratio > in {
		return fault.Of(ErrSize, "%s that unpack to %s or more: refused as a bomb; unpack it yourself if it is none", machine.Size(float64(in)), machine.Size(float64(out)))
	}
	if out > Free {
		return Fits(out)
	}
	return nil
}

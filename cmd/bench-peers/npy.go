package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// writeNPY stores an array for numpy.load (format 1.0, little-endian).
func writeNPY[T float32 | float64](dir, name string, data []T, shape ...int) (err error) {
	n, dims := 1, make([]string, len(shape))
	for i, d := range shape {
		n *= d
		dims[i] = fmt.Sprintf("%d,", d)
	}
	if n != len(data) {
		return fmt.Errorf("%s: %d values for shape %v", name, len(data), shape)
	}
	var zero T
	kind, width := "<f4", 4
	if _, ok := any(zero).(float64); ok {
		kind, width = "<f8", 8
	}
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, strings.Join(dims, " "))
	head += strings.Repeat(" ", 63-(10+len(head))%64) + "\n"
	f, err := os.Create(filepath.Join(dir, name+".npy"))
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(head)))
	if _, err := w.WriteString(string(b) + head); err != nil {
		return err
	}
	buf := make([]byte, width)
	for _, v := range data {
		if width == 4 {
			binary.LittleEndian.PutUint32(buf, math.Float32bits(float32(v)))
		} else {
			binary.LittleEndian.PutUint64(buf, math.Float64bits(float64(v)))
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return w.Flush()
}

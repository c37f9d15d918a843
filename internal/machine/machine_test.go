package machine

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
)

func TestMemory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "meminfo")
	if err := os.WriteFile(file, []byte("MemTotal:       24576000 kB\nMemFree:  5 kB\nMemAvailable:   12345678 kB\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := available(file); got != 12345678*1024 {
		t.Errorf("%d bytes available", got)
	}
	if got := available(file + "x"); got != 0 {
		t.Errorf("%d bytes without a file", got)
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 20)) // less than any machine has
	if free, known := Memory(); !known || free != 1<<20 {
		t.Errorf("%d bytes (known: %v) under GOMEMLIMIT=1MiB", free, known)
	}
}

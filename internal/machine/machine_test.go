package machine

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
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
	if got := meminfo(file, "MemTotal:"); got != 24576000*1024 {
		t.Errorf("%d bytes in all", got)
	}
	if got := available(file + "x"); got != 0 {
		t.Errorf("%d bytes without a file", got)
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 20)) // less than any machine has
	if free, known := Memory(); !known || free != 1<<20 {
		t.Errorf("%d bytes (known: %v) under GOMEMLIMIT=1MiB", free, known)
	}
}

func TestHolds(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(3 << 30))
	if err := Holds(1 << 20); err != nil {
		t.Error(err)
	}
	for _, bytes := range []float64{3<<30 + 4096, 1e19, 1e300} { // beyond what an int holds, too
		if err := Holds(bytes); !errors.Is(err, ErrMemory) || !strings.Contains(err.Error(), "has 3 GiB free") && !strings.Contains(err.Error(), "GiB free") {
			t.Errorf("%g bytes: %v", bytes, err)
		}
	}
}

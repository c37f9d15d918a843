// Package machine says what the machine can give. It reads the system's own files, starts nothing and keeps nothing.
package machine

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/assay-gan/assay/internal/fault"
)

// Memory is the number of bytes that this process can still take: what the system calls available, within the limits of its control group and of
// GOMEMLIMIT. It is false where the system does not say and no limit is set.
func Memory() (free int64, known bool) {
	free = math.MaxInt64
	for _, limit := range []int64{available("/proc/meminfo"), groupLimit(), debug.SetMemoryLimit(-1)} {
		if limit > 0 {
			free = min(free, limit)
		}
	}
	return free, free < math.MaxInt64
}

// Total is the memory that this process may ever have in bytes: the machine's, within the limit of its control group. It is false where the system does not say.
func Total() (bytes int64, known bool) {
	bytes = math.MaxInt64
	for _, limit := range []int64{meminfo("/proc/meminfo", "MemTotal:"), groupLimit()} {
		if limit > 0 {
			bytes = min(bytes, limit)
		}
	}
	return bytes, bytes < math.MaxInt64
}

// ErrMemory is wrapped by the error of Holds.
var ErrMemory = errors.New("more memory than there is")

// Holds errors with ErrMemory, and both figures, where so many bytes cannot be had. They are a float64 because products of what was asked for overflow.
func Holds(bytes float64) error {
	const gib = 1 << 30
	if free, known := Memory(); known && bytes > float64(free) {
		return fault.Of(ErrMemory, "needs %.4g GiB of memory, this machine has %.2g GiB free", bytes/gib, float64(free)/gib)
	}
	return nil
}

// available is the line MemAvailable of a meminfo file in bytes, 0 without.
func available(file string) int64 { return meminfo(file, "MemAvailable:") }

// meminfo is a line of a meminfo file in bytes, 0 without.
func meminfo(file, name string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			kb, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kb << 10
		}
	}
	return 0
}

// groupLimit is the limit of the control group (version 2, then 1), 0 without. What the group has taken is not subtracted: it counts the page cache,
// which gives way.
func groupLimit() int64 {
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if text, err := os.ReadFile(file); err == nil {
			v, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // "max" is no number
			return v
		}
	}
	return 0
}

// Size is a number of bytes for people.
func Size(bytes float64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", bytes/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", bytes/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.0f KiB", bytes/(1<<10))
	}
	return fmt.Sprintf("%.0f bytes", bytes)
}

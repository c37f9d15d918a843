// Package machine says what the machine can give. It reads the system's own files, starts nothing and keeps nothing.
package machine

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
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

// available is the line MemAvailable of a meminfo file in bytes, 0 without.
func available(file string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "MemAvailable:"); ok {
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

package kernel

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/klauspost/cpuid/v2"
)

// Caches are the sizes in bytes of the data caches that one core has to itself, and of the last one, which others may share; 0 for one that there is
// not or that is not known.
type Caches struct{ L1, L2, L3 int }

// cache is read once, at start. Matrix products cut their operands by it, which moves time and no bit.
var cache = readCaches()

// CacheSizes returns the cache sizes by which matrix products are cut: the processor's own word, on Linux the system's where it says nothing, or 32 and
// 256 KiB.
func CacheSizes() Caches { return cache }

func readCaches() Caches {
	c := processorCaches()
	if c.L2 == 0 {
		c = systemCaches("/sys/devices/system/cpu/cpu0/cache")
	}
	if c.L1 <= 0 { // what no processor of the last ten years falls short of
		c.L1 = 32 << 10
	}
	if c.L2 <= 0 {
		c.L2 = 256 << 10
	}
	return c
}

// processorCaches asks the processor; it says -1 for what it does not say.
func processorCaches() Caches {
	c := cpuid.CPU.Cache
	return Caches{max(0, c.L1D), max(0, c.L2), max(0, c.L3)}
}

// set files the size of a cache of some level.
func (c *Caches) set(level, size int) {
	switch level {
	case 1:
		c.L1 = size
	case 2:
		c.L2 = size
	case 3:
		c.L3 = size
	}
}

// systemCaches reads the data caches from a folder as Linux has one for each core.
func systemCaches(dir string) Caches {
	var c Caches
	word := func(folder, name string) string {
		b, err := os.ReadFile(filepath.Join(folder, name)) //nolint:gosec // the kernel's own folder
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(b))
	}
	all, err := filepath.Glob(filepath.Join(dir, "index*"))
	if err != nil {
		return c
	}
	for _, f := range all {
		level, e1 := strconv.Atoi(word(f, "level"))
		kib, e2 := strconv.Atoi(strings.TrimSuffix(word(f, "size"), "K"))
		if e1 == nil && e2 == nil && kib > 0 && kib < 1<<30 && word(f, "type") != "Instruction" {
			c.set(level, kib<<10)
		}
	}
	return c
}

// wide is the number of columns of op(B) whose packed panels, one block deep, fill half of the second-level cache: A and C go through the other half.
func (c Caches) wide(s *set) int { return max(4, c.L2/2/(4*depth)/s.nr) * s.nr }

// beside is the number of columns of B whose packed panels leave room for a packed block of A.
func (c Caches) beside(s *set) int { return max(4, c.L2/4/(4*depth)/s.nr) * s.nr }

// wide64 is the same of float64.
func (c Caches) wide64(s *set) int { return max(4, c.L2/2/(8*depth)/s.f64.nr) * s.f64.nr }
